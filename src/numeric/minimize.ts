const REFLECTION = 1;
const EXPANSION = 2;
const CONTRACTION = 0.5;
const SHRINKAGE = 0.5;

/** Where a search ended. */
export interface Minimum {
  readonly point: Float64Array;
  readonly value: number;
  /** Whether the simplex shrank below the tolerance before the evaluations ran out. */
  readonly converged: boolean;
}

/**
 * Nelder and Mead's simplex search, started anew from its own answer until a new start no longer helps: for smooth functions of a few
 * parameters whose derivatives are not at hand.
 * @param start - shape (n)
 * @param step - size of the first simplex
 * @param tolerance - the search ends when the values at the corners differ by less than this share of their size
 * @see Nelder and Mead (1965), The Computer Journal 7(4)
 */
export function minimizeSimplex(
  objective: (point: Float64Array) => number,
  start: Float64Array,
  step = 0.25,
  tolerance = 1e-13,
): Minimum {
  let best = search(objective, start, step, tolerance);
  for (let restart = 0; restart < 8; restart++) {
    const next = search(objective, best.point, step / 4 ** (restart + 1), tolerance);
    const gain = best.value - next.value;
    if (next.value <= best.value) best = next;
    if (gain <= 1e-12 * (1 + Math.abs(best.value))) break;
  }
  return best;
}

interface Corner {
  readonly point: Float64Array;
  readonly value: number;
}

function search(
  objective: (point: Float64Array) => number,
  start: Float64Array,
  step: number,
  tolerance: number,
): Minimum {
  const n = start.length;
  const at = (point: Float64Array): Corner => ({ point, value: objective(point) });
  const corners = [at(start.slice())];
  for (let i = 0; i < n; i++) {
    const point = start.slice();
    point[i]! += step;
    corners.push(at(point));
  }
  const limit = 400 * (n + 1);
  for (let turn = 0; turn < limit; turn++) {
    corners.sort((a, b) => a.value - b.value);
    const [low, high] = [corners[0]!, corners[n]!];
    if (high.value - low.value <= tolerance * (1 + Math.abs(low.value)) && width(corners) < 1e-7) {
      return { ...low, converged: true };
    }
    turnOver(corners, at);
  }
  corners.sort((a, b) => a.value - b.value);
  return { ...corners[0]!, converged: false };
}

function width(corners: readonly Corner[]): number {
  const [low] = corners;
  return Math.max(
    ...corners.map(({ point }) => Math.max(...point.map((value, i) => Math.abs(value - low!.point[i]!)))),
  );
}

/** One step: reflect the worst corner, and expand, contract or shrink by what is found there. */
function turnOver(corners: Corner[], at: (point: Float64Array) => Corner): void {
  const n = corners.length - 1;
  const worst = corners[n]!;
  const centre = new Float64Array(n);
  for (let c = 0; c < n; c++) for (let i = 0; i < n; i++) centre[i]! += corners[c]!.point[i]! / n;
  const along = (factor: number): Corner => at(centre.map((value, i) => value + factor * (value - worst.point[i]!)));
  const reflected = along(REFLECTION);
  if (reflected.value < corners[0]!.value) {
    const expanded = along(EXPANSION);
    corners[n] = expanded.value < reflected.value ? expanded : reflected;
    return;
  }
  if (reflected.value < corners[n - 1]!.value) {
    corners[n] = reflected;
    return;
  }
  const contracted = along(reflected.value < worst.value ? CONTRACTION : -CONTRACTION);
  if (contracted.value < Math.min(worst.value, reflected.value)) {
    corners[n] = contracted;
    return;
  }
  for (let c = 1; c <= n; c++) {
    corners[c] = at(
      corners[c]!.point.map((value, i) => corners[0]!.point[i]! + SHRINKAGE * (value - corners[0]!.point[i]!)),
    );
  }
}

/**
 * Gradient by central differences, Richardson-extrapolated (error of order h⁴).
 * @param step - h, shape (n)
 */
export function numericGradient(
  objective: (point: Float64Array) => number,
  point: Float64Array,
  step: Float64Array,
): Float64Array {
  const central = (i: number, h: number): number => {
    const [up, down] = [point.slice(), point.slice()];
    up[i]! += h;
    down[i]! -= h;
    return (objective(up) - objective(down)) / (2 * h);
  };
  return Float64Array.from(step, (h, i) => (4 * central(i, h / 2) - central(i, h)) / 3);
}

/**
 * Hessian by central differences, Richardson-extrapolated; row-major, shape (n × n), symmetric.
 * @param step - h, shape (n)
 */
export function numericHessian(
  objective: (point: Float64Array) => number,
  point: Float64Array,
  step: Float64Array,
): Float64Array {
  const n = point.length;
  const middle = objective(point);
  const moved = (i: number, a: number, j: number, b: number): number => {
    const to = point.slice();
    to[i]! += a;
    to[j]! += b;
    return objective(to);
  };
  const second = (i: number, j: number, scale: number): number => {
    const [a, b] = [step[i]! * scale, step[j]! * scale];
    if (i === j) return (moved(i, a, j, 0) - 2 * middle + moved(i, -a, j, 0)) / (a * a);
    return (moved(i, a, j, b) - moved(i, a, j, -b) - moved(i, -a, j, b) + moved(i, -a, j, -b)) / (4 * a * b);
  };
  const hessian = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      const value = (4 * second(i, j, 0.5) - second(i, j, 1)) / 3;
      hessian[i * n + j] = value;
      hessian[j * n + i] = value;
    }
  }
  return hessian;
}
