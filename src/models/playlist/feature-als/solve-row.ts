import { CairnError } from "../../../errors.ts";
import {
  allocateFoldIn,
  type FoldIn,
  factorFoldIn,
  paddedWidth,
  solveFoldIn,
} from "../../../numeric/kernels/implicit-als.ts";
import type { Kernels } from "../../../numeric/kernels/kernels.ts";

/** What one side's rows are solved against. */
export interface FixedSide {
  /** Shape (rows × dimensions), row-major. */
  readonly factors: Float64Array | Float32Array;
  readonly dimensions: number;
  /** Shape (width × width) with width the kernels' padding of the dimensions: α0·HᵀH. */
  readonly gram: Float64Array;
}

/** The fixed side with its gram, α0·HᵀH. */
export function fixSide(factors: Float64Array | Float32Array, dimensions: number, unobservedWeight: number): FixedSide {
  const width = paddedWidth(dimensions);
  const gram = new Float64Array(width * width);
  for (let offset = 0; offset < factors.length; offset += dimensions) {
    for (let i = 0; i < dimensions; i++) {
      const value = unobservedWeight * factors[offset + i]!;
      for (let j = 0; j <= i; j++) gram[i * width + j]! += value * factors[offset + j]!;
    }
  }
  for (let i = 0; i < dimensions; i++) for (let j = 0; j < i; j++) gram[j * width + i] = gram[i * width + j]!;
  return { factors, dimensions, gram };
}

/** One row's entries [from, to): columns of the fixed side and their weights, 1 when absent. */
export interface RowEntries {
  readonly columns: Int32Array;
  readonly weight: Float64Array | undefined;
  readonly from: number;
  readonly to: number;
}

/** What a solved row is made of: w = A⁻¹Σ c h + A⁻¹·penalty·prior. */
export interface SolvedRow {
  readonly system: FoldIn;
  /** Shape (dimensions): the second term, what the prior gives. */
  readonly fromPrior: Float64Array;
}

/**
 * Solves (gram + Σ c h hᵀ + penalty·I) w = Σ c h + penalty·prior. The system stays factored in the arena.
 * @param prior - shape (dimensions)
 * @param out - shape (dimensions), overwritten with w
 * @throws CairnError `SINGULAR`, `UNAVAILABLE`
 */
export function solveRow(
  kernels: Kernels,
  { factors, dimensions, gram }: FixedSide,
  { columns, weight, from, to }: RowEntries,
  penalty: number,
  prior: Float64Array,
  out: Float64Array,
): SolvedRow {
  const width = paddedWidth(dimensions);
  const system = allocateFoldIn(kernels, to - from, width);
  system.gram.set(gram);
  for (let entry = from, at = 0; entry < to; entry++, at++) {
    system.weight[at] = weight === undefined ? 1 : weight[entry]!;
    const row = columns[entry]! * dimensions;
    for (let k = 0; k < dimensions; k++) system.gathered[at * width + k] = factors[row + k]!;
  }
  if (factorFoldIn(kernels, system, penalty) >= 0) {
    throw new CairnError("SINGULAR", "expected a positive definite system, got one that is not within rounding", {
      hint: "raise the regularization",
    });
  }
  for (let k = 0; k < dimensions; k++) out[k] = system.solution[k]!;
  system.solution.fill(0);
  for (let k = 0; k < dimensions; k++) system.solution[k] = penalty * prior[k]!;
  solveFoldIn(kernels, system);
  const fromPrior = Float64Array.from(system.solution.subarray(0, dimensions));
  for (let k = 0; k < dimensions; k++) out[k]! += fromPrior[k]!;
  return { system, fromPrior };
}
