import { createHash, randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type DuckDBConnection, DuckDBInstance, type DuckDBResultReader } from "@duckdb/node-api";
import { CairnError } from "../../src/errors.ts";
import { type SnapshotTableName, snapshotTables } from "../../src/records/snapshot/tables.ts";
import { type OuladReader, type OuladTable, ouladReaders, ouladSource } from "./files.ts";
import { clickQuery, enrolmentDays, snapshotQueries } from "./queries.ts";

/** What {@link writeOuladSnapshot} reads and writes. */
export interface OuladSnapshotOptions {
  /** The folder with the set's CSV files, gzipped or not. */
  readonly dir: string;
  /** The folder that gets the snapshot, in a folder of its own named by its id. */
  readonly folder: string;
  /** Also write the click log as `activity_event` (it may be the partial one); default true. */
  readonly clicks?: boolean;
  /** Called with the finished share, in [0, 1]. */
  readonly onProgress?: (fraction: number) => void;
  readonly signal?: AbortSignal;
}

/** The manifest of a snapshot that was made from OULAD; the same shape as one of district records. */
export interface OuladManifest {
  /** Hash of everything else in the manifest, the tables' hashes included. */
  readonly id: string;
  readonly purpose: "early-warning";
  /** The last day of the last presentation: nothing in the set was known later. */
  readonly asOf: string;
  readonly legalBasis: string;
  readonly tables: Readonly<Record<string, { readonly rows: number; readonly sha256: string }>>;
  readonly leftOut: number;
}

/**
 * Writes OULAD as a snapshot: Parquet files of the snapshot's tables and a manifest, in `<folder>/<id>/`. Days become
 * dates counted from 1 February (B) or 1 October (J); a learner is `<module>/<presentation>/<id_student>`. The same files
 * give the same bytes and the same id; a snapshot that is already there is kept.
 * @returns the snapshot's own folder and its manifest
 * @throws CairnError `UNREADABLE_FILE` when the set is not there or not as published, `CANCELLED`
 */
export async function writeOuladSnapshot(
  options: OuladSnapshotOptions,
): Promise<{ readonly folder: string; readonly manifest: OuladManifest }> {
  const clicks = options.clicks ?? true;
  const needed: OuladTable[] = ["studentInfo", "studentRegistration", "studentAssessment", "assessments", "courses"];
  const readers = ouladReaders(options.dir, clicks ? [...needed, "vle", "studentVle"] : needed);
  const sources = Object.fromEntries([...readers].map(([table, { sql }]) => [table, sql])) as Record<
    OuladTable,
    string
  >;
  const queries = Object.entries({
    ...snapshotQueries(sources),
    ...(clicks ? { activity_event: clickQuery(sources) } : {}),
  });
  const unfinished = join(options.folder, `unfinished-${randomUUID()}`);
  await mkdir(unfinished, { recursive: true });
  const instance = await DuckDBInstance.create(":memory:", { threads: "1" }); // one thread: the files' layout is fixed
  const connection = await instance.connect();
  try {
    for (const [table, reader] of readers) await checkHeader(connection, table, reader);
    await read(connection, `CREATE TEMP TABLE enrolment_day AS ${enrolmentDays(sources)}`, "enrolments");
    const tables: Record<string, { rows: number; sha256: string }> = {};
    for (const [index, [name, query]] of queries.entries()) {
      if (options.signal?.aborted)
        throw new CairnError("CANCELLED", "expected to finish the snapshot, got a request to stop");
      tables[name] = await writeTable(connection, name as SnapshotTableName, query, unfinished);
      options.onProgress?.((index + 1) / queries.length);
    }
    const last = await connection.runAndReadAll("SELECT max(ends_on)::VARCHAR FROM enrolment_day");
    const content = {
      purpose: "early-warning",
      asOf: String(last.value(0, 0)),
      legalBasis: `research data: ${ouladSource}`,
      tables,
      leftOut: 0,
    } as const;
    const id = createHash("sha256").update(JSON.stringify(content)).digest("hex").slice(0, 32);
    const manifest: OuladManifest = { id, ...content };
    await writeFile(join(unfinished, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
    return { folder: await publish(unfinished, join(options.folder, id)), manifest };
  } finally {
    connection.closeSync();
    instance.closeSync();
    await rm(unfinished, { recursive: true, force: true });
  }
}

async function writeTable(
  connection: DuckDBConnection,
  name: SnapshotTableName,
  query: { select: string; order: string },
  folder: string,
): Promise<{ rows: number; sha256: string }> {
  const path = join(folder, `${name}.parquet`);
  const columns = Object.entries(snapshotTables[name].columns).map(
    ([column, type]) => `"${column}"::${type} AS "${column}"`,
  );
  await read(
    connection,
    `COPY (SELECT ${columns.join(", ")} FROM (${query.select}) ORDER BY ${query.order})
      TO '${path.replaceAll("'", "''")}' (FORMAT parquet, COMPRESSION zstd)`,
    name,
  );
  const counted = await connection.runAndReadAll(`SELECT count(*) FROM '${path.replaceAll("'", "''")}'`);
  return { rows: Number(counted.value(0, 0)), sha256: await hashFile(path) };
}

/** A file with its columns in another order would be read without complaint, and wrongly. */
async function checkHeader(connection: DuckDBConnection, table: OuladTable, reader: OuladReader): Promise<void> {
  const lines = await read(connection, reader.header, table);
  const got = String(lines.getRows()[0]?.[0] ?? "").replaceAll('"', "");
  const expected = reader.columns.join(",");
  if (got !== expected) {
    throw new CairnError(
      "UNREADABLE_FILE",
      `expected the columns ${expected} in OULAD's ${table}, got ${got || "nothing"}`,
      {
        hint: `compare the file with ${ouladSource}`,
        details: { table },
      },
    );
  }
}

async function read(connection: DuckDBConnection, sql: string, what: string): Promise<DuckDBResultReader> {
  try {
    return await connection.runAndReadAll(sql);
  } catch (cause) {
    throw new CairnError(
      "UNREADABLE_FILE",
      `expected the OULAD files as published for the table ${what}, got: ${cause instanceof Error ? cause.message : String(cause)}`,
      { hint: `compare the files with ${ouladSource}`, cause },
    );
  }
}

async function hashFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const part of createReadStream(path)) hash.update(part as Uint8Array);
  return hash.digest("hex");
}

/** Moves the finished folder to its name; when the same snapshot is there already, that one stays. */
async function publish(unfinished: string, folder: string): Promise<string> {
  try {
    await rename(unfinished, folder);
  } catch (cause) {
    const code = (cause as { code?: string }).code;
    if (code !== "ENOTEMPTY" && code !== "EEXIST") throw cause;
  }
  return folder;
}
