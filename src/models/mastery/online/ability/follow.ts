import { observationSources } from "../tracker.ts";
import {
  absorb,
  CHANGED_AT,
  type Expected,
  fade,
  GENERAL_MEAN,
  GENERAL_VARIANCE,
  MEAN,
  type Prediction,
  practise,
  SLOPE,
  STRENGTH_NUMBERS,
  VARIANCE,
  WHOLE_NUMBERS,
  wander,
} from "./belief.ts";
import type { AbilityDynamics } from "./dynamics.ts";
import type { ObservationLog } from "./observation-log.ts";
import { inferUnobserved, type PrerequisiteGraph, type Strengths } from "./prerequisites.ts";

/** All that is needed to follow a learner. */
export interface AbilityModel {
  readonly dynamics: AbilityDynamics;
  /** Shape (standards): logits by which its average item is easier than the average of all. */
  readonly easiness: Float64Array;
  readonly graph: PrerequisiteGraph;
}

const PRACTICE = observationSources.indexOf("response");
const ASSESSMENT = observationSources.indexOf("assessment");
const LARGEST_SLICE = 2; // answers taken in at once: seven points of quadrature see no sharper likelihood

/**
 * Takes one observation of a standard whose numbers are up to date: what it says of general ability and strength, and, if it is
 * practice, what it teaches. Heavy observations go in slices.
 */
export function takeIn(
  { dynamics, easiness }: AbilityModel,
  whole: Float64Array,
  numbers: Float64Array,
  offset: number,
  seen: { readonly standard: number; readonly difficulty: number; readonly outcome: number; readonly source: number },
  out: Prediction,
): void {
  const practice = seen.source === PRACTICE;
  const test = seen.source === ASSESSMENT;
  const weight = practice ? 1 : test ? dynamics.assessmentWeight : dynamics.teacherWeight;
  const milder = practice ? 0 : test ? dynamics.assessmentEasiness : dynamics.teacherEasiness;
  const slices = Math.ceil(weight / LARGEST_SLICE);
  const expected: Expected = {
    easiness: easiness[seen.standard]! - seen.difficulty + milder,
    guess: dynamics.guess,
    slip: dynamics.slip,
    weight: weight / slices,
  };
  absorb(whole, numbers, offset, seen.outcome, expected, out);
  if (slices > 1) {
    const rest = { chance: 0, slope: 0 };
    for (let slice = 1; slice < slices; slice++) absorb(whole, numbers, offset, seen.outcome, expected, rest);
  }
  if (practice) practise(dynamics, whole, numbers, offset, easiness[seen.standard]!);
}

/** Writes what is believed of a strength before its first observation. */
export function beginStrength(dynamics: AbilityDynamics, numbers: Float64Array, offset: number, at: number): void {
  numbers[offset + MEAN] = 0;
  numbers[offset + SLOPE] = 0;
  numbers[offset + VARIANCE] = dynamics.standardSpread ** 2;
  numbers[offset + CHANGED_AT] = at;
}

/** Columns for {@link inferUnobserved}. */
export function strengthColumns(standards: number): Strengths {
  return {
    mean: new Float64Array(standards),
    slope: new Float64Array(standards),
    variance: new Float64Array(standards),
    observed: new Uint8Array(standards),
    reached: new Uint8Array(standards),
  };
}

/** Puts a strength into the columns as of a moment; `undefined` is one without an observation. */
export function placeStrength(
  dynamics: AbilityDynamics,
  columns: Strengths,
  standard: number,
  numbers: Float64Array | undefined,
  offset: number,
  at: number,
): void {
  scratch[MEAN] = 0;
  scratch[SLOPE] = 0;
  scratch[VARIANCE] = dynamics.standardSpread ** 2;
  if (numbers !== undefined) {
    for (let i = 0; i < STRENGTH_NUMBERS; i++) scratch[i] = numbers[offset + i]!;
    fade(dynamics, scratch, 0, at);
  }
  columns.mean[standard] = scratch[MEAN]!;
  columns.slope[standard] = scratch[SLOPE]!;
  columns.variance[standard] = scratch[VARIANCE]!;
  columns.observed[standard] = numbers === undefined ? 0 : 1;
}

const scratch = new Float64Array(STRENGTH_NUMBERS);

/** What a walk over a log leaves behind, where the caller wants it; each of shape (rows). */
export interface Walked {
  /** Chance of a right answer before each observation. */
  readonly chance?: Float64Array;
  /** Derivative of the chance by the easiness. */
  readonly slope?: Float64Array;
}

/**
 * Walks the log of some learners, each from nothing.
 * @param difficulty - shape (items): logits; an item that is not known counts as average
 * @param onLearner - called before each
 */
export function walk(
  log: ObservationLog,
  model: AbilityModel,
  difficulty: Float64Array,
  learners: Int32Array,
  out: Walked,
  onLearner: (done: number) => void = () => undefined,
): void {
  const { dynamics, easiness } = model;
  const walker: Walker = {
    whole: new Float64Array(WHOLE_NUMBERS),
    numbers: new Float64Array(easiness.length * STRENGTH_NUMBERS),
    seen: new Int32Array(easiness.length).fill(-1),
    columns: strengthColumns(easiness.length),
  };
  const { whole, numbers } = walker;
  const prediction = { chance: 0, slope: 0 };
  for (const [done, learner] of learners.entries()) {
    onLearner(done);
    whole[GENERAL_MEAN] = 0;
    whole[GENERAL_VARIANCE] = dynamics.generalSpread ** 2;
    const from = log.learnerStart[learner]!;
    for (let row = from; row < log.learnerStart[learner + 1]!; row++) {
      const standard = log.standard[row]!;
      const at = log.at[row]!;
      if (row > from) wander(dynamics, whole, at - log.at[row - 1]!);
      comeTo(model, walker, learner, standard, at, row === from);
      const item = log.item[row]!;
      const observation = {
        standard,
        difficulty: item < 0 ? 0 : difficulty[item]!,
        outcome: log.outcome[row]!,
        source: log.source[row]!,
      };
      takeIn(model, whole, numbers, standard * STRENGTH_NUMBERS, observation, prediction);
      if (out.chance !== undefined) out.chance[row] = prediction.chance;
      if (out.slope !== undefined) out.slope[row] = prediction.slope;
    }
  }
}

/** One learner after another on the same arrays. */
interface Walker {
  readonly whole: Float64Array;
  /** Shape (standards × STRENGTH_NUMBERS). */
  readonly numbers: Float64Array;
  /** Shape (standards): the learner who was last seen on it. */
  readonly seen: Int32Array;
  readonly columns: Strengths;
}

/** Brings the strength on a standard up to a moment, or begins it. */
function comeTo(
  model: AbilityModel,
  { whole, numbers, seen, columns }: Walker,
  learner: number,
  standard: number,
  at: number,
  first: boolean,
): void {
  const { dynamics, graph } = model;
  const offset = standard * STRENGTH_NUMBERS;
  if (seen[standard] === learner) {
    fade(dynamics, numbers, offset, at);
    return;
  }
  beginStrength(dynamics, numbers, offset, at);
  if (!first && graph.connected[standard] === 1) {
    for (let other = 0; other < seen.length; other++) {
      const known = seen[other] === learner ? numbers : undefined;
      placeStrength(dynamics, columns, other, known, other * STRENGTH_NUMBERS, at);
    }
    beginFromGraph(model, whole, columns, numbers, standard, offset);
  }
  seen[standard] = learner;
}

/** Lets the neighbours in the graph say what is expected of a standard before its first observation. */
export function beginFromGraph(
  { dynamics, easiness, graph }: AbilityModel,
  whole: Float64Array,
  columns: Strengths,
  numbers: Float64Array,
  standard: number,
  offset: number,
): void {
  const general = { mean: whole[GENERAL_MEAN]!, variance: whole[GENERAL_VARIANCE]! };
  inferUnobserved(graph, easiness, general, dynamics.prerequisiteSlack, columns);
  numbers[offset + MEAN] = columns.mean[standard]!;
  numbers[offset + SLOPE] = columns.slope[standard]!;
  numbers[offset + VARIANCE] = columns.variance[standard]!;
}
