import { createHash } from "node:crypto";
import { finished } from "node:stream/promises";
import type postgres from "postgres";
import type { Target } from "./targets.ts";

/** A value of a staged column. Dates and timestamps are text. */
export type StagedValue = string | number | boolean | null | readonly string[];

/** One record on its way into the store. */
export interface StagedRecord {
  readonly file: string;
  readonly line: number;
  readonly raw: string;
  /** The id the source gave; with the source system it makes the record key. */
  readonly id: string;
  /** The naming system and value of the person, where the target has one. */
  readonly person?: { readonly system: string; readonly value: string };
  /** The day the source says it last changed the record. */
  readonly modifiedOn: string | null;
  /** The source's own recording date, used when it does not say when it changed the record. */
  readonly ownDate: string | null;
  readonly validFrom?: string | null;
  readonly validTo?: string | null;
  readonly retracted?: boolean;
  /** The source's own mark of the version, such as an etag; it is no part of what the record says. */
  readonly sourceVersion?: string | null;
  /** How a signature came out, where one vouches for the record. */
  readonly verification?: object | null;
  /** False: a record beside the one that stands for its row, such as the second result of a row that holds two. */
  readonly counts?: boolean;
  /** In the order of the target's columns. */
  readonly values: readonly StagedValue[];
}

/** The columns every staging table has before its payload. */
export const stageColumns = {
  ordinal: "bigint",
  file: "text",
  line: "integer",
  raw: "text",
  record_key: "text",
  source_record_id: "text",
  content_hash: "text",
  person_system: "text",
  person_ref: "text",
  modified_on: "date",
  own_on: "date",
  valid_from: "date",
  valid_to: "date",
  retracted: "boolean",
} as const;

/** The columns after the payload; who fills a staging table by SQL may leave them to their defaults. */
const trailingColumns = { source_version: "text", verification: "jsonb", counts: "boolean default true" } as const;

const flushBytes = 1 << 20; // one megabyte a COPY: memory stays flat, round trips stay few

/** Fills one temporary table by COPY; dropped with the transaction. */
export class Stage {
  readonly target: Target;
  readonly table: string;
  rows = 0;
  /** Whether a row of a file may have several records here: then rows are counted, not records. */
  several = false;
  readonly #sql: postgres.TransactionSql;
  readonly #source: string;
  #pending: string[] = [];
  #pendingBytes = 0;

  private constructor(sql: postgres.TransactionSql, target: Target, source: string) {
    this.#sql = sql;
    this.target = target;
    this.table = stageName(target);
    this.#source = source;
  }

  /** Makes the temporary table. */
  static async create(sql: postgres.TransactionSql, target: Target, source: string): Promise<Stage> {
    const stage = new Stage(sql, target, source);
    const columns = Object.entries({ ...stageColumns, ...target.columns, ...trailingColumns });
    const definition = columns.map(([name, type]) => `"${name}" ${type}`).join(", ");
    await sql.unsafe(`create temp table ${stage.table} (${definition}) on commit drop`);
    return stage;
  }

  /** Adds a record; when it returns a promise, wait for it before adding the next. */
  add(record: StagedRecord): Promise<void> | undefined {
    const counts = record.counts ?? true;
    if (!counts) this.several = true;
    const line = copyLine([
      this.rows,
      record.file,
      record.line,
      record.raw,
      `${this.#source}:${record.id}`,
      record.id,
      contentHash(record),
      record.person?.system ?? null,
      record.person?.value ?? null,
      record.modifiedOn,
      record.ownDate,
      record.validFrom ?? null,
      record.validTo ?? null,
      record.retracted ?? false,
      ...record.values,
      record.sourceVersion ?? null,
      record.verification == null ? null : JSON.stringify(record.verification),
      counts,
    ]);
    this.rows += 1;
    this.#pending.push(line);
    this.#pendingBytes += line.length;
    return this.#pendingBytes >= flushBytes ? this.flush() : undefined;
  }

  /** Sends what is pending. */
  async flush(): Promise<void> {
    if (this.#pending.length === 0) return;
    const text = this.#pending.join("");
    this.#pending = [];
    this.#pendingBytes = 0;
    const writable = await this.#sql.unsafe(`copy ${this.table} from stdin`).writable();
    writable.end(text);
    await finished(writable);
  }
}

/** The name of a target's staging table. */
export function stageName(target: Target): string {
  return `stage_${target.table}`;
}

/**
 * The identity of what a record says: persons and keys it points at included, receipt and file left out. 128 bits of
 * SHA-256: two different versions of one record meet by chance never.
 */
function contentHash(record: StagedRecord): string {
  const said = [
    record.values,
    record.person ?? null,
    record.validFrom ?? null,
    record.validTo ?? null,
    record.retracted ?? false,
  ];
  return createHash("sha256").update(JSON.stringify(said)).digest("hex").slice(0, 32);
}

function copyLine(values: readonly StagedValue[]): string {
  let line = "";
  for (let i = 0; i < values.length; i++) line += (i === 0 ? "" : "\t") + copyValue(values[i]!);
  return `${line}\n`;
}

function copyValue(value: StagedValue): string {
  if (value === null) return "\\N";
  if (typeof value === "string") return escaped(value);
  if (typeof value === "number") return String(value);
  if (typeof value === "boolean") return value ? "t" : "f";
  const items = value.map((item) => `"${item.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`);
  return escaped(`{${items.join(",")}}`);
}

// PostgreSQL holds no NUL in a text.
const escapes: Readonly<Record<string, string>> = { "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\0": "" };

function escaped(text: string): string {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 92 || code < 14)
      return text.replace(/[^ -[\]-\uffff]/g, (character) => escapes[character] ?? character);
  }
  return text;
}
