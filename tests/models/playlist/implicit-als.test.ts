import { readFileSync } from "node:fs";
import fc from "fast-check";
import { Matrix, solve } from "ml-matrix";
import { describe, expect, test } from "vitest";
import { type ImplicitAlsOptions, implicitAls } from "../../../src/models/playlist/implicit-als/implicit-als.ts";
import type { FittedImplicitAls } from "../../../src/models/playlist/implicit-als/model.ts";
import type { Interactions } from "../../../src/models/playlist/recommender.ts";
import { random } from "../../../src/numeric/random.ts";
import { codeOf, contextOf } from "../../contracts/estimator-contract.ts";
import { interactionsOf, scoresOf, twoTastes } from "./interactions-of.ts";

interface GoldenCase {
  readonly activities: number;
  readonly settings: number[];
  readonly factors: number[];
  readonly activityIdx: number[];
  readonly weight: number[] | null;
  readonly learner: number[];
  readonly scores: number[];
  readonly explained: number;
  readonly terms: number[];
}
const golden = JSON.parse(
  readFileSync(new URL("../../golden/implicit-als/implicit-als.json", import.meta.url), "utf8"),
) as { cases: GoldenCase[] };

const factorsOf = (model: FittedImplicitAls): Float32Array => model.encode().arrays.factors as Float32Array;

/** The algorithm again, with whole matrices and a general solver: the specification the kernels are held to. */
function straightforward(input: Interactions, options: Required<ImplicitAlsOptions>, seed: string): Matrix {
  const { dimensions, unobservedWeight, regularization, frequencyExponent, epochs } = options;
  const learners = input.learnerPtr.length - 1;
  const observed = Matrix.zeros(learners, input.activities.length);
  for (let learner = 0; learner < learners; learner++) {
    for (let i = input.learnerPtr[learner]!; i < input.learnerPtr[learner + 1]!; i++) {
      observed.set(learner, input.activityIdx[i]!, input.weight?.[i] ?? 1);
    }
  }
  const half = (weights: Matrix, fixed: Matrix): Matrix => {
    const solved = Matrix.zeros(weights.rows, dimensions);
    for (let row = 0; row < weights.rows; row++) {
      const c = weights.getRow(row);
      const sum = c.reduce((a, b) => a + b, 0);
      if (sum === 0) continue;
      const penalty = regularization * (sum + unobservedWeight * fixed.rows) ** frequencyExponent;
      const all = Matrix.diag(c.map((value) => value + unobservedWeight));
      const left = fixed.transpose().mmul(all).mmul(fixed).add(Matrix.eye(dimensions).mul(penalty));
      solved.setRow(row, solve(left, fixed.transpose().mmul(Matrix.columnVector(c))).getColumn(0));
    }
    return solved;
  };
  const rng = random(seed);
  const start = Array.from({ length: input.activities.length }, () =>
    Array.from({ length: dimensions }, () => (0.1 / Math.sqrt(dimensions)) * rng.normal()),
  );
  let activities = new Matrix(start);
  for (let epoch = 0; epoch < epochs; epoch++) activities = half(observed.transpose(), half(observed, activities));
  return activities;
}

const options = (dimensions: number): Required<ImplicitAlsOptions> => ({
  dimensions,
  unobservedWeight: 0.3,
  regularization: 0.02,
  frequencyExponent: 0.8,
  epochs: 4,
  solver: "cholesky",
  steps: 3,
});

describe("iALS", () => {
  test("folds in as numpy solves the normal equations, and explains with the same terms", () => {
    for (const expected of golden.cases) {
      const activities = Array.from({ length: expected.activities }, (_, i) => String(i));
      const model = implicitAls().decode({
        metadata: { kind: "playlist/implicit-als" },
        arrays: {
          activities: new TextEncoder().encode(JSON.stringify(activities)),
          settings: Float64Array.from(expected.settings),
          factors: Float32Array.from(expected.factors),
        },
      });
      const history = {
        activityIdx: Int32Array.from(expected.activityIdx),
        ...(expected.weight === null ? {} : { weight: Float64Array.from(expected.weight) }),
      };
      const near = (out: Float64Array, values: number[]): void => {
        for (const [i, value] of values.entries()) expect(Math.abs(out[i]! - value)).toBeLessThan(1e-9);
      };
      const scores = new Float64Array(expected.activities);
      model.score(history, scores);
      near(scores, expected.scores);
      const learner = new Float64Array(model.dimensions);
      model.foldIn(history, learner);
      near(learner, expected.learner);
      const terms = new Float64Array(expected.activityIdx.length);
      model.explain(history, expected.explained, terms);
      near(terms, expected.terms);
    }
  });

  // 4 and 8 fill the lanes, the others are padded; singles carry seven digits, and four passes lose one or two of them.
  test.each([1, 3, 4, 7, 8])(
    "the kernels do what whole matrices do: d = %i, with weights and without",
    (dimensions) => {
      for (const isWeighted of [false, true]) {
        const input = interactionsOf(twoTastes(40, 13, `d${dimensions}`), 13, isWeighted);
        const expected = straightforward(input, options(dimensions), "kernels");
        const factors = factorsOf(implicitAls(options(dimensions)).fit(input, contextOf("kernels")));
        for (let i = 0; i < 13; i++) {
          for (let k = 0; k < dimensions; k++) {
            expect(Math.abs(factors[i * dimensions + k]! - expected.get(i, k))).toBeLessThan(2e-4);
          }
        }
      }
    },
  );

  test("with as many steps as dimensions, conjugate gradients solve what Cholesky solves", () => {
    const input = interactionsOf(twoTastes(60, 20, "steps"), 20, true);
    const exact = implicitAls(options(5)).fit(input, contextOf(3));
    const steps = implicitAls({ ...options(5), solver: "conjugate-gradients", steps: 12 }).fit(input, contextOf(3));
    const [a, b] = [scoresOf(exact, [0, 4, 6]), scoresOf(steps, [0, 4, 6])];
    for (let i = 0; i < a.length; i++) expect(Math.abs(a[i]! - b[i]!)).toBeLessThan(1e-3);
  });

  test("the terms of an explanation add up to the score, whatever the history and weights", () => {
    const input = interactionsOf(twoTastes(80, 30, "explain"), 30);
    const model = implicitAls({ dimensions: 10, epochs: 3 }).fit(input, contextOf(1));
    const weights = fc.double({ min: 0.1, max: 5, noNaN: true });
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(29), { maxLength: 12 }), fc.nat(29), weights, (list, activity, first) => {
        const weight = Float64Array.from(list, (_, i) => (i === 0 ? first : 1));
        const history = { activityIdx: Int32Array.from(list), weight };
        const scores = new Float64Array(30);
        model.score(history, scores);
        const terms = new Float64Array(list.length);
        model.explain(history, activity, terms);
        expect(Math.abs(terms.reduce((a, b) => a + b, 0) - scores[activity]!)).toBeLessThan(1e-9);
      }),
    );
  });

  test("a new learner of one taste is recommended that taste", () => {
    const model = implicitAls({ dimensions: 4 }).fit(interactionsOf(twoTastes(200, 20, "taste"), 20), contextOf(1));
    const scores = scoresOf(model, [0, 2, 4]);
    const mean = (activities: readonly number[]): number =>
      activities.reduce((sum, activity) => sum + scores[activity]!, 0) / activities.length;
    expect(mean([6, 8, 10, 12, 14, 16, 18])).toBeGreaterThan(2 * Math.abs(mean([1, 3, 5, 7, 9, 11, 13])));
    expect([...scoresOf(model, [])].every((score) => score === 0)).toBe(true);
  });

  test("what does not fit is refused by code", () => {
    const wrong: ImplicitAlsOptions[] = [
      { dimensions: 0 },
      { epochs: 1.5 },
      { steps: 0 },
      { regularization: 0 },
      { unobservedWeight: -1 },
      { frequencyExponent: 2 },
      { solver: "newton" as never },
    ];
    for (const option of wrong) expect(codeOf(() => implicitAls(option))).toBe("BAD_INPUT");
    const model = implicitAls({ dimensions: 2, epochs: 1 }).fit(interactionsOf([[0, 1]], 3), contextOf(1));
    const history = { activityIdx: Int32Array.of(1) };
    expect(codeOf(() => model.foldIn(history, new Float64Array(3)))).toBe("SHAPE_MISMATCH");
    expect(codeOf(() => model.explain(history, 3, new Float64Array(1)))).toBe("BAD_INPUT");
    const { metadata, arrays } = model.encode();
    const short = { metadata, arrays: { ...arrays, factors: new Float32Array(5) } };
    expect(codeOf(() => implicitAls().decode(short))).toBe("ARTIFACT_CORRUPT");
    const tiny = { dimensions: 3, regularization: 1e-30, unobservedWeight: 1e-30, solver: "cholesky" } as const;
    expect(codeOf(() => implicitAls(tiny).fit(interactionsOf([[0]], 2), contextOf(1)))).toBe("SINGULAR");
  });

  test("stops between half-steps when it is asked to", () => {
    const controller = new AbortController();
    const onProgress = (fraction: number): void => {
      if (fraction > 0.5) controller.abort();
    };
    const input = interactionsOf(twoTastes(20, 13, "cancel"), 13);
    expect(codeOf(() => implicitAls().fit(input, contextOf(1, { signal: controller.signal, onProgress })))).toBe(
      "CANCELLED",
    );
  });
});
