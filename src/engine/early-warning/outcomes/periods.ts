import type { DuckDBConnection } from "@duckdb/node-api";
import { CairnError } from "../../../errors.ts";
import type { OutcomeDefinition } from "./definition.ts";
import { horizonOf } from "./definition.ts";

/** A period of the snapshot on the calendar. */
export interface PeriodDays {
  readonly period: string;
  readonly startsOn: string;
  /** Its last day: by what its source says of its end, by its terms, else before the next period begins; null where nobody knows. */
  readonly endsOn: string | null;
}

/** The periods of a snapshot, oldest first. */
export async function readPeriods(connection: DuckDBConnection): Promise<PeriodDays[]> {
  const result = await connection.runAndReadAll(`
    WITH begun AS (
      SELECT period, min(starts_on) AS starts_on FROM enrolment GROUP BY period
    ), following AS (
      SELECT period, starts_on, lead(starts_on) OVER (ORDER BY starts_on, period) AS next_on FROM begun
    ), said AS (
      -- Presentations of courses overlap: the next one may begin before this one has ended.
      SELECT e.period, max(o.known_on) AS ends_on FROM outcome o JOIN enrolment e USING (learner) GROUP BY e.period
    )
    SELECT f.period, f.starts_on::VARCHAR,
      -- Terms are planned ahead; without them a period ends when the next begins, and the last is still open.
      coalesce(s.ends_on, (SELECT max(t.ends_on) FROM term t WHERE t.starts_on >= f.starts_on - 31
          AND (f.next_on IS NULL OR t.ends_on < f.next_on) AND (f.next_on IS NOT NULL OR t.ends_on > f.starts_on)),
        f.next_on - 1)::VARCHAR
    FROM following f LEFT JOIN said s USING (period) ORDER BY f.starts_on, f.period`);
  return (result.getRows() as [string, string, string | null][]).map(([period, startsOn, endsOn]) => ({
    period,
    startsOn,
    endsOn,
  }));
}

/**
 * The day on which the labels of a period are ripe, for learners as they stood on a day; null when the end of the period is not
 * known.
 */
export function ripensOn(outcome: OutcomeDefinition, period: PeriodDays, asOf: string): string | null {
  const days = horizonOf(outcome);
  const ahead = days === null ? null : addDays(asOf, days);
  // A window does not reach beyond its period: nobody is enrolled there.
  const end = ahead !== null && (period.endsOn === null || ahead < period.endsOn) ? ahead : period.endsOn;
  return end === null ? null : addDays(end, outcome.maturityDays);
}

/**
 * Refuses labels before they can be ripe: who has not failed yet would count as one who passed.
 * @param today - the last day that is known
 * @throws CairnError `CONFLICT` with the day of ripening
 */
export function requireRipe(outcome: OutcomeDefinition, period: PeriodDays, asOf: string, today: string): void {
  const ripe = ripensOn(outcome, period, asOf);
  if (ripe !== null && ripe <= today) return;
  const when = ripe === null ? "when its period has ended" : `on ${ripe}`;
  throw new CairnError(
    "CONFLICT",
    `expected ripe labels of "${outcome.outcome}" for ${period.period}, got ${today}: they ripen ${when}`,
    { hint: ripe === null ? "import the terms of the school year" : `ask again on ${ripe}` },
  );
}

/** A calendar day so many days later. */
export function addDays(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}
