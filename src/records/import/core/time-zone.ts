import { CairnError } from "../../../errors.ts";
import type { Database } from "../../database.ts";

/**
 * The time zone of a registered district.
 * @returns undefined when the district is not registered
 */
export async function timeZoneOf(database: Database, tenantId: string): Promise<string | undefined> {
  const [row] = await database.sql<{ zone: string }[]>`select time_zone as zone from tenant where id = ${tenantId}`;
  return row?.zone;
}

/**
 * Says in which time zone a district lives. Records that are in already keep the wall clock they were read with.
 * @throws CairnError `BAD_INPUT` when there is no such zone
 */
export async function setTimeZone(database: Database, tenantId: string, timeZone: string): Promise<void> {
  await database.sql`update tenant set time_zone = ${knownZone(timeZone)} where id = ${tenantId}`;
}

function knownZone(timeZone: string): string {
  try {
    return new Intl.DateTimeFormat("en-US", { timeZone }).resolvedOptions().timeZone;
  } catch (cause) {
    throw new CairnError("BAD_INPUT", `expected an IANA time zone, got ${JSON.stringify(timeZone.slice(0, 60))}`, {
      hint: "for example America/New_York",
      cause,
    });
  }
}

const quarterHour = 900_000; // milliseconds; no zone changes its offset between quarters of an hour
const offsets = new Map<string, { format: Intl.DateTimeFormat; byQuarter: Map<number, number> }>();

/** Milliseconds that the wall clock of a zone is ahead of UTC at an instant. */
export function zoneOffset(timeZone: string, instant: number): number {
  if (timeZone === "UTC") return 0;
  let known = offsets.get(timeZone);
  if (known === undefined) {
    const format = new Intl.DateTimeFormat("en-US", {
      timeZone,
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
    });
    known = { format, byQuarter: new Map() };
    offsets.set(timeZone, known);
  }
  const quarter = Math.floor(instant / quarterHour);
  let offset = known.byQuarter.get(quarter);
  if (offset === undefined) {
    offset = wallClock(known.format, quarter * quarterHour) - quarter * quarterHour;
    if (known.byQuarter.size >= 100_000) known.byQuarter.clear(); // three years of quarters: memory stays flat
    known.byQuarter.set(quarter, offset);
  }
  return offset;
}

function wallClock(format: Intl.DateTimeFormat, instant: number): number {
  const part: Record<string, number> = {};
  for (const { type, value } of format.formatToParts(instant)) part[type] = Number(value);
  return Date.UTC(part.year!, part.month! - 1, part.day, part.hour, part.minute, part.second);
}
