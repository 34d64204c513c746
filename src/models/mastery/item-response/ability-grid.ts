import { sigmoid } from "../../../numeric/log-odds.ts";

const NODES = 41;
const WIDEST = 5; // standard deviations: beyond them is one learner in two million

/** Abilities a learner may have, equally spaced, and the standard normal's share of each. */
export interface AbilityGrid {
  /** Shape (nodes), upwards. */
  readonly ability: Float64Array;
  /** Shape (nodes), sums to 1. */
  readonly prior: Float64Array;
}

/** The grid every item response model integrates over; for smooth integrands equal steps are as good as Gauss and Hermite's. */
export function abilityGrid(): AbilityGrid {
  const ability = Float64Array.from({ length: NODES }, (_, node) => WIDEST * ((2 * node) / (NODES - 1) - 1));
  const density = ability.map((theta) => Math.exp(-0.5 * theta * theta));
  const total = density.reduce((sum, value) => sum + value, 0);
  return { ability, prior: density.map((value) => value / total) };
}

/**
 * P(right) at every node for every item: σ(slope·θ + easiness).
 * @param slope - shape (items)
 * @param easiness - shape (items): log-odds at average ability
 * @returns shape (items × nodes), row-major
 */
export function successTable({ ability }: AbilityGrid, slope: Float64Array, easiness: Float64Array): Float64Array {
  const nodes = ability.length;
  const table = new Float64Array(slope.length * nodes);
  for (let item = 0; item < slope.length; item++) {
    for (let node = 0; node < nodes; node++)
      table[item * nodes + node] = sigmoid(slope[item]! * ability[node]! + easiness[item]!);
  }
  return table;
}

/**
 * Takes in one answer: belief ∝ belief · P(answer | node), scaled to sum to 1.
 * @param belief - shape (nodes), overwritten
 * @param offset - where the item's nodes start in `table`
 * @returns P(answer) under the belief before it
 */
export function believe(belief: Float64Array, table: Float64Array, offset: number, outcome: number): number {
  let total = 0;
  for (let node = 0; node < belief.length; node++) {
    const right = table[offset + node]!;
    belief[node]! *= outcome === 1 ? right : 1 - right;
    total += belief[node]!;
  }
  for (let node = 0; node < belief.length; node++) belief[node]! /= total;
  return total;
}
