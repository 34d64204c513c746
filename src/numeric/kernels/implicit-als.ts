import type { KernelCall } from "../parallel/pool.ts";
import type { ArenaView, Kernels } from "./kernels.ts";

const LANES = 4; // singles in one SIMD register
const PARTS = 8; // of every half-step; fixed, so that sums do not depend on the number of threads

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
  /** One piece per part each: its gram, four promoted rows, the longest row's factors, its system, its vectors. */
  readonly grams: Float64Array;
  readonly promoted: Float64Array;
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
    grams: kernels.float64(PARTS * width * width),
    promoted: kernels.float64(PARTS * LANES * width),
    gathered: kernels.float64(isExact ? PARTS * longest * width : 0),
    system: kernels.float64(isExact ? PARTS * (width * width + width) : 0),
    scratch: kernels.int32(PARTS * 3 * width),
  };
}

/** Computes `gram` = scale · HᵀH of the side that stays as it is. */
export function sumGram(kernels: Kernels, fixed: PlacedFactors, scale: number, workspace: FactorWorkspace): void {
  const { width, gram, gramSingle, grams } = workspace;
  const at = piecesOf(kernels, workspace);
  const edge = (part: number): number => Math.floor((fixed.rows * part) / PARTS);
  kernels.callAll(
    Array.from({ length: PARTS }, (_, part) => [
      "gramOfPart",
      kernels.address(fixed.address),
      edge(part),
      edge(part + 1),
      width,
      at.promoted(part),
      at.grams(part),
    ]),
  );
  kernels.call("sumGrams", grams, PARTS, width, scale, gram);
  if (gramSingle.length > 0) new Float32Array(gramSingle.buffer, gramSingle.byteOffset, gramSingle.length).set(gram);
}

/** Where each part's piece of the workspace begins. */
function piecesOf(kernels: Kernels, { grams, promoted, gathered, system, scratch }: FactorWorkspace) {
  const piece = (view: Float64Array | Int32Array) => {
    const address = kernels.address(view);
    const bytes = view.byteLength / PARTS;
    return (part: number): number => address + part * bytes;
  };
  return {
    grams: piece(grams),
    promoted: piece(promoted),
    gathered: piece(gathered),
    system: piece(system),
    scratch: piece(scratch),
  };
}

/** Bounds of parts of rows [first … last) with about as many entries each. */
function evenParts(ptr: Int32Array, first: number, last: number): number[] {
  const bounds = [first];
  const from = ptr[first]!;
  const entries = ptr[last]! - from;
  let row = first;
  for (let part = 1; part < PARTS; part++) {
    while (row < last && ptr[row]! - from < (entries * part) / PARTS) row++;
    bounds.push(row);
  }
  return [...bounds, last];
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
  const { width, solver, gram, gramSingle } = workspace;
  const address = (view: ArenaView | 0): number => (view === 0 ? 0 : kernels.address(view));
  const shared = [solved.ptr, solved.columns, solved.weight, solved.penalties, fixed.address].map(address);
  const bounds = evenParts(solved.ptr, first, last);
  const at = piecesOf(kernels, workspace);
  const calls = Array.from({ length: PARTS }, (_, part): KernelCall => {
    const rows = [bounds[part]!, bounds[part + 1]!, ...shared];
    return solver === "cholesky"
      ? [
          "solveRowsByCholesky",
          ...rows,
          address(gram),
          width,
          at.gathered(part),
          at.system(part),
          address(solved.address),
        ]
      : [
          "improveRowsByConjugateGradients",
          ...rows,
          address(gramSingle),
          width,
          steps,
          at.scratch(part),
          address(solved.address),
        ];
  });
  const failed = new Float64Array(PARTS);
  kernels.callAll(calls, failed);
  return solver === "cholesky" ? (failed.find((row) => row >= 0) ?? -1) : -1;
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
