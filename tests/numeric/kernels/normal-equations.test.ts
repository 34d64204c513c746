import fc from "fast-check";
import { expect, test } from "vitest";
import { CairnError } from "../../../src/errors.ts";
import { instantiateKernels, type Kernels, withKernels } from "../../../src/numeric/kernels/kernels.ts";
import {
  addChunks,
  allocateNormalEquations,
  CHUNK_ROWS,
  type NormalEquations,
  sumNormalEquations,
} from "../../../src/numeric/kernels/normal-equations.ts";
import { random } from "../../../src/numeric/random.ts";

/** The definition, in the plainest words: H_ij = Σ w·x_i·x_j and g_i = Σ r·x_i, with Σ|terms| to scale the tolerance by. */
function reference({ x, weights, residuals, rows, cols }: NormalEquations) {
  const hessian = new Float64Array(cols * cols);
  const gradient = new Float64Array(cols);
  const hessianSize = new Float64Array(cols * cols);
  const gradientSize = new Float64Array(cols);
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < cols; i++) {
      const xi = x[row * cols + i]!;
      gradient[i]! += residuals[row]! * xi;
      gradientSize[i]! += Math.abs(residuals[row]! * xi);
      for (let j = 0; j < cols; j++) {
        const term = weights[row]! * xi * x[row * cols + j]!;
        hessian[i * cols + j]! += term;
        hessianSize[i * cols + j]! += Math.abs(term);
      }
    }
  }
  return { hessian, gradient, hessianSize, gradientSize };
}

function randomProblem(kernels: Kernels, rows: number, cols: number, seed: number): NormalEquations {
  const problem = allocateNormalEquations(kernels, rows, cols);
  const rng = random(seed);
  for (const view of [problem.x, problem.residuals]) for (let i = 0; i < view.length; i++) view[i] = rng.normal();
  for (let i = 0; i < rows; i++) problem.weights[i] = rng.next();
  return problem;
}

function expectAgreement(problem: NormalEquations): void {
  const { hessian, gradient, hessianSize, gradientSize } = reference(problem);
  for (let i = 0; i < problem.cols; i++) {
    expect(Math.abs(problem.gradient[i]! - gradient[i]!)).toBeLessThanOrEqual(1e-12 * gradientSize[i]!);
    for (let j = 0; j <= i; j++) {
      const at = i * problem.cols + j;
      expect(Math.abs(problem.hessian[at]! - hessian[at]!)).toBeLessThanOrEqual(1e-12 * hessianSize[at]!);
    }
  }
}

test("agrees with plain TypeScript for any shape, odd sizes included", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 70 }), fc.integer({ min: 1, max: 19 }), fc.nat(), (rows, cols, seed) => {
      withKernels((kernels) => {
        const problem = randomProblem(kernels, rows, cols, seed);
        sumNormalEquations(kernels, problem);
        expectAgreement(problem);
      });
    }),
  );
});

test.each([
  [1, 1],
  [1, 7],
  [7, 1],
  [CHUNK_ROWS - 1, 5],
  [CHUNK_ROWS, 4],
  [CHUNK_ROWS + 1, 3],
  [3 * CHUNK_ROWS + 17, 6],
])("agrees with plain TypeScript for %i rows and %i columns", (rows, cols) => {
  withKernels((kernels) => {
    const problem = randomProblem(kernels, rows, cols, rows * 31 + cols);
    sumNormalEquations(kernels, problem);
    expectAgreement(problem);
  });
});

test("no rows give zeros", () => {
  withKernels((kernels) => {
    const problem = allocateNormalEquations(kernels, 0, 3);
    problem.hessian.fill(5);
    sumNormalEquations(kernels, problem);
    expect([...problem.hessian, ...problem.gradient].every((value) => value === 0)).toBe(true);
  });
});

test("writes nothing outside the lower triangle, and nothing beside the views", () => {
  const kernels = instantiateKernels();
  const before = kernels.float64(3).fill(7);
  const problem = randomProblem(kernels, 33, 5, 1);
  const after = kernels.float64(3).fill(7);
  kernels.addNormalEquations(
    problem.x,
    problem.weights,
    problem.residuals,
    0,
    33,
    problem.chunkHessian,
    problem.gradient,
  );
  for (let i = 0; i < 5; i++) for (let j = i + 1; j < 5; j++) expect(problem.chunkHessian[i * 5 + j]).toBe(0);
  expect([...before, ...after]).toEqual([7, 7, 7, 7, 7, 7]);
});

test("the same bytes however the chunks are split among calls", () => {
  withKernels((kernels) => {
    const rows = 4 * CHUNK_ROWS + 5;
    const problem = randomProblem(kernels, rows, 9, 3);
    sumNormalEquations(kernels, problem);
    const hessian = problem.hessian.slice();
    const gradient = problem.gradient.slice();
    for (const cuts of [[1], [2, 3], [1, 2, 3, 4]]) {
      problem.hessian.fill(0);
      problem.gradient.fill(0);
      let first = 0;
      for (const last of [...cuts.map((cut) => cut * CHUNK_ROWS), rows]) {
        addChunks(kernels, problem, first, last);
        first = last;
      }
      expect(problem.hessian).toEqual(hessian);
      expect(problem.gradient).toEqual(gradient);
    }
  });
});

test("a range that cuts a chunk is refused", () => {
  withKernels((kernels) => {
    const problem = allocateNormalEquations(kernels, 2 * CHUNK_ROWS, 2);
    expect(() => addChunks(kernels, problem, 0, 100)).toThrow(CairnError);
    expect(() => addChunks(kernels, problem, 1, CHUNK_ROWS)).toThrow(/whole chunks/);
  });
});

test("the arena: aligned, zeroed, reused after release, growing without losing what it holds", () => {
  const kernels = instantiateKernels();
  const first = kernels.float64(3).fill(1);
  const mark = kernels.mark();
  const second = kernels.float64(1).fill(2);
  expect(first.byteOffset % 16).toBe(0);
  expect(second.byteOffset % 16).toBe(0);
  expect(second.byteOffset).toBeGreaterThanOrEqual(first.byteOffset + first.byteLength);
  kernels.release(mark);
  const third = kernels.float64(4_000_000); // 32 MB: more than the first pages
  expect(third.byteOffset).toBe(second.byteOffset);
  expect(third.every((value) => value === 0)).toBe(true);
  third[3_999_999] = 5;
  expect([...first]).toEqual([1, 1, 1]);
  expect(new Float64Array(kernels.memory.buffer, third.byteOffset, 4_000_000)[3_999_999]).toBe(5);
});

test("an array from elsewhere is refused instead of read from a wrong address", () => {
  withKernels((kernels) => {
    const problem = allocateNormalEquations(kernels, 2, 2);
    expect(() => sumNormalEquations(kernels, { ...problem, x: new Float64Array(4) })).toThrow(/arena/);
  });
});

test("more than the memory can hold is refused by code", () => {
  const kernels = instantiateKernels();
  expect(() => kernels.float64(2 ** 30)).toThrow(CairnError);
});

test("work that fails leaves the arena as it was", () => {
  const top = withKernels((kernels) => kernels.mark());
  expect(() =>
    withKernels((kernels) => {
      kernels.float64(10);
      throw new Error("work failed");
    }),
  ).toThrow("work failed");
  expect(withKernels((kernels) => kernels.mark())).toBe(top);
});
