import { CairnError } from "../../errors.ts";
import type { DataClass } from "../consent/data-classes.ts";
import { choosableClasses } from "../consent/data-classes.ts";
import type { DecisionRequest, Verdict } from "../consent/decide.ts";
import { decide } from "../consent/decide.ts";
import { dayOf } from "../consent/own-version.ts";
import { majorityOf, provisionsFor } from "../consent/provisions.ts";
import type { LegalBasis, Purpose } from "../consent/uses.ts";
import { choiceLabel, legalBases, uses } from "../consent/uses.ts";
import type { TenantTransaction } from "../database.ts";
import { idsOf } from "../identity/links.ts";
import { hasOptedOut } from "../rights/directory.ts";
import { agreementInForce } from "./agreements.ts";
import type { DisclosureLine } from "./log.ts";
import { logDisclosures } from "./log.ts";
import type { RecordTables } from "./record-document.ts";
import { recordTables } from "./record-document.ts";

/** Who wants to read whose record, for whom, for what. */
export interface RecordRequest {
  readonly personId: string;
  /** The account, key or person that asks. */
  readonly requester: string;
  /** The organisation or person it is for. */
  readonly party: string;
  /** The kinds of party it is, such as `tutors`. */
  readonly partyClasses?: readonly string[];
  readonly purpose: Purpose;
  /** The legitimate interest, in words. */
  readonly interest: string;
  /** What is needed: every class when absent. */
  readonly dataClasses?: readonly DataClass[];
  readonly agreementId?: string;
  /** To whom the party may pass it on. */
  readonly onwardParties?: readonly string[];
  readonly now: Date;
}

/** What a reader gets. The same request gives the same bytes: there is no clock and no number of the request in it. */
export interface RecordDocument {
  readonly format: "cairn-record/1";
  readonly learner: string;
  readonly party: string;
  readonly purpose: Purpose;
  readonly label: "your choice" | "the school's own use";
  /** The bases the document rests on, in words. */
  readonly legalBases: readonly string[];
  /** What the reader is told about passing it on (34 CFR 99.33(d)); null for the school and the family. */
  readonly notice: string | null;
  readonly agreement: { readonly agreementId: string; readonly endsOn: string; readonly destroyBy: string } | null;
  readonly records: RecordTables;
  readonly withheld: readonly { readonly dataClass: DataClass; readonly why: string }[];
}

/** The answer to a request to read. */
export interface RecordReading {
  readonly outcome: "disclosed" | "refused";
  /** The document as it leaves, UTF-8 JSON. */
  readonly text: string;
  readonly verdicts: readonly (Verdict & { readonly dataClass: DataClass })[];
}

const redisclosure =
  "34 CFR 99.33: use these records only for the purpose above, and disclose them to nobody else without consent.";

/**
 * Reads a learner's record for somebody, and writes what was disclosed and what was refused to the record of disclosures in
 * the same transaction: nothing leaves unlogged. A refusal is an answer, not an exception: an exception would take the line
 * back with the transaction.
 * @throws CairnError `NOT_FOUND` when there is no such learner, `BAD_INPUT` without a party or an interest
 */
export async function readRecord(tx: TenantTransaction, request: RecordRequest): Promise<RecordReading> {
  const reading = await composeRecord(tx, request);
  await logDisclosures(tx, linesOf(request, reading), request.now);
  return reading;
}

/**
 * What {@link readRecord} would give this reader now, byte for byte, without reading it for her: for the family to look at
 * before it decides (CON-18). Nothing is disclosed, and nothing logged.
 */
export function previewRecord(tx: TenantTransaction, request: RecordRequest): Promise<RecordReading> {
  return composeRecord(tx, request);
}

async function composeRecord(tx: TenantTransaction, request: RecordRequest): Promise<RecordReading> {
  if (request.party.trim() === "" || request.interest.trim() === "") {
    throw new CairnError("BAD_INPUT", "expected a party and its legitimate interest, got none");
  }
  const ids = await idsOf(tx, request.personId);
  const known = await tx.sql`select 1 from person where person_id = any(${ids}) limit 1`;
  if (known.length === 0) throw new CairnError("NOT_FOUND", "expected a learner of the record, got nobody of that id");
  const { verdicts, agreement } = await verdictsOf(tx, ids, request);
  const allowed = new Set(verdicts.flatMap((verdict) => (verdict.allowed ? [verdict.dataClass] : [])));
  const bases = new Set(verdicts.filter((verdict) => verdict.allowed).map(({ basis }) => basis));
  const outside: LegalBasis[] = ["consent", "study-or-audit", "transfer"];
  const document: RecordDocument = {
    format: "cairn-record/1",
    learner: ids[0]!,
    party: request.party,
    purpose: request.purpose,
    label: choiceLabel(request.purpose),
    legalBases: [...bases].sort().map((basis) => legalBases[basis]),
    notice: outside.some((basis) => bases.has(basis)) ? redisclosure : null,
    agreement:
      agreement === undefined
        ? null
        : { agreementId: agreement.agreementId, endsOn: agreement.endsOn, destroyBy: agreement.destroyBy },
    records: await recordTables(tx, ids, allowed),
    withheld: verdicts.flatMap(({ allowed: yes, dataClass, why }) => (yes ? [] : [{ dataClass, why }])),
  };
  return {
    outcome: allowed.size > 0 ? "disclosed" : "refused",
    text: `${JSON.stringify(document, null, 2)}\n`,
    verdicts,
  };
}

async function verdictsOf(tx: TenantTransaction, ids: readonly string[], request: RecordRequest) {
  const on = dayOf(request.now);
  const { purpose, party, requester } = request;
  const agreement =
    request.agreementId === undefined || uses[purpose].basis !== "study-or-audit"
      ? undefined
      : await agreementInForce(tx, { agreementId: request.agreementId, party, requester, on });
  const decisions = [...(await provisionsFor(tx, purpose, ids)).values()][0];
  const common: Omit<DecisionRequest, "dataClass"> = {
    purpose,
    party,
    actor: requester,
    partyClasses: request.partyClasses ?? [],
    on,
    majorityOn: await majorityOf(tx, ids),
    agreement: agreement?.kind === purpose ? agreement : undefined,
    directoryOptOut: purpose === "directory" && (await hasOptedOut(tx, ids, on)),
  };
  const verdicts = (request.dataClasses ?? choosableClasses).map((dataClass) => ({
    ...decide(decisions?.provisions ?? [], { ...common, dataClass }),
    dataClass,
  }));
  return { verdicts, agreement: common.agreement === undefined ? undefined : agreement };
}

/** One line for each basis, decision and outcome: what was given stands apart from what was not. */
function linesOf(request: RecordRequest, { text, verdicts }: RecordReading): DisclosureLine[] {
  const { records } = JSON.parse(text) as RecordDocument;
  const specialEducation = records.support?.some(({ kind }) => kind === "iep") === true;
  const lines = new Map<string, DisclosureLine & { dataClasses: DataClass[] }>();
  for (const { allowed, basis, agreementId, consentKey, why, dataClass } of verdicts) {
    const key = JSON.stringify([allowed, basis, agreementId, consentKey, why]);
    const line = lines.get(key) ?? {
      personId: request.personId,
      outcome: allowed ? ("disclosed" as const) : ("refused" as const),
      requester: request.requester,
      party: request.party,
      interest: request.interest,
      legalBasis: basis,
      dataClasses: [],
      agreementId,
      consentKey,
      onwardParties: allowed && request.onwardParties !== undefined ? request.onwardParties : null,
      specialEducation: false,
      reason: why,
      reference: request.purpose,
    };
    line.dataClasses.push(dataClass);
    if (allowed && dataClass === "supports" && specialEducation) Object.assign(line, { specialEducation });
    lines.set(key, line);
  }
  return [...lines.values()];
}
