import { createHash, randomUUID } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { DuckDBConnection } from "@duckdb/node-api";
import { DuckDBInstance } from "@duckdb/node-api";
import { CairnError } from "../../errors.ts";
import { legalBases } from "../consent/uses.ts";
import type { Database, TenantTransaction } from "../database.ts";
import { inTenant } from "../database.ts";
import type { ReportProgress } from "../progress.ts";
import { snapshot } from "../schema/index.ts";
import { shareFile } from "../store/shared.ts";
import type { SettledConsent, SnapshotRecipient } from "./consented.ts";
import { showConsented } from "./consented.ts";
import type { SnapshotPupils } from "./pupils.ts";
import { disclosePupils, pupilsOf } from "./pupils.ts";
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
  /** Learners who are in it without a kind of data, by kind; absent when every kind is there for everybody. */
  readonly withheld?: Readonly<Record<string, number>>;
  /** To whom it went, where it left the school. */
  readonly recipient?: SnapshotAddress;
}

/** Who got a snapshot, on what terms. */
export interface SnapshotAddress {
  readonly requester: string;
  readonly party: string;
  readonly partyClasses: readonly string[];
  readonly interest: string;
  /** The agreement, with the last day of access and the day by which everything is destroyed; null: consent. */
  readonly agreement: { readonly agreementId: string; readonly endsOn: string; readonly destroyBy: string } | null;
}

/** What {@link writeSnapshot} takes. */
export interface SnapshotOptions {
  readonly tenantId: string;
  readonly purpose: SnapshotPurpose;
  /** A day, YYYY-MM-DD. */
  readonly asOf: string;
  /** The snapshot lands in a folder of its own in here, named by its id. */
  readonly folder: string;
  /** To whom it goes: needed for the purposes that leave the school. */
  readonly recipient?: SnapshotRecipient;
  /** The moment that decides which decisions and agreements hold; now unless said otherwise. */
  readonly now?: Date;
  readonly onProgress?: ReportProgress;
  readonly signal?: AbortSignal;
}

/**
 * Writes a snapshot, the only door from records to features: what the purpose may see of what was known on the day, under
 * pseudonyms, without those whose families said no. Immutable, and named by its content: the same records give the same
 * bytes. The whole of it is read in one consistent view of the record.
 * @throws CairnError `BAD_INPUT` for a day that is none, `CANCELLED`, `FORBIDDEN` when it leaves the school and there is no
 * recipient, or neither consent nor an agreement in force for anybody
 */
export async function writeSnapshot(database: Database, options: SnapshotOptions): Promise<SnapshotManifest> {
  const { tenantId, purpose, asOf, folder } = options;
  checkDay(asOf);
  const now = options.now ?? new Date();
  const unfinished = join(folder, `unfinished-${randomUUID()}`);
  await mkdir(unfinished, { recursive: true });
  try {
    const exported = await exportOnce(database, unfinished, options, now).catch((error: unknown) => {
      // Another snapshot of the same purpose gave out pseudonyms meanwhile: the second view sees them.
      if ((error as { code?: string }).code !== "40001") throw error;
      return exportOnce(database, unfinished, options, now);
    });
    const content = contentOf(options, exported);
    const id = createHash("sha256")
      .update(JSON.stringify([tenantId, content]))
      .digest("hex")
      .slice(0, 32);
    const manifest: SnapshotManifest = { id, ...content };
    await writeFile(join(unfinished, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
    // Before it is there to be read: nothing leaves the school unlogged, and a refusal is logged too.
    if (purposes[purpose].leaves) await logDeparture(database, options, exported, id, now);
    await publish(unfinished, join(folder, id));
    // The manifest last: whoever sees it sees the whole snapshot.
    for (const name of [...Object.keys(content.tables).map((table) => `${table}.parquet`), "manifest.json"]) {
      await shareFile(join(folder, id, name));
    }
    await inTenant(database, tenantId, async ({ orm }) => {
      await orm
        .insert(snapshot)
        .values({ tenantId, id, purpose, asOf, manifest, createdAt: now })
        .onConflictDoNothing();
    });
    return manifest;
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

/** What a run over the record gave. */
interface Exported {
  readonly tables: SnapshotManifest["tables"];
  readonly pupils: SnapshotPupils;
  readonly consent: SettledConsent;
}

function contentOf({ purpose, asOf, recipient }: SnapshotOptions, { tables, pupils, consent }: Exported) {
  const { agreement } = consent;
  const rule = purposes[purpose];
  const address: SnapshotAddress | undefined =
    rule.leaves && recipient !== undefined
      ? {
          requester: recipient.requester,
          party: recipient.party,
          partyClasses: recipient.partyClasses ?? [],
          interest: recipient.interest,
          agreement:
            agreement === undefined
              ? null
              : { agreementId: agreement.agreementId, endsOn: agreement.endsOn, destroyBy: agreement.destroyBy },
        }
      : undefined;
  return {
    purpose,
    asOf,
    legalBasis: rule.leaves && agreement === undefined ? legalBases.consent : rule.legalBasis,
    tables,
    leftOut: pupils.leftOut.length,
    ...(Object.keys(pupils.withheld).length === 0 ? {} : { withheld: pupils.withheld }),
    ...(address === undefined ? {} : { recipient: address }),
  };
}

async function logDeparture(
  database: Database,
  { tenantId, purpose, recipient }: SnapshotOptions,
  { pupils, consent }: Exported,
  id: string,
  now: Date,
): Promise<void> {
  await inTenant(database, tenantId, (tx) =>
    disclosePupils(tx, { purpose, recipient: recipient!, pupils, consent, reference: `snapshot ${id}`, now }),
  );
  if (pupils.included.length > 0) return;
  throw new CairnError(
    "FORBIDDEN",
    `expected consent or an agreement in force for a snapshot for ${purpose}, got none`,
    {
      hint: "see `cairn disclosures agreements`; the refused request is in the record of disclosures",
    },
  );
}

function exportOnce(database: Database, folder: string, options: SnapshotOptions, now: Date): Promise<Exported> {
  return inTenant(database, options.tenantId, (tx) => exportTables(tx, folder, options, now), { consistent: true });
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
  { purpose, asOf, recipient, onProgress, signal }: SnapshotOptions,
  now: Date,
): Promise<Exported> {
  const consent = await showConsented(tx, { purpose, recipient, now });
  // The planner takes "newest version of each record" for a handful of rows and joins by nested loops: 280 s for a thousand
  // learners, against 1 s by hashing.
  await tx.sql`set local enable_nestloop = off`;
  await tx.sql.unsafe(unitTable(purpose, asOf, consent));
  const pupils = await pupilsOf(tx, purpose);
  const queries = { ...snapshotQueries(asOf), withheld: "select learner, table_name from unit_withheld" };
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
  return { tables, pupils, consent };
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
