import { CairnError } from "../../../errors.ts";
import { type Bandwidths, selectBandwidth } from "../../../models/study/discontinuity/bandwidth.ts";
import { classicBandwidth } from "../../../models/study/discontinuity/classic-bandwidth.ts";
import { type DensityTest, densityTest } from "../../../models/study/discontinuity/density.ts";
import { type DiscontinuityOptions, discontinuity } from "../../../models/study/discontinuity/estimate.ts";
import { honestInterval } from "../../../models/study/discontinuity/honest.ts";
import { joined, type Side } from "../../../models/study/discontinuity/side.ts";
import { fairCoinTwoSided } from "../../../numeric/tail-areas.ts";
import { checkVaries, requiredCodes, requiredNumbers } from "../arms.ts";
import type { Columns } from "../columns.ts";
import { type EstimateFrame, estimateRow, intervalOf, type StudyEstimate } from "../estimate.ts";
import type { StudyPlan } from "../plan-shape.ts";
import { columnsOf, plannedTerms } from "../terms.ts";

/** Rows of the file, rows without score or outcome, and rows nearer to the cutoff than the plan wants. */
export interface CutoffFlow {
  readonly rows: number;
  readonly withoutOutcome: number;
  readonly leftOut: number;
}

/** The two sides of a cutoff, and what the checks need. */
export interface PreparedCutoff {
  readonly plan: StudyPlan;
  readonly sides: readonly [Side, Side];
  readonly bandwidths: Bandwidths;
  /** Covariates as outcomes of their own: nothing may jump before the treatment. */
  readonly covariates: readonly { readonly name: string; readonly sides: readonly [Side, Side] }[];
  readonly flow: CutoffFlow;
}

/** Checks of a discontinuity, each with what good looks like. */
export interface CutoffDiagnostics {
  readonly bandwidths: { readonly h: readonly [number, number]; readonly b: readonly [number, number] };
  /** Large p is good: scores do not pile up on one side. */
  readonly density: DensityTest;
  /** Rows within half the bandwidth, and the p-value of equal chances: large is good. */
  readonly window: { readonly left: number; readonly right: number; readonly p: number };
  /** Jumps of covariates: large p is good. */
  readonly placebos: readonly { readonly covariate: string; readonly jump: number; readonly p: number | null }[];
  /** The robust estimate at other bandwidths: it should not swing. */
  readonly curve: readonly {
    readonly h: number;
    readonly effect: number;
    readonly ci: readonly [number, number] | null;
  }[];
  /** Share of repeated scores; above .2 the score is rather discrete. */
  readonly repeated: number;
}

/** The columns a discontinuity plan reads. */
export function cutoffColumns(plan: StudyPlan): string[] {
  return [
    plan.running!.column,
    plan.outcome.column,
    ...columnsOf(plan.covariates),
    ...[plan.received, plan.clusters].flatMap((part) => (part === undefined ? [] : [part.column])),
  ];
}

/**
 * Sorts the rows to the sides of the cutoff and finds the bandwidths.
 * @throws CairnError `BAD_INPUT` when a side has too few scores
 */
export function prepareCutoff(plan: StudyPlan, columns: Columns): PreparedCutoff {
  const running = plan.running!;
  const score = columns.numbers(running.column);
  const outcome = columns.numbers(plan.outcome.column);
  const sign = running.treated === "above" ? 1 : -1;
  const x = score.map((value) => sign * (value - running.cutoff));
  const all = Array.from({ length: columns.rows }, (_, row) => row);
  const measured = all.filter((row) => Number.isFinite(x[row]!) && Number.isFinite(outcome[row]!));
  const rows = measured
    .filter((row) => running.donut === 0 || Math.abs(x[row]!) > running.donut)
    .sort((a, b) => x[a]! - x[b]! || a - b);
  checkVaries(outcome, rows);
  const received = plan.received === undefined ? undefined : requiredNumbers(columns, plan.received.column, rows);
  const cluster =
    plan.clusters === undefined ? undefined : requiredCodes(columns, plan.clusters.column, rows, "cluster");
  const cut = rows.findIndex((row) => x[row]! >= 0);
  const at = cut < 0 ? rows.length : cut;
  if (at < 10 || rows.length - at < 10) {
    throw new CairnError(
      "BAD_INPUT",
      `expected ten scores or more on either side of the cutoff, got ${at} and ${rows.length - at}`,
      {
        hint: "check the cutoff and the column of the score",
      },
    );
  }
  const side = (from: number, to: number, values: Float64Array): Side => ({
    x: Float64Array.from(rows.slice(from, to), (row) => x[row]!),
    y: Float64Array.from(rows.slice(from, to), (row) => values[row]!),
    ...(received === undefined ? {} : { received: received.slice(from, to) }),
    ...(cluster === undefined ? {} : { cluster: cluster.slice(from, to) }),
  });
  const sides = [side(0, at, outcome), side(at, rows.length, outcome)] as const;
  const covariates = plannedTerms(columns, plan.covariates).map(({ name, values }) => ({
    name,
    sides: placeboSides(rows, x, Float64Array.from(values)),
  }));
  return {
    plan,
    sides,
    bandwidths: bandwidthsOf(plan, sides),
    covariates,
    flow: {
      rows: columns.rows,
      withoutOutcome: columns.rows - measured.length,
      leftOut: measured.length - rows.length,
    },
  };
}

function placeboSides(rows: readonly number[], x: Float64Array, values: Float64Array): [Side, Side] {
  const there = rows.filter((row) => Number.isFinite(values[row]!));
  const own = (keep: (value: number) => boolean): Side => {
    const kept = there.filter((row) => keep(x[row]!));
    return { x: Float64Array.from(kept, (row) => x[row]!), y: Float64Array.from(kept, (row) => values[row]!) };
  };
  return [own((value) => value < 0), own((value) => value >= 0)];
}

function bandwidthsOf({ running }: StudyPlan, [left, right]: readonly [Side, Side]): Bandwidths {
  const { bandwidth, biasBandwidth, kernel, order, massPoints } = running!;
  const fixed = (h: number, b: number): Bandwidths => ({ h: [h, h], b: [b, b], pilot: { c: h, d: [b, b] } });
  if (typeof bandwidth === "number") return fixed(bandwidth, biasBandwidth ?? bandwidth);
  if (bandwidth === "ik") {
    if (kernel === "epanechnikov") {
      throw new CairnError(
        "BAD_INPUT",
        "expected a triangular or uniform kernel for the bandwidth ik, got epanechnikov",
        {
          hint: "use mserd",
        },
      );
    }
    const h = classicBandwidth(left, right, kernel);
    return fixed(h, h);
  }
  return selectBandwidth(left, right, { rule: bandwidth, kernel, order, massPoints });
}

/** The estimators of a discontinuity plan; the honest interval when its curvature was registered. */
export function cutoffEstimators({ running }: StudyPlan): string[] {
  return running!.curvature === undefined ? ["robust", "conventional"] : ["robust", "conventional", "honest"];
}

/**
 * One estimator of a discontinuity.
 * @throws CairnError `BAD_INPUT` when the honest interval has no registered curvature
 */
export function estimateCutoff(estimator: string, prepared: PreparedCutoff): readonly StudyEstimate[] {
  const { plan, sides, bandwidths } = prepared;
  const running = plan.running!;
  const frame = cutoffFrame(prepared);
  const details = { hLeft: bandwidths.h[0], hRight: bandwidths.h[1], bLeft: bandwidths.b[0], bRight: bandwidths.b[1] };
  if (estimator === "honest") {
    if (running.curvature === undefined) {
      throw new CairnError("BAD_INPUT", "expected a registered curvature for the honest interval, got none", {
        hint: "add running.curvature to the plan, before outcomes are seen",
      });
    }
    const residual = running.residuals === "NN" ? "NN" : "HC0";
    const h = bandwidths.h[0];
    const honest = honestInterval(...sides, {
      kernel: running.kernel,
      h,
      curvature: running.curvature,
      level: plan.level,
      residual,
    });
    const row = estimateRow(
      frame,
      "honest",
      "LATE",
      { ...honest, df: Number.POSITIVE_INFINITY },
      {
        standardError: residual,
        details: { ...details, worstBias: honest.worstBias, lower: honest.lower, upper: honest.upper },
      },
    );
    return [{ ...row, ci: honest.ci, p: null }]; // a p-value would need the worst bias too; the interval says it
  }
  const jump = discontinuity(...sides, optionsOf(prepared));
  const chosen = estimator === "robust" ? jump.robust : jump.conventional;
  const first = jump.firstStage;
  const weak = first !== undefined && (first.estimate / first.se) ** 2 < 10;
  return [
    estimateRow(
      {
        ...frame,
        n: { treatment: jump.rows.right, comparison: jump.rows.left },
        clusters: clustersWithin(sides, bandwidths),
      },
      estimator,
      "LATE",
      { ...chosen, df: Number.POSITIVE_INFINITY },
      {
        standardError: plan.clusters === undefined ? running.residuals : "CR1",
        details: {
          ...details,
          conventional: jump.conventional.estimate,
          ...(first === undefined
            ? {}
            : { firstStage: first.estimate, firstStageSe: first.se, reducedForm: jump.reducedForm!.estimate }),
        },
        cautions: [...(weak ? ["WEAK_INSTRUMENT"] : []), ...(repeatedShare(sides) > 0.2 ? ["DISCRETE_SCORE"] : [])],
      },
    ),
  ];
}

/** Clusters with a score inside the bandwidth, which alone speak. */
function clustersWithin(sides: readonly [Side, Side], { h }: Bandwidths): EstimateFrame["clusters"] {
  const [left, right] = sides.map(({ x, cluster }, side) =>
    cluster === undefined ? null : new Set(Array.from(cluster).filter((_, i) => Math.abs(x[i]!) < h[side]!)).size,
  );
  return left === null || right === null ? null : { treatment: right!, comparison: left! };
}

function optionsOf({ plan, bandwidths }: PreparedCutoff): DiscontinuityOptions {
  const { kernel, order, residuals } = plan.running!;
  return { kernel, order, h: bandwidths.h, b: bandwidths.b, residual: residuals };
}

function cutoffFrame({ plan, sides }: PreparedCutoff): EstimateFrame {
  return {
    level: plan.level,
    n: { treatment: sides[1].x.length, comparison: sides[0].x.length },
    clusters:
      sides[0].cluster === undefined
        ? null
        : { treatment: new Set(sides[1].cluster).size, comparison: new Set(sides[0].cluster).size },
    effectSize: () => null, // the jump at a cutoff has no arm whose spread would be its unit
  };
}

function repeatedShare(sides: readonly [Side, Side]): number {
  const rows = sides[0].x.length + sides[1].x.length;
  return 1 - (new Set(sides[0].x).size + new Set(sides[1].x).size) / rows;
}

/** Density, window, placebos and the bandwidth curve. */
export function cutoffDiagnostics(prepared: PreparedCutoff): CutoffDiagnostics {
  const { plan, sides, bandwidths, covariates } = prepared;
  const options = optionsOf(prepared);
  const x = joined(sides[0].x, sides[1].x);
  const h = (bandwidths.h[0] + bandwidths.h[1]) / 2;
  const inside = ({ x: scores }: Side): number =>
    scores.reduce((count, value) => count + (Math.abs(value) <= h / 2 ? 1 : 0), 0);
  const [left, right] = [inside(sides[0]), inside(sides[1])];
  return {
    bandwidths: { h: bandwidths.h, b: bandwidths.b },
    density: densityTest(x, h),
    window: { left, right, p: fairCoinTwoSided(right, left + right) },
    placebos: covariates.flatMap(({ name, sides: own }) =>
      tried(() => {
        const { robust } = discontinuity(...own, options);
        const { effect, p } = intervalOf({ ...robust, df: Number.POSITIVE_INFINITY }, plan.level);
        return { covariate: name, jump: effect, p };
      }),
    ),
    curve: [0.5, 0.75, 1, 1.25, 1.5, 2].flatMap((factor) =>
      tried(() => {
        const scaled = { ...options, h: times(bandwidths.h, factor), b: times(bandwidths.b, factor) };
        const { robust } = discontinuity(...sides, scaled);
        const { effect, ci } = intervalOf({ ...robust, df: Number.POSITIVE_INFINITY }, plan.level);
        return { h: h * factor, effect, ci };
      }),
    ),
    repeated: repeatedShare(sides),
  };
}

function times([left, right]: readonly [number, number], factor: number): [number, number] {
  return [left * factor, right * factor];
}

/** A check that cannot be made (too few scores) is left out; the estimate itself would have been refused. */
function tried<T>(check: () => T): T[] {
  try {
    return [check()];
  } catch (error) {
    if (error instanceof CairnError) return [];
    throw error;
  }
}
