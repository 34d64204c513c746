import { learnersIn, learnersOfSchool, sectionsTaught, standardNames } from "../../records/alerts/caseload.ts";
import type { StoredAlert } from "../../records/alerts/store.ts";
import { learnersOf } from "../../records/consent/acting.ts";
import { dayOf } from "../../records/consent/own-version.ts";
import type { LegalBasis } from "../../records/consent/uses.ts";
import type { TenantTransaction } from "../../records/database.ts";
import { canonicalPersons, idsOf } from "../../records/identity/links.ts";
import { learnersOfCounselor } from "../early-warning/ranking/own-learners.ts";
import type { Audience } from "./rules/rules.ts";

/**
 * Who reads alerts. A teacher and a family are persons of the record; a counselor who is one reads her caseload, an office the
 * district; either may ask for one school.
 */
export interface AlertReader {
  readonly tenantId: string;
  readonly audience: Audience;
  /** The person of the record; of a teacher and a family always. */
  readonly personId?: string;
  /** A school by its name: only its learners. */
  readonly school?: string;
  /** The account or key, as the logs name it. */
  readonly recordedBy: string;
}

/** The basis in law on which each audience reads an alert about a learner. */
export const readerBasis = {
  teacher: "school-official",
  counselor: "school-official",
  family: "parent-or-student",
} as const satisfies Readonly<Record<Audience, LegalBasis>>;

/** Which alerts are a reader's to see. */
export interface Caseload {
  /** The ids of the learners; undefined: every learner of the district. */
  readonly personIds: readonly string[] | undefined;
  /** Whether one of the caseload is hers, by what it is about. */
  includes(alert: StoredAlert): boolean;
}

/**
 * The learners of a reader today: her sections, her children, her caseload, a school, the district.
 * @throws CairnError `NOT_FOUND` for a counselor of the record who has no caseload
 */
export async function caseloadOf(tx: TenantTransaction, reader: AlertReader, now: Date): Promise<Caseload> {
  const on = dayOf(now);
  const { audience, personId, school } = reader;
  if (audience === "family" && personId !== undefined) {
    return { personIds: await withLinked(tx, await learnersOf(tx, { actorId: personId, on })), includes: () => true };
  }
  if (audience === "teacher" && personId !== undefined) return teachersCaseload(tx, personId, on);
  if (audience !== "counselor") return { personIds: [], includes: () => false };
  const chosen = school === undefined ? undefined : await withLinked(tx, await learnersOfSchool(tx, school, on));
  if (personId === undefined) return { personIds: chosen, includes: () => true };
  const canonical = await canonicalPersons(tx);
  const among = (chosen ?? (await learnersWithAlerts(tx))).map((id) => canonical.get(id) ?? id);
  const hers = await learnersOfCounselor(tx, personId, [...new Set(among)]);
  return { personIds: await withLinked(tx, hers), includes: () => true };
}

/** Nobody else is asked about: a district has a hundred times as many learners. */
async function learnersWithAlerts(tx: TenantTransaction): Promise<string[]> {
  const rows = await tx.sql<{ personId: string }[]>`
    select distinct person_id as "personId" from alert where person_id is not null`;
  return rows.map(({ personId }) => personId);
}

/**
 * A teacher sees the learners of her sections. Of alerts about a standard only those of her subject, where a subject is known of the
 * standard and of the section: what happens in mathematics is no business of the music teacher (34 CFR 99.31(a)(1)(ii)).
 */
async function teachersCaseload(tx: TenantTransaction, personId: string, on: string): Promise<Caseload> {
  const sections = await sectionsTaught(tx, await idsOf(tx, personId), on);
  const pupils = await learnersIn(
    tx,
    sections.map(({ sectionKey }) => sectionKey),
    on,
  );
  const canonical = await canonicalPersons(tx);
  const subjects = new Map<string, string[]>();
  const bySection = new Map(sections.map((section) => [section.sectionKey, section.subjects]));
  const anySubject = new Set<string>();
  for (const { personId: pupil, sectionKey } of pupils) {
    const learner = canonical.get(pupil) ?? pupil;
    const taught = bySection.get(sectionKey) ?? [];
    if (taught.length === 0) anySubject.add(learner);
    subjects.set(learner, [...(subjects.get(learner) ?? []), ...taught]);
  }
  const personIds = await withLinked(tx, [...subjects.keys()]);
  const standards = await standardNames(tx, await openStandards(tx, personIds));
  return {
    personIds,
    includes: ({ rule, subject, personId: learnerId }) => {
      const learner = learnerId === null ? "" : (canonical.get(learnerId) ?? learnerId);
      const about = rule === "wrong-answers" ? standards.get(subject)?.subject : undefined;
      if (about === undefined || about === null || anySubject.has(learner)) return subjects.has(learner);
      return (subjects.get(learner) ?? []).some((taught) => sameSubject(taught, about));
    },
  };
}

async function openStandards(tx: TenantTransaction, personIds: readonly string[]): Promise<string[]> {
  const rows = await tx.sql<{ subject: string }[]>`
    select distinct subject from alert where rule = 'wrong-answers' and person_id = any(${[...personIds]})`;
  return rows.map(({ subject }) => subject);
}

/** "math" and "Mathematics" are one subject: sources write the same thing shorter or longer. */
export function sameSubject(one: string, other: string): boolean {
  const [short, long] = [one, other].map((name) => name.toLowerCase().replaceAll(/[^a-z]/g, "")) as [string, string];
  return short !== "" && long !== "" && (long.startsWith(short) || short.startsWith(long));
}

/** Every id of these learners. */
async function withLinked(tx: TenantTransaction, personIds: readonly string[]): Promise<string[]> {
  const canonical = await canonicalPersons(tx);
  const stands = new Set(personIds.flatMap((id) => canonical.get(id) ?? []));
  const linked = [...canonical].flatMap(([id, as]) => (stands.has(as) ? [id] : []));
  return [...new Set([...personIds, ...linked])];
}
