import { CairnError } from "../../../errors.ts";
import { clusterSandwich } from "../regression/cluster-robust.ts";
import type { Inference } from "../regression/inference.ts";
import { contrastOf, interactions, intercept, linearModel, type Term } from "../regression/linear-model.ts";
import { summarizeArm } from "../trial.ts";
import type { Matching } from "./nearest.ts";

/** The rows of a matched sample, once each, with their weights and the set each belongs to. */
export interface MatchedSample {
  /** Row numbers of the whole sample, treated and compared. */
  readonly rows: Int32Array;
  /** Shape (rows): treated weigh one, comparison rows by how often and how thinly they serve; scaled to the number treated. */
  readonly weights: Float64Array;
  /** Shape (rows): rows whose sets share a comparison row have one id. */
  readonly set: Int32Array;
}

/** Lists a matching as rows with weights; sets that share a comparison row become one. */
export function matchedSample({ sets }: Matching): MatchedSample {
  const weight = new Map<number, number>();
  const owner = new Map<number, number>();
  const join = (row: number): number => {
    let at = row;
    while (owner.get(at) !== at) at = owner.get(at)!;
    return at;
  };
  for (const { treated, compared } of sets) {
    weight.set(treated, 1);
    owner.set(treated, treated);
    for (const row of compared) {
      weight.set(row, (weight.get(row) ?? 0) + 1 / compared.length);
      if (!owner.has(row)) owner.set(row, treated);
      else if (join(row) !== treated) owner.set(treated, join(row));
    }
  }
  const rows = Int32Array.from(weight.keys());
  return {
    rows,
    weights: Float64Array.from(rows, (row) => weight.get(row)!),
    set: Int32Array.from(rows, (row) => join(row)),
  };
}

/**
 * Difference of the matched: the mean over sets of the treated outcome minus the mean of its matches, with the standard error of the
 * matched-pair differences (valid without replacement only: shared comparison rows make sets depend on each other).
 * @throws CairnError `BAD_INPUT` with fewer than two sets
 */
export function matchedDifference(outcome: ArrayLike<number>, { sets }: Matching): Inference {
  const { n, mean, squares } = summarizeArm(
    Float64Array.from(
      sets,
      ({ treated, compared }) =>
        outcome[treated]! - compared.reduce((sum, row) => sum + outcome[row]!, 0) / compared.length,
    ),
  );
  if (n < 2)
    throw new CairnError("BAD_INPUT", `expected two matched sets or more, got ${n}`, { hint: "widen the caliper" });
  return { estimate: mean, se: Math.sqrt(squares / (n * (n - 1))), df: n - 1 };
}

/**
 * Regression in the matched sample, weighted by the matching, with CR2 standard errors by matched set (or by the clusters given).
 * `interacted` is g-computation: treatment times covariates about the means of the treated, so that the coefficient is the average effect
 * on the treated.
 * @param cluster - shape (all rows), ids; default the matched set
 * @throws CairnError what the regression throws
 * @see Abadie and Spiess (2022), JASA 117; handbook 2.7
 */
export function matchedRegression(
  outcome: ArrayLike<number>,
  treatment: ArrayLike<number>,
  covariates: readonly Term[],
  sample: MatchedSample,
  { interacted, cluster }: { readonly interacted: boolean; readonly cluster?: ArrayLike<number> },
): Inference {
  const pick = (values: ArrayLike<number>): Float64Array => Float64Array.from(sample.rows, (row) => values[row]!);
  const arm: Term = { name: "(treatment)", values: pick(treatment) };
  const own = covariates.map(({ name, values }) => ({ name, values: pick(values) }));
  const around = interacted ? aboutTreated(own, arm.values) : own;
  const terms = [intercept(sample.rows.length), arm, ...around, ...(interacted ? interactions(arm, around) : [])];
  const even = sample.weights.every((weight) => weight === 1);
  const { fit, ...model } = linearModel(terms, pick(outcome), even ? undefined : sample.weights);
  const groups = cluster === undefined ? sample.set : pick(cluster);
  return clusterSandwich(fit, groups, "CR2").infer(contrastOf({ fit, ...model }, arm.name));
}

function aboutTreated(terms: readonly Term[], treatment: ArrayLike<number>): Term[] {
  return terms.map(({ name, values }) => {
    let sum = 0;
    let count = 0;
    for (let row = 0; row < values.length; row++) {
      if (treatment[row] !== 1) continue;
      sum += values[row]!;
      count++;
    }
    return { name, values: Float64Array.from(values, (value) => value - sum / count) };
  });
}

/**
 * Subclassification: the rows are cut at quantiles of the treated's scores, the differences of means within classes weighted by their
 * treated.
 * @param classes - how many; default 5
 * @throws CairnError `BAD_INPUT` when a class lacks two rows of an arm
 * @see Rosenbaum and Rubin (1984), JASA 79
 */
export function subclassification(
  outcome: ArrayLike<number>,
  treatment: ArrayLike<number>,
  score: ArrayLike<number>,
  classes = 5,
): Inference & { readonly counts: readonly { readonly treatment: number; readonly comparison: number }[] } {
  const treated = Array.from(score)
    .filter((_, row) => treatment[row] === 1)
    .sort((a, b) => a - b);
  const cuts = Array.from({ length: classes - 1 }, (_, k) => quantile(treated, (k + 1) / classes));
  const arms = Array.from({ length: classes }, () => [[], []] as [number[], number[]]);
  for (let row = 0; row < treatment.length; row++) {
    let own = 0;
    while (own < cuts.length && score[row]! > cuts[own]!) own++;
    arms[own]![treatment[row] === 1 ? 1 : 0].push(outcome[row]!);
  }
  let estimate = 0;
  let variance = 0;
  for (const [compared, given] of arms) {
    if (compared.length < 2 || given.length < 2) {
      throw new CairnError(
        "BAD_INPUT",
        `expected two rows per arm in every class, got ${given.length} and ${compared.length}`,
        {
          hint: "use fewer classes",
        },
      );
    }
    const [one, zero] = [summarizeArm(Float64Array.from(given)), summarizeArm(Float64Array.from(compared))];
    const share = one.n / treated.length;
    estimate += share * (one.mean - zero.mean);
    variance += share ** 2 * (one.squares / (one.n * (one.n - 1)) + zero.squares / (zero.n * (zero.n - 1)));
  }
  return {
    estimate,
    se: Math.sqrt(variance),
    df: treatment.length - 2 * classes,
    counts: arms.map(([compared, given]) => ({ treatment: given.length, comparison: compared.length })),
  };
}

/** R's default quantile (type 7) of sorted values. */
function quantile(sorted: readonly number[], p: number): number {
  const at = (sorted.length - 1) * p;
  const low = Math.floor(at);
  return sorted[low]! + (at - low) * (sorted[Math.min(low + 1, sorted.length - 1)]! - sorted[low]!);
}
