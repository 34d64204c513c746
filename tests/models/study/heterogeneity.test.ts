import { expect, test } from "vitest";
import { foldsOf } from "../../../src/models/study/doubly-robust/cross-fit.ts";
import {
  bestLinearProjection,
  foretoldEffects,
  sortedEffects,
} from "../../../src/models/study/heterogeneity/effects-by-learner.ts";
import { random } from "../../../src/numeric/random.ts";

/** Scores of learners whose effect is 1 + slope × x, with noise of one. */
function simulated(rows: number, slope: number, seed: string) {
  const rng = random(seed);
  const x = Float64Array.from({ length: rows }, () => rng.normal());
  return { scores: x.map((value) => 1 + slope * value + rng.normal()), along: [{ name: "x", values: x }] };
}

test("a planted slope of the effect is found by projection, groups and calibration, and a flat effect is not", () => {
  for (const [slope, found] of [
    [0.8, true],
    [0, false],
  ] as const) {
    const { scores, along } = simulated(1000, slope, `planted ${slope}`);
    const [mean, lean] = bestLinearProjection(scores, along);
    expect(Math.abs(mean!.estimate - 1)).toBeLessThan(4 * mean!.se);
    expect(Math.abs(lean!.estimate - slope)).toBeLessThan(4 * lean!.se);
    const folds = foldsOf(1000, 5);
    const { effects, difference, calibration } = sortedEffects(scores, foretoldEffects(scores, along, folds), folds, 4);
    expect(effects.map(({ n }) => n)).toEqual([250, 250, 250, 250]);
    expect(difference.estimate > 3 * difference.se).toBe(found);
    expect(calibration.estimate > 3 * calibration.se).toBe(found);
    if (found) expect(Math.abs(calibration.estimate - 1)).toBeLessThan(3 * calibration.se);
  }
});

test("without a moderator the slope's test is wrong one time in twenty", () => {
  const studies = 2000;
  let wrong = 0;
  for (let study = 0; study < studies; study++) {
    const { scores, along } = simulated(80, 0, `flat ${study}`);
    const { estimate, se } = bestLinearProjection(scores, along)[1]!;
    if (Math.abs(estimate) > 1.991 * se) wrong++; // t with 78 degrees of freedom
  }
  expect(wrong / studies).toBeGreaterThan(0.035);
  expect(wrong / studies).toBeLessThan(0.065);
});

test("nobody's own outcome is in the forecast that sorts him", () => {
  const { scores, along } = simulated(100, 0.5, "own");
  const folds = foldsOf(100, 5);
  const before = foretoldEffects(scores, along, folds);
  const changed = scores.slice();
  changed[7] = 1e6;
  const after = foretoldEffects(changed, along, folds);
  for (let row = 0; row < 100; row++) expect(after[row] === before[row], `row ${row}`).toBe(folds[row] === folds[7]);
});

test("learners who are alike are in one group, whatever the order of the rows; one forecast for all is refused", () => {
  const { scores } = simulated(60, 0, "alike");
  const along = [{ name: "x", values: Float64Array.from({ length: 60 }, (_, row) => Math.floor(row / 5) % 2) }];
  const folds = foldsOf(60, 5);
  const foretold = foretoldEffects(scores, along, folds);
  const straight = sortedEffects(scores, foretold, folds, 4);
  expect(straight.effects.length).toBeLessThanOrEqual(2);
  for (let a = 0; a < 60; a++) {
    for (let b = 0; b < a; b++) {
      if (folds[a] === folds[b] && foretold[a] === foretold[b]) expect(straight.group[a]).toBe(straight.group[b]);
    }
  }
  const turned = sortedEffects(scores.toReversed(), foretold.toReversed(), folds.toReversed(), 4);
  expect(Array.from(turned.group.toReversed())).toEqual(Array.from(straight.group));
  const flat = new Float64Array(60).fill(1);
  expect(() => sortedEffects(scores, flat, folds, 4)).toThrow(/forecasts of the effect that differ/);
});

test("clusters whose learners repeat each other widen the errors", () => {
  const { scores, along } = simulated(40, 0.5, "clusters");
  const twice = <T extends Float64Array>(values: T): Float64Array =>
    Float64Array.from({ length: 80 }, (_, row) => values[row % 40]!);
  const doubled = along.map(({ name, values }) => ({ name, values: twice(values) }));
  const cluster = Int32Array.from({ length: 80 }, (_, row) => row % 40);
  const alone = bestLinearProjection(twice(scores), doubled)[1]!;
  const held = bestLinearProjection(twice(scores), doubled, cluster)[1]!;
  expect(held.estimate).toBeCloseTo(alone.estimate, 12);
  expect(held.se / alone.se).toBeGreaterThan(1.3);
});
