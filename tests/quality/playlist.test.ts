import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  type RecommendationSplit,
  readMovieLens1m,
  readMovieLens100k,
  toInteractions,
} from "../../datasets/recsys/movielens.ts";
import { ease } from "../../src/models/playlist/ease.ts";
import { popularity } from "../../src/models/playlist/popularity.ts";
import type { FittedRecommender } from "../../src/models/playlist/recommender.ts";
import type { Measured } from "../../src/numeric/measured.ts";
import { rankingQuality, topItems } from "../../src/numeric/metrics/ranking.ts";
import { random } from "../../src/numeric/random.ts";

const folder = process.env.CAIRN_DATASETS ?? "../shared/datasets";
const present = existsSync(`${folder}/recsys`);
const reason = present ? "" : " (skipped: no recsys in CAIRN_DATASETS)";

/** The metrics at 10 to four decimals, ranking all items the user has in neither training nor validation. */
function measure(model: FittedRecommender, split: RecommendationSplit): Record<string, string> {
  const scores = new Float64Array(split.items.length);
  const lists = split.train.map((activityIdx, user) => {
    model.score({ activityIdx }, scores);
    for (const item of activityIdx) scores[item] = Number.NEGATIVE_INFINITY;
    for (const item of split.valid[user]!) scores[item] = Number.NEGATIVE_INFINITY;
    const ranked = new Int32Array(10);
    topItems(scores, ranked);
    return ranked;
  });
  const truths = split.test.map((items) => new Set(items));
  const { ndcg, recall, mrr, hit, coverage, learners } = rankingQuality(lists, truths, split.items.length, 10);
  const rounded = (measured: Measured): string =>
    measured.status === "defined" ? measured.value.toFixed(4) : "undefined";
  return {
    ndcg: rounded(ndcg),
    recall: rounded(recall),
    mrr: rounded(mrr),
    hit: rounded(hit),
    coverage: rounded(coverage),
    learners: String(learners),
  };
}

describe.runIf(present)(`recommenders on MovieLens${reason}`, () => {
  test("100K, 8:1:1, split seed 1: EASE to four decimals, popularity below it", () => {
    const split = readMovieLens100k(folder, 1);
    const input = toInteractions(split.items, split.train);
    expect(input.activityIdx.length).toBe(80_808);
    const measured = measure(ease({ regularization: 300 }).fit(input, { rng: random(1) }), split);
    expect(measured).toMatchObject({ ndcg: "0.3256", recall: "0.2736", mrr: "0.5219", hit: "0.8049", learners: "943" });
    expect(Number(measured.coverage).toFixed(3)).toBe("0.228");
    const baseline = measure(popularity().fit(input, { rng: random(1) }), split);
    expect(baseline.ndcg).toBe("0.1387");
    expect(Number(measured.ndcg)).toBeGreaterThan(2 * Number(baseline.ndcg));
  });

  test("100K, split seed 2: EASE to four decimals", () => {
    const split = readMovieLens100k(folder, 2);
    const input = toInteractions(split.items, split.train);
    const measured = measure(ease({ regularization: 300 }).fit(input, { rng: random(1) }), split);
    expect(measured).toMatchObject({ ndcg: "0.3357", recall: "0.2799", mrr: "0.5322", hit: "0.8240" });
  });

  test("1M implicit, given files: EASE NDCG@10 to four decimals", { timeout: 300_000 }, () => {
    const split = readMovieLens1m(folder);
    const input = toInteractions(split.items, split.train);
    const measured = measure(ease({ regularization: 1000 }).fit(input, { rng: random(1) }), split);
    expect(measured).toMatchObject({
      ndcg: "0.3897",
      recall: "0.1803",
      mrr: "0.6325",
      hit: "0.9001",
      learners: "6038",
    });
  });
});
