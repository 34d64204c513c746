import { CairnError } from "../../../errors.ts";
import { crossProduct, type Dense, dot, fromColumns, timesVector, zeros } from "../../../numeric/linear/dense.ts";
import { leastSquares, predictLinear } from "../../../numeric/linear/least-squares.ts";
import { invertPositive } from "../../../numeric/linear/symmetric.ts";
import { intercept, type Term } from "../regression/linear-model.ts";
import { propensity } from "../weighting/propensity.ts";
import { influenceError } from "../weighting/weights.ts";
import type { Panel } from "./panel.ts";

/** The effect on those first treated in one period, in one period. */
export interface GroupTime {
  readonly group: number;
  readonly period: number;
  readonly estimate: number;
  readonly se: number;
  /** Shape (units): each unit's pull on the estimate, times the number of units. */
  readonly influence: Float64Array;
}

/** Settings of {@link groupTimeEffects}. */
export interface GroupTimeOptions {
  /** Who is compared with: units never treated, or those not treated yet. */
  readonly control: "never" | "not-yet";
  /** Periods before the start in which the treatment may already work; default 0. */
  readonly anticipation?: number;
}

/**
 * Group-time average effects. Without covariates: the difference of mean changes since the period before the start (before it: since the
 * previous period). With covariates: doubly robust, a logit of being in the group and least squares of the change among the compared.
 * @throws CairnError `BAD_INPUT` without a unit to compare with; what the logit throws
 * @see Callaway and Sant'Anna (2021), Journal of Econometrics 225(2), eq. 2.4 and theorem 2; handbook 2.11
 */
export function groupTimeEffects(panel: Panel, { control, anticipation = 0 }: GroupTimeOptions): GroupTime[] {
  const effects: GroupTime[] = [];
  for (const group of panel.groups) {
    panel.periods.forEach((period, at) => {
      const base = baseOf(panel, group, at, anticipation);
      if (base < 0) return;
      const effect = cell(panel, group, at, base, control);
      effects.push({
        group,
        period,
        ...effect,
        se: influenceError(effect.influence, panel.cluster) / panel.group.length,
      });
    });
  }
  return effects;
}

/** Place of the period a change is measured from; −1 when there is none. */
function baseOf({ periods }: Panel, group: number, at: number, anticipation: number): number {
  if (periods[at]! < group - anticipation) return at - 1;
  for (let place = periods.length - 1; place >= 0; place--) if (periods[place]! < group - anticipation) return place;
  return -1;
}

function cell(panel: Panel, group: number, at: number, base: number, control: "never" | "not-yet") {
  const { periods } = panel;
  const units = panel.group.length;
  const latest = Math.max(periods[at]!, periods[base]!);
  const used: number[] = [];
  const treated: number[] = [];
  const change: number[] = [];
  for (let unit = 0; unit < units; unit++) {
    const own = panel.group[unit]!;
    const compared = own === 0 || (control === "not-yet" && own > latest && own !== group);
    if (own !== group && !compared) continue;
    used.push(unit);
    treated.push(own === group ? 1 : 0);
    change.push(panel.outcome[unit * periods.length + at]! - panel.outcome[unit * periods.length + base]!);
  }
  const count = treated.reduce((sum, value) => sum + value, 0);
  if (count === 0 || count === used.length) {
    throw new CairnError("BAD_INPUT", `expected units to compare the group ${group} with in ${periods[at]}, got none`, {
      hint: control === "never" ? "compare with those not treated yet" : "leave out the last group's last periods",
    });
  }
  const covariates = panel.covariates.map(({ name, values }) => ({ name, values: used.map((unit) => values[unit]!) }));
  const { estimate, pull } =
    covariates.length === 0 ? plain(change, treated, count) : doublyRobust(change, treated, covariates);
  const influence = new Float64Array(units);
  used.forEach((unit, i) => {
    influence[unit] = pull[i]! * (units / used.length);
  });
  return { estimate, influence };
}

/** Difference of mean changes; `pull` has mean zero over the used units. */
function plain(change: readonly number[], treated: readonly number[], count: number) {
  const n = change.length;
  const sums = [0, 0];
  for (let i = 0; i < n; i++) sums[treated[i]!]! += change[i]!;
  const means = [sums[0]! / (n - count), sums[1]! / count];
  const pull = change.map((value, i) =>
    treated[i] === 1 ? (n / count) * (value - means[1]!) : (-n / (n - count)) * (value - means[0]!),
  );
  return { estimate: means[1]! - means[0]!, pull };
}

/** The doubly robust difference with the pull of the logit and of the regression. */
function doublyRobust(change: readonly number[], treated: readonly number[], covariates: readonly Term[]) {
  const n = change.length;
  const terms = [intercept(n), ...covariates];
  const scores = propensity(terms, treated);
  const design = fromColumns(terms.map(({ values }) => values));
  const compared = Float64Array.from(treated, (value) => 1 - value);
  const fit = leastSquares(design, change, compared);
  const expected = predictLinear(fit, design);
  const x = fromColumns(fit.kept.map((column) => terms[column]!.values));
  const rest = change.map((value, i) => value - expected[i]!);
  const odds = treated.map((value, i) => (value === 1 ? 0 : scores.probability[i]! / (1 - scores.probability[i]!)));
  const one = weightedPart(treated, rest);
  const zero = weightedPart(odds, rest);
  const regression = regressionPull(x, compared, rest);
  const meanX = (weights: readonly number[], total: number): Float64Array =>
    Float64Array.from({ length: x.cols }, (_, k) => {
      let sum = 0;
      for (let i = 0; i < n; i++) sum += weights[i]! * x.data[i * x.cols + k]!;
      return sum / n / total;
    });
  const [byTreated, byCompared] = [meanX(treated, one.total), meanX(odds, zero.total)];
  const byScore = new Float64Array(scores.design.cols);
  for (let i = 0; i < n; i++) {
    const slope = (odds[i]! * (rest[i]! - zero.mean)) / n / zero.total;
    for (let k = 0; k < byScore.length; k++) byScore[k]! += slope * scores.design.data[i * byScore.length + k]!;
  }
  const pull = rest.map((value, i) => {
    const own = regression.data.subarray(i * x.cols, (i + 1) * x.cols);
    const score = scores.influence.data.subarray(i * byScore.length, (i + 1) * byScore.length);
    const d = (treated[i]! * (value - one.mean)) / one.total - dot(byTreated, own);
    const c = (odds[i]! * (value - zero.mean)) / zero.total + n * dot(byScore, score) - dot(byCompared, own);
    return d - c;
  });
  return { estimate: one.mean - zero.mean, pull };
}

function weightedPart(weights: readonly number[], values: readonly number[]): { mean: number; total: number } {
  let total = 0;
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    total += weights[i]!;
    sum += weights[i]! * values[i]!;
  }
  return { mean: sum / total, total: total / values.length };
}

/** (1 − D)(ΔY − m)X'·[mean (1 − D)XX']⁻¹ by row. */
function regressionPull(x: Dense, compared: Float64Array, rest: readonly number[]): Dense {
  const n = x.rows;
  const inverse = invertPositive(crossProduct(x, x, compared));
  const result = zeros(n, x.cols);
  for (let i = 0; i < n; i++) {
    if (compared[i] === 0) continue;
    const moved = timesVector(inverse, x.data.subarray(i * x.cols, (i + 1) * x.cols));
    for (let k = 0; k < x.cols; k++) result.data[i * x.cols + k] = n * moved[k]! * rest[i]!;
  }
  return result;
}
