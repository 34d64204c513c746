import { createHash, randomUUID } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { DuckDBConnection } from "@duckdb/node-api";
import { DuckDBInstance } from "@duckdb/node-api";
import { CairnError } from "../../errors.ts";
import type { Database, TenantTransaction } from "../database.ts";
import { inTenant } from "../database.ts";
import type { ReportProgress } from "../progress.ts";
import { snapshot } from "../schema/index.ts";
import type { SnapshotPurpose } from "./purposes.ts";
import { purposes } from "./purposes.ts";
import { snapshotQueries } from "./queries.ts";
import type { SnapshotTableName } from "./tables.ts";
import { snapshotTables } from "./tables.ts";
import { unitTable } from "./units.ts";

/** What a snapshot is: everything but the id is hashed into the id. */
export interface SnapshotManifest {
  readonly id: string;
  readonly purpose: SnapshotPurpose;
  /** Nothing known later is in it. */
  readonly asOf: string;
  readonly legalBasis: string;
  readonly tables: Readonly<Record<string, { readonly rows: number; readonly sha256: string }>>;
  /** Learners left out by their families' decision. */
  readonly leftOut: number;
}

/** What {@link writeSnapshot} takes. */
export interface SnapshotOptions {
  readonly tenantId: string;
  readonly purpose: SnapshotPurpose;
  /** A day, YYYY-MM-DD. */
  readonly asOf: string;
  /** The snapshot lands in a folder of its own in here, named by its id. */
  readonly folder: string;
  readonly onProgress?: ReportProgress;
  readonly signal?: AbortSignal;
}

/**
 * Writes a snapshot, the only door from records to features: what the purpose may see of what was known on the day, under
 * pseudonyms, without those whose families said no. Immutable, and named by its content: the same records give the same
 * bytes. The whole of it is read in one consistent view of the record.
 * @throws CairnError `BAD_INPUT` for a day that is none, `CANCELLED`
 */
export async function writeSnapshot(database: Database, options: SnapshotOptions): Promise<SnapshotManifest> {
  const { tenantId, purpose, asOf, folder } = options;
  checkDay(asOf);
  const rule = purposes[purpose];
  const unfinished = join(folder, `unfinished-${randomUUID()}`);
  await mkdir(unfinished, { recursive: true });
  try {
    const { tables, leftOut } = await exportOnce(database, unfinished, options).catch((error: unknown) => {
      // Another snapshot of the same purpose gave out pseudonyms meanwhile: the second view sees them.
      if ((error as { code?: string }).code !== "40001") throw error;
      return exportOnce(database, unfinished, options);
    });
    const content = { purpose, asOf, legalBasis: rule.legalBasis, tables, leftOut };
    const id = createHash("sha256")
      .update(JSON.stringify([tenantId, content]))
      .digest("hex")
      .slice(0, 32);
    const manifest: SnapshotManifest = { id, ...content };
    await writeFile(join(unfinished, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
    await publish(unfinished, join(folder, id));
    await inTenant(database, tenantId, async ({ orm }) => {
      await orm.insert(snapshot).values({ tenantId, id, purpose, asOf, manifest }).onConflictDoNothing();
    });
    return manifest;
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

function exportOnce(database: Database, folder: string, options: SnapshotOptions): ReturnType<typeof exportTables> {
  return inTenant(database, options.tenantId, (tx) => exportTables(tx, folder, options), { consistent: true });
}

function checkDay(asOf: string): void {
  const day = new Date(`${asOf}T00:00:00Z`);
  if (!/^\d{4}-\d{2}-\d{2}$/.test(asOf) || Number.isNaN(day.getTime()) || day.toISOString().slice(0, 10) !== asOf) {
    throw new CairnError("BAD_INPUT", `expected a day such as 2025-12-12, got "${asOf}"`);
  }
}

async function exportTables(
  tx: TenantTransaction,
  folder: string,
  { purpose, asOf, onProgress, signal }: SnapshotOptions,
): Promise<{ tables: SnapshotManifest["tables"]; leftOut: number }> {
  // The planner takes "newest version of each record" for a handful of rows and joins by nested loops: 280 s for a thousand
  // learners, against 1 s by hashing.
  await tx.sql`set local enable_nestloop = off`;
  await tx.sql.unsafe(unitTable(purpose, asOf));
  const [counted] = await tx.sql.unsafe<{ people: number }[]>("select count(*)::int as people from snapshot_left_out");
  const queries = snapshotQueries(asOf);
  const tables: Record<string, { rows: number; sha256: string }> = {};
  const names = purposes[purpose].tables;
  // One thread: the order of rows and the layout of the files are then fixed.
  const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
  const connection = await instance.connect();
  try {
    for (const [index, name] of names.entries()) {
      if (signal?.aborted) throw new CairnError("CANCELLED", "expected to finish the snapshot, got a request to stop");
      const csv = join(folder, `${name}.csv`);
      const readable = await tx.sql.unsafe(`copy (${queries[name]}) to stdout (format csv)`).readable();
      await pipeline(readable, createWriteStream(csv));
      // The driver pauses the socket when the stream is full and resumes it when the stream asks for more; one that ends full
      // never asks, and the next query would wait for ever.
      readable._read(0);
      tables[name] = await toParquet(connection, name, csv, join(folder, `${name}.parquet`));
      await rm(csv);
      onProgress?.("snapshot", (index + 1) / names.length);
    }
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
  return { tables, leftOut: counted?.people ?? 0 };
}

async function toParquet(
  connection: DuckDBConnection,
  name: SnapshotTableName,
  csv: string,
  parquet: string,
): Promise<{ rows: number; sha256: string }> {
  const columns = Object.entries(snapshotTables[name].columns).map(([column, type]) => `'${column}': '${type}'`);
  const quoted = (path: string): string => `'${path.replaceAll("'", "''")}'`;
  // PostgreSQL writes null as an empty cell and an empty text as "".
  const source = `read_csv(${quoted(csv)}, header = false, columns = {${columns.join(", ")}}, nullstr = '', allow_quoted_nulls = false,
    delim = ',', quote = '"', escape = '"', auto_detect = false)`;
  await connection.run(
    `COPY (SELECT * FROM ${source} ORDER BY ALL) TO ${quoted(parquet)} (FORMAT parquet, COMPRESSION zstd)`,
  );
  const counted = await connection.runAndReadAll(`SELECT count(*) FROM ${quoted(parquet)}`);
  return { rows: Number(counted.value(0, 0)), sha256: await hashFile(parquet) };
}

/** SHA-256 of a file, in hex. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const part of createReadStream(path)) hash.update(part as Uint8Array);
  return hash.digest("hex");
}

/** Moves the finished folder to its name; when the same snapshot is there already, that one stays. */
async function publish(unfinished: string, folder: string): Promise<void> {
  try {
    await rename(unfinished, folder);
  } catch (cause) {
    const present = await readFile(join(folder, "manifest.json")).then(
      () => true,
      () => false,
    );
    if (!present) throw cause;
  }
}
