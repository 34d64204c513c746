import type { InteractionSplit } from "./interaction-files.ts";
import { badFile, badLine, inOrder, numberIds, readLines } from "./lines.ts";
import { splitByRecbole, splitByTime, type UserEvents } from "./splits.ts";

/** How triples are split: RecBole's 8:1:1 per user at random, or at two moments for all users alike. */
export type TripleSplit = "recbole" | "temporal";

const MOST_FIELDS = 4; // user, item, value, timestamp
const LEAST_FIELDS = 2; // a value and a timestamp may be missing in the whole file

/**
 * Reads a file of triples, tab-separated `user item value timestamp` a line, plain or gzip-compressed, every pair a positive
 * whatever its value, and splits it. The timestamp, or value and timestamp, may be missing from all lines. A first line that names the
 * columns is passed over. A pair that comes again counts once, at its place in the file and at its earliest time.
 * @param seed - of the split at random
 * @throws CairnError `UNREADABLE_FILE` with the file, the line and the reason
 */
export function readTriples(file: string, split: TripleSplit, seed: number): InteractionSplit {
  const log = readEvents(file);
  if (split === "temporal" && log.times === undefined) {
    const reason = "expected timestamps for a split by time, got none: the fourth field is missing";
    throw badFile(file, reason, undefined, "split with recbole, or give each line a timestamp");
  }
  const items = inOrder(log.itemIds);
  const users = inOrder(log.userIds);
  const { events, repeats } = groupByUser(log, users, items);
  const parts = split === "recbole" ? splitByRecbole(events, seed) : splitByTime(events);
  return { items, users, ...parts, repeats };
}

/** The lines as numbers, in typed arrays: a log may have many millions. */
interface EventLog {
  readonly userIds: readonly string[];
  readonly itemIds: readonly string[];
  /** Shape (events): numbers into the ids. */
  readonly users: Int32Array;
  readonly items: Int32Array;
  readonly times: Float64Array | undefined;
}

function readEvents(file: string): EventLog {
  const users = numberIds();
  const items = numberIds();
  let columns = { users: new Int32Array(1024), items: new Int32Array(1024), times: new Float64Array(1024) };
  let count = 0;
  let fields: number | undefined;
  for (const [number, line] of readLines(file)) {
    const cells = line.split("\t");
    if (fields === undefined && namesColumns(cells)) continue;
    checkCells(file, number, cells, fields);
    fields = cells.length;
    const [user, item, , time] = cells;
    if (count === columns.users.length) columns = grow(columns);
    columns.users[count] = users.numberOf(user!);
    columns.items[count] = items.numberOf(item!);
    columns.times[count++] = Number(time ?? 0);
  }
  if (fields === undefined) throw badFile(file, "expected lines after the names of the columns, got none");
  return {
    userIds: users.ids,
    itemIds: items.ids,
    users: columns.users.subarray(0, count),
    items: columns.items.subarray(0, count),
    times: fields === MOST_FIELDS ? columns.times.subarray(0, count) : undefined,
  };
}

/** Fails for a line that is no pair of a user and an item, or unlike the lines before it. */
function checkCells(file: string, number: number, cells: readonly string[], fields: number | undefined): void {
  if (cells.length > MOST_FIELDS || cells.length < LEAST_FIELDS || cells.length !== (fields ?? cells.length)) {
    throw badLine(file, number, `expected ${fields ?? MOST_FIELDS} tab-separated fields, got ${cells.length}`);
  }
  const [user, item, value, time] = cells;
  if (user === "" || item === "") throw badLine(file, number, "expected a user and an item, got an empty field");
  if (value !== undefined && !isNumber(value)) {
    throw badLine(file, number, `expected a number as the value, got "${value}"`);
  }
  if (time !== undefined && !isNumber(time)) {
    throw badLine(file, number, `expected a number as the timestamp, got "${time}"`);
  }
}

/** A first line such as RecBole's `user_id:token	item_id:token	rating:float	timestamp:float`: words where numbers must stand. */
function namesColumns(cells: readonly string[]): boolean {
  const numeric = cells.slice(LEAST_FIELDS);
  return (
    numeric.length > 0 && cells.length <= MOST_FIELDS && numeric.every((cell) => /^[a-z_]+(:[a-z_]+)?$/i.test(cell))
  );
}

function grow({ users, items, times }: { users: Int32Array; items: Int32Array; times: Float64Array }) {
  const length = 2 * users.length;
  const grown = { users: new Int32Array(length), items: new Int32Array(length), times: new Float64Array(length) };
  grown.users.set(users);
  grown.items.set(items);
  grown.times.set(times);
  return grown;
}

/** Every user's events in file order, users and items by their place among the ordered ids. */
function groupByUser(
  { userIds, itemIds, users, items, times }: EventLog,
  orderedUsers: readonly string[],
  orderedItems: readonly string[],
): { events: UserEvents[]; repeats: number } {
  const placeOf = placesOf(userIds, orderedUsers);
  const itemOf = placesOf(itemIds, orderedItems);
  const rows: number[][] = orderedUsers.map(() => []);
  for (let event = 0; event < users.length; event++) rows[placeOf[users[event]!]!]!.push(event);
  const seenAt = new Int32Array(itemIds.length).fill(-1); // the place in the row of the user who had it last
  const lastUser = new Int32Array(itemIds.length).fill(-1);
  let repeats = 0;
  const events = rows.map((row, user): UserEvents => {
    const own: number[] = [];
    const moments: number[] = [];
    for (const event of row) {
      const item = items[event]!;
      const time = times === undefined ? 0 : times[event]!;
      if (lastUser[item] === user) {
        repeats++;
        moments[seenAt[item]!] = Math.min(moments[seenAt[item]!]!, time);
        continue;
      }
      lastUser[item] = user;
      seenAt[item] = own.push(itemOf[item]!) - 1;
      moments.push(time);
    }
    return { items: Int32Array.from(own), ...(times === undefined ? {} : { times: Float64Array.from(moments) }) };
  });
  return { events, repeats };
}

function placesOf(ids: readonly string[], ordered: readonly string[]): Int32Array {
  const places = new Map(ordered.map((id, place) => [id, place]));
  return Int32Array.from(ids, (id) => places.get(id)!);
}

function isNumber(text: string): boolean {
  return text.trim() !== "" && Number.isFinite(Number(text));
}
