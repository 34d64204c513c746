import { CairnError } from "../../../errors.ts";
import { fromColumns } from "../../../numeric/linear/dense.ts";
import { type LeastSquares, leastSquares } from "../../../numeric/linear/least-squares.ts";

/** One named column of a regression. */
export interface Term {
  readonly name: string;
  /** Shape (rows), finite. */
  readonly values: ArrayLike<number>;
}

/** A fitted regression whose columns have names. */
export interface LinearModel {
  /** Names of the kept columns, in the order of the coefficients. */
  readonly names: readonly string[];
  /** Names of the columns that repeat earlier ones and were left out. */
  readonly dropped: readonly string[];
  readonly fit: LeastSquares;
}

/** The column of ones. */
export function intercept(rows: number): Term {
  return { name: "(intercept)", values: new Float64Array(rows).fill(1) };
}

/** The terms minus their means over all rows, for interactions that leave the effect at the average learner. */
export function centred(terms: readonly Term[]): Term[] {
  return terms.map(({ name, values }) => {
    let sum = 0;
    for (let row = 0; row < values.length; row++) sum += values[row]!;
    const mean = sum / values.length;
    return { name, values: Float64Array.from(values, (value) => value - mean) };
  });
}

/** Each term times another, such as treatment × covariates. */
export function interactions(by: Term, terms: readonly Term[]): Term[] {
  return terms.map(({ name, values }) => ({
    name: `${by.name}:${name}`,
    values: Float64Array.from(values, (value, row) => value * by.values[row]!),
  }));
}

/**
 * One 0/1 term per value but the first, ascending: a factor such as school or grade.
 * @param codes - shape (rows), whole numbers
 */
export function dummies(name: string, codes: ArrayLike<number>, labels?: readonly string[]): Term[] {
  const levels = [...new Set(Array.from(codes))].sort((a, b) => a - b);
  return levels.slice(1).map((level) => ({
    name: `${name}=${labels?.[level] ?? level}`,
    values: Float64Array.from(codes, (code) => (code === level ? 1 : 0)),
  }));
}

/**
 * Least squares of an outcome on named terms (an intercept only when it is among them).
 * @throws CairnError what `leastSquares` throws
 */
export function linearModel(terms: readonly Term[], outcome: ArrayLike<number>, weights?: Float64Array): LinearModel {
  const fit = leastSquares(fromColumns(terms.map(({ values }) => values)), outcome, weights);
  return {
    names: fit.kept.map((column) => terms[column]!.name),
    dropped: fit.dropped.map((column) => terms[column]!.name),
    fit,
  };
}

/**
 * Shape (kept): 1 at the named coefficient, 0 elsewhere.
 * @throws CairnError `SINGULAR` when the column was dropped or never there
 */
export function contrastOf({ names }: LinearModel, name: string): Float64Array {
  const position = names.indexOf(name);
  if (position < 0) {
    throw new CairnError("SINGULAR", `expected a coefficient of "${name}", got a column that repeats others`, {
      hint: "remove the covariates or blocks that say the same as the treatment",
    });
  }
  const contrast = new Float64Array(names.length);
  contrast[position] = 1;
  return contrast;
}
