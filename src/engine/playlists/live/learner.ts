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

/** The learner's enrolment of today: in which grade; undefined when there is none. */
export async function enrolmentOf(
  tx: TenantTransaction,
  ids: readonly string[],
  now: Date,
): Promise<{ readonly grade: number } | undefined> {
  const today = dayOf(now);
  const rows = await tx.sql<{ grade: string | null }[]>`
    select coalesce(grade, (
      select p.grade from person p where p.person_id = any(${[...ids]}) and p.grade is not null
      order by p.class = 'certified' desc, p.known_on desc, p.version_id desc limit 1)) as grade
    from (
      select distinct on (record_key) * from enrolment where person_id = any(${[...ids]})
      order by record_key, known_on desc, version_id desc
    ) e where retracted_at is null and (entered_on is null or entered_on <= ${today})
      and (exited_on is null or exited_on > ${today}) and starts_on <= ${today} and (ends_on is null or ends_on >= ${today})
    order by starts_on desc limit 1`;
  if (rows[0] === undefined) return undefined;
  const { grade } = rows[0];
  return { grade: grade === null || grade === "" ? Number.NaN : Number(grade) };
}
