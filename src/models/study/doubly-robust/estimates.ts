import { CairnError } from "../../../errors.ts";
import type { Inference } from "../regression/inference.ts";
import { type Comparison, influenceError } from "../weighting/weights.ts";
import type { Nuisance } from "./cross-fit.ts";

/** A doubly robust estimate with the value it gives every row, for effects by group. */
export interface ScoredEffect extends Inference {
  /** Shape (rows): values whose mean is the effect. */
  readonly scores: Float64Array;
}

function checkChances({ probability }: Nuisance): void {
  for (let row = 0; row < probability.length; row++) {
    if (!(probability[row]! > 0 && probability[row]! < 1)) {
      throw new CairnError(
        "NOT_FINITE",
        `expected chances of treatment in (0, 1), got ${probability[row]} in row ${row}`,
        {
          hint: "restrict the sample to where both arms are (trimming)",
        },
      );
    }
  }
}

/**
 * Augmented inverse-probability weighting for the average effect: φ = μ₁ − μ₀ + T(Y − μ₁)/e − (1 − T)(Y − μ₀)/(1 − e);
 * standard error sd(φ)/√n, or from the sums of φ − τ within clusters.
 * @throws CairnError `NOT_FINITE` when a chance is 0 or 1
 * @see Robins, Rotnitzky and Zhao (1994), JASA 89; handbook 2.10
 */
export function aipwAverage({ outcome, treatment, cluster }: Comparison, nuisance: Nuisance): ScoredEffect {
  checkChances(nuisance);
  const scores = outcome.map((y, row) => {
    const [one, zero, e] = [nuisance.treated[row]!, nuisance.compared[row]!, nuisance.probability[row]!];
    return one - zero + (treatment[row] === 1 ? (y - one) / e : -(y - zero) / (1 - e));
  });
  const n = scores.length;
  const estimate = scores.reduce((sum, value) => sum + value, 0) / n;
  const deviations = scores.map((value) => (value - estimate) / n);
  const factor = cluster === undefined ? n / (n - 1) : 1;
  return {
    estimate,
    se: influenceError(deviations, cluster) * Math.sqrt(factor),
    df: Number.POSITIVE_INFINITY,
    scores,
  };
}

/**
 * Augmented weighting for the effect on the treated. `normalized` lets the comparison weights e/(1 − e) sum to the number treated: prefer
 * it when weights are extreme.
 * @throws CairnError `NOT_FINITE` when a chance is 0 or 1
 * @see Hahn (1998), Econometrica 66; handbook 2.10
 */
export function aipwTreated(
  { outcome, treatment, cluster }: Comparison,
  nuisance: Nuisance,
  { normalized = false }: { readonly normalized?: boolean } = {},
): ScoredEffect {
  checkChances(nuisance);
  const n = outcome.length;
  const odds = nuisance.probability.map((e, row) => (treatment[row] === 1 ? 0 : e / (1 - e)));
  const share = treatment.reduce((sum, arm) => sum + arm, 0) / n;
  const total = normalized ? odds.reduce((sum, value) => sum + value, 0) / n : share;
  const scores = outcome.map((y, row) => {
    const rest = y - nuisance.compared[row]!;
    return treatment[row] === 1 ? rest / share : (-odds[row]! * rest) / total;
  });
  const estimate = scores.reduce((sum, value) => sum + value, 0) / n;
  const compared = normalized ? scores.reduce((sum, value, row) => sum + (treatment[row] === 1 ? 0 : value), 0) / n : 0;
  const influence = scores.map((value, row) => {
    if (!normalized) return (value - (estimate * treatment[row]!) / share) / n;
    // Each part about its own mean: the treated's rest, and the odds-weighted rest of the compared.
    return treatment[row] === 1
      ? (value - (estimate - compared) / share) / n
      : (value - (compared * odds[row]!) / total) / n;
  });
  return { estimate, se: influenceError(influence, cluster), df: Number.POSITIVE_INFINITY, scores };
}

/**
 * Partially linear regression: what is left of the outcome on what is left of the treatment, both after their expectations;
 * θ = Σvu/Σv². The effect is a variance-weighted average when it differs between learners.
 * @throws CairnError `SINGULAR` when nothing is left of the treatment
 * @see Robinson (1988), Econometrica 56; Chernozhukov et al. (2018), eq. 4.4
 */
export function partiallyLinear({ outcome, treatment, cluster }: Comparison, nuisance: Nuisance): Inference {
  const n = outcome.length;
  const v = nuisance.probability.map((e, row) => treatment[row]! - e);
  const u = outcome.map((y, row) => y - nuisance.overall[row]!);
  let cross = 0;
  let square = 0;
  for (let row = 0; row < n; row++) {
    cross += v[row]! * u[row]!;
    square += v[row]! ** 2;
  }
  if (!(square > 1e-12 * n)) {
    throw new CairnError("SINGULAR", "expected treatment that the covariates do not determine, got one that they do", {
      hint: "leave out covariates that decide who is treated",
    });
  }
  const theta = cross / square;
  const influence = v.map((residual, row) => (residual * (u[row]! - theta * residual)) / square);
  return { estimate: theta, se: influenceError(influence, cluster), df: Number.POSITIVE_INFINITY };
}
