import { CairnError } from "../../../errors.ts";
import { fromColumns, selectRows } from "../../../numeric/linear/dense.ts";
import { leastSquares, predictLinear } from "../../../numeric/linear/least-squares.ts";
import type { Inference } from "../regression/inference.ts";
import { centred, contrastOf, intercept, linearModel, type Term } from "../regression/linear-model.ts";
import { inferContrast } from "../regression/robust.ts";

/** One coefficient of a regression of effects: how the effect changes with a covariate. */
export interface EffectSlope extends Inference {
  readonly name: string;
}

/**
 * Best linear projection of the effect on covariates: least squares of doubly robust scores on them, an intercept first. Errors HC2, or
 * CR2 with clusters. It says how effects lean with each covariate, the others held; not why.
 * @param scores - shape (rows): values whose mean is the average effect, such as those of `aipwAverage`
 * @param along - columns that may move the effect; those that repeat others are left out
 * @throws CairnError what `leastSquares` and `inferContrast` throw
 * @see Semenova and Chernozhukov (2021), The Econometrics Journal 24(2); handbook 2.15
 */
export function bestLinearProjection(
  scores: Float64Array,
  along: readonly Term[],
  cluster?: ArrayLike<number>,
): EffectSlope[] {
  const model = linearModel([intercept(scores.length), ...along], scores);
  return model.names.map((name) => ({ name, ...inferred(model, contrastOf(model, name), cluster) }));
}

/**
 * Shape (rows): the effect foretold for every learner by a regression of the scores of the other folds on covariates (the DR-learner's
 * second step), so that nobody's own outcome is in the forecast that sorts him.
 * @param folds - shape (rows), whole numbers from 0; whole clusters together
 * @throws CairnError what `leastSquares` throws
 * @see Kennedy (2023), Electronic Journal of Statistics 17(2), algorithm 1
 */
export function foretoldEffects(scores: Float64Array, along: readonly Term[], folds: Int32Array): Float64Array {
  const design = fromColumns([intercept(scores.length), ...along].map(({ values }) => values));
  const foretold = new Float64Array(scores.length);
  const rows = Array.from(scores.keys());
  for (const fold of new Set(folds)) {
    const others = rows.filter((row) => folds[row] !== fold);
    const fit = leastSquares(
      selectRows(design, others),
      others.map((row) => scores[row]!),
    );
    const said = predictLinear(fit, design);
    for (const row of rows) if (folds[row] === fold) foretold[row] = said[row]!;
  }
  return foretold;
}

/** Learners sorted by the effect foretold for them, and what the groups really gained. */
export interface SortedEffects {
  /** Shape (rows): the group, 0 for the least foretold. */
  readonly group: Int32Array;
  /** Ascending by what was foretold; groups that ties left empty are not there. */
  readonly effects: readonly (Inference & { readonly group: number; readonly n: number })[];
  /** The last group's effect minus the first's. */
  readonly difference: Inference;
  /** Slope of the scores on what was foretold: 1 when forecasts are right, 0 when they say nothing. */
  readonly calibration: Inference;
}

/**
 * Sorted group effects: learners are ranked by foretold effect within their fold (forecasts of different folds do not compare), equals stay
 * together, and each group's mean score is its effect. Errors HC2, or CR2 with clusters; they take the forecasts as given.
 * @param count - groups wanted, 2 or more
 * @throws CairnError `BAD_INPUT` when everybody was foretold the same; what `inferContrast` throws
 * @see Chernozhukov, Demirer, Duflo and Fernández-Val (2018), NBER 24678, GATES and BLP
 */
export function sortedEffects(
  scores: Float64Array,
  foretold: Float64Array,
  folds: Int32Array,
  count: number,
  cluster?: ArrayLike<number>,
): SortedEffects {
  const group = groupsOf(foretold, folds, count);
  const there = [...new Set(group)].sort((a, b) => a - b);
  if (there.length < 2) {
    throw new CairnError("BAD_INPUT", "expected forecasts of the effect that differ, got one for everybody", {
      hint: "name covariates that vary and may move the effect",
    });
  }
  const terms = there.map((each) => ({
    name: String(each),
    values: Float64Array.from(group, (own) => (own === each ? 1 : 0)),
  }));
  const model = linearModel(terms, scores);
  const most = contrastOf(model, String(there[there.length - 1]!));
  const least = contrastOf(model, String(there[0]!));
  const line = linearModel([intercept(scores.length), ...centred([{ name: "foretold", values: foretold }])], scores);
  return {
    group,
    effects: there.map((each) => ({
      group: each,
      n: group.reduce((sum, own) => sum + (own === each ? 1 : 0), 0),
      ...inferred(model, contrastOf(model, String(each)), cluster),
    })),
    difference: inferred(
      model,
      most.map((value, k) => value - least[k]!),
      cluster,
    ),
    calibration: inferred(line, contrastOf(line, "foretold"), cluster),
  };
}

function inferred(
  model: ReturnType<typeof linearModel>,
  contrast: Float64Array,
  cluster: ArrayLike<number> | undefined,
): Inference {
  const codes = cluster === undefined ? undefined : Int32Array.from(cluster);
  return inferContrast(model.fit, contrast, codes === undefined ? "HC2" : "CR2", codes);
}

/** Groups by the mean rank within the fold: rows of one forecast have one group, whatever their order. */
function groupsOf(foretold: Float64Array, folds: Int32Array, count: number): Int32Array {
  const group = new Int32Array(foretold.length);
  for (const fold of new Set(folds)) {
    const rows = Array.from(folds.keys())
      .filter((row) => folds[row] === fold)
      .sort((a, b) => foretold[a]! - foretold[b]!);
    for (let first = 0; first < rows.length; ) {
      let next = first + 1;
      while (next < rows.length && foretold[rows[next]!]! === foretold[rows[first]!]!) next++;
      const share = (first + next) / 2 / rows.length;
      for (let i = first; i < next; i++) group[rows[i]!] = Math.floor(share * count);
      first = next;
    }
  }
  return group;
}
