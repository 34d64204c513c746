import type { Database } from "../../../src/records/database.ts";
import { importOneRoster } from "../../../src/records/import/oneroster/import.ts";
import { deliverFlat } from "../../records/family.ts";
import { district, query, roster, unpacked } from "../../records/import/deliveries.ts";

/** The standard the children of these tests are stuck on. */
export const standard = "7.NS.A.1";

/** A district with the small roster (Ada 1001, Ben 1002) and the name of one standard. @returns its id */
export async function school(database: Database): Promise<string> {
  const tenantId = await district(database);
  await importOneRoster(database, {
    tenantId,
    path: await unpacked(roster()),
    receivedAt: new Date("2025-08-20T08:00:00Z"),
  });
  await deliverFlat(
    database,
    tenantId,
    "standards",
    `standard,label,subject,grade\n${standard},Adding numbers,math,07\n`,
  );
  return tenantId;
}

/** An answer as a platform sends it, on the n-th minute of a morning. */
export function answer(learner: string, day: string, minute: number, correct: number) {
  const answeredAt = `${day}T10:${String(minute).padStart(2, "0")}:00`;
  return { id: `${learner}-${day}-${minute}`, learner, item: `i${minute}`, standard, answeredAt, correct };
}

/** The alerts of a district: rule, learner's given name, day, oldest first. */
export function alertsIn(
  database: Database,
  tenantId: string,
): Promise<{ rule: string; name: string | null; day: string }[]> {
  return query(
    database,
    tenantId,
    `select rule, (select given_name from person p where p.person_id = a.person_id limit 1) as name, happened_on::text as day
     from alert a order by happened_on, rule, name`,
  );
}
