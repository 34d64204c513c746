import { randomUUID } from "node:crypto";
import { finished } from "node:stream/promises";
import { CairnError } from "../../../errors.ts";
import type { Database, TenantTransaction } from "../../database.ts";
import { inTenant } from "../../database.ts";
import type { ReportProgress } from "../../progress.ts";
import { mergeStage } from "./merge.ts";
import type { ImportReport, Refusal } from "./report.ts";
import { ReportBuilder } from "./report.ts";
import type { RowProblem } from "./row.ts";
import { Stage } from "./staging.ts";
import type { Target } from "./targets.ts";

/** The system a delivery comes from. `systemCode` (else `systemName`) is part of every record key. */
export interface SourceSystem {
  readonly vendor?: string;
  readonly product?: string;
  readonly systemName?: string;
  readonly systemCode?: string;
}

/** What every import takes. */
export interface ImportOptions {
  readonly tenantId: string;
  readonly path: string;
  /** When the delivery came in: the clock is the caller's. */
  readonly receivedAt: Date;
  /** Where the records come from, if the delivery does not say so itself. */
  readonly source?: SourceSystem;
  /** Who answers for the records (an organisation's id); the tenant unless said otherwise. */
  readonly authority?: string;
  readonly transport?: "upload" | "sftp" | "api" | "webhook";
  /** Reads, resolves and reports everything, and writes nothing. */
  readonly dryRun?: boolean;
  readonly onProgress?: ReportProgress;
  readonly signal?: AbortSignal;
}

/** What the delivery said about itself before its rows were read. */
export interface Delivery {
  readonly source: string;
  readonly sourceSystem: SourceSystem;
  readonly standard: string;
  readonly standardVersion: string;
  readonly sha256: string;
}

/** Increased when the same files would give other records. */
export const importerVersion = "1";

/** One running import: its transaction, its staging tables and its report. */
export class ImportSession {
  readonly tx: TenantTransaction;
  readonly delivery: Delivery;
  readonly batchId: string = randomUUID();
  readonly report = new ReportBuilder();
  readonly authority: string;
  readonly receivedAt: string;
  readonly receivedOn: string;
  readonly #stages = new Map<string, Stage>();
  readonly #secondary = new Set<string>();
  readonly #signal: AbortSignal | undefined;
  #refusals: string[][] = [];

  constructor(tx: TenantTransaction, delivery: Delivery, options: ImportOptions) {
    this.tx = tx;
    this.delivery = delivery;
    this.authority = options.authority ?? options.tenantId;
    this.receivedAt = options.receivedAt.toISOString();
    this.receivedOn = this.receivedAt.slice(0, 10);
    this.#signal = options.signal;
  }

  /** The source system's code: the first part of every record key. */
  get source(): string {
    return this.delivery.source;
  }

  /** The staging table of a target; `secondary`: its rows come beside those of another target and are not counted. */
  async stage(target: Target, { secondary = false } = {}): Promise<Stage> {
    let stage = this.#stages.get(target.table);
    if (stage === undefined) {
      stage = await Stage.create(this.tx.sql, target, this.source);
      this.#stages.set(target.table, stage);
      if (secondary) this.#secondary.add(target.table);
    }
    return stage;
  }

  /** Whether the merge of this target counts rows of files. */
  readonly counted = (target: Target): boolean => !this.#secondary.has(target.table);

  /** Drops the memory of a merged stage, so that the target can be staged again. */
  readonly forget = (stage: Stage): void => {
    this.#stages.delete(stage.target.table);
    this.#secondary.delete(stage.target.table);
  };

  /** Merges what was staged for a target, if anything was. */
  async merge(target: Target): Promise<void> {
    this.check();
    const stage = this.#stages.get(target.table);
    if (stage !== undefined) await mergeStage(this, stage);
  }

  /** Keeps a row that cannot go in. */
  async refuse(file: string, line: number, problem: RowProblem, raw: string): Promise<void> {
    this.report.counts(file).refused += 1;
    this.#refusals.push([file, String(line), problem.column ?? "", problem.code, problem.reason, raw]);
    if (this.#refusals.length >= 1_000) await this.flushRefusals();
  }

  /** Writes pending refusals to the transaction's table. */
  async flushRefusals(): Promise<void> {
    if (this.#refusals.length === 0) return;
    const lines = this.#refusals.map((cells) => cells.map(quoted).join(","));
    this.#refusals = [];
    const writable = await this.tx.sql
      .unsafe(`copy refusal (file, line, "column", code, reason, raw) from stdin (format csv, null '\\N')`)
      .writable();
    writable.end(`${lines.join("\n")}\n`);
    await finished(writable);
  }

  /** @throws CairnError `CANCELLED` when the caller asked to stop */
  check(): void {
    if (this.#signal?.aborted)
      throw new CairnError("CANCELLED", "the import was asked to stop; nothing of it was kept");
  }
}

function quoted(cell: string): string {
  return `"${cell.replaceAll("\u0000", "").replaceAll('"', '""')}"`;
}

/**
 * Runs an import in one transaction: all of it or, when it fails or is a dry run, nothing.
 * @throws CairnError `NOT_FOUND` when the tenant is not registered
 */
export async function runImport(
  database: Database,
  options: ImportOptions,
  delivery: Delivery,
  work: (session: ImportSession) => Promise<void>,
): Promise<ImportReport> {
  const started = process.hrtime.bigint();
  const known = await database.sql`select 1 from tenant where id = ${options.tenantId}`;
  if (known.length === 0) {
    throw new CairnError("NOT_FOUND", `expected a registered tenant, got ${JSON.stringify(options.tenantId)}`, {
      hint: "register the district first (createTenant)",
    });
  }
  let report: ImportReport | undefined;
  try {
    await inTenant(database, options.tenantId, async (tx) => {
      const session = new ImportSession(tx, delivery, options);
      await tx.sql.unsafe(
        `create temp table refusal (id bigint generated always as identity, file text, line int, "column" text, code text, reason text, raw text) on commit drop`,
      );
      await work(session);
      session.check();
      await session.flushRefusals();
      report = await closing(session, options, started);
      if (options.dryRun === true) throw new DryRunEnd();
      await keep(session, options, report);
    });
  } catch (error) {
    if (!(error instanceof DryRunEnd)) throw error;
  }
  if (report === undefined) throw new CairnError("INTERNAL", "expected a report at the end of an import, got none");
  return report;
}

/** Not a fault: the way out of a transaction that must leave nothing. */
class DryRunEnd extends CairnError {
  constructor() {
    super("CANCELLED", "end of a dry run");
  }
}

async function closing(session: ImportSession, options: ImportOptions, started: bigint): Promise<ImportReport> {
  const first = await session.tx.sql.unsafe<Refusal[]>(
    `select file, line, nullif("column", '') as "column", code, reason from refusal order by id limit 20`,
  );
  return {
    batchId: session.batchId,
    standard: `${session.delivery.standard} ${session.delivery.standardVersion}`.trim(),
    files: session.report.files(),
    leniencies: session.report.leniencies(),
    refusals: first.map((refusal) => ({ ...refusal })),
    dryRun: options.dryRun === true,
    seconds: Number(process.hrtime.bigint() - started) / 1e9,
  };
}

async function keep(session: ImportSession, options: ImportOptions, report: ImportReport): Promise<void> {
  const { sql, tenantId } = session.tx;
  const { delivery } = session;
  await sql`
    insert into import_batch (tenant_id, batch_id, source_system, standard, standard_version, transport, sha256, received_at,
      importer_version, counts, report)
    values (${tenantId}, ${session.batchId}, ${JSON.stringify(delivery.sourceSystem)}::jsonb, ${delivery.standard},
      ${delivery.standardVersion}, ${options.transport ?? "upload"}, ${delivery.sha256}, ${session.receivedAt}, ${importerVersion},
      ${JSON.stringify(report.files)}::jsonb, ${JSON.stringify(report)}::jsonb)`;
  await sql`
    insert into import_refusal (tenant_id, batch_id, position, file, line, "column", code, reason, raw)
    select ${tenantId}, ${session.batchId}, row_number() over (order by id), file, line, nullif("column", ''), code, reason, raw
    from refusal`;
}
