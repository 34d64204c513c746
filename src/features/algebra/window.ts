/** The spans every windowed feature can be built over; each ends on the as-of day. */
export type WindowName = "week" | "fortnight" | "month" | "nineWeeks" | "term" | "year";

/** A span of days that ends on the as-of day. */
export interface Window {
  /** What the feature's name ends in. */
  readonly suffix: string;
  /** How a sentence says it. */
  readonly phrase: string;
  /** SQL: the last day before the span, from the columns of a measured row. */
  readonly after: string;
}

const days = (length: number): Window => ({
  suffix: `_${length}_days`,
  phrase: `in the last ${length} days`,
  after: `c.as_of - ${length}`,
});

/**
 * Every window. Days are calendar days and whole weeks, so that a week always holds as many Mondays as Fridays; nine weeks are
 * a grading period. The year begins with the period, or with the learner's entry where a measure says so.
 */
export const windows: Readonly<Record<WindowName, Window>> = {
  week: days(7),
  fortnight: days(14),
  month: days(28),
  nineWeeks: days(63),
  term: { suffix: "_term", phrase: "since the start of the term", after: "c.term_starts_on - 1" },
  year: { suffix: "", phrase: "since the start of the period", after: "c.starts_on - 1" },
};

/** Weeks a trend looks back on: a grading period. */
export const TREND_WEEKS = 9;

/** Days of the recent span that a change compares with everything before it: four weeks smooth out single bad days. */
export const CHANGE_DAYS = 28;
