// The approximate half-step of implicit-feedback matrix factorisation, in f32 (the exact one, and what is solved:
// implicit-als.ts). All pointers are byte addresses.

/**
 * Improves rows [first, last) by a few steps of conjugate gradients from where they are, in f32, without forming A:
 * A·p = G·p + Σ c h (h·p) + reg·p (Takács, Pilászy and Tikk 2011).
 * @param gram - f32, width × width, both triangles
 * @param weights - f32 per entry, or 0 when every weight is 1
 * @param penalties - f32 per row
 * @param scratch - f32, three rows of width
 */
export function improveRowsByConjugateGradients(
  first: i32,
  last: i32,
  ptr: usize,
  columns: usize,
  weights: usize,
  penalties: usize,
  factors: usize,
  gram: usize,
  width: i32,
  steps: i32,
  scratch: usize,
  solutions: usize,
): void {
  const bytes: usize = <usize>width << 2;
  const residual = scratch;
  const direction = scratch + bytes;
  const image = direction + bytes;
  for (let row = first; row < last; row++) {
    const from: usize = <usize>load<i32>(ptr + (<usize>row << 2));
    const to: usize = <usize>load<i32>(ptr + (<usize>row << 2), 4);
    const w = solutions + <usize>row * bytes;
    if (from == to) {
      memory.fill(w, 0, bytes);
      continue;
    }
    const penalty = load<f32>(penalties + (<usize>row << 2));
    multiplyGram(gram, w, penalty, width, residual);
    for (let i: usize = 0; i < bytes; i += 16) v128.store(residual + i, f32x4.neg(v128.load(residual + i)));
    addEntries(from, to, columns, weights, factors, bytes, w, 1, -1, residual);
    memory.copy(direction, residual, bytes);
    let square = dotSingle(residual, residual, bytes);
    for (let step = 0; step < steps; step++) {
      if (square < 1e-20) break;
      multiplyGram(gram, direction, penalty, width, image);
      addEntries(from, to, columns, weights, factors, bytes, direction, 0, 1, image);
      const length = square / dotSingle(direction, image, bytes);
      addScaled(direction, length, bytes, w);
      addScaled(image, -length, bytes, residual);
      const next = dotSingle(residual, residual, bytes);
      const lanes = f32x4.splat(next / square);
      for (let i: usize = 0; i < bytes; i += 16) {
        v128.store(
          direction + i,
          f32x4.add(v128.load(residual + i), f32x4.mul(lanes, v128.load(direction + i))),
        );
      }
      square = next;
    }
  }
}

// @ts-ignore: decorator
@inline
function dotSingle(a: usize, b: usize, bytes: usize): f32 {
  let lanes = f32x4.splat(0);
  for (let i: usize = 0; i < bytes; i += 16) {
    lanes = f32x4.add(lanes, f32x4.mul(v128.load(a + i), v128.load(b + i)));
  }
  return (
    f32x4.extract_lane(lanes, 0) +
    f32x4.extract_lane(lanes, 1) +
    (f32x4.extract_lane(lanes, 2) + f32x4.extract_lane(lanes, 3))
  );
}

/**
 * Adds Σ c·(constant + sign·(h·x))·h over a row's entries [from … to) to `out`: four at a time, so that `out` is read and
 * written once for four and their dot products do not wait for each other.
 */
function addEntries(
  from: usize,
  to: usize,
  columns: usize,
  weights: usize,
  factors: usize,
  bytes: usize,
  x: usize,
  constant: f32,
  sign: f32,
  out: usize,
): void {
  let at = from;
  for (; at + 4 <= to; at += 4) {
    const entry = columns + (at << 2);
    const a = factors + <usize>load<i32>(entry) * bytes;
    const b = factors + <usize>load<i32>(entry, 4) * bytes;
    const c = factors + <usize>load<i32>(entry, 8) * bytes;
    const d = factors + <usize>load<i32>(entry, 12) * bytes;
    let sumA = f32x4.splat(0);
    let sumB = sumA;
    let sumC = sumA;
    let sumD = sumA;
    for (let i: usize = 0; i < bytes; i += 16) {
      const own = v128.load(x + i);
      sumA = f32x4.add(sumA, f32x4.mul(v128.load(a + i), own));
      sumB = f32x4.add(sumB, f32x4.mul(v128.load(b + i), own));
      sumC = f32x4.add(sumC, f32x4.mul(v128.load(c + i), own));
      sumD = f32x4.add(sumD, f32x4.mul(v128.load(d + i), own));
    }
    const ab = f32x4.add(v128.shuffle<f32>(sumA, sumB, 0, 4, 1, 5), v128.shuffle<f32>(sumA, sumB, 2, 6, 3, 7));
    const cd = f32x4.add(v128.shuffle<f32>(sumC, sumD, 0, 4, 1, 5), v128.shuffle<f32>(sumC, sumD, 2, 6, 3, 7));
    const dots = f32x4.add(v128.shuffle<f32>(ab, cd, 0, 1, 4, 5), v128.shuffle<f32>(ab, cd, 2, 3, 6, 7));
    let scales = f32x4.add(f32x4.splat(constant), f32x4.mul(f32x4.splat(sign), dots));
    if (weights != 0) scales = f32x4.mul(v128.load(weights + (at << 2)), scales);
    const scaleA = v128.shuffle<f32>(scales, scales, 0, 0, 0, 0);
    const scaleB = v128.shuffle<f32>(scales, scales, 1, 1, 1, 1);
    const scaleC = v128.shuffle<f32>(scales, scales, 2, 2, 2, 2);
    const scaleD = v128.shuffle<f32>(scales, scales, 3, 3, 3, 3);
    for (let i: usize = 0; i < bytes; i += 16) {
      const pair = f32x4.add(f32x4.mul(scaleA, v128.load(a + i)), f32x4.mul(scaleB, v128.load(b + i)));
      const other = f32x4.add(f32x4.mul(scaleC, v128.load(c + i)), f32x4.mul(scaleD, v128.load(d + i)));
      v128.store(out + i, f32x4.add(v128.load(out + i), f32x4.add(pair, other)));
    }
  }
  for (; at < to; at++) {
    const h = factors + <usize>load<i32>(columns + (at << 2)) * bytes;
    const weight: f32 = weights == 0 ? 1 : load<f32>(weights + (at << 2));
    addScaled(h, weight * (constant + sign * dotSingle(h, x, bytes)), bytes, out);
  }
}

// @ts-ignore: decorator
@inline
function addScaled(row: usize, scale: f32, bytes: usize, target: usize): void {
  const lanes = f32x4.splat(scale);
  for (let i: usize = 0; i < bytes; i += 16) {
    v128.store(target + i, f32x4.add(v128.load(target + i), f32x4.mul(lanes, v128.load(row + i))));
  }
}

/** out = G·x + penalty·x; G is symmetric, so its rows are added up. */
function multiplyGram(gram: usize, x: usize, penalty: f32, width: i32, out: usize): void {
  const bytes: usize = <usize>width << 2;
  const lanes = f32x4.splat(penalty);
  for (let i: usize = 0; i < bytes; i += 16) v128.store(out + i, f32x4.mul(lanes, v128.load(x + i)));
  for (let k: usize = 0; k < <usize>width; k += 4) {
    const row = gram + k * bytes;
    const p = x + (k << 2);
    const x0 = v128.load32_splat(p);
    const x1 = v128.load32_splat(p, 4);
    const x2 = v128.load32_splat(p, 8);
    const x3 = v128.load32_splat(p, 12);
    for (let i: usize = 0; i < bytes; i += 16) {
      const at = row + i;
      const pair = f32x4.add(f32x4.mul(x0, v128.load(at)), f32x4.mul(x1, v128.load(at + bytes)));
      const other = f32x4.add(f32x4.mul(x2, v128.load(at + 2 * bytes)), f32x4.mul(x3, v128.load(at + 3 * bytes)));
      v128.store(out + i, f32x4.add(v128.load(out + i), f32x4.add(pair, other)));
    }
  }
}
