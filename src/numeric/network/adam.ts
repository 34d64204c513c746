import { arraysOf, type NetworkShape, type NetworkWeights, zeroWeights } from "./shape.ts";

const DECAY_OF_MEAN = 0.9;
const DECAY_OF_SQUARE = 0.999;
const TINY = 1e-8;

/** How one step goes. */
export interface AdamStep {
  readonly learningRate: number;
  /** The gradient is multiplied with this first: one over the usual number of targets makes it a mean. */
  readonly scale: number;
  /** Longest gradient taken as it is, after scaling; a longer one is shortened to it. */
  readonly clip: number;
  /** Share of a table's row, times the learning rate, that is taken away whenever the row is used. */
  readonly tableDecay: number;
}

/** Adam with its moments; it owns the gradient it reads, and empties it after every step. */
export interface Adam {
  /** Where the slopes of the next step are added to. */
  readonly gradient: NetworkWeights;
  /** Says that slopes were added to a table's row: other rows do not move. */
  touch(table: number, row: number): void;
  /** Moves the weights. */
  step(weights: NetworkWeights, settings: AdamStep): void;
}

/**
 * Adam (bias-corrected moments) for all arrays; tables move only in the rows a step used, so that a table of a hundred
 * thousand rows costs what is read of it.
 * @see Kingma and Ba (2015), Adam: a method for stochastic optimization, algorithm 1; rows of tables as in its lazy variants
 */
export function adam(shape: NetworkShape): Adam {
  const gradient = zeroWeights(shape);
  const means = arraysOf(zeroWeights(shape));
  const squares = arraysOf(zeroWeights(shape));
  const slopes = arraysOf(gradient);
  const dense = slopes.length - shape.tables.length;
  const touched = shape.tables.map(() => new Set<number>());
  let steps = 0;

  /** Calls back for every stretch of weights the step may move. */
  const eachRange = (visit: (array: number, from: number, to: number) => void): void => {
    for (let array = 0; array < dense; array++) visit(array, 0, slopes[array]!.length);
    for (let table = 0; table < touched.length; table++) {
      const { width } = shape.tables[table]!;
      for (const row of touched[table]!) visit(dense + table, row * width, (row + 1) * width);
    }
  };
  return {
    gradient,
    touch: (table, row) => touched[table]!.add(row),
    step(weights, { learningRate, scale, clip, tableDecay }) {
      let square = 0;
      eachRange((array, from, to) => {
        const slope = slopes[array]!;
        for (let i = from; i < to; i++) square += slope[i]! * slope[i]!;
      });
      const norm = Math.sqrt(square) * scale;
      const factor = norm > clip ? (scale * clip) / norm : scale;
      steps++;
      const rate = (learningRate * Math.sqrt(1 - DECAY_OF_SQUARE ** steps)) / (1 - DECAY_OF_MEAN ** steps);
      const values = arraysOf(weights);
      eachRange((array, from, to) => {
        const [value, slope, mean, mass] = [values[array]!, slopes[array]!, means[array]!, squares[array]!];
        const keep = array < dense ? 1 : 1 - learningRate * tableDecay;
        for (let i = from; i < to; i++) {
          const g = slope[i]! * factor;
          mean[i] = DECAY_OF_MEAN * mean[i]! + (1 - DECAY_OF_MEAN) * g;
          mass[i] = DECAY_OF_SQUARE * mass[i]! + (1 - DECAY_OF_SQUARE) * g * g;
          value[i] = keep * value[i]! - (rate * mean[i]!) / (Math.sqrt(mass[i]!) + TINY);
        }
        slope.fill(0, from, to);
      });
      for (const rows of touched) rows.clear();
    },
  };
}
