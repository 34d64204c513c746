import {
  bigint,
  boolean,
  date,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  timestamp,
} from "drizzle-orm/pg-core";
import { provenance, versionIndex } from "./provenance.ts";

/** A wording that was shown to somebody who consented. Never changed: an edit is a new version (CON-2). */
export const consentText = pgTable(
  "consent_text",
  {
    tenantId: text("tenant_id").notNull(),
    textId: text("text_id").notNull(),
    version: integer("version").notNull(),
    language: text("language").notNull(),
    body: text("body").notNull(),
    sha256: text("sha256").notNull(),
    createdAt: timestamp("created_at", { withTimezone: true }).notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.textId, table.version, table.language] })],
);

/**
 * What a family (or the learner at 18) decided: permit or deny a purpose, for all or some data classes, for everybody or one
 * party, until a day. The most specific matching decision wins, among equals "deny" (privacy handbook 1.2); `withdrawn` takes
 * an earlier decision back. It cannot rewrite the school's own uses: those rest
 * on another legal basis.
 */
export const consentDecision = pgTable(
  "consent_decision",
  {
    ...provenance(),
    personId: text("person_id").notNull(),
    purpose: text("purpose").notNull(),
    decision: text("decision", { enum: ["permit", "deny", "withdrawn"] }).notNull(),
    decidedOn: date("decided_on").notNull(),
    /** When exactly, where it is known: withdrawal counts from the next read. */
    decidedAt: timestamp("decided_at", { withTimezone: true }),
    decidedBy: text("decided_by"),
    /** In what capacity: a guardian, the learner at 18, or the school's record of a paper form. */
    capacity: text("capacity", { enum: ["guardian", "eligible-student", "paper-form"] }),
    /** How the person was authenticated; without it the signature is no consent under 34 CFR 99.30. */
    authentication: text("authentication"),
    /** Null: every data class, every party. */
    dataClasses: text("data_classes").array(),
    party: text("party"),
    beginsOn: date("begins_on"),
    expiresOn: date("expires_on"),
    textId: text("text_id"),
    textVersion: integer("text_version"),
    language: text("language"),
    copyDeliveredAt: timestamp("copy_delivered_at", { withTimezone: true }),
  },
  (table) => [versionIndex("consent_decision", table), index("consent_person").on(table.tenantId, table.personId)],
);

/** A written agreement under which records may be used without consent: a study, an audit, a contract with a provider. */
export const agreement = pgTable(
  "agreement",
  {
    tenantId: text("tenant_id").notNull(),
    agreementId: text("agreement_id").notNull(),
    kind: text("kind", { enum: ["study", "audit", "school-official"] }).notNull(),
    party: text("party").notNull(),
    purpose: text("purpose").notNull(),
    scope: text("scope").notNull(),
    dataClasses: text("data_classes").array().notNull(),
    representatives: text("representatives").array().notNull(),
    redisclosureTerms: text("redisclosure_terms").notNull(),
    beginsOn: date("begins_on").notNull(),
    endsOn: date("ends_on").notNull(),
    destroyBy: date("destroy_by").notNull(),
    signedBy: text("signed_by").notNull(),
    createdAt: timestamp("created_at", { withTimezone: true }).notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.agreementId] })],
);

/** One line of the record of disclosures (34 CFR 99.32; 300.614 for special education), for requests that were refused as well. */
export const disclosure = pgTable(
  "disclosure",
  {
    tenantId: text("tenant_id").notNull(),
    disclosureId: bigint("disclosure_id", { mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
    personId: text("person_id").notNull(),
    at: timestamp("at", { withTimezone: true }).notNull(),
    outcome: text("outcome", { enum: ["disclosed", "refused"] }).notNull(),
    /** Who asked (an account or key), and for which party. */
    requester: text("requester").notNull(),
    party: text("party").notNull(),
    interest: text("interest").notNull(),
    legalBasis: text("legal_basis", {
      enum: ["consent", "school-official", "study-or-audit", "directory", "parent-or-student", "transfer"],
    }).notNull(),
    dataClasses: text("data_classes").array().notNull(),
    /** The agreement or the consent decision (its record key) it rests on. */
    agreementId: text("agreement_id"),
    consentKey: text("consent_key"),
    onwardParties: text("onward_parties").array(),
    specialEducation: boolean("special_education").notNull().default(false),
    reason: text("reason"),
    /** The snapshot, export or request it belongs to. */
    reference: text("reference"),
  },
  (table) => [index("disclosure_person").on(table.tenantId, table.personId, table.at)],
);

/** A request to change a record (34 CFR 99.20). The record itself is never edited; what happens stands in `case_event`. */
export const amendmentCase = pgTable(
  "amendment_case",
  {
    tenantId: text("tenant_id").notNull(),
    caseId: text("case_id").notNull(),
    personId: text("person_id").notNull(),
    recordTable: text("record_table").notNull(),
    recordKey: text("record_key").notNull(),
    contested: text("contested").notNull(),
    request: text("request").notNull(),
    requestedBy: text("requested_by").notNull(),
    requestedAt: timestamp("requested_at", { withTimezone: true }).notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.caseId] }),
    index("amendment_case_person").on(table.tenantId, table.personId),
  ],
);

/** A request to inspect the record (34 CFR 99.10): due within the legal days. */
export const accessRequest = pgTable(
  "access_request",
  {
    tenantId: text("tenant_id").notNull(),
    caseId: text("case_id").notNull(),
    personId: text("person_id").notNull(),
    requestedBy: text("requested_by").notNull(),
    requestedAt: timestamp("requested_at", { withTimezone: true }).notNull(),
    dueOn: date("due_on").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.caseId] }),
    index("access_request_person").on(table.tenantId, table.personId),
  ],
);

/** What happened in an amendment, an access request or an agreement, in order. */
export const caseEvent = pgTable(
  "case_event",
  {
    tenantId: text("tenant_id").notNull(),
    eventId: bigint("event_id", { mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
    caseId: text("case_id").notNull(),
    kind: text("kind").notNull(),
    text: text("text"),
    by: text("by").notNull(),
    at: timestamp("at", { withTimezone: true }).notNull(),
  },
  (table) => [index("case_event_case").on(table.tenantId, table.caseId, table.eventId)],
);

/** Words that stand beside a record and travel with it: a dispute, a statement of disagreement, a note. */
export const annotation = pgTable(
  "annotation",
  {
    ...provenance(),
    personId: text("person_id").notNull(),
    recordTable: text("record_table").notNull(),
    subjectKey: text("subject_key").notNull(),
    kind: text("kind", { enum: ["dispute", "statement", "note"] }).notNull(),
    text: text("text").notNull(),
    by: text("by").notNull(),
    onDate: date("on_date").notNull(),
    caseId: text("case_id"),
  },
  (table) => [
    versionIndex("annotation", table),
    index("annotation_person").on(table.tenantId, table.personId),
    index("annotation_subject").on(table.tenantId, table.recordTable, table.subjectKey),
  ],
);

/** A family's refusal of directory information (34 CFR 99.37). */
export const directoryOptOut = pgTable(
  "directory_opt_out",
  {
    ...provenance(),
    personId: text("person_id").notNull(),
    schoolYear: integer("school_year").notNull(),
    categories: text("categories").array(),
    decidedBy: text("decided_by"),
  },
  (table) => [
    versionIndex("directory_opt_out", table),
    index("directory_opt_out_person").on(table.tenantId, table.personId),
  ],
);

/** That two persons of the record are one human being, or (`undoes`) that they are not after all. */
export const identityLink = pgTable(
  "identity_link",
  {
    tenantId: text("tenant_id").notNull(),
    linkId: bigint("link_id", { mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
    personId: text("person_id").notNull(),
    sameAs: text("same_as").notNull(),
    undoes: bigint("undoes", { mode: "number" }),
    reason: text("reason").notNull(),
    decidedBy: text("decided_by").notNull(),
    decidedAt: timestamp("decided_at", { withTimezone: true }).notNull(),
  },
  (table) => [
    index("identity_link_person").on(table.tenantId, table.personId),
    index("identity_link_same_as").on(table.tenantId, table.sameAs),
  ],
);

/** How long records of a table are kept, and after what. The latest row for a table counts. */
export const retentionRule = pgTable(
  "retention_rule",
  {
    tenantId: text("tenant_id").notNull(),
    ruleId: bigint("rule_id", { mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
    recordTable: text("record_table").notNull(),
    keepDays: integer("keep_days"),
    after: text("after", { enum: ["known", "left"] }).notNull(),
    basis: text("basis").notNull(),
    decidedBy: text("decided_by").notNull(),
    decidedAt: timestamp("decided_at", { withTimezone: true }).notNull(),
  },
  (table) => [index("retention_rule_table").on(table.tenantId, table.recordTable)],
);

/** The proof that records were erased: what, by which rule, how many rows of which table, and a hash of what is gone. */
export const erasure = pgTable(
  "erasure",
  {
    tenantId: text("tenant_id").notNull(),
    erasureId: text("erasure_id").notNull(),
    cause: text("cause").notNull(),
    rows: jsonb("rows").notNull(),
    sha256: text("sha256").notNull(),
    decidedBy: text("decided_by").notNull(),
    erasedAt: timestamp("erased_at", { withTimezone: true }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.erasureId] })],
);

/**
 * A document an activity provider keeps with cairn (xAPI state and profiles): replaced, not versioned. The files that came with
 * statements stand here too, by their sha-256.
 */
export const providerDocument = pgTable(
  "provider_document",
  {
    tenantId: text("tenant_id").notNull(),
    kind: text("kind", { enum: ["state", "activity-profile", "agent-profile", "attachment"] }).notNull(),
    activity: text("activity").notNull(),
    agent: text("agent").notNull(),
    registration: text("registration").notNull(),
    documentId: text("document_id").notNull(),
    personId: text("person_id"),
    mediaType: text("media_type").notNull(),
    /** Base64. */
    content: text("content").notNull(),
    etag: text("etag").notNull(),
    updatedAt: timestamp("updated_at", { withTimezone: true }).notNull(),
  },
  (table) => [
    primaryKey({
      columns: [table.tenantId, table.kind, table.activity, table.agent, table.registration, table.documentId],
    }),
  ],
);
