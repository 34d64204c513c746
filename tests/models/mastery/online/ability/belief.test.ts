import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  absorb,
  CHANGED_AT,
  fade,
  MEAN,
  SLOPE,
  STRENGTH_NUMBERS,
  VARIANCE,
} from "../../../../../src/models/mastery/online/ability/belief.ts";
import { startingDynamics } from "../../../../../src/models/mastery/online/ability/dynamics.ts";
import { strengthColumns } from "../../../../../src/models/mastery/online/ability/follow.ts";
import { inferUnobserved, prerequisiteGraph } from "../../../../../src/models/mastery/online/ability/prerequisites.ts";
import { sigmoid } from "../../../../../src/numeric/log-odds.ts";

const DAY = 86_400_000;

/** Moments of general ability z and strength d given an outcome, by sums over a fine grid of both. */
function byGrid(
  belief: { zMean: number; zVariance: number; mean: number; slope: number; variance: number },
  outcome: number,
  chance: (ability: number) => number,
) {
  const sums = { total: 0, chance: 0, z: 0, zz: 0, d: 0, dd: 0, zd: 0 };
  const steps = 400;
  const width = 8;
  for (let i = 0; i <= steps; i++) {
    const u = -width + (2 * width * i) / steps;
    const z = belief.zMean + Math.sqrt(belief.zVariance) * u;
    for (let j = 0; j <= steps; j++) {
      const v = -width + (2 * width * j) / steps;
      const d = belief.mean + belief.slope * z + Math.sqrt(belief.variance) * v;
      const density = Math.exp(-0.5 * (u * u + v * v));
      const right = chance(z + d);
      const weight = density * right ** outcome * (1 - right) ** (1 - outcome);
      sums.total += weight;
      sums.chance += density * right;
      sums.z += weight * z;
      sums.zz += weight * z * z;
      sums.d += weight * d;
      sums.dd += weight * d * d;
      sums.zd += weight * z * d;
    }
  }
  const scale = (value: number): number => value / sums.total;
  const z = scale(sums.z);
  const d = scale(sums.d);
  const density = (2 * Math.PI * steps * steps) / (4 * width * width);
  return {
    chance: sums.chance / density,
    z,
    zz: scale(sums.zz) - z * z,
    d,
    dd: scale(sums.dd) - d * d,
    zd: scale(sums.zd) - z * d,
  };
}

describe("taking an observation in", () => {
  test("gives the moments of the exact posterior of general ability and strength", () => {
    const belief = { zMean: 0.4, zVariance: 0.6, mean: -0.3, slope: -0.2, variance: 0.5 };
    for (const [outcome, easiness] of [
      [1, 0.5],
      [0, 0.5],
      [1, -1.5],
      [0.5, 0],
    ] as const) {
      const whole = Float64Array.of(belief.zMean, belief.zVariance);
      const numbers = Float64Array.of(9, belief.mean, belief.slope, belief.variance, 0);
      const prediction = { chance: 0, slope: 0 };
      absorb(whole, numbers, 1, outcome, { easiness, guess: 0.1, slip: 0.05, weight: 1 }, prediction);
      const exact = byGrid(belief, outcome, (ability) => 0.1 + 0.85 * sigmoid(ability + easiness));
      const [z, zz] = whole as unknown as [number, number];
      const slope = numbers[1 + SLOPE]!;
      expect(prediction.chance).toBeCloseTo(exact.chance, 3);
      expect(z).toBeCloseTo(exact.z, 2); // seven points of quadrature
      expect(zz).toBeCloseTo(exact.zz, 2);
      expect(numbers[1 + MEAN]! + slope * z).toBeCloseTo(exact.d, 2);
      expect(slope * zz).toBeCloseTo(exact.zd, 2);
      expect(numbers[1 + VARIANCE]! + slope * slope * zz).toBeCloseTo(exact.dd, 2);
      expect(numbers[0]).toBe(9); // what lies before the offset is not touched
    }
  });

  test("the slope is the derivative of the chance by the easiness", () => {
    const at = (easiness: number) => {
      const prediction = { chance: 0, slope: 0 };
      const numbers = Float64Array.of(0.1, 0, 0.4, 0);
      absorb(Float64Array.of(0.2, 0.7), numbers, 0, 1, { easiness, guess: 0.15, slip: 0.05, weight: 1 }, prediction);
      return prediction;
    };
    expect(at(0.3).slope).toBeCloseTo((at(0.3001).chance - at(0.2999).chance) / 0.0002, 6);
  });

  test("an observation of more weight says more", () => {
    const shifted = (weight: number): number => {
      const whole = Float64Array.of(0, 1);
      const numbers = Float64Array.of(0, 0, 0.5, 0);
      absorb(whole, numbers, 0, 1, { easiness: 0, guess: 0.1, slip: 0.05, weight }, { chance: 0, slope: 0 });
      return whole[0]!;
    };
    expect(shifted(2)).toBeGreaterThan(shifted(1));
    expect(shifted(1)).toBeGreaterThan(shifted(0.2));
    expect(shifted(0.2)).toBeGreaterThan(0);
  });
});

describe("days without practice", () => {
  test("two spans fade as one of their sum, and in the end only the resting level is left", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 500, noNaN: true }),
        fc.double({ min: 0, max: 500, noNaN: true }),
        (first, second) => {
          const start = () => Float64Array.of(1.5, -0.2, 0.1, 0);
          const once = start();
          fade(startingDynamics, once, 0, (first + second) * DAY);
          const twice = start();
          fade(startingDynamics, twice, 0, first * DAY);
          fade(startingDynamics, twice, 0, (first + second) * DAY);
          for (let i = 0; i < STRENGTH_NUMBERS; i++) expect(twice[i]).toBeCloseTo(once[i]!, 8);
        },
      ),
    );
    const forever = Float64Array.of(1.5, -0.2, 0.1, 0);
    fade(startingDynamics, forever, 0, 1e6 * DAY);
    expect(forever[MEAN]).toBeCloseTo(startingDynamics.restingLevel, 9);
    expect(forever[SLOPE]).toBeCloseTo(0, 9);
    expect(forever[VARIANCE]).toBeCloseTo(startingDynamics.standardSpread ** 2, 9);
    expect(forever[CHANGED_AT]).toBe(1e6 * DAY);
  });
});

describe("prerequisites as evidence", () => {
  const COUNT = 6;
  const worlds = fc.record({
    // any edges at all, circles and loops included
    edges: fc.array(fc.tuple(fc.integer({ min: 0, max: COUNT - 1 }), fc.integer({ min: 0, max: COUNT - 1 })), {
      maxLength: 14,
    }),
    means: fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: COUNT, maxLength: COUNT }),
    observed: fc.array(fc.boolean(), { minLength: COUNT, maxLength: COUNT }),
    easiness: fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: COUNT, maxLength: COUNT }),
  });
  type World = typeof worlds extends fc.Arbitrary<infer T> ? T : never;

  const infer = ({ edges, means, observed, easiness }: World) => {
    const prerequisites: number[][] = Array.from({ length: COUNT }, () => []);
    for (const [dependent, required] of edges) prerequisites[dependent]!.push(required);
    const columns = strengthColumns(COUNT);
    for (let k = 0; k < COUNT; k++) {
      columns.mean[k] = observed[k] ? means[k]! : 0;
      columns.variance[k] = observed[k] ? 0.1 : 0.5;
      columns.observed[k] = observed[k] ? 1 : 0;
    }
    const before = structuredClone(columns);
    inferUnobserved(
      prerequisiteGraph(prerequisites),
      Float64Array.from(easiness),
      { mean: 0, variance: 1 },
      0.6,
      columns,
    );
    return { before, columns, prerequisites };
  };

  test("evidence of one's own is never moved, nothing becomes less sure, nothing is no number, whatever the graph", () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const { before, columns } = infer(world);
        for (let k = 0; k < COUNT; k++) {
          if (before.observed[k] === 1) expect(columns.mean[k]).toBe(before.mean[k]);
          expect(Number.isFinite(columns.mean[k])).toBe(true);
          expect(columns.variance[k]).toBeGreaterThan(0);
          expect(columns.variance[k]).toBeLessThanOrEqual(before.variance[k]!);
          if (columns.reached[k] === 0) expect(columns.mean[k]).toBe(before.mean[k]);
          if (columns.reached[k] === 1) expect(columns.mean[k]).toBeGreaterThanOrEqual(before.mean[k]!);
          if (columns.reached[k] === 2) expect(columns.mean[k]).toBeLessThanOrEqual(before.mean[k]!);
        }
      }),
    );
  });

  const chain = (means: (number | undefined)[]) => {
    const { columns } = infer({
      edges: [
        [1, 0],
        [2, 1],
      ],
      means: Array.from({ length: COUNT }, (_, k) => means[k] ?? 0),
      observed: Array.from({ length: COUNT }, (_, k) => means[k] !== undefined),
      easiness: new Array<number>(COUNT).fill(0),
    });
    return columns;
  };

  test("a mastered dependent raises what it rests on, step by step less; a failed one says little of it", () => {
    const { mean } = chain([undefined, undefined, 2]);
    expect(mean[1]).toBeGreaterThan(0.5);
    expect(mean[0]).toBeGreaterThan(0.1);
    expect(mean[0]).toBeLessThan(mean[1]!);
    expect(chain([undefined, undefined, -2]).mean[1]).toBeLessThan(0.1);
  });

  test("a missing prerequisite lowers what depends on it; a mastered one says little of that", () => {
    const { mean } = chain([-2]);
    expect(mean[1]).toBeLessThan(-0.5);
    expect(mean[2]).toBeLessThan(-0.1);
    expect(chain([2]).mean[1]).toBeGreaterThan(-0.1);
  });

  test("far against the edge the moments stay right", () => {
    const { mean, variance } = chain([-60]);
    expect(mean[1]).toBeLessThan(-20);
    expect(variance[1]).toBeGreaterThan(0);
  });
});
