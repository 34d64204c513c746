import type postgres from "postgres";
import type { Database, TenantTransaction } from "../database.ts";
import { inTenant } from "../database.ts";
import type { JsonObject } from "../import/json.ts";
import type { StatementFormat } from "../import/xapi/forms.ts";
import { inFormat } from "../import/xapi/forms.ts";
import type { Attachment } from "./attachments.ts";
import { readAttachments } from "./attachments.ts";
import { lockForReading } from "./lock.ts";

/** Which statements are asked for; all conditions hold together. */
export interface StatementFilter {
  /** The hash of an agent or an identified group. */
  readonly agent?: string;
  readonly verb?: string;
  readonly activity?: string;
  readonly registration?: string;
  /** Stored after, and stored at or before. */
  readonly since?: string;
  readonly until?: string;
  readonly relatedAgents?: boolean;
  readonly relatedActivities?: boolean;
  readonly ascending?: boolean;
}

/** How an answer is to look. */
export interface StatementView {
  readonly format: StatementFormat;
  /** What the reader reads, best first. */
  readonly languages?: readonly string[];
  readonly attachments?: boolean;
}

/** Where a page ended. */
export interface StatementCursor {
  readonly storedAt: string;
  readonly versionId: number;
}

/** A page of statements. */
export interface StatementPage {
  readonly statements: readonly JsonObject[];
  /** Where the next page begins; absent at the end. */
  readonly next?: StatementCursor;
  readonly attachments: readonly Attachment[];
  /** Everything stored until then is in the answer. */
  readonly consistentThrough: string;
}

/** The most statements of one answer. */
export const largestPage = 500;

/**
 * Statements that are not voided, newest first unless asked otherwise. A statement about another is among the answers when the other
 * fits (1.0.3, 2.1.3): such references are followed to their ends.
 */
export async function queryStatements(
  database: Database,
  tenantId: string,
  filter: StatementFilter,
  view: StatementView,
  { limit = largestPage, after, now }: { limit?: number; after?: StatementCursor | undefined; now: Date },
): Promise<StatementPage> {
  const size = limit === 0 ? largestPage : Math.min(limit, largestPage);
  return inTenant(database, tenantId, async (tx) => {
    await lockForReading(tx);
    const { sql } = tx;
    const order =
      filter.ascending === true
        ? sql`order by s.stored_at, version_id`
        : sql`order by s.stored_at desc, version_id desc`;
    const rows = await sql<Row[]>`
      select document, s.stored_at::text as stored, version_id from statement s
      where voided_by is null ${selection(sql, filter)}
        ${filter.since === undefined ? sql`` : sql`and s.stored_at > ${filter.since}::timestamptz`}
        ${filter.until === undefined ? sql`` : sql`and s.stored_at <= ${filter.until}::timestamptz`}
        ${after === undefined ? sql`` : position(sql, after, filter.ascending === true)}
      ${order} limit ${size + 1}`;
    const page = rows.slice(0, size);
    const documents = page.map(({ document }) => document);
    const last = page.at(-1);
    return {
      statements: documents.map((document) => inFormat(document, view.format, view.languages)),
      ...(rows.length > size && last !== undefined
        ? { next: { storedAt: last.stored, versionId: Number(last.version_id) } }
        : {}),
      attachments: view.attachments === true ? await readAttachments(tx, documents) : [],
      consistentThrough: await consistentThrough(tx, now),
    };
  });
}

interface Row {
  readonly document: JsonObject;
  readonly stored: string;
  readonly version_id: number;
}

/** What fits by itself, or is about what fits. */
function selection(sql: postgres.TransactionSql, filter: StatementFilter): postgres.PendingQuery<postgres.Row[]> {
  const own = conditions(sql, filter);
  if (own === undefined) return sql``;
  return sql`and ((${own("s")}) or s.statement_id in (
    with recursive about as (
      select r.statement_id from statement r join statement t on t.statement_id = r.refers_to
      where r.refers_to is not null and ${own("t")}
      union
      select r.statement_id from statement r join about on about.statement_id = r.refers_to where r.refers_to is not null
    ) select statement_id from about))`;
}

function conditions(
  sql: postgres.TransactionSql,
  { agent, verb, activity, registration, relatedAgents, relatedActivities }: StatementFilter,
): ((alias: string) => postgres.PendingQuery<postgres.Row[]>) | undefined {
  if ([agent, verb, activity, registration].every((condition) => condition === undefined)) return undefined;
  return (alias) => {
    const column = (name: string) => sql(`${alias}.${name}`);
    const parts = [
      ...(agent === undefined
        ? []
        : [sql`${column(relatedAgents === true ? "related" : "agents")} @> array[${agent}]`]),
      ...(verb === undefined ? [] : [sql`${column("verb")} = ${verb}`]),
      ...(registration === undefined ? [] : [sql`${column("registration")} = ${registration.toLowerCase()}`]),
      ...(activity === undefined || relatedActivities !== true
        ? []
        : [sql`${column("related")} @> array[${activity}]`]),
      ...(activity === undefined || relatedActivities === true ? [] : [sql`${column("object")} = ${activity}`]),
    ];
    return parts.reduce((all, part) => sql`${all} and ${part}`);
  };
}

function position(sql: postgres.TransactionSql, { storedAt, versionId }: StatementCursor, ascending: boolean) {
  return ascending
    ? sql`and (s.stored_at, version_id) > (${storedAt}::timestamptz, ${versionId})`
    : sql`and (s.stored_at, version_id) < (${storedAt}::timestamptz, ${versionId})`;
}

/** Writers that had begun are done (see lock.ts): the answer holds everything until now, or until the last that is stored. */
async function consistentThrough(tx: TenantTransaction, now: Date): Promise<string> {
  const [last] = await tx.sql<{ at: string | null }[]>`select max(stored_at)::text as at from statement`;
  const stored = last?.at === null || last?.at === undefined ? 0 : new Date(last.at).getTime();
  return new Date(Math.max(now.getTime(), stored)).toISOString();
}

/** One statement by its id: one that holds, or (`voided`) one that was voided. */
export async function findStatement(
  database: Database,
  tenantId: string,
  id: string,
  { voided, view, now }: { voided: boolean; view: StatementView; now: Date },
): Promise<StatementPage> {
  return inTenant(database, tenantId, async (tx) => {
    await lockForReading(tx);
    const rows = await tx.sql<{ document: JsonObject }[]>`
      select document from statement where statement_id = ${id.toLowerCase()} and (voided_by is not null) = ${voided} limit 1`;
    const documents = rows.map(({ document }) => document);
    return {
      statements: documents.map((document) => inFormat(document, view.format, view.languages)),
      attachments: view.attachments === true ? await readAttachments(tx, documents) : [],
      consistentThrough: await consistentThrough(tx, now),
    };
  });
}
