import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { CairnError } from "../../../errors.ts";
import { collectColumn } from "../../../features/build.ts";
import type { FeatureColumn, FeatureMatrix } from "../../../numeric/matrix.ts";
import type { AuditColumn } from "../../fairness/audit.ts";
import { readTableHeader, type TableFile } from "./header.ts";
import {
  MANY_COLUMNS,
  numberOf,
  profileTable,
  quoted,
  scanOf,
  type TableProfile,
  textOf,
  unfitReason,
  unreadableTable,
} from "./profile.ts";

const MOST_GROUPS = 100; // of an attribute or a place; a column with more holds numbers or names

/** Which columns of a file play which part. */
export interface TableColumns {
  readonly label: string;
  /** Rows with one id belong together; never a feature. */
  readonly id?: string;
  /** Columns that are no features. */
  readonly exclude?: readonly string[];
  /** Columns of numbers that are names, such as course codes. */
  readonly categorical?: readonly string[];
  /** Rows whose cell holds the value are marked; the column is never a feature. */
  readonly split?: { readonly column: string; readonly value: string };
  /** Each of its values, an empty cell among them, is left out in turn; never a feature. */
  readonly foldColumn?: string;
  /** Orders the rows in time, such as the year: numbers upwards, else text; never a feature, and never empty. */
  readonly periodColumn?: string;
  /** Protected attributes: never features, audited. */
  readonly audit?: readonly string[];
  /** Places within which the audit is repeated, such as the school; features unless excluded. */
  readonly auditWithin?: readonly string[];
}

/** A delimited file as typed columns; only rows with a label. */
export interface Table {
  readonly matrix: FeatureMatrix;
  /** Shape (rows): an index into `labels`. */
  readonly label: Float64Array;
  /** The values of the label column, in the order of their numbers or letters. */
  readonly labels: readonly string[];
  /** Shape (rows): equal where the id is equal, NaN where it is empty; undefined without an id column. */
  readonly group: Float64Array | undefined;
  /** Shape (rows): 1 where the split column holds the value; undefined without one. */
  readonly marked: Uint8Array | undefined;
  /** Shape (rows): the number of the fold column's value, by first appearance; undefined without one. */
  readonly fold: Uint16Array | undefined;
  /** Shape (rows): the rank in time of the row's period, from 0; undefined without a period column. */
  readonly period: Uint16Array | undefined;
  /** The columns that are audited, and the places of the audit, as categories. */
  readonly audit: readonly AuditColumn[];
  readonly auditWithin: readonly AuditColumn[];
  readonly profile: TableProfile;
  /** Columns that could be features and are not, with the reason. */
  readonly leftOut: readonly { readonly column: string; readonly reason: string }[];
}

/**
 * Reads any delimited file with a header, twice: a look at every cell decides the kinds, then chunks go straight into typed
 * columns, so memory holds the numbers and never the text. Cells are trimmed; empty ones are missing. Rows without a label are
 * kept out and counted. Empty and constant columns, columns without a name, and text with over a thousand different values
 * are left out and named.
 * @throws CairnError `UNREADABLE_FILE`, `UNKNOWN_FEATURE` for a column that is not there, `BAD_INPUT`, `NOT_FINITE`
 */
export async function readTable(path: string, columns: TableColumns): Promise<Table> {
  const file = await readTableHeader(path);
  const indexOf = (name: string, what: string): number => {
    const at = file.columns.indexOf(name.trim());
    if (at >= 0) return at;
    throw new CairnError("UNKNOWN_FEATURE", `expected the ${what} "${name}" in the header, got no such column`, {
      hint: `the columns are ${file.columns.slice(0, 40).join(", ")}${file.columns.length > 40 ? ", …" : ""}`,
      details: { column: name },
    });
  };
  const label = indexOf(columns.label, "label column");
  const id = columns.id === undefined ? undefined : indexOf(columns.id, "id column");
  const split = columns.split === undefined ? undefined : indexOf(columns.split.column, "split column");
  const fold = columns.foldColumn === undefined ? undefined : indexOf(columns.foldColumn, "fold column");
  const excluded = new Set((columns.exclude ?? []).map((name) => indexOf(name, "excluded column")));
  const named = new Set((columns.categorical ?? []).map((name) => indexOf(name, "categorical column")));
  const period = columns.periodColumn === undefined ? undefined : indexOf(columns.periodColumn, "period column");
  const audit = (columns.audit ?? []).map((name) => indexOf(name, "audited column"));
  const within = (columns.auditWithin ?? []).map((name) => indexOf(name, "audited place"));
  const withheld = new Set([label, id, split, fold, period, ...audit]);
  const candidates = [...file.columns.keys()].filter((at) => !withheld.has(at) && !excluded.has(at));
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  try {
    // a single scan leaves an optimizer nothing to gain but expressions used twice, and it needs minutes for thousands
    if (file.columns.length > MANY_COLUMNS) await connection.run("PRAGMA disable_optimizer");
    const profile = await profileTable(connection, file, label);
    const kindOf = (at: number): "numeric" | "categorical" =>
      named.has(at) ? "categorical" : profile.columns[at]!.kind;
    const judged = candidates.map((at) => ({ at, reason: unfitReason(profile.columns[at]!, kindOf(at)) }));
    const features = judged.filter(({ reason }) => reason === "").map(({ at }) => at);
    const labelled = labelText(label, profile, file);
    const rows = profile.columns[label]!.present; // in a column of numbers NA is no label
    const asText = (at: number) => collectColumn({ name: file.columns[at]!, kind: "categorical" }, rows);
    const collectors = [
      ...features.map((at) => collectColumn({ name: file.columns[at]!, kind: kindOf(at) }, rows)),
      asText(label),
    ];
    const audited = [...audit, ...within].map(asText);
    const extras = {
      group: id === undefined ? undefined : new Float64Array(rows).fill(Number.NaN),
      marked: columns.split === undefined ? undefined : new Uint8Array(rows),
      fold: fold === undefined ? undefined : new Uint16Array(rows),
    };
    const folds = new Map<unknown, number>();
    const periods = period === undefined ? undefined : asText(period);
    const cells = [
      ...features.map((at) => (kindOf(at) === "numeric" ? numberOf(at, file) : textOf(at))),
      labelled,
      id === undefined ? "NULL::DOUBLE" : groupOf(id),
      split === undefined ? "NULL::DOUBLE" : markOf(split, columns.split!.value, file),
      fold === undefined ? "NULL::VARCHAR" : `coalesce(${textOf(fold)}, '')`,
      ...[...audit, ...within].map(textOf),
      ...(period === undefined ? [] : [textOf(period)]),
    ];
    const sql = `SELECT ${cells.join(", ")} FROM ${scanOf(file, "ignore_errors = true")} WHERE ${labelled} IS NOT NULL`;
    const sinks = [
      ...collectors.map(({ set }) => set),
      (row: number, value: unknown) => {
        if (extras.group !== undefined) extras.group[row] = value as number;
      },
      (row: number, value: unknown) => {
        if (extras.marked !== undefined) extras.marked[row] = value as number;
      },
      (row: number, value: unknown) => {
        if (!folds.has(value)) folds.set(value, folds.size);
        if (extras.fold !== undefined) extras.fold[row] = folds.get(value)!;
      },
      ...audited.map(({ set }) => set),
      ...(periods === undefined ? [] : [periods.set]),
    ];
    await readInto(connection, sql, rows, sinks);
    const finished = collectors.map((collector) => collector.finish());
    const { values, categories = [] } = finished.pop()!;
    const groups = audited.map((collector) => groupsOf(collector.finish()));
    return {
      matrix: { rows, columns: finished },
      ...inOrder(values, categories),
      ...extras,
      period: periods && periodsOf(periods.finish()),
      audit: groups.slice(0, audit.length),
      auditWithin: groups.slice(audit.length),
      profile: { ...profile, withoutLabel: profile.rows - rows },
      leftOut: judged
        .filter(({ reason }) => reason !== "")
        .map(({ at, reason }) => ({ column: file.columns[at]!, reason })),
    };
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** @throws CairnError `BAD_INPUT` for a column whose values are too many to be groups */
function groupsOf({ name, values, categories = [] }: FeatureColumn): AuditColumn {
  if (categories.length <= MOST_GROUPS) return { name, values, categories };
  throw new CairnError("BAD_INPUT", `expected at most ${MOST_GROUPS} groups in "${name}", got ${categories.length}`, {
    hint: "audit bands instead of numbers, such as ages from 18 to 24",
    details: { column: name },
  });
}

/** @throws CairnError `BAD_INPUT` where a row has no period */
function periodsOf({ name, values, categories = [] }: FeatureColumn): Uint16Array {
  const empty = values.findIndex((value) => Number.isNaN(value));
  if (empty >= 0) {
    throw new CairnError("BAD_INPUT", `expected a period in every row with a label, got none in row ${empty + 1}`, {
      hint: `fill in "${name}", or leave these rows out of the file`,
      details: { column: name },
    });
  }
  return Uint16Array.from(inOrder(values, categories).label);
}

/** The label as text; 1 and 1.0 are one value where all labels are numbers. */
function labelText(label: number, { columns }: TableProfile, file: TableFile): string {
  return columns[label]!.kind === "numeric" ? `(${numberOf(label, file)} + 0)::VARCHAR` : textOf(label);
}

/** 53 bits of a hash of the id: equal for equal ids, and small however long they are. */
const groupOf = (index: number): string =>
  `CASE WHEN ${textOf(index)} IS NOT NULL THEN (hash(${textOf(index)}) >> 11)::DOUBLE END`;

function markOf(index: number, value: string, file: TableFile): string {
  const same = `coalesce(${textOf(index)} = ${quoted(value.trim())}, false)`;
  const equal = `coalesce(${numberOf(index, file)} = TRY_CAST(${quoted(value.trim())} AS DOUBLE), false)`;
  return `(${same} OR ${equal})::INTEGER::DOUBLE`;
}

async function readInto(
  connection: DuckDBConnection,
  sql: string,
  rows: number,
  sinks: readonly ((row: number, value: unknown) => void)[],
): Promise<void> {
  let start = 0;
  try {
    const result = await connection.stream(sql);
    for (;;) {
      const chunk = await result.fetchChunk();
      if (chunk === null || chunk.rowCount === 0) break;
      for (const [index, sink] of sinks.entries()) {
        chunk.visitColumnValues(index, (value, row) => {
          if (value !== null) sink(start + row, value);
        });
      }
      start += chunk.rowCount;
    }
  } catch (cause) {
    throw unreadableTable(cause);
  }
  if (start !== rows) {
    throw new CairnError("UNREADABLE_FILE", `expected the ${rows} rows of the first reading, got ${start}`, {
      hint: "do not change the file while it is read",
    });
  }
}

/** Labels in the order of numbers where all are numbers, without the ".0" that doubles carry. */
function inOrder(codes: Float64Array, texts: readonly string[]): Pick<Table, "label" | "labels"> {
  const isNumeric = texts.every((text) => Number.isFinite(Number(text)));
  const order = [...texts.keys()].sort((a, b) => (isNumeric ? Number(texts[a]) - Number(texts[b]) : a - b));
  const place = new Map(order.map((code, position) => [code, position]));
  return {
    label: codes.map((code) => place.get(code)!),
    labels: order.map((code) => (isNumeric ? String(Number(texts[code])) : texts[code]!)),
  };
}
