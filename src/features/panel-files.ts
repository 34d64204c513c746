import { createHash, randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { featureCatalog } from "./catalog.ts";
import { buildPanelPieces, type PanelPiecesOptions } from "./panel.ts";
import { runSql } from "./sql.ts";
import { writeFeatureTable } from "./table-file.ts";

/** Rows of one piece, which is in memory: 250,000 of a hundred and fifty columns are 300 MB. */
const PIECE_ROWS = 250_000;

/** What {@link writePanel} takes. */
export interface PanelFilesOptions extends Omit<PanelPiecesOptions, "daysAtOnce" | "reasons"> {
  /** The folder to write; it appears whole or not at all, and one that is there already stays as it is. */
  readonly folder: string;
  /** The id of the snapshot; stored in every file. */
  readonly snapshotId: string;
  /** Rows of one piece, about; 250,000 when left out. Memory follows it. */
  readonly pieceRows?: number;
}

/** One file of a panel. */
export interface PanelFile {
  readonly file: string;
  readonly rows: number;
  readonly sha256: string;
}

/** What `panel.json` says of the files beside it. */
export interface PanelManifest {
  readonly format: "cairn panel 1";
  readonly snapshotId: string;
  readonly catalogVersion: string;
  /** The days, in order. */
  readonly days: readonly (string | number)[];
  readonly rows: number;
  readonly files: readonly PanelFile[];
}

/**
 * Writes a panel, every learner at risk on every day, as Parquet files that have the same columns each (those of
 * {@link writeFeatureTable}, the reasons of every feature included) and `panel.json`, which names them. Days are built a few
 * at a time, as many as fit into a piece, so that memory follows the learners of a day and not the days. The same snapshot,
 * days and features give the same bytes.
 * @throws CairnError as `buildPanelPieces` and `writeFeatureTable`
 */
export async function writePanel({
  folder,
  snapshotId,
  pieceRows = PIECE_ROWS,
  ...options
}: PanelFilesOptions): Promise<PanelManifest> {
  const unfinished = join(dirname(folder), `unfinished-${randomUUID()}`);
  await mkdir(unfinished, { recursive: true });
  try {
    const daysAtOnce = Math.max(1, Math.floor(pieceRows / (await learnersOfPeriod(options.snapshot))));
    const files: PanelFile[] = [];
    for await (const piece of buildPanelPieces({ ...options, daysAtOnce })) {
      const file = `part-${String(files.length + 1).padStart(4, "0")}.parquet`;
      await writeFeatureTable(piece, join(unfinished, file), { snapshotId }, { everyReason: true });
      files.push({ file, rows: piece.matrix.rows, sha256: await hashOf(join(unfinished, file)) });
    }
    const manifest: PanelManifest = {
      format: "cairn panel 1",
      snapshotId,
      catalogVersion: featureCatalog.version,
      days: [...new Set(options.asOf)],
      rows: files.reduce((total, { rows }) => total + rows, 0),
      files,
    };
    await writeFile(join(unfinished, "panel.json"), `${JSON.stringify(manifest, null, 2)}\n`);
    await publish(unfinished, folder);
    return manifest;
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

/** Enrolments of the period that has most of them: how many rows a day can have. */
async function learnersOfPeriod(snapshot: DuckDBConnection): Promise<number> {
  const found = await runSql(
    snapshot,
    "SELECT coalesce(max(learners), 0)::INTEGER FROM (SELECT count(*) AS learners FROM enrolment GROUP BY period)",
    "size of the panel",
  );
  const [[learners] = []] = await found.getRowsJS();
  return Math.max(1, learners as number);
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const part of createReadStream(path)) hash.update(part as Uint8Array);
  return hash.digest("hex");
}

/** Moves the finished folder to its name; the same panel that is there already stays. */
async function publish(unfinished: string, folder: string): Promise<void> {
  try {
    await rename(unfinished, folder);
  } catch (cause) {
    const code = (cause as { code?: string }).code;
    if (code !== "ENOTEMPTY" && code !== "EEXIST") throw cause;
  }
}
