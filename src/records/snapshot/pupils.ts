import type { DataClass } from "../consent/data-classes.ts";
import { type LegalBasis, legalBases, uses } from "../consent/uses.ts";
import type { TenantTransaction } from "../database.ts";
import { logDisclosures } from "../disclosure/log.ts";
import { canonicalPersons } from "../identity/links.ts";
import type { SettledConsent, SnapshotRecipient } from "./consented.ts";
import { isOpen } from "./consented.ts";
import type { SnapshotPurpose } from "./purposes.ts";
import { purposes, snapshotClasses } from "./purposes.ts";

/** Who is in a snapshot and who is not, by the ids that stand for them: for the record, never for the snapshot itself. */
export interface SnapshotPupils {
  readonly included: readonly string[];
  readonly leftOut: readonly string[];
  /** How many of those included lack a kind of data, by kind. */
  readonly withheld: Readonly<Record<string, number>>;
}

/** Reads who is in the snapshot that is being written, from the tables that `unitTable` made. */
export async function pupilsOf({ sql }: TenantTransaction, purpose: SnapshotPurpose): Promise<SnapshotPupils> {
  const included = await sql<{ id: string }[]>`select distinct person_id as id from unit order by 1`;
  const leftOut = await sql<{ id: string }[]>`select person_id as id from snapshot_left_out order by 1`;
  const counts = await sql<{ dataClass: string; people: number }[]>`
    select data_class as "dataClass", count(distinct person_id)::int as people from unit_withheld
    where table_name = any(${[...purposes[purpose].tables]}) group by data_class order by 1`;
  return {
    included: included.map(({ id }) => id),
    leftOut: leftOut.map(({ id }) => id),
    withheld: Object.fromEntries(counts.map(({ dataClass, people }) => [dataClass, people])),
  };
}

/** What of a purpose's kinds of data there is to disclose. */
const classesOf = (purpose: SnapshotPurpose): DataClass[] => [
  ...new Set(purposes[purpose].tables.flatMap((table) => snapshotClasses[table] ?? [])),
];

/** Writes one line for every pupil into the record of disclosures: also for those who are not in the snapshot (CON-8). */
export async function disclosePupils(
  tx: TenantTransaction,
  {
    purpose,
    recipient,
    pupils,
    consent,
    reference,
    now,
  }: {
    readonly purpose: SnapshotPurpose;
    readonly recipient: SnapshotRecipient;
    readonly pupils: SnapshotPupils;
    readonly consent: SettledConsent;
    readonly reference: string;
    readonly now: Date;
  },
): Promise<void> {
  const classes = classesOf(purpose);
  const { agreement } = consent;
  const legalBasis: LegalBasis = agreement === undefined ? "consent" : uses[purpose].basis;
  const canonical = await canonicalPersons(tx);
  const plans = await tx.sql<{ id: string }[]>`select distinct person_id as id from support where kind = 'iep'`;
  const special = new Set(plans.map(({ id }) => canonical.get(id) ?? id));
  const common = {
    requester: recipient.requester,
    party: recipient.party,
    interest: recipient.interest,
    legalBasis,
    agreementId: agreement?.agreementId ?? null,
    consentKey: null,
    onwardParties: null,
    reference,
  };
  const disclosed = pupils.included.map((personId) => {
    const dataClasses = classes.filter((dataClass) => isOpen(consent, personId, dataClass));
    return {
      ...common,
      personId,
      outcome: "disclosed" as const,
      dataClasses,
      specialEducation: dataClasses.includes("supports") && special.has(personId),
      reason: legalBases[legalBasis],
    };
  });
  const refused = pupils.leftOut.map((personId) => ({
    ...common,
    personId,
    outcome: "refused" as const,
    dataClasses: classes,
    specialEducation: false,
    reason: "there is no consent, or the family said no",
  }));
  await logDisclosures(tx, [...disclosed, ...refused], now);
}
