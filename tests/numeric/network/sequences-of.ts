import { networkRunner, predictSequences } from "../../../src/numeric/network/forward.ts";
import type { LabelledSequences, NetworkRows } from "../../../src/numeric/network/sequences.ts";
import type { NetworkShape, NetworkWeights } from "../../../src/numeric/network/shape.ts";
import type { Random } from "../../../src/numeric/random.ts";

/** Random sequences of the given lengths with a target before every step and one after the last. */
export function sequencesOf(lengths: readonly number[], rng: Random, shape: NetworkShape): LabelledSequences {
  const starts = (extra: number): Int32Array => {
    const start = new Int32Array(lengths.length + 1);
    for (const [i, length] of lengths.entries()) start[i + 1] = start[i]! + length + extra;
    return start;
  };
  const rowsOf = (rows: number, { numbers, lookups }: NetworkShape["step"]): NetworkRows => ({
    rows,
    values: Float32Array.from({ length: rows * numbers }, () => rng.normal()),
    indexes: Int32Array.from(
      { length: rows * lookups.length },
      (_, i) => rng.integer(shape.tables[lookups[i % lookups.length]!]!.rows + 1) - 1,
    ),
  });
  const stepStart = starts(0);
  const targetStart = starts(1);
  const targets = targetStart.at(-1)!;
  return {
    steps: rowsOf(stepStart.at(-1)!, shape.step),
    stepStart,
    targets: rowsOf(targets, shape.target),
    targetStart,
    after: Int32Array.from(lengths.flatMap((length) => Array.from({ length: length + 1 }, (_, i) => i))),
    labels: Uint8Array.from({ length: targets }, () => rng.integer(2)),
  };
}

/** Σ log loss by the plain forward pass. */
export function plainLoss(shape: NetworkShape, weights: NetworkWeights, data: LabelledSequences): number {
  const out = new Float64Array(data.labels.length);
  predictSequences(networkRunner(shape, weights), data, out);
  return out.reduce((sum, p, row) => sum - Math.log(data.labels[row] === 1 ? p : 1 - p), 0);
}
