import type { CellRule, ColumnProfile, RowRule } from "../column-profile.ts";

/** Results of state and college tests are told months after the day of the test. */
const toldLater = { known: "at-receipt" } as const;
const usDay = ["MM/DD/YYYY", "YYYY-MM-DD"];

const accessDomains = ["Listening", "Reading", "Speaking", "Writing", "Comprehension", "Literacy", "Oral"];

function access(name: string, title: string): ColumnProfile {
  const who = {
    student_id: { column: ["State Student ID", "District Student ID"] },
    assessment_id: { value: name },
    date: { column: "Test Completion Date", date: usDay },
  };
  return {
    name,
    version: "1",
    title: `WIDA ${title}: one row a student and year`,
    format: { blanks: ["NA"] },
    required: ["State Student ID", "Scale Score - Overall", "Proficiency Level - Overall", "Test Completion Date"],
    rows: [
      {
        into: "assessments",
        ...toldLater,
        cells: {
          ...who,
          title: { value: title },
          family: { value: "ACCESS for ELLs" },
          kind: { value: "language proficiency" },
          subject: { value: "English language" },
          grade_tested: "Grade",
          score: "Scale Score - Overall",
          score_kind: { value: "scale score" },
          standard_error: "CSEM - Overall",
          performance_level: "Proficiency Level - Overall",
        },
        keeps: ["Confidence*", "Do Not Score Code*", "Form Number", "Cluster*", "Reported Tier"],
      },
      {
        into: "assessments",
        ...toldLater,
        each: [accessDomains.map((domain) => ({ domain }))],
        needs: ["Scale Score - {domain}", "Proficiency Level - {domain}"],
        cells: {
          ...who,
          part: { value: "{domain}" },
          part_kind: { value: "skill-area" },
          score: "Scale Score - {domain}",
          score_kind: { value: "scale score" },
          performance_level: "Proficiency Level - {domain}",
        },
      },
    ],
  };
}

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

const missouri = (name: string, score: string, tests: readonly string[], title: string): RowRule => ({
  into: "assessments",
  ...toldLater,
  when: { TEST_NAME_MAP: tests },
  cells: {
    student_id: "MOSIS_STATE_ID",
    assessment_id: { text: `${name}/{CONTENT_AREA}` },
    title: { text: `${title}, {CONTENT_AREA}` },
    family: { value: "Missouri Assessment Program" },
    kind: { value: "state test" },
    subject: "CONTENT_AREA",
    date: { column: ["TEST_DATE", "@date"], date: ["MMDDYY", "YYYY-MM-DD"] },
    grade_tested: "GRADE_LEVEL",
    score,
    score_kind: { value: "scale score" },
    performance_level: "PERFORMANCE_LEVEL",
    validity: {
      column: ["MAP_SCORE_INVALIDATION", "TEACHER_INVALIDATION"],
      words: { N: "valid" },
      otherwise: "invalid",
    },
  },
  keeps: ["YEAR", "TEST_NAME_MAP", "PERFORMANCE_LEVEL_CODE"],
});

const wisconsin: ColumnProfile = {
  name: "wisconsin-forward",
  version: "1",
  title: "Wisconsin Forward Exam: four subjects in a row",
  required: ["Local_Student_ID", "WISEID", "Scale_Score_ELA", "Test_End_Date_ELA"],
  rows: [
    {
      into: "assessments",
      ...toldLater,
      each: [
        [
          { code: "ELA", subject: "English language arts" },
          { code: "MTH", subject: "Mathematics" },
          { code: "SCN", subject: "Science" },
          { code: "SS", subject: "Social studies" },
        ],
      ],
      needs: ["Scale_Score_{code}"],
      cells: {
        student_id: { column: ["WISEID", "Local_Student_ID"] },
        assessment_id: { value: "wisconsin-forward/{code}" },
        title: { value: "Wisconsin Forward, {subject}" },
        family: { value: "Wisconsin Forward" },
        kind: { value: "state test" },
        subject: { value: "{subject}" },
        date: { column: ["Test_End_Date_{code}", "Test_Start_Date_{code}", "@date"], date: ["MMDDYYYY", "YYYY-MM-DD"] },
        grade_tested: "Grade",
        score: "Scale_Score_{code}",
        score_kind: { value: "scale score" },
        standard_error: "Std_Error_Scale_Score_{code}",
        percentile: "WI_Percentile_{code}",
        performance_level: "{code}_Performance_Level",
      },
    },
  ],
};

const southCarolina: ColumnProfile = {
  name: "sc-ready",
  version: "1",
  title: "SC READY: up to four subjects in a row; the day is said by who brings the file",
  required: ["StateID", "TestAdmin", "ELAVSS", "MathVSS"],
  rows: [
    {
      into: "assessments",
      ...toldLater,
      each: [
        [
          { code: "ELA", subject: "English language arts" },
          { code: "Math", subject: "Mathematics" },
          { code: "Sci", subject: "Science" },
          { code: "Soc", subject: "Social studies" },
        ],
      ],
      needs: ["{code}VSS"],
      cells: {
        student_id: "StateID",
        assessment_id: { value: "sc-ready/{code}" },
        title: { value: "SC READY, {subject}" },
        family: { value: "SC READY" },
        kind: { value: "state test" },
        subject: { value: "{subject}" },
        date: "@date",
        sitting: "TestAdmin",
        grade_tested: "{code}Grade",
        score: "{code}VSS",
        score_kind: { value: "vertical scale score" },
        percentile: "{code}SPR",
        performance_level: "{code}Lev",
      },
      keeps: ["TestAdmin", "Lex", "Quant"],
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

/** State tests and tests for college: their results are known when the file comes. */
export const stateAndCollegeProfiles: readonly ColumnProfile[] = [
  access("wida-access", "ACCESS for ELLs"),
  access("wida-alternate-access", "Alternate ACCESS"),
  psat("psat-10", "PSAT 10"),
  psat("psat-8-9", "PSAT 8/9"),
  accuplacer,
  {
    name: "missouri-assessment-program",
    version: "1",
    title: "Missouri Assessment Program: one row a content area, separated by tabs; some rows do not say their day",
    format: { delimiter: "\t" },
    required: ["MOSIS_STATE_ID", "CONTENT_AREA", "MAP_SCALE_SCORE", "TEST_NAME_MAP"],
    rows: [
      missouri("missouri-map", "MAP_SCALE_SCORE", ["MAP"], "MAP"),
      missouri("missouri-map-a", "MAP_SCALE_SCORE", ["MAPA"], "MAP-A"),
      missouri("missouri-eoc", "EOC_SCORE", ["EOC"], "End of course"),
    ],
  },
  wisconsin,
  southCarolina,
  cambridge,
  baccalaureate,
  stamp,
];
