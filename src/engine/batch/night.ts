import { CairnError } from "../../errors.ts";
import { timeZoneOf } from "../../records/import/core/time-zone.ts";
import type { Cairn } from "../runtime.ts";

/**
 * The time zone a district was registered with.
 * @throws CairnError `NOT_FOUND` when there is no such district
 */
export async function districtZone(cairn: Cairn, tenantId: string): Promise<string> {
  const zone = await timeZoneOf(cairn.database, tenantId);
  if (zone === undefined) throw new CairnError("NOT_FOUND", `expected a registered district, got "${tenantId}"`);
  return zone;
}

/**
 * The calendar day of a moment where a district lives: the day a night is for, however late a worker takes it up.
 * @param zone - an IANA name, such as America/Chicago
 * @param instant - milliseconds since 1970
 * @throws CairnError `BAD_INPUT` for a zone that is none
 */
export function localDay(zone: string, instant: number): string {
  const parts = new Map(
    formatOf(zone)
      .formatToParts(instant)
      .map(({ type, value }) => [type, value]),
  );
  return `${parts.get("year")}-${parts.get("month")}-${parts.get("day")}`;
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  try {
    const digits = { year: "numeric", month: "2-digit", day: "2-digit" } as const;
    return new Intl.DateTimeFormat("en", { timeZone, ...digits });
  } catch (cause) {
    throw new CairnError("BAD_INPUT", `expected the name of a time zone, got ${JSON.stringify(timeZone)}`, {
      hint: "give an IANA name, such as America/Chicago",
      cause,
    });
  }
}
