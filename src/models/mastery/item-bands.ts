import { logit } from "../../numeric/log-odds.ts";
import type { ItemResponseLog } from "./item-log.ts";
import type { ItemClasses } from "./response-log.ts";

const PRIOR_ANSWERS = 4; // imagined answers at the overall share behind every item's
const LEAST_ANSWERS = 20; // below this an item's share tells of who happened to answer, and of the answer to be predicted

/** Items sorted into bands by how hard they were for the learners of a log. */
export interface ItemBands {
  readonly count: number;
  /** The band of each item by name, from the hardest, 0; items with too few answers are in none. */
  readonly of: ReadonlyMap<string, number>;
}

/**
 * Bands of equal numbers of answers, by the items' shares of right answers drawn towards the overall share. Within a band an
 * answer tells alike of what is known: the classes of KT-IDEM for a log that names none.
 * @param count - bands, 1 or more
 */
export function bandItems(log: ItemResponseLog, count: number): ItemBands {
  const answers = new Float64Array(log.items.length);
  const right = new Float64Array(log.items.length);
  for (const [row, item] of log.item.entries()) {
    answers[item]!++;
    right[item]! += log.outcome[row]!;
  }
  const overall = right.reduce((sum, own) => sum + own, 0) / Math.max(1, log.outcome.length);
  const share = (item: number): number => (right[item]! + PRIOR_ANSWERS * overall) / (answers[item]! + PRIOR_ANSWERS);
  const known = Array.from(log.items.keys()).filter((item) => answers[item]! >= LEAST_ANSWERS);
  // Items of equal share are told apart by name, so that the order of a file does not matter.
  known.sort((a, b) => logit(share(a)) - logit(share(b)) || (log.items[a]! < log.items[b]! ? -1 : 1));
  const total = known.reduce((sum, item) => sum + answers[item]!, 0);
  const of = new Map<string, number>();
  let before = 0;
  for (const item of known) {
    of.set(log.items[item]!, Math.min(count - 1, Math.floor((count * (before + answers[item]! / 2)) / total)));
    before += answers[item]!;
  }
  return { count, of };
}

/** The band of every answer's item; −1 for an item that has none. */
export function bandsOf(log: ItemResponseLog, bands: ItemBands): ItemClasses {
  const own = Int32Array.from(log.items, (item) => bands.of.get(item) ?? -1);
  return { of: Int32Array.from(log.item, (item) => own[item]!), count: bands.count };
}
