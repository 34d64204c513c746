import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readMovieLens1m } from "../../datasets/recsys/movielens.ts";
import type { BenchmarkCase } from "../case.ts";
import { datasetsFolder, missingFiles } from "./shared-datasets.ts";

const files = ["train", "valid", "test"].map((part) => `recsys/ml-1m_implicit/${part}.txt.gz`);

/** One pass of implicit ALS over both sides, at two sizes of the embedding, and what sixteen passes are worth. */
export const implicitAlsCase: BenchmarkCase = {
  name: "implicit-als",
  work: "ML-1M lists, 590,733 pairs: seconds per epoch of conjugate gradients (3 steps), 64 and 128 factors",
  compared: [
    { timing: "epoch64", goal: 1.3 },
    { timing: "epoch128", goal: 1.3 },
  ],
  figures: ["ndcg64", "ndcg128"],
  async prepare(folder) {
    const missing = missingFiles(...files);
    if (missing !== undefined) return missing;
    const split = readMovieLens1m(datasetsFolder());
    await writeFile(join(folder, "split.json"), JSON.stringify(plain(split)));
    return undefined;
  },
  cairn: "implicit-als.js",
  peers: { implicit: { script: "als.py" } },
  runs: 3,
};

/** EASE: the closed form, an inverse of items × items. */
export const easeCase: BenchmarkCase = {
  name: "ease",
  work: "ML-1M lists, EASE over its 3,000 most done items, λ = 1,000",
  compared: [{ timing: "fit", goal: 1 / 1.5 }],
  figures: ["trace"],
  prepare: implicitAlsCase.prepare,
  cairn: "ease.js",
  peers: { NumPy: { script: "ease.py" } },
  runs: 3,
};

/** Index lists only: both sides read the same JSON. */
function plain(split: ReturnType<typeof readMovieLens1m>): unknown {
  const lists = (rows: readonly Int32Array[]): number[][] => rows.map((row) => [...row]);
  return { items: split.items, train: lists(split.train), valid: lists(split.valid), test: lists(split.test) };
}
