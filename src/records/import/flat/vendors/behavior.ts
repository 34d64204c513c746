import type { ColumnProfile } from "../column-profile.ts";

const day = ["MM/DD/YYYY", "YYYY-MM-DD"];
const who = {
  student_id: "Student Number",
  assessment_id: { text: "basc-3-bess/{Form}" },
  date: { column: "Submitted", date: day },
  // A parent and a teacher may answer on the same day.
  sitting: { column: ["Relationship", "Form"] },
};

/**
 * Screeners of behavior and feelings. They are answers about a child's inner life, not incidents: marked sensitive, and read by
 * nothing that makes a playlist.
 */
export const behaviorScreenerProfiles: readonly ColumnProfile[] = [
  {
    name: "basc-3-bess",
    version: "1",
    title: "BASC-3 BESS: one row a form that somebody filled in",
    required: ["Student Number", "Submitted", "Form", "BERI"],
    rows: [
      {
        into: "assessments",
        needs: ["BERI", "BERI Risk"],
        cells: {
          ...who,
          title: { text: "BASC-3 BESS, {Form}" },
          family: { value: "BASC-3 BESS" },
          kind: { value: "behavioral and emotional screener" },
          sensitive: { value: "true" },
          grade_tested: "Grade",
          score: "BERI",
          score_kind: { value: "T score" },
          percentile: "BERI Percentile",
          performance_level: "BERI Risk",
        },
        keeps: ["BERI Raw Score"],
      },
      {
        into: "assessments",
        each: [["ERI", "IRI", "ARI", "PRI", "SRI"].map((index) => ({ index }))],
        needs: ["{index}", "{index} Risk"],
        cells: {
          ...who,
          part: { value: "{index}" },
          part_kind: { value: "skill-area" },
          score: "{index}",
          score_kind: { value: "raw score" },
          performance_level: "{index} Risk",
        },
      },
    ],
  },
];
