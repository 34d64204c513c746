import { createHash } from "node:crypto";
import { CairnError } from "../../errors.ts";
import type { TenantTransaction } from "../database.ts";
import type { JsonObject } from "../import/json.ts";
import { isObject, listOf } from "../import/json.ts";

/** A file that came with statements. */
export interface Attachment {
  readonly sha2: string;
  readonly contentType: string;
  readonly content: Buffer;
}

const algorithms: Readonly<Record<number, string>> = { 56: "sha224", 64: "sha256", 96: "sha384", 128: "sha512" };

/** What statements say of their attachments, those of statements inside included. */
export function attachmentsOf(statement: JsonObject): JsonObject[] {
  const object = statement.object;
  const inner = isObject(object) && object.objectType === "SubStatement" ? attachmentsOf(object) : [];
  return [...listOf(statement.attachments).filter(isObject), ...inner];
}

/**
 * Keeps the files of a request, by their sums.
 * @throws CairnError `BAD_INPUT` when a file is not what its sum says, belongs to no statement, or is missing while a statement
 * names no address for it
 */
export async function storeAttachments(
  tx: TenantTransaction,
  statements: readonly JsonObject[],
  files: readonly Attachment[],
  receivedAt: string,
): Promise<void> {
  const described = statements.flatMap(attachmentsOf);
  const sums = new Set(described.map(({ sha2 }) => String(sha2).toLowerCase()));
  for (const { sha2, content } of files) {
    const algorithm = algorithms[sha2.length];
    if (algorithm === undefined || createHash(algorithm).update(content).digest("hex") !== sha2) {
      throw unfit("an attachment whose SHA-2 sum is that of its header");
    }
    if (!sums.has(sha2)) throw unfit("attachments that a statement of the request describes");
  }
  const needed = described.flatMap(({ sha2, fileUrl }) => (fileUrl === undefined ? [String(sha2).toLowerCase()] : []));
  const here = new Set([...files.map(({ sha2 }) => sha2), ...(await knownSums(tx, needed))]);
  if (needed.some((sum) => !here.has(sum))) throw unfit("the content of every attachment without a fileUrl");
  for (const { sha2, contentType, content } of files) {
    await tx.sql`
      insert into provider_document (tenant_id, kind, activity, agent, registration, document_id, media_type, content, etag, updated_at)
      values (${tx.tenantId}, 'attachment', '', '', '', ${sha2}, ${contentType}, ${content.toString("base64")}, ${sha2}, ${receivedAt})
      on conflict do nothing`;
  }
}

async function knownSums(tx: TenantTransaction, sums: readonly string[]): Promise<string[]> {
  if (sums.length === 0) return [];
  const rows = await tx.sql<{ sum: string }[]>`
    select document_id as sum from provider_document where kind = 'attachment' and document_id = any(${[...sums]})`;
  return rows.map(({ sum }) => sum);
}

/** The files statements name, as far as they were sent; each once. */
export async function readAttachments(tx: TenantTransaction, statements: readonly JsonObject[]): Promise<Attachment[]> {
  const sums = [...new Set(statements.flatMap(attachmentsOf).map(({ sha2 }) => String(sha2).toLowerCase()))];
  if (sums.length === 0) return [];
  const rows = await tx.sql<{ sum: string; media_type: string; content: string }[]>`
    select document_id as sum, media_type, content from provider_document
    where kind = 'attachment' and document_id = any(${sums}) order by document_id`;
  return rows.map(({ sum, media_type, content }) => ({
    sha2: sum,
    contentType: media_type,
    content: Buffer.from(content, "base64"),
  }));
}

function unfit(expected: string): CairnError {
  return new CairnError("BAD_INPUT", `expected ${expected}, got others`, {
    hint: "send multipart/mixed: the statements first, then every file with X-Experience-API-Hash",
  });
}
