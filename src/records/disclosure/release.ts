import { CairnError } from "../../errors.ts";
import type { DataClass } from "../consent/data-classes.ts";
import type { Purpose } from "../consent/uses.ts";
import { uses } from "../consent/uses.ts";
import type { TenantTransaction } from "../database.ts";
import { canonicalPersons } from "../identity/links.ts";
import type { SettledConsent, SnapshotRecipient } from "../snapshot/consented.ts";
import { isOpen, showConsented } from "../snapshot/consented.ts";
import type { DisclosureLine } from "./log.ts";
import { logDisclosures } from "./log.ts";

/** What records with names may leave the district for, in an export of many learners. */
export const releasePurposes = ["school-use", "transfer", "sharing", "directory", "audit"] as const satisfies readonly [
  Purpose,
  ...Purpose[],
];

/** An export of named learners: who gets it, who asked, why and on what basis. */
export interface Release extends SnapshotRecipient {
  readonly purpose: (typeof releasePurposes)[number];
  readonly now: Date;
}

/** A release whose learners are settled: the transaction sees the record as the party may. */
export interface SettledRelease extends Release {
  readonly consent: SettledConsent;
}

/** What left about each learner: her id and the kinds of data of which something is in the export. */
export interface ReleasedLearner {
  readonly personId: string;
  readonly dataClasses: readonly DataClass[];
}

/**
 * Settles what of whom the party may get, and lets the transaction see the record that way (see {@link showConsented}): where the
 * basis is consent or directory information, what families decided; where it is the school's own or the next school's, everything.
 * The staff stay in, and guardians where it is open who they are: no family's switch is set for them.
 * @throws CairnError `BAD_INPUT` without a party, a requester or an interest; `FORBIDDEN` when an audit has no agreement in force
 */
export async function showReleased(tx: TenantTransaction, release: Release): Promise<SettledRelease> {
  const missing = (["party", "requester", "interest"] as const).filter((name) => release[name].trim() === "");
  if (missing.length > 0) {
    throw new CairnError(
      "BAD_INPUT",
      `expected who gets the records, who asks and why, got no ${missing.join(", no ")}`,
      {
        hint: "34 CFR 99.32: every disclosure is written down with its party and its interest",
      },
    );
  }
  const { purpose, now } = release;
  const question = { purpose, recipient: release, now, others: await othersIn(tx) };
  const consent = await showConsented(tx, question, { throughEnrolment: false });
  if (uses[purpose].basis === "study-or-audit" && consent.agreement === undefined) {
    throw new CairnError("FORBIDDEN", `expected an agreement in force for ${purpose} with this party, got none`, {
      hint: "see `cairn disclosures agreements`: its kind, party, representatives and days must be those of the request",
    });
  }
  return { ...release, consent };
}

/** Who is in the record and no learner, by the ids that stand for them. */
async function othersIn(tx: TenantTransaction): Promise<{ staff: Set<string>; guardians: Set<string> }> {
  const rows = await tx.sql<{ personId: string; guards: boolean }[]>`
    with role as (
      select distinct on (record_key) person_id, role, retracted_at from person_role
      order by record_key, known_on desc, version_id desc
    ), guardian as (
      select guardian_id as person_id from guardianship union select person_id from role where role in ('guardian', 'parent', 'relative')
    )
    select person_id as "personId", true as guards from guardian g where ${noLearner(tx, "g")}
    union all
    select distinct person_id, false from role r
    where retracted_at is null and person_id not in (select person_id from guardian) and ${noLearner(tx, "r")}`;
  const canonical = await canonicalPersons(tx);
  const people = (guards: boolean): Set<string> =>
    new Set(rows.filter((row) => row.guards === guards).map(({ personId }) => canonical.get(personId) ?? personId));
  return { staff: people(false), guardians: people(true) };
}

/** Past the views: what hides an enrolment must not make a learner somebody else. */
function noLearner({ sql }: TenantTransaction, alias: "g" | "r") {
  const person = sql(`${alias}.person_id`);
  return sql`not exists (select from public.enrolment e where e.person_id = ${person})
    and not exists (select from public.person_role s where s.person_id = ${person} and s.role = 'student')
    and not exists (select from public.section_enrolment c where c.person_id = ${person} and c.role = 'student')`;
}

/**
 * Writes the lines of an export into the record of disclosures, in its transaction: for each learner one line for each basis and
 * decision that what left of her rests on, and one for each who is left out because her family said no, or did not say yes.
 * @param reference - what left, such as the hash of the package
 * @returns how many learners left, and how many were left out
 */
export async function logRelease(
  tx: TenantTransaction,
  release: SettledRelease,
  released: readonly ReleasedLearner[],
  reference: string,
): Promise<{ readonly disclosed: number; readonly leftOut: number }> {
  const lines = released.flatMap(({ personId, dataClasses }) => linesOf(release, personId, dataClasses, reference));
  const leftOut = await withheldLearners(tx, release.consent);
  for (const personId of leftOut) lines.push(...linesOf(release, personId, ["identity"], reference));
  await logDisclosures(tx, lines, release.now);
  return { disclosed: released.length, leftOut: leftOut.length };
}

/** The learners whose very name may not leave: looked up past the views, which do not show them. */
async function withheldLearners(tx: TenantTransaction, consent: SettledConsent): Promise<string[]> {
  if (consent.openClasses.has("identity") && consent.exceptions.size === 0) return [];
  const rows = await tx.sql<{ personId: string }[]>`
    select person_id as "personId" from public.enrolment
    union select person_id from public.section_enrolment where role = 'student'
    union select person_id from public.person_role where role = 'student'`;
  const canonical = await canonicalPersons(tx);
  const learners = new Set(rows.map(({ personId }) => canonical.get(personId) ?? personId));
  return [...learners].filter((personId) => !isOpen(consent, personId, "identity")).sort();
}

function linesOf(
  { purpose, party, requester, interest, consent }: SettledRelease,
  personId: string,
  dataClasses: readonly DataClass[],
  reference: string,
): DisclosureLine[] {
  const lines = new Map<string, DisclosureLine & { dataClasses: DataClass[] }>();
  for (const dataClass of dataClasses) {
    const { allowed, basis, agreementId, consentKey, why } = consent.verdict(personId, dataClass);
    const key = `${allowed} ${basis} ${agreementId} ${consentKey} ${why}`;
    const line = lines.get(key);
    if (line !== undefined) line.dataClasses.push(dataClass);
    else {
      lines.set(key, {
        personId,
        outcome: allowed ? "disclosed" : "refused",
        requester,
        party,
        interest,
        legalBasis: basis,
        dataClasses: [dataClass],
        agreementId,
        consentKey,
        onwardParties: null,
        // No export of many learners holds supports: plans of special education travel with the Backpack alone.
        specialEducation: false,
        reason: why,
        reference: `${purpose}: ${reference}`,
      });
    }
  }
  return [...lines.values()];
}
