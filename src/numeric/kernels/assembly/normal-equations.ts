// One chunk of the weighted normal equations of Newton's method, H = XᵀWX and g = Xᵀr, for row-major doubles.
// All arguments are byte addresses; X has `cols` doubles per row and starts at row 0.

/**
 * Adds Σ over rows [firstRow, lastRow) of w·x·xᵀ to the lower triangle of `hessian` (cols × cols, row-major; nothing above
 * the diagonal is touched) and of r·x to `gradient` (cols).
 *
 * Two rows are taken at once: each pair of hessian cells is then loaded and stored half as often. The order of additions
 * depends only on firstRow and lastRow.
 */
export function addNormalEquations(
  x: usize,
  weights: usize,
  residuals: usize,
  firstRow: i32,
  lastRow: i32,
  cols: i32,
  hessian: usize,
  gradient: usize,
): void {
  const stride: usize = <usize>cols << 3;
  let row = firstRow;
  for (; row + 1 < lastRow; row += 2) {
    const a: usize = x + <usize>row * stride;
    const b: usize = a + stride;
    const at: usize = <usize>row << 3;
    const weightA = load<f64>(weights + at);
    const weightB = load<f64>(weights + at, 8);
    addPairOfRows(a, b, weightA, weightB, cols, hessian);
    addScaledRow(a, load<f64>(residuals + at), cols, gradient);
    addScaledRow(b, load<f64>(residuals + at, 8), cols, gradient);
  }
  if (row < lastRow) {
    const a: usize = x + <usize>row * stride;
    const at: usize = <usize>row << 3;
    const weight = load<f64>(weights + at);
    for (let i = 0; i < cols; i++) {
      addScaledRow(a, weight * load<f64>(a + (<usize>i << 3)), i + 1, hessian + <usize>i * stride);
    }
    addScaledRow(a, load<f64>(residuals + at), cols, gradient);
  }
}

// @ts-ignore: decorator
@inline
function addPairOfRows(a: usize, b: usize, weightA: f64, weightB: f64, cols: i32, hessian: usize): void {
  const stride: usize = <usize>cols << 3;
  for (let i = 0; i < cols; i++) {
    const at: usize = <usize>i << 3;
    const scaleA = weightA * load<f64>(a + at);
    const scaleB = weightB * load<f64>(b + at);
    const lanesA = f64x2.splat(scaleA);
    const lanesB = f64x2.splat(scaleB);
    const target: usize = hessian + <usize>i * stride;
    let j = 0;
    for (; j + 1 <= i; j += 2) {
      const offset: usize = <usize>j << 3;
      const both = f64x2.add(
        f64x2.mul(lanesA, v128.load(a + offset)),
        f64x2.mul(lanesB, v128.load(b + offset)),
      );
      v128.store(target + offset, f64x2.add(v128.load(target + offset), both));
    }
    if (j <= i) {
      const offset: usize = <usize>j << 3;
      const both = scaleA * load<f64>(a + offset) + scaleB * load<f64>(b + offset);
      store<f64>(target + offset, load<f64>(target + offset) + both);
    }
  }
}

// @ts-ignore: decorator
@inline
function addScaledRow(row: usize, scale: f64, count: i32, target: usize): void {
  const lanes = f64x2.splat(scale);
  let j = 0;
  for (; j + 1 < count; j += 2) {
    const offset: usize = <usize>j << 3;
    v128.store(target + offset, f64x2.add(v128.load(target + offset), f64x2.mul(lanes, v128.load(row + offset))));
  }
  if (j < count) {
    const offset: usize = <usize>j << 3;
    store<f64>(target + offset, load<f64>(target + offset) + scale * load<f64>(row + offset));
  }
}
