import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { networkRunner } from "../../../src/numeric/network/forward.ts";
import { addGradient } from "../../../src/numeric/network/gradient.ts";
import { packWindow } from "../../../src/numeric/network/packed-batch.ts";
import { plainProducts } from "../../../src/numeric/network/products.ts";
import { checkSequences, type LabelledSequences } from "../../../src/numeric/network/sequences.ts";
import {
  arraysOf,
  type NetworkShape,
  type NetworkWeights,
  startWeights,
  zeroWeights,
} from "../../../src/numeric/network/shape.ts";
import { random } from "../../../src/numeric/random.ts";
import { plainLoss, sequencesOf } from "./sequences-of.ts";

const shape: NetworkShape = {
  tables: [
    { rows: 5, width: 3 },
    { rows: 4, width: 2 },
  ],
  step: { numbers: 2, lookups: [0, 1, 0] },
  target: { numbers: 1, lookups: [1, 0] },
  hidden: 4,
  head: 3,
};

interface Walked {
  readonly loss: number;
  readonly gradient: NetworkWeights;
  readonly touched: ReadonlySet<string>;
}

/** Loss and gradient of all sequences, walked in windows. */
function gradientOf(weights: NetworkWeights, data: LabelledSequences, window: number): Walked {
  const lengths = Array.from(data.stepStart.subarray(1), (end, i) => end - data.stepStart[i]!);
  const members = Int32Array.from(lengths.keys()).sort((a, b) => lengths[b]! - lengths[a]!);
  const gradient = zeroWeights(shape);
  const touched = new Set<string>();
  let states: Float32Array = new Float32Array(members.length * shape.hidden);
  let loss = 0;
  for (let from = 0; from === 0 || from < Math.max(...lengths); from += window) {
    const batch = packWindow(data, members, from, from + window);
    const result = addGradient({
      shape,
      weights,
      data,
      batch,
      states: states.slice(0, batch.sequences * shape.hidden),
      products: plainProducts,
      gradient,
      onTableRow: (table, row) => touched.add(`${table} ${row}`),
    });
    states = result.states;
    loss += result.loss;
  }
  return { loss, gradient, touched };
}

describe("the gradient", () => {
  test("agrees with finite differences of the plain forward pass at every weight", () => {
    const rng = random("finite differences");
    const data = checkSequences(sequencesOf([3, 0, 5, 1, 5], rng, shape), shape);
    const weights = startWeights(shape, 0.6, rng);
    for (const values of arraysOf(weights)) for (let i = 0; i < values.length; i++) values[i]! += 0.3 * rng.normal();
    const { loss, gradient } = gradientOf(weights, data, 100);
    expect(Math.abs(loss - plainLoss(shape, weights, data))).toBeLessThan(1e-5);
    const slopes = arraysOf(gradient);
    for (const [array, values] of arraysOf(weights).entries()) {
      for (let i = 0; i < values.length; i++) {
        const kept = values[i]!;
        values[i] = kept + 1e-3;
        const [above, up] = [plainLoss(shape, weights, data), values[i]!];
        values[i] = kept - 1e-3;
        const [below, down] = [plainLoss(shape, weights, data), values[i]!];
        values[i] = kept;
        const difference = (above - below) / (up - down); // in single precision the step is not exactly 2e-3
        expect(Math.abs(slopes[array]![i]! - difference)).toBeLessThan(1e-4 * Math.max(1, Math.abs(difference)));
      }
    }
  });

  test("in windows: the same loss, whatever the window", () => {
    const rng = random("windows");
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 7 }), { minLength: 1, maxLength: 6 }), (lengths) => {
        const data = sequencesOf(lengths, rng, shape);
        const weights = startWeights(shape, 0.5, rng);
        const expected = plainLoss(shape, weights, data);
        for (const window of [1, 2, 3, 50])
          expect(Math.abs(gradientOf(weights, data, window).loss - expected)).toBeLessThan(1e-4);
      }),
      { numRuns: 30 },
    );
  });

  test("only table rows that were read have a slope", () => {
    const rng = random("touched");
    const { gradient, touched } = gradientOf(startWeights(shape, 0.5, rng), sequencesOf([1], rng, shape), 10);
    for (const [table, { rows, width }] of shape.tables.entries()) {
      for (let row = 0; row < rows; row++) {
        const slopes = gradient.tables[table]!.subarray(row * width, (row + 1) * width);
        if (slopes.some((slope) => slope !== 0)) expect(touched).toContain(`${table} ${row}`);
      }
    }
    expect(touched.size).toBeGreaterThan(0);
  });
});

test("states agree with ONNX Runtime's GRU", () => {
  const golden = JSON.parse(readFileSync(new URL("../../golden/gru/gru.json", import.meta.url), "utf8")) as {
    width: number;
    hidden: number;
    steps: number[][];
    inputWeights: number[];
    recurrentWeights: number[];
    inputBias: number[];
    recurrentBias: number[];
    states: number[][];
  };
  const own: NetworkShape = {
    tables: [],
    step: { numbers: golden.width, lookups: [] },
    target: { numbers: 0, lookups: [] },
    hidden: golden.hidden,
    head: 1,
  };
  const weights = {
    ...zeroWeights(own),
    inputWeights: Float32Array.from(golden.inputWeights),
    recurrentWeights: Float32Array.from(golden.recurrentWeights),
    inputBias: Float32Array.from(golden.inputBias),
    recurrentBias: Float32Array.from(golden.recurrentBias),
  };
  const runner = networkRunner(own, weights);
  const steps = { rows: 7, values: Float32Array.from(golden.steps.flat()), indexes: new Int32Array(0) };
  const state = runner.newState();
  for (const [row, expected] of golden.states.entries()) {
    runner.observe(state, steps, row);
    // The golden values are in single precision.
    for (const [unit, value] of expected.entries()) expect(Math.abs(state[unit]! - value)).toBeLessThan(1e-6);
  }
});
