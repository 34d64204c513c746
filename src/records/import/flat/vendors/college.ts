import type { CellRule, ColumnProfile, RowRule } from "../column-profile.ts";

/** Results of college tests are told months after the day of the test. */
const toldLater = { known: "at-receipt" } as const;
const usDay = ["MM/DD/YYYY", "YYYY-MM-DD"];

/** Of PSAT files the latest sitting is read; earlier ones came in earlier files. */
function psat(name: string, title: string): ColumnProfile {
  const who = {
    student_id: { column: ["STATE_STUDENT_ID", "DISTRICT_STUDENT_ID", "SECONDARY_ID"] },
    assessment_id: { value: name },
    date: { column: "LATEST_PSAT_DATE", date: usDay },
  };
  const section = (part: string, column: string): Record<string, string> => ({ part, column });
  return {
    name,
    version: "1",
    title: `College Board ${title}: one row a student`,
    required: ["CB_ID", "LATEST_PSAT_DATE", "LATEST_PSAT_TOTAL"],
    rows: [
      {
        into: "assessments",
        needs: ["LATEST_PSAT_TOTAL"],
        cells: {
          ...who,
          title: { value: title },
          family: { value: "SAT Suite" },
          kind: { value: "college entrance" },
          score: "LATEST_PSAT_TOTAL",
          score_kind: { value: "total score" },
          percentile: "PERCENTILE_NATREP_PSAT_TOTAL",
          recorded_on: { column: "REPORT_DATE", date: usDay },
        },
        keeps: ["LATEST_PSAT_GRADE", "PERCENTILE*", "EBRW_CCR_BENCHMARK", "MATH_CCR_BENCHMARK", "FORM_CODE"],
      },
      {
        into: "assessments",
        each: [
          [
            section("Evidence-based reading and writing", "EBRW"),
            section("Mathematics", "MATH_SECTION"),
            section("Reading", "READING"),
            section("Writing and language", "WRIT_LANG"),
            section("Heart of algebra", "HEART_ALGEBRA"),
            section("Problem solving and data analysis", "PROBSLV_DATA"),
            section("Passport to advanced mathematics", "ADV_MATH"),
          ],
        ],
        needs: ["LATEST_PSAT_{column}"],
        cells: {
          ...who,
          part: { value: "{part}" },
          part_kind: { value: "skill-area" },
          score: "LATEST_PSAT_{column}",
          score_kind: { value: "section score" },
          recorded_on: { column: "REPORT_DATE", date: usDay },
        },
      },
    ],
  };
}

const accuplacerTests = [
  "Reading",
  "Writing",
  "Arithmetic",
  "Quantitative Reasoning, Algebra, and Statistics",
  "Advanced Algebra and Functions",
];

const accuplacer: ColumnProfile = {
  name: "accuplacer",
  version: "1",
  title: "ACCUPLACER Next-Generation: several tests in a row",
  required: ["Student ID", "Test End"],
  rows: [
    {
      into: "assessments",
      each: [accuplacerTests.map((test) => ({ test }))],
      needs: ["Next-Generation {test}"],
      cells: {
        student_id: "Student ID",
        assessment_id: { value: "accuplacer/{test}" },
        title: { value: "ACCUPLACER Next-Generation {test}" },
        family: { value: "ACCUPLACER" },
        kind: { value: "placement" },
        subject: { value: "{test}" },
        date: { column: "Test End", date: usDay },
        score: "Next-Generation {test}",
        score_kind: { value: "scaled score" },
      },
    },
  ],
};

const examGrade = (cells: Readonly<Record<string, string | CellRule>>): RowRule => ({
  into: "assessments",
  ...toldLater,
  cells: { kind: { value: "examination" }, date: "@date", ...cells },
});

const cambridge: ColumnProfile = {
  name: "cambridge-international",
  version: "1",
  title: "Cambridge International: one row a syllabus; the day is said by who brings the file",
  required: ["STUDENT_STATE_ID", "SYLLABUS", "SERIES", "GRADE"],
  rows: [
    examGrade({
      student_id: "STUDENT_STATE_ID",
      assessment_id: { text: "cambridge/{SYLLABUS}" },
      title: "SYLLABUS_NAME",
      family: { value: "Cambridge International" },
      sitting: "SERIES",
      edition: "QUALIFICATION",
      score_text: "GRADE",
      score_kind: { value: "grade" },
      performance_level: "GRADE",
    }),
  ],
};

const baccalaureate: ColumnProfile = {
  name: "international-baccalaureate",
  version: "1",
  title: "International Baccalaureate: one row a subject; the day is said by who brings the file",
  required: ["student_unique_id", "SUBJECT", "LEVEL", "SUBJECT_GRADE"],
  rows: [
    examGrade({
      student_id: "student_unique_id",
      assessment_id: { text: "ib/{SUBJECT}/{LEVEL}" },
      title: { text: "IB {SUBJECT} {LEVEL}" },
      family: { value: "International Baccalaureate" },
      subject: "SUBJECT",
      sitting: { text: "{YEAR} {MONTH}" },
      score_text: "SUBJECT_GRADE",
      score_kind: { value: "grade" },
      performance_level: "SUBJECT_GRADE",
    }),
  ],
};

const stamp: ColumnProfile = {
  name: "stamp",
  version: "1",
  title: "Avant STAMP 4S: one row a language; a test in progress has no result yet",
  required: ["Test Taker ID", "Language", "Status", "Finish Date"],
  rows: [
    {
      into: "assessments",
      when: { Status: ["Complete"] },
      cells: {
        student_id: "Test Taker ID",
        assessment_id: { text: "stamp/{Language}" },
        title: { text: "STAMP {Language}" },
        family: { value: "STAMP" },
        kind: { value: "language proficiency" },
        subject: "Language",
        date: { column: "Finish Date", date: usDay },
        grade_tested: "Grade",
        score: "Composite Score",
        score_kind: { value: "composite level" },
      },
    },
    {
      into: "assessments",
      when: { Status: ["Complete"] },
      each: [["Reading", "Writing", "Listening", "Speaking"].map((skill) => ({ skill }))],
      needs: ["{skill} Level"],
      cells: {
        student_id: "Test Taker ID",
        assessment_id: { text: "stamp/{Language}" },
        date: { column: "Finish Date", date: usDay },
        part: { value: "{skill}" },
        part_kind: { value: "skill-area" },
        score: "{skill} Scaled Score",
        score_kind: { value: "scaled score" },
        performance_level: "{skill} Level",
      },
    },
  ],
};

/** Tests for college and examinations of other systems: their results are known when the file comes. */
export const collegeProfiles: readonly ColumnProfile[] = [
  psat("psat-10", "PSAT 10"),
  psat("psat-8-9", "PSAT 8/9"),
  accuplacer,
  cambridge,
  baccalaureate,
  stamp,
];
