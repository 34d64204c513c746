import { afterEach, expect, test } from "vitest";
import { boostedTrees } from "../../../src/models/off-track/boosted-trees/boosted-trees.ts";
import { implicitAls } from "../../../src/models/playlist/implicit-als/implicit-als.ts";
import { instantiateKernels } from "../../../src/numeric/kernels/kernels.ts";
import type { FeatureMatrix } from "../../../src/numeric/matrix.ts";
import { threadCount, useThreads } from "../../../src/numeric/parallel/threads.ts";
import { random } from "../../../src/numeric/random.ts";
import { codeOf } from "../../contracts/estimator-contract.ts";

const machine = threadCount();
afterEach(() => useThreads(machine));

test("every call of a batch runs once, a thousand batches in a row, whoever runs it", () => {
  useThreads(4);
  const kernels = instantiateKernels();
  const from = kernels.int32(64);
  const to = kernels.int32(64);
  try {
    for (let batch = 0; batch < 1000; batch++) {
      const calls = 1 + (batch % 64);
      for (let i = 0; i < 64; i++) from[i] = batch * 100 + i;
      to.fill(-1);
      kernels.callAll(
        Array.from({ length: calls }, (_, i) => [
          "copyRows",
          kernels.address(from) + 4 * i,
          kernels.address(to) + 4 * i,
          1,
        ]),
      );
      expect(to.subarray(0, calls)).toEqual(from.subarray(0, calls));
      expect(to.subarray(calls).every((value) => value === -1)).toBe(true);
    }
  } finally {
    kernels.close();
  }
});

test("more calls than the threads' table holds are made all the same, with their answers", () => {
  useThreads(2);
  const kernels = instantiateKernels();
  const count = 10_000;
  const from = kernels.int32(count);
  const to = kernels.int32(count);
  for (let i = 0; i < count; i++) from[i] = i;
  const [source, target] = [kernels.address(from), kernels.address(to)];
  const answers = new Float64Array(count).fill(-1);
  try {
    kernels.callAll(
      Array.from({ length: count }, (_, i) => ["copyRows", source + 4 * i, target + 4 * i, 1]),
      answers,
    );
    expect(to).toEqual(from);
    expect(answers.every((answer) => answer === 0)).toBe(true);
  } finally {
    kernels.close();
  }
});

test("answers come back in the order of the calls", () => {
  useThreads(3);
  const kernels = instantiateKernels();
  const answers = new Float64Array(40);
  kernels.callAll(
    Array.from({ length: 40 }, () => ["heapBase"]),
    answers,
  );
  kernels.close();
  expect(new Set(answers)).toEqual(new Set([kernels.call("heapBase")]));
});

test("a kernel that traps in any thread is an error of the whole batch, and the threads go on", () => {
  useThreads(2);
  const kernels = instantiateKernels();
  const outside = 0xfffffff0;
  const trap = ["copyRows", outside, outside, 1_000_000] as const;
  try {
    expect(codeOf(() => kernels.callAll([trap, trap, trap]))).toBe("INTERNAL");
    const values = kernels.int32(2);
    values[0] = 7;
    const copy = ["copyRows", kernels.address(values), kernels.address(values) + 4, 1] as const;
    kernels.callAll([copy, copy]);
    expect(values[1]).toBe(7);
  } finally {
    kernels.close();
  }
});

test("one and four threads grow the same trees, byte for byte", () => {
  const rows = 30_000;
  const rng = random("threads");
  const columns = Array.from({ length: 11 }, (_, column) => ({
    name: `x${column}`,
    kind: "numeric" as const,
    values: Float64Array.from({ length: rows }, () => (rng.next() < 0.05 ? Number.NaN : rng.normal())),
  }));
  const matrix: FeatureMatrix = { rows, columns };
  const labels = Uint8Array.from({ length: rows }, (_, row) =>
    rng.next() < 1 / (1 + Math.exp(-(columns[0]!.values[row] || 0) - (columns[10]!.values[row] || 0))) ? 1 : 0,
  );
  const recipe = boostedTrees({ trees: 12, rowShare: 0.8, increasing: ["x0"] });
  const answers = [1, 4].map((threads) => {
    useThreads(threads);
    const fitted = recipe.fit({ matrix, labels }, { rng: random(5) });
    const predicted = new Float64Array(rows);
    fitted.predict(matrix, predicted);
    return { tensors: fitted.encode(), predicted };
  });
  expect(answers[1]).toEqual(answers[0]);
});

test.each(["conjugate-gradients", "cholesky"] as const)(
  "one and four threads factor alike, byte for byte: %s",
  (solver) => {
    const rng = random("lists");
    const lists = Array.from({ length: 300 }, () => [...new Set(Array.from({ length: 20 }, () => rng.integer(90)))]);
    const learnerPtr = Int32Array.from([0, ...lists.map((_, i) => lists.slice(0, i + 1).flat().length)]);
    const activityIdx = Int32Array.from(lists.flatMap((list) => list.sort((a, b) => a - b)));
    const activities = Array.from({ length: 90 }, (_, i) => `a${i}`);
    const recipe = implicitAls({ dimensions: 10, epochs: 3, solver });
    const answers = [1, 4].map((threads) => {
      useThreads(threads);
      return recipe.fit({ learnerPtr, activityIdx, activities }, { rng: random(2) }).encode();
    });
    expect(answers[1]).toEqual(answers[0]);
  },
);

test("a number of threads that makes no sense is refused", () => {
  for (const count of [0, 1.5, 65, Number.NaN]) expect(codeOf(() => useThreads(count))).toBe("BAD_INPUT");
});
