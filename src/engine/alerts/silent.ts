import { deliveriesBySchool } from "../../records/alerts/deliveries.ts";
import { daysOff, deliveryDays } from "../../records/alerts/evidence.ts";
import { dayOf } from "../../records/consent/own-version.ts";
import type { TenantTransaction } from "../../records/database.ts";
import type { Rules } from "./rules/rules.ts";
import type { PartSilence } from "./rules/silent-parts.ts";
import { isOver, partSilences } from "./rules/silent-parts.ts";
import { isWeekday, silences } from "./rules/silent-source.ts";

const LOOK_BACK_DAYS = 200; // most of a school year: what is usual for a kind of record at a school
const DAY_MILLISECONDS = 86_400_000;

/** The silences of a district's sources, their kinds of record and their schools, as known at a moment; those that are over too. */
export async function silencesKnown(
  tx: TenantTransaction,
  rule: Rules["silent-source"],
  now: Date,
): Promise<PartSilence[]> {
  const off = await daysOff(tx);
  const isSchoolDay = (day: string): boolean => isWeekday(day) && !off.has(day);
  const whole = await deliveryDays(tx);
  const ofSources = [...whole].flatMap(([subject, days]) =>
    silences(days, dayOf(now), rule, isSchoolDay).map((episode) => ({
      ...episode,
      subject,
      isOver: isOver(days, episode),
    })),
  );
  const parts = await deliveriesBySchool(tx, new Date(now.getTime() - LOOK_BACK_DAYS * DAY_MILLISECONDS));
  return [...ofSources, ...partSilences(parts, whole, dayOf(now), rule, isSchoolDay)];
}
