import { CairnError } from "../../../errors.ts";
import { fromColumns, selectRows } from "../../../numeric/linear/dense.ts";
import { leastSquares, predictLinear } from "../../../numeric/linear/least-squares.ts";
import { intercept, type Term } from "../regression/linear-model.ts";
import { chance, type Link, propensity } from "../weighting/propensity.ts";

/** What a doubly robust estimate needs to know of every row: both expected outcomes and the chance of treatment. */
export interface Nuisance {
  /** Shape (rows): expected outcome if treated. */
  readonly treated: Float64Array;
  /** Shape (rows): expected outcome if compared. */
  readonly compared: Float64Array;
  /** Shape (rows): probability of treatment, in (0, 1). */
  readonly probability: Float64Array;
  /** Shape (rows): expected outcome whatever the arm. */
  readonly overall: Float64Array;
}

/** A way to learn expected outcomes or chances: fit on some rows, predict all rows. */
export interface Learner {
  /** Outcomes foretold for all rows, shape (all rows), from the rows with the given numbers. */
  readonly outcome: (rows: readonly number[]) => Float64Array;
  /** Chances of treatment for all rows, shape (all rows), each in (0, 1), from the rows with the given numbers. */
  readonly chance: (rows: readonly number[]) => Float64Array;
}

/** Least squares for outcomes, logit or probit for chances. */
export function linearLearner(
  outcome: ArrayLike<number>,
  treatment: ArrayLike<number>,
  covariates: readonly Term[],
  link: Link = "logit",
): Learner {
  const terms = [intercept(outcome.length), ...covariates];
  const design = fromColumns(terms.map(({ values }) => values));
  return {
    outcome: (rows) =>
      predictLinear(
        leastSquares(
          selectRows(design, rows),
          rows.map((row) => outcome[row]!),
        ),
        design,
      ),
    chance: (rows) => {
      const own = terms.map(({ name, values }) => ({ name, values: rows.map((row) => values[row]!) }));
      const scores = propensity(
        own,
        rows.map((row) => treatment[row]!),
        link,
      );
      const weights = scores.names.map(
        (name, k) => [terms.find((term) => term.name === name)!.values, scores.coefficients[k]!] as const,
      );
      return Float64Array.from(terms[0]!.values, (_, row) =>
        chance(
          weights.reduce((sum, [values, weight]) => sum + values[row]! * weight, 0),
          link,
        ),
      );
    },
  };
}

/**
 * Which fold each row is in: its unit's place among the units modulo the number of folds. Rows of one cluster are in one fold.
 * @param cluster - shape (rows), ids; default each row its own unit
 * @throws CairnError `BAD_INPUT` with fewer units than folds
 */
export function foldsOf(rows: number, count: number, cluster?: ArrayLike<number>): Int32Array {
  const places = new Map<number, number>();
  const folds = Int32Array.from({ length: rows }, (_, row) => {
    const unit = cluster?.[row] ?? row;
    const place = places.get(unit) ?? places.size;
    places.set(unit, place);
    return place % count;
  });
  if (count < 2 || places.size < count) {
    throw new CairnError(
      "BAD_INPUT",
      `expected two folds or more and as many units, got ${count} folds of ${places.size}`,
      {
        hint: "use five folds, or fewer with few clusters",
      },
    );
  }
  return folds;
}

/**
 * Nuisances by cross-fitting: what is said of a row was learned without its fold. Without folds every row is learned from.
 * @throws CairnError what the learner throws
 * @see Chernozhukov et al. (2018), The Econometrics Journal 21(1), definition 3.2
 */
export function crossFit(learner: Learner, treatment: ArrayLike<number>, folds?: Int32Array): Nuisance {
  const rows = treatment.length;
  const nuisance: Nuisance = {
    treated: new Float64Array(rows),
    compared: new Float64Array(rows),
    probability: new Float64Array(rows),
    overall: new Float64Array(rows),
  };
  const count = folds === undefined ? 1 : folds.reduce((max, fold) => Math.max(max, fold), 0) + 1;
  const all = Array.from({ length: rows }, (_, row) => row);
  for (let fold = 0; fold < count; fold++) {
    const learned = folds === undefined ? all : all.filter((row) => folds[row] !== fold);
    const said = {
      treated: learner.outcome(learned.filter((row) => treatment[row] === 1)),
      compared: learner.outcome(learned.filter((row) => treatment[row] !== 1)),
      probability: learner.chance(learned),
      overall: learner.outcome(learned),
    };
    for (let row = 0; row < rows; row++) {
      if (folds !== undefined && folds[row] !== fold) continue;
      nuisance.treated[row] = said.treated[row]!;
      nuisance.compared[row] = said.compared[row]!;
      nuisance.probability[row] = said.probability[row]!;
      nuisance.overall[row] = said.overall[row]!;
    }
  }
  return nuisance;
}
