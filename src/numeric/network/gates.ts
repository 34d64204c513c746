/**
 * The gates of packed steps: reset r = σ(·), update z = σ(·), candidate n = tanh(input + r·recurrent), and the new state
 * (1 − z)·n + z·h. Kept of every step for the way back: shape (rows × hidden) each.
 * @see Cho et al. (2014), Learning phrase representations using RNN encoder-decoder; PyTorch's variant, whose reset gate
 * acts on the candidate's recurrent part after its product
 */
export interface GateRecord {
  readonly reset: Float32Array;
  readonly update: Float32Array;
  readonly candidate: Float32Array;
  /** The recurrent part of the candidate before the reset gate. */
  readonly recurrent: Float32Array;
}

/** Room for the gates of some rows. */
export function gateRecord(rows: number, hidden: number): GateRecord {
  return {
    reset: new Float32Array(rows * hidden),
    update: new Float32Array(rows * hidden),
    candidate: new Float32Array(rows * hidden),
    recurrent: new Float32Array(rows * hidden),
  };
}

/** The hyperbolic tangent through one exponential; exact to 2e-16, and 0 and ±∞ give 0 and ±1. */
export function tanh(x: number): number {
  return 1 - 2 / (1 + Math.exp(2 * x));
}

/** A step of several sequences: everything the gates read and write, and where it lies. */
export interface GateStep {
  readonly hidden: number;
  /** Sequences in the step, and the first of its rows among all packed ones. */
  readonly count: number;
  readonly first: number;
  /** Row of the state before the first sequence's step, and after it; the others follow. */
  readonly before: number;
  readonly after: number;
  /** Shape (state rows × hidden). */
  readonly states: Float32Array;
  readonly gates: GateRecord;
}

/**
 * Walks one step forward.
 * @param input - shape (all packed rows × 3·hidden): the products of the inputs
 * @param recurrent - shape (count × 3·hidden): the products of the states before
 */
export function stepForward(
  { hidden, count, first, before, after, states, gates }: GateStep,
  input: Float32Array,
  inputBias: Float32Array,
  recurrent: Float32Array,
  recurrentBias: Float32Array,
): void {
  for (let sequence = 0; sequence < count; sequence++) {
    const at = (first + sequence) * 3 * hidden;
    const own = sequence * 3 * hidden;
    for (let unit = 0; unit < hidden; unit++) {
      const u = hidden + unit;
      const c = 2 * hidden + unit;
      const r =
        1 / (1 + Math.exp(-(input[at + unit]! + inputBias[unit]! + recurrent[own + unit]! + recurrentBias[unit]!)));
      const z = 1 / (1 + Math.exp(-(input[at + u]! + inputBias[u]! + recurrent[own + u]! + recurrentBias[u]!)));
      const part = recurrent[own + c]! + recurrentBias[c]!;
      const n = tanh(input[at + c]! + inputBias[c]! + r * part);
      const cell = (first + sequence) * hidden + unit;
      gates.reset[cell] = r;
      gates.update[cell] = z;
      gates.candidate[cell] = n;
      gates.recurrent[cell] = part;
      const h = states[(before + sequence) * hidden + unit]!;
      states[(after + sequence) * hidden + unit] = (1 - z) * n + z * h;
    }
  }
}

/**
 * Walks one step back: from the slope at the states after it to the slopes at the gates' inputs, and the direct part of the
 * slope at the states before (the part through the recurrent product is the caller's).
 * @param stateSlope - shape (state rows × hidden): read after the step, added to before it
 * @param inputSlope - shape (all packed rows × 3·hidden), written
 * @param recurrentSlope - the same, for the products of the states; differs in the candidate's part only
 */
export function stepBackward(
  { hidden, count, first, before, after, states, gates }: GateStep,
  stateSlope: Float32Array,
  inputSlope: Float32Array,
  recurrentSlope: Float32Array,
): void {
  for (let sequence = 0; sequence < count; sequence++) {
    const at = (first + sequence) * 3 * hidden;
    for (let unit = 0; unit < hidden; unit++) {
      const cell = (first + sequence) * hidden + unit;
      const slope = stateSlope[(after + sequence) * hidden + unit]!;
      const r = gates.reset[cell]!;
      const z = gates.update[cell]!;
      const n = gates.candidate[cell]!;
      const h = states[(before + sequence) * hidden + unit]!;
      const toCandidate = slope * (1 - z) * (1 - n * n);
      const toReset = toCandidate * gates.recurrent[cell]! * r * (1 - r);
      const toUpdate = slope * (h - n) * z * (1 - z);
      inputSlope[at + unit] = recurrentSlope[at + unit] = toReset;
      inputSlope[at + hidden + unit] = recurrentSlope[at + hidden + unit] = toUpdate;
      inputSlope[at + 2 * hidden + unit] = toCandidate;
      recurrentSlope[at + 2 * hidden + unit] = toCandidate * r;
      stateSlope[(before + sequence) * hidden + unit]! += slope * z;
    }
  }
}
