import { CairnError } from "../../../errors.ts";
import { normalCumulative } from "../../../numeric/distributions.ts";
import { studentQuantile } from "../../../numeric/tail-areas.ts";

/** How strong hidden causes would have to be, as risk ratios with treatment and outcome, to explain an effect away. */
export interface EValue {
  /** Of the estimate; 1 means no hidden cause is needed. */
  readonly estimate: number;
  /** Of the limit of the interval nearer to no effect; 1 when the interval covers it. */
  readonly limit: number;
}

/**
 * E-value of a risk ratio.
 * @param ratio - above 0
 * @param ci - its interval; default none, then `limit` is that of the estimate
 * @see VanderWeele and Ding (2017), Annals of Internal Medicine 167(4)
 */
export function eValue(ratio: number, ci?: readonly [number, number]): EValue {
  const of = (value: number): number => {
    const above = value < 1 ? 1 / value : value;
    return above + Math.sqrt(above * (above - 1));
  };
  if (ci === undefined) return { estimate: of(ratio), limit: of(ratio) };
  const covers = ci[0] <= 1 && ci[1] >= 1;
  return { estimate: of(ratio), limit: covers ? 1 : of(ratio > 1 ? ci[0] : ci[1]) };
}

/**
 * E-value of a standardised mean difference, by RR = exp(.91d), limits exp(.91d ± 1.78·SE).
 * @see VanderWeele and Ding (2017), table 2
 */
export function eValueOfDifference(d: number, se: number): EValue {
  return eValue(Math.exp(0.91 * d), [Math.exp(0.91 * d - 1.78 * se), Math.exp(0.91 * d + 1.78 * se)]);
}

/** How much of the residual variation hidden causes would have to explain. */
export interface RobustnessValue {
  /** Share of the outcome's residual variance the treatment explains. */
  readonly partialR2: number;
  /** Share of both residual variances that hidden causes must explain to bring the estimate to zero. */
  readonly value: number;
  /** The same to bring it within the interval's reach of zero. */
  readonly valueAtLevel: number;
}

/**
 * Robustness value of a regression coefficient.
 * @param t - its classical t statistic
 * @param degrees - residual degrees of freedom, above 1
 * @param level - confidence; default .95
 * @see Cinelli and Hazlett (2020), JRSS B 82(1), eq. 17 to 19
 */
export function robustnessValue(t: number, degrees: number, level = 0.95): RobustnessValue {
  const f = Math.abs(t) / Math.sqrt(degrees);
  const value = (strength: number): number =>
    strength <= 0 ? 0 : (Math.sqrt(strength ** 4 + 4 * strength ** 2) - strength ** 2) / 2;
  const critical = studentQuantile((1 + level) / 2, degrees - 1) / Math.sqrt(degrees - 1);
  return { partialR2: t ** 2 / (t ** 2 + degrees), value: value(f), valueAtLevel: value(f - critical) };
}

/**
 * Rosenbaum's bound: the largest p-value of the signed-rank test when hidden causes make one of a pair up to Γ times as likely to be
 * treated. Pairs without a difference are dropped, ties get middle ranks, no continuity correction.
 * @param differences - treated minus compared, by pair
 * @param gamma - Γ ≥ 1
 * @throws CairnError `BAD_INPUT` for Γ below 1 or when every difference is zero
 * @see Rosenbaum (2002), Observational Studies, 4.3.3
 */
export function rosenbaumBound(
  differences: ArrayLike<number>,
  gamma: number,
): { readonly p: number; readonly pairs: number } {
  const used = Array.from(differences).filter((value) => value !== 0);
  if (!(gamma >= 1) || used.length === 0) {
    throw new CairnError(
      "BAD_INPUT",
      `expected Γ from 1 and a pair that differs, got ${gamma} and ${used.length} pairs`,
    );
  }
  const ranks = middleRanks(used.map(Math.abs));
  const share = gamma / (1 + gamma);
  let positive = 0;
  let sum = 0;
  let squares = 0;
  ranks.forEach((rank, i) => {
    if (used[i]! > 0) positive += rank;
    sum += rank;
    squares += rank * rank;
  });
  const z = (positive - share * sum) / Math.sqrt(share * (1 - share) * squares);
  return { p: normalCumulative(-z), pairs: used.length };
}

function middleRanks(values: readonly number[]): number[] {
  const order = values.map((_, i) => i).sort((a, b) => values[a]! - values[b]!);
  const ranks = new Array<number>(values.length);
  for (let from = 0; from < order.length; ) {
    let to = from;
    while (to < order.length && values[order[to]!] === values[order[from]!]) to++;
    for (let i = from; i < to; i++) ranks[order[i]!] = (from + 1 + to) / 2;
    from = to;
  }
  return ranks;
}

/**
 * The smallest Γ, to two decimals and at most 20, at which the bound exceeds .05; 1 when even without hidden causes it does.
 * @throws CairnError what {@link rosenbaumBound} throws
 */
export function criticalGamma(differences: ArrayLike<number>): number {
  const at = (hundredths: number): number => rosenbaumBound(differences, hundredths / 100).p;
  if (at(100) > 0.05) return 1;
  let [low, high] = [100, 2000];
  if (at(high) <= 0.05) return 20;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (at(middle) > 0.05) high = middle;
    else low = middle;
  }
  return high / 100;
}

/** What Oster's method needs of two regressions and of the treatment. */
export interface OsterInput {
  /** Coefficient and R² without covariates. */
  readonly short: { readonly coefficient: number; readonly r2: number };
  /** Coefficient and R² with them. */
  readonly long: { readonly coefficient: number; readonly r2: number };
  /** Variance of the outcome, of the treatment, and of what covariates leave of the treatment (all over n − 1). */
  readonly outcomeVariance: number;
  readonly treatmentVariance: number;
  readonly residualTreatmentVariance: number;
  /** R² if everything were measured; default min(1, 1.3·R²). */
  readonly largestR2?: number;
}

/** How far selection on the unmeasured could move the coefficient. */
export interface OsterBounds {
  /** How many times as strong as on the measured selection on the unmeasured must be for an effect of zero. */
  readonly deltaForZero: number;
  /** The coefficient if both are equally strong, by the linear approximation. */
  readonly linear: number;
  /** The exact solutions for equal strength, the one nearer to the coefficient first. */
  readonly exact: readonly [number, number];
}

/**
 * Oster's bounds for selection on unobservables.
 * @throws CairnError `BAD_INPUT` when the covariates explain nothing more of the outcome
 * @see Oster (2019), JBES 37(2), propositions 1 and 2; handbook 2.16
 */
export function osterBounds(input: OsterInput): OsterBounds {
  const { short, long, outcomeVariance, treatmentVariance: s, residualTreatmentVariance: t } = input;
  const largest = input.largestR2 ?? Math.min(1, 1.3 * long.r2);
  if (!(long.r2 > short.r2)) {
    throw new CairnError("BAD_INPUT", "expected covariates that explain some of the outcome, got none that do", {
      hint: "without movement of R² nothing can be said about what was not measured",
    });
  }
  const a = short.coefficient - long.coefficient;
  const r1 = (long.r2 - short.r2) * outcomeVariance;
  const r2 = (largest - long.r2) * outcomeVariance;
  const theta = r2 * (s - t) - r1 * t - s * t * a ** 2;
  const root = Math.sqrt(theta ** 2 + 4 * r2 * a ** 2 * s ** 2 * t);
  const solutions = [1, -1].map((sign) => long.coefficient - (-theta + sign * root) / (-2 * t * a * s));
  solutions.sort((x, y) => Math.abs(x - long.coefficient) - Math.abs(y - long.coefficient));
  const b = long.coefficient;
  const cubic = b ** 3 * (t * s - t ** 2);
  const above = b * r1 * t + b * s * t * a ** 2 + 2 * b ** 2 * t * a * s + cubic;
  const below = r2 * a * s + b * r2 * (s - t) + b ** 2 * t * a * s + cubic;
  return {
    deltaForZero: above / below,
    linear: long.coefficient - (a * (largest - long.r2)) / (long.r2 - short.r2),
    exact: [solutions[0]!, solutions[1]!],
  };
}

/** The effect on those who would have stayed in either arm lies between these, whatever those who left would have scored. */
export interface LeeBounds {
  readonly lower: number;
  readonly upper: number;
  /** How many outcomes of the arm with more of them were trimmed. */
  readonly trimmed: number;
  readonly share: number;
}

/**
 * Lee's bounds for attrition that differs between the arms.
 * @param treated - outcomes of the treated who stayed
 * @param compared - outcomes of the compared who stayed
 * @param assigned - how many were assigned to each arm
 * @throws CairnError `BAD_INPUT` when an arm has no outcome
 * @see Lee (2009), Review of Economic Studies 76(3)
 */
export function leeBounds(
  treated: ArrayLike<number>,
  compared: ArrayLike<number>,
  assigned: { readonly treatment: number; readonly comparison: number },
): LeeBounds {
  if (treated.length === 0 || compared.length === 0) {
    throw new CairnError("BAD_INPUT", "expected outcomes in both arms, got an arm without", {
      hint: "nothing can be bounded",
    });
  }
  const rates = [treated.length / assigned.treatment, compared.length / assigned.comparison] as const;
  const trimTreated = rates[0] >= rates[1];
  const [high, low] = trimTreated ? rates : [rates[1], rates[0]];
  const share = (high - low) / high;
  const sorted = Array.from(trimTreated ? treated : compared).sort((a, b) => a - b);
  const trimmed = Math.round(share * sorted.length);
  const other = mean(trimTreated ? compared : treated);
  const lowMean = mean(sorted.slice(0, sorted.length - trimmed));
  const highMean = mean(sorted.slice(trimmed));
  const [lower, upper] = trimTreated ? [lowMean - other, highMean - other] : [other - highMean, other - lowMean];
  return { lower, upper, trimmed, share };
}

function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}
