import type { ColumnProfile } from "../column-profile.ts";

/** The subject stands in the name of the file alone (SR, SM, SEL), so each has its profiles. */
const subjects = ["reading", "math", "early-literacy"] as const;

// What "CompletedDateLocal" says is the school's own clock, whatever zone stands behind it.
const day = { column: ["CompletedDateLocal", "CompletedDate"], date: "YYYY-MM-DD" };
const student = { column: ["StudentIdentifier", "StudentStateID"] };

function tests(subject: (typeof subjects)[number]): ColumnProfile {
  return {
    name: `star-${subject}`,
    version: "1",
    title: `Renaissance Star, ${subject}: one row a test`,
    required: ["StudentIdentifier", "AssessmentID", "CompletedDateLocal", "ScaledScore"],
    rows: [
      {
        into: "assessments",
        needs: ["ScaledScore", "UnifiedScore"],
        cells: {
          student_id: student,
          assessment_id: { value: `star-${subject}` },
          title: { value: `Star, ${subject}` },
          family: { value: "Star" },
          kind: { value: "benchmark" },
          subject: { value: subject },
          edition: "AssessmentType",
          date: day,
          sitting: "AssessmentID",
          grade_tested: "Grade",
          score: { column: ["UnifiedScore", "ScaledScore"] },
          score_kind: { value: "scaled score" },
          standard_error: "StandardErrorOfMeasurement",
          percentile: "PercentileRank",
          performance_level: "StateBenchmarkCategoryName",
          minutes: { column: "TotalTimeInSeconds", scale: 1 / 60 },
          // A test that was taken back in the vendor's system counts for nothing.
          validity: { column: "AssessmentStatus", words: { Active: "valid" }, otherwise: "invalid" },
          validity_raw: "AssessmentStatus",
        },
        keeps: [
          "SchoolYear",
          "ScaledScore",
          "UnifiedScore",
          "RaschScore",
          "GradeEquivalent",
          "NormalCurveEquivalent",
          "InstructionalReadingLevel",
          "Lexile",
          "StudentGrowthPercentile*",
          "CurrentSGP",
          "ScreeningPeriodWindowName",
          "RenaissanceBenchmarkCategoryName",
          "ExtraTime",
          "DeactivationReason",
        ],
      },
    ],
  };
}

/** The parts of a test come in a file of their own, which does not say the score of the whole: a result of parts. */
function parts(subject: (typeof subjects)[number], kind: "skill-areas" | "standards"): ColumnProfile {
  const who = {
    student_id: student,
    assessment_id: { value: `star-${subject}/${kind}` },
    date: day,
    sitting: "AssessmentID",
  };
  const bySkillArea = {
    part: { text: "{DomainName}: {SkillAreaName}" },
    part_kind: { value: "skill-area" },
    score: "SkillAreaMasteryScore",
    score_kind: { value: "percent mastery" },
    mastery: { column: "SkillAreaMasteryScore", scale: 0.01 },
  };
  const byStandard = {
    part: "StandardName",
    part_kind: { value: "standard" },
    standard: "StandardName",
    score: "StandardPercentMastery",
    score_kind: { value: "percent mastery" },
    performance_level: "StandardMasteryLevel",
    mastery: { column: "StandardPercentMastery", scale: 0.01 },
  };
  return {
    name: `star-${subject}-${kind}`,
    version: "1",
    title: `Renaissance Star, ${subject}: one row a ${kind === "standards" ? "standard" : "skill area"} of a test`,
    required: [
      "StudentIdentifier",
      "AssessmentID",
      "CompletedDateLocal",
      kind === "standards" ? "StandardPercentMastery" : "SkillAreaMasteryScore",
    ],
    rows: [
      { into: "assessments", cells: { ...who, ...(kind === "standards" ? byStandard : bySkillArea) } },
      {
        into: "assessments",
        cells: {
          ...who,
          title: { value: `Star, ${subject}: ${kind.replace("-", " ")}` },
          family: { value: "Star" },
          kind: { value: "benchmark" },
          subject: { value: subject },
        },
      },
    ],
  };
}

/** Renaissance Star: tests, skill areas and standards, for each subject. */
export const starProfiles: readonly ColumnProfile[] = subjects.flatMap((subject) => [
  tests(subject),
  parts(subject, "skill-areas"),
  parts(subject, "standards"),
]);
