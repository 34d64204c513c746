import type { CellRule, ColumnProfile, RowRule } from "../column-profile.ts";

// Verbal, quantitative, nonverbal and their composites, in the order in which the packed columns hold them.
const batteries = ["V", "Q", "N", "VQ", "VN", "QN", "VQN"] as const;
const day = "MMDDYYYY";

/** Where the numbers of a battery are found: the standard age score (three characters each) and its percentile (two). */
interface Layout {
  readonly student: string;
  readonly tested: string;
  readonly grade: string;
  readonly form: string;
  readonly score: (battery: string, place: number) => string | CellRule;
  readonly percentile: (battery: string, place: number) => string | CellRule;
  readonly valid: (battery: string, place: number) => CellRule;
}

const flag = { words: { "1": "valid", "0": "invalid" } } as const;

function rows(layout: Layout): RowRule[] {
  const who = {
    student_id: layout.student,
    assessment_id: { value: "cogat" },
    date: { column: layout.tested, date: day },
  };
  const last = batteries.length - 1;
  return [
    {
      into: "assessments",
      cells: {
        ...who,
        title: { value: "Cognitive Abilities Test" },
        family: { value: "CogAT" },
        kind: { value: "ability" },
        edition: layout.form,
        grade_tested: layout.grade,
        score: layout.score("VQN", last),
        score_kind: { value: "standard age score, composite" },
        percentile: layout.percentile("VQN", last),
        validity: layout.valid("VQN", last),
      },
    },
    ...batteries.slice(0, 3).map(
      (battery, place): RowRule => ({
        into: "assessments",
        cells: {
          ...who,
          part: { value: battery },
          part_kind: { value: "skill-area" },
          score: layout.score(battery, place),
          score_kind: { value: "standard age score" },
        },
      }),
    ),
  ];
}

const packed = (column: string, width: number, place: number): CellRule => ({
  column,
  slice: [place * width + 1, (place + 1) * width],
});

const fixedColumns = [
  { column: "Date Tested", from: 296, to: 303 },
  { column: "Grade", from: 295, to: 295 },
  { column: "Student ID", from: 404, to: 413 },
  { column: "Form", from: 470, to: 470 },
  ...batteries.map((battery, i) => ({ column: `SAS ${battery}`, from: 1114 + 3 * i, to: 1116 + 3 * i })),
  ...batteries.map((battery, i) => ({ column: `APR ${battery}`, from: 1264 + 2 * i, to: 1265 + 2 * i })),
  ...batteries.map((battery, i) => ({ column: `Valid ${battery}`, from: 1474 + i, to: 1474 + i })),
];

/** CogAT 7 in its three forms: a column a number, packed columns, and fixed places. */
export const cogatProfiles: readonly ColumnProfile[] = [
  {
    name: "cogat",
    version: "1",
    title: "CogAT, one column a number",
    required: ["Student ID", "Date Tested", "Standard Age Score (SAS) VQN"],
    rows: rows({
      student: "Student ID",
      tested: "Date Tested",
      grade: "Class Grade",
      form: "Form",
      score: (battery) => `Standard Age Score (SAS) ${battery}`,
      percentile: (battery) => `Age Percentile Rank (APR) ${battery}`,
      valid: (battery) => ({ column: `SAS Valid Flags ${battery}`, ...flag }),
    }),
  },
  {
    name: "cogat-packed",
    version: "1",
    title: "CogAT, several numbers in a column by their places",
    required: ["Student_ID", "Date_Tested", "Standard_Age_Score_SAS"],
    rows: rows({
      student: "Student_ID",
      tested: "Date_Tested",
      grade: "Class_Grade",
      form: "Form",
      score: (_, place) => packed("Standard_Age_Score_SAS", 3, place),
      percentile: (_, place) => packed("Age_Percentile_Rank_APR", 2, place),
      valid: (_, place) => ({ ...packed("SAS_Valid_Flags", 1, place), ...flag }),
    }),
  },
  {
    name: "cogat-fixed",
    version: "1",
    title: "CogAT, a text file of fixed places",
    format: { widths: fixedColumns },
    required: ["Student ID", "Date Tested", "SAS VQN"],
    rows: rows({
      student: "Student ID",
      tested: "Date Tested",
      grade: "Grade",
      form: "Form",
      score: (battery) => `SAS ${battery}`,
      percentile: (battery) => `APR ${battery}`,
      valid: (battery) => ({ column: `Valid ${battery}`, ...flag }),
    }),
  },
];
