import { expect, test } from "vitest";
import {
  type ClassifierEvaluationInput,
  evaluateClassifiers,
} from "../../../src/engine/evaluation/evaluate-classifiers.ts";
import type { Classifier, LabelledMatrix } from "../../../src/models/estimator.ts";
import { baseRate } from "../../../src/models/off-track/base-rate.ts";
import { logistic } from "../../../src/models/off-track/logistic.ts";
import { rule } from "../../../src/models/off-track/rule.ts";
import { sigmoid } from "../../../src/numeric/log-odds.ts";
import { brierLoss } from "../../../src/numeric/metrics/brier.ts";
import { precisionAtTop } from "../../../src/numeric/metrics/precision-at-top.ts";
import { random } from "../../../src/numeric/random.ts";
import { probabilitiesOf } from "../../contracts/classifier-contract.ts";
import { codeOf, contextOf } from "../../contracts/estimator-contract.ts";

const criteria = [{ feature: "x", operator: ">=", threshold: 1, level: "at-risk", group: "course" }] as const;

/** Outcomes that follow x with the given strength; `noise` follows nothing. */
function data(rows: number, seed: string, strength: number): LabelledMatrix {
  const rng = random(seed);
  const x = Float64Array.from({ length: rows }, () => rng.normal());
  const noise = x.map(() => rng.normal());
  const labels = Uint8Array.from(x, (value) => (rng.next() < sigmoid(strength * value - 0.5) ? 1 : 0));
  const columns = Object.entries({ x, noise }).map(([name, values]) => ({ name, kind: "numeric" as const, values }));
  return { matrix: { rows, columns }, labels };
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

function input(change: Partial<ClassifierEvaluationInput> = {}): ClassifierEvaluationInput {
  let time = 0;
  return {
    models: { "base rate": baseRate(), rule: rule({ criteria }), logistic: logistic() },
    train: data(900, "train", 1.5),
    validation: { train: range(0, 600), test: range(600, 900) },
    test: data(400, "test", 1.5),
    seed: 1,
    clock: () => time++,
    ...change,
  };
}

test("the shape every evaluation prints, and only numbers in it", () => {
  const evaluation = evaluateClassifiers(input());
  expect(Object.keys(evaluation)).toEqual(["rows", "models", "best"]);
  expect(evaluation.rows).toEqual({ train: 900, test: 400 });
  expect(Object.keys(evaluation.models)).toEqual(["base rate", "rule", "logistic"]);
  const figures = ["auc", "averagePrecision", "brier", "logLoss", "ece", "eceNoiseFloor"];
  const common = [...figures, "brierParts", "reliability", "precisionAtTop"];
  const after = ["precisionAtRuleCount", "fitSeconds", "predictSeconds"];
  expect(Object.keys(evaluation.models.logistic!)).toEqual([...common, ...after]);
  expect(Object.keys(evaluation.models.rule!)).toEqual([...common, "flagged", ...after]);
  expect(Object.keys(evaluation.models.rule!.precisionAtTop)).toEqual(["0.05", "0.1"]);
  const { brier, brierParts, reliability } = evaluation.models.logistic!;
  expect(brierParts).toMatchObject({ status: "defined", brier });
  expect(reliability).toMatchObject({ status: "defined", binning: "ten equal-mass bins" });
  expect(JSON.parse(JSON.stringify(evaluation))).toEqual(evaluation);
});

test("the figures are those of a model fitted on all training rows, asked about the test rows", () => {
  const given = input();
  const { models } = evaluateClassifiers(given);
  const probabilities = probabilitiesOf(logistic().fit(given.train, contextOf(1)), given.test.matrix);
  expect(brierLoss(given.test.labels, probabilities)).toEqual({ status: "defined", value: models.logistic!.brier });
  const top = precisionAtTop(given.test.labels, probabilities, 40);
  expect(top).toMatchObject({ value: models.logistic!.precisionAtTop["0.1"]! });
  expect(models["base rate"]!.auc).toBe(0.5);
  expect(models.logistic!).toMatchObject({ fitSeconds: 1, predictSeconds: 1 }); // one tick of the test's clock
});

test("every model is measured at the rule's number of flags", () => {
  const given = input();
  const { models } = evaluateClassifiers(given);
  const x = given.test.matrix.columns[0]!.values;
  const flagged = x.filter((value) => value >= 1).length;
  const hits = given.test.labels.filter((label, row) => label === 1 && x[row]! >= 1).length;
  expect(models.rule!.flagged).toBe(flagged);
  expect(models.rule!.precisionAtRuleCount).toBeCloseTo(hits / flagged, 12);
  expect(models.logistic!.precisionAtRuleCount).toBeGreaterThan(0.7);
  const without = evaluateClassifiers(input({ models: { logistic: logistic() } }));
  expect(without.models.logistic).not.toHaveProperty("precisionAtRuleCount");
});

test("a clearly better model is chosen, wherever it stands in the order", () => {
  expect(evaluateClassifiers(input()).best).toBe("logistic");
  expect(evaluateClassifiers(input({ models: { logistic: logistic(), "base rate": baseRate() } })).best).toBe(
    "logistic",
  );
});

test("inside the noise the model that comes first is chosen", () => {
  const models = { "few columns": logistic({ penalty: 3 }), "same again": logistic({ penalty: 2.5 }) };
  expect(evaluateClassifiers(input({ models })).best).toBe("few columns");
  expect(evaluateClassifiers(input({ models: { b: models["same again"], a: models["few columns"] } })).best).toBe("b");
  const nothing = { train: data(900, "null train", 0), test: data(400, "null test", 0) };
  expect(evaluateClassifiers(input(nothing)).best).toBe("base rate");
});

test("the test rows have no say in the choice", () => {
  const reversed = data(400, "test", 1.5);
  const test400 = { matrix: reversed.matrix, labels: reversed.labels.map((label) => 1 - label) };
  const evaluation = evaluateClassifiers(input({ test: test400 }));
  expect(evaluation.best).toBe("logistic");
  expect(evaluation.models.logistic!.brier).toBeGreaterThan(evaluation.models["base rate"]!.brier as number);
});

test("test rows of one class give figures that say they do not exist, and the rest still count", () => {
  const { matrix } = data(15, "test", 1);
  const { models } = evaluateClassifiers(input({ test: { matrix, labels: new Uint8Array(15) } }));
  expect(models.logistic!.auc).toEqual({ status: "undefined", reason: "all labels are 0" });
  expect(models.logistic!.precisionAtTop["0.05"]).toEqual({ status: "undefined", reason: "no rows are taken (k = 0)" });
  expect(models.logistic!.precisionAtTop["0.1"]).toBe(0);
  expect(models.logistic!.brier).toBeGreaterThan(0);
});

test("the same seed gives the same evaluation", () => {
  expect(evaluateClassifiers(input())).toEqual(evaluateClassifiers(input()));
});

test("progress goes up to 1, and a signal ends it", () => {
  const seen: number[] = [];
  evaluateClassifiers(input({ onProgress: (fraction) => seen.push(fraction) }));
  expect(seen.at(-1)).toBeCloseTo(1, 12);
  expect(seen.every((fraction, i) => fraction >= (seen[i - 1] ?? 0) && fraction <= 1)).toBe(true);
  const controller = new AbortController();
  controller.abort();
  expect(codeOf(() => evaluateClassifiers(input({ signal: controller.signal })))).toBe("CANCELLED");
});

test("an evaluation that makes no sense is refused", () => {
  const refused = (change: Partial<ClassifierEvaluationInput>) => codeOf(() => evaluateClassifiers(input(change)));
  expect(refused({ models: {} as Record<string, Classifier> })).toBe("BAD_INPUT");
  expect(refused({ validation: { train: range(0, 900), test: [] } })).toBe("BAD_INPUT");
  expect(refused({ validation: { train: range(0, 600), test: range(599, 900) } })).toBe("BAD_INPUT"); // a row on both sides
  expect(refused({ validation: { train: range(0, 600), test: [900] } })).toBe("BAD_INPUT");
  expect(refused({ test: { ...data(10, "test", 1), labels: new Uint8Array(9) } })).toBe("SHAPE_MISMATCH");
  expect(refused({ train: { ...data(900, "train", 1), labels: new Uint8Array(900) } })).toBe("SINGLE_CLASS");
});

const folds = (rows: number, count: number) =>
  range(0, count).map((fold) => ({
    train: range(0, rows).filter((row) => row % count !== fold),
    test: range(0, rows).filter((row) => row % count === fold),
  }));

test("several splits judge together: each row once, whatever the order of the splits, and one split is a list of one", () => {
  const given = input({ validation: folds(900, 3) });
  expect(evaluateClassifiers(given).best).toBe("logistic");
  expect(evaluateClassifiers({ ...given, validation: folds(900, 3).reverse() }).best).toBe("logistic");
  const one = { train: range(0, 600), test: range(600, 900) };
  expect(evaluateClassifiers(input({ validation: [one] }))).toEqual(evaluateClassifiers(input({ validation: one })));
  // The figures come from the test rows: how the choice was made does not move them.
  expect(evaluateClassifiers(given).models.logistic!.brier).toBe(evaluateClassifiers(input()).models.logistic!.brier);
});

test("the splits are pooled, not outvoted: the choice follows the loss over all rows that judged", () => {
  // Two recipes that answer a constant. On 8 of 10 rows of the long split .2 is right, on the short one .9.
  const constant = (name: string, answer: number): Classifier => {
    const model = { kind: name, features: [], predict: (_: unknown, out: Float64Array) => void out.fill(answer) };
    return { kind: name, parameters: {}, fit: () => model, decode: () => model } as unknown as Classifier;
  };
  const labels = Uint8Array.from({ length: 300 }, (_, row) => (row < 270 ? (row % 5 === 0 ? 1 : 0) : 1));
  const matrix = { rows: 300, columns: [] };
  const models = { high: constant("high", 0.9), low: constant("low", 0.2) };
  const rest = (from: number, to: number) => range(0, 300).filter((row) => row < from || row >= to);
  const validation = [
    { train: rest(0, 240), test: range(0, 240) },
    { train: rest(270, 285), test: range(270, 285) },
    { train: rest(285, 300), test: range(285, 300) },
  ];
  const given = input({ models, train: { matrix, labels }, test: { matrix, labels }, validation });
  expect(evaluateClassifiers(given).best).toBe("low"); // two of three splits prefer the other
  expect(evaluateClassifiers({ ...given, validation: validation.slice(1) }).best).toBe("high");
});

test("only the eligible are chosen; the others are measured all the same", () => {
  const nothing = { train: data(900, "null train", 0), test: data(400, "null test", 0) };
  const evaluation = evaluateClassifiers(input({ ...nothing, eligible: ["rule", "logistic"] }));
  expect(evaluation.best).not.toBe("base rate");
  expect(Object.keys(evaluation.models)).toEqual(["base rate", "rule", "logistic"]);
  expect(evaluateClassifiers(input({ eligible: ["rule"] })).best).toBe("rule");
  expect(evaluateClassifiers(input({ eligible: ["base rate", "unheard of"] })).best).toBe("base rate");
  for (const eligible of [[], ["unheard of"]]) {
    expect(codeOf(() => evaluateClassifiers(input({ eligible })))).toBe("BAD_INPUT");
  }
});

test("splits in which a row judges twice, fits and judges, or nobody judges are refused", () => {
  const [first, second] = folds(900, 2);
  const refused = (validation: ClassifierEvaluationInput["validation"]) =>
    codeOf(() => evaluateClassifiers(input({ validation })));
  expect(refused([])).toBe("BAD_INPUT");
  expect(refused([first!, first!])).toBe("BAD_INPUT");
  expect(refused([first!, { train: second!.train, test: [...second!.test, second!.train[0]!] }])).toBe("BAD_INPUT");
  expect(refused([first!, { train: second!.train, test: [] }])).toBe("BAD_INPUT");
  expect(refused([first!, { train: [0, 0], test: [1] }])).toBe("BAD_INPUT");
});
