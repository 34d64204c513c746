import { join } from "node:path";
import type { Database, TenantTransaction } from "../../src/records/database.ts";
import { inTenant } from "../../src/records/database.ts";
import { importFlat } from "../../src/records/import/flat/import.ts";
import type { FlatProfileName } from "../../src/records/import/flat/profiles.ts";
import { importOneRoster } from "../../src/records/import/oneroster/import.ts";
import { district, query, roster, unpacked } from "./import/deliveries.ts";

/** A day on which everything of the small roster is known. */
export const now = new Date("2026-07-02T09:00:00Z");

/** Who is who in the small district. */
export interface FamilyDistrict {
  readonly tenantId: string;
  /** Ada, born on the 29th of February 2012. */
  readonly ada: string;
  readonly ben: string;
  /** Ada's guardian. */
  readonly parent: string;
  /** Somebody who guards nobody: the teacher. */
  readonly teacher: string;
  /** Work as this district. */
  within<T>(work: (tx: TenantTransaction) => Promise<T>): Promise<T>;
}

/** Takes a flat file into a district. */
export async function deliverFlat(
  database: Database,
  tenantId: string,
  profile: FlatProfileName,
  text: string,
): Promise<void> {
  const path = join(await unpacked({ "file.csv": text }), "file.csv");
  await importFlat(database, { tenantId, profile, path, receivedAt: new Date("2026-06-30T08:00:00Z") });
}

/** A district with the small roster, two children's evidence, a special-education plan and one guardian. */
export async function familyDistrict(database: Database): Promise<FamilyDistrict> {
  const tenantId = await district(database);
  const receivedAt = new Date("2026-06-30T08:00:00Z");
  const users = `${roster()["users.csv"]}u8,,,true,mum,,Maud,Quillfeather,,P8,\n`;
  await importOneRoster(database, { tenantId, path: await unpacked(roster({ "users.csv": users })), receivedAt });
  await deliverFlat(
    database,
    tenantId,
    "attendance",
    "student_id,date,category,excused,reason,recorded_on\n1001,2024-09-03,absent,true,flu,2024-09-05\n1002,2024-09-03,tardy,,,2024-09-03\n",
  );
  await deliverFlat(
    database,
    tenantId,
    "responses",
    "student_id,item_id,standard,answered_at,correct,attempts,hints,seconds\n1001,i1,7.NS.A.1,2024-09-03T10:00:00Z,1,1,0,12\n1002,i1,7.NS.A.1,2024-09-03T10:00:00Z,0,2,1,40\n",
  );
  const people = await query<{ id: string; name: string }>(
    database,
    tenantId,
    "select person_id as id, given_name as name from person",
  );
  const named = (name: string): string => people.find((person) => person.name === name)!.id;
  const [ada, ben, parent, teacher] = ["Ada", "Ben", "Maud", "Tess"].map(named) as [string, string, string, string];
  const within = <T>(work: (tx: TenantTransaction) => Promise<T>): Promise<T> => inTenant(database, tenantId, work);
  await within(async ({ sql }) => {
    const common = [tenantId, "test", "certified", "sis", "b", "2024-08-19"];
    await sql.unsafe(
      `insert into guardianship (tenant_id, record_key, content_hash, class, authority, batch_id, source_record_id, known_on,
         received_at, person_id, guardian_id, relation, holds_rights)
       values ($1, 'sis:g1', $2, $3, $4, $5, 'g1', $6, now(), $7, $8, 'mother', true)`,
      [...common, ada, parent] as string[],
    );
    await sql.unsafe(
      `insert into support (tenant_id, record_key, content_hash, class, authority, batch_id, source_record_id, known_on,
         received_at, person_id, kind, begins_on) values ($1, 'sis:iep1', $2, $3, $4, $5, 'iep1', $6, now(), $7, 'iep', '2024-08-19')`,
      [...common, ada] as string[],
    );
  });
  return { tenantId, ada, ben, parent, teacher, within };
}
