import type { PropensityLog, TargetPolicy } from "../../../../src/models/playlist/off-policy/log.ts";
import { random } from "../../../../src/numeric/random.ts";

const CANDIDATES = 4;
const PLACES = 5; // decisions a learner
const FLOOR = 0.2; // of every draw is uniform: the weights stay below 20

/** A school where lists were drawn by lot, another policy, and what that policy would have earned. */
export interface ExploredSchool {
  readonly log: PropensityLog;
  /** With the true expected rewards, which do not know the learner's own bent. */
  readonly policy: Required<TargetPolicy>;
  readonly truth: number;
}

/**
 * Learners of one class, five decisions each. The logging policy prefers what teaches least, the other what teaches most. Learners
 * differ in how much they learn from anything, so that decisions of one learner go together.
 */
export function exploredSchool(seed: string, learners: number): ExploredSchool {
  const rng = random(seed);
  const decisions = learners * PLACES;
  const learner = Int32Array.from({ length: decisions }, (_, i) => Math.floor(i / PLACES));
  const candidatePtr = Int32Array.from({ length: decisions + 1 }, (_, i) => i * CANDIDATES);
  const [logged, target, expectedReward] = [0, 0, 0].map(() => new Float64Array(decisions * CANDIDATES));
  const chosen = new Int32Array(decisions);
  const reward = new Float64Array(decisions);
  let bent = 0;
  for (let decision = 0; decision < decisions; decision++) {
    if (decision % PLACES === 0) bent = 0.2 * (rng.next() - 0.5); // mean 0: the expected reward over learners is q
    const from = decision * CANDIDATES;
    // The same four kinds in every decision, so that the truth is one number and no average over draws.
    const chance = [0.15, 0.3, 0.5, 0.8];
    const away = softmax(chance.map((q) => -2 * q));
    const towards = softmax(chance.map((q) => 3 * q));
    for (let a = 0; a < CANDIDATES; a++) {
      logged![from + a] = away[a]!;
      target![from + a] = towards[a]!;
      expectedReward![from + a] = chance[a]!;
    }
    chosen[decision] = draw(away, rng.next());
    reward[decision] = rng.next() < chance[chosen[decision]!]! + bent ? 1 : 0;
  }
  let truth = 0;
  for (let a = 0; a < CANDIDATES; a++) truth += target![a]! * expectedReward![a]!;
  return {
    log: { learner, candidatePtr, logged: logged!, chosen, reward },
    policy: { target: target!, expectedReward: expectedReward! },
    truth,
  };
}

function softmax(values: readonly number[]): number[] {
  const powers = values.map(Math.exp);
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => (1 - FLOOR) * (power / sum) + FLOOR / values.length);
}

function draw(chances: readonly number[], lot: number): number {
  let sum = 0;
  for (const [place, chance] of chances.entries()) {
    sum += chance;
    if (lot < sum) return place;
  }
  return chances.length - 1;
}
