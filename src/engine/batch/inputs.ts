import { and, desc, eq } from "drizzle-orm";
import type { PostgresJsDatabase } from "drizzle-orm/postgres-js";
import { CairnError } from "../../errors.ts";
import { inTenant } from "../../records/database.ts";
import { scoringRun } from "../../records/schema/index.ts";
import type { Cairn } from "../runtime.ts";
import type { RunParts } from "./parts.ts";
import { restoreParts } from "./stored-parts.ts";

/** Learners per partition: a few seconds of work, so that a killed worker loses little. */
export const rowsPerPartition = 500;

/**
 * The learners of one partition.
 * @param rows - learners to score in all
 * @returns positions [start, end) among them
 * @throws CairnError `BAD_INPUT` for a partition that holds nobody: its line would keep the run from being published
 */
export function partitionRange(rows: number, partition: number): { start: number; end: number } {
  const start = partition * rowsPerPartition;
  if (!(Number.isInteger(partition) && start >= 0 && start < rows)) {
    const partitions = Math.ceil(rows / rowsPerPartition);
    throw new CairnError("BAD_INPUT", `expected a partition in [0, ${partitions}), got ${partition}`);
  }
  return { start, end: Math.min(rows, start + rowsPerPartition) };
}

/** A run as it is recorded. */
export interface RunRecord {
  readonly tenantId: string;
  readonly runId: string;
  readonly asOf: string;
  readonly status: "running" | "published" | "failed";
  readonly partitions: number;
  readonly publishedAt: Date | null;
  /** What each part was made from, or why it is absent. */
  readonly parts: RunParts;
}

/** A run that readers may see. */
export interface PublishedRun extends RunRecord {
  readonly publishedAt: Date;
}

/** The scores of one partition, computed and ready to be written in a transaction of the caller's. */
export interface PartitionWrite {
  readonly rows: number;
  /** Writes the rows in the given transaction. */
  insert(orm: PostgresJsDatabase): Promise<void>;
}

/** Rows per INSERT: PostgreSQL takes 65,535 parameters a statement. */
const INSERT_ROWS = 1000;

/** Inserts rows in pieces that fit a statement. */
export async function insertInPieces<Row>(
  rows: readonly Row[],
  insert: (piece: Row[]) => Promise<unknown>,
): Promise<void> {
  for (let start = 0; start < rows.length; start += INSERT_ROWS) await insert(rows.slice(start, start + INSERT_ROWS));
}

/**
 * The record of a run.
 * @throws CairnError `NOT_FOUND`
 */
export async function readRun(cairn: Cairn, tenantId: string, runId: string): Promise<RunRecord> {
  const rows = await inTenant(cairn.database, tenantId, ({ orm }) =>
    orm.select().from(scoringRun).where(eq(scoringRun.runId, runId)),
  );
  if (rows[0] === undefined)
    throw new CairnError("NOT_FOUND", `expected a prepared run, got the id ${runId}`, { hint: "prepare it again" });
  return toRecord(rows[0]);
}

/** The run that is shown, in a transaction of the caller's: the one published last; undefined before the first. */
export async function shownRun(orm: PostgresJsDatabase): Promise<RunRecord | undefined> {
  const rows = await orm
    .select()
    .from(scoringRun)
    .where(and(eq(scoringRun.kind, "batch"), eq(scoringRun.status, "published")))
    .orderBy(desc(scoringRun.publishedAt), desc(scoringRun.asOf), scoringRun.runId)
    .limit(1);
  return rows[0] === undefined ? undefined : toRecord(rows[0]);
}

/**
 * The run that is shown: the one published last.
 * @throws CairnError `NOT_FOUND` before the first
 */
export async function latestRun(cairn: Cairn, tenantId: string): Promise<PublishedRun> {
  const record = await inTenant(cairn.database, tenantId, ({ orm }) => shownRun(orm));
  if (record === undefined || record.publishedAt === null) {
    throw new CairnError("NOT_FOUND", "expected a published run, got none yet", { hint: "run `cairn score` first" });
  }
  return { ...record, publishedAt: record.publishedAt };
}

function toRecord(row: typeof scoringRun.$inferSelect): RunRecord {
  return {
    tenantId: row.tenantId,
    runId: row.runId,
    asOf: row.asOf,
    status: row.status,
    partitions: row.partitions,
    publishedAt: row.publishedAt,
    parts: restoreParts(row),
  };
}
