import { fsrs, Rating } from "ts-fsrs";

/** Position of the stability, in days, among the numbers kept per standard. */
export const STABILITY = 0;
/** Position of the difficulty, 1 to 10. */
export const DIFFICULTY = 1;
/** Milliseconds of the last observation the schedule has seen. */
export const REVIEWED_AT = 2;

const DAY = 86_400_000;
const RIGHT_FROM = 0.5; // of a partly right answer: FSRS knows recalled and forgotten only

// Fuzz would draw at random; everything else is FSRS-6 as published, with the weights of its authors and 90 % retention.
const schedule = fsrs({ enable_fuzz: false, request_retention: 0.9 });

/**
 * Moves the schedule of reviews on by one observation, in whole calendar days as FSRS counts.
 * @param numbers - shape (3): stability in days (0 before the first), difficulty, last observation; changed in place
 * @see knowledge-tracing handbook 2.6.1; FSRS-6 as `ts-fsrs` computes it
 */
export function moveSchedule(numbers: Float64Array, outcome: number, at: number): void {
  const first = numbers[STABILITY] === 0;
  const memory = first ? null : { stability: numbers[STABILITY]!, difficulty: numbers[DIFFICULTY]! };
  const days = first ? 0 : daysBetween(numbers[REVIEWED_AT]!, at);
  const next = schedule.next_state(memory, days, outcome >= RIGHT_FROM ? Rating.Good : Rating.Again);
  numbers[STABILITY] = next.stability;
  numbers[DIFFICULTY] = next.difficulty;
  numbers[REVIEWED_AT] = at;
}

/** When retrievability falls to the wanted retention: from that day on a review is due. @returns milliseconds */
export function reviewDueAt(numbers: Float64Array): number {
  return numbers[REVIEWED_AT]! + DAY * schedule.next_interval(numbers[STABILITY]!, 0);
}

/** Chance to recall at a moment, in [0, 1]: 1 on the day of the last observation. */
export function retrievabilityAt(numbers: Float64Array, at: number): number {
  return schedule.forgetting_curve(daysBetween(numbers[REVIEWED_AT]!, at), numbers[STABILITY]!);
}

function daysBetween(from: number, to: number): number {
  return Math.max(0, Math.floor(to / DAY) - Math.floor(from / DAY));
}
