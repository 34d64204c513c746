import type { TenantTransaction } from "../database.ts";

/** An activity of the library that is about a standard. */
export interface LibraryActivity {
  readonly activity: string;
  readonly title: string | null;
  readonly setting: string | null;
  readonly minutes: number | null;
  /** Harder is more, in the source's own terms. */
  readonly difficulty: number | null;
  readonly topics: readonly string[];
  readonly uri: string | null;
}

/** The activities that are about a standard: said of the activity itself, or by an alignment that it teaches it. */
export async function activitiesFor(tx: TenantTransaction, standard: string): Promise<LibraryActivity[]> {
  const rows = await tx.sql<(Omit<LibraryActivity, "topics"> & { topics: string[] | null })[]>`
    select activity, title, setting, minutes, difficulty, topics, uri from (
      select distinct on (record_key) * from activity order by record_key, known_on desc, version_id desc
    ) a where retracted_at is null and (standard = ${standard} or activity in (
      select resource from (
        select distinct on (record_key) * from alignment where standard = ${standard} order by record_key, known_on desc, version_id desc
      ) n where retracted_at is null and kind = 'teaches'
    )) order by activity`;
  return rows.map((row) => ({ ...row, topics: row.topics ?? [] }));
}

/** What a learner (by any of her ids) said or others said she likes, newest word first. */
export interface Interest {
  readonly personId: string;
  readonly value: string;
  /** From −1 (not at all) to 1; null: liked, no more is known. */
  readonly strength: number | null;
}

/** The interests of these persons: of the same interest the newest word counts. */
export function interestsOf(tx: TenantTransaction, personIds: readonly string[]): Promise<Interest[]> {
  return tx.sql<Interest[]>`
    select distinct on (person_id, lower(value)) person_id as "personId", value, strength from (
      select distinct on (record_key) * from preference where person_id = any(${[...personIds]})
      order by record_key, known_on desc, version_id desc
    ) n where retracted_at is null and kind = 'interest' order by person_id, lower(value), on_date desc, version_id desc`;
}

/** Which activities these persons have completed or passed. */
export function completedBy(
  tx: TenantTransaction,
  personIds: readonly string[],
): Promise<{ personId: string; activity: string }[]> {
  return tx.sql<{ personId: string; activity: string }[]>`
    select distinct person_id as "personId", activity from activity_event
    where person_id = any(${[...personIds]}) and activity is not null and retracted_at is null
      and (completion or success or verb in ('completed', 'passed')) order by 1, 2`;
}

/** Who of these persons is absent on a day. */
export async function absentOn(tx: TenantTransaction, personIds: readonly string[], day: string): Promise<string[]> {
  const rows = await tx.sql<{ personId: string }[]>`
    select distinct person_id as "personId" from (
      select distinct on (record_key) * from attendance_event where person_id = any(${[...personIds]}) and on_date = ${day}
      order by record_key, known_on desc, version_id desc
    ) n where retracted_at is null and category = 'absent'`;
  return rows.map(({ personId }) => personId);
}
