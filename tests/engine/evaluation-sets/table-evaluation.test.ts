import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { answersOf, fitAnswerWeights } from "../../../src/engine/evaluation-sets/table/answers.ts";
import { evaluateTable } from "../../../src/engine/evaluation-sets/table/evaluate-table.ts";
import { measureClasses, measureOutcome } from "../../../src/engine/evaluation-sets/table/measure.ts";
import type {
  TableEvaluation,
  TableEvaluationOptions,
} from "../../../src/engine/evaluation-sets/table/table-evaluation.ts";
import { CairnError } from "../../../src/errors.ts";
import type { Classifier } from "../../../src/models/estimator.ts";
import { baseRate } from "../../../src/models/off-track/base-rate.ts";
import { boostedTrees } from "../../../src/models/off-track/boosted-trees/boosted-trees.ts";
import { logistic } from "../../../src/models/off-track/logistic.ts";
import { sigmoid } from "../../../src/numeric/log-odds.ts";
import { random } from "../../../src/numeric/random.ts";

const scratch = mkdtempSync(join(tmpdir(), "cairn-table-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const candidates: Readonly<Record<string, Classifier>> = {
  baseRate: baseRate(),
  logistic: logistic(),
  boostedTrees: boostedTrees({ trees: 20 }),
};

let files = 0;
function evaluate(content: string, options: Partial<TableEvaluationOptions>): Promise<TableEvaluation> {
  files += 1;
  const data = join(scratch, `${files}.csv`);
  writeFileSync(data, content);
  return evaluateTable({ data, label: "y", seed: 1, candidates, clock: () => 0, ...options });
}

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "no error",
    (error: unknown) => (error instanceof CairnError ? error.code : String(error)),
  );

/** x drives the outcome; `leak` is the outcome itself; three rows per learner. */
function table(rows: number, outcome = (p: number, u: number): string => (u < p ? "yes" : "no")): string {
  const rng = random("table");
  const lines = Array.from({ length: rows }, (_, i) => {
    const x = rng.normal();
    const y = outcome(sigmoid(1.5 * x - 0.5), rng.next());
    return `L${Math.floor(i / 3)},${i < rows / 2 ? 2023 : 2024},${x.toFixed(4)},${rng.next() < 0.3 ? "" : "ab"[i % 2]},${y},${y}`;
  });
  return `id,year,x,kind,leak,y\n${lines.join("\n")}\n`;
}

test("a split: the shape every evaluation prints, and what was made of the file", async () => {
  const result = await evaluate(table(600), {
    split: { column: "year", value: "2024" },
    id: "id",
    exclude: ["leak"],
  });
  expect(Object.keys(result)).toEqual(
    expect.arrayContaining(["rows", "models", "best", "choices", "failed", "protocol", "label", "features"]),
  );
  expect(result.rows).toEqual({ train: 300, test: 300, withoutLabel: 0, unreadable: 0 });
  expect(Object.keys(result.models)).toEqual(["baseRate", "logistic", "boostedTrees"]);
  expect(result.best).toBe("logistic");
  expect(result.choices).toEqual(["logistic"]);
  expect(result.protocol).toEqual({ kind: "split", column: "year", value: "2024" });
  expect(result.label.positive).toEqual(["yes"]);
  expect(result.features).toMatchObject({ numeric: ["x"], categorical: ["kind"] });
  expect(Object.keys(result.models.logistic!.precisionAtTop)).toEqual(["0.05", "0.1", "0.2"]);
  expect(result.models.logistic!.auc as number).toBeGreaterThan(0.75);
  expect(result.models.logistic!.auc as number).toBeLessThan(0.95); // neither the label nor its copy is a feature
  expect(result.models.logistic!.accuracy).toBeUndefined();
  expect(JSON.parse(JSON.stringify(result))).toEqual(result);
});

test("folds: pooled over out-of-fold predictions, repeatable by seed, whatever the clock", async () => {
  const options = { folds: 4, exclude: ["leak", "year"], id: "id" };
  const result = await evaluate(table(400), options);
  expect(result.rows).toMatchObject({ train: 400, test: 400 });
  expect(result.protocol).toMatchObject({ kind: "folds", folds: 4, figures: "pooled out of fold", isGrouped: true });
  expect(result.choices).toHaveLength(4);
  expect(await evaluate(table(400), options)).toEqual(result);
  expect((await evaluate(table(400), { ...options, seed: 2 })).models.logistic!.auc).not.toBe(
    result.models.logistic!.auc,
  );
});

test("a fold column: each of its values is left out in turn, and it is no feature", async () => {
  const result = await evaluate(table(300), { foldColumn: "year", exclude: ["leak"], models: ["logistic"] });
  expect(result.protocol).toEqual({ kind: "fold column", column: "year", folds: 2, figures: "pooled out of fold" });
  expect(result.rows).toMatchObject({ train: 300, test: 300 });
  expect(result.features.numeric).toEqual(["x"]);
  const parts = await Promise.all(
    ["2023", "2024"].map((value) =>
      evaluate(table(300), { split: { column: "year", value }, exclude: ["leak"], models: ["logistic"] }),
    ),
  );
  const brier = parts.map(({ models }) => models.logistic!.brier as number);
  expect(result.models.logistic!.brier).toBeCloseTo((brier[0]! + brier[1]!) / 2, 12); // two halves of equal size
});

test("a feature that is the label's copy is found out as one: the figures are of the test rows", async () => {
  const result = await evaluate(table(400), { folds: 2, models: ["logistic"] });
  expect(result.models.logistic!.auc).toBe(1);
});

test("noise ranks no one out of fold: nothing of a row's own label reaches its prediction", async () => {
  const rng = random("noise");
  const lines = Array.from({ length: 800 }, (_, i) => `${rng.normal()},${rng.normal()},${i % 2}`);
  const { models } = await evaluate(`a,b,y\n${lines.join("\n")}\n`, { folds: 5, models: ["logistic", "boostedTrees"] });
  for (const model of Object.values(models)) expect(Math.abs((model.auc as number) - 0.5)).toBeLessThan(0.08);
});

test("several outcomes: means over the classes, accuracy, macro-F1 and each class", async () => {
  const text = table(450, (p, u) => (u < p / 2 ? "out" : u < p ? "late" : "done"));
  const result = await evaluate(text, { folds: 3, exclude: ["leak"] });
  expect(result.label).toEqual({ column: "y", classes: expect.any(Array) });
  expect(result.label.classes.map(({ name }) => name)).toEqual(["done", "late", "out"]);
  const { classes, auc, accuracy, macroF1 } = result.models.logistic!;
  const mean = (name: "auc" | "f1"): number =>
    Object.values(classes!).reduce((sum, own) => sum + (own[name] as number), 0) / 3;
  expect(auc).toBeCloseTo(mean("auc"), 12);
  expect(macroF1).toBeCloseTo(mean("f1"), 12);
  expect(accuracy as number).toBeGreaterThan(result.models.baseRate!.accuracy as number);
  const binary = await evaluate(text, { folds: 3, exclude: ["leak"], positive: ["out", "late"] });
  const rowsOf = (name: string): number => result.label.classes.find((one) => one.name === name)!.rows;
  expect(binary.label.classes[1]).toEqual({ name: "out or late", rows: rowsOf("out") + rowsOf("late") });
  const digits = await evaluate(
    `x,y\n${Array.from({ length: 31 }, (_, x) => `${x},${x % 3 === 0 ? 1 : 0}`).join("\n")}\n`,
    {
      folds: 2,
      models: ["logistic"],
    },
  );
  expect(digits.label.classes.map(({ name }) => name)).toEqual(["not 1", "1"]); // an object would put "1" first
});

test("one model that cannot be fitted is told, and ends nothing", async () => {
  const broken: Classifier = {
    ...logistic(),
    fit: () => {
      throw new CairnError("NOT_CONVERGED", "expected rest, got none");
    },
  };
  const result = await evaluate(table(120), { folds: 2, exclude: ["leak"], candidates: { broken, ...candidates } });
  expect(result.failed).toEqual({ broken: { code: "NOT_CONVERGED", message: "expected rest, got none" } });
  expect(Object.keys(result.models)).toEqual(["baseRate", "logistic", "boostedTrees"]);
  const alone = evaluate(table(120), { folds: 2, exclude: ["leak"], candidates: { broken } });
  expect(await codeOf(alone)).toBe("NOT_CONVERGED");
});

describe("refused by code", () => {
  const few = "x,y\n1,a\n2,b\n3,a\n4,b\n";
  test.each<[string, string, Partial<TableEvaluationOptions>, string]>([
    ["neither split nor folds", few, {}, "BAD_INPUT"],
    ["both split and folds", few, { folds: 2, split: { column: "x", value: "1" } }, "BAD_INPUT"],
    ["folds and a fold column", few, { folds: 2, foldColumn: "x" }, "BAD_INPUT"],
    ["a fold column of one value", "x,f,y\n1,a,0\n2,a,1\n", { foldColumn: "f" }, "BAD_INPUT"],
    ["one fold", few, { folds: 1 }, "BAD_INPUT"],
    ["a model there is not", few, { folds: 2, models: ["oracle"] }, "BAD_INPUT"],
    ["no test rows", table(60), { split: { column: "year", value: "2030" } }, "BAD_INPUT"],
    ["test rows only", "x,s,y\n1,t,a\n2,t,b\n", { split: { column: "s", value: "t" } }, "BAD_INPUT"],
    ["one class", "x,y\n1,a\n2,a\n", { folds: 2 }, "SINGLE_CLASS"],
    ["every value positive", few, { folds: 2, positive: ["a", "b"] }, "SINGLE_CLASS"],
    ["a positive value there is not", few, { folds: 2, positive: ["c"] }, "BAD_INPUT"],
    ["one row", "x,y\n1,a\n", { folds: 2 }, "BAD_INPUT"],
    ["no row", "x,y\n", { folds: 2 }, "BAD_INPUT"],
    ["labels that are all empty", "x,y\n1,\n2,\n", { folds: 2 }, "BAD_INPUT"],
    ["constant columns only", "x,y\n1,a\n1,b\n1,a\n1,b\n", { folds: 2 }, "BAD_INPUT"],
    ["too few rows of a class", few, { folds: 2 }, "BAD_INPUT"],
    [
      "a label of many numbers",
      `x,y\n${Array.from({ length: 90 }, (_, i) => `${i},${i}`).join("\n")}\n`,
      { folds: 2 },
      "BAD_INPUT",
    ],
    ["an aborted signal", table(60), { folds: 2, signal: AbortSignal.abort() }, "CANCELLED"],
  ])("%s", async (_, content, options, code) => {
    expect(await codeOf(evaluate(content, options))).toBe(code);
  });
});

test("figures of several classes, by hand", () => {
  const labels = Uint8Array.of(0, 1, 2, 2);
  const p = Float64Array.of(0.6, 0.3, 0.1, 0.5, 0.4, 0.1, 0.1, 0.2, 0.7, 0.2, 0.3, 0.5);
  const figures = measureClasses(labels, p, ["a", "b", "c"]);
  expect(figures.accuracy).toBe(0.75);
  expect(figures.classes.a!.f1).toBeCloseTo(2 / 3, 12); // one hit, one false alarm
  expect(figures.classes.b!.f1).toBe(0);
  expect(figures.macroF1).toBeCloseTo((2 / 3 + 0 + 1) / 3, 12);
  expect(figures.logLoss).toBeCloseTo(-(Math.log(0.6) + Math.log(0.4) + Math.log(0.7) + Math.log(0.5)) / 4, 12);
  expect(figures.brier).toBeCloseTo(
    (measureOutcome(Uint8Array.of(1, 0, 0, 0), Float64Array.of(0.6, 0.5, 0.1, 0.2)).brier as number) / 3 +
      (measureOutcome(Uint8Array.of(0, 1, 0, 0), Float64Array.of(0.3, 0.4, 0.2, 0.3)).brier as number) / 3 +
      (measureOutcome(Uint8Array.of(0, 0, 1, 1), Float64Array.of(0.1, 0.1, 0.7, 0.5)).brier as number) / 3,
    12,
  );
  const unseen = measureClasses(Uint8Array.of(0, 1), Float64Array.of(0.6, 0.4, 0, 0.4, 0.6, 0), ["a", "b", "c"]);
  expect(unseen.macroF1).toMatchObject({ status: "undefined" });
});

test("answers of several classes are fitted for macro-F1 on validation rows, and say so", () => {
  // class c is never the most probable one, yet its probability is highest where it is true
  const labels = Uint8Array.from({ length: 90 }, (_, row) => row % 3);
  const p = Float64Array.from({ length: 270 }, (_, at) => {
    const [label, category] = [Math.floor(at / 3) % 3, at % 3];
    if (category === 2) return label === 2 ? 0.3 : 0.1;
    return label === 2 ? 0.35 : category === label ? 0.6 : 0.3;
  });
  expect(answersOf(p, 3).includes(2)).toBe(false);
  const weights = fitAnswerWeights(labels, p, 3);
  expect([...answersOf(p, 3, weights)]).toEqual([...labels]);
  const figures = measureClasses(labels, p, ["a", "b", "c"], answersOf(p, 3, weights));
  expect(figures.macroF1).toBe(1);
  expect(figures.macroF1OfMostProbable).toBeLessThan(0.7);
  expect(figures.accuracy).toBeLessThan(0.7); // accuracy is of the most probable class, whatever F1 is fitted for
  expect(fitAnswerWeights(Uint8Array.of(0, 1), Float64Array.of(1, 0, 0, 1), 2)).toEqual([1, 1]); // nothing to gain
});

test("protected attributes are no features; what the chosen model flags is audited, overall and by place", async () => {
  const rng = random("audit");
  const lines = Array.from({ length: 900 }, (_, row) => {
    const [group, school] = [rng.next() < 0.4 ? "b" : "a", rng.integer(3)];
    const need = rng.normal();
    const marked = need + (group === "b" && school === 1 ? 2 : 0) + 0.3 * rng.normal(); // what is recorded, not what is
    return `${row},${marked.toFixed(3)},${group},s${school},${Number(rng.next() < sigmoid(2 * need - 1))}`;
  });
  const text = `id,x,group,school,y\n${lines.join("\n")}\n`;
  const options = { folds: 3, models: ["logistic"], id: "id", audit: ["group"], auditWithin: ["school"] };
  const { features, fairness } = await evaluate(text, { ...options, exclude: ["school"] });
  expect(features.numeric).toEqual(["x"]);
  expect(features.categorical).toEqual([]);
  expect(fairness).toMatchObject({ model: "logistic", flaggedShare: 0.2, rows: 900, flagged: 180 });
  const places = fairness!.findings.filter(({ kind }) => kind === "place");
  expect(new Set(places.map(({ place }) => place?.value))).toEqual(new Set(["s1"]));
  expect(places.map(({ measure }) => measure)).toContain("falsePositiveRate");
  const several = evaluate("x,g,y\n1,a,p\n2,b,q\n3,a,r\n", { folds: 2, audit: ["g"] });
  expect(await codeOf(several)).toBe("BAD_INPUT");
});

test("periods are foretold from those before them, and so are the models chosen", async () => {
  const rng = random("periods");
  const lines = Array.from({ length: 800 }, (_, row) => {
    const year = 2021 + (row % 4);
    const x = rng.normal();
    const turned = year < 2024 ? x : -x; // the last year is unlike the others: whoever trains on it would see that
    return `${x.toFixed(3)},${year},${Number(rng.next() < sigmoid(3 * turned))}`;
  });
  const text = `x,year,y\n${lines.join("\n")}\n`;
  const options = { periodColumn: "year", models: ["baseRate", "logistic"] };
  const { protocol, rows, features, choices } = await evaluate(text, options);
  expect(protocol).toEqual({
    kind: "rolling origin",
    column: "year",
    periods: 3,
    gap: 0,
    figures: "pooled out of fold",
  });
  expect(rows).toMatchObject({ train: 600, test: 600 });
  expect(features.numeric).toEqual(["x"]);
  expect(choices).toEqual(["logistic", "logistic", "logistic"]);
  const last = await evaluate(text, { split: { column: "year", value: "2024" }, models: ["logistic"] });
  expect(last.models.logistic!.auc as number).toBeLessThan(0.3); // upside down, as in the protocol's last division
  expect((await evaluate(text, { ...options, gap: 1 })).rows).toMatchObject({ train: 400, test: 400 });
  expect(await codeOf(evaluate(text, { ...options, gap: 3 }))).toBe("BAD_INPUT");
  expect(await codeOf(evaluate("x,year,y\n1,2020,a\n2,,b\n3,2021,a\n", { periodColumn: "year" }))).toBe("BAD_INPUT");
});
