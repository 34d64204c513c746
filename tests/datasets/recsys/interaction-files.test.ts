import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { readGroups, readLists } from "../../../datasets/recsys/interaction-files.ts";
import { splitByRecbole, splitByTime } from "../../../datasets/recsys/splits.ts";
import { readTriples } from "../../../datasets/recsys/triples.ts";
import { CairnError } from "../../../src/errors.ts";

const folder = mkdtempSync(join(tmpdir(), "cairn-recsys-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

function refusal(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof CairnError) return `${error.code} ${error.message}`.replaceAll(folder, "");
    throw error;
  }
  throw new Error("expected a CairnError, got no error");
}

const good = { train: "2 10 9\r\n1 9\n\n", valid: "1 10\n", test: "2 100\n" };
const lists = (texts: Partial<typeof good> = {}): ReturnType<typeof readLists> =>
  readLists({
    train: file("train.txt", texts.train ?? good.train),
    valid: file("valid.txt", texts.valid ?? good.valid),
    test: file("test.txt", texts.test ?? good.test),
  });

test("lists: ids in the order of their numbers, users in every part", () => {
  const split = lists();
  expect(split.items).toEqual(["9", "10", "100"]);
  expect(split.train.map((row) => [...row])).toEqual([[0], [0, 1]]);
  expect(split.valid.map((row) => [...row])).toEqual([[1], []]);
  expect(split.test.map((row) => [...row])).toEqual([[], [2]]);
});

test("ids that are text are ordered as text", () => {
  expect(lists({ train: "u b a\n", valid: "u c\n", test: "u 10\n" }).items).toEqual(["10", "a", "b", "c"]);
});

test("bad lists are refused with the line and the reason", () => {
  expect(refusal(() => lists({ train: "1 9\n1 10\n" }))).toMatch(/UNREADABLE_FILE .*train.txt, line 2: .*line 1/);
  expect(refusal(() => lists({ train: "1 9\n\n2\n" }))).toMatch(/line 3: expected items after the user, got none/);
  expect(refusal(() => lists({ test: "2 10\n" }))).toMatch(
    /test.txt, line 1: expected items of no earlier part, got 10/,
  );
  expect(refusal(() => lists({ valid: "\n" }))).toMatch(/valid.txt: expected lines, got an empty file/);
  expect(refusal(() => readLists({ train: join(folder, "none"), valid: "", test: "" }))).toMatch(
    /can be read, got none/,
  );
});

test("triples: plain and compressed are the same; bad lines are refused with number and reason", () => {
  const text = Array.from({ length: 40 }, (_, i) => `u${i % 2}\ti${i}\t${i % 5}\t${1000 + i}`).join("\n");
  const plain = readTriples(file("t.tsv", text), "recbole", 3);
  expect(readTriples(file("t.tsv.gz", gzipSync(text)), "recbole", 3)).toEqual(plain);
  expect(readTriples(file("t.tsv", text), "recbole", 4)).not.toEqual(plain);
  expect([plain.train, plain.valid, plain.test].map((part) => part[0]!.length)).toEqual([16, 2, 2]);
  const bad = (line: string): string =>
    refusal(() => readTriples(file("bad.tsv", `a\tb\t1\t2\n${line}\n`), "temporal", 1));
  expect(bad("a b 1 2")).toMatch(/line 2: expected 4 tab-separated fields, got 1/);
  expect(bad("a\tc\tx\t2")).toMatch(/line 2: expected a number as the value, got "x"/);
  expect(bad("a\tc\t1\t")).toMatch(/line 2: expected a number as the timestamp, got ""/);
  expect(bad("\tb\t1\t3")).toMatch(/line 2: expected a user and an item/);
  expect(refusal(() => readTriples(file("cut.gz", gzipSync(text).subarray(0, 40)), "recbole", 1))).toMatch(/damaged/);
});

test("what comes again counts once and is counted: at its first place and earliest time", () => {
  const twice = lists({ train: "1 9 9 9\n" });
  expect([twice.repeats, ...twice.train.map((row) => row.length)]).toEqual([2, 1, 0]);
  const lines = Array.from({ length: 10 }, (_, i) => `u\ti${i}\t1\t${100 + i}`);
  const once = readTriples(file("once.tsv", lines.join("\n")), "recbole", 1);
  const again = readTriples(file("again.tsv", [...lines, "u\ti3\t1\t50", "u\ti4\t1\t900"].join("\n")), "recbole", 1);
  expect([once.repeats, again.repeats]).toEqual([0, 2]);
  expect(again.train).toEqual(once.train);
  const timeOf = (split: typeof once, item: string): number =>
    split.trainTimes![0]![split.train[0]!.indexOf(split.items.indexOf(item))]!;
  for (const item of ["i3", "i4"]) {
    if (once.train[0]!.includes(once.items.indexOf(item)))
      expect(timeOf(again, item)).toBe(item === "i3" ? 50 : timeOf(once, item));
  }
});

test("fields that are missing from the whole file, a line of names, huge and odd ids", () => {
  const rows = Array.from({ length: 30 }, (_, i) => [`90071992547409${930 + (i % 3)}`, `${10n ** 20n + BigInt(i)}`]);
  const write = (name: string, extra: readonly string[], first = ""): string =>
    file(name, first + rows.map((row) => [...row, ...extra].join("\t")).join("\r\n"));
  const pairs = readTriples(write("pairs.tsv", []), "recbole", 1);
  expect(readTriples(write("values.tsv", ["3"]), "recbole", 1)).toEqual(pairs);
  const { trainTimes, ...timed } = readTriples(
    write("named.tsv", ["3", "7"], "user_id:token\titem_id:token\trating:float\ttimestamp:float\n"),
    "recbole",
    1,
  );
  expect(timed).toEqual(pairs);
  expect(trainTimes!.map((row) => row.length)).toEqual(timed.train.map((row) => row.length));
  expect(pairs.items[0]).toBe("100000000000000000000");
  expect(pairs.items.at(-1)).toBe("100000000000000000029");
  expect(refusal(() => readTriples(write("pairs.tsv", []), "temporal", 1))).toMatch(/expected timestamps/);
  expect(refusal(() => readTriples(file("mixed.tsv", "a\tb\t1\t2\na\tc\t1\n"), "recbole", 1))).toMatch(
    /line 2: expected 4/,
  );
  expect(refusal(() => readTriples(file("names.tsv", "a\tb\tvalue\ttime\n"), "recbole", 1))).toMatch(/got none/);
});

test("groups by id: unnamed ids have none, bad lines are refused", () => {
  const groups = (text: string): (string | undefined)[] => readGroups(file("groups.tsv", text), ["1", "2", "3"]);
  expect(groups("3\tgirls \r\n1\tboys\n9\tboys\n")).toEqual(["boys", undefined, "girls"]);
  expect(refusal(() => groups("1 boys"))).toMatch(/line 1: expected an id and a group/);
  expect(refusal(() => groups("1\ta\n1\tb"))).toMatch(/line 2: expected every id once/);
  expect(refusal(() => groups("7\ta"))).toMatch(/expected ids of the interactions/);
});

const users = fc.array(
  fc.uniqueArray(fc.record({ item: fc.nat(50), time: fc.nat(20) }), { selector: ({ item }) => item, maxLength: 30 }),
  { minLength: 1, maxLength: 8 },
);

test("both splits keep every pair once; no test event is before a training event in time", () => {
  fc.assert(
    fc.property(users, fc.integer(), (events, seed) => {
      const input = events.map((own) => ({ items: own.map(({ item }) => item), times: own.map(({ time }) => time) }));
      const splits = [splitByRecbole(input, seed), splitByTime(input)];
      for (const split of splits) {
        for (const [user, { items }] of input.entries()) {
          const parts = [split.train, split.valid, split.test].flatMap((part) => [...part[user]!]);
          expect(parts.sort((a, b) => a - b)).toEqual([...items].sort((a, b) => a - b));
        }
      }
      const timesOf = (part: readonly Int32Array[]): number[] =>
        part.flatMap((row, user) => [...row].map((item) => events[user]!.find((event) => event.item === item)!.time));
      const { train, valid, test: last } = splits[1]!;
      const ends = [train, valid, last].map(timesOf).filter((times) => times.length > 0);
      for (let i = 1; i < ends.length; i++) expect(Math.max(...ends[i - 1]!)).toBeLessThan(Math.min(...ends[i]!));
    }),
  );
});
