import { CairnError } from "../../../errors.ts";
import type { Database, TenantTransaction } from "../../database.ts";
import { inTenant } from "../../database.ts";
import type { Standing } from "./standing.ts";

/** Refused rows of one file of one delivery that wait for repair. */
export interface WaitingFile {
  readonly batchId: string;
  readonly standard: string;
  /** ISO 8601. */
  readonly receivedAt: string;
  readonly file: string;
  /** How many rows wait, by the code of their refusal. */
  readonly codes: Readonly<Record<string, number>>;
  readonly rows: number;
}

/** A refused row as it is kept. It may hold anything the file held: for the eyes of who repairs it, never for a log. */
export interface WaitingRow {
  readonly position: number;
  readonly file: string;
  readonly line: number;
  readonly column: string | null;
  readonly code: string;
  readonly reason: string;
  readonly raw: string;
  /** Null for files that are no tables. */
  readonly header: string | null;
  readonly profile: string | null;
}

/** The delivery refused rows came in: what a second try needs to be the same source. */
export interface WaitingBatch {
  readonly batchId: string;
  readonly standard: string;
  readonly standardVersion: string;
  readonly transport: "upload" | "sftp" | "api" | "webhook";
  readonly source: string;
  readonly authority: string;
  readonly standing: Standing;
  readonly rows: readonly WaitingRow[];
}

const notRepaired = `not exists (
  select 1 from import_repair p where p.tenant_id = r.tenant_id and p.batch_id = r.batch_id and p.position = r.position
)`;

/** What waits for repair in a district, the latest delivery first. */
export function listWaiting(database: Database, tenantId: string): Promise<WaitingFile[]> {
  return inTenant(database, tenantId, async ({ sql }) => {
    const rows = await sql.unsafe<WaitingFile[]>(`
      select batch_id as "batchId", standard, received_at as "receivedAt", file,
        jsonb_object_agg(code, count order by code) as codes, sum(count)::int as rows
      from (
        select b.batch_id, b.standard, b.received_at, r.file, r.code, count(*)::int as count
        from import_refusal r join import_batch b using (tenant_id, batch_id) where ${notRepaired} group by 1, 2, 3, 4, 5
      ) counted group by 1, 2, 3, 4 order by received_at desc, batch_id, file`);
    return rows.map((row) => ({ ...row, receivedAt: new Date(row.receivedAt).toISOString() }));
  });
}

/**
 * The rows of a delivery that wait for repair, with what a second try needs.
 * @throws CairnError `NOT_FOUND` when the district has no such delivery
 */
export function waitingBatch(database: Database, tenantId: string, batchId: string): Promise<WaitingBatch> {
  return inTenant(database, tenantId, async (tx) => {
    const [batch] = await tx.sql<Omit<WaitingBatch, "rows">[]>`
      select batch_id as "batchId", standard, standard_version as "standardVersion", transport,
        source_system ->> 'source' as source, source_system ->> 'authority' as authority, report ->> 'standing' as standing
      from import_batch where batch_id = ${batchId}`;
    if (batch === undefined) {
      throw new CairnError(
        "NOT_FOUND",
        `expected a delivery of this district, got ${JSON.stringify(batchId.slice(0, 60))}`,
        {
          hint: "cairn import refused list names the deliveries with rows that wait",
        },
      );
    }
    return { ...batch, rows: await waitingRows(tx, batchId) };
  });
}

async function waitingRows(tx: TenantTransaction, batchId: string): Promise<WaitingRow[]> {
  const rows = await tx.sql.unsafe<WaitingRow[]>(
    `select position, file, line, "column", code, reason, raw, header, profile from import_refusal r
     where batch_id = $1 and ${notRepaired} order by position`,
    [batchId],
  );
  return rows.map((row) => ({ ...row }));
}
