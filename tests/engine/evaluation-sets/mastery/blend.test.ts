import { describe, expect, test } from "vitest";
import { applyBlend, fitBlend } from "../../../../src/engine/evaluation-sets/mastery/blend.ts";
import { logit, sigmoid } from "../../../../src/numeric/log-odds.ts";
import { random } from "../../../../src/numeric/random.ts";

const ROWS = 20_000;
const rng = random("blend");
const signal = Float64Array.from({ length: ROWS }, () => rng.normal());
const outcome = Uint8Array.from(signal, (z) => (rng.next() < sigmoid(z) ? 1 : 0));
const probabilities = (of: (row: number) => number): Float64Array =>
  Float64Array.from({ length: ROWS }, (_, row) => sigmoid(of(row)));

describe("a blend", () => {
  test("listens to the model that knows, and not to noise or to its opposite", () => {
    const predicted = {
      knows: probabilities((row) => signal[row]!),
      noise: probabilities(() => rng.normal()),
      opposite: probabilities((row) => -signal[row]!),
    };
    const { weights, intercept } = fitBlend(predicted, outcome);
    expect(weights.knows!).toBeCloseTo(1, 1);
    expect(weights.noise!).toBeLessThan(0.05);
    expect(weights.opposite).toBe(0);
    expect(Math.abs(intercept)).toBeLessThan(0.05);
  });

  test("two models that say the same share their weight", () => {
    const same = probabilities((row) => signal[row]!);
    const { weights } = fitBlend({ first: same, second: same }, outcome);
    expect(Math.abs(weights.first! - weights.second!)).toBeLessThan(1e-6);
    expect(weights.first! + weights.second!).toBeCloseTo(1, 1);
  });

  test("adds log-odds, and survives certainty and rows that are all right", () => {
    const blend = { weights: { a: 0.5, b: 2 }, intercept: -1 };
    const [p] = applyBlend(blend, { a: Float64Array.of(0.7), b: Float64Array.of(0.4) });
    expect(p).toBeCloseTo(sigmoid(0.5 * logit(0.7) + 2 * logit(0.4) - 1), 12);
    const certain = { a: Float64Array.of(0, 1, 1), b: Float64Array.of(0.5, 0.5, 0.5) };
    const fitted = fitBlend(certain, Uint8Array.of(1, 1, 1));
    expect(applyBlend(fitted, certain).every((value) => value >= 0 && value <= 1)).toBe(true);
  });
});
