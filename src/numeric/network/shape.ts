import type { Random } from "../random.ts";

/** A table of learned vectors: one row per thing (a skill, an item with its outcome, a week …). */
export interface TableShape {
  readonly rows: number;
  readonly width: number;
}

/** What one input row holds: numbers as they are, and looked-up vectors, side by side in that order. */
export interface RowShape {
  /** How many plain numbers. */
  readonly numbers: number;
  /** For each lookup the table it reads, an index into {@link NetworkShape.tables}; several lookups may share a table. */
  readonly lookups: readonly number[];
}

/**
 * A gated recurrent unit over the steps of a sequence, and a head that answers targets from the state and the target's own
 * columns: with s the state after some steps and q the columns,
 * logit = bias + skip·[s; q] + out·tanh([s; q]·headWeights + headBias).
 */
export interface NetworkShape {
  readonly tables: readonly TableShape[];
  readonly step: RowShape;
  readonly target: RowShape;
  /** Width of the state. */
  readonly hidden: number;
  /** Units of the head's one hidden layer. */
  readonly head: number;
}

/**
 * The weights of a network, in single precision; matrices are row-major, input by output. The three gates lie side by side in
 * the order reset, update, candidate, as in PyTorch (whose matrices are the transposes).
 */
export interface NetworkWeights {
  /** Shape (rows × width) each. */
  readonly tables: readonly Float32Array[];
  /** Shape (step width × 3·hidden) and (3·hidden). */
  readonly inputWeights: Float32Array;
  readonly inputBias: Float32Array;
  /** Shape (hidden × 3·hidden) and (3·hidden). */
  readonly recurrentWeights: Float32Array;
  readonly recurrentBias: Float32Array;
  /** Shape ((hidden + target width) × head) and (head). */
  readonly headWeights: Float32Array;
  readonly headBias: Float32Array;
  /** Shape (head). */
  readonly out: Float32Array;
  /** Shape (hidden + target width). */
  readonly skip: Float32Array;
  /** Shape (1). */
  readonly bias: Float32Array;
}

/** How wide a row is once its lookups are written out. */
export function widthOf({ numbers, lookups }: RowShape, tables: readonly TableShape[]): number {
  return lookups.reduce((width, table) => width + tables[table]!.width, numbers);
}

/** Weights that are all zero: the shape of a gradient. */
export function zeroWeights({ tables, step, target, hidden, head }: NetworkShape): NetworkWeights {
  const answer = hidden + widthOf(target, tables);
  return {
    tables: tables.map(({ rows, width }) => new Float32Array(rows * width)),
    inputWeights: new Float32Array(widthOf(step, tables) * 3 * hidden),
    inputBias: new Float32Array(3 * hidden),
    recurrentWeights: new Float32Array(hidden * 3 * hidden),
    recurrentBias: new Float32Array(3 * hidden),
    headWeights: new Float32Array(answer * head),
    headBias: new Float32Array(head),
    out: new Float32Array(head),
    skip: new Float32Array(answer),
    bias: new Float32Array(1),
  };
}

const TABLE_SCALE = 0.1; // small against 1, so that a rarely seen row starts near the average one

/**
 * Weights to start from: uniform in ±1/√(fan-in) for matrices (PyTorch's default for recurrent layers), normal with standard
 * deviation 0.1 for tables, 0 for biases and the skip.
 * @param rate - overall share of ones among the labels, in (0, 1): the bias starts at its log-odds
 */
export function startWeights(shape: NetworkShape, rate: number, rng: Random): NetworkWeights {
  const weights = zeroWeights(shape);
  const uniform = (values: Float32Array, label: string, fanIn: number): void => {
    const stream = rng.derive(label);
    const bound = 1 / Math.sqrt(Math.max(1, fanIn));
    for (let i = 0; i < values.length; i++) values[i] = bound * (2 * stream.next() - 1);
  };
  for (const [index, table] of weights.tables.entries()) {
    const stream = rng.derive(`table ${index}`);
    for (let i = 0; i < table.length; i++) table[i] = TABLE_SCALE * stream.normal();
  }
  uniform(weights.inputWeights, "input", shape.hidden);
  uniform(weights.recurrentWeights, "recurrent", shape.hidden);
  uniform(weights.headWeights, "head", weights.skip.length);
  uniform(weights.out, "out", shape.head);
  weights.bias[0] = Math.log(rate / (1 - rate));
  return weights;
}

/** The arrays of a set of weights (or of a gradient), always in the same order: the tables last. */
export function arraysOf(weights: NetworkWeights): readonly Float32Array[] {
  const { tables, inputWeights, inputBias, recurrentWeights, recurrentBias } = weights;
  const { headWeights, headBias, out, skip, bias } = weights;
  return [inputWeights, inputBias, recurrentWeights, recurrentBias, headWeights, headBias, out, skip, bias, ...tables];
}

/** A copy that shares nothing. */
export function copyWeights(weights: NetworkWeights): NetworkWeights {
  return {
    tables: weights.tables.map((table) => table.slice()),
    inputWeights: weights.inputWeights.slice(),
    inputBias: weights.inputBias.slice(),
    recurrentWeights: weights.recurrentWeights.slice(),
    recurrentBias: weights.recurrentBias.slice(),
    headWeights: weights.headWeights.slice(),
    headBias: weights.headBias.slice(),
    out: weights.out.slice(),
    skip: weights.skip.slice(),
    bias: weights.bias.slice(),
  };
}
