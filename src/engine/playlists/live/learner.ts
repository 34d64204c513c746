import type { DataClass } from "../../../records/consent/data-classes.ts";
import { decide } from "../../../records/consent/decide.ts";
import { dayOf } from "../../../records/consent/own-version.ts";
import { provisionsFor } from "../../../records/consent/provisions.ts";
import type { TenantTransaction } from "../../../records/database.ts";
import { canonicalPersons } from "../../../records/identity/links.ts";
import { personByNumber } from "../../../records/identity/people.ts";

/** A learner by every id. */
export interface LearnerIds {
  /** The id that stands for the learner. */
  readonly personId: string;
  readonly ids: readonly string[];
}

/** The learner of a district's number; undefined when nobody, or two, have it. */
export async function learnerOfNumber(tx: TenantTransaction, number: string): Promise<LearnerIds | undefined> {
  const [personId, canonical] = await Promise.all([personByNumber(tx, number), canonicalPersons(tx)]);
  return personId === undefined ? undefined : withIds(personId, canonical);
}

/** All ids of a learner. */
export function withIds(personId: string, canonical: ReadonlyMap<string, string>): LearnerIds {
  const stands = canonical.get(personId);
  if (stands === undefined) return { personId, ids: [personId] };
  return { personId: stands, ids: [...canonical].flatMap(([id, own]) => (own === stands ? [id] : [])) };
}

/** Whether the family lets the school use a kind of data for playlists today: asked at every read, never remembered. */
export async function playlistConsent(
  tx: TenantTransaction,
  { personId, ids }: LearnerIds,
  now: Date,
): Promise<(dataClass: DataClass) => boolean> {
  const learner = (await provisionsFor(tx, "playlist", ids)).get(personId);
  if (learner === undefined) return () => true;
  const { provisions, majorityOn } = learner;
  const request = {
    purpose: "playlist",
    actor: "the school",
    party: "the school",
    on: dayOf(now),
    majorityOn,
  } as const;
  return (dataClass) => decide(provisions, { ...request, dataClass }).allowed;
}

/** What must be asked of a learner at every request, in one query. */
export interface Situation {
  /** Whether there is anything a family decided, of whatever purpose; if not, nothing is refused. */
  readonly hasDecisions: boolean;
  /** Whether a teacher has ever decided anything about the learner's playlists. */
  readonly hasOverrides: boolean;
  readonly isEnrolled: boolean;
  /** Of the enrolment of today; NaN when unknown. */
  readonly grade: number;
}

/** Asks {@link Situation}: most learners have no decisions and no overrides, and then nobody asks for what they say. */
export async function situationOf(tx: TenantTransaction, ids: readonly string[], now: Date): Promise<Situation> {
  const rows = await tx.sql<(Omit<Situation, "grade"> & { grade: string | null })[]>`
    with asked as (select ${[...ids]}::text[] as ids, ${dayOf(now)}::date as today)
    select exists (select 1 from consent_decision c where c.person_id = any(a.ids)) as "hasDecisions",
      exists (select 1 from playlist_override o where o.person_id = any(a.ids)) as "hasOverrides",
      e.record_key is not null as "isEnrolled", coalesce(e.grade, (
        select p.grade from person p where p.person_id = any(a.ids) and p.grade is not null
        order by p.class = 'certified' desc, p.known_on desc, p.version_id desc limit 1)) as grade
    from asked a left join lateral (
      select n.record_key, n.grade from (
        select distinct on (record_key) * from enrolment where person_id = any(a.ids)
        order by record_key, known_on desc, version_id desc
      ) n where retracted_at is null and (entered_on is null or entered_on <= a.today)
        and (exited_on is null or exited_on > a.today) and starts_on <= a.today and (ends_on is null or ends_on >= a.today)
      order by starts_on desc limit 1
    ) e on true`;
  const { grade, ...situation } = rows[0]!;
  return { ...situation, grade: grade === null || grade === "" ? Number.NaN : Number(grade) };
}
