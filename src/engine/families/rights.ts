import { CairnError } from "../../errors.ts";
import type { DecisionVersion } from "../../records/consent/grants.ts";
import { decisionHistory } from "../../records/consent/grants.ts";
import { dayOf } from "../../records/consent/own-version.ts";
import { inTenant } from "../../records/database.ts";
import type { LoggedDisclosure } from "../../records/disclosure/log.ts";
import { disclosuresOf } from "../../records/disclosure/log.ts";
import type { RecordDocument, RecordReading, RecordRequest } from "../../records/disclosure/read-record.ts";
import { previewRecord, readRecord } from "../../records/disclosure/read-record.ts";
import { peopleByIds } from "../../records/identity/people.ts";
import type { AccessRequest } from "../../records/rights/access.ts";
import { accessRequests, answerAccess, requestAccess } from "../../records/rights/access.ts";
import type { AmendmentCase, AmendmentStep } from "../../records/rights/amendment.ts";
import { amendmentCases, requestAmendment, schoolSteps, stepAmendment } from "../../records/rights/amendment.ts";
import { optOutOfDirectory } from "../../records/rights/directory.ts";
import type { Cairn } from "../runtime.ts";
import type { FamilyActor } from "./learners.ts";
import { aboutLearner, actorId, settingsOf } from "./learners.ts";

/** Who reads for what, as a family or an office asks. */
export type ReaderToShow = Omit<RecordRequest, "personId" | "now">;

/** What a reader would see now, byte for byte (CON-18). @throws CairnError `NOT_FOUND` when she is not the actor's */
export function previewReader(
  cairn: Cairn,
  actor: FamilyActor,
  learner: string,
  reader: ReaderToShow,
): Promise<string> {
  return aboutLearner(cairn, actor, learner, async (tx, personId) => {
    const { text } = await previewRecord(tx, { ...reader, personId, now: cairn.now() });
    return text;
  });
}

/**
 * Reads a learner's record for somebody who asks the office, and logs it. A refusal is logged before it is thrown.
 * @throws CairnError `FORBIDDEN` when nothing of it may be read, `NOT_FOUND` when there is no such learner
 */
export async function readForReader(
  cairn: Cairn,
  office: FamilyActor,
  learner: string,
  reader: ReaderToShow,
): Promise<string> {
  const reading = await aboutLearner(cairn, office, learner, (tx, personId) =>
    readRecord(tx, { ...reader, personId, now: cairn.now() }),
  );
  return textOf(reading);
}

function textOf({ outcome, text, verdicts }: RecordReading): string {
  if (outcome === "disclosed") return text;
  throw new CairnError(
    "FORBIDDEN",
    `expected something that this reader may see, got nothing: ${verdicts[0]?.why ?? ""}`,
    {
      hint: "the refused request stands in the record of disclosures",
    },
  );
}

/** The record of disclosures of a learner (34 CFR 99.32). @throws CairnError `NOT_FOUND` when she is not the actor's */
export function readDisclosures(cairn: Cairn, actor: FamilyActor, learner: string): Promise<LoggedDisclosure[]> {
  return aboutLearner(cairn, actor, learner, disclosuresOf);
}

/** A request to change a record, as a family makes it. */
export interface AmendmentToAsk {
  readonly recordTable: string;
  readonly recordKey: string;
  readonly contested: string;
  readonly request: string;
}

/** Opens an amendment case. @throws CairnError `FORBIDDEN` for the office: it is the family's to ask */
export function askAmendment(
  cairn: Cairn,
  actor: FamilyActor,
  learner: string,
  asked: AmendmentToAsk,
): Promise<{ caseId: string }> {
  const person = requirePerson(actor);
  return aboutLearner(cairn, actor, learner, async (tx, personId) => ({
    caseId: await requestAmendment(tx, { ...asked, personId, actorId: person, now: cairn.now() }),
  }));
}

/** The family's statement of disagreement, once a refusal stands. @throws CairnError `NOT_FOUND`, `CONFLICT`, `BAD_INPUT` */
export function placeStatement(
  cairn: Cairn,
  actor: FamilyActor,
  learner: string,
  { caseId, text }: { caseId: string; text: string },
): Promise<void> {
  const by = requirePerson(actor);
  return aboutLearner(cairn, actor, learner, async (tx, personId) => {
    const own = await amendmentCases(tx, { personId, on: dayOf(cairn.now()), answerDays: 0 });
    if (!own.some((one) => one.caseId === caseId)) {
      throw new CairnError("NOT_FOUND", "expected a case about this learner, got none of that id");
    }
    await stepAmendment(tx, { caseId, step: "statement", text, by, now: cairn.now() });
  });
}

/** The steps of an amendment that are the school's. */
export type SchoolStep = Exclude<AmendmentStep, "statement">;

export { schoolSteps };

/** A step the school takes in an amendment case. @throws CairnError `NOT_FOUND`, `CONFLICT`, `BAD_INPUT` */
export function decideAmendment(
  cairn: Cairn,
  { tenantId, recordedBy }: FamilyActor,
  step: { caseId: string; step: SchoolStep; text: string },
): Promise<void> {
  return inTenant(cairn.database, tenantId, (tx) => stepAmendment(tx, { ...step, by: recordedBy, now: cairn.now() }));
}

/** Opens a request to inspect the record. @throws CairnError `FORBIDDEN` for the office */
export async function askAccess(cairn: Cairn, actor: FamilyActor, learner: string): Promise<{ caseId: string }> {
  const person = requirePerson(actor);
  const { answerDays } = await settingsOf(cairn, actor);
  return aboutLearner(cairn, actor, learner, async (tx, personId) => ({
    caseId: await requestAccess(tx, { personId, actorId: person, answerDays, now: cairn.now() }),
  }));
}

/** Closes a request to inspect. @throws CairnError `NOT_FOUND`, `CONFLICT`, `BAD_INPUT` */
export function closeAccess(
  cairn: Cairn,
  { tenantId, recordedBy }: FamilyActor,
  { caseId, text }: { caseId: string; text: string },
): Promise<void> {
  return inTenant(cairn.database, tenantId, (tx) =>
    answerAccess(tx, { caseId, text, by: recordedBy, now: cairn.now() }),
  );
}

/** Where the requests of a family, or of the whole district, stand. */
export interface Cases {
  readonly amendments: readonly AmendmentCase[];
  readonly accessRequests: readonly AccessRequest[];
}

/** The cases of one learner, each with its clock. @throws CairnError `NOT_FOUND` when she is not the actor's */
export async function readCases(cairn: Cairn, actor: FamilyActor, learner: string): Promise<Cases> {
  const { answerDays } = await settingsOf(cairn, actor);
  const on = dayOf(cairn.now());
  return aboutLearner(cairn, actor, learner, async (tx, personId) => ({
    amendments: await amendmentCases(tx, { personId, on, answerDays }),
    accessRequests: await accessRequests(tx, { personId, on }),
  }));
}

/** Every case of the district that waits for the school: reminders and breaches first to see (CON-12). */
export async function openCases(cairn: Cairn, office: FamilyActor): Promise<Cases> {
  const { answerDays } = await settingsOf(cairn, office);
  const on = dayOf(cairn.now());
  const waits = ({ clock }: { clock: string }): boolean => clock !== "answered";
  return inTenant(cairn.database, office.tenantId, async (tx) => ({
    amendments: (await amendmentCases(tx, { on, answerDays })).filter(waits),
    accessRequests: (await accessRequests(tx, { on })).filter(waits),
  }));
}

/** Cases with the number of each learner they are about, by her id in the record. */
export interface NumberedCases extends Cases {
  readonly numbers: Readonly<Record<string, string | null>>;
}

/** The open cases as an office works through them: with the learners' numbers, never their names. */
export async function listOpenCases(cairn: Cairn, office: FamilyActor): Promise<NumberedCases> {
  const cases = await openCases(cairn, office);
  const ids = [...cases.amendments, ...cases.accessRequests].map(({ personId }) => personId);
  const people = await inTenant(cairn.database, office.tenantId, (tx) => peopleByIds(tx, [...new Set(ids)]));
  return { ...cases, numbers: Object.fromEntries(people.map(({ personId, number }) => [personId, number])) };
}

/** Refuses directory information for a school year. @throws CairnError `NOT_FOUND`, `BAD_INPUT` */
export function refuseDirectory(cairn: Cairn, actor: FamilyActor, learner: string, schoolYear: number): Promise<void> {
  return aboutLearner(cairn, actor, learner, (tx, personId) =>
    optOutOfDirectory(tx, { personId, schoolYear, ...actorId(actor), recordedBy: actor.recordedBy, now: cairn.now() }),
  );
}

/** Everything a family takes away in one piece: the record with the words beside it, and what was decided and disclosed. */
export interface FamilyExport {
  readonly format: "cairn-family-export/1";
  readonly record: RecordDocument;
  readonly consents: readonly DecisionVersion[];
  readonly disclosures: readonly LoggedDisclosure[];
  readonly amendments: readonly AmendmentCase[];
  readonly accessRequests: readonly AccessRequest[];
}

/** The whole record of a learner for the family (CON-19). @throws CairnError `NOT_FOUND` when she is not the actor's */
export async function exportForFamily(cairn: Cairn, actor: FamilyActor, learner: string): Promise<FamilyExport> {
  const { answerDays } = await settingsOf(cairn, actor);
  const now = cairn.now();
  return aboutLearner(cairn, actor, learner, async (tx, personId) => {
    const { text } = await readRecord(tx, {
      personId,
      requester: actor.personId ?? actor.recordedBy,
      party: "the family",
      purpose: "own-access",
      interest: "the family's own copy",
      now,
    });
    return {
      format: "cairn-family-export/1",
      record: JSON.parse(text) as RecordDocument,
      consents: await decisionHistory(tx, personId),
      disclosures: await disclosuresOf(tx, personId),
      amendments: await amendmentCases(tx, { personId, on: dayOf(now), answerDays }),
      accessRequests: await accessRequests(tx, { personId, on: dayOf(now) }),
    };
  });
}

function requirePerson({ personId }: FamilyActor): string {
  if (personId !== undefined) return personId;
  throw new CairnError("FORBIDDEN", "expected the family itself, got the office", {
    hint: "a guardian or the learner of 18 asks with her own key",
  });
}
