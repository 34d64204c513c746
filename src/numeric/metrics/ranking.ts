import { CairnError } from "../../errors.ts";
import { defined, type Measured, undefinedBecause } from "../measured.ts";

const NO_TRUTH = "nothing was held out";

/**
 * The k best items by score, best first; ties go to the smaller item id, so that a ranking repeats.
 * @param scores - shape (items); −∞ is never taken, so it masks an item; NaN is refused
 * @param out - shape (k), overwritten with item ids; −1 from where fewer than k items were left
 * @returns how many items were taken
 * @throws CairnError `NOT_FINITE` for a NaN score
 */
export function topItems(scores: Float64Array, out: Int32Array): number {
  let count = 0;
  for (let item = 0; item < scores.length; item++) {
    const score = scores[item]!;
    if (Number.isNaN(score)) {
      throw new CairnError("NOT_FINITE", `expected a score per item, got NaN for item ${item}`, {
        hint: "use -Infinity to leave an item out",
      });
    }
    if (score === Number.NEGATIVE_INFINITY) continue;
    if (count === out.length && (count === 0 || score <= scores[out[count - 1]!]!)) continue;
    let place = count < out.length ? count++ : count - 1;
    while (place > 0 && scores[out[place - 1]!]! < score) {
      out[place] = out[place - 1]!;
      place--;
    }
    out[place] = item;
  }
  out.fill(-1, count);
  return count;
}

/**
 * Discounted gain of the first k of a ranking over the best possible: Σ_r hit_r/log₂(r + 1) divided by the same sum with
 * min(k, |truth|) hits at the top. In [0, 1]; undefined for an empty truth.
 * @param ranked - item ids, best first; −1 counts as no item
 * @param truth - the held-out items
 * @see Järvelin and Kekäläinen (2002), with binary gain
 */
export function ndcgScore(ranked: Int32Array, truth: ReadonlySet<number>, k: number): Measured {
  if (truth.size === 0) return undefinedBecause(NO_TRUTH);
  let gain = 0;
  let best = 0;
  for (let rank = 1; rank <= k; rank++) {
    const discounted = 1 / Math.log2(rank + 1);
    if (rank <= ranked.length && truth.has(ranked[rank - 1]!)) gain += discounted;
    if (rank <= truth.size) best += discounted;
  }
  return defined(gain / best);
}

function hits(ranked: Int32Array, truth: ReadonlySet<number>, k: number): number {
  let count = 0;
  for (let i = 0; i < k && i < ranked.length; i++) if (truth.has(ranked[i]!)) count++;
  return count;
}

/**
 * Share of the truth among the first k: hits/|truth|, as RecBole defines it (the papers on variational autoencoders divide
 * by min(k, |truth|) instead). In [0, 1]; undefined for an empty truth.
 * @param ranked - item ids, best first
 * @param truth - the held-out items
 */
export function recallScore(ranked: Int32Array, truth: ReadonlySet<number>, k: number): Measured {
  return truth.size === 0 ? undefinedBecause(NO_TRUTH) : defined(hits(ranked, truth, k) / truth.size);
}

/**
 * One over the rank of the first hit among the first k, 0 when there is none. In [0, 1]; undefined for an empty truth.
 * @param ranked - item ids, best first
 * @param truth - the held-out items
 */
export function reciprocalRankScore(ranked: Int32Array, truth: ReadonlySet<number>, k: number): Measured {
  if (truth.size === 0) return undefinedBecause(NO_TRUTH);
  for (let i = 0; i < k && i < ranked.length; i++) if (truth.has(ranked[i]!)) return defined(1 / (i + 1));
  return defined(0);
}

/**
 * 1 when any of the first k is in the truth, else 0; undefined for an empty truth.
 * @param ranked - item ids, best first
 * @param truth - the held-out items
 */
export function hitScore(ranked: Int32Array, truth: ReadonlySet<number>, k: number): Measured {
  return truth.size === 0 ? undefinedBecause(NO_TRUTH) : defined(hits(ranked, truth, k) > 0 ? 1 : 0);
}

/**
 * Share of all items that are in at least one of the lists' first k. In [0, 1]; undefined without items.
 * @param lists - item ids per learner, best first; −1 counts as no item
 * @param items - number of items there are
 */
export function coverageScore(lists: readonly Int32Array[], items: number, k: number): Measured {
  if (items === 0) return undefinedBecause("there are no items");
  const shown = new Set<number>();
  for (const list of lists) {
    for (let i = 0; i < k && i < list.length; i++) if (list[i]! >= 0) shown.add(list[i]!);
  }
  return defined(shown.size / items);
}

/**
 * How little known the recommended items are: the mean of −log₂(n_i/learners) over all places of the first k, in bits. An item
 * nobody had in training counts as if one learner had it, so the value is at most log₂(learners). Undefined without learners
 * or recommendations.
 * @param lists - item ids per learner, best first; −1 counts as no item
 * @param counts - shape (items): learners who had each item in training
 * @param learners - learners of the training
 * @see Zhou et al. (2010), PNAS 107(10), self-information
 */
export function noveltyScore(lists: readonly Int32Array[], counts: Int32Array, learners: number, k: number): Measured {
  let bits = 0;
  let places = 0;
  for (const list of lists) {
    for (let i = 0; i < k && i < list.length; i++) {
      const item = list[i]!;
      if (item < 0) continue;
      bits -= Math.log2(Math.max(1, counts[item]!) / learners);
      places++;
    }
  }
  if (places === 0 || learners === 0) return undefinedBecause("nothing was recommended");
  return defined(bits / places);
}

/**
 * How unevenly the recommendations fall on the items: 0 when all are recommended equally often, near 1 when a few take all.
 * Σ_j (2j − items − 1)·x_j / (items·Σ_j x_j) with x ascending. Undefined without items or recommendations.
 * @param lists - item ids per learner, best first; −1 counts as no item
 * @param items - number of items there are
 */
export function recommendationGini(lists: readonly Int32Array[], items: number, k: number): Measured {
  const shown = new Float64Array(items);
  for (const list of lists) {
    for (let i = 0; i < k && i < list.length; i++) if (list[i]! >= 0) shown[list[i]!]!++;
  }
  shown.sort();
  let weighted = 0;
  let total = 0;
  for (let j = 0; j < items; j++) {
    weighted += (2 * (j + 1) - items - 1) * shown[j]!;
    total += shown[j]!;
  }
  return total === 0 ? undefinedBecause("nothing was recommended") : defined(weighted / (items * total));
}

/** The metrics of many lists: means over the learners with something held out. */
export interface RankingQuality {
  readonly ndcg: Measured;
  /** RecBole's definition: hits over the size of the truth. */
  readonly recall: Measured;
  /** Mean reciprocal rank. */
  readonly mrr: Measured;
  readonly hit: Measured;
  /** Share of items in any list, also of learners with nothing held out. */
  readonly coverage: Measured;
  /** Learners the means are over. */
  readonly learners: number;
}

/**
 * NDCG@k, Recall@k, MRR@k, Hit@k as means over learners with a non-empty truth, and coverage@k.
 * @param lists - one ranking per learner, item ids, best first
 * @param truths - the held-out items of each learner
 * @param items - number of items there are
 * @param k - 1 or more
 * @throws CairnError `SHAPE_MISMATCH`, `BAD_INPUT`
 */
export function rankingQuality(
  lists: readonly Int32Array[],
  truths: readonly ReadonlySet<number>[],
  items: number,
  k: number,
): RankingQuality {
  if (lists.length !== truths.length) {
    throw new CairnError("SHAPE_MISMATCH", `expected one truth per list, got ${lists.length} and ${truths.length}`);
  }
  if (!(Number.isInteger(k) && k >= 1)) throw new CairnError("BAD_INPUT", `expected a cut-off of 1 or more, got ${k}`);
  const mean = (metric: (ranked: Int32Array, truth: ReadonlySet<number>, k: number) => Measured): Measured => {
    let sum = 0;
    let count = 0;
    for (const [learner, list] of lists.entries()) {
      const measured = metric(list, truths[learner]!, k);
      if (measured.status === "undefined") continue;
      sum += measured.value;
      count++;
    }
    return count === 0 ? undefinedBecause("nothing was held out of any learner") : defined(sum / count);
  };
  return {
    ndcg: mean(ndcgScore),
    recall: mean(recallScore),
    mrr: mean(reciprocalRankScore),
    hit: mean(hitScore),
    coverage: coverageScore(lists, items, k),
    learners: truths.filter((truth) => truth.size > 0).length,
  };
}
