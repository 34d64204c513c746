import { badFile, badLine, inOrder, readLines } from "./lines.ts";
import type { RecommendationSplit } from "./movielens.ts";

/** What files of interactions hold. */
export interface InteractionSplit extends RecommendationSplit {
  /** The id of each user. */
  readonly users: readonly string[];
  /** Shape (train): when each happened, where the files tell. */
  readonly trainTimes?: readonly Float64Array[];
  /** Pairs that came again and count once. */
  readonly repeats: number;
}

/**
 * Reads three files of lists, `user item item …` a line, blank-separated, plain or gzip-compressed. Users and items are
 * numbered in the order of their ids (as numbers when all are). An item that comes again in a line counts once. The parts of a
 * user are disjoint; a user may be absent from any part.
 * @throws CairnError `UNREADABLE_FILE` with the file, the line and the reason
 */
export function readLists(files: Readonly<Record<"train" | "valid" | "test", string>>): InteractionSplit {
  const parts = { train: readRows(files.train), valid: readRows(files.valid), test: readRows(files.test) };
  const all = [parts.train, parts.valid, parts.test];
  const users = inOrder(new Set(all.flatMap(({ rows }) => [...rows.keys()])));
  const ids = new Set<string>();
  for (const { rows } of all) for (const { items } of rows.values()) for (const item of items) ids.add(item);
  const items = inOrder(ids);
  refuseOverlap(files, parts, users);
  const index = new Map(items.map((id, i) => [id, i]));
  const rowsOf = ({ rows }: ListFile): Int32Array[] =>
    users.map((user) => Int32Array.from(rows.get(user)?.items ?? [], (id) => index.get(id)!).sort());
  return {
    items,
    users,
    train: rowsOf(parts.train),
    valid: rowsOf(parts.valid),
    test: rowsOf(parts.test),
    repeats: all.reduce((sum, { repeats }) => sum + repeats, 0),
  };
}

interface ListFile {
  readonly rows: ReadonlyMap<string, ListRow>;
  readonly repeats: number;
}

interface ListRow {
  readonly line: number;
  readonly items: readonly string[];
}

function readRows(file: string): ListFile {
  const rows = new Map<string, ListRow>();
  let repeats = 0;
  for (const [number, line] of readLines(file)) {
    const [user, ...items] = line.trim().split(/\s+/);
    const earlier = rows.get(user!);
    if (earlier !== undefined) throw badLine(file, number, `expected every user once, got one of line ${earlier.line}`);
    if (items.length === 0) throw badLine(file, number, "expected items after the user, got none");
    const different = [...new Set(items)];
    repeats += items.length - different.length;
    rows.set(user!, { line: number, items: different });
  }
  return { rows, repeats };
}

/** An item that was trained on cannot be held out: it would never be ranked. */
function refuseOverlap(
  files: Readonly<Record<"train" | "valid" | "test", string>>,
  parts: Readonly<Record<"train" | "valid" | "test", ListFile>>,
  users: readonly string[],
): void {
  for (const user of users) {
    const seen = new Set(parts.train.rows.get(user)?.items);
    for (const part of ["valid", "test"] as const) {
      const row = parts[part].rows.get(user);
      for (const item of row?.items ?? []) {
        if (seen.has(item)) {
          throw badLine(files[part], row!.line, `expected items of no earlier part, got ${item} again`);
        }
        seen.add(item);
      }
    }
  }
}

/**
 * Reads which group each user (or item) belongs to: two tab-separated fields a line, plain or gzip-compressed. Ids that are in no
 * interaction are left out.
 * @param ids - of the users or items
 * @returns shape (ids): the group, undefined for one the file does not name
 * @throws CairnError `UNREADABLE_FILE` with the file, the line and the reason
 */
export function readGroups(file: string, ids: readonly string[]): (string | undefined)[] {
  const groups = new Map<string, string>();
  for (const [number, line] of readLines(file)) {
    const cells = line.split("\t").map((cell) => cell.trim());
    const [id, group] = cells;
    if (cells.length !== 2 || id === "" || group === "") {
      throw badLine(file, number, "expected an id and a group between a tab");
    }
    if (groups.has(id!)) throw badLine(file, number, "expected every id once, got one again");
    groups.set(id!, group!);
  }
  const found = ids.map((id) => groups.get(id));
  if (found.every((group) => group === undefined)) {
    throw badFile(file, "expected ids of the interactions, got none of them");
  }
  return found;
}
