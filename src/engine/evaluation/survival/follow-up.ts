import { CairnError } from "../../../errors.ts";

/** How long learners were followed, and how it ended. */
export interface FollowUp {
  /** Shape (n): the week of the event or of the last word of the learner, finite, 0 or more. */
  readonly time: Float64Array;
  /** Shape (n): 1 when the event came then, 0 when the learner transferred or the data end (censoring). */
  readonly event: Uint8Array;
}

/** @throws CairnError `SHAPE_MISMATCH`, `BAD_INPUT` without learners or for times that are none */
export function checkFollowUp({ time, event }: FollowUp): void {
  if (time.length !== event.length)
    throw new CairnError("SHAPE_MISMATCH", `expected an event per time, got ${time.length} and ${event.length}`);
  if (time.length === 0) throw new CairnError("BAD_INPUT", "expected learners who were followed, got none");
  const odd = time.find((at) => !(at >= 0 && Number.isFinite(at)));
  if (odd !== undefined) throw new CairnError("BAD_INPUT", `expected times from 0, got ${odd}`);
}

/**
 * A product-limit curve: the chance to be still without what is counted after a time.
 * @param counted - `event`: S, of the event. `censoring`: G, of being censored; an event in the same week comes first, so who had
 *   it is no longer there to be censored.
 * @returns the curve as a function of time: a step down at each time something happened, 1 before the first
 * @see Kaplan and Meier (1958), Journal of the American Statistical Association 53(282), equation 3a
 */
export function productLimit({ time, event }: FollowUp, counted: "event" | "censoring"): (at: number) => number {
  const steps = [...new Set(time)].sort((a, b) => a - b);
  const place = new Map(steps.map((at, index) => [at, index]));
  const events = new Float64Array(steps.length);
  const censored = new Float64Array(steps.length);
  for (let i = 0; i < time.length; i++) (event[i] === 1 ? events : censored)[place.get(time[i]!)!]! += 1;
  const after = new Float64Array(steps.length);
  let atRisk = time.length;
  let left = 1;
  for (let step = 0; step < steps.length; step++) {
    const exposed = counted === "event" ? atRisk : atRisk - events[step]!;
    const gone = counted === "event" ? events[step]! : censored[step]!;
    if (exposed > 0) left *= 1 - gone / exposed;
    after[step] = left;
    atRisk -= events[step]! + censored[step]!;
  }
  return (at) => {
    let low = 0;
    let high = steps.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (steps[middle]! <= at) low = middle + 1;
      else high = middle;
    }
    return low === 0 ? 1 : after[low - 1]!;
  };
}
