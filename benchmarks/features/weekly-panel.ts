import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { openSnapshotFolder } from "../../src/engine/evaluation-sets/snapshot-folder.ts";
import { weeksBetween } from "../../src/engine/panels/weekly-panel.ts";
import { writePanel } from "../../src/features/panel-files.ts";
import { type SnapshotTableName, snapshotTables } from "../../src/records/snapshot/tables.ts";

/** The columns that say who or whose; a copy is somebody else in another school, and the library and the standards are one for all. */
const own: ReadonlySet<string> = new Set([
  "learner",
  "person",
  "school",
  "peer_group",
  "section",
  "assignment",
  "goal",
  "step",
]);

/**
 * Writes a snapshot's tables several times over, each time as other learners in other schools: how a district of the real size is
 * had from a small one without generating and importing it.
 * @param snapshot - a connection with the tables of the small one attached
 * @param folder - gets one Parquet file per table
 * @returns the rows of all tables together
 */
export async function copySnapshot(snapshot: DuckDBConnection, folder: string, copies: number): Promise<number> {
  await mkdir(folder, { recursive: true });
  let rows = 0;
  for (const name of Object.keys(snapshotTables) as SnapshotTableName[]) {
    const columns = Object.keys(snapshotTables[name].columns);
    const isOwn = columns.some((column) => own.has(column));
    const cells = columns.map((column) =>
      own.has(column) ? `"${column}" || '~' || copy AS "${column}"` : `"${column}"`,
    );
    const path = join(folder, `${name}.parquet`).replaceAll("'", "''");
    await snapshot.run(
      `COPY (SELECT ${cells.join(", ")} FROM range(${isOwn ? copies : 1}) times(copy), ${name}) TO '${path}' (FORMAT parquet, COMPRESSION zstd)`,
    );
    const counted = await snapshot.runAndReadAll(`SELECT count(*)::INTEGER FROM '${path}'`);
    rows += Number(counted.value(0, 0));
  }
  return rows;
}

/** What the weekly panel of a district costs. */
export interface WeeklyPanelCost {
  /** Rows of the panel: learners times weeks. */
  readonly rows: number;
  readonly weeks: number;
  /** Rows of the snapshot's tables. */
  readonly records: number;
  readonly seconds: number;
  readonly processorSeconds: number;
  readonly peakMegabytes: number;
}

/**
 * Builds the weekly panel of a snapshot taken several times over.
 * @param from - the folder of a snapshot
 * @param folder - gets the copies and the panel
 */
export async function measureWeeklyPanel(
  { from, folder, copies }: { from: string; folder: string; copies: number },
  { first, last }: { first: string; last: string },
): Promise<WeeklyPanelCost> {
  const small = await openSnapshotFolder(from);
  const records = await copySnapshot(small.connection, join(folder, "snapshot"), copies);
  const { id } = small;
  small.close();
  const instance = await DuckDBInstance.create(":memory:");
  const snapshot = await instance.connect();
  let peak = 0;
  const watch = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss());
  }, 100);
  try {
    for (const name of Object.keys(snapshotTables)) {
      const path = join(folder, "snapshot", `${name}.parquet`).replaceAll("'", "''");
      await snapshot.run(`CREATE VIEW ${name} AS FROM read_parquet('${path}')`);
    }
    const days = weeksBetween(first, last);
    const started = process.hrtime.bigint();
    const before = process.cpuUsage();
    const { rows } = await writePanel({ snapshot, asOf: days, snapshotId: id, folder: join(folder, "panel") });
    const { user, system } = process.cpuUsage(before);
    return {
      rows,
      weeks: days.length,
      records,
      seconds: Number(process.hrtime.bigint() - started) / 1e9,
      processorSeconds: (user + system) / 1e6,
      peakMegabytes: Math.max(peak, process.memoryUsage.rss()) / 1e6,
    };
  } finally {
    clearInterval(watch);
    snapshot.closeSync();
    instance.closeSync();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [from, folder, copies = "1", first = "2025-08-22", last = "2025-12-12"] = process.argv.slice(2);
  if (from === undefined || folder === undefined) {
    process.stderr.write(
      "expected the folder of a snapshot, a folder for the copies, how many, the first and the last week\n",
    );
    process.exit(2);
  }
  const cost = await measureWeeklyPanel({ from, folder, copies: Number(copies) }, { first, last });
  process.stdout.write(`${JSON.stringify(cost, null, 2)}\n`);
}
