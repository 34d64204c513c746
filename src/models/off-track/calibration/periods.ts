import { CairnError } from "../../../errors.ts";
import type { FeatureColumn, FeatureMatrix } from "../../../numeric/matrix.ts";

/** The time of rows, and the matrix without the column that told it. */
export interface PeriodRows {
  readonly matrix: FeatureMatrix;
  /** Shape (rows): greater is later; NaN where the period is missing. */
  readonly when: Float64Array;
}

/**
 * Takes a column out of a matrix that says things about rows and is no feature, such as the period or the person.
 * @throws CairnError `UNKNOWN_FEATURE` when it is not there
 */
export function takeOut(matrix: FeatureMatrix, name: string): { column: FeatureColumn; matrix: FeatureMatrix } {
  const column = matrix.columns.find((other) => other.name === name);
  if (column === undefined) {
    throw new CairnError("UNKNOWN_FEATURE", `expected the column "${name}", got a matrix without it`, {
      hint: "name the column that says which period, or whose, the training rows are",
    });
  }
  return { column, matrix: { rows: matrix.rows, columns: matrix.columns.filter((other) => other !== column) } };
}

/**
 * Reads the column that orders rows in time: numbers by value, categories by name.
 * @throws CairnError `UNKNOWN_FEATURE` when it is not there
 */
export function periodRows(input: FeatureMatrix, name: string): PeriodRows {
  const { column, matrix } = takeOut(input, name);
  const order = column.categories?.map((_, code) => code) ?? [];
  order.sort((a, b) => (column.categories![a]! < column.categories![b]! ? -1 : 1));
  const rank = new Map(order.map((code, position) => [code, position]));
  return { matrix, when: column.values.map((value) => rank.get(value) ?? value) };
}

/** The periods there are, the earliest first. @param when - shape (rows), NaN where missing */
export function periodsOf(when: Float64Array): number[] {
  return [...new Set(when)].filter((period) => !Number.isNaN(period)).sort((a, b) => a - b);
}
