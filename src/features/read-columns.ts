import { type DuckDBConnection, type DuckDBDataChunk, DuckDBDoubleVector, DuckDBIntegerVector } from "@duckdb/node-api";
import { CairnError } from "../errors.ts";
import type { FeatureColumn } from "../numeric/matrix.ts";
import { collectColumn } from "./collect-column.ts";
import type { Cohort, FeatureDefinition } from "./family.ts";
import { streamSql } from "./sql.ts";
import type { FeatureTable } from "./table.ts";

/** Rows whose identifiers travel as one text: reading a text costs far more than cutting it. */
const BLOCK = 2048;
const SEPARATOR = "\0"; // no text of PostgreSQL holds it
const DAY_MILLISECONDS = 86_400_000;

/** Whose the rows of a cohort are, and as of when; see {@link FeatureTable}. */
export async function readIdentity(
  connection: DuckDBConnection,
  { table, rows }: Cohort,
): Promise<Pick<FeatureTable, "learner" | "person" | "period" | "peerGroup" | "asOf">> {
  const [learner, person] = [new Array<string>(rows), new Array<string>(rows)];
  const what = "rows of the cohort";
  const together = (column: string): string => `string_agg(coalesce(${column}, ''), chr(0) ORDER BY "row")`;
  await streamSql(
    connection,
    `SELECT ("row" // ${BLOCK})::INTEGER, ${together("learner")}, ${together("person")} FROM ${table} GROUP BY ALL`,
    what,
    (chunk) => {
      const [blocks = [], learners = [], persons = []] = chunk.getColumns();
      for (const [index, block] of blocks.entries()) {
        cut(learners[index] as string, learner, (block as number) * BLOCK);
        cut(persons[index] as string, person, (block as number) * BLOCK);
      }
    },
  );
  // Rows are ordered by period and peer group, so each pair is one run of rows; a day is a number and back, because few differ.
  const [period, peerGroup] = [new Array<string>(rows), new Array<string>(rows)];
  await streamSql(
    connection,
    `SELECT min("row")::INTEGER, coalesce(period, ''), coalesce(peer_group, '') FROM ${table}
    GROUP BY period, peer_group ORDER BY 1`,
    what,
    (chunk) => {
      for (const [first, ofPeriod, group] of chunk.getRows() as [number, string, string][]) {
        period.fill(ofPeriod, first);
        peerGroup.fill(group, first);
      }
    },
  );
  const days = new Float64Array(rows);
  await streamSql(
    connection,
    `SELECT "row"::INTEGER, (as_of - DATE '1970-01-01')::DOUBLE FROM ${table}`,
    what,
    (chunk) => void scatter(chunk, 1, days),
  );
  const written = new Map<number, string>();
  const asOf = Array.from(days, (day) => {
    const text = written.get(day) ?? new Date(day * DAY_MILLISECONDS).toISOString().slice(0, 10);
    written.set(day, text);
    return text;
  });
  return { learner, person, period, peerGroup, asOf };
}

/** Cuts a block of identifiers into its rows. */
function cut(block: string, into: string[], start: number): void {
  const parts = block.split(SEPARATOR);
  if (parts.length !== Math.min(BLOCK, into.length - start)) {
    throw new CairnError(
      "BAD_INPUT",
      "expected identifiers of learners without the character U+0000, got one with it",
      {
        hint: "take the snapshot again from records without it",
      },
    );
  }
  for (const [index, part] of parts.entries()) into[start + index] = part;
}

/**
 * The columns of one family, straight from its query: rows come in any order and say which they are.
 * @param sql - gives `row` and every feature by name, one row per cohort row
 * @param family - its name, for errors
 */
export async function readFamily(
  connection: DuckDBConnection,
  cohort: Cohort,
  sql: string,
  features: readonly FeatureDefinition[],
  family: string,
): Promise<FeatureColumn[]> {
  // A vector without NULL is read without looking at its validity, cell by cell; NaN stands for missing here anyway.
  const cells = features.map(({ name, kind }) =>
    kind === "categorical" ? `${name}::VARCHAR` : `coalesce(${name}::DOUBLE, 'NaN'::DOUBLE)`,
  );
  const readers = features.map((feature, index) => columnReader(feature, index + 1, cohort.rows));
  let rows = 0;
  await streamSql(
    connection,
    `SELECT ${['"row"::INTEGER', ...cells].join(", ")} FROM (${sql})`,
    `features of the family "${family}"`,
    (chunk) => {
      for (const reader of readers) reader.read(chunk);
      rows += chunk.rowCount;
    },
  );
  if (rows !== cohort.rows) {
    throw new CairnError("INTERNAL", `expected ${cohort.rows} rows of the family "${family}", got ${rows}`, {
      hint: "report this: a family must give one row per cohort row",
    });
  }
  return readers.map((reader) => reader.finish());
}

interface ColumnReader {
  /** Takes the column's cells of a chunk whose first column is the row. */
  read(chunk: DuckDBDataChunk): void;
  finish(): FeatureColumn;
}

function columnReader(feature: FeatureDefinition, column: number, rows: number): ColumnReader {
  if (feature.kind !== "categorical") {
    const values = new Float64Array(rows).fill(Number.NaN);
    return {
      read: (chunk) => scatter(chunk, column, values),
      finish: () => ({ name: feature.name, kind: "numeric", values }),
    };
  }
  const collector = collectColumn(feature, rows);
  return {
    read: (chunk) => {
      const at = chunk.getColumnVector(0);
      chunk.visitColumnValues(column, (value, index) => {
        if (value !== null) collector.set(at.getItem(index) as number, value);
      });
    },
    finish: () => collector.finish(),
  };
}

/** Writes a DOUBLE column without NULL to the rows its chunk names. The loop knows both classes, so that it compiles to plain reads. */
function scatter(chunk: DuckDBDataChunk, column: number, into: Float64Array): void {
  const at = chunk.getColumnVector(0);
  const cells = chunk.getColumnVector(column);
  if (!(at instanceof DuckDBIntegerVector && cells instanceof DuckDBDoubleVector))
    throw new CairnError("INTERNAL", `expected an INTEGER and a DOUBLE column, got ${at.type} and ${cells.type}`);
  for (let index = 0; index < chunk.rowCount; index++) into[at.getItem(index)!] = cells.getItem(index)!;
}
