import { normalCumulative } from "../../../../numeric/distributions.ts";
import { normalDensity } from "../../../../numeric/tail-areas.ts";

/** The graph in the two orders evidence travels in. */
export interface PrerequisiteGraph {
  /** Pairs (prerequisite, dependent), those of the latest dependents first: evidence goes up from dependents. */
  readonly upwards: Int32Array;
  /** The same pairs, those of the earliest dependents first: evidence goes down from prerequisites. */
  readonly downwards: Int32Array;
  /** Shape (standards): 1 for a standard with an edge. */
  readonly connected: Uint8Array;
}

/** What is believed of the strengths of all standards of one learner, as columns of shape (standards). */
export interface Strengths {
  readonly mean: Float64Array;
  readonly slope: Float64Array;
  readonly variance: Float64Array;
  /** 1 where an observation was taken in: the learner's own evidence is never moved by the graph. */
  readonly observed: Uint8Array;
  /** Overwritten: 1 where evidence arrived from below, 2 from above, 3 from both. */
  readonly reached: Uint8Array;
}

const FROM_DEPENDENTS = 1;
const FROM_PREREQUISITES = 2;
const FAR_BELOW = -8; // from here φ(t)/Φ(t) is −t to three digits, and Φ(t) itself is about to vanish

/**
 * Puts the edges in order.
 * @param prerequisites - per standard the positions of those that come before it; an edge that closes a circle is left out
 */
export function prerequisiteGraph(prerequisites: readonly (readonly number[])[]): PrerequisiteGraph {
  const pairs: number[] = [];
  const connected = new Uint8Array(prerequisites.length);
  const visited = new Uint8Array(prerequisites.length); // 1 on the way down, 2 done
  const visit = (standard: number): void => {
    visited[standard] = 1;
    const kept = [...new Set(prerequisites[standard]!)].filter((required) => {
      if (visited[required] === 0) visit(required);
      return visited[required] === 2;
    });
    visited[standard] = 2;
    for (const required of kept) {
      pairs.push(required, standard); // after every pair below `required`
      connected[required] = connected[standard] = 1;
    }
  };
  for (let standard = 0; standard < prerequisites.length; standard++) if (visited[standard] === 0) visit(standard);
  const downwards = Int32Array.from(pairs);
  const upwards = Int32Array.from({ length: pairs.length }, (_, i) => pairs[pairs.length - 2 - i + 2 * (i % 2)]!);
  return { upwards, downwards, connected };
}

/**
 * Lets what was observed speak for standards without an observation: a prerequisite is at least as well known as what rests on
 * it, give or take `slack`. So a mastered dependent raises its prerequisites, and a missing prerequisite lowers what depends on
 * it; nothing else moves. Evidence starts at observed standards, goes up in one sweep and down in another, and passes each
 * edge once in each at most: bounded, and without circles.
 * @param easiness - shape (standards): what general ability and strength are added to
 * @param general - mean and variance of general ability
 * @param strengths - those of unobserved standards are changed in place
 * @see Herbrich, Minka and Graepel (2006), TrueSkill, eqs. for V and W without draws: the moments given "a ≥ b"
 */
export function inferUnobserved(
  { upwards, downwards }: PrerequisiteGraph,
  easiness: Float64Array,
  general: { readonly mean: number; readonly variance: number },
  slack: number,
  strengths: Strengths,
): void {
  const { observed, reached } = strengths;
  reached.fill(0);
  const edge = { easiness, general, slack, strengths };
  for (let i = 0; i < upwards.length; i += 2) {
    const required = upwards[i]!;
    const dependent = upwards[i + 1]!;
    if (observed[required] === 1 || (observed[dependent] === 0 && (reached[dependent]! & FROM_DEPENDENTS) === 0))
      continue;
    moveEnd(edge, required, dependent, required);
    reached[required]! |= FROM_DEPENDENTS;
  }
  for (let i = 0; i < downwards.length; i += 2) {
    const required = downwards[i]!;
    const dependent = downwards[i + 1]!;
    if (observed[dependent] === 1 || (observed[required] === 0 && (reached[required]! & FROM_PREREQUISITES) === 0))
      continue;
    moveEnd(edge, required, dependent, dependent);
    reached[dependent]! |= FROM_PREREQUISITES;
  }
}

interface Edge {
  readonly easiness: Float64Array;
  readonly general: { readonly mean: number; readonly variance: number };
  readonly slack: number;
  readonly strengths: Strengths;
}

/** The moments of one end of an edge, given that the prerequisite is ahead. */
function moveEnd(
  { easiness, general, slack, strengths }: Edge,
  required: number,
  dependent: number,
  end: number,
): void {
  const { mean, slope, variance } = strengths;
  const tilt = slope[required]! - slope[dependent]!; // what both owe to general ability cancels
  const spread = Math.sqrt(variance[required]! + variance[dependent]! + tilt * tilt * general.variance + slack * slack);
  const ahead = easiness[required]! - easiness[dependent]! + mean[required]! - mean[dependent]! + tilt * general.mean;
  const t = ahead / spread;
  const push = t < FAR_BELOW ? -t : normalDensity(t) / normalCumulative(t);
  const share = variance[end]! / spread;
  mean[end]! += (end === required ? 1 : -1) * share * push;
  variance[end]! *= 1 - (share / spread) * Math.min(1, push * (push + t));
}
