import type { Standing } from "./standing.ts";

/** Why a row did not go in. The row itself is kept in the table import_refusal, never in a report: it may hold names. */
export interface Refusal {
  readonly file: string;
  /** Counted from 1, the header being line 1. */
  readonly line: number;
  readonly column: string | null;
  readonly code: RefusalCode;
  readonly reason: string;
}

/**
 * - `MISSING` a required cell is empty
 * - `BAD_VALUE` a cell does not fit its column (a date that does not exist, a word outside the vocabulary …)
 * - `ENCODING` the row holds bytes that are not UTF-8
 * - `COLUMNS` the row has more filled cells than the header has columns
 * - `QUOTES` quotation marks that do not close or stand inside a cell
 * - `TOO_LONG` a row without end; nothing after it was read
 * - `DUPLICATE` another row of the same delivery has the same id and says something else
 * - `DANGLING` the row points at a record that is not there
 * - `AMBIGUOUS` the row's person could be more than one, or is said to be somebody else
 * - `UNKNOWN_EVENT` an event cairn has no place for
 */
export type RefusalCode =
  | "MISSING"
  | "BAD_VALUE"
  | "ENCODING"
  | "COLUMNS"
  | "QUOTES"
  | "TOO_LONG"
  | "DUPLICATE"
  | "DANGLING"
  | "AMBIGUOUS"
  | "UNKNOWN_EVENT";

/** One kind of deviation from the standard that was read all the same, and how often it occurred. */
export interface Leniency {
  readonly file: string;
  readonly what: string;
  readonly count: number;
}

/** What became of the rows of one file: rows = new + changed + unchanged + refused. */
export interface FileCounts {
  readonly file: string;
  readonly rows: number;
  readonly new: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly refused: number;
}

/** The outcome of one import. */
export interface ImportReport {
  readonly batchId: string;
  /** Such as `OneRoster CSV 1.2`. */
  readonly standard: string;
  /** What the source may say: `contributed` when its records went to the Profile. */
  readonly standing: Standing;
  readonly files: readonly FileCounts[];
  readonly leniencies: readonly Leniency[];
  /** The first 20; all of them are kept in import_refusal (unless this was a dry run). */
  readonly refusals: readonly Refusal[];
  readonly dryRun: boolean;
  readonly seconds: number;
}

interface MutableCounts {
  rows: number;
  new: number;
  changed: number;
  unchanged: number;
  refused: number;
}

/** Gathers what an import did, file by file. */
export class ReportBuilder {
  readonly #files = new Map<string, MutableCounts>();
  readonly #leniencies = new Map<string, { file: string; what: string; count: number }>();

  /** The running counts of a file; made at its first mention, so files are listed in reading order. */
  counts(file: string): MutableCounts {
    let counts = this.#files.get(file);
    if (counts === undefined) {
      counts = { rows: 0, new: 0, changed: 0, unchanged: 0, refused: 0 };
      this.#files.set(file, counts);
    }
    return counts;
  }

  /** Notes a deviation that was read all the same. */
  lenient(file: string, what: string, count = 1): void {
    if (count === 0) return;
    const key = `${file}\u0000${what}`;
    const known = this.#leniencies.get(key);
    if (known === undefined) this.#leniencies.set(key, { file, what, count });
    else known.count += count;
  }

  /** The counts so far, in reading order. */
  files(): FileCounts[] {
    return [...this.#files].map(([file, counts]) => ({ file, ...counts }));
  }

  /** The leniencies so far, in order of first occurrence. */
  leniencies(): Leniency[] {
    return [...this.#leniencies.values()].map((leniency) => ({ ...leniency }));
  }
}
