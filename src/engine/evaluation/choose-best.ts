import type { Random } from "../../numeric/random.ts";

const DRAWS = 300; // enough for a standard error to about 4 %

/**
 * Chooses among models by Brier loss on validation rows: the first in order whose loss is within one bootstrap standard
 * error of the paired difference from the lowest. Models come simplest first, so inside the noise the simpler one wins.
 * @param probabilities - one array of shape (n) per model, simplest model first; at least one model
 * @param labels - shape (n), each 0 or 1; n at least 1
 * @returns the index of the chosen model
 * @see Hastie, Tibshirani and Friedman (2009), The Elements of Statistical Learning, 7.10 (the one-standard-error rule)
 */
export function chooseBest(probabilities: readonly Float64Array[], labels: Uint8Array, rng: Random): number {
  const errors = probabilities.map((given) => given.map((p, i) => (p - labels[i]!) ** 2));
  const losses = errors.map(mean);
  const lowest = losses.indexOf(Math.min(...losses));
  for (let candidate = 0; candidate < lowest; candidate++) {
    const differences = errors[candidate]!.map((error, i) => error - errors[lowest]![i]!);
    if (losses[candidate]! - losses[lowest]! <= bootstrapStandardError(differences, rng.derive(candidate)))
      return candidate;
  }
  return lowest;
}

/** Standard deviation of the mean over {@link DRAWS} resamples of the rows. */
function bootstrapStandardError(values: Float64Array, rng: Random): number {
  const means = new Float64Array(DRAWS);
  for (let draw = 0; draw < DRAWS; draw++) {
    let sum = 0;
    for (let i = 0; i < values.length; i++) sum += values[rng.integer(values.length)]!;
    means[draw] = sum / values.length;
  }
  const centre = mean(means);
  return Math.sqrt(means.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (DRAWS - 1));
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
