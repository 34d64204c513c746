import { benjaminiHochberg } from "../../models/study/diagnostics/multiplicity.ts";
import { NO_LABEL } from "../early-warning/outcomes/labels.ts";
import type { Place } from "./drift.ts";
import { shareShift } from "./shift.ts";

/** How often it ended badly, in the last period that is known and in those before it. */
export interface BaseRate {
  readonly place: Place;
  readonly period: string;
  /** Shares of the learners with a known end. */
  readonly reference: number;
  readonly current: number;
  readonly adjustedP: number;
  /** No chance, and five points or more. */
  readonly isShifted: boolean;
}

/** What base rates are compared in: rows of one day of each period. */
export interface BaseRateInput {
  readonly period: readonly string[];
  /** Shape (rows), 0, 1 or `NO_LABEL`. */
  readonly labels: Uint8Array;
  readonly places: Readonly<Record<string, readonly string[]>>;
  readonly minimumCell?: number;
  readonly level?: number;
}

const LEAST_CHANGE = 0.05;

/**
 * Compares the last period with known ends with those before it: for everybody, and in each place with enough learners on both sides.
 * @returns none while only one period has ended
 * @see handbook early-warning 3.9
 */
export function baseRates({
  period,
  labels,
  places,
  minimumCell = 20,
  level = 0.05,
}: BaseRateInput): readonly BaseRate[] {
  const known = Array.from(labels.keys()).filter((row) => labels[row] !== NO_LABEL);
  const ended = [...new Set(known.map((row) => period[row]!))].sort();
  const last = ended.at(-1);
  if (last === undefined || ended.length < 2) return [];
  const everywhere: readonly (readonly [Place, readonly number[]])[] = [
    [null, known],
    ...Object.entries(places).flatMap(([column, values]) =>
      [...new Set(values)]
        .filter((value) => value !== "")
        .sort()
        .map((value) => [{ column, value }, known.filter((row) => values[row] === value)] as const),
    ),
  ];
  const drafts = everywhere.flatMap(([place, rows]) => {
    const counted = (isLast: boolean) => {
      const own = rows.filter((row) => (period[row] === last) === isLast);
      return { hits: own.reduce((sum, row) => sum + labels[row]!, 0), rows: own.length };
    };
    const [before, now] = [counted(false), counted(true)];
    return Math.min(before.rows, now.rows) < minimumCell ? [] : [{ place, ...shareShift(before, now) }];
  });
  const adjusted = benjaminiHochberg(drafts.map(({ p }) => p));
  return drafts.map(({ p: _, ...draft }, index) => ({
    ...draft,
    period: last,
    adjustedP: adjusted[index]!,
    isShifted: adjusted[index]! <= level && Math.abs(draft.current - draft.reference) >= LEAST_CHANGE,
  }));
}
