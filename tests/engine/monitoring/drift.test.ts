import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { countBins, fixedBins } from "../../../src/engine/monitoring/bins.ts";
import type { DriftInput } from "../../../src/engine/monitoring/drift.ts";
import { detectDrift } from "../../../src/engine/monitoring/drift.ts";
import { shareShift, shiftOf } from "../../../src/engine/monitoring/shift.ts";
import { random } from "../../../src/numeric/random.ts";
import { refusal } from "../district.ts";

const numeric = { kind: "numeric" as const };
const unknown = Number.NaN;

describe("bins", () => {
  test("a step of a feature that was the same for everybody has a bin of its own: quantiles miss it", () => {
    const [before, now] = [new Float64Array(100).fill(3), new Float64Array(100).fill(2)];
    const bins = fixedBins(numeric, before);
    expect([bins.labels, bins.of(3), bins.of(2)]).toEqual([["3", "not seen before"], 0, 1]);
    expect(shiftOf(countBins(bins, before), countBins(bins, now)).psi).toBeGreaterThan(1);
  });

  test("quantiles of the reference with open ends; every value has one bin", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 200 }),
        (list) => {
          const values = Float64Array.from(list);
          const bins = fixedBins(numeric, values);
          expect(bins.labels).toHaveLength(bins.count);
          expect(countBins(bins, values).reduce((a, b) => a + b)).toBe(values.length);
          for (const value of [-1e9, 1e9]) expect(bins.of(value)).toBeLessThan(bins.count);
        },
      ),
    );
    const tens = fixedBins(
      numeric,
      Float64Array.from({ length: 1000 }, (_, index) => index),
    );
    expect(tens.count).toBe(10);
    expect(
      countBins(
        tens,
        Float64Array.from({ length: 1000 }, (_, index) => index),
      ),
    ).toEqual(new Float64Array(10).fill(100));
  });

  test("labels of a categorical column, with what was never seen", () => {
    const bins = fixedBins({ kind: "categorical", categories: ["bus", "walk", "car"] }, Float64Array.of(0, 1, 1));
    expect(bins.labels).toEqual(["bus", "walk", "not seen before"]);
    expect(bins.of(2)).toBe(2);
  });
});

test("the index, by hand: shares 0.5/0.5 against 0.2/0.8", () => {
  // With half a row in each bin of 1,000,000 the shares are the plain ones.
  const { psi, p } = shiftOf(Float64Array.of(500_000, 500_000), Float64Array.of(200_000, 800_000));
  expect(psi).toBeCloseTo(-0.3 * Math.log(0.4) + 0.3 * Math.log(1.6), 4);
  expect(p).toBe(0);
});

test("the test of homogeneity is Pearson's: 30/20 against 20/30 gives χ² = 4 with one degree of freedom", () => {
  expect(shiftOf(Float64Array.of(30, 20), Float64Array.of(20, 30)).p).toBeCloseTo(0.0455003, 6);
  // Each learner twice in the reference is no more evidence than once.
  expect(shiftOf(Float64Array.of(60, 40), Float64Array.of(20, 30), 0.5).p).toBeCloseTo(0.0455003, 6);
  expect(shareShift({ hits: 30, rows: 50 }, { hits: 20, rows: 50 }).p).toBeCloseTo(0.0455003, 6);
  expect(shareShift({ hits: 0, rows: 50 }, { hits: 4, rows: 50 }).p).toBe(1);
});

/** Learners of two schools, before and now; each column a function of (random, is it now, school). */
function district(
  seed: number,
  columns: readonly ((normal: number, isNow: boolean, school: string) => number)[],
  each = 150,
): DriftInput {
  const rng = random(`drift ${seed}`);
  const rows = 4 * each;
  const isCurrent = Uint8Array.from({ length: rows }, (_, row) => Math.floor(row / each) % 2);
  const school = Array.from({ length: rows }, (_, row) => (row < 2 * each ? "oak" : "elm"));
  const one = Float64Array.from({ length: rows }, () => rng.normal());
  return {
    matrix: {
      rows,
      columns: columns.map((make, index) => ({
        name: `f${index}`,
        kind: "numeric",
        // Half of every value is the learner's own: features of one learner go together.
        values: Float64Array.from({ length: rows }, (_, row) =>
          make((one[row]! + rng.normal()) / Math.SQRT2, isCurrent[row] === 1, school[row]!),
        ),
      })),
    },
    isCurrent,
    person: Array.from({ length: rows }, (_, row) => `p${row}`),
    places: { school },
    sourcesOf: (name) => (Number(name.slice(1)) % 2 === 0 ? ["marks"] : ["attendance"]),
  };
}
const still = (normal: number) => normal;
const counts = (normal: number) => Math.max(0, Math.round(2 * normal));
const withGaps = (normal: number) => (normal > 1 ? unknown : normal);

test("a shift in one school is found there, with its size; nothing else is", () => {
  const moved = (normal: number, isNow: boolean, school: string) => normal + (isNow && school === "oak" ? 1 : 0);
  const { findings, tests } = detectDrift(district(1, [...Array.from({ length: 40 }, () => still), moved]));
  expect(tests).toBeGreaterThan(200);
  expect(new Set(findings.map(({ name, kind }) => `${name} ${kind}`))).toEqual(new Set(["f40 values"]));
  const oak = findings.find(({ place }) => place?.value === "oak")!;
  expect(oak.current - oak.reference).toBeGreaterThan(0.7);
  expect(oak.psi!).toBeGreaterThan(0.25);
  expect(findings.some(({ place }) => place?.value === "elm")).toBe(false);
});

test("cells that go missing are coverage, told first and by source, and no shift of the values", () => {
  const lost = (normal: number, isNow: boolean) => (isNow && normal < 10 ? unknown : normal);
  const { findings } = detectDrift(district(2, [still, lost, still]));
  expect(findings[0]).toMatchObject({ kind: "source", name: "attendance", reference: 0, current: 1 });
  expect(findings.filter(({ kind }) => kind === "coverage")).toHaveLength(3);
  expect(findings.filter(({ kind }) => kind === "values")).toEqual([]);
});

test("100 features that have not changed, 200 times: a false alarm in at most one look of twenty", () => {
  const columns = Array.from({ length: 100 }, (_, index) => [still, counts, withGaps][index % 3]!);
  let alarms = 0;
  for (let seed = 0; seed < 200; seed++)
    alarms += detectDrift(district(100 + seed, columns, 60)).findings.length > 0 ? 1 : 0;
  expect(alarms).toBeLessThanOrEqual(17); // 5 % of 200 is 10; 17 is what chance gives at that rate 98 times of 100
}, 300_000);

test("places with few learners are withheld and named; too few learners in all are refused", async () => {
  const few = district(3, [still], 12);
  expect(detectDrift({ ...few, minimumCell: 13 }).withheld).toEqual([
    { column: "school", value: "elm" },
    { column: "school", value: "oak" },
  ]);
  expect((await refusal(Promise.resolve().then(() => detectDrift({ ...few, minimumCell: 25 })))).code).toBe("CONFLICT");
  const short = { ...few, person: [] };
  expect((await refusal(Promise.resolve().then(() => detectDrift(short)))).code).toBe("SHAPE_MISMATCH");
});
