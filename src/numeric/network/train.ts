import { CairnError } from "../../errors.ts";
import { logLoss } from "../metrics/log-loss.ts";
import type { Random } from "../random.ts";
import { type Adam, adam } from "./adam.ts";
import { networkRunner, predictSequences } from "./forward.ts";
import { addGradient } from "./gradient.ts";
import { neededSteps, packWindow } from "./packed-batch.ts";
import { currentProducts } from "./products.ts";
import { checkSequences, type LabelledSequences } from "./sequences.ts";
import { copyWeights, type NetworkShape, type NetworkWeights, startWeights } from "./shape.ts";
import { takeSequences } from "./take-sequences.ts";

/** How a network is trained; every field has a default. */
export interface NetworkSettings {
  /** Walks over the data at most, 1 or more; default 20. */
  readonly epochs?: number;
  /** Sequences per batch, 1 or more; default 64. */
  readonly batch?: number;
  /** Steps that slopes reach back, 1 or more; longer sequences carry their state over; default 100. */
  readonly window?: number;
  /** Adam's, above 0; default 0.002. */
  readonly learningRate?: number;
  /** Share of the state's units left out of each answer while training, in [0, 1); default 0.2. */
  readonly dropout?: number;
  /** Longest gradient (of the mean loss) taken as it is, above 0; default 1. */
  readonly clip?: number;
  /** Weight decay of the tables' rows when used, 0 or more; default 0. */
  readonly tableDecay?: number;
  /** Share of the sequences that judge and are not learned from, in (0, 1); default 0.1. */
  readonly validation?: number;
  /** Epochs without progress after which training ends, 1 or more; each halves the learning rate; default 2. */
  readonly patience?: number;
}

/** Seed, stop and progress of a training. */
export interface NetworkContext {
  readonly rng: Random;
  readonly signal?: AbortSignal;
  /** Called with the finished share, in [0, 1]. */
  readonly onProgress?: (fraction: number) => void;
}

/** A trained network and how it came about. */
export interface TrainedNetwork {
  readonly weights: NetworkWeights;
  /** Walks over the data that were made. */
  readonly epochs: number;
  /** The lowest mean log loss on the held-out sequences, in nats: that of the weights; NaN when none were held out. */
  readonly validationLoss: number;
}

/**
 * Trains a network by Adam on batches of sequences of like length, and keeps the weights that did best on sequences held out
 * of the data. Back-propagation is exact within a window. Products run on the registered {@link currentProducts}; equal data,
 * seed and backend give equal bytes.
 * @throws CairnError `BAD_INPUT` (also without targets), `SHAPE_MISMATCH`, `NOT_FINITE`, `CANCELLED`, `NOT_CONVERGED` when the
 * loss is no number
 */
export function trainNetwork(
  shape: NetworkShape,
  data: LabelledSequences,
  settings: NetworkSettings,
  { rng, signal, onProgress }: NetworkContext,
): TrainedNetwork {
  const { epochs = 20, learningRate = 0.002, patience = 2, validation = 0.1 } = settings;
  checkLabels(checkSequences(data, shape));
  const { train, judge } = holdOut(data, validation, rng.derive("held out"));
  const ones = train.labels.reduce((sum, label) => sum + label, 0);
  const weights = startWeights(shape, (ones + 1) / (train.labels.length + 2), rng.derive("start"));
  const optimizer = adam(shape);
  let best = copyWeights(weights);
  let validationLoss = Number.NaN;
  let misses = 0;
  let epoch = 0;
  while (epoch < epochs && misses < patience) {
    const walk = { shape, weights, data: train, settings, rate: learningRate / 2 ** misses, optimizer };
    runEpoch(walk, rng.derive(`epoch ${epoch}`), (share) => {
      if (signal?.aborted) throw new CairnError("CANCELLED", "expected to finish the fit, got a request to stop");
      onProgress?.((epoch + share) / epochs);
    });
    epoch++;
    const loss = judge === undefined ? Number.NaN : meanLoss(shape, weights, judge);
    if (judge !== undefined && validationLoss <= loss) misses++;
    else {
      best = copyWeights(weights);
      validationLoss = loss;
    }
  }
  onProgress?.(1);
  return { weights: best, epochs: epoch, validationLoss };
}

function checkLabels({ labels, targets }: LabelledSequences): void {
  if (labels.length !== targets.rows) {
    throw new CairnError("SHAPE_MISMATCH", `expected ${targets.rows} labels, got ${labels.length}`, {
      hint: "pass one label per target",
    });
  }
  if (labels.length === 0) {
    throw new CairnError("BAD_INPUT", "expected targets to learn from, got none", { hint: "widen the time window" });
  }
  const odd = labels.find((label) => label > 1);
  if (odd !== undefined) throw new CairnError("BAD_INPUT", `expected labels 0 and 1, got ${odd}`);
}

/** Draws the sequences that judge; none when there are too few to leave one out. */
function holdOut(
  data: LabelledSequences,
  share: number,
  rng: Random,
): { train: LabelledSequences; judge: LabelledSequences | undefined } {
  const order = shuffled(data.stepStart.length - 1, rng);
  const held = Math.round(order.length * share);
  const judge = takeSequences(data, order.slice(0, held).sort());
  const train = takeSequences(data, order.slice(held).sort());
  if (judge.labels.length === 0 || train.labels.length === 0) return { train: data, judge: undefined };
  return { train, judge };
}

function shuffled(count: number, rng: Random): Int32Array {
  const order = Int32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = rng.integer(i + 1);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

interface Walk {
  readonly shape: NetworkShape;
  readonly weights: NetworkWeights;
  readonly data: LabelledSequences;
  readonly settings: NetworkSettings;
  readonly rate: number;
  readonly optimizer: Adam;
}

/** One walk over all batches in a drawn order; the weights move. */
function runEpoch(walk: Walk, rng: Random, onShare: (share: number) => void): void {
  const { settings, data } = walk;
  const batches = drawBatches(data, settings.batch ?? 64, rng);
  const windows = batches.reduce((sum, members) => sum + windowsOf(data, members, settings), 0);
  const usual = data.labels.length / windows; // so that a window with few targets moves the weights less
  let done = 0;
  for (const members of batches) {
    runBatch(walk, members, usual, rng, () => onShare(done++ / windows));
  }
}

function windowsOf(data: LabelledSequences, members: Int32Array, { window = 100 }: NetworkSettings): number {
  return Math.max(1, Math.ceil(neededSteps(data, members[0]!) / window));
}

function runBatch(walk: Walk, members: Int32Array, usual: number, rng: Random, onWindow: () => void): void {
  const { shape, weights, data, settings, rate, optimizer } = walk;
  const { window = 100, dropout = 0.2, clip = 1, tableDecay = 0 } = settings;
  const windows = windowsOf(data, members, settings);
  let states: Float32Array = new Float32Array(members.length * shape.hidden);
  for (let number = 0; number < windows; number++) {
    onWindow();
    const batch = packWindow(data, members, number * window, (number + 1) * window);
    const result = addGradient({
      shape,
      weights,
      data,
      batch,
      states: states.subarray(0, batch.sequences * shape.hidden),
      dropout: { share: dropout, rng },
      products: currentProducts(),
      gradient: optimizer.gradient,
      onTableRow: optimizer.touch,
    });
    if (!Number.isFinite(result.loss)) {
      throw new CairnError("NOT_CONVERGED", `expected a finite loss, got ${result.loss}`, {
        hint: "lower the learning rate, or bring the numbers closer to 0",
      });
    }
    optimizer.step(weights, { learningRate: rate, scale: 1 / usual, clip, tableDecay });
    states = result.states;
  }
}

/** Batches of sequences of like length (so that little waits for the longest), in a drawn order, each the longest first. */
function drawBatches(data: LabelledSequences, size: number, rng: Random): Int32Array[] {
  const count = data.stepStart.length - 1;
  const needed = Float64Array.from({ length: count }, (_, sequence) => neededSteps(data, sequence));
  const blurred = needed.map((steps) => (steps + 1) * (1 + 0.2 * rng.next())); // other neighbours in every walk
  const withTargets = Int32Array.from({ length: count }, (_, i) => i).filter(
    (i) => data.targetStart[i + 1]! > data.targetStart[i]!,
  );
  const order = withTargets.sort((a, b) => blurred[b]! - blurred[a]!);
  const batches: Int32Array[] = [];
  for (let from = 0; from < order.length; from += size)
    batches.push(order.slice(from, from + size).sort((a, b) => needed[b]! - needed[a]!));
  const drawn = shuffled(batches.length, rng);
  return Array.from(drawn, (batch) => batches[batch]!);
}

function meanLoss(shape: NetworkShape, weights: NetworkWeights, judge: LabelledSequences): number {
  const predicted = new Float64Array(judge.labels.length);
  predictSequences(networkRunner(shape, weights), judge, predicted);
  const loss = logLoss(judge.labels, predicted);
  return loss.status === "undefined" ? Number.NaN : loss.value;
}
