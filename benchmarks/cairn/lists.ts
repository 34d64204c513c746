import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { toInteractions } from "../../datasets/recsys/movielens.ts";
import type { FittedRecommender, Interactions } from "../../src/models/playlist/recommender.ts";
import { rankingQuality, topItems } from "../../src/numeric/metrics/ranking.ts";

/** The lists that the case wrote. */
export interface Lists {
  readonly training: Interactions;
  readonly train: readonly Int32Array[];
  readonly valid: readonly Int32Array[];
  readonly test: readonly Int32Array[];
}

/** Reads the lists of the case. */
export async function readPreparedLists(folder: string): Promise<Lists> {
  const { items, ...parts } = JSON.parse(await readFile(join(folder, "split.json"), "utf8")) as {
    items: string[];
  } & Record<"train" | "valid" | "test", number[][]>;
  const rows = (part: number[][]): Int32Array[] => part.map((row) => Int32Array.from(row));
  const train = rows(parts.train);
  return { training: toInteractions(items, train), train, valid: rows(parts.valid), test: rows(parts.test) };
}

/** NDCG@10 on the test lists, everything else ranked, training and validation masked. */
export function testNdcg(model: FittedRecommender, { train, valid, test, training }: Lists): number {
  const scores = new Float64Array(training.activities.length);
  const ranked: Int32Array[] = [];
  const truths: Set<number>[] = [];
  for (const [user, activityIdx] of train.entries()) {
    if (test[user]!.length === 0) continue;
    model.score({ activityIdx }, scores);
    for (const item of activityIdx) scores[item] = Number.NEGATIVE_INFINITY;
    for (const item of valid[user]!) scores[item] = Number.NEGATIVE_INFINITY;
    const list = new Int32Array(10);
    topItems(scores, list);
    ranked.push(list);
    truths.push(new Set(test[user]));
  }
  const { ndcg } = rankingQuality(ranked, truths, training.activities.length, 10);
  return ndcg.status === "defined" ? ndcg.value : Number.NaN;
}
