import { createHash } from "node:crypto";
import type { TenantTransaction } from "../database.ts";

/**
 * Gives a learner, before she is erased, the xAPI statements that name her without being about her record: those that act
 * upon her, under another learner, and those that wait under her name for a person nobody has found. The rule of erasure goes
 * by person. An address that somebody else has too, such as a family's, claims nothing: it could be the other one's statement.
 * @param ids - every id of the learner
 */
export async function claimStatements({ sql }: TenantTransaction, ids: readonly string[]): Promise<void> {
  const [standsFor] = ids;
  if (standsFor === undefined) return;
  const people = [...ids];
  const mailboxes = await sql<{ email: string }[]>`
    select distinct lower(email) as email from person p where person_id = any(${people}) and email <> ''
      and not exists (select 1 from person o where lower(o.email) = lower(p.email) and o.person_id <> all(${people}))`;
  const named = mailboxes.flatMap(({ email }) => [
    JSON.stringify(`mailto:${email}`),
    `"${createHash("sha1").update(`mailto:${email}`).digest("hex")}"`,
  ]);
  await sql`
    update statement s set person_id = ${standsFor}
    where (s.person_id is null or s.person_id <> all(${people})) and (
      exists (select 1 from unnest(${named}::text[]) n where position(n in lower(s.document::text)) > 0)
      or s.person_id is null and exists (
        select 1 from person p where p.person_id = any(${people}) and p.given_name <> '' and p.family_name <> ''
          and position(lower(p.given_name) in lower(s.document::text)) > 0
          and position(lower(p.family_name) in lower(s.document::text)) > 0
      ))`;
}
