import { CairnError } from "../../errors.ts";
import type { Interactions } from "./recommender.ts";

/** Whether only the very next moment follows, or everything later, by how soon it came. */
export type Succession = "decayed" | "direct";

const NEGLIGIBLE = 7; // time scales: what is longer ago counts under a thousandth

/** Every learner's interactions in the order of time. */
export interface Timeline {
  /** Shape (interactions): entries, by learner and then by time. */
  readonly order: Int32Array;
  /** Shape (interactions): the place of each entry in `order`. */
  readonly place: Int32Array;
  /** Shape (interactions): the time at each place. */
  readonly time: Float64Array;
  /** Shape (interactions): the learner's first place, of each place. */
  readonly first: Int32Array;
  /** Shape (interactions): one past the learner's last place, of each place. */
  readonly end: Int32Array;
}

/**
 * Sorts every learner's interactions by time.
 * @throws CairnError `BAD_INPUT` when they have none
 */
export function timelineOf({ learnerPtr, activityIdx, time }: Interactions): Timeline {
  if (time === undefined) {
    throw new CairnError("BAD_INPUT", "expected the time of every interaction, got none", {
      hint: "give `time`, or use a model that does not ask what comes next",
    });
  }
  const entries = activityIdx.length;
  const order = Int32Array.from({ length: entries }, (_, i) => i);
  const [place, first, end] = [new Int32Array(entries), new Int32Array(entries), new Int32Array(entries)];
  for (let learner = 0; learner + 1 < learnerPtr.length; learner++) {
    const [from, to] = [learnerPtr[learner]!, learnerPtr[learner + 1]!];
    order.subarray(from, to).sort((a, b) => time[a]! - time[b]! || a - b);
    for (let at = from; at < to; at++) {
      place[order[at]!] = at;
      first[at] = from;
      end[at] = to;
    }
  }
  return { order, place, time: Float64Array.from(order, (i) => time[i]!), first, end };
}

/**
 * Calls `visit` with every entry the given one followed and how much that step counts, in (0, 1].
 * @param entry - an interaction
 * @param timeScale - of the decay; not used for direct succession
 */
export function visitPredecessors(
  timeline: Timeline,
  entry: number,
  succession: Succession,
  timeScale: number,
  visit: (entry: number, share: number) => void,
): void {
  const { order, place, time, first, end } = timeline;
  const own = place[entry]!;
  const moment = time[own]!;
  let from = own;
  while (from > first[own]! && time[from - 1] === moment) from--;
  let to = own + 1;
  while (to < end[own]! && time[to] === moment) to++;
  if (succession === "direct") {
    // the moment before, all of it; this moment's activities share each of its steps
    for (let at = from - 1; at >= first[own]! && time[at] === time[from - 1]; at--) visit(order[at]!, 1 / (to - from));
    return;
  }
  for (let at = from; at < to; at++) if (at !== own) visit(order[at]!, 0.5);
  for (let at = from - 1; at >= first[own]!; at--) {
    const scales = (moment - time[at]!) / timeScale;
    if (scales > NEGLIGIBLE) return;
    visit(order[at]!, Math.exp(-scales));
  }
}
