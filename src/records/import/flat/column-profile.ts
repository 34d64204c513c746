import { z } from "zod";
import { CairnError } from "../../../errors.ts";
import type { TableFormat } from "../core/table-format.ts";
import { flatProfiles } from "./profiles.ts";

const columnName = z.string().min(1).max(200);

const datePattern = z.string().refine((text) => /Y/.test(text) && text.includes("MM") && text.includes("DD"), {
  error: "expected a pattern of YYYY (or YY), MM and DD",
});

const cellRule = z
  .strictObject({
    column: z.union([columnName, z.array(columnName).min(1)]).optional(),
    value: z.string().optional(),
    text: z.string().optional(),
    slice: z.tuple([z.int().min(1), z.int().min(1)]).optional(),
    split: z.strictObject({ by: z.string().min(1), part: z.int().min(0) }).optional(),
    strip: z.string().min(1).optional(),
    date: z.union([datePattern, z.array(datePattern).min(1)]).optional(),
    words: z.record(z.string(), z.string()).optional(),
    otherwise: z.string().optional(),
    bands: z
      .array(z.tuple([z.number(), z.string()]))
      .min(1)
      .optional(),
    scale: z.number().optional(),
  })
  .refine(({ column, value, text }) => [column, value, text].filter((one) => one !== undefined).length === 1, {
    error: "expected one of column, value and text",
  });

const rowRule = z.strictObject({
  into: z.enum(Object.keys(flatProfiles) as [string, ...string[]]),
  each: z.array(z.array(z.record(z.string(), z.string())).min(1)).optional(),
  needs: z.array(columnName).min(1).optional(),
  when: z.record(columnName, z.array(z.string()).min(1)).optional(),
  cells: z.record(z.string(), z.union([columnName, cellRule])),
  keeps: z.array(columnName).min(1).optional(),
  known: z.literal("at-receipt").optional(),
});

const schema = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, { error: "expected lower-case letters, digits and -" }),
  version: z.string().min(1).max(20),
  title: z.string().min(1),
  format: z
    .strictObject({
      delimiter: z.enum([",", "\t", ";", "|"]).optional(),
      escape: z.enum(['"', "\\"]).optional(),
      headerQuote: z.enum(["'"]).optional(),
      columns: z.array(columnName).min(1).optional(),
      widths: z
        .array(z.strictObject({ column: columnName, from: z.int().min(1), to: z.int().min(1) }))
        .min(1)
        .optional(),
      encoding: z.enum(["utf-8", "utf-16le", "utf-16be", "windows-1252"]).optional(),
      blanks: z.array(z.string()).optional(),
    })
    .optional(),
  required: z.array(columnName).min(1),
  rows: z.array(rowRule).min(1),
});

/** How one cell of a cairn row comes about: exactly one of `column`, `value` and `text`, then what is done with it, in this order. */
export interface CellRule {
  /** The column of the file; of several, the first that is filled. `@date` is the day the file speaks of, said by who brings it. */
  readonly column?: string | readonly string[];
  /** The same for every row. */
  readonly value?: string;
  /** Columns in a text, such as `map/{Subject}`; empty when one of them is. */
  readonly text?: string;
  /** From one character (counted from 1) to another of a cell of fixed places. */
  readonly slice?: readonly [number, number];
  /** One part of a cell that holds several, such as 0 of `85.12 B+` by a blank. */
  readonly split?: { readonly by: string; readonly part: number };
  /** Characters that are taken off both ends, such as `%`. */
  readonly strip?: string;
  /** How the day is written, such as `MM/DD/YYYY`, `MMDDYYYY` or `YYYY-MM-DD`; of several, the first that fits. What follows it (a time) is left out. */
  readonly date?: string | readonly string[];
  /** The word for each cell, whatever its case. A cell that is not named here is refused, unless `otherwise` says what it means. */
  readonly words?: Readonly<Record<string, string>>;
  readonly otherwise?: string;
  /** The word from a number on: ascending pairs such as `[[0, "valid"], [30, "rushed"]]`. */
  readonly bands?: readonly (readonly [number, string])[];
  /** A number is multiplied by it, such as 0.01 for percent. */
  readonly scale?: number;
}

/** How a row of the file becomes a row of one of cairn's own flat files. */
export interface RowRule {
  /** The flat file whose columns {@link cells} fills, such as `assessments`. */
  readonly into: string;
  /**
   * The rule once for each combination of one entry of every list; `{name}` in its texts stands for the entry's value. For files
   * that hold several subjects, seasons or parts in a row.
   */
  readonly each?: readonly (readonly Readonly<Record<string, string>>[])[];
  /** The rule makes a row only when one of these columns is filled. */
  readonly needs?: readonly string[];
  /** The rule makes a row only when each of these columns holds one of its words. */
  readonly when?: Readonly<Record<string, readonly string[]>>;
  /** By column of the flat file; a text alone is the column it is copied from. */
  readonly cells: Readonly<Record<string, string | CellRule>>;
  /** Columns (a trailing `*` for a prefix) that go as they stand into `scores`. Never columns that name or describe a person. */
  readonly keeps?: readonly string[];
  /** The school learnt it when the file came: for results that are told months after the day of the test. */
  readonly known?: "at-receipt";
}

/**
 * A column profile as data: which column of a foreign file is which field, and how to read it. A district writes its own as
 * JSON; see docs/import.md.
 */
export interface ColumnProfile {
  readonly name: string;
  /** Increased when the same file would give other records. */
  readonly version: string;
  /** Which file of which system. */
  readonly title: string;
  readonly format?: TableFormat;
  /** The columns that must be there: without them it is another file. */
  readonly required: readonly string[];
  readonly rows: readonly RowRule[];
}

/**
 * A column profile from JSON, all its faults listed at once.
 * @throws CairnError `BAD_INPUT`
 */
export function parseColumnProfile(value: unknown): ColumnProfile {
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    throw faulty(parsed.error.issues.map(({ path, message }) => `${path.join(".") || "the profile"}: ${message}`));
  }
  const faults = parsed.data.rows.flatMap((rule, i) => {
    const { columns, required } = flatProfiles[rule.into as keyof typeof flatProfiles];
    const known = [...columns, "scores"];
    return [
      ...Object.keys(rule.cells)
        .filter((cell) => !known.includes(cell))
        .map((cell) => `rows.${i}.cells.${cell}: ${rule.into} has no such column`),
      ...required
        .filter((cell) => rule.cells[cell] === undefined)
        .map((cell) => `rows.${i}.cells: ${rule.into} needs ${cell}`),
    ];
  });
  if (faults.length > 0) throw faulty(faults);
  return parsed.data as ColumnProfile;
}

function faulty(faults: readonly string[]): CairnError {
  return new CairnError(
    "BAD_INPUT",
    `expected a column profile, got one with ${faults.length} faults: ${faults.join("; ")}`,
    {
      hint: "docs/import.md says what a profile holds",
      details: { faults },
    },
  );
}
