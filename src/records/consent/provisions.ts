import type { TenantTransaction } from "../database.ts";
import { canonicalPersons } from "../identity/links.ts";
import type { Provision } from "./decide.ts";
import { majorityOn } from "./majority.ts";
import type { Purpose } from "./uses.ts";

/** What is needed to decide about a learner. */
export interface LearnerDecisions {
  readonly provisions: readonly Provision[];
  /** The day the learner comes of age; null when no birth date is known. */
  readonly majorityOn: string | null;
}

/** A row of the table of decisions, as it comes. */
interface Row {
  readonly personId: string;
  readonly key: string;
  readonly purpose: string;
  readonly decision: Provision["decision"];
  readonly decidedOn: string;
  readonly decidedAt: string | null;
  readonly capacity: Provision["capacity"];
  readonly authentication: string | null;
  readonly dataClasses: string[] | null;
  readonly party: string | null;
  readonly beginsOn: string | null;
  readonly expiresOn: string | null;
}

/**
 * The decisions about a purpose, by the id that stands for the learner. The newest version of each decision counts from the
 * moment it is recorded: a snapshot of an earlier day leaves out who says no today.
 * @param only - the ids of one learner; every learner of the district when absent
 */
export async function provisionsFor(
  tx: TenantTransaction,
  purpose: Purpose,
  only?: readonly string[],
): Promise<Map<string, LearnerDecisions>> {
  const chosen = only === undefined ? tx.sql`true` : tx.sql`person_id = any(${[...only]})`;
  const rows = await tx.sql<Row[]>`
    select person_id as "personId", record_key as key, purpose, decision, decided_on as "decidedOn", decided_at as "decidedAt",
      capacity, authentication, data_classes as "dataClasses", party, begins_on as "beginsOn", expires_on as "expiresOn"
    from (
      select distinct on (record_key) * from consent_decision where ${chosen}
      order by record_key, known_on desc, version_id desc
    ) newest where retracted_at is null and purpose = ${purpose} order by record_key`;
  const canonical = await canonicalPersons(tx);
  const standing = (id: string): string => canonical.get(id) ?? id;
  const asked = new Set(rows.map((row) => row.personId));
  const standsFor = new Set([...asked].map(standing));
  const others = [...canonical].flatMap(([id, stands]) => (standsFor.has(stands) ? [id] : []));
  const births = new Map<string, string>();
  for (const { personId, birthDate } of await birthDates(tx, [...asked, ...others])) {
    if (!births.has(standing(personId))) births.set(standing(personId), birthDate);
  }
  const learners = new Map<string, { provisions: Provision[]; majorityOn: string | null }>();
  for (const { personId, decidedAt, ...row } of rows) {
    const id = standing(personId);
    const learner = learners.get(id) ?? { provisions: [], majorityOn: null };
    learners.set(id, learner);
    const born = births.get(id);
    if (born !== undefined) learner.majorityOn = majorityOn(born);
    learner.provisions.push({ ...row, decidedAt: decidedAt === null ? null : new Date(decidedAt).toISOString() });
  }
  return learners;
}

/**
 * The birth dates known of these persons, the one to believe first: what a system of record says goes before what anybody
 * else contributes, who could otherwise hand a child's rights from one person to another; then the newest.
 */
function birthDates(
  tx: TenantTransaction,
  personIds: readonly string[],
): Promise<{ personId: string; birthDate: string }[]> {
  return tx.sql<{ personId: string; birthDate: string }[]>`
    select person_id as "personId", birth_date as "birthDate" from (
      select distinct on (record_key) * from demographics where person_id = any(${[...personIds]})
      order by record_key, known_on desc, version_id desc
    ) newest where retracted_at is null and birth_date is not null
    order by class = 'certified' desc, known_on desc, version_id desc`;
}

/** The day a learner comes of age, by whichever of her ids has a birth date; null when none has. */
export async function majorityOf(tx: TenantTransaction, ids: readonly string[]): Promise<string | null> {
  const [born] = await birthDates(tx, ids);
  return born === undefined ? null : majorityOn(born.birthDate);
}
