import type { Random } from "../../src/numeric/random.ts";
import type { Activity, Item } from "./curriculum.ts";
import type { Learner } from "./learner.ts";
import { clamp, logistic, parameters } from "./parameters.ts";

/** How a learner comes to an item. */
export interface AnsweringState {
  /** On the item's standard, logits. */
  readonly ability: number;
  readonly engagement: number;
  readonly persistence: number;
  /** Added to the log of seconds. */
  readonly pace: number;
}

/** An answer and how it came about. */
export interface Answer {
  /** At the first attempt. */
  readonly right: boolean;
  /** Guessed in under four seconds. */
  readonly rapid: boolean;
  /** 1 to 4; who is wrong tries again or gives up. */
  readonly attempts: number;
  /** 0 to 4. */
  readonly hints: number;
  /** Tenths; idle time included. */
  readonly seconds: number;
}

const MOST_ATTEMPTS = 4;
const MOST_HINTS = 4;

/** Answers one item. */
export function drawAnswer(item: Item, state: AnsweringState, stream: Random): Answer {
  const { ability, engagement, persistence } = state;
  const margin = ability - item.difficulty;
  const rapid = stream.next() < logistic(-3.2 - 0.9 * engagement);
  const right = stream.next() < (rapid ? item.guess : rightChance(item, ability));
  const asks = Math.exp(-1.1 - 0.6 * margin + 0.2 * persistence);
  const hints = rapid ? 0 : Math.min(MOST_HINTS, poisson(asks, stream));
  let attempts = 1;
  while (!right && attempts < MOST_ATTEMPTS && stream.next() < logistic(0.8 + 0.6 * persistence)) attempts++;
  const pace = Math.exp(3.3 - 0.2 * margin + state.pace + 0.45 * stream.normal());
  const idle = stream.next() < logistic(-4.4 - 0.5 * engagement) ? 60 + 240 * stream.next() : 0;
  const seconds = rapid ? 1 + 3 * stream.next() : clamp(pace, 4, 300) + idle;
  return { right, rapid, attempts, hints, seconds: Math.round(seconds * 10) / 10 };
}

/** P(right) = c + (1 − c − slip)·σ(a·(ability − b)). */
export function rightChance(item: Item, ability: number): number {
  return item.guess + (1 - item.guess - parameters.slip) * logistic(item.discrimination * (ability - item.difficulty));
}

/** The chance that a learner does an activity to its end. */
export function completionChance(
  learner: Learner,
  activity: Activity,
  state: { readonly ability: number; readonly engagement: number; readonly persistence: number },
): number {
  const likes = (activity.modality === learner.modality ? 0.6 : 0) + (interested(learner, activity) ? 0.35 : 0);
  const willing = 1.2 + 0.5 * state.engagement + 0.4 * state.persistence + likes;
  return logistic(willing + 0.4 * (state.ability - activity.difficulty));
}

/** Whether an activity is about something the learner is drawn to. */
export function interested(learner: Learner, activity: Activity): boolean {
  return learner.interests.includes(activity.theme);
}

/** A Poisson draw by Knuth's product of uniforms; for small means. */
export function poisson(mean: number, stream: Random): number {
  const limit = Math.exp(-mean);
  let product = stream.next();
  let count = 0;
  while (product > limit && count < 50) {
    product *= stream.next();
    count++;
  }
  return count;
}
