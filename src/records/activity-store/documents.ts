import { createHash } from "node:crypto";
import { CairnError } from "../../errors.ts";
import type { Database, TenantTransaction } from "../database.ts";
import { inTenant } from "../database.ts";
import type { JsonObject } from "../import/json.ts";
import { isObject } from "../import/json.ts";
import { agentHash, identifierOf } from "../import/xapi/agent-rules.ts";
import { findPeople } from "./actors.ts";

/** What a document belongs to: a state to an agent in an activity, a profile to one of the two. */
export interface DocumentScope {
  readonly kind: "state" | "activity-profile" | "agent-profile";
  readonly activity?: string;
  readonly agent?: JsonObject;
  readonly registration?: string;
}

/** A document of an activity provider. */
export interface ProviderDocument {
  readonly mediaType: string;
  readonly content: Buffer;
  /** The SHA-1 sum of the content, as the specification asks. */
  readonly etag: string;
  readonly updatedAt: string;
}

/** What a writer knows of the document it replaces, from the headers If-Match and If-None-Match. */
export interface Precondition {
  /** Tags of which the document must have one; `*` is any document. */
  readonly match?: readonly string[] | undefined;
  /** Tags of which the document must have none. */
  readonly noneMatch?: readonly string[] | undefined;
}

/** Whether a write happened: a document that has changed since it was read is not overwritten. */
export type WriteOutcome = "written" | "changed-meanwhile" | "needs-precondition";

interface Key {
  readonly kind: string;
  readonly activity: string;
  readonly agent: string;
  readonly registration: string;
}

function keyOf({ kind, activity = "", agent, registration = "" }: DocumentScope): Key {
  return {
    kind,
    activity,
    agent: agent === undefined ? "" : agentHash(identifierOf(agent) ?? ""),
    registration: registration.toLowerCase(),
  };
}

/** One document; undefined when there is none. */
export async function readDocument(
  database: Database,
  tenantId: string,
  scope: DocumentScope,
  documentId: string,
): Promise<ProviderDocument | undefined> {
  return inTenant(database, tenantId, (tx) => find(tx, keyOf(scope), documentId));
}

async function find(tx: TenantTransaction, key: Key, documentId: string): Promise<ProviderDocument | undefined> {
  const [row] = await tx.sql<{ media_type: string; content: string; etag: string; updated_at: string }[]>`
    select media_type, content, etag, updated_at::text as updated_at from provider_document
    where kind = ${key.kind} and activity = ${key.activity} and agent = ${key.agent} and registration = ${key.registration}
      and document_id = ${documentId}`;
  if (row === undefined) return undefined;
  return {
    mediaType: row.media_type,
    content: Buffer.from(row.content, "base64"),
    etag: row.etag,
    updatedAt: new Date(row.updated_at).toISOString(),
  };
}

/** The ids of a scope's documents, those changed after a moment when one is given. A state without a registration asks for all. */
export async function listDocuments(
  database: Database,
  tenantId: string,
  scope: DocumentScope,
  since?: string,
): Promise<readonly string[]> {
  const key = keyOf(scope);
  return inTenant(database, tenantId, async ({ sql }) => {
    const rows = await sql<{ id: string }[]>`
      select distinct document_id as id from provider_document
      where kind = ${key.kind} and activity = ${key.activity} and agent = ${key.agent}
        ${scope.registration === undefined ? sql`` : sql`and registration = ${key.registration}`}
        ${since === undefined ? sql`` : sql`and updated_at > ${since}::timestamptz`}
      order by 1`;
    return rows.map(({ id }) => id);
  });
}

/**
 * Writes a document. `merge` lays the members of a JSON object over those of the document that is there.
 * @throws CairnError `BAD_INPUT` when a merge meets something that is no JSON object
 */
export async function writeDocument(
  database: Database,
  tenantId: string,
  scope: DocumentScope,
  write: {
    readonly documentId: string;
    readonly mediaType: string;
    readonly content: Buffer;
    readonly merge: boolean;
    readonly precondition: Precondition;
    /** A profile is not overwritten unless the writer says what it read. */
    readonly guarded: boolean;
    readonly now: Date;
  },
): Promise<WriteOutcome> {
  const key = keyOf(scope);
  return inTenant(database, tenantId, async (tx) => {
    await lockDocument(tx, key, write.documentId);
    const present = await find(tx, key, write.documentId);
    const refused = judge(present, write.precondition);
    if (refused !== undefined) return refused;
    const unsaid = write.precondition.match === undefined && write.precondition.noneMatch === undefined;
    if (write.guarded && unsaid && present !== undefined) return "needs-precondition";
    const content = write.merge && present !== undefined ? merged(present, write) : write.content;
    const mediaType = write.merge && present !== undefined ? "application/json" : write.mediaType;
    const people = scope.agent === undefined ? new Map<string, string>() : await findPeople(tx, [scope.agent]);
    const etag = createHash("sha1").update(content).digest("hex");
    await tx.sql`
      insert into provider_document (tenant_id, kind, activity, agent, registration, document_id, person_id, media_type, content, etag, updated_at)
      values (${tenantId}, ${key.kind}, ${key.activity}, ${key.agent}, ${key.registration}, ${write.documentId},
        ${people.get(key.agent) ?? null}, ${mediaType}, ${content.toString("base64")}, ${etag}, ${write.now.toISOString()})
      on conflict (tenant_id, kind, activity, agent, registration, document_id) do update set person_id = excluded.person_id,
        media_type = excluded.media_type, content = excluded.content, etag = excluded.etag, updated_at = excluded.updated_at`;
    return "written";
  });
}

/** Removes one document, or (states) all of the scope when no id is given. */
export async function deleteDocuments(
  database: Database,
  tenantId: string,
  scope: DocumentScope,
  { documentId, precondition }: { documentId?: string | undefined; precondition: Precondition },
): Promise<WriteOutcome> {
  const key = keyOf(scope);
  return inTenant(database, tenantId, async (tx) => {
    if (documentId !== undefined) {
      await lockDocument(tx, key, documentId);
      const refused = judge(await find(tx, key, documentId), precondition);
      if (refused !== undefined) return refused;
    }
    const { sql } = tx;
    const everyRegistration = documentId === undefined && scope.registration === undefined;
    await sql`
      delete from provider_document where kind = ${key.kind} and activity = ${key.activity} and agent = ${key.agent}
        ${everyRegistration ? sql`` : sql`and registration = ${key.registration}`}
        ${documentId === undefined ? sql`` : sql`and document_id = ${documentId}`}`;
    return "written";
  });
}

/** Two writers of one document wait for each other: what the first read is what it replaces. */
async function lockDocument(tx: TenantTransaction, key: Key, documentId: string): Promise<void> {
  const name = JSON.stringify([tx.tenantId, ...Object.values(key), documentId]);
  await tx.sql`select pg_advisory_xact_lock(hashtextextended(${name}, 4280003))`;
}

function judge(present: ProviderDocument | undefined, { match, noneMatch }: Precondition): WriteOutcome | undefined {
  const has = (tags: readonly string[]): boolean =>
    present !== undefined && (tags.includes("*") || tags.includes(present.etag));
  if (match !== undefined && !has(match)) return "changed-meanwhile";
  return noneMatch !== undefined && has(noneMatch) ? "changed-meanwhile" : undefined;
}

function merged(present: ProviderDocument, write: { readonly mediaType: string; readonly content: Buffer }): Buffer {
  const both = [present, write].map(({ mediaType, content }) => objectIn(mediaType, content));
  return Buffer.from(JSON.stringify(Object.assign({}, ...both)));
}

function objectIn(mediaType: string, content: Buffer): JsonObject {
  let value: unknown;
  try {
    value = /^application\/json\b/i.test(mediaType) ? JSON.parse(content.toString("utf8")) : undefined;
  } catch {
    value = undefined;
  }
  if (!isObject(value)) {
    throw new CairnError("BAD_INPUT", "expected JSON objects to merge, got a document that is none", {
      hint: "replace it by PUT",
    });
  }
  return value;
}
