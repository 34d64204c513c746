import { rename } from "node:fs/promises";
import { DOUBLE, type DuckDBConnection, DuckDBDataChunk, DuckDBInstance, UTINYINT, VARCHAR } from "@duckdb/node-api";
import { CairnError } from "../errors.ts";
import { collectColumn, type FeatureTable } from "./build.ts";
import { shareKnown } from "./missing.ts";
import { literal, runSql } from "./sql.ts";

/** Where a feature table came from; stored in the file. */
export interface FeatureTableOrigin {
  /** The id of the snapshot the features were built from. */
  readonly snapshotId: string;
}

/** How {@link writeFeatureTable} writes. */
export interface FeatureTableLayout {
  /**
   * Also write the reasons of features without a missing cell, so that tables of the same features have the same columns.
   * Default false.
   */
  readonly everyReason?: boolean;
}

const identity = ["learner", "person", "period", "peer_group", "as_of"] as const;
const FORMAT = "cairn feature table 2";
const OLDER = "cairn feature table 1"; // the same without reasons
const CHUNK = 2048; // DuckDB's own vector size
const prefix = "feature:"; // keeps a feature called "period" apart from the row's period
const reasonPrefix = "missing:"; // why the feature's cells are missing, as codes
const KNOWN = "known_share";

/**
 * Writes a feature table as one Parquet file: identity columns, `known_share` (the share of the row's cells that hold a
 * value), then one column per feature (missing cells are null, categories are their labels) and one with the codes of why its
 * cells are missing (left out where none is), with the catalog version and the snapshot id in the file's key-value metadata. The same
 * table gives the same bytes. The file appears whole or not at all.
 * @param path - the file to write; replaced when it exists
 * @throws CairnError `UNREADABLE_FILE` when the file cannot be written
 */
export async function writeFeatureTable(
  table: FeatureTable,
  path: string,
  origin: FeatureTableOrigin,
  { everyReason = false }: FeatureTableLayout = {},
): Promise<void> {
  const connection = await openConnection();
  try {
    const columns = table.matrix.columns;
    const why = columns.flatMap(({ name }, index) => {
      const codes = table.reasons?.[index];
      return codes !== undefined && (everyReason || codes.some((code) => code !== 0))
        ? [{ name: `${reasonPrefix}${name}`, codes }]
        : [];
    });
    const known = shareKnown(table.matrix);
    const names = [
      ...identity,
      KNOWN,
      ...columns.map((column) => `${prefix}${column.name}`),
      ...why.map(({ name }) => name),
    ];
    const types = [
      ...identity.map(() => VARCHAR),
      DOUBLE,
      ...columns.map((column) => (column.kind === "numeric" ? DOUBLE : VARCHAR)),
      ...why.map(() => UTINYINT),
    ];
    const declared = names.map((name, index) => `"${name}" ${types[index]}`);
    await connection.run(`CREATE TABLE features (${declared.join(", ")})`);
    const texts = [table.learner, table.person, table.period, table.peerGroup, table.asOf];
    const appender = await connection.createAppender("features");
    for (let start = 0; start < table.matrix.rows; start += CHUNK) {
      const end = Math.min(start + CHUNK, table.matrix.rows);
      const chunk = DuckDBDataChunk.create(types, end - start);
      chunk.setColumns([
        ...texts.map((text) => text.slice(start, end)),
        Array.from(known.subarray(start, end), (share) => (Number.isNaN(share) ? null : share)),
        ...columns.map((column) =>
          Array.from(column.values.subarray(start, end), (value) => cell(value, column.categories)),
        ),
        ...why.map(({ codes }) => Array.from(codes.subarray(start, end))),
      ]);
      appender.appendDataChunk(chunk);
    }
    appender.closeSync();
    const format = table.reasons === undefined ? OLDER : FORMAT;
    const metadata = { format, catalog_version: table.catalogVersion, snapshot_id: origin.snapshotId };
    const pairs = Object.entries(metadata).map(([key, value]) => `${key}: ${literal(value)}`);
    const unfinished = `${path}.unfinished`;
    await runSql(
      connection,
      `COPY features TO ${literal(unfinished)} (FORMAT parquet, COMPRESSION zstd, KV_METADATA { ${pairs.join(", ")} })`,
      "feature table's file",
    );
    await rename(unfinished, path);
  } finally {
    connection.closeSync();
  }
}

const cell = (value: number, categories: readonly string[] | undefined): number | string | null => {
  if (Number.isNaN(value)) return null;
  return categories === undefined ? value : (categories[value] ?? null);
};

/**
 * Reads a feature table back: the same rows, columns and bits as were written (a category no row has is forgotten).
 * @throws CairnError `UNREADABLE_FILE` when there is no such file or it is not a feature table
 */
export async function readFeatureTable(path: string): Promise<FeatureTable & FeatureTableOrigin> {
  const connection = await openConnection();
  try {
    const { format, catalogVersion, snapshotId } = await readMetadata(connection, path);
    const result = await runSql(connection, `FROM read_parquet(${literal(path)})`, "feature table");
    const rows = result.rowCount;
    const types = result.columnTypes();
    const texts = identity.map(() => new Array<string>(rows));
    const collectors: ReturnType<typeof collectColumn>[] = [];
    const codes = new Map<string, Uint8Array>();
    const setters = result.columnNames().map((name, index): ((row: number, value: unknown) => void) => {
      const text = texts[index];
      if (text !== undefined) return fill(text as unknown[]);
      if (name.startsWith(reasonPrefix)) {
        const reasons = new Uint8Array(rows);
        codes.set(name.slice(reasonPrefix.length), reasons);
        return fill(reasons);
      }
      if (!name.startsWith(prefix)) return () => {};
      const kind = types[index] === DOUBLE ? "numeric" : "categorical";
      const collector = collectColumn({ name: name.slice(prefix.length), kind }, rows);
      collectors.push(collector);
      return (row, value) => collector.set(row, value);
    });
    let start = 0;
    for (let index = 0; index < result.chunkCount; index++) {
      const chunk = result.getChunk(index);
      for (const [column, set] of setters.entries()) {
        chunk.visitColumnValues(column, (value, row) => {
          if (value !== null) set(start + row, value);
        });
      }
      start += chunk.rowCount;
    }
    const [learner, person, period, peerGroup, asOf] = texts as [string[], string[], string[], string[], string[]];
    const matrix = { rows, columns: collectors.map((collector) => collector.finish()) };
    const table = { learner, person, period, peerGroup, asOf, matrix, catalogVersion, snapshotId };
    if (format === OLDER) return table;
    return { ...table, reasons: matrix.columns.map(({ name }) => codes.get(name) ?? new Uint8Array(rows)) };
  } finally {
    connection.closeSync();
  }
}

/**
 * Some numbers of one learner, without reading the others: those that are not missing, by the feature's name. Of a learner with several
 * days, the last; a feature the table does not have is left out.
 * @throws CairnError `UNREADABLE_FILE` when there is no such file or it is not a feature table
 */
export async function readFeatureCells(
  path: string,
  learner: string,
  features: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const connection = await openConnection();
  try {
    await readMetadata(connection, path);
    const described = await runSql(connection, `DESCRIBE FROM read_parquet(${literal(path)})`, "feature table");
    const columns = new Set((await described.getRowsJS()).map(([column]) => String(column)));
    const known = features.filter((name) => columns.has(`${prefix}${name}`));
    if (known.length === 0) return new Map();
    const found = await runSql(
      connection,
      `SELECT ${known.map((name) => `"${prefix}${name}"::DOUBLE`).join(", ")} FROM read_parquet(${literal(path)})
      WHERE learner = ${literal(learner)} ORDER BY as_of DESC LIMIT 1`,
      "feature table",
    );
    const [cells = []] = await found.getRowsJS();
    return new Map(known.flatMap((name, index) => (typeof cells[index] === "number" ? [[name, cells[index]]] : [])));
  } finally {
    connection.closeSync();
  }
}

const fill =
  (into: { [row: number]: unknown }) =>
  (row: number, value: unknown): void => {
    into[row] = value;
  };

async function readMetadata(
  connection: DuckDBConnection,
  path: string,
): Promise<{ format: string; catalogVersion: string; snapshotId: string }> {
  const stored = new Map<string, string>();
  try {
    const rows = await connection.runAndReadAll(
      `SELECT decode(key) AS key, decode(value) AS value FROM parquet_kv_metadata(${literal(path)})`,
    );
    for (const [key, value] of rows.getRows()) stored.set(String(key), String(value));
  } catch (cause) {
    throw new CairnError("UNREADABLE_FILE", "expected a feature table in Parquet, got no such file or another format", {
      hint: "check the path, or build the features again",
      cause,
    });
  }
  const format = stored.get("format") ?? "unknown";
  if (format !== FORMAT && format !== OLDER) {
    throw new CairnError("UNREADABLE_FILE", `expected "${FORMAT}", got a Parquet file with format ${format}`, {
      hint: "build the features again with this version of cairn",
    });
  }
  return { format, catalogVersion: stored.get("catalog_version") ?? "", snapshotId: stored.get("snapshot_id") ?? "" };
}

/** One thread of its own, so that the layout of the file cannot depend on the machine. */
async function openConnection(): Promise<DuckDBConnection> {
  return (await DuckDBInstance.create(":memory:", { threads: "1" })).connect();
}
