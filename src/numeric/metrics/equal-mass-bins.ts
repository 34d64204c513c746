/** How many bins stand behind every expected calibration error, reliability curve and binned decomposition. */
export const BINS = 10;

/** Rows sorted into ten equal-mass bins; sums of shape (10). */
export interface EqualMassBins {
  /** Shape (rows): the bin of each row, 0 to 9. */
  readonly of: Uint8Array;
  readonly count: Float64Array;
  /** Sums of the probabilities. */
  readonly predicted: Float64Array;
  /** Sums of the labels. */
  readonly observed: Float64Array;
}

/**
 * Sorts rows into ten equal-mass bins: the edges are the deciles of the probabilities by linear interpolation (position
 * (n−1)·q), the bin of p is the number of inner edges ≤ p. Equal probabilities share a bin, so bins may be empty.
 * @param labels - shape (n), each 0 or 1
 * @param probabilities - shape (n), n at least 1, no NaN
 */
export function equalMassBins(labels: Uint8Array, probabilities: Float64Array): EqualMassBins {
  const edges = innerEdges(probabilities);
  const bins = {
    of: new Uint8Array(probabilities.length),
    count: new Float64Array(BINS),
    predicted: new Float64Array(BINS),
    observed: new Float64Array(BINS),
  };
  for (let row = 0; row < probabilities.length; row++) {
    const p = probabilities[row]!;
    let bin = 0;
    while (bin < BINS - 1 && edges[bin]! <= p) bin++;
    bins.of[row] = bin;
    bins.count[bin]! += 1;
    bins.predicted[bin]! += p;
    bins.observed[bin]! += labels[row]!;
  }
  return bins;
}

/** The nine inner deciles; the position (n−1)·b/10 is split in whole numbers so that it is exact. */
function innerEdges(probabilities: Float64Array): Float64Array {
  const sorted = probabilities.slice().sort();
  const edges = new Float64Array(BINS - 1);
  for (let b = 1; b < BINS; b++) {
    const tenths = (sorted.length - 1) * b;
    const below = Math.floor(tenths / BINS);
    const share = (tenths % BINS) / BINS;
    const low = sorted[below]!;
    edges[b - 1] = share === 0 ? low : low + share * (sorted[below + 1]! - low);
  }
  return edges;
}
