import { CairnError } from "../../../errors.ts";
import { readCsv, toCsvLine } from "./csv.ts";
import { isFormula } from "./reader.ts";
import type { WaitingRow } from "./refused.ts";
import { shown } from "./row.ts";
import type { SourceFile } from "./source-file.ts";
import { textFile } from "./source-file.ts";

/** The first column of a file of refused rows: by it an edited row finds the refused one. */
const positionColumn = "cairn:position";
const reasonColumn = "cairn:reason";

/** The refused rows of one file as a CSV to edit: where each stands among the refused, why it was refused, and its cells. */
export async function toRepairFile(rows: readonly WaitingRow[]): Promise<string> {
  const header = rows[0]?.header ?? null;
  if (header === null) throw notATable();
  const lines = [`${positionColumn},${reasonColumn},${header}`];
  for (const { position, reason, raw } of rows) {
    const cells = (await cellsOf(raw)) ?? [raw];
    lines.push(toCsvLine([String(position), reason, ...cells].map(guarded)));
  }
  return `${lines.join("\n")}\n`;
}

/** The file of a second try: the rows with their header, and where each refused row stands in it. */
export interface SecondTry {
  readonly content: string;
  readonly rows: readonly { readonly position: number; readonly line: number }[];
}

/** The same rows again, for when what was in their way is gone. */
export function sameAgain(rows: readonly WaitingRow[]): SecondTry {
  const header = rows[0]?.header ?? null;
  if (header === null) throw notATable();
  // The rest of a file behind an open quotation mark would swallow the rows after it: it needs a hand.
  const whole = rows.filter(({ code }) => code !== "QUOTES" && code !== "TOO_LONG");
  return assembled(
    header,
    whole.map(({ position, raw }) => ({ position, raw })),
  );
}

/**
 * The rows of an edited repair file. Rows that were taken out of it go on waiting.
 * @throws CairnError `BAD_INPUT` when it is no repair file, or names rows that do not wait
 */
export async function edited(file: SourceFile, rows: readonly WaitingRow[]): Promise<SecondTry> {
  const waiting = new Set(rows.map(({ position }) => position));
  const again: { position: number; raw: string }[] = [];
  let header: string | undefined;
  for await (const { line, cells } of readCsv(file)) {
    if (header === undefined) {
      if (cells[0] !== positionColumn || cells[1] !== reasonColumn) throw notARepairFile(file.name);
      header = toCsvLine(cells.slice(2));
      continue;
    }
    const position = Number(cells[0]);
    if (!waiting.delete(position)) {
      throw new CairnError(
        "BAD_INPUT",
        `expected the position of a row that waits, once, in ${file.name} line ${line}, got ${shown(cells[0] ?? "")}`,
        { hint: "leave the first column as it came; rows may be taken out, not added" },
      );
    }
    again.push({ position, raw: toCsvLine(cells.slice(2).map(unguarded)) });
  }
  if (header === undefined) throw notARepairFile(file.name);
  return assembled(header, again);
}

function assembled(header: string, rows: readonly { position: number; raw: string }[]): SecondTry {
  const lines = [header];
  const places: { position: number; line: number }[] = [];
  let line = 1 + ends(header);
  for (const { position, raw } of rows) {
    line += 1;
    places.push({ position, line });
    lines.push(raw);
    line += ends(raw);
  }
  return { content: `${lines.join("\n")}\n`, rows: places };
}

function ends(text: string): number {
  return text.match(/\r\n|\n|\r/g)?.length ?? 0;
}

/** The cells of a kept row; undefined when it is the rest of a file that no quotation mark closes. */
async function cellsOf(raw: string): Promise<readonly string[] | undefined> {
  for await (const { cells, problem } of readCsv(textFile("row", raw), undefined, { encoding: "utf-8" })) {
    return problem?.code === "QUOTES" || problem?.code === "TOO_LONG" ? undefined : cells;
  }
  return undefined;
}

/** A spreadsheet takes a cell that begins so for a formula; an apostrophe before it says that it is a text. */
function guarded(cell: string): string {
  return isFormula(cell) || /^'+[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
}

function unguarded(cell: string): string {
  return /^'+[=+\-@\t\r]/.test(cell) ? cell.slice(1) : cell;
}

function notATable(): CairnError {
  return new CairnError("CONFLICT", "expected refused rows of a table, got rows of a file that is none", {
    hint: "import the delivery again: what is in is not repeated, and what was in the way may be gone",
  });
}

function notARepairFile(name: string): CairnError {
  return new CairnError("BAD_INPUT", `expected a file of refused rows, got ${name} without their first two columns`, {
    hint: "cairn import refused show --out writes one to edit",
  });
}
