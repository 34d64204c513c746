import { advance, GUESS, PARAMETERS, PRIOR, SLIP, successProbability } from "../chain.ts";
import { type FittedMastery, MASTERY_THRESHOLD } from "../fitted-mastery.ts";
import { CLAMP } from "../maximization.ts";
import { checkObservation, countObservation, describeProgress, OWN_NUMBERS } from "./progress-record.ts";
import { restoreTrackerState, storeTrackerState } from "./stored-state.ts";
import { type EstimateColumns, estimateAt, estimateBases, estimateColumns, type MasteryTracker } from "./tracker.ts";

const KNOWN = OWN_NUMBERS;
const SHAPE = { whole: 0, perStandard: OWN_NUMBERS + 1 };
const OWN = estimateBases.indexOf("own");
const BY_GRAPH = estimateBases.indexOf("graph");
const BY_PRIOR = estimateBases.indexOf("prior");

/**
 * Follows learners by Bayesian knowledge tracing: one two-state chain per standard, which neither days nor other standards
 * move, but for one rule: who masters a standard is taken to master what it rests on, where there is no answer on that. All
 * sources count alike. A chain knows two chances only, so the interval of a chance is one of them, or from one to the other.
 * @param standards - by position; one the model was trained without predicts the overall share and is never mastered
 * @param prerequisites - per standard the positions of those that come before it; none when left out
 */
export function chainTracker(
  model: FittedMastery,
  standards: readonly string[],
  prerequisites: readonly (readonly number[])[] = [],
): MasteryTracker {
  const parameters = parametersOf(model, standards);
  const order = dependentsFirst(prerequisites);
  const knownOf = (numbers: Float64Array | undefined, standard: number): number =>
    numbers?.[KNOWN] ?? parameters[standard * PARAMETERS + PRIOR]!;
  const estimateAll: MasteryTracker["estimateAll"] = (state, at, out) => {
    for (let standard = 0; standard < standards.length; standard++) {
      const numbers = state.standards.get(standard);
      out.mastery[standard] = knownOf(numbers, standard);
      out.basis[standard] = numbers === undefined ? BY_PRIOR : OWN;
      describeProgress(numbers, Math.max(at, state.latest), out, standard);
    }
    for (const standard of order) {
      for (const required of prerequisites[standard] ?? []) {
        if (out.evidence[required] !== 0 || out.mastery[required]! >= out.mastery[standard]!) continue;
        out.mastery[required] = out.mastery[standard]!;
        out.basis[required] = BY_GRAPH;
      }
    }
    for (let standard = 0; standard < standards.length; standard++) describeChances(parameters, out, standard);
  };
  const tracker: MasteryTracker = {
    standards,
    start: () => ({ latest: Number.NEGATIVE_INFINITY, whole: new Float64Array(0), standards: new Map() }),
    observe(state, observation) {
      checkObservation(tracker, state, observation);
      const { standard, outcome, at } = observation;
      const numbers = state.standards.get(standard) ?? new Float64Array(SHAPE.perStandard);
      numbers[KNOWN] = advance(
        knownOf(state.standards.get(standard), standard),
        outcome,
        parameters,
        standard * PARAMETERS,
      );
      countObservation(numbers, observation, numbers[KNOWN] >= MASTERY_THRESHOLD);
      state.standards.set(standard, numbers);
      state.latest = at;
    },
    estimate(state, standard, at) {
      const columns = estimateColumns(standards.length);
      estimateAll(state, at, columns);
      return estimateAt(columns, standard);
    },
    estimateAll,
    store: (state) => storeTrackerState(state, SHAPE),
    restore: (stored) => restoreTrackerState(stored, SHAPE, standards.length),
  };
  return tracker;
}

/** The chains by position; one never trained stays unknown, and both its states answer as everybody does on the whole. */
function parametersOf(model: FittedMastery, standards: readonly string[]): Float64Array {
  const bySkill = new Map(model.skills.map((skill) => [skill.skill, skill]));
  const overall = Math.min(1 - CLAMP, Math.max(CLAMP, model.overall));
  return Float64Array.from(
    standards.flatMap((standard) => {
      const skill = bySkill.get(standard);
      return skill === undefined
        ? [0, 0, 0, overall, 1 - overall]
        : [skill.prior, skill.learn, skill.forget, skill.guess, skill.slip];
    }),
  );
}

function describeChances(parameters: Float64Array, out: EstimateColumns, standard: number): void {
  const offset = standard * PARAMETERS;
  const guess = parameters[offset + GUESS]!;
  const right = 1 - parameters[offset + SLIP]!;
  const known = out.mastery[standard]!;
  out.correctNext[standard] = successProbability(known, parameters, offset);
  out.low[standard] = known >= MASTERY_THRESHOLD ? right : guess;
  out.high[standard] = known <= 1 - MASTERY_THRESHOLD ? guess : right;
}

/** Standards in an order in which every standard comes before its prerequisites; an edge that closes a circle is left out. */
function dependentsFirst(prerequisites: readonly (readonly number[])[]): number[] {
  const order: number[] = [];
  const visited = new Uint8Array(prerequisites.length);
  const visit = (standard: number): void => {
    if (visited[standard] !== 0) return;
    visited[standard] = 1;
    for (const required of prerequisites[standard]!) visit(required);
    order.push(standard);
  };
  for (let standard = 0; standard < prerequisites.length; standard++) visit(standard);
  return order.reverse();
}
