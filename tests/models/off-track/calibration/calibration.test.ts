import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { betaCalibration } from "../../../../src/models/off-track/calibration/beta.ts";
import type { Calibration, ScoredRows } from "../../../../src/models/off-track/calibration/calibration.ts";
import { isotonicCalibration } from "../../../../src/models/off-track/calibration/isotonic.ts";
import { plattCalibration } from "../../../../src/models/off-track/calibration/platt.ts";
import { sigmoid } from "../../../../src/numeric/log-odds.ts";
import { random } from "../../../../src/numeric/random.ts";
import { contextOf, describeEstimatorContract } from "../../../contracts/estimator-contract.ts";

interface GoldenCase {
  readonly name: string;
  readonly scores: number[];
  readonly labels: number[];
  readonly asked: number[];
  readonly platt: number[];
  readonly beta: number[];
  readonly isotonic: number[];
}
const golden = JSON.parse(
  readFileSync(new URL("../../../golden/calibration/calibration.json", import.meta.url), "utf8"),
) as { cases: GoldenCase[] };

const methods: Record<"platt" | "beta" | "isotonic", () => Calibration> = {
  platt: plattCalibration,
  beta: betaCalibration,
  isotonic: isotonicCalibration,
};
/** The minimum is flat, so its place is known to about the root of what its value is. Isotonic has no solver. */
const tolerance = { platt: 1e-7, beta: 1e-6, isotonic: 1e-12 };

function ask(method: Calibration, rows: ScoredRows, asked: ArrayLike<number>): Float64Array {
  const out = new Float64Array(asked.length);
  method.fit(rows, contextOf(1)).calibrate(Float64Array.from(asked), out);
  return out;
}

const rowsOf = (scores: ArrayLike<number>, labels: ArrayLike<number>): ScoredRows => ({
  scores: Float64Array.from(scores),
  labels: Uint8Array.from(labels),
});

function example(rows = 200): ScoredRows {
  const rng = random("calibration");
  const scores = Float64Array.from({ length: rows }, () => 2 * rng.normal());
  return { scores, labels: Uint8Array.from(scores, (s) => (rng.next() < sigmoid(0.6 * s - 0.3) ? 1 : 0)) };
}

for (const [name, method] of Object.entries(methods)) {
  describeEstimatorContract(`${name} calibration`, {
    estimator: method,
    input: () => example(),
    answers: (fitted) => {
      const asked = Float64Array.of(-34, -2, -0.5, 0, 0.1, 1, 3, 34);
      const out = new Float64Array(asked.length);
      fitted.calibrate(asked, out);
      return out;
    },
    reordered: ({ scores, labels }) => ({ scores: scores.slice().reverse(), labels: labels.slice().reverse() }),
    reorderedTolerance: 1e-7,
    refused: {
      "one class": { input: () => rowsOf([1, 2], [1, 1]), code: "SINGLE_CLASS" },
      "no rows": { input: () => rowsOf([], []), code: "SINGLE_CLASS" },
      infinity: { input: () => rowsOf([1, Number.POSITIVE_INFINITY], [0, 1]), code: "NOT_FINITE" },
      NaN: { input: () => rowsOf([1, Number.NaN], [0, 1]), code: "NOT_FINITE" },
      "a label too few": { input: () => rowsOf([1, 2], [1]), code: "SHAPE_MISMATCH" },
      "a label of 2": { input: () => rowsOf([1, 2], [1, 2]), code: "BAD_INPUT" },
    },
    survived: {
      "two rows": () => rowsOf([1, 2], [0, 1]),
      "scores that are all the same": () => rowsOf([0.5, 0.5, 0.5], [0, 1, 1]),
      "separable rows at the ends": () => rowsOf([-34, -34, 34, 34], [0, 0, 1, 1]),
      "scores that rank backwards": () => rowsOf([-3, -2, 2, 3], [1, 1, 0, 0]),
    },
  });
}

describe.each(golden.cases)("golden: $name", (given) => {
  test.each(["platt", "beta", "isotonic"] as const)("%s", (name) => {
    const got = ask(methods[name](), rowsOf(given.scores, given.labels), given.asked);
    for (const [index, expected] of given[name].entries())
      expect(Math.abs(sigmoid(got[index]!) - expected), `at ${given.asked[index]}`).toBeLessThan(tolerance[name]);
  });
});

test.each(Object.keys(methods) as (keyof typeof methods)[])("%s never turns a ranking round", (name) => {
  const row = fc.record({
    score: fc.double({ min: -30, max: 30, noNaN: true }),
    label: fc.integer({ min: 0, max: 1 }),
  });
  fc.assert(
    fc.property(fc.array(row, { minLength: 2, maxLength: 40 }), (rows) => {
      fc.pre(new Set(rows.map(({ label }) => label)).size === 2);
      const scored = rowsOf(
        rows.map(({ score }) => score),
        rows.map(({ label }) => label),
      );
      const asked = Float64Array.from({ length: 69 }, (_, i) => i - 34);
      const got = ask(methods[name](), scored, asked);
      for (let i = 1; i < got.length; i++) expect(got[i]! - got[i - 1]!).toBeGreaterThanOrEqual(-1e-9);
      expect(got.every((value) => Number.isFinite(value))).toBe(true);
    }),
    { numRuns: 400 },
  );
});

test.each(Object.keys(methods) as (keyof typeof methods)[])("%s survives scores that hardly differ", (name) => {
  for (const tiny of [0, 5e-324, 1e-300, 1e-12, 2.1e-6, 1e-4]) {
    const got = ask(methods[name](), rowsOf([-tiny, 0, 0], [0, 1, 1]), [-1e-3, 0, 1e-3]);
    expect(got.every((value) => Number.isFinite(value))).toBe(true);
    expect(got[2]! - got[0]!).toBeGreaterThanOrEqual(0);
  }
});

test("scores that rank backwards give everybody Platt's base rate", () => {
  const got = ask(plattCalibration(), rowsOf([-3, -2, 2, 3], [1, 1, 0, 0]), [-5, 0, 5]);
  for (const value of got) expect(value).toBeCloseTo(0, 9);
});

test("scores that are right already stay about what they are", () => {
  const rng = random("right");
  const scores = Float64Array.from({ length: 20_000 }, () => 1.5 * rng.normal());
  const labels = Uint8Array.from(scores, (s) => (rng.next() < sigmoid(s) ? 1 : 0));
  for (const [name, method] of Object.entries(methods)) {
    const asked = [-2, -1, 0, 1, 2];
    const got = ask(method(), { scores, labels }, asked);
    for (const [index, score] of asked.entries())
      expect(Math.abs(sigmoid(got[index]!) - sigmoid(score)), name).toBeLessThan(name === "isotonic" ? 0.05 : 0.02);
  }
});
