import { expect, test } from "vitest";
import {
  evaluatePlaylists,
  type PlaylistEvaluationInput,
} from "../../../../src/engine/evaluation-sets/playlist/evaluate.ts";
import type { PlaylistSplit } from "../../../../src/engine/evaluation-sets/playlist/measure.ts";
import { random } from "../../../../src/numeric/random.ts";
import { codeOf } from "../../../contracts/estimator-contract.ts";

const ITEMS = 40;

/** Users of two tastes; every fifth item of a user is validation, every fifth test. */
function twoTastes(users: number, seed: string): PlaylistSplit {
  const rng = random(seed);
  const rows = Array.from({ length: users }, (_, user) =>
    Array.from({ length: ITEMS }, (_, item) => item).filter(
      (item) => rng.next() < (item % 2 === user % 2 ? 0.6 : 0.05),
    ),
  );
  const part = (wanted: readonly number[]): Int32Array[] =>
    rows.map((row) => Int32Array.from(row.filter((_, i) => wanted.includes(i % 5))));
  return {
    items: Array.from({ length: ITEMS }, (_, item) => String(item)),
    train: part([0, 1, 2]),
    valid: part([3]),
    test: part([4]),
  };
}

const evaluate = (rest: Partial<PlaylistEvaluationInput> = {}): ReturnType<typeof evaluatePlaylists> => {
  let now = 0;
  return evaluatePlaylists({ split: twoTastes(120, "evaluate"), at: [5, 10], seed: 1, clock: () => now++, ...rest });
};

test("every model is measured at every cut-off, taste beats popularity, and the test items do not choose", () => {
  const seen: number[] = [];
  const { rows, models, best } = evaluate({ onProgress: (fraction) => seen.push(fraction) });
  expect(rows.train).toBeGreaterThan(rows.test);
  expect(Object.keys(models)).toEqual([
    "popularity",
    "itemNeighbors",
    "ease",
    "easeWeighted",
    "ials",
    "ialsSmall",
    "ialsLarge",
    "blend",
  ]);
  const popularity = models.popularity!.ndcg["10"] as number;
  for (const [name, model] of Object.entries(models)) {
    expect(Object.keys(model.ndcg)).toEqual(["5", "10"]);
    expect(model.recall["10"]).toBeGreaterThanOrEqual(model.recall["5"] as number);
    expect(model.hitRate["5"]).toBeGreaterThanOrEqual(model.recall["5"] as number);
    if (name !== "popularity") expect(model.ndcg["10"]).toBeGreaterThan(1.2 * popularity);
    expect(models[best]!.validationNdcg).toBeGreaterThanOrEqual(model.validationNdcg);
  }
  expect(typeof models.ials!.secondsPerEpoch).toBe("number");
  expect(models.ease!.secondsPerEpoch).toMatchObject({ status: "undefined" });
  expect(seen.at(-1)).toBe(1);
  const split = twoTastes(120, "evaluate");
  const other = evaluate({ split: { ...split, test: split.test.toReversed() } });
  expect(other.best).toBe(best);
  expect(other.models.ials!.settings).toEqual(models.ials!.settings);
});

test("nothing the user had in training or validation is recommended", () => {
  // Held-out items equal to the validation items can never be hit, because they are masked.
  const split = twoTastes(60, "mask");
  const { models } = evaluate({ split: { ...split, test: split.valid }, models: ["ease"] });
  expect(models.ease!.ndcg["10"]).toBe(0);
});

test("the same seed gives the same figures", () => {
  const figures = (rest: Partial<PlaylistEvaluationInput> = {}): unknown => {
    const { models } = evaluate({ models: ["popularity", "ease"], ...rest });
    return Object.values(models).map(({ ndcg, gini }) => [ndcg, gini]);
  };
  expect(figures()).toEqual(figures());
});

test("what cannot be evaluated is refused by code", () => {
  expect(codeOf(() => evaluate({ at: [] }))).toBe("BAD_INPUT");
  expect(codeOf(() => evaluate({ at: [0] }))).toBe("BAD_INPUT");
  expect(codeOf(() => evaluate({ models: ["magic"] }))).toBe("BAD_INPUT");
  const split = twoTastes(10, "empty");
  expect(codeOf(() => evaluate({ split: { ...split, valid: split.valid.map(() => new Int32Array(0)) } }))).toBe(
    "BAD_INPUT",
  );
  expect(codeOf(() => evaluate({ models: ["ease"], signal: AbortSignal.abort() }))).toBe("CANCELLED");
});
