import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { CairnError } from "../../src/errors.ts";
import type { RecommendationSplit } from "./movielens.ts";
import { splitByRecbole, splitByTime, type UserEvents } from "./splits.ts";

/** How triples are split: RecBole's 8:1:1 per user at random, or at two moments for all users alike. */
export type TripleSplit = "recbole" | "temporal";

/**
 * Reads three files of lists, `user item item …` a line, blank-separated, plain or gzip-compressed. Users and items are
 * numbered in the order of their ids (as numbers when all are). The parts of a user are disjoint; a user may be absent from
 * any part.
 * @throws CairnError `UNREADABLE_FILE` with the file, the line and the reason
 */
export function readLists(files: Readonly<Record<"train" | "valid" | "test", string>>): RecommendationSplit {
  const parts = { train: readRows(files.train), valid: readRows(files.valid), test: readRows(files.test) };
  const all = [parts.train, parts.valid, parts.test];
  const users = inOrder(new Set(all.flatMap((part) => [...part.keys()])));
  const ids = new Set<string>();
  for (const part of all) for (const { items } of part.values()) for (const item of items) ids.add(item);
  const items = inOrder(ids);
  refuseOverlap(files, parts, users);
  const index = new Map(items.map((id, i) => [id, i]));
  const rows = (part: ReadonlyMap<string, ListRow>): Int32Array[] =>
    users.map((user) => Int32Array.from(part.get(user)?.items ?? [], (id) => index.get(id)!).sort());
  return { items, train: rows(parts.train), valid: rows(parts.valid), test: rows(parts.test) };
}

/**
 * Reads a file of triples, tab-separated `user item value timestamp` a line, plain or gzip-compressed, every pair a positive
 * whatever its value, and splits it.
 * @param seed - of the split at random
 * @throws CairnError `UNREADABLE_FILE` with the file, the line and the reason
 */
export function readTriples(file: string, split: TripleSplit, seed: number): RecommendationSplit {
  const byUser = new Map<string, { item: string; time: number }[]>();
  const ids = new Set<string>();
  const seen = new Set<string>();
  for (const [number, line] of readLines(file)) {
    const cells = line.split("\t");
    const [user, item, value, time] = cells;
    if (cells.length !== 4) throw badLine(file, number, `expected 4 tab-separated fields, got ${cells.length}`);
    if (user === "" || item === "") throw badLine(file, number, "expected a user and an item, got an empty field");
    if (!isNumber(value!)) throw badLine(file, number, `expected a number as the value, got "${value}"`);
    if (!isNumber(time!)) throw badLine(file, number, `expected a number as the timestamp, got "${time}"`);
    const pair = `${user}\t${item}`;
    if (seen.has(pair)) throw badLine(file, number, `expected every user and item once, got item ${item} again`);
    seen.add(pair);
    ids.add(item!);
    const events = byUser.get(user!) ?? [];
    events.push({ item: item!, time: Number(time) });
    byUser.set(user!, events);
  }
  const items = inOrder(ids);
  const index = new Map(items.map((id, i) => [id, i]));
  const users: UserEvents[] = inOrder(byUser.keys()).map((user) => {
    const events = byUser.get(user)!;
    return { items: events.map(({ item }) => index.get(item)!), times: events.map(({ time }) => time) };
  });
  const parts = split === "recbole" ? splitByRecbole(users, seed) : splitByTime(users);
  return { items, ...parts };
}

interface ListRow {
  readonly line: number;
  readonly items: readonly string[];
}

function readRows(file: string): ReadonlyMap<string, ListRow> {
  const rows = new Map<string, ListRow>();
  for (const [number, line] of readLines(file)) {
    const [user, ...items] = line.trim().split(/\s+/);
    const earlier = rows.get(user!);
    if (earlier !== undefined) throw badLine(file, number, `expected every user once, got one of line ${earlier.line}`);
    if (items.length === 0) throw badLine(file, number, "expected items after the user, got none");
    const seen = new Set<string>();
    for (const item of items) {
      if (seen.has(item)) throw badLine(file, number, `expected every item once, got ${item} twice`);
      seen.add(item);
    }
    rows.set(user!, { line: number, items });
  }
  return rows;
}

/** An item that was trained on cannot be held out: it would never be ranked. */
function refuseOverlap(
  files: Readonly<Record<"train" | "valid" | "test", string>>,
  parts: Readonly<Record<"train" | "valid" | "test", ReadonlyMap<string, ListRow>>>,
  users: readonly string[],
): void {
  for (const user of users) {
    const seen = new Set(parts.train.get(user)?.items);
    for (const part of ["valid", "test"] as const) {
      const row = parts[part].get(user);
      for (const item of row?.items ?? []) {
        if (seen.has(item)) {
          throw badLine(files[part], row!.line, `expected items of no earlier part, got ${item} again`);
        }
        seen.add(item);
      }
    }
  }
}

/** The lines of a text file with their numbers, from 1; empty lines are left out. */
function readLines(file: string): [number, string][] {
  const lines = readText(file)
    .split(/\r?\n/)
    .map((line, i): [number, string] => [i + 1, line])
    .filter(([, line]) => line.trim() !== "");
  if (lines.length === 0) throw badFile(file, "expected lines, got an empty file");
  return lines;
}

function readText(file: string): string {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch (cause) {
    throw badFile(file, "expected a file that can be read, got none", cause);
  }
  try {
    const isCompressed = bytes[0] === 0x1f && bytes[1] === 0x8b;
    return new TextDecoder("utf-8", { fatal: true }).decode(isCompressed ? gunzipSync(bytes) : bytes);
  } catch (cause) {
    throw badFile(file, "expected UTF-8 text, plain or gzip-compressed, got a damaged file", cause);
  }
}

function isNumber(text: string): boolean {
  return text.trim() !== "" && Number.isFinite(Number(text));
}

/** Ids in order: as numbers when all are whole numbers, else as text. */
function inOrder(ids: Iterable<string>): string[] {
  const list = [...ids];
  const areNumbers = list.every((id) => /^\d{1,15}$/.test(id));
  return list.sort(areNumbers ? (a, b) => Number(a) - Number(b) || (a < b ? -1 : 1) : (a, b) => (a < b ? -1 : 1));
}

function badLine(file: string, line: number, reason: string): CairnError {
  return new CairnError("UNREADABLE_FILE", `${file}, line ${line}: ${reason}`, {
    hint: "lists are `user item item …`, triples user, item, value and timestamp between tabs",
    details: { line },
  });
}

function badFile(file: string, reason: string, cause?: unknown): CairnError {
  return new CairnError("UNREADABLE_FILE", `${file}: ${reason}`, { hint: "check the path and the format", cause });
}
