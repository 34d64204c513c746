import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { CairnError } from "../../../src/errors.ts";
import type { Measured } from "../../../src/numeric/measured.ts";
import { areaUnderRocScore } from "../../../src/numeric/metrics/area-under-roc.ts";
import { averagePrecisionScore } from "../../../src/numeric/metrics/average-precision.ts";
import { brierLoss } from "../../../src/numeric/metrics/brier.ts";
import {
  expectedCalibrationError,
  expectedCalibrationNoiseFloor,
} from "../../../src/numeric/metrics/calibration-error.ts";
import { logLoss } from "../../../src/numeric/metrics/log-loss.ts";
import { precisionAtTop, topCount } from "../../../src/numeric/metrics/precision-at-top.ts";

interface Golden {
  readonly cases: readonly {
    readonly name: string;
    readonly labels: number[];
    readonly probabilities: number[];
    readonly areaUnderRoc: number;
    readonly averagePrecision: number;
    readonly brier: number;
    readonly logLoss: number;
    readonly expectedCalibrationError: number;
  }[];
  readonly ties: Record<"value" | "worst" | "best" | "variance" | "count", number> & {
    labels: number[];
    scores: number[];
  };
  readonly noiseFloor: { readonly probabilities: number[]; readonly simulated: number };
}

const golden = JSON.parse(
  readFileSync(new URL("../../golden/metrics/metrics.json", import.meta.url), "utf8"),
) as Golden;

const numberOf = (measured: Measured): number => {
  if (measured.status === "undefined") throw new Error(`expected a number, got: ${measured.reason}`);
  return measured.value;
};

const metrics = { areaUnderRocScore, averagePrecisionScore, brierLoss, logLoss, expectedCalibrationError };

/** Labels of both classes with scores on a coarse grid, so that ties are common. */
const scored = fc
  .array(fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 12 })), { minLength: 2, maxLength: 60 })
  .filter((rows) => new Set(rows.map(([label]) => label)).size === 2)
  .map((rows) => ({
    labels: Uint8Array.from(rows, ([label]) => Number(label)),
    scores: Float64Array.from(rows, ([, score]) => score / 12),
  }));

test.each(golden.cases)("scikit-learn's values: $name", (expected) => {
  const labels = Uint8Array.from(expected.labels);
  const probabilities = Float64Array.from(expected.probabilities);
  // 1e-12: the same formulas in double precision, summed in another order
  expect(numberOf(areaUnderRocScore(labels, probabilities))).toBeCloseTo(expected.areaUnderRoc, 12);
  expect(numberOf(averagePrecisionScore(labels, probabilities))).toBeCloseTo(expected.averagePrecision, 12);
  expect(numberOf(brierLoss(labels, probabilities))).toBeCloseTo(expected.brier, 12);
  // 1e-4 of one row's 27.6: 1 − 1e-12 loses digits in the reference, log1p does not
  expect(numberOf(logLoss(labels, probabilities))).toBeCloseTo(expected.logLoss, 4);
  expect(numberOf(expectedCalibrationError(labels, probabilities))).toBeCloseTo(expected.expectedCalibrationError, 12);
});

test("AUC is the share of pairs in the right order, ties one half", () => {
  fc.assert(
    fc.property(scored, ({ labels, scores }) => {
      let sum = 0;
      let pairs = 0;
      for (let i = 0; i < labels.length; i++) {
        for (let j = 0; j < labels.length; j++) {
          if (labels[i] !== 1 || labels[j] !== 0) continue;
          pairs++;
          sum += scores[i]! > scores[j]! ? 1 : scores[i] === scores[j] ? 0.5 : 0;
        }
      }
      expect(numberOf(areaUnderRocScore(labels, scores))).toBeCloseTo(sum / pairs, 12);
    }),
  );
});

test("a monotone transform of the scores changes neither AUC nor average precision nor precision at the top", () => {
  fc.assert(
    fc.property(scored, ({ labels, scores }) => {
      const transformed = scores.map((score) => Math.exp(3 * score) - 5);
      expect(areaUnderRocScore(labels, transformed)).toEqual(areaUnderRocScore(labels, scores));
      expect(averagePrecisionScore(labels, transformed)).toEqual(averagePrecisionScore(labels, scores));
      const count = Math.ceil(labels.length / 3);
      expect(precisionAtTop(labels, transformed, count)).toEqual(precisionAtTop(labels, scores, count));
    }),
  );
});

test("turning labels or scores around turns the AUC around", () => {
  fc.assert(
    fc.property(scored, ({ labels, scores }) => {
      const auc = numberOf(areaUnderRocScore(labels, scores));
      expect(
        numberOf(
          areaUnderRocScore(
            labels.map((label) => 1 - label),
            scores,
          ),
        ),
      ).toBeCloseTo(1 - auc, 12);
      expect(
        numberOf(
          areaUnderRocScore(
            labels,
            scores.map((score) => -score),
          ),
        ),
      ).toBeCloseTo(1 - auc, 12);
    }),
  );
});

test("Brier, log loss and calibration error do not change when every row is turned around", () => {
  fc.assert(
    fc.property(scored, ({ labels, scores }) => {
      const turnedLabels = labels.map((label) => 1 - label);
      const turned = scores.map((score) => 1 - score);
      expect(numberOf(brierLoss(turnedLabels, turned))).toBeCloseTo(numberOf(brierLoss(labels, scores)), 12);
      expect(numberOf(logLoss(turnedLabels, turned))).toBeCloseTo(numberOf(logLoss(labels, scores)), 3);
    }),
  );
});

test("no metric depends on the order of the rows", () => {
  fc.assert(
    fc.property(scored, ({ labels, scores }) => {
      const reversed = { labels: labels.slice().reverse(), scores: scores.slice().reverse() };
      for (const metric of Object.values(metrics)) {
        expect(numberOf(metric(reversed.labels, reversed.scores))).toBeCloseTo(numberOf(metric(labels, scores)), 12);
      }
      for (let count = 1; count <= labels.length; count++) {
        const straight = precisionAtTop(labels, scores, count);
        expect(precisionAtTop(reversed.labels, reversed.scores, count)).toEqual(straight);
      }
    }),
  );
});

test("equal scores carry no information: AUC one half, average precision the base rate", () => {
  const labels = Uint8Array.of(1, 0, 0, 1, 0);
  const scores = new Float64Array(5).fill(0.3);
  expect(numberOf(areaUnderRocScore(labels, scores))).toBe(0.5);
  expect(numberOf(averagePrecisionScore(labels, scores))).toBeCloseTo(0.4, 15);
});

test("a perfect ranking scores one, whatever infinities it uses", () => {
  const labels = Uint8Array.of(0, 1, 0, 1);
  const scores = Float64Array.of(Number.NEGATIVE_INFINITY, 3, -0, Number.POSITIVE_INFINITY);
  expect(numberOf(areaUnderRocScore(labels, scores))).toBe(1);
  expect(numberOf(averagePrecisionScore(labels, scores))).toBe(1);
});

test("zero and minus zero tie", () => {
  expect(numberOf(areaUnderRocScore(Uint8Array.of(1, 0), Float64Array.of(-0, 0)))).toBe(0.5);
  expect(precisionAtTop(Uint8Array.of(1, 0), Float64Array.of(-0, 0), 1)).toMatchObject({
    value: 0.5,
    worst: 0,
    best: 1,
  });
});

test("what cannot be computed says so", () => {
  const zeros = new Uint8Array(3);
  const ones = new Uint8Array(3).fill(1);
  const scores = Float64Array.of(0.1, 0.2, 0.3);
  for (const metric of [areaUnderRocScore, averagePrecisionScore]) {
    expect(metric(zeros, scores)).toEqual({ status: "undefined", reason: "all labels are 0" });
    expect(metric(ones, scores)).toEqual({ status: "undefined", reason: "all labels are 1" });
  }
  for (const metric of Object.values(metrics)) {
    expect(metric(new Uint8Array(0), new Float64Array(0))).toEqual({ status: "undefined", reason: "no rows" });
  }
  expect(expectedCalibrationNoiseFloor(new Float64Array(0)).status).toBe("undefined");
  expect(precisionAtTop(zeros, scores, 0).status).toBe("undefined");
});

test("bad input is refused by code", () => {
  const codeOf = (action: () => unknown): string => {
    try {
      action();
    } catch (error) {
      return error instanceof CairnError ? error.code : String(error);
    }
    return "nothing";
  };
  for (const metric of Object.values(metrics)) {
    expect(codeOf(() => metric(Uint8Array.of(0, 1), Float64Array.of(0.5)))).toBe("SHAPE_MISMATCH");
    expect(codeOf(() => metric(Uint8Array.of(0, 2), Float64Array.of(0.5, 0.5)))).toBe("BAD_INPUT");
    expect(codeOf(() => metric(Uint8Array.of(0, 1), Float64Array.of(0.5, Number.NaN)))).toBe("NOT_FINITE");
  }
  for (const metric of [brierLoss, logLoss, expectedCalibrationError]) {
    expect(codeOf(() => metric(Uint8Array.of(0, 1), Float64Array.of(0.5, 1.01)))).toBe("BAD_INPUT");
  }
  for (const count of [-1, 3, 0.5, Number.NaN]) {
    expect(codeOf(() => precisionAtTop(Uint8Array.of(0, 1), Float64Array.of(0, 1), count))).toBe("BAD_INPUT");
  }
});

test("precision at the top equals the enumeration of all orders of the ties", () => {
  const { labels, scores, count, ...expected } = golden.ties;
  const measured = precisionAtTop(Uint8Array.from(labels), Float64Array.from(scores), count);
  expect(measured).toMatchObject({ status: "defined", count });
  for (const [name, value] of Object.entries(expected)) {
    expect((measured as unknown as Record<string, number>)[name]).toBeCloseTo(value, 12);
  }
});

test("precision of all rows is the base rate, without doubt", () => {
  fc.assert(
    fc.property(scored, ({ labels, scores }) => {
      const base = labels.reduce((sum, label) => sum + label, 0) / labels.length;
      const measured = precisionAtTop(labels, scores, labels.length);
      expect(measured).toMatchObject({ value: base, worst: base, best: base, variance: 0 });
    }),
  );
});

test("worst ≤ expected ≤ best, and the variance is zero exactly when they agree", () => {
  fc.assert(
    fc.property(scored, fc.nat(), ({ labels, scores }, seed) => {
      const measured = precisionAtTop(labels, scores, 1 + (seed % labels.length));
      if (measured.status === "undefined") throw new Error("k is at least 1");
      expect(measured.worst).toBeLessThanOrEqual(measured.value + 1e-12);
      expect(measured.best).toBeGreaterThanOrEqual(measured.value - 1e-12);
      expect(measured.variance === 0).toBe(measured.worst === measured.best);
    }),
  );
});

test("the number of rows in a share is the floor, in spite of binary fractions", () => {
  expect(topCount(0.1, 8877)).toBe(887);
  expect(topCount(0.29, 100)).toBe(29);
  expect(topCount(0.05, 19)).toBe(0);
  expect(topCount(1, 7)).toBe(7);
});

test("the noise floor is what calibrated outcomes give on average", () => {
  const { probabilities, simulated } = golden.noiseFloor;
  const floor = numberOf(expectedCalibrationNoiseFloor(Float64Array.from(probabilities)));
  expect(Math.abs(floor / simulated - 1)).toBeLessThan(0.03); // 2,000 simulations and the normal limit of a bin
});
