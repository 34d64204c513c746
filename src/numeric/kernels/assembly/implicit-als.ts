// One half-step of implicit-feedback matrix factorisation: every row's small ridge regression on the other side's factors.
// All pointers are byte addresses. Factors are f32, rows of `width` (a multiple of four); Cholesky works in f64.
// The approximate half-step is in conjugate-gradients.ts.
// A = α0·HᵀH + Σ c h hᵀ + reg·I, b = Σ c h, w = A⁻¹ b (handbook 2.2.2; Rendle et al. 2022).

/**
 * Overwrites the lower triangle of `gram` (f64, width × width) with Σ h·hᵀ over the rows [first, last) of `factors` (f32).
 * @param promoted - room for 4 × width doubles
 */
export function gramOfPart(factors: usize, first: i32, last: i32, width: i32, promoted: usize, gram: usize): void {
  memory.fill(gram, 0, (<usize>width * <usize>width) << 3);
  for (let row = first; row < last; row += 4) {
    const count = last - row < 4 ? last - row : 4;
    for (let k = 0; k < count; k++) {
      promote(factors + ((<usize>(row + k) * <usize>width) << 2), promoted + ((<usize>k * <usize>width) << 3), width);
    }
    addOuterProducts(promoted, 0, count, width, gram);
  }
}

/** Sums the parts' triangles in their order, scales them and fills both triangles of `gram`. */
export function sumGrams(parts: usize, count: i32, width: i32, scale: f64, gram: usize): void {
  const bytes: usize = (<usize>width * <usize>width) << 3;
  for (let i = 0; i < width; i++) {
    for (let j = 0; j <= i; j++) {
      let value: f64 = 0;
      for (let part: usize = 0; part < <usize>count; part++) value += load<f64>(cell(parts + part * bytes, i, j, width));
      store<f64>(cell(gram, i, j, width), scale * value);
      store<f64>(cell(gram, j, i, width), scale * value);
    }
  }
}

/**
 * Solves rows [first, last) exactly, each w overwritten.
 * @param ptr - i32, where each row's entries start
 * @param columns - i32 per entry: a row of `factors`
 * @param weights - f64 per entry, or 0 when every weight is 1
 * @param penalties - f64 per row
 * @param gathered - f64 scratch, (longest row) × width
 * @param system - f64 scratch, width × width + width
 * @returns −1, or the first row whose system is not positive definite
 */
export function solveRowsByCholesky(
  first: i32,
  last: i32,
  ptr: usize,
  columns: usize,
  weights: usize,
  penalties: usize,
  factors: usize,
  gram: usize,
  width: i32,
  gathered: usize,
  system: usize,
  solutions: usize,
): i32 {
  const bytes: usize = <usize>width << 2;
  const solution = system + ((<usize>width * <usize>width) << 3);
  for (let row = first; row < last; row++) {
    const from: usize = <usize>load<i32>(ptr + (<usize>row << 2));
    const count: i32 = load<i32>(ptr + (<usize>row << 2), 4) - <i32>from;
    const target = solutions + <usize>row * bytes;
    if (count == 0) {
      memory.fill(target, 0, bytes);
      continue;
    }
    for (let k = 0; k < count; k++) {
      const column: usize = <usize>load<i32>(columns + ((from + k) << 2));
      promote(factors + column * bytes, gathered + ((<usize>k * <usize>width) << 3), width);
    }
    const own: usize = weights == 0 ? 0 : weights + (from << 3);
    formSystem(gathered, own, count, width, gram, load<f64>(penalties + (<usize>row << 3)), system, solution);
    if (factorAndSolve(system, solution, width) >= 0) return row;
    for (let i: usize = 0; i < <usize>width; i++) {
      store<f32>(target + (i << 2), <f32>load<f64>(solution + (i << 3)));
    }
  }
  return -1;
}

/**
 * Writes A (lower triangle) and b of one row whose factors lie together.
 * @param gathered - f64, count × width
 */
export function formSystem(
  gathered: usize,
  weights: usize,
  count: i32,
  width: i32,
  gram: usize,
  penalty: f64,
  system: usize,
  target: usize,
): void {
  memory.copy(system, gram, (<usize>width * <usize>width) << 3);
  memory.fill(target, 0, <usize>width << 3);
  for (let i = 0; i < width; i++) {
    const diagonal = cell(system, i, i, width);
    store<f64>(diagonal, load<f64>(diagonal) + penalty);
  }
  addOuterProducts(gathered, weights, count, width, system);
  for (let k = 0; k < count; k++) {
    const lanes = f64x2.splat(weights == 0 ? 1 : load<f64>(weights + (<usize>k << 3)));
    const row = gathered + ((<usize>k * <usize>width) << 3);
    for (let i: usize = 0; i < <usize>width << 3; i += 16) {
      v128.store(target + i, f64x2.add(v128.load(target + i), f64x2.mul(lanes, v128.load(row + i))));
    }
  }
}

/**
 * Replaces the lower triangle by its Cholesky factor and `solution` (holding b) by A⁻¹b.
 * @returns −1, or the row of the pivot that is not above 10⁻¹²
 */
export function factorAndSolve(system: usize, solution: usize, width: i32): i32 {
  for (let i = 0; i < width; i++) {
    const row = cell(system, i, 0, width);
    for (let j = 0; j < i; j++) {
      const other = cell(system, j, 0, width);
      const value = (load<f64>(row + (<usize>j << 3)) - dot(row, other, j)) / load<f64>(other + (<usize>j << 3));
      store<f64>(row + (<usize>j << 3), value);
    }
    const pivot = load<f64>(row + (<usize>i << 3)) - dot(row, row, i);
    if (!(pivot > 1e-12)) return i;
    store<f64>(row + (<usize>i << 3), Math.sqrt(pivot));
  }
  solveFactored(system, solution, width);
  return -1;
}

/** Replaces `solution` (holding b) by A⁻¹b, given A's Cholesky factor. */
export function solveFactored(system: usize, solution: usize, width: i32): void {
  for (let i = 0; i < width; i++) {
    const row = cell(system, i, 0, width);
    const at = solution + (<usize>i << 3);
    store<f64>(at, (load<f64>(at) - dot(row, solution, i)) / load<f64>(row + (<usize>i << 3)));
  }
  for (let i = width - 1; i >= 0; i--) {
    const row = cell(system, i, 0, width);
    const at = solution + (<usize>i << 3);
    const value = load<f64>(at) / load<f64>(row + (<usize>i << 3));
    store<f64>(at, value);
    for (let j: usize = 0; j < <usize>i; j++) {
      store<f64>(solution + (j << 3), load<f64>(solution + (j << 3)) - value * load<f64>(row + (j << 3)));
    }
  }
}

// @ts-ignore: decorator
@inline
function cell(matrix: usize, row: i32, column: i32, width: i32): usize {
  return matrix + ((<usize>row * <usize>width + <usize>column) << 3);
}

// @ts-ignore: decorator
@inline
function promote(from: usize, to: usize, width: i32): void {
  for (let i: usize = 0; i < <usize>width; i += 2) {
    v128.store(to + (i << 3), f64x2.promote_low_f32x4(v128.load64_zero(from + (i << 2))));
  }
}

/** Adds Σ c x xᵀ to the lower triangle in blocks of 4 × 4 kept in registers; whole blocks on the diagonal. */
function addOuterProducts(rows: usize, weights: usize, count: i32, width: i32, target: usize): void {
  const bytes: usize = <usize>width << 3;
  for (let i = 0; i < width; i += 4) {
    for (let j = 0; j <= i; j += 4) {
      let left = rows + (<usize>i << 3);
      let right = rows + (<usize>j << 3);
      const at = cell(target, i, j, width);
      let a0 = v128.load(at);
      let a1 = v128.load(at, 16);
      let b0 = v128.load(at + bytes);
      let b1 = v128.load(at + bytes, 16);
      let c0 = v128.load(at + 2 * bytes);
      let c1 = v128.load(at + 2 * bytes, 16);
      let d0 = v128.load(at + 3 * bytes);
      let d1 = v128.load(at + 3 * bytes, 16);
      for (let k = 0; k < count; k++) {
        let x0 = v128.load(right);
        let x1 = v128.load(right, 16);
        if (weights != 0) {
          const lanes = v128.load64_splat(weights + (<usize>k << 3));
          x0 = f64x2.mul(lanes, x0);
          x1 = f64x2.mul(lanes, x1);
        }
        let y = v128.load64_splat(left);
        a0 = f64x2.add(a0, f64x2.mul(y, x0));
        a1 = f64x2.add(a1, f64x2.mul(y, x1));
        y = v128.load64_splat(left, 8);
        b0 = f64x2.add(b0, f64x2.mul(y, x0));
        b1 = f64x2.add(b1, f64x2.mul(y, x1));
        y = v128.load64_splat(left, 16);
        c0 = f64x2.add(c0, f64x2.mul(y, x0));
        c1 = f64x2.add(c1, f64x2.mul(y, x1));
        y = v128.load64_splat(left, 24);
        d0 = f64x2.add(d0, f64x2.mul(y, x0));
        d1 = f64x2.add(d1, f64x2.mul(y, x1));
        left += bytes;
        right += bytes;
      }
      v128.store(at, a0);
      v128.store(at, a1, 16);
      v128.store(at + bytes, b0);
      v128.store(at + bytes, b1, 16);
      v128.store(at + 2 * bytes, c0);
      v128.store(at + 2 * bytes, c1, 16);
      v128.store(at + 3 * bytes, d0);
      v128.store(at + 3 * bytes, d1, 16);
    }
  }
}

// @ts-ignore: decorator
@inline
function dot(a: usize, b: usize, count: i32): f64 {
  let lanes = f64x2.splat(0);
  let i = 0;
  for (; i + 1 < count; i += 2) {
    const at: usize = <usize>i << 3;
    lanes = f64x2.add(lanes, f64x2.mul(v128.load(a + at), v128.load(b + at)));
  }
  let sum = f64x2.extract_lane(lanes, 0) + f64x2.extract_lane(lanes, 1);
  if (i < count) sum += load<f64>(a + (<usize>i << 3)) * load<f64>(b + (<usize>i << 3));
  return sum;
}
