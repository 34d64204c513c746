import type { TenantTransaction } from "../../database.ts";
import { idsOf } from "../../identity/links.ts";
import type { RecordRow } from "./names.ts";
import { columnsOf } from "./names.ts";
import type { BackpackTable } from "./tables.ts";
import { backpackTables } from "./tables.ts";

/** The rows of one learner by table, every version of every record, oldest knowledge first. */
export type LearnerRows = ReadonlyMap<string, readonly RecordRow[]>;

/** Where a batch of records came from. */
export type Batches = Readonly<Record<string, RecordRow>>;

/** The whole record of one learner as it lies in the tables. */
export interface LearnerRecord {
  readonly personIds: readonly string[];
  readonly rows: LearnerRows;
  /** The deliveries the rows came in, by batch id. */
  readonly batches: Batches;
}

/**
 * Gathers everything the record holds of a learner, under every id she is linked by, from the tables of
 * {@link backpackTables}. Columns that mean something in this database alone (tenant, version numbers) are left out.
 */
export async function gatherRecord(tx: TenantTransaction, personId: string): Promise<LearnerRecord> {
  const personIds = await idsOf(tx, personId);
  const rows = new Map<string, readonly RecordRow[]>();
  for (const table of backpackTables) rows.set(table.name, await rowsOf(tx, table, personIds, rows));
  return { personIds, rows, batches: await batchesOf(tx, rows) };
}

async function rowsOf(
  tx: TenantTransaction,
  table: BackpackTable,
  personIds: readonly string[],
  taken: ReadonlyMap<string, readonly RecordRow[]>,
): Promise<readonly RecordRow[]> {
  const { rows } = table;
  if (rows.by === "person") return select(tx, table.name, "person_id", personIds);
  if (rows.by === "naming")
    return select(tx, table.name, rows.column, values(taken.get(rows.table) ?? [], "record_key"));
  const found: RecordRow[] = [];
  const asked = new Set<string>();
  let wanted = rows.in.flatMap(([source, column]) => values(taken.get(source) ?? [], column));
  // A term names its school year and a school its district: rows of the table itself are asked again until nothing is new.
  while (wanted.length > 0) {
    for (const value of wanted) asked.add(value);
    const next = await select(tx, table.name, rows.column, wanted);
    found.push(...next);
    wanted = rows.in
      .filter(([source]) => source === table.name)
      .flatMap(([, column]) => values(next, column))
      .filter((value) => !asked.has(value));
  }
  return found;
}

function values(rows: readonly RecordRow[], column: string): string[] {
  return [...new Set(rows.flatMap((row) => row[column] ?? []).filter((value) => typeof value === "string"))];
}

const local = ["tenant_id", "version_id", "supersedes"];

async function select(
  tx: TenantTransaction,
  table: string,
  column: string,
  wanted: readonly string[],
): Promise<readonly RecordRow[]> {
  if (wanted.length === 0) return [];
  const columns = columnsOf(table);
  const order = columns.includes("version_id") ? "record_key, known_on, version_id" : `"${column}", to_jsonb(t)::text`;
  const found = await tx.sql.unsafe<{ row: RecordRow }[]>(
    `select to_jsonb(t) - ${local.map((name) => `'${name}'`).join(" - ")} as row from "${table}" t
     where "${column}" = any($1::text[]) order by ${order}`,
    [wanted as string[]],
  );
  return found.map(({ row }) => row);
}

async function batchesOf(tx: TenantTransaction, rows: LearnerRows): Promise<Batches> {
  const ids = [...new Set([...rows.values()].flatMap((list) => values(list, "batch_id")))];
  const found = await tx.sql<{ batchId: string; row: RecordRow }[]>`
    select batch_id as "batchId", jsonb_build_object('source_system', source_system, 'standard', standard,
      'standard_version', standard_version, 'transport', transport, 'sha256', sha256, 'received_at', received_at,
      'importer_version', importer_version) as row
    from import_batch where batch_id = any(${ids})`;
  return Object.fromEntries(found.map(({ batchId, row }) => [batchId, row]));
}
