import type { Database } from "../database.ts";

/** What a district says of itself to families. */
export interface DistrictSettings {
  readonly name: string;
  /** Within how many days it answers a request (34 CFR 99.10: 45 at most). */
  readonly answerDays: number;
}

/** The settings of a district; undefined when there is no such district. Read as the owner: the register is nobody's row. */
export async function districtSettings(database: Database, tenantId: string): Promise<DistrictSettings | undefined> {
  const [row] = await database.sql<DistrictSettings[]>`
    select name, answer_days as "answerDays" from tenant where id = ${tenantId}`;
  return row === undefined ? undefined : { name: row.name, answerDays: row.answerDays };
}

/** Sets within how many days a district answers, between 1 and the legal 45. */
export async function setAnswerDays(database: Database, tenantId: string, answerDays: number): Promise<void> {
  await database.sql`update tenant set answer_days = ${answerDays} where id = ${tenantId}`;
}
