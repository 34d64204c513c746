import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { readLists, readTriples } from "../../../datasets/recsys/interaction-files.ts";
import { splitByRecbole, splitByTime } from "../../../datasets/recsys/splits.ts";
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
  expect(refusal(() => lists({ train: "1 9 9\n" }))).toMatch(/line 1: expected every item once, got 9 twice/);
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
  expect(bad("a\tb\t1\t3")).toMatch(/line 2: expected every user and item once, got item b again/);
  expect(bad("\tb\t1\t3")).toMatch(/line 2: expected a user and an item/);
  expect(refusal(() => readTriples(file("cut.gz", gzipSync(text).subarray(0, 40)), "recbole", 1))).toMatch(/damaged/);
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
