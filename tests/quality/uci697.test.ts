import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { stringify } from "csv-stringify/sync";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { onColumns } from "../../src/engine/evaluation-sets/on-columns.ts";
import { evaluateTable } from "../../src/engine/evaluation-sets/table/evaluate-table.ts";
import type {
  TableEvaluation,
  TableEvaluationOptions,
} from "../../src/engine/evaluation-sets/table/table-evaluation.ts";
import type { Classifier } from "../../src/models/estimator.ts";
import { boostedTrees } from "../../src/models/off-track/boosted-trees/boosted-trees.ts";
import { blend } from "../../src/models/off-track/calibration/blend.ts";
import { logistic } from "../../src/models/off-track/logistic.ts";

const source = join(process.env.CAIRN_DATASETS ?? "../shared/datasets", "student_dropout_uci697", "data.csv");
const absent = !existsSync(source);
const scratch = mkdtempSync(join(tmpdir(), "cairn-uci697-"));
const data = join(scratch, "semester-1.csv");

/** Codes that are names: one-hot for logistic regression, plain numbers for trees (handbook early-warning 2.3.3). */
const nominal = [
  "Marital status",
  "Application mode",
  "Course",
  "Previous qualification",
  "Nacionality",
  "Mother's qualification",
  "Father's qualification",
  "Mother's occupation",
  "Father's occupation",
];
/** Courses that are left out together (handbook 2.3.4). */
const courseGroups = [
  ["33", "9070", "9853"],
  ["9003", "9130", "9238"],
  ["171", "8014", "9147", "9254"],
  ["9085", "9556", "9670"],
  ["9119", "9500", "9773", "9991"],
];
const groupOf = (course: string): string => `group ${courseGroups.findIndex((group) => group.includes(course))}`;
const asName = (name: string): string => `${name} (name)`;
let codes: string[] = [];
let names: string[] = [];

/** How a semester went, from its counts: free of labels, and alike in courses of different size. A ratio of nothing is empty. */
const progress: Readonly<Record<string, (unit: Readonly<Record<string, number>>) => number>> = {
  "approved share": ({ approved, enrolled }) => approved! / enrolled!,
  "passes per evaluation": ({ approved, evaluations }) => approved! / evaluations!,
  "units left": ({ approved, enrolled }) => enrolled! - approved!,
  "evaluations per unit": ({ evaluations, enrolled }) => evaluations! / enrolled!,
  "grade where there is one": ({ grade }) => (grade! > 0 ? grade! : Number.NaN),
  points: ({ grade, approved }) => grade! * approved!,
};
const counts = ["enrolled", "evaluations", "approved", "grade", "without evaluations"];
/** What is compared with the others of the same course, as mid-ranks. */
const compared = [
  ...counts.map((name) => `Curricular units 1st sem (${name})`),
  "Admission grade",
  "Age at enrollment",
  "Previous qualification (grade)",
  "approved share",
  "passes per evaluation",
];
const rankOf = (name: string): string => `${name} among the course`;
const derived = Object.keys(progress);
const ranks = compared.map(rankOf);

/** The share of the course below each row, equal ones counting half; empty cells have no rank. */
function midRanks(values: readonly number[], course: readonly string[]): number[] {
  return values.map((value, row) => {
    if (Number.isNaN(value)) return Number.NaN;
    const others = values.filter((other, at) => course[at] === course[row] && !Number.isNaN(other));
    const below = others.filter((other) => other < value).length;
    return (below + others.filter((other) => other === value).length / 2) / others.length;
  });
}

/** What is known after semester 1, the ordinal folds of 2.3.4, and each nominal column once more to be read as names. */
function writeSemesterOne(): void {
  const [header = [], ...rows] = parse(readFileSync(source), { delimiter: ";", bom: true }) as string[][];
  const columns = header.map((name) => name.trim());
  const kept = columns.filter((name) => !name.includes("2nd sem"));
  codes = kept.filter((name) => name !== "Target");
  names = codes.map((name) => (nominal.includes(name) ? asName(name) : name));
  const seen = new Map<string, number>();
  const written = rows.map((row) => {
    const cell = (name: string): string => row[columns.indexOf(name)]!;
    const before = seen.get(cell("Target")) ?? 0;
    seen.set(cell("Target"), before + 1);
    return [...kept.map(cell), ...nominal.map(cell), String(before % 10), groupOf(cell("Course"))];
  });
  const units = rows.map((row) =>
    Object.fromEntries(
      counts.map((name) => [name, Number(row[columns.indexOf(`Curricular units 1st sem (${name})`)])]),
    ),
  );
  const extra = Object.fromEntries(Object.entries(progress).map(([name, of]) => [name, units.map((unit) => of(unit))]));
  const course = rows.map((row) => row[columns.indexOf("Course")]!);
  const ranked = compared.map((name) =>
    midRanks(extra[name] ?? rows.map((row) => Number(row[columns.indexOf(name)])), course),
  );
  const more = [...Object.values(extra), ...ranked].map((values) =>
    values.map((value) => (Number.isFinite(value) ? String(value) : "")),
  );
  const table = written.map((row, at) => [...row, ...more.map((column) => column[at]!)]);
  writeFileSync(
    data,
    stringify([[...kept, ...nominal.map(asName), "fold", "course group", ...derived, ...ranks], ...table]),
  );
}

const evaluate = (
  candidates: Record<string, Classifier>,
  rest: Partial<TableEvaluationOptions>,
): Promise<TableEvaluation> =>
  evaluateTable({
    data,
    label: "Target",
    categorical: nominal.map(asName),
    foldColumn: "fold",
    exclude: ["course group"],
    seed: 1,
    candidates,
    clock: () => 0,
    ...rest,
  });

const gentle = {
  trees: 400,
  learningRate: 0.03,
  maximumLeaves: 8,
  rowShare: 0.7,
  columnShare: 0.4,
  penalty: 3,
};
const linear = (): Classifier => onColumns(logistic({ penalty: 1 / 0.3 }), names);
const plain = (): Classifier => blend({ logistic: linear(), boostedTrees: onColumns(boostedTrees(), codes) });
const compares = (): Classifier =>
  blend({
    logistic: onColumns(logistic({ penalty: 10 }), [...names, ...derived, ...ranks]),
    boostedTrees: onColumns(boostedTrees(gentle), [...codes, ...derived, ...ranks]),
  });
/** Lines on what was counted, trees on how it went: ranks and ratios bend in ways a line carries into no other course. */
const travels = (): Classifier =>
  blend({ logistic: linear(), boostedTrees: onColumns(boostedTrees(gentle), [...codes, ...derived]) });

const unseen = { positive: ["Dropout"], foldColumn: "course group", exclude: ["fold"] };

describe.skipIf(absent)(
  `UCI 697 after semester 1${absent ? " (skipped: the data set is not beside the checkout)" : ""}`,
  () => {
    beforeAll(writeSemesterOne);
    afterAll(() => rmSync(scratch, { recursive: true, force: true }));

    test("drop-out against the rest, ordinal folds: logistic regression is the handbook's", async () => {
      const { models, rows, label } = await evaluate({ logistic: linear() }, { positive: ["Dropout"] });
      expect(rows).toEqual({ train: 4424, test: 4424, withoutLabel: 0, unreadable: 0 });
      expect(label.classes[1]).toEqual({ name: "Dropout", rows: 1421 });
      const { auc, averagePrecision, brier, ece, precisionAtTop } = models.logistic!;
      const handbook = [0.9063, 0.8619, 0.1025, 0.0136, 0.9819];
      for (const [index, got] of [auc, averagePrecision, brier, ece, precisionAtTop["0.1"]!].entries())
        expect(Math.abs((got as number) - handbook[index]!), `figure ${index}: ${got}`).toBeLessThan(
          index === 3 ? 0.005 : 0.002,
        );
    });

    test("drop-out against the rest: lines and trees that compare with the course meet the goals", async () => {
      const { models } = await evaluate({ compares: compares() }, { positive: ["Dropout"] });
      expect(models.compares!.auc).toBeGreaterThan(0.912); // the goal; handbook: 0.906 for the best single model
      expect(models.compares!.brier).toBeLessThan(0.1); // the goal; handbook: 0.1025
    });

    test("courses never seen: lines on counts and trees on ratios travel furthest", async () => {
      const { models, protocol } = await evaluate({ travels: travels() }, unseen);
      expect(protocol).toMatchObject({ kind: "fold column", folds: 5 });
      expect(models.travels!.auc).toBeGreaterThan(0.899); // handbook: 0.894; goal 0.90
    });

    const slow = process.env.CAIRN_SLOW === "1";
    describe.skipIf(!slow)(`chosen inside the training rows${slow ? "" : " (skipped: CAIRN_SLOW=1 runs it)"}`, () => {
      const candidates = { plain, travels, compares };
      const all = (): Record<string, Classifier> =>
        Object.fromEntries(Object.entries(candidates).map(([name, make]) => [name, make()]));
      const minutes = 15 * 60_000;

      test("three classes, ordinal folds", { timeout: minutes }, async () => {
        const { models } = await evaluate({ plain: plain() }, {});
        expect(models.plain!.accuracy).toBeGreaterThan(0.755); // handbook: 0.756
        expect(models.plain!.macroF1OfMostProbable).toBeGreaterThan(0.66); // handbook: 0.668 to 0.677
        expect(models.plain!.macroF1).toBeGreaterThan(0.685); // the goal
      });

      test("drop-out against the rest", { timeout: minutes }, async () => {
        const { chosen, choices } = await evaluate(all(), { positive: ["Dropout"] });
        expect(choices.filter((name) => name === "compares").length).toBeGreaterThan(5);
        expect(chosen!.auc).toBeGreaterThan(0.9115);
        expect(chosen!.brier).toBeLessThan(0.1);
      });

      test("courses never seen", { timeout: minutes }, async () => {
        const { chosen, choices } = await evaluate(all(), unseen);
        expect(choices.filter((name) => name === "travels").length).toBeGreaterThan(2);
        expect(chosen!.auc).toBeGreaterThan(0.894);
      });
    });
  },
);
