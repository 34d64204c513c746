import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { CairnError } from "../../../src/errors.ts";
import { abroca } from "../../../src/numeric/metrics/abroca.ts";
import { areaUnderRocScore } from "../../../src/numeric/metrics/area-under-roc.ts";
import { type BrierParts, brierParts } from "../../../src/numeric/metrics/brier-parts.ts";
import { type Reliability, reliability } from "../../../src/numeric/metrics/reliability.ts";
import { wilsonInterval } from "../../../src/numeric/metrics/wilson.ts";

interface Golden extends Record<string, unknown> {
  readonly name: string;
  readonly labels: number[];
  readonly probabilities: number[];
  readonly isFirst: number[];
  readonly scores: number[];
  readonly curve: readonly (readonly [number, number, number, number, number])[];
}

const { cases } = JSON.parse(readFileSync(new URL("../../golden/brier/brier.json", import.meta.url), "utf8")) as {
  cases: Golden[];
};
const partsOf = (labels: Uint8Array, p: Float64Array): BrierParts => {
  const parts = brierParts(labels, p);
  if (parts.status === "undefined") throw new Error(parts.reason);
  return parts;
};
const reliabilityOf = (labels: Uint8Array, p: Float64Array): Reliability => {
  const found = reliability(labels, p);
  if (found.status === "undefined") throw new Error(found.reason);
  return found;
};

test.each(cases)("numpy's, scipy's and scikit-learn's values: $name", (golden) => {
  const labels = Uint8Array.from(golden.labels);
  const p = Float64Array.from(golden.probabilities);
  const { binned, corp, ...parts } = partsOf(labels, p);
  const all: Record<string, unknown> = { ...parts, ...binned, ...corp };
  for (const name of ["brier", "uncertainty", "reliability", "resolution", "withinVariance", "withinCovariance"])
    expect(all[name], name).toBeCloseTo(golden[name] as number, 12); // the same sums in another order
  for (const name of ["miscalibration", "discrimination"])
    expect(all[name], name).toBeCloseTo(golden[name] as number, 10);
  const { curve, inTheLarge, line, spiegelhalter } = reliabilityOf(labels, p);
  expect(curve.length).toBe(golden.curve.length);
  for (const [index, { rows, predicted, observed, interval }] of curve.entries()) {
    const expected = golden.curve[index]!;
    for (const [at, value] of [rows, predicted, observed, interval.low, interval.high].entries())
      expect(value).toBeCloseTo(expected[at]!, 10);
  }
  expect(inTheLarge).toBeCloseTo(golden.inTheLarge as number, 12);
  expect(line).toMatchObject({
    intercept: expect.closeTo(golden.intercept as number, 6), // both solvers stop at a small gradient, not at the same point
    slope: expect.closeTo(golden.slope as number, 6),
  });
  expect(spiegelhalter).toMatchObject({
    z: expect.closeTo(golden.z as number, 10),
    p: expect.closeTo(golden.zP as number, 10),
  });
  const area = abroca(labels, Float64Array.from(golden.scores), Uint8Array.from(golden.isFirst));
  // the golden grid has steps of 5e-7; inside a step where the curves cross it is off by less than 1e-7 of its width
  expect(area).toMatchObject({ status: "defined", value: expect.closeTo(golden.areaBetween as number, 9) });
});

/** Rows of both outcomes in both groups, scores on a coarse grid. */
const grouped = fc
  .array(fc.tuple(fc.boolean(), fc.boolean(), fc.integer({ min: 0, max: 9 })), { minLength: 4, maxLength: 60 })
  .filter((rows) => new Set(rows.map(([label, group]) => `${label} ${group}`)).size === 4)
  .map((rows) => ({
    labels: Uint8Array.from(rows, ([label]) => Number(label)),
    isFirst: Uint8Array.from(rows, ([, group]) => Number(group)),
    scores: Float64Array.from(rows, ([, , score]) => score / 9),
  }));

test("both identities hold, and no part is negative", () => {
  fc.assert(
    fc.property(grouped, ({ labels, scores }) => {
      const { brier, uncertainty, binned, corp } = partsOf(labels, scores);
      const { reliability: wrong, resolution, withinVariance, withinCovariance } = binned;
      expect(wrong - resolution + uncertainty + withinVariance - withinCovariance).toBeCloseTo(brier, 12);
      expect(corp.miscalibration - corp.discrimination + uncertainty).toBeCloseTo(brier, 12);
      for (const part of [wrong, resolution, withinVariance, corp.miscalibration, corp.discrimination])
        expect(part).toBeGreaterThanOrEqual(0);
    }),
  );
});

test("the area between two ROC curves is symmetric, in [0, 1], and at least the gap of their areas", () => {
  const areaOf = (labels: Uint8Array, scores: Float64Array, own: (row: number) => boolean): number => {
    const rows = [...labels.keys()].filter(own);
    const area = areaUnderRocScore(
      Uint8Array.from(rows, (row) => labels[row]!),
      Float64Array.from(rows, (row) => scores[row]!),
    );
    return (area as { value: number }).value;
  };
  fc.assert(
    fc.property(grouped, ({ labels, scores, isFirst }) => {
      const { value } = abroca(labels, scores, isFirst) as { value: number };
      const swapped = abroca(
        labels,
        scores,
        isFirst.map((own) => 1 - own),
      ) as { value: number };
      expect(swapped.value).toBeCloseTo(value, 12);
      const gap =
        areaOf(labels, scores, (row) => isFirst[row] === 1) - areaOf(labels, scores, (row) => isFirst[row] === 0);
      expect(value).toBeGreaterThanOrEqual(Math.abs(gap) - 1e-12);
      expect(value).toBeLessThanOrEqual(1 + 1e-12);
    }),
  );
  const twice = { labels: Uint8Array.of(0, 1, 0, 1), scores: Float64Array.of(0.2, 0.7, 0.2, 0.7) };
  expect(abroca(twice.labels, twice.scores, Uint8Array.of(0, 0, 1, 1))).toEqual({ status: "defined", value: 0 });
  expect(abroca(twice.labels, twice.scores, Uint8Array.of(0, 1, 1, 1))).toMatchObject({ status: "undefined" });
});

test("what cannot be said is said to be undefined", () => {
  const none = [new Uint8Array(0), new Float64Array(0)] as const;
  expect(brierParts(...none)).toEqual({ status: "undefined", reason: "no rows" });
  expect(reliability(...none)).toEqual({ status: "undefined", reason: "no rows" });
  const same = [Uint8Array.of(1, 1), Float64Array.of(0.5, 1)] as const;
  expect(partsOf(...same).skill).toMatchObject({ status: "undefined" });
  expect(reliabilityOf(...same)).toMatchObject({
    line: { status: "undefined" },
    spiegelhalter: { status: "undefined" },
  });
  const separated = reliabilityOf(Uint8Array.of(0, 0, 1, 1), Float64Array.of(0.1, 0.2, 0.8, 0.9));
  expect(separated.line).toEqual({ status: "undefined", reason: "the probabilities split the labels" });
});

test("Wilson's interval stays inside [0, 1], holds the rate, and narrows with the count", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 50 }), (hits, misses) => {
      fc.pre(hits + misses > 0);
      const { low, high } = wilsonInterval(hits, hits + misses);
      const rate = hits / (hits + misses);
      expect(low).toBeGreaterThanOrEqual(0);
      expect(high).toBeLessThanOrEqual(1);
      expect(low <= rate && rate <= high).toBe(true);
      const more = wilsonInterval(4 * hits, 4 * (hits + misses));
      expect(more.high - more.low).toBeLessThan(high - low);
    }),
  );
  expect(() => wilsonInterval(3, 2)).toThrow(CairnError);
});
