import type { ColumnProfile, RowRule } from "../column-profile.ts";

/** Results of state tests are told months after the day of the test. */
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

/** State tests: their results are known when the file comes. */
export const stateProfiles: readonly ColumnProfile[] = [
  access("wida-access", "ACCESS for ELLs"),
  access("wida-alternate-access", "Alternate ACCESS"),
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
];
