import { CairnError } from "../../../errors.ts";
import { type FeatureMatrix, takeColumns } from "../../../numeric/matrix.ts";
import type { NetworkSequences } from "../../../numeric/network/sequences.ts";
import type { NetworkShape } from "../../../numeric/network/shape.ts";
import { type Design, writeDesign } from "../design.ts";

const FURTHEST = 5; // standard deviations: a network trained within them says nothing sensible beyond

/** What training decided about the columns of a recurrent model. */
export interface RowPlan {
  /** Of the static columns. */
  readonly design: Design;
  /** The columns of the series, series by series, each the earliest week first. */
  readonly seriesColumns: readonly string[];
  readonly weeks: number;
  /** Shape (series): mean and population standard deviation over all weeks; scale 0 where a series never varies. */
  readonly means: Float64Array;
  readonly scales: Float64Array;
}

/** Rows as the network reads them: static terms, and cells of the series by week. */
export interface EncodedRows {
  readonly rows: number;
  /** Shape (rows × terms), row-major: standard deviations from the training mean. */
  readonly statics: Float32Array;
  /** Shape (rows × series × weeks), row-major: the same of the series; NaN where a cell is missing. */
  readonly cells: Float32Array;
}

/** The names of the columns a plan reads: the static ones, then those of the series. */
export function columnsOf({ design, seriesColumns }: RowPlan): string[] {
  return [...design.features.map(({ name }) => name), ...seriesColumns];
}

/** How many numbers a step of the network has: value and presence of each series, the week, and the weeks since the last step. */
export const stepNumbers = (series: number): number => 2 * series + 2;

/** The shape of the network that reads rows of a plan. */
export function shapeOf({ design, means }: RowPlan, hidden: number, head: number): NetworkShape {
  return {
    tables: [],
    step: { numbers: stepNumbers(means.length), lookups: [] },
    target: { numbers: design.terms.length, lookups: [] },
    hidden,
    head,
  };
}

/**
 * Mean and scale of each series over all its weeks, so that a rise from week to week stays a rise.
 * @throws CairnError `BAD_INPUT` for a series column that is no number, `NOT_FINITE` when values are too large for a deviation
 */
export function seriesMoments(columns: FeatureMatrix["columns"], weeks: number): Pick<RowPlan, "means" | "scales"> {
  const count = weeks === 0 ? 0 : columns.length / weeks;
  const means = new Float64Array(count);
  const scales = new Float64Array(count);
  for (let series = 0; series < count; series++) {
    const own = columns.slice(series * weeks, (series + 1) * weeks);
    for (const { name, kind } of own) {
      if (kind !== "numeric")
        throw new CairnError("BAD_INPUT", `expected numbers in series column "${name}", got categories`);
    }
    const present = own.flatMap(({ values }) => [...values.filter((value) => !Number.isNaN(value))]);
    if (present.length === 0) continue;
    const mean = present.reduce((sum, value) => sum + value, 0) / present.length;
    const scale = Math.sqrt(present.reduce((sum, value) => sum + (value - mean) ** 2, 0) / present.length);
    if (!Number.isFinite(scale)) {
      throw new CairnError("NOT_FINITE", `expected a series that double precision can hold, got "${own[0]!.name}"`, {
        hint: "rescale the columns; such values are usually an error in the source",
      });
    }
    means[series] = mean;
    scales[series] = scale;
  }
  return { means, scales };
}

/** Reads rows by a plan. @param matrix - the columns of {@link columnsOf}, in that order */
export function encodeRows(plan: RowPlan, matrix: FeatureMatrix): EncodedRows {
  const { design, seriesColumns, weeks, means, scales } = plan;
  const terms = design.terms.length;
  const exact = new Float64Array(matrix.rows * terms);
  const names = design.features.map(({ name }) => name);
  writeDesign(design, takeColumns(matrix, names), exact, terms);
  const cells = new Float32Array(matrix.rows * seriesColumns.length);
  for (const [place, column] of takeColumns(matrix, seriesColumns).columns.entries()) {
    const series = Math.floor(place / weeks);
    const scale = scales[series]! === 0 ? Number.POSITIVE_INFINITY : scales[series]!;
    for (let row = 0, at = place; row < matrix.rows; row++, at += seriesColumns.length)
      cells[at] = within((column.values[row]! - means[series]!) / scale);
  }
  return { rows: matrix.rows, statics: Float32Array.from(exact, within), cells };
}

const within = (value: number): number => Math.min(Math.max(value, -FURTHEST), FURTHEST); // NaN stays NaN

/**
 * Writes the step of one week.
 * @param cells - shape (series × weeks) from `first` on
 * @param lastStep - the week of the step before, −1 when there is none
 * @returns whether anything is known of the week: a week in which every series is missing is no step
 */
export function writeStep(
  { means: { length: series }, weeks }: RowPlan,
  cells: Float32Array,
  first: number,
  week: number,
  lastStep: number,
  out: Float32Array,
  offset: number,
): boolean {
  let isKnown = false;
  for (let own = 0; own < series; own++) {
    const value = cells[first + own * weeks + week]!;
    const isPresent = !Number.isNaN(value);
    isKnown ||= isPresent;
    out[offset + own] = isPresent ? value : 0;
    out[offset + series + own] = isPresent ? 1 : 0;
  }
  out[offset + 2 * series] = (week + 1) / weeks;
  out[offset + 2 * series + 1] = (week - lastStep) / weeks;
  return isKnown;
}

/** One sequence per row, its known weeks as steps, and one target after the last of them. */
export function sequencesOf(plan: RowPlan, { rows, statics, cells }: EncodedRows): NetworkSequences {
  const { weeks, means } = plan;
  const width = stepNumbers(means.length);
  const steps = new Float32Array(rows * weeks * width);
  const stepStart = new Int32Array(rows + 1);
  let count = 0;
  for (let row = 0; row < rows; row++) {
    let lastStep = -1;
    for (let week = 0; week < weeks; week++) {
      if (!writeStep(plan, cells, row * means.length * weeks, week, lastStep, steps, count * width)) continue;
      lastStep = week;
      count++;
    }
    stepStart[row + 1] = count;
  }
  const none = new Int32Array(0);
  return {
    steps: { rows: count, values: steps.slice(0, count * width), indexes: none },
    stepStart,
    targets: { rows, values: statics, indexes: none },
    targetStart: Int32Array.from({ length: rows + 1 }, (_, row) => row),
    after: Int32Array.from({ length: rows }, (_, row) => stepStart[row + 1]! - stepStart[row]!),
  };
}
