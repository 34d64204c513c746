import { z } from "@hono/zod-openapi";

const moment = z.iso.datetime();
const kinds = z.array(z.string()).nullable().openapi({ description: "Kinds of data; null: every kind" });

/** Where `{learner}` stands in a path. */
export const learnerParams = z.object({
  learner: z.string().min(1).max(200).openapi({ description: "The district's own number of the learner" }),
});

/** The learners a key opens. */
export const learnersSchema = z
  .object({
    learners: z.array(
      z.object({ learner: z.string().nullable(), givenName: z.string().nullable(), familyName: z.string().nullable() }),
    ),
  })
  .openapi("FamilyLearners");

const decisionSchema = z
  .object({
    key: z.string(),
    purpose: z.string(),
    decision: z.enum(["permit", "deny", "withdrawn"]),
    decidedOn: z.iso.date(),
    decidedAt: moment.nullable(),
    decidedBy: z.string().nullable(),
    capacity: z.enum(["guardian", "eligible-student", "paper-form"]).nullable(),
    authentication: z.string().nullable(),
    dataClasses: kinds,
    party: z.string().nullable().openapi({ description: "A person, a party or a kind of party; null: everybody" }),
    beginsOn: z.iso.date().nullable(),
    expiresOn: z.iso.date().nullable(),
    textId: z.string().nullable(),
    textVersion: z.number().int().nullable(),
    language: z.string().nullable(),
    copyDeliveredAt: moment.nullable(),
    personId: z.string(),
    authority: z.string(),
  })
  .openapi("FamilyDecision");

/** The page of switches. */
export const choicesSchema = z
  .object({
    choices: z.array(
      z
        .object({
          purpose: z.string(),
          label: z.enum(["your choice", "the school's own use"]),
          yours: z.boolean().openapi({ description: "Whether the family's yes or no is heard" }),
          legalBasis: z.string(),
          sentence: z.string(),
          audiences: z.array(z.object({ party: z.string().nullable(), allowed: z.record(z.string(), z.boolean()) })),
        })
        .openapi("Choice"),
    ),
    history: z.array(decisionSchema),
  })
  .openapi("Choices");

/** A switch turned. */
export const choiceBody = z
  .object({
    purpose: z.string(),
    decision: z.enum(["permit", "deny"]),
    dataClasses: kinds.default(null),
    party: z.string().nullable().default(null),
    expiresOn: z.iso.date().nullable().default(null),
    authentication: z
      .string()
      .min(1)
      .openapi({ description: "How the platform made sure who it is", example: "password and code by mail" }),
    text: z
      .object({ textId: z.string(), version: z.number().int(), language: z.string() })
      .optional()
      .openapi({ description: "The wording that was shown" }),
  })
  .openapi("ChoiceToMake");

/** The answer to a switch turned. */
export const receiptSchema = z
  .object({
    key: z.string().openapi({ description: "Takes the decision back" }),
    receipt: z.string().openapi({ description: "The bytes that are signed: a consent receipt (Kantara 1.1) as JSON" }),
    sha256: z.string(),
    signature: z.object({ verificationMethod: z.string(), value: z.string() }).nullable(),
    lines: z.array(z.string()),
    html: z.string(),
  })
  .openapi("ChoiceReceipt");

/** Who would read what. */
export const previewBody = z
  .object({
    party: z.string().min(1),
    partyClasses: z.array(z.string()).default([]),
    requester: z.string().default("").openapi({ description: "The person of the party, where one is meant" }),
    purpose: z.enum(["school-use", "sharing", "directory", "transfer", "study", "audit"]),
    agreementId: z.string().optional(),
  })
  .openapi("ReaderToShow");

const annotation = z.object({ kind: z.string(), text: z.string(), onDate: z.string() });

/** What a reader gets. */
export const recordSchema = z
  .object({
    format: z.literal("cairn-record/1"),
    learner: z.string(),
    party: z.string(),
    purpose: z.string(),
    label: z.enum(["your choice", "the school's own use"]),
    legalBases: z.array(z.string()),
    notice: z.string().nullable(),
    agreement: z.object({ agreementId: z.string(), endsOn: z.iso.date(), destroyBy: z.iso.date() }).nullable(),
    records: z
      .record(z.string(), z.array(z.looseObject({ annotations: z.array(annotation).optional() })))
      .openapi({ description: "Rows by table, each with the words that travel with it" }),
    withheld: z.array(z.object({ dataClass: z.string(), why: z.string() })),
  })
  .openapi("LearnerRecord");

const disclosureSchema = z
  .object({
    personId: z.string(),
    at: moment,
    outcome: z.enum(["disclosed", "refused"]),
    requester: z.string(),
    party: z.string(),
    interest: z.string(),
    legalBasis: z.string(),
    dataClasses: z.array(z.string()),
    agreementId: z.string().nullable(),
    consentKey: z.string().nullable(),
    onwardParties: z.array(z.string()).nullable(),
    specialEducation: z.boolean(),
    reason: z.string().nullable(),
    reference: z.string().nullable(),
  })
  .openapi("Disclosure");

/** The record of disclosures. */
export const disclosuresSchema = z.object({ disclosures: z.array(disclosureSchema) }).openapi("Disclosures");

const eventSchema = z.object({ kind: z.string(), text: z.string().nullable(), by: z.string(), at: moment });
const clock = z.enum(["open", "due soon", "overdue", "answered"]);
const common = {
  caseId: z.string(),
  personId: z.string(),
  requestedBy: z.string(),
  requestedAt: moment,
  dueOn: z.iso.date(),
  clock,
  events: z.array(eventSchema),
};
const amendmentSchema = z
  .object({
    ...common,
    recordTable: z.string(),
    recordKey: z.string(),
    contested: z.string(),
    request: z.string(),
    state: z.enum(["requested", "granted", "refused", "hearing", "refusal stands", "stated"]),
  })
  .openapi("AmendmentCase");
const accessSchema = z.object(common).openapi("AccessRequest");

/** Where requests stand. */
export const casesSchema = z
  .object({ amendments: z.array(amendmentSchema), accessRequests: z.array(accessSchema) })
  .openapi("FamilyCases");

/** "This is wrong." */
export const amendmentBody = z
  .object({
    recordTable: z.string(),
    recordKey: z.string(),
    contested: z.string().min(1).max(10_000),
    request: z.string().min(1).max(10_000),
  })
  .openapi("AmendmentToAsk");

/** Words of the family or the school. */
export const wordsBody = z.object({ text: z.string().min(1).max(10_000) }).openapi("Words");

/** A step of the school. */
export const stepBody = z
  .object({
    step: z.enum(["granted", "refused", "hearing set", "refusal stands"]),
    text: z.string().min(1).max(10_000),
  })
  .openapi("SchoolStep");

/** A case that was opened. */
export const openedSchema = z.object({ caseId: z.string() }).openapi("OpenedCase");

/** A school year, by the year it ends in. */
export const directoryBody = z.object({ schoolYear: z.number().int() }).openapi("DirectoryOptOut");

/** Everything in one piece. */
export const exportSchema = z
  .object({
    format: z.literal("cairn-family-export/1"),
    record: recordSchema,
    consents: z.array(decisionSchema),
    disclosures: z.array(disclosureSchema),
    amendments: z.array(amendmentSchema),
    accessRequests: z.array(accessSchema),
  })
  .openapi("FamilyExport");
