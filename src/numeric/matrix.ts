import { CairnError } from "../errors.ts";

/** One typed column of a {@link FeatureMatrix}. */
export interface FeatureColumn {
  readonly name: string;
  /** `categorical` columns hold codes 0 … categories.length − 1. */
  readonly kind: "numeric" | "categorical";
  /** Shape (rows). A missing cell is NaN; ±∞ never occurs. */
  readonly values: Float64Array;
  /** The label of each code; only for categorical columns. */
  readonly categories?: readonly string[];
}

/**
 * Where features and models meet: named, typed columns of equal length, NaN where a cell is missing.
 * Row order carries no meaning for a model.
 */
export interface FeatureMatrix {
  readonly rows: number;
  readonly columns: readonly FeatureColumn[];
}

/**
 * Checks a matrix once, at the public door: equal lengths, unique names, no ±∞, codes within their categories.
 * @returns the same matrix
 * @throws CairnError `SHAPE_MISMATCH`, `NOT_FINITE`, `BAD_INPUT`
 */
export function checkMatrix(matrix: FeatureMatrix): FeatureMatrix {
  const seen = new Set<string>();
  for (const column of matrix.columns) {
    if (seen.has(column.name)) {
      throw new CairnError("BAD_INPUT", `expected unique column names, got "${column.name}" twice`, {
        hint: "rename or drop one of the two columns",
      });
    }
    seen.add(column.name);
    if (column.values.length !== matrix.rows) {
      throw new CairnError(
        "SHAPE_MISMATCH",
        `column "${column.name}" has ${column.values.length} values but the matrix has ${matrix.rows} rows`,
      );
    }
    checkCells(column);
  }
  return matrix;
}

function checkCells({ name, kind, values, categories }: FeatureColumn): void {
  for (let row = 0; row < values.length; row++) {
    if (Math.abs(values[row]!) === Number.POSITIVE_INFINITY) {
      throw new CairnError("NOT_FINITE", `column "${name}" is infinite in row ${row}`, {
        hint: "use NaN for a missing cell",
      });
    }
  }
  if (kind !== "categorical") return;
  const codes = categories?.length ?? 0;
  for (let row = 0; row < values.length; row++) {
    const value = values[row]!;
    if (Number.isNaN(value) || (value >= 0 && value < codes && Number.isInteger(value))) continue;
    throw new CairnError("BAD_INPUT", `column "${name}" has code ${value} in row ${row} but ${codes} categories`);
  }
}

/**
 * The rows of a matrix with the given numbers, in that order (a copy).
 * @param rows - row numbers, each in [0, matrix.rows)
 */
export function takeRows(matrix: FeatureMatrix, rows: ArrayLike<number>): FeatureMatrix {
  return {
    rows: rows.length,
    columns: matrix.columns.map((column) => ({
      ...column,
      values: Float64Array.from(rows, (row) => column.values[row]!),
    })),
  };
}

/**
 * The columns with the given names, in that order (values shared, not copied).
 * @throws CairnError `UNKNOWN_FEATURE` when a name is not in the matrix
 */
export function takeColumns(matrix: FeatureMatrix, names: readonly string[]): FeatureMatrix {
  const byName = new Map(matrix.columns.map((column) => [column.name, column]));
  const columns = names.map((name) => {
    const column = byName.get(name);
    if (column === undefined) {
      throw new CairnError(
        "UNKNOWN_FEATURE",
        `expected a column "${name}", got ${matrix.columns.length} columns without it`,
        {
          hint: "build the matrix with the catalog version the model was trained on",
          details: { column: name },
        },
      );
    }
    return column;
  });
  return { rows: matrix.rows, columns };
}
