import { CairnError } from "../../errors.ts";
import { dayOf } from "../../records/consent/own-version.ts";
import { inTenant } from "../../records/database.ts";
import type { Agreement, AgreementStanding } from "../../records/disclosure/agreements.ts";
import { addAgreement, listAgreements, proveDestruction } from "../../records/disclosure/agreements.ts";
import type { Certificate } from "../../records/erasure/erase.ts";
import { certificates, erasePerson } from "../../records/erasure/erase.ts";
import type { RetentionRule } from "../../records/erasure/retention.ts";
import { applyRetention, retentionRules, setRetentionRule } from "../../records/erasure/retention.ts";
import type { LinkCandidate } from "../../records/identity/candidates.ts";
import { linkCandidates } from "../../records/identity/candidates.ts";
import type { LinkEvent } from "../../records/identity/links.ts";
import { identityTrail, linkPersons, unlinkPersons } from "../../records/identity/links.ts";
import type { KnownPerson } from "../../records/identity/people.ts";
import { peopleByIds, personByNumber } from "../../records/identity/people.ts";
import { setAnswerDays } from "../../records/rights/settings.ts";
import type { ListedSnapshot } from "../../records/snapshot/list.ts";
import { destroySnapshot, listSnapshots } from "../../records/snapshot/list.ts";
import type { OvertakenSnapshot } from "../../records/snapshot/overtaken.ts";
import { overtakenSnapshots } from "../../records/snapshot/overtaken.ts";
import { dropFile } from "../../records/store/shared.ts";
import { createKey } from "../access/keys.ts";
import { riskMatrixPath } from "../early-warning/prepare.ts";
import type { Cairn } from "../runtime.ts";
import type { FamilyActor } from "./learners.ts";
import { aboutLearner } from "./learners.ts";

/** The certificate of an erasure, and the snapshots taken before that still hold the learner's pseudonymous rows. */
export interface ErasureReport {
  readonly certificate: Certificate;
  readonly overtaken: readonly OvertakenSnapshot[];
}

/**
 * Erases a learner of the district.
 * @throws CairnError `NOT_FOUND`, `BAD_INPUT` without a cause, `CONFLICT` while a request to inspect is open
 */
export async function eraseLearner(
  cairn: Cairn,
  office: FamilyActor,
  learner: string,
  cause: string,
): Promise<ErasureReport> {
  const now = cairn.now();
  const certificate = await aboutLearner(cairn, office, learner, (tx, personId) =>
    erasePerson(tx, { personId, cause, decidedBy: office.recordedBy, now }),
  );
  return { certificate, overtaken: await findOvertaken(cairn, office.tenantId) };
}

/** Every certificate of the district. */
export function listCertificates(cairn: Cairn, tenantId: string): Promise<Certificate[]> {
  return inTenant(cairn.database, tenantId, certificates);
}

/** Makes a retention rule; the newest for a table counts. @throws CairnError `BAD_INPUT` */
export function makeRetentionRule(cairn: Cairn, tenantId: string, rule: RetentionRule): Promise<void> {
  return inTenant(cairn.database, tenantId, (tx) => setRetentionRule(tx, rule, cairn.now()));
}

/** The retention rules in force. */
export function listRetentionRules(cairn: Cairn, tenantId: string): Promise<RetentionRule[]> {
  return inTenant(cairn.database, tenantId, retentionRules);
}

/** Erases what the rules in force keep no longer. @returns rows erased, by table */
export function runRetention(cairn: Cairn, tenantId: string): Promise<Record<string, number>> {
  return inTenant(cairn.database, tenantId, (tx) => applyRetention(tx, cairn.now()));
}

/** Two persons who may be one, with what the registrar needs to judge. */
export interface NamedCandidate extends LinkCandidate {
  readonly people: readonly KnownPerson[];
}

/** Pairs of persons who may be one human being, for the registrar to judge. */
export function proposeLinks(cairn: Cairn, tenantId: string): Promise<NamedCandidate[]> {
  return inTenant(cairn.database, tenantId, async (tx) => {
    const named: NamedCandidate[] = [];
    for (const pair of await linkCandidates(tx)) {
      named.push({ ...pair, people: await peopleByIds(tx, [pair.personId, pair.sameAs]) });
    }
    return named;
  });
}

/** Links two persons. @returns the id of the link @throws CairnError `BAD_INPUT`, `NOT_FOUND`, `CONFLICT` */
export function linkIdentities(
  cairn: Cairn,
  { tenantId, recordedBy }: FamilyActor,
  pair: { personId: string; sameAs: string; reason: string },
): Promise<number> {
  return inTenant(cairn.database, tenantId, (tx) =>
    linkPersons(tx, { ...pair, decidedBy: recordedBy, now: cairn.now() }),
  );
}

/** Takes a link back. @throws CairnError `NOT_FOUND` */
export function unlinkIdentities(
  cairn: Cairn,
  { tenantId, recordedBy }: FamilyActor,
  link: { linkId: number; reason: string },
): Promise<void> {
  return inTenant(cairn.database, tenantId, (tx) =>
    unlinkPersons(tx, { ...link, decidedBy: recordedBy, now: cairn.now() }),
  );
}

/** The trail of links of a person. */
export function readTrail(cairn: Cairn, tenantId: string, personId: string): Promise<LinkEvent[]> {
  return inTenant(cairn.database, tenantId, (tx) => identityTrail(tx, personId));
}

/** Keeps an agreement. @throws CairnError `BAD_INPUT`, `CONFLICT` */
export function keepAgreement(cairn: Cairn, tenantId: string, agreement: Agreement): Promise<void> {
  return inTenant(cairn.database, tenantId, (tx) => addAgreement(tx, agreement, cairn.now()));
}

/** The agreements of the district with where each stands today: destruction that is due among them. */
export function readAgreements(cairn: Cairn, tenantId: string): Promise<AgreementStanding[]> {
  return inTenant(cairn.database, tenantId, (tx) => listAgreements(tx, dayOf(cairn.now())));
}

/** Closes an agreement with the proof of destruction. @throws CairnError `NOT_FOUND`, `BAD_INPUT`, `CONFLICT` */
export function closeAgreement(
  cairn: Cairn,
  { tenantId, recordedBy }: FamilyActor,
  { agreementId, proof }: { agreementId: string; proof: string },
): Promise<void> {
  return inTenant(cairn.database, tenantId, (tx) =>
    proveDestruction(tx, { agreementId, proof, by: recordedBy, now: cairn.now() }),
  );
}

/** Every snapshot the district ever took. */
export function readSnapshots(cairn: Cairn, tenantId: string): Promise<ListedSnapshot[]> {
  return inTenant(cairn.database, tenantId, listSnapshots);
}

/** The snapshots that hold what they may hold no longer. */
export function findOvertaken(cairn: Cairn, tenantId: string): Promise<OvertakenSnapshot[]> {
  return overtakenSnapshots(cairn.database, { tenantId, folder: cairn.folders.snapshots, now: cairn.now() });
}

/**
 * Destroys the snapshots that an erasure, a withdrawal or the end of an agreement has overtaken, with the feature matrix made
 * of each.
 * @returns a certificate for each
 */
export async function destroyOvertaken(cairn: Cairn, office: FamilyActor): Promise<Certificate[]> {
  const { tenantId, recordedBy } = office;
  const proofs: Certificate[] = [];
  for (const { id, asOf, erased, refused, agreementEnded } of await findOvertaken(cairn, tenantId)) {
    const cause = `overtaken: ${erased} erased, ${refused} refused${agreementEnded ? ", agreement ended" : ""}`;
    await dropFile(riskMatrixPath(cairn, id, asOf));
    const folder = cairn.folders.snapshots;
    proofs.push(
      await destroySnapshot(cairn.database, { tenantId, folder, id, cause, decidedBy: recordedBy, now: cairn.now() }),
    );
  }
  return proofs;
}

/**
 * Makes the key of a guardian or an eligible student, which opens the learners she may decide about.
 * @param person - her number or her id in the record
 * @returns the key, shown this once
 * @throws CairnError `NOT_FOUND` when there is nobody of that number or id
 */
export async function createFamilyKey(cairn: Cairn, tenantId: string, person: string, label: string): Promise<string> {
  const personId = await inTenant(cairn.database, tenantId, async (tx) => {
    const [known] = await peopleByIds(tx, [person]);
    return known?.personId ?? (await personByNumber(tx, person));
  });
  if (personId === undefined) throw new CairnError("NOT_FOUND", "expected a person of the record, got nobody");
  return createKey(cairn, tenantId, "family", label, personId);
}

const LEGAL_DAYS = 45; // 34 CFR 99.10(b)

/** Says within how many days the district answers requests: 45 at most, less where the state's law is stricter. */
export async function promiseAnswer(cairn: Cairn, tenantId: string, days: number): Promise<void> {
  if (!Number.isInteger(days) || days < 1 || days > LEGAL_DAYS) {
    throw new CairnError("BAD_INPUT", `expected 1 to ${LEGAL_DAYS} days, got ${days}`, {
      hint: "34 CFR 99.10(b) gives 45 days at most",
    });
  }
  await setAnswerDays(cairn.database, tenantId, days);
}
