import type { LearnerHistory, Question } from "./history.ts";

/** What the model knows of the data as a whole. */
export interface Vocabulary {
  readonly items: number;
  readonly skills: number;
  /** Share of right answers in training, in (0, 1): the pseudo-response of every success record. */
  readonly rate: number;
}

/** Takes the non-zeros of a row. */
export type Push = (column: number, value: number) => void;

/** A block of columns of the design: what it is called, how wide it is, how a row of it is written. */
export interface FeatureBlock {
  /** Such as `items`, `recency`: also what explanations are grouped by. */
  readonly name: string;
  /**
   * How columns are laid out, which decides what the preconditioner inverts together: `shared` columns are few and all
   * alike; `skill` has the same number of columns for every skill, side by side; `indicator` columns are many and alone.
   */
  readonly layout: "shared" | "skill" | "indicator";
  /** How many times the usual penalty its weights carry; 1 when left out. Wide blocks of rare columns need more. */
  readonly penalty?: number;
  /** How many columns the block has for a vocabulary. */
  columns(vocabulary: Vocabulary): number;
  /** Pushes the non-zeros of one row, columns counted from 0 inside the block. */
  write(history: LearnerHistory, question: Question, vocabulary: Vocabulary, push: Push): void;
}

/**
 * Log-odds of a success record with one pseudo-response at the overall rate.
 * @param successes - Σ of decayed outcomes
 * @param weight - Σ of decayed ones
 */
export function recordLogit(successes: number, weight: number, rate: number): number {
  const q = (successes + rate) / (weight + 1);
  return Math.log(q / (1 - q));
}
