import { CairnError } from "../../../errors.ts";
import { dot } from "../../../numeric/linear/dense.ts";
import { symmetricEigen } from "../../../numeric/linear/symmetric.ts";
import type { Random } from "../../../numeric/random.ts";
import { chiSquareUpper } from "../../../numeric/tail-areas.ts";
import { influenceError } from "../weighting/weights.ts";
import type { GroupTime } from "./group-time.ts";
import type { Panel } from "./panel.ts";

/** An average of group-time effects. */
export interface AggregateEffect {
  /** Periods since the start, or a group, or a period; null for an overall average. */
  readonly at: number | null;
  readonly estimate: number;
  readonly se: number;
  /** Shape (units), as of a group-time effect. */
  readonly influence: Float64Array;
}

/** One way to average, in detail and overall. */
export interface Aggregation {
  readonly detail: readonly AggregateEffect[];
  readonly overall: AggregateEffect;
}

/**
 * Averages of group-time effects: `simple` over all periods from the start, weighted by group size; `dynamic` by periods since the start
 * (overall: the plain mean from the start on); `group` by group (overall: weighted by size); `calendar` by period. Weights are estimated,
 * and the standard errors count it.
 * @throws CairnError `BAD_INPUT` when no group was treated within the periods
 * @see Callaway and Sant'Anna (2021), section 3; handbook 2.11
 */
export function aggregate(
  panel: Panel,
  effects: readonly GroupTime[],
  by: "simple" | "dynamic" | "group" | "calendar",
): Aggregation {
  const after = effects.filter(({ group, period }) => period >= group);
  if (after.length === 0) {
    throw new CairnError("BAD_INPUT", "expected a group treated within the periods, got none", {
      hint: "check the column of the first treated period",
    });
  }
  if (by === "simple") return { detail: [], overall: weighted(panel, after, null) };
  if (by === "dynamic") {
    const since = (effect: GroupTime): number => panel.periods.indexOf(effect.period) - startPlace(panel, effect.group);
    const detail = grouped(effects, since).map(([at, own]) => weighted(panel, own, at));
    const overall = plainMean(
      panel,
      detail.filter(({ at }) => at! >= 0),
    );
    return { detail, overall };
  }
  if (by === "group") {
    const detail = grouped(after, ({ group }) => group).map(([at, own]) => ({ ...plainMean(panel, own), at }));
    const groups = detail.map((effect) => ({ ...effect, group: effect.at, period: effect.at }));
    return { detail, overall: weighted(panel, groups, null) };
  }
  const detail = grouped(after, ({ period }) => period).map(([at, own]) => weighted(panel, own, at));
  return { detail, overall: plainMean(panel, detail) };
}

function startPlace({ periods }: Panel, group: number): number {
  return periods.findIndex((period) => period >= group);
}

function grouped(effects: readonly GroupTime[], of: (effect: GroupTime) => number): [number, GroupTime[]][] {
  const groups = new Map<number, GroupTime[]>();
  for (const effect of effects) {
    const own = groups.get(of(effect));
    if (own === undefined) groups.set(of(effect), [effect]);
    else own.push(effect);
  }
  return [...groups].sort(([a], [b]) => a - b);
}

function plainMean(
  panel: Panel,
  effects: readonly { readonly estimate: number; readonly influence: Float64Array }[],
): AggregateEffect {
  const influence = new Float64Array(panel.group.length);
  let estimate = 0;
  for (const effect of effects) {
    estimate += effect.estimate / effects.length;
    for (let unit = 0; unit < influence.length; unit++) influence[unit]! += effect.influence[unit]! / effects.length;
  }
  return { at: null, estimate, influence, se: influenceError(influence, panel.cluster) / influence.length };
}

type Weighable = Pick<GroupTime, "group" | "estimate" | "influence">;

/** Σ p_g·ATT/Σ p_g over the cells, p_g the share of units in the cell's group; the shares' own influence is added. */
function weighted(panel: Panel, cells: readonly Weighable[], at: number | null): AggregateEffect {
  const units = panel.group.length;
  const shares = cells.map(({ group }) => panel.group.reduce((sum, own) => sum + (own === group ? 1 : 0), 0) / units);
  const total = shares.reduce((sum, share) => sum + share, 0);
  const estimate = cells.reduce((sum, cell, k) => sum + (shares[k]! * cell.estimate) / total, 0);
  const influence = new Float64Array(units);
  for (let unit = 0; unit < units; unit++) {
    let sum = 0;
    for (let k = 0; k < cells.length; k++) {
      const cell = cells[k]!;
      sum += (shares[k]! * cell.influence[unit]!) / total;
      const own = (panel.group[unit] === cell.group ? 1 : 0) - shares[k]!;
      sum += (own * (cell.estimate - estimate)) / total;
    }
    influence[unit] = sum;
  }
  return { at, estimate, influence, se: influenceError(influence, panel.cluster) / units };
}

/** Whether trends were parallel before the start. */
export interface PreTrendTest {
  readonly statistic: number;
  readonly df: number;
  /** p-value of "no effect before the start": small is bad; large proves nothing. */
  readonly p: number;
}

/**
 * Wald's test that every effect before its group's start is zero; null when no group has two periods before its start.
 * @see Callaway and Sant'Anna (2021), section 4.2; handbook test CS-10
 */
export function preTrendTest(panel: Panel, effects: readonly GroupTime[]): PreTrendTest | null {
  const before = effects.filter(({ group, period }) => period < group);
  if (before.length === 0) return null;
  const size = before.length;
  const units = panel.group.length;
  const columns = before.map(({ influence }) => summed(influence, panel.cluster));
  const covariance = { rows: size, cols: size, data: new Float64Array(size * size) };
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) covariance.data[i * size + j] = dot(columns[i]!, columns[j]!) / units ** 2;
  }
  const { values, vectors } = symmetricEigen(covariance);
  const largest = Math.max(...values);
  let statistic = 0;
  let df = 0;
  values.forEach((value, k) => {
    if (!(value > largest * 1e-10)) return; // cells that repeat each other are one restriction
    let along = 0;
    for (let i = 0; i < size; i++) along += vectors.data[i * size + k]! * before[i]!.estimate;
    statistic += along ** 2 / value;
    df++;
  });
  return { statistic, df, p: chiSquareUpper(statistic, df) };
}

function summed(influence: Float64Array, cluster?: Int32Array): Float64Array {
  if (cluster === undefined) return influence;
  const sums = new Map<number, number>();
  influence.forEach((value, unit) => {
    sums.set(cluster[unit]!, (sums.get(cluster[unit]!) ?? 0) + value);
  });
  return Float64Array.from(sums.values());
}

/**
 * How many standard errors a band needs that covers all effects at once: the quantile of the largest |t| over multiplier draws.
 * @param level - confidence of the band, in (0, 1)
 * @param draws - Rademacher draws; default 999
 */
export function simultaneousCritical(
  panel: Panel,
  effects: readonly AggregateEffect[],
  rng: Random,
  level: number,
  draws = 999,
): number {
  const columns = effects.map(({ influence, se }) =>
    summed(influence, panel.cluster).map((value) => value / (se * panel.group.length)),
  );
  const length = columns[0]!.length;
  const signs = new Float64Array(length);
  const largest = Float64Array.from({ length: draws }, () => {
    for (let i = 0; i < length; i++) signs[i] = rng.next() < 0.5 ? -1 : 1;
    return columns.reduce((max, column) => Math.max(max, Math.abs(dot(column, signs))), 0);
  }).sort();
  return largest[Math.min(draws - 1, Math.ceil(level * (draws + 1)) - 1)]!;
}
