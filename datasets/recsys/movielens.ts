import { type PublicFile, readPublicFile } from "../knowledge-tracing/checked-file.ts";
import { splitByRecbole } from "./splits.ts";

const PUBLISHED = "grouplens.org/datasets/movielens (research use)";

const ratings: PublicFile = {
  path: "recsys/ml-100k/u.data.gz",
  sha256: "b3d6537d6fcfa3df3f1657692fa788d3beba2dfd4f28509dc8c8289175ec11a3",
  published: PUBLISHED,
};

const lists: Readonly<Record<"train" | "valid" | "test", PublicFile>> = {
  train: {
    path: "recsys/ml-1m_implicit/train.txt.gz",
    sha256: "e0a4619f00cd11be762c39a9a9034a328eb38c54905813e2bcf29c442b329a26",
    published: PUBLISHED,
  },
  valid: {
    path: "recsys/ml-1m_implicit/valid.txt.gz",
    sha256: "6be3eff85bf32767544ab08abf613f9478cdbba2d822012a2b59b3970184407f",
    published: PUBLISHED,
  },
  test: {
    path: "recsys/ml-1m_implicit/test.txt.gz",
    sha256: "f1d3e13c4d362b76dd40f69928511f6a9c83e7f13a1b7c72bf8865cef363dae6",
    published: PUBLISHED,
  },
};

/** Items per user in three disjoint parts; users and items by dense index. */
export interface RecommendationSplit {
  readonly items: readonly string[];
  readonly train: readonly Int32Array[];
  readonly valid: readonly Int32Array[];
  readonly test: readonly Int32Array[];
}

/**
 * MovieLens 100K, every rating a positive, split at random 8:1:1 per user as RecBole does: users in id order, each user's
 * items in file order, shuffled by Fisher–Yates from the last position down with one mulberry32 stream; the first ⌊n/10⌋
 * are test, the next ⌊n/10⌋ validation, the rest training. 80,808 / 9,596 / 9,596 pairs of 943 users and 1,682 items.
 * @param folder - the data folder (`CAIRN_DATASETS`)
 * @param seed - of the split
 * @throws CairnError `UNREADABLE_FILE`
 */
export function readMovieLens100k(folder: string, seed: number): RecommendationSplit {
  const rows: number[][] = Array.from({ length: 943 }, () => []);
  for (const line of readPublicFile(folder, ratings).trimEnd().split("\n")) {
    const [user, item] = line.split("\t");
    rows[Number(user) - 1]!.push(Number(item) - 1);
  }
  return {
    items: Array.from({ length: 1682 }, (_, item) => String(item + 1)),
    ...splitByRecbole(
      rows.map((items) => ({ items })),
      seed,
    ),
  };
}

/**
 * MovieLens 1M with ratings of 3 and more as positives, in the given training, validation and test lists: 590,733, 80,897
 * and 164,848 pairs over 3,628 items.
 * @param folder - the data folder (`CAIRN_DATASETS`)
 * @throws CairnError `UNREADABLE_FILE`
 */
export function readMovieLens1m(folder: string): RecommendationSplit {
  const read = (file: PublicFile): Map<number, number[]> =>
    new Map(
      readPublicFile(folder, file)
        .trimEnd()
        .split("\n")
        .map((line) => line.trim().split(/\s+/).map(Number))
        .map(([user, ...items]) => [user!, items]),
    );
  const [train, valid, test] = [read(lists.train), read(lists.valid), read(lists.test)];
  const users = [...new Set([...train.keys(), ...valid.keys(), ...test.keys()])].sort((a, b) => a - b);
  const ids = [...new Set([train, valid, test].flatMap((part) => [...part.values()].flat()))].sort((a, b) => a - b);
  const index = new Map(ids.map((id, i) => [id, i]));
  const rows = (part: Map<number, number[]>): Int32Array[] =>
    users.map((user) => ascending((part.get(user) ?? []).map((id) => index.get(id)!)));
  return { items: ids.map(String), train: rows(train), valid: rows(valid), test: rows(test) };
}

/** Who had which item, one compressed row per user. */
export interface CompressedRows {
  /** Shape (users + 1): where each user's row starts. */
  readonly learnerPtr: Int32Array;
  /** Shape (pairs): item index, ascending within a row. */
  readonly activityIdx: Int32Array;
  readonly activities: readonly string[];
}

/** Rows of items as the input of a recommender. */
export function toInteractions(items: readonly string[], rows: readonly Int32Array[]): CompressedRows {
  const learnerPtr = new Int32Array(rows.length + 1);
  for (const [user, row] of rows.entries()) learnerPtr[user + 1] = learnerPtr[user]! + row.length;
  const activityIdx = new Int32Array(learnerPtr[rows.length]!);
  for (const [user, row] of rows.entries()) activityIdx.set(row, learnerPtr[user]!);
  return { learnerPtr, activityIdx, activities: items };
}

function ascending(items: readonly number[]): Int32Array {
  return Int32Array.from(items).sort();
}
