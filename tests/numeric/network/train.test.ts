import { describe, expect, test } from "vitest";
import type { LabelledSequences } from "../../../src/numeric/network/sequences.ts";
import type { NetworkShape } from "../../../src/numeric/network/shape.ts";
import { takeSequences } from "../../../src/numeric/network/take-sequences.ts";
import { type TrainedNetwork, trainNetwork } from "../../../src/numeric/network/train.ts";
import { type Random, random } from "../../../src/numeric/random.ts";
import { codeOf } from "../../contracts/estimator-contract.ts";
import { plainLoss, sequencesOf } from "./sequences-of.ts";

const shape: NetworkShape = {
  tables: [{ rows: 2, width: 2 }],
  step: { numbers: 0, lookups: [0] },
  target: { numbers: 0, lookups: [] },
  hidden: 8,
  head: 4,
};

/** A label per sequence: whether it holds an odd number of ones, which no sum over its steps can tell. */
function parities(count: number, rng: Random): LabelledSequences {
  const lengths = Array.from({ length: count }, () => 1 + rng.integer(4));
  const { steps, stepStart } = sequencesOf(lengths, rng, shape);
  const indexes = steps.indexes.map(() => rng.integer(2));
  const ones = lengths.map((_, i) =>
    indexes.slice(stepStart[i]!, stepStart[i + 1]!).reduce((sum, bit) => sum + bit, 0),
  );
  return {
    steps: { ...steps, indexes },
    stepStart,
    targets: { rows: count, values: new Float32Array(0), indexes: new Int32Array(0) },
    targetStart: Int32Array.from({ length: count + 1 }, (_, i) => i),
    after: Int32Array.from(lengths),
    labels: Uint8Array.from(ones, (sum) => sum % 2),
  };
}

const settings = { epochs: 60, batch: 16, learningRate: 0.02, dropout: 0, patience: 6 };
const trainOn = (seed: number, data: LabelledSequences): TrainedNetwork =>
  trainNetwork(shape, data, settings, { rng: random(seed) });

describe("training", () => {
  test("learns what takes memory: the parity of a sequence", () => {
    const data = parities(600, random("parity"));
    const before = structuredClone(data);
    const trained = trainOn(1, data);
    expect(data).toEqual(before);
    expect(trained.validationLoss).toBeLessThan(0.1);
    expect(plainLoss(shape, trained.weights, parities(200, random("fresh"))) / 200).toBeLessThan(0.1);
  });

  test("equal seeds give equal bytes, other seeds other ones; progress goes up to 1", () => {
    const data = parities(60, random("seeds"));
    const short = { ...settings, epochs: 2, dropout: 0.3 };
    const seen: number[] = [];
    const fitted = [1, 1, 2].map((seed) => trainNetwork(shape, data, short, { rng: random(seed) }).weights);
    trainNetwork(shape, data, short, { rng: random(1), onProgress: (fraction) => seen.push(fraction) });
    expect(fitted[1]).toEqual(fitted[0]);
    expect(fitted[2]).not.toEqual(fitted[0]);
    expect(seen.at(-1)).toBe(1);
    expect(seen.every((fraction, i) => fraction >= (seen[i - 1] ?? 0))).toBe(true);
  });

  test("one sequence is survived; what does not fit is refused", () => {
    expect(Number.isNaN(trainOn(1, parities(1, random("one"))).validationLoss)).toBe(true);
    const good = parities(20, random("bad"));
    expect(codeOf(() => trainOn(1, takeSequences(good, new Int32Array(0))))).toBe("BAD_INPUT");
    expect(codeOf(() => trainOn(1, { ...good, labels: good.labels.map(() => 2) }))).toBe("BAD_INPUT");
    expect(codeOf(() => trainOn(1, { ...good, labels: new Uint8Array(3) }))).toBe("SHAPE_MISMATCH");
    expect(codeOf(() => trainOn(1, { ...good, after: good.after.map((after) => after + 9) }))).toBe("BAD_INPUT");
    const outside = { ...good.steps, indexes: good.steps.indexes.map(() => 7) };
    expect(codeOf(() => trainOn(1, { ...good, steps: outside }))).toBe("BAD_INPUT");
    const stop = new AbortController();
    stop.abort();
    const stopped = { rng: random(1), signal: stop.signal };
    expect(codeOf(() => trainNetwork(shape, good, settings, stopped))).toBe("CANCELLED");
  });
});
