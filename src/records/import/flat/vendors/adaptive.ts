import type { ColumnProfile } from "../column-profile.ts";

const usDay = ["MM/DD/YYYY", "YYYY-MM-DD"];
const goals = Array.from({ length: 8 }, (_, i) => ({ n: String(i + 1) }));

const mapGrowth: ColumnProfile = {
  name: "nwea-map-growth",
  version: "1",
  title: "NWEA MAP Growth, comprehensive data file: one row a test, up to eight goals beside it",
  required: ["StudentID", "Subject", "TestStartDate", "TestRITScore"],
  rows: [
    {
      into: "assessments",
      needs: ["TestRITScore"],
      cells: {
        student_id: "StudentID",
        assessment_id: { text: "nwea-map-growth/{Subject}" },
        title: { text: "MAP Growth {Subject}" },
        family: { value: "NWEA MAP Growth" },
        kind: { value: "benchmark" },
        subject: "Subject",
        date: { column: "TestStartDate", date: usDay },
        sitting: "TestStartTime",
        score: "TestRITScore",
        score_kind: { value: "RIT" },
        standard_error: "TestStandardError",
        percentile: "TestPercentile",
        performance_level: "AchievementQuintile",
        minutes: "TestDurationMinutes",
        // Guesses too quick to be answers: from three in ten on the score says little about what the learner knows.
        validity: {
          column: "RapidGuessingPercentage",
          bands: [
            [0, "valid"],
            [30, "rushed"],
          ],
        },
        validity_raw: "RapidGuessingPercentage",
      },
      keeps: ["TermName", "Course", "Test*", "Fall*", "Winter*", "Spring*", "Typical*", "Projected*", "PercentCorrect"],
    },
    {
      into: "assessments",
      each: [goals],
      needs: ["Goal{n}RitScore"],
      cells: {
        student_id: "StudentID",
        assessment_id: { text: "nwea-map-growth/{Subject}" },
        date: { column: "TestStartDate", date: usDay },
        sitting: "TestStartTime",
        part: "Goal{n}Name",
        part_kind: { value: "skill-area" },
        score: "Goal{n}RitScore",
        score_kind: { value: "RIT" },
        performance_level: "Goal{n}Adjective",
      },
    },
  ],
};

const mapFluency: ColumnProfile = {
  name: "nwea-map-reading-fluency",
  version: "1",
  title: "NWEA MAP Reading Fluency: one row a test",
  format: { blanks: ["N/A", "No Score", "No Expectation"] },
  required: ["StudentID", "ResultType", "TestLanguage", "TestCompletionDate"],
  rows: [
    {
      into: "assessments",
      cells: {
        student_id: "StudentID",
        assessment_id: { text: "nwea-map-reading-fluency/{TestLanguage}/{ResultType}" },
        title: { text: "MAP Reading Fluency, {ResultType}" },
        family: { value: "NWEA MAP Reading Fluency" },
        kind: { value: "screener" },
        subject: { value: "Reading" },
        grade_tested: "Grade",
        date: { column: "TestCompletionDate", date: usDay },
        score: "OralReadingWCPMScaled",
        score_kind: { value: "words correct per minute, scaled" },
        performance_level: "UniversalScreenerOutcome",
      },
      keeps: ["TermName", "AssignedTestType", "LexileOralReadingMeasure", "DyslexiaScreenerOutcome", "RAN*"],
    },
    {
      into: "assessments",
      each: [
        [
          { part: "PhonologicalAwareness", level: "PhonologicalAwarenessPerformanceLevel" },
          { part: "PhonicsWordRecognition", level: "PhonicsWordRecognitionPerformanceLevel" },
          { part: "LanguageComprehension", level: "LanguageComprehensionPerformanceLevel" },
        ],
      ],
      needs: ["{part}DomainScore"],
      cells: {
        student_id: "StudentID",
        assessment_id: { text: "nwea-map-reading-fluency/{TestLanguage}/{ResultType}" },
        date: { column: "TestCompletionDate", date: usDay },
        part: { value: "{part}" },
        part_kind: { value: "skill-area" },
        score: "{part}DomainScore",
        score_kind: { value: "domain score" },
        performance_level: "{level}",
      },
    },
  ],
};

const iReadyDomains = {
  math: ["Number and Operations", "Algebra and Algebraic Thinking", "Measurement and Data", "Geometry"],
  reading: [
    "Phonological Awareness",
    "Phonics",
    "High-Frequency Words",
    "Vocabulary",
    "Reading Comprehension: Overall",
    "Reading Comprehension: Literature",
    "Reading Comprehension: Informational Text",
  ],
};

/** The subject stands in the name of the file alone; the first domain tells one file from the other. */
function iReady(subject: "math" | "reading"): ColumnProfile {
  const domains = iReadyDomains[subject];
  const who = {
    student_id: "Student ID",
    assessment_id: { value: `i-ready-diagnostic/${subject}` },
    date: { column: "Completion Date", date: usDay },
  };
  return {
    name: `i-ready-${subject}`,
    version: "1",
    title: `i-Ready Diagnostic, ${subject} export: one row a test, domains beside it`,
    required: ["Student ID", "Completion Date", "Overall Scale Score", `${domains[0]} Scale Score`],
    rows: [
      {
        into: "assessments",
        needs: ["Overall Scale Score"],
        cells: {
          ...who,
          title: { value: `i-Ready Diagnostic, ${subject}` },
          family: { value: "i-Ready" },
          kind: { value: "diagnostic" },
          subject: { value: subject },
          grade_tested: "Student Grade",
          score: "Overall Scale Score",
          score_kind: { value: "scale score" },
          percentile: "Percentile",
          performance_level: "Overall Relative Placement",
          minutes: "Duration (min)",
          // The flag has shades; each of them says that the learner hurried.
          validity: { column: "Rush Flag", words: { N: "valid", No: "valid", None: "valid" }, otherwise: "rushed" },
          validity_raw: "Rush Flag",
        },
        keeps: [
          "Overall Placement",
          "Norming Window",
          "Quantile*",
          "Lexile*",
          "Grouping",
          "Diagnostic Gain",
          "Annual*",
        ],
      },
      {
        into: "assessments",
        each: [domains.map((domain) => ({ domain }))],
        needs: ["{domain} Scale Score"],
        cells: {
          ...who,
          part: { value: "{domain}" },
          part_kind: { value: "skill-area" },
          score: "{domain} Scale Score",
          score_kind: { value: "scale score" },
          performance_level: { column: ["{domain} Relative Placement", "{domain} Placement"] },
        },
      },
    ],
  };
}

/** NWEA and Curriculum Associates: tests that adapt to the learner. */
export const adaptiveProfiles: readonly ColumnProfile[] = [mapGrowth, mapFluency, iReady("math"), iReady("reading")];
