import { CairnError } from "../../../errors.ts";
import type { Database, TenantTransaction } from "../../database.ts";
import { inTenant } from "../../database.ts";
import type { Delivery, ImportOptions, Repair, SourceSystem } from "./import-session.ts";
import { ImportSession, importerVersion } from "./import-session.ts";
import type { ImportReport, Refusal } from "./report.ts";
import { standingOf } from "./standing.ts";
import { timeZoneOf } from "./time-zone.ts";

export type { Delivery, ImportOptions, SourceSystem };
export { ImportSession };

/**
 * Runs an import in one transaction: all of it or, when it fails or is a dry run, nothing. A dry run for a district that is not
 * registered yet reads what would be its first delivery.
 * @throws CairnError `NOT_FOUND` when the tenant is not registered
 */
export async function runImport(
  database: Database,
  options: ImportOptions,
  delivery: Delivery,
  work: (session: ImportSession) => Promise<void>,
): Promise<ImportReport> {
  const started = process.hrtime.bigint();
  const timeZone = await timeZoneOf(database, options.tenantId);
  if (timeZone === undefined && options.dryRun !== true) {
    throw new CairnError("NOT_FOUND", `expected a registered tenant, got ${JSON.stringify(options.tenantId)}`, {
      hint: "register the district first (createTenant)",
    });
  }
  const run = async (tx: TenantTransaction): Promise<ImportReport> => {
    const authority = options.authority ?? options.tenantId;
    const authorities = await authoritiesOf(tx, delivery.source);
    const standing = await standingOf(tx, {
      source: delivery.source,
      authority,
      transport: options.transport ?? "upload",
      said: options.standing,
    });
    const usualAuthority = authorities[0] ?? authority;
    const session = new ImportSession(tx, delivery, options, {
      standing,
      timeZone: timeZone ?? "UTC",
      usualAuthority,
    });
    await tx.sql.unsafe(
      `create temp table refusal (id bigint generated always as identity, file text, line int, "column" text, code text, reason text, raw text) on commit drop`,
    );
    // Another authority under the same source code supersedes nothing: its records stand beside, and somebody should know.
    for (const other of authorities.filter((one) => one !== authority)) {
      session.report.lenient(
        delivery.source,
        `the authority ${other} uses the same source code: the records of both are kept beside each other`,
      );
    }
    await work(session);
    session.check();
    await session.flushRefusals();
    const report = await closing(session, options, started);
    if (options.dryRun !== true) await keep(session, options, report);
    await tx.sql.unsafe("drop table refusal");
    return report;
  };
  if (options.within !== undefined) return run(options.within);
  return options.dryRun === true
    ? rehearse(database, options.tenantId, run)
    : inTenant(database, options.tenantId, run);
}

/** Runs work in a transaction that leaves nothing. */
export async function rehearse<T>(
  database: Database,
  tenantId: string,
  work: (tx: TenantTransaction) => Promise<T>,
): Promise<T> {
  let outcome: { value: T } | undefined;
  try {
    await inTenant(database, tenantId, async (tx) => {
      outcome = { value: await work(tx) };
      throw new RehearsalEnd();
    });
  } catch (error) {
    if (!(error instanceof RehearsalEnd)) throw error;
  }
  return outcome!.value;
}

/** Not a fault: the way out of a transaction that must leave nothing. */
class RehearsalEnd extends CairnError {
  constructor() {
    super("CANCELLED", "end of a dry run");
  }
}

/** Who has spoken under a source code so far, the first first. */
async function authoritiesOf(tx: TenantTransaction, source: string): Promise<string[]> {
  const rows = await tx.sql<{ authority: string }[]>`
    select source_system ->> 'authority' as authority from import_batch
    where source_system ->> 'source' = ${source} group by 1 order by min(received_at), 1`;
  return rows.map(({ authority }) => authority);
}

async function closing(session: ImportSession, options: ImportOptions, started: bigint): Promise<ImportReport> {
  const first = await session.tx.sql.unsafe<Refusal[]>(
    `select file, line, nullif("column", '') as "column", code, reason from refusal order by id limit 20`,
  );
  return {
    batchId: session.batchId,
    standard: `${session.delivery.standard} ${session.delivery.standardVersion}`.trim(),
    standing: session.standing,
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
  const source = { ...delivery.sourceSystem, source: delivery.source, authority: session.authority };
  await sql`
    insert into import_batch (tenant_id, batch_id, source_system, standard, standard_version, transport, sha256, received_at,
      importer_version, counts, report, profiles)
    values (${tenantId}, ${session.batchId}, ${JSON.stringify(source)}::jsonb, ${delivery.standard},
      ${delivery.standardVersion}, ${options.transport ?? "upload"}, ${delivery.sha256}, ${session.receivedAt}, ${importerVersion},
      ${JSON.stringify(report.files)}::jsonb, ${JSON.stringify(report)}::jsonb, ${[...session.profiles]})`;
  if (options.repair === undefined) await keepRefusals(session);
  else await markRepaired(session, options.repair);
}

/** A row never waits twice: one that an earlier delivery of the same source was refused waits there already. */
async function keepRefusals(session: ImportSession): Promise<void> {
  const { sql, tenantId } = session.tx;
  await sql`
    insert into import_refusal (tenant_id, batch_id, position, file, line, "column", code, reason, raw, header, profile)
    select ${tenantId}, ${session.batchId}, row_number() over (order by id), r.file, line, nullif("column", ''), code, reason, raw,
      f.header, f.profile
    from (select distinct on (file, raw) * from refusal order by file, raw, id) r
    left join jsonb_to_recordset(${JSON.stringify(session.describedFiles)}::jsonb) as f(file text, header text, profile text)
      on f.file = r.file
    where not exists (
      select 1 from import_refusal w join import_batch b using (tenant_id, batch_id)
      where b.source_system ->> 'source' = ${session.delivery.source} and b.source_system ->> 'authority' = ${session.authority}
        and b.standard = ${session.delivery.standard} and w.raw = r.raw and w.file = r.file
        and w.header is not distinct from f.header
        and not exists (
          select 1 from import_repair p where p.tenant_id = w.tenant_id and p.batch_id = w.batch_id and p.position = w.position
        )
    )`;
}

/** Rows that were tried again and are in wait no longer; those refused again wait where they did. */
async function markRepaired(session: ImportSession, { batchId, rows }: Repair): Promise<void> {
  await session.tx.sql`
    insert into import_repair (tenant_id, batch_id, position, repaired_batch_id, repaired_at)
    select ${session.tx.tenantId}, ${batchId}, t.position, ${session.batchId}, ${session.receivedAt}
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as t(position int, file text, line int)
    where not exists (select 1 from refusal r where r.file = t.file and r.line = t.line)
    on conflict do nothing`;
}
