import type { ArenaView, Kernels } from "./kernels.ts";

const LANES = 4; // singles in one SIMD register

/** Factors of one side are stored in rows of this many singles: the next multiple of four, the rest 0. */
export function paddedWidth(dimensions: number): number {
  return Math.ceil(dimensions / LANES) * LANES;
}

/** One side of the interactions as compressed rows: learners with their activities, or activities with their learners. */
export interface FactorRows {
  /** Shape (rows + 1). */
  readonly ptr: Int32Array;
  /** Shape (entries): a row of the other side. */
  readonly columns: Int32Array;
  /** Shape (entries), above 0; 1 when absent. */
  readonly weight?: Float64Array;
  /** Shape (rows), above 0: what is added to the diagonal of each row's system. */
  readonly penalties: Float64Array;
}

/** {@link FactorRows} in the kernels' arena, with the factors that are solved for. */
export interface PlacedFactors {
  readonly rows: number;
  /** Shape (rows × width), row-major, all 0 at first. */
  readonly factors: Float32Array;
  readonly address: ArenaView;
  readonly ptr: Int32Array;
  readonly columns: Int32Array;
  readonly weight: ArenaView | 0;
  readonly penalties: ArenaView;
}

/** How the small systems are solved: exactly, or improved by a few steps of conjugate gradients. */
export type FactorSolver = "cholesky" | "conjugate-gradients";

/** Room for the sums of a half-step. */
export interface FactorWorkspace {
  readonly width: number;
  readonly solver: FactorSolver;
  readonly gram: Float64Array;
  readonly gramSingle: Int32Array;
  readonly promoted: Float64Array;
  /** Room for the longest row's factors. */
  readonly gathered: Float64Array;
  readonly system: Float64Array;
  readonly scratch: Int32Array;
}

/**
 * Places one side in the arena.
 * @throws CairnError `UNAVAILABLE` when the arena cannot hold it
 */
export function placeFactors(kernels: Kernels, side: FactorRows, width: number, solver: FactorSolver): PlacedFactors {
  const rows = side.penalties.length;
  const factors = singles(kernels, rows * width);
  const ptr = kernels.int32(side.ptr.length);
  ptr.set(side.ptr);
  const columns = kernels.int32(side.columns.length);
  columns.set(side.columns);
  const place = solver === "cholesky" ? placeDoubles : placeSingles;
  return {
    rows,
    factors: factors.values,
    address: factors.address,
    ptr,
    columns,
    weight: side.weight === undefined ? 0 : place(kernels, side.weight),
    penalties: place(kernels, side.penalties),
  };
}

/**
 * Allocates the room of half-steps over sides of this width.
 * @param longest - entries of the longest row
 * @throws CairnError `UNAVAILABLE` when the arena cannot hold it
 */
export function allocateFactorWorkspace(
  kernels: Kernels,
  width: number,
  longest: number,
  solver: FactorSolver,
): FactorWorkspace {
  const isExact = solver === "cholesky";
  return {
    width,
    solver,
    gram: kernels.float64(width * width),
    gramSingle: kernels.int32(isExact ? 0 : width * width),
    promoted: kernels.float64(LANES * width),
    gathered: kernels.float64(isExact ? longest * width : 0),
    system: kernels.float64(isExact ? width * width + width : 0),
    scratch: kernels.int32(3 * width),
  };
}

/** Computes `gram` = scale · HᵀH of the side that stays as it is. */
export function sumGram(kernels: Kernels, fixed: PlacedFactors, scale: number, workspace: FactorWorkspace): void {
  const { width, gram, gramSingle, promoted } = workspace;
  kernels.call("gramOfFactors", fixed.address, fixed.rows, width, scale, promoted, gram);
  if (gramSingle.length > 0) new Float32Array(gramSingle.buffer, gramSingle.byteOffset, gramSingle.length).set(gram);
}

/**
 * Solves rows [first, last) of one side against the other, whose gram must be in the workspace. Rows are independent: every
 * split of them gives the same bytes. A row without entries becomes 0.
 * @param steps - of conjugate gradients, from where the row is; Cholesky needs none
 * @returns −1, or a row whose system is not positive definite
 */
export function solveFactorRows(
  kernels: Kernels,
  solved: PlacedFactors,
  fixed: PlacedFactors,
  first: number,
  last: number,
  steps: number,
  workspace: FactorWorkspace,
): number {
  const { width, solver, gram, gramSingle, gathered, system, scratch } = workspace;
  const rows = [first, last, solved.ptr, solved.columns, solved.weight, solved.penalties, fixed.address] as const;
  if (solver === "cholesky") {
    return kernels.call("solveRowsByCholesky", ...rows, gram, width, gathered, system, solved.address);
  }
  kernels.call("improveRowsByConjugateGradients", ...rows, gramSingle, width, steps, scratch, solved.address);
  return -1;
}

/** One learner's system A·w = b in the arena. */
export interface FoldIn {
  /** Shape (entries × width): the factors of what the learner did; the caller fills it. */
  readonly gathered: Float64Array;
  /** Shape (entries); the caller fills it. */
  readonly weight: Float64Array;
  /** Shape (width × width): α0·HᵀH; the caller fills it. */
  readonly gram: Float64Array;
  /** A, then its Cholesky factor (lower triangle). */
  readonly system: Float64Array;
  /** Shape (width): b, then w; or any right-hand side for {@link solveFoldIn}. */
  readonly solution: Float64Array;
}

/** Allocates one learner's system. */
export function allocateFoldIn(kernels: Kernels, entries: number, width: number): FoldIn {
  return {
    gathered: kernels.float64(entries * width),
    weight: kernels.float64(entries),
    gram: kernels.float64(width * width),
    system: kernels.float64(width * width),
    solution: kernels.float64(width),
  };
}

/**
 * Forms A = gram + Σ c h hᵀ + penalty·I and b = Σ c h, factors A and solves.
 * @returns −1, or the row of the pivot that is not above 10⁻¹²
 */
export function factorFoldIn(kernels: Kernels, foldIn: FoldIn, penalty: number): number {
  const { gathered, weight, gram, system, solution } = foldIn;
  const width = solution.length;
  kernels.call("formSystem", gathered, weight, weight.length, width, gram, penalty, system, solution);
  return kernels.call("factorAndSolve", system, solution, width);
}

/** Replaces `solution`, whatever it holds, by A⁻¹ times it; A must have been factored. */
export function solveFoldIn(kernels: Kernels, { system, solution }: FoldIn): void {
  kernels.call("solveFactored", system, solution, solution.length);
}

/** The arena has no singles of its own: the same bytes under two names. */
function singles(kernels: Kernels, length: number): { values: Float32Array; address: Int32Array } {
  const address = kernels.int32(length);
  return { values: new Float32Array(address.buffer, address.byteOffset, length), address };
}

function placeSingles(kernels: Kernels, from: Float64Array): ArenaView {
  const { values, address } = singles(kernels, from.length);
  values.set(from);
  return address;
}

function placeDoubles(kernels: Kernels, from: Float64Array): ArenaView {
  const view = kernels.float64(from.length);
  view.set(from);
  return view;
}
