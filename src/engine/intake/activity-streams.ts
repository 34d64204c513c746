import { CairnError } from "../../errors.ts";
import type { Attachment } from "../../records/activity-store/attachments.ts";
import type {
  DocumentScope,
  Precondition,
  ProviderDocument,
  WriteOutcome,
} from "../../records/activity-store/documents.ts";
import { deleteDocuments, listDocuments, readDocument, writeDocument } from "../../records/activity-store/documents.ts";
import type { Parameters } from "../../records/activity-store/parameters.ts";
import {
  moreToken,
  readActivityId,
  readAgent,
  readDocumentQuestion,
  readStatementQuestion,
} from "../../records/activity-store/parameters.ts";
import { findStatement, queryStatements } from "../../records/activity-store/query-statements.ts";
import { resolveWaiting } from "../../records/activity-store/resolve-waiting.ts";
import type { StatementReceipt } from "../../records/activity-store/store-statements.ts";
import { storeStatements } from "../../records/activity-store/store-statements.ts";
import { describeActivity, describeAgent } from "../../records/activity-store/things.ts";
import { retryWaiting } from "../../records/import/caliper/retry-waiting.ts";
import type { JsonObject } from "../../records/import/json.ts";
import type { XapiVersion } from "../../records/import/xapi/checks.ts";
import { uuid } from "../../records/import/xapi/checks.ts";
import { parseStrictJson } from "../../records/import/xapi/strict-json.ts";
import type { Caller } from "../access/keys.ts";
import type { Cairn } from "../runtime.ts";

export type {
  Attachment,
  DocumentScope,
  Parameters,
  Precondition,
  ProviderDocument,
  StatementReceipt,
  WriteOutcome,
  XapiVersion,
};

/** Statements as a request brings them. */
export interface StatementsSent {
  /** The JSON text: one statement or a list. */
  readonly body: string;
  readonly attachments: readonly Attachment[];
  readonly version: XapiVersion;
  /** The parameters of the address: a PUT names the statement. */
  readonly parameters: Parameters;
  readonly method: "POST" | "PUT";
}

/**
 * Takes statements in: all of a request or none; those that are there already change nothing.
 * @throws CairnError `BAD_INPUT` with the path of the first fault, `CONFLICT` when an id is taken by other content
 */
export async function receiveStatements(cairn: Cairn, caller: Caller, sent: StatementsSent): Promise<StatementReceipt> {
  const { statementId, ...others } = sent.parameters;
  if (Object.keys(others).length > 0 || (sent.method === "POST" && statementId !== undefined)) {
    throw new CairnError("BAD_INPUT", "expected no parameters but the statementId of a PUT, got others");
  }
  if (sent.method === "PUT") uuid(statementId, "statementId");
  const value = parseStrictJson(sent.body, "body");
  if (sent.method === "PUT" && Array.isArray(value))
    throw new CairnError("BAD_INPUT", "expected one statement, got a list");
  return storeStatements(cairn.database, {
    tenantId: caller.tenantId,
    statements: Array.isArray(value) ? value : [value],
    attachments: sent.attachments,
    version: sent.version,
    ...(statementId === undefined ? {} : { statementId: statementId.toLowerCase() }),
    authority: authorityOf(caller),
    receivedAt: cairn.now(),
  });
}

/** The agent that vouches for what a key sends. */
function authorityOf({ tenantId, role }: Caller): JsonObject {
  return { objectType: "Agent", account: { homePage: `urn:cairn:tenant:${tenantId}`, name: role } };
}

/** What a question about statements finds. */
export interface StatementsFound {
  /** One statement (by its id), or a page; undefined when no statement has the id. */
  readonly document: JsonObject | undefined;
  readonly attachments: readonly Attachment[];
  readonly sendsAttachments: boolean;
  readonly consistentThrough: string;
}

/**
 * Answers `GET statements`: `path` is that of the resource, with which the member `more` begins, `languages` what the reader reads, best
 * first.
 * @throws CairnError `BAD_INPUT` that names the parameter
 */
export async function findStatements(
  cairn: Cairn,
  tenantId: string,
  { parameters, path, languages }: { parameters: Parameters; path: string; languages: readonly string[] },
): Promise<StatementsFound> {
  const question = readStatementQuestion(parameters, languages);
  const sendsAttachments = question.view.attachments === true;
  if (question.kind === "one") {
    const { id, voided, view } = question;
    const { statements, ...rest } = await findStatement(cairn.database, tenantId, id, {
      voided,
      view,
      now: cairn.now(),
    });
    return { document: statements[0], sendsAttachments, ...rest };
  }
  const { filter, view, limit, after } = question;
  const page = await queryStatements(cairn.database, tenantId, filter, view, { limit, after, now: cairn.now() });
  const more = page.next === undefined ? "" : `${path}?more=${moreToken(parameters, page.next)}`;
  return {
    document: { statements: page.statements, more },
    attachments: page.attachments,
    sendsAttachments,
    consistentThrough: page.consistentThrough,
  };
}

/** What is known of an activity. @throws CairnError `BAD_INPUT` */
export function findActivity(cairn: Cairn, tenantId: string, parameters: Parameters): Promise<JsonObject> {
  return describeActivity(cairn.database, tenantId, readActivityId(parameters));
}

/** What is known of an agent. @throws CairnError `BAD_INPUT` */
export function findAgent(cairn: Cairn, tenantId: string, parameters: Parameters): Promise<JsonObject> {
  return describeAgent(cairn.database, tenantId, readAgent(parameters.agent));
}

/** A document, or the ids of those there are. */
export type DocumentsFound = { readonly ids: readonly string[] } | { readonly document: ProviderDocument | undefined };

/** Reads a state or profile document, or lists their ids. @throws CairnError `BAD_INPUT` */
export async function findDocuments(
  cairn: Cairn,
  tenantId: string,
  kind: DocumentScope["kind"],
  parameters: Parameters,
): Promise<DocumentsFound> {
  const { scope, documentId, since } = readDocumentQuestion(kind, parameters);
  if (documentId === undefined) return { ids: await listDocuments(cairn.database, tenantId, scope, since) };
  return { document: await readDocument(cairn.database, tenantId, scope, documentId) };
}

/** Writes a state or profile document: PUT replaces, POST merges JSON. @throws CairnError `BAD_INPUT` */
export async function keepDocument(
  cairn: Cairn,
  tenantId: string,
  kind: DocumentScope["kind"],
  sent: {
    readonly parameters: Parameters;
    readonly method: "POST" | "PUT";
    readonly mediaType: string;
    readonly content: Buffer;
    readonly precondition: Precondition;
  },
): Promise<WriteOutcome> {
  const { scope, documentId } = readDocumentQuestion(kind, sent.parameters);
  const json = /^application\/json\b/i.test(sent.mediaType);
  if (json) parseStrictJson(sent.content.toString("utf8"), "body");
  return writeDocument(cairn.database, tenantId, scope, {
    documentId: requiredId(documentId),
    mediaType: sent.mediaType,
    content: sent.content,
    merge: sent.method === "POST",
    precondition: sent.precondition,
    guarded: sent.method === "PUT" && kind !== "state",
    now: cairn.now(),
  });
}

/** Deletes a document, or all states of an agent in an activity. @throws CairnError `BAD_INPUT` */
export async function dropDocuments(
  cairn: Cairn,
  tenantId: string,
  kind: DocumentScope["kind"],
  { parameters, precondition }: { parameters: Parameters; precondition: Precondition },
): Promise<WriteOutcome> {
  const { scope, documentId } = readDocumentQuestion(kind, parameters);
  return deleteDocuments(cairn.database, tenantId, scope, {
    documentId: kind === "state" ? documentId : requiredId(documentId),
    precondition,
  });
}

function requiredId(documentId: string | undefined): string {
  if (documentId !== undefined) return documentId;
  throw new CairnError("BAD_INPUT", "expected the id of a document, got none", {
    hint: "name it by stateId or profileId",
  });
}

/** What was waiting for its person: how much has found one, and how much still waits. */
export interface WaitingOutcome {
  readonly resolved: number;
  readonly waiting: number;
}

/** Looks again for the persons of xAPI statements and Caliper events that came before the roster knew them. */
export async function resolveActivity(
  cairn: Cairn,
  tenantId: string,
): Promise<{ readonly statements: WaitingOutcome; readonly events: WaitingOutcome }> {
  const when = { tenantId, receivedAt: cairn.now() };
  return { statements: await resolveWaiting(cairn.database, when), events: await retryWaiting(cairn.database, when) };
}
