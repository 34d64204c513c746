import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { gunzipSync } from "node:zlib";
import { CairnError } from "../../../errors.ts";

/** How a file of responses is laid out; columns are found by their names in the header. */
export type ResponseFormat = "lpp" | "akt";

/** One response as a file tells it; texts are kept as they are. */
export interface ResponseRow {
  readonly learner: string;
  readonly item: string;
  readonly skill: string;
  /** What orders a learner's rows: the timestamp (lpp) or the position (akt). */
  readonly order: number;
  readonly outcome: 0 | 1;
  /** The published fold of the learner; only in akt files. */
  readonly fold: number;
}

interface Column {
  readonly name: string;
  readonly at: number;
}

const required: Readonly<Record<ResponseFormat, readonly string[]>> = {
  lpp: ["user_id", "item_id", "correct", "skill_id"],
  akt: ["fold", "user_id", "seq", "skill_id", "correct"],
};

/**
 * The responses of a file, plain or gzip-compressed: tab-separated `user_id, item_id, timestamp, correct, skill_id` (lpp; the
 * timestamp may be absent) or comma-separated `fold, user_id, seq, problem_id, skill_id, correct` (akt; without `problem_id`
 * the skill is the item).
 * @throws CairnError `UNREADABLE_FILE` without a file or a usable header, `BAD_INPUT` for a bad cell, with line and column
 */
export async function readResponseFile(path: string, format: ResponseFormat): Promise<ResponseRow[]> {
  const file = basename(path);
  const text = await readText(path, file);
  const lines = text.split("\n");
  const header = (lines[0] ?? "").replace(/^\uFEFF/, "").replace(/\r$/, "");
  const separator = header.includes("\t") ? "\t" : ",";
  const names = header.split(separator).map((name) => name.trim());
  for (const name of required[format]) {
    if (!names.includes(name)) {
      throw new CairnError(
        "UNREADABLE_FILE",
        `expected a column "${name}" in the header of ${file}, got ${quote(header)}`,
        {
          hint: `a file in the ${format} format starts with a line ${required[format].join(", ")}`,
          details: { file, line: 1, column: name },
        },
      );
    }
  }
  const rows: ResponseRow[] = [];
  const parse = rowParser(names, format);
  for (let index = 1; index < lines.length; index++) {
    const line = lines[index]!.endsWith("\r") ? lines[index]!.slice(0, -1) : lines[index]!;
    if (line === "") continue;
    const cells = line.split(separator);
    if (cells.length !== names.length) {
      throw new CairnError(
        "BAD_INPUT",
        `${file}, line ${index + 1}: expected ${names.length} columns, got ${cells.length}`,
        {
          hint: "a cell may not hold the separator or a line end",
          details: { file, line: index + 1 },
        },
      );
    }
    rows.push(parse(cells, { file, line: index + 1 }));
  }
  if (rows.length === 0) {
    throw new CairnError("UNREADABLE_FILE", `expected responses in ${file}, got a header only`, {
      details: { file, line: 1 },
    });
  }
  return rows;
}

async function readText(path: string, file: string): Promise<string> {
  try {
    const bytes = await readFile(path);
    const zipped = bytes[0] === 0x1f && bytes[1] === 0x8b; // gzip's magic number: the name does not matter
    return (zipped ? gunzipSync(bytes) : bytes).toString("utf8");
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.split(",")[0] : "something else";
    throw new CairnError("UNREADABLE_FILE", `expected a readable text or gzip file ${file}, got: ${reason}`, {
      hint: "check the path, and whether the download is complete",
      cause,
    });
  }
}

interface Place {
  readonly file: string;
  readonly line: number;
}

function rowParser(names: readonly string[], format: ResponseFormat): (cells: string[], place: Place) => ResponseRow {
  const column = (name: string): Column => ({ name, at: names.indexOf(name) });
  const learner = column("user_id");
  const skill = column("skill_id");
  const correct = column("correct");
  const fold = column("fold");
  const order = column(format === "lpp" ? "timestamp" : "seq");
  const itemName = format === "lpp" ? "item_id" : "problem_id";
  const item = names.includes(itemName) ? column(itemName) : skill;
  return (cells, place) => ({
    learner: textOf(cells, learner, place),
    item: textOf(cells, item, place),
    skill: textOf(cells, skill, place),
    order: order.at < 0 ? 0 : numberOf(cells, order, place),
    outcome: outcomeOf(cells, correct, place),
    fold: format === "akt" ? wholeOf(cells, fold, place) : 0,
  });
}

function textOf(cells: readonly string[], { name, at }: Column, place: Place): string {
  const text = cells[at]!.trim();
  if (text === "") throw bad(place, name, "expected an id, got an empty cell");
  return text;
}

function numberOf(cells: readonly string[], { name, at }: Column, place: Place): number {
  const value = Number(cells[at]);
  if (cells[at]!.trim() === "" || !Number.isFinite(value))
    throw bad(place, name, `expected a number, got ${quote(cells[at]!)}`);
  return value;
}

function wholeOf(cells: readonly string[], column: Column, place: Place): number {
  const value = numberOf(cells, column, place);
  if (!Number.isInteger(value)) throw bad(place, column.name, `expected a whole number, got ${value}`);
  return value;
}

function outcomeOf(cells: readonly string[], { name, at }: Column, place: Place): 0 | 1 {
  const value = cells[at]!.trim() === "" ? Number.NaN : Number(cells[at]);
  if (value !== 0 && value !== 1) throw bad(place, name, `expected 0 or 1, got ${quote(cells[at]!)}`);
  return value;
}

function bad({ file, line }: Place, column: string, reason: string): CairnError {
  return new CairnError("BAD_INPUT", `${file}, line ${line}, column ${column}: ${reason}`, {
    hint: "mend or drop the line: an evaluation on part of a file would be another evaluation",
    details: { file, line, column },
  });
}

function quote(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}
