import { expect, test } from "vitest";
import {
  evaluatePlaylists,
  type PlaylistEvaluationInput,
} from "../../../../src/engine/evaluation-sets/playlist/evaluate.ts";
import type { PlaylistSplit } from "../../../../src/engine/evaluation-sets/playlist/split.ts";
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
    "bpr",
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

test("intervals hold the figures, and a model is as far behind the best as its figure", () => {
  const { models, best } = evaluate({ models: ["popularity", "ease"] });
  for (const { ndcg, mrr, intervals, behindBest } of Object.values(models)) {
    const [low, high] = intervals.ndcg["5"] as [number, number];
    expect(low).toBeLessThan(ndcg["5"] as number);
    expect(high).toBeGreaterThan(ndcg["5"] as number);
    expect((intervals.mrr as [number, number])[0]).toBeLessThan(mrr as number);
    expect(behindBest.difference).toBeCloseTo((models[best]!.ndcg["5"] as number) - (ndcg["5"] as number), 12);
  }
  expect(models[best]!.behindBest.interval).toEqual([0, 0]);
  const [low] = models.popularity!.behindBest.interval as [number, number];
  expect(low).toBeGreaterThan(0); // taste beats popularity by more than chance
});

test("a model that cannot be fitted is told, and the others are measured; with none left its error is thrown", () => {
  const { models, failed } = evaluate({ models: ["popularity", "nextActivity"] });
  expect(Object.keys(models)).toEqual(["popularity"]);
  expect(failed.nextActivity).toMatch(/expected the time of every interaction, got none/);
  expect(codeOf(() => evaluate({ models: ["nextActivity"] }))).toBe("BAD_INPUT");
  const items = Array.from({ length: 10_241 }, (_, item) => `item-${item}`);
  const wide = { ...twoTastes(20, "wide"), items };
  const refused = evaluate({ split: wide, models: ["popularity", "ease"] });
  expect(refused.failed.ease).toMatch(/expected at most 10240 activities for EASE, got 10241.*GiB.*implicitAls/);
});

test("with times what comes next is tried, too, and a chain is found by it", () => {
  const users = Array.from({ length: 60 }, (_, user) => user);
  const chain: PlaylistSplit = {
    items: Array.from({ length: 30 }, (_, item) => String(item)),
    train: users.map((user) => Int32Array.from([0, 1, 2, 3].map((step) => (user + step) % 30)).sort()),
    trainTimes: users.map((user) =>
      Float64Array.from(
        [0, 1, 2, 3].map((step) => [(user + step) % 30, step]).sort((a, b) => a[0]! - b[0]!),
        ([, time]) => time!,
      ),
    ),
    valid: users.map((user) => Int32Array.of((user + 4) % 30)),
    test: users.map((user) => Int32Array.of((user + 5) % 30)),
  };
  const { models } = evaluate({ split: chain, models: ["popularity", "itemNeighbors", "nextActivity"] });
  expect(models.nextActivity!.validationNdcg).toBeGreaterThan(models.itemNeighbors!.validationNdcg);
});

test("a user without a history gets what is popular, whatever the model", () => {
  const split = twoTastes(60, "cold");
  const cold = (rows: readonly Int32Array[], row: Int32Array): Int32Array[] => [...rows, row];
  const none = new Int32Array(0);
  const counts = new Int32Array(ITEMS);
  for (const row of split.train) for (const item of row) counts[item]!++;
  const favourite = counts.indexOf(Math.max(...counts));
  const only = {
    ...split,
    train: cold(split.train, none),
    valid: cold(split.valid, none),
    test: cold(
      split.test.map(() => none),
      Int32Array.of(favourite),
    ),
  };
  const { models } = evaluate({ split: only, at: [1], models: ["popularity", "ease", "ialsSmall", "bpr"] });
  for (const model of Object.values(models)) expect(model.ndcg["1"]).toBe(1);
});

test("fitted anew on the validation items, too, the best model is another one", () => {
  const { models, refitted, best } = evaluate({ models: ["ease"], isRefitted: true });
  expect(best).toBe("ease");
  expect(refitted).toBeDefined();
  expect("status" in refitted!).toBe(false);
  expect("ndcg" in refitted! && refitted.ndcg["10"]).not.toBe(models.ease!.ndcg["10"]);
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
