import { anyStrongSystem } from "../core/people.ts";
import type { Row } from "../core/row.ts";
import { shown } from "../core/row.ts";
import type { StagedValue } from "../core/staging.ts";
import type { TableFormat } from "../core/table-format.ts";
import type { Target } from "../core/targets.ts";

/** What a row of a flat file says about one record. */
export interface FlatRecord {
  /** The table it goes to, where that is not the profile's own. */
  readonly target?: Target;
  /** What many rows say alike, such as the test of a result: the first is taken, and it stands for no row. */
  readonly definition?: boolean;
  /** The natural key: the cells that make the row the same record when it comes again. */
  readonly key: readonly string[];
  /** The student's number, where the row has one. */
  readonly student?: string;
  /** The source's own recording date. */
  readonly ownDate: string | null;
  readonly validFrom?: string | null;
  readonly validTo?: string | null;
  /** In the order of the target's columns. */
  readonly values: readonly StagedValue[];
}

/** What a profile needs to know of the delivery its rows stand in. */
export interface FlatContext {
  /** The day the delivery came in. */
  readonly receivedOn: string;
  /** The day the file speaks of, where who brings it has said so. */
  readonly date?: string | undefined;
  /** The record key of a natural key of the same source, for a record that points at another. */
  readonly recordKey: (key: readonly string[]) => string;
}

/** A profile as code: which columns a file has, and the records of a row. */
export interface FlatProfile {
  /** The table whose records stand for rows of the file. */
  readonly target: Target;
  /** Name and version, kept with the batch and beside refused rows. */
  readonly label?: string;
  /** How the rows stand in the file; as usual when absent. */
  readonly format?: TableFormat;
  /** Whether column names are taken as they stand. */
  readonly exact?: boolean;
  /** Whether rows need the day the file speaks of, which they do not say themselves. */
  readonly needsDate?: boolean;
  /** Prefixes of columns that are kept without being known. */
  readonly extensions?: readonly string[];
  /** Every table it fills, what is pointed at first; {@link target} alone when absent. */
  readonly targets?: readonly Target[];
  readonly columns: readonly string[];
  readonly required: readonly string[];
  /** The records of a row; a cell that does not fit leaves its problem on the row. */
  readonly read: (row: Row, context: FlatContext) => FlatRecord | readonly FlatRecord[];
}

/** The naming system under which `student_id` is looked up. */
export const studentSystem: string = anyStrongSystem;

/** A natural key as one text: `|` between the parts, doubled inside them. */
export function naturalKey(parts: readonly string[]): string {
  return parts.map((part) => part.replaceAll("|", "||")).join("|");
}

/** When the school wrote it down; a row cannot have been known before it happened. */
export function recordedOn(row: Row, date: string): string | null {
  const recorded = row.date("recorded_on");
  if (recorded === null) return date === "" ? null : date;
  if (recorded < date) {
    row.lenient("recorded_on before the day itself: the day taken");
    return date;
  }
  return recorded;
}

/**
 * When a record of several days was known: when the school wrote it down, else the latest day it tells of that is not after
 * the receipt. An end that lies ahead was planned; one that lies behind was not known before it came.
 */
export function toldOn(row: Row, receivedOn: string, ...days: readonly (string | null)[]): string | null {
  const recorded = row.date("recorded_on");
  if (recorded !== null) return recorded;
  const told = days.filter((day): day is string => day !== null && day !== "" && day <= receivedOn).sort();
  return told.at(-1) ?? days.find((day) => day !== null && day !== "") ?? null;
}

/** The end of something that began: not before its begin. */
export function endOf(row: Row, column: string, begins: string): string | null {
  const ends = row.date(column);
  if (ends !== null && begins !== "" && ends < begins)
    row.fail(column, "BAD_VALUE", `expected a day on or after ${begins}, got ${shown(ends)}`);
  return ends;
}

/** A number that must be there. */
export function requiredNumber(row: Row, column: string, bounds: { minimum?: number; maximum?: number } = {}): number {
  return row.required(column) === "" ? 0 : (row.number(column, bounds) ?? 0);
}
