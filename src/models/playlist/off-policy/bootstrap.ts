import type { Random } from "../../../numeric/random.ts";
import type { RatioTerms } from "./estimators.ts";

const LEVEL = 0.95;

/** A value with its error and the interval around it. */
export interface BootstrapEstimate {
  readonly value: number;
  readonly interval: readonly [number, number];
  readonly standardError: number;
}

/** The terms of the estimate, summed over each learner's decisions. */
interface LearnerSums {
  readonly numerator: Float64Array;
  readonly denominator: Float64Array;
  readonly base: Float64Array;
  readonly decisions: Float64Array;
}

/**
 * Σ numerator/Σ denominator + mean of base, its standard error over learners and the bootstrap-t interval: learners are drawn again
 * with replacement and each draw is measured by its own standard error, which follows the skewness of importance weights where plain
 * percentiles lag behind.
 * @param learner - shape (decisions)
 * @see Efron and Tibshirani (1993), An Introduction to the Bootstrap, 12.5; the linearised error of a ratio of sums over clusters is
 * Cochran (1977), Sampling Techniques, eq. 6.13
 */
export function intervalOf(terms: RatioTerms, learner: Int32Array, rng: Random, draws: number): BootstrapEstimate {
  const sums = sumByLearner(terms, learner);
  const learners = sums.decisions.length;
  const times = new Int32Array(learners).fill(1);
  const { value, error } = estimate(sums, times);
  const distances = new Float64Array(draws);
  for (let draw = 0; draw < draws; draw++) {
    times.fill(0);
    for (let i = 0; i < learners; i++) times[rng.integer(learners)]!++;
    const drawn = estimate(sums, times);
    distances[draw] = drawn.error > 0 ? (drawn.value - value) / drawn.error : 0;
  }
  distances.sort();
  const at = (share: number): number => distances[Math.min(draws - 1, Math.floor(share * draws))]!;
  const tail = (1 - LEVEL) / 2;
  return { value, interval: [value - at(1 - tail) * error, value - at(tail) * error], standardError: error };
}

function sumByLearner({ numerator, denominator, base }: RatioTerms, learner: Int32Array): LearnerSums {
  const places = new Map<number, number>();
  for (const id of learner) if (!places.has(id)) places.set(id, places.size);
  const column = (): Float64Array => new Float64Array(places.size);
  const sums = { numerator: column(), denominator: column(), base: column(), decisions: column() };
  for (const [decision, id] of learner.entries()) {
    const place = places.get(id)!;
    sums.numerator[place]! += numerator[decision]!;
    sums.denominator[place]! += denominator[decision]!;
    sums.base[place]! += base === undefined ? 0 : base[decision]!;
    sums.decisions[place]!++;
  }
  return sums;
}

/** The estimate when each learner is there so many times, and its error. */
function estimate(
  { numerator, denominator, base, decisions }: LearnerSums,
  times: Int32Array,
): { value: number; error: number } {
  let [a, b, c, n] = [0, 0, 0, 0];
  for (let i = 0; i < times.length; i++) {
    a += times[i]! * numerator[i]!;
    b += times[i]! * denominator[i]!;
    c += times[i]! * base[i]!;
    n += times[i]! * decisions[i]!;
  }
  const ratio = b === 0 ? 0 : a / b; // a draw in which every weight is 0 tells nothing
  const mean = c / n;
  let squares = 0;
  for (let i = 0; i < times.length; i++) {
    if (times[i] === 0) continue;
    const own = b === 0 ? 0 : (numerator[i]! - ratio * denominator[i]!) / b;
    const influence = own + (base[i]! - mean * decisions[i]!) / n;
    squares += times[i]! * influence * influence;
  }
  return { value: ratio + mean, error: Math.sqrt((squares * times.length) / (times.length - 1)) };
}
