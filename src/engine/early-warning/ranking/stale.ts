import { and, eq, gte, lt, ne, notExists } from "drizzle-orm";
import { deliveryDays } from "../../../records/alerts/evidence.ts";
import type { TenantTransaction } from "../../../records/database.ts";
import { alert, alertEvent } from "../../../records/schema/index.ts";
import { addDays } from "../outcomes/periods.ts";

/** A source, or a kind of record or a school inside of one, that had fallen silent before a ranking's day. */
export interface StaleInput {
  /** In the words of its alert, such as `sis · flat`. */
  readonly source: string;
  /** The last day something came. */
  readonly since: string;
}

const LOOK_BACK_DAYS = 200; // what was silent last year is no news of this year's ranking

/**
 * What a ranking of this day rested on that was out of date: silences that were told as alerts, that nobody has closed and, for a whole source, that
 * no delivery had ended by then. Alerts are what is asked, and not the records: those of a district are too many to walk at every read.
 * @param asOf - the day of the ranking, YYYY-MM-DD
 */
export async function staleInputs(tx: TenantTransaction, asOf: string): Promise<StaleInput[]> {
  const closed = tx.orm
    .select({ alertId: alertEvent.alertId })
    .from(alertEvent)
    .where(and(eq(alertEvent.alertId, alert.alertId), eq(alertEvent.step, "closed")));
  const told = await tx.orm
    .selectDistinct({ source: alert.subject, since: alert.happenedOn })
    .from(alert)
    .where(
      and(
        eq(alert.rule, "silent-source"),
        ne(alert.subject, ""),
        lt(alert.happenedOn, asOf),
        gte(alert.happenedOn, addDays(asOf, -LOOK_BACK_DAYS)),
        notExists(closed),
      ),
    )
    .orderBy(alert.happenedOn, alert.subject);
  if (told.length === 0) return [];
  const days = await deliveryDays(tx);
  return told.filter(({ source, since }) => !(days.get(source) ?? []).some((day) => day > since && day <= asOf));
}
