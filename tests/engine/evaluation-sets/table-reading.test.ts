import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, expect, test } from "vitest";
import { readTable, type Table, type TableColumns } from "../../../src/engine/evaluation-sets/table/read-table.ts";
import { CairnError } from "../../../src/errors.ts";

const scratch = mkdtempSync(join(tmpdir(), "cairn-table-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

let files = 0;
function read(content: string | Buffer, columns: Partial<TableColumns> = {}): Promise<Table> {
  files += 1;
  const path = join(scratch, `it's ${files}.csv`); // a quote in a path is no SQL
  writeFileSync(path, content);
  return readTable(path, { label: "y", ...columns });
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => "no error",
    (error: unknown) => (error instanceof CairnError ? error.code : String(error)),
  );
}

const column = (table: Table, name: string) => table.matrix.columns.find((one) => one.name === name)!;

test.each([
  ["commas", "a,b,y\r\n1,x,0\r\n2,,1\r\n", "plain"],
  ["semicolons and a byte order mark", "\ufeffa;b;y\n1;x;0\n2;;1\n", "plain"],
  ["tabs, without a last line end", "a\tb\ty\n1\tx\t0\n2\t\t1", "plain"],
  ["gzip", "a,b,y\n1,x,0\n2,,1\n", "gzip"],
  ["quoted names with blanks inside the quotes", '"a\t"," b ","y"\n"1","x","0"\n2," ",1\n', "plain"],
])("the same table from %s", async (_, text, packing) => {
  const table = await read(packing === "gzip" ? gzipSync(text) : text);
  expect(table.matrix.rows).toBe(2);
  expect(column(table, "a")).toEqual({ name: "a", kind: "numeric", values: Float64Array.of(1, 2) });
  expect(column(table, "b")).toEqual({
    name: "b",
    kind: "categorical",
    values: Float64Array.of(0, Number.NaN),
    categories: ["x"],
  });
  expect(table.labels).toEqual(["0", "1"]);
  expect([...table.label]).toEqual([0, 1]);
});

test("kinds: numbers with words for missing stay numbers, text is text, named columns of numbers are names", async () => {
  const table = await read("a,b,c,d,y\n1,1,7,NA,u\nNA,two,8,x,v\n-2.5e3,3,7,x,u\n,,9,y,w\n", { categorical: ["c"] });
  expect([...column(table, "a").values]).toEqual([1, Number.NaN, -2500, Number.NaN]);
  expect(column(table, "b").categories).toEqual(["1", "3", "two"]);
  expect(column(table, "c").categories).toEqual(["7", "8", "9"]);
  expect(column(table, "d").categories).toEqual(["NA", "x", "y"]);
  expect(table.labels).toEqual(["u", "v", "w"]);
});

test("a semicolon file may write decimal commas, a comma file may not", async () => {
  expect([...column(await read("a;y\n1,5;0\n-2,25;1\n"), "a").values]).toEqual([1.5, -2.25]);
  expect(column(await read('a,y\n"1,5",0\n"2,5",1\n'), "a").kind).toBe("categorical");
});

test("labels of numbers are ordered as numbers, and 1 and 1.0 are one value", async () => {
  const table = await read("a,y\n1,10\n2,9\n3,9.0\n4,NA\n");
  expect(table.labels).toEqual(["9", "10"]);
  expect([...table.label]).toEqual([1, 0, 0]);
  expect(table.profile.withoutLabel).toBe(1);
});

test("rows without a label are kept out and counted, and their cells decide nothing", async () => {
  const table = await read("a,y\n1,0\ntext, \n2,1\ninf,\n");
  expect(table.profile).toMatchObject({ rows: 4, withoutLabel: 2, unreadable: 0 });
  expect([...column(table, "a").values]).toEqual([1, 2]);
});

test("label, id, split and excluded columns are never features", async () => {
  const table = await read("id,when,secret,a,y\nL1,2023,1,5,0\nL1,2024,0,6,1\n,2024.0,1,7,1\n,2023,0,8,0\n", {
    id: "id",
    exclude: ["secret"],
    split: { column: "when", value: "2024" },
  });
  expect(table.matrix.columns.map(({ name }) => name)).toEqual(["a"]);
  expect([...table.marked!]).toEqual([0, 1, 1, 0]);
  expect(table.group![0]).toBe(table.group![1]);
  expect(table.group![2]).toBeNaN();
});

test("empty, constant and nameless columns and identifiers are left out and named", async () => {
  const rows = Array.from({ length: 3000 }, (_, i) => `${i},,7,${i % 2 === 0 ? "" : 3},code ${i},${i % 7},${i % 2}`);
  const table = await read(`,empty,constant,flag,name,a,y\n${rows.join("\n")}\n`);
  expect(table.matrix.columns.map(({ name }) => name)).toEqual(["flag", "a"]); // one value or missing tells rows apart
  expect(table.leftOut.map(({ column: name }) => name)).toEqual(["column 1", "empty", "constant", "name"]);
});

test("rows come in the order of the file, also of a large one", async () => {
  const rows = Array.from({ length: 300_000 }, (_, i) => `${i},${i % 2}`);
  const { values } = column(await read(`a,y\n${rows.join("\n")}\n`), "a");
  expect(values.every((value, row) => value === row)).toBe(true);
});

test("lines that are no rows are told with number and reason, and the others go in", async () => {
  const table = await read(
    Buffer.concat([Buffer.from("a,y\n1,0\n2\n3,1,9\n"), Buffer.from([0xe9, 0x2c, 0x31]), Buffer.from("\n4,1\n")]),
  );
  expect([...column(table, "a").values]).toEqual([1, 4]);
  expect(table.profile.unreadable).toBe(3);
  expect(table.profile.unreadableLines.map(({ line }) => line)).toEqual([3, 4, 5]);
});

test.each([
  ["an unknown label", "a,y\n1,0\n", { label: "z" }, "UNKNOWN_FEATURE"],
  ["an unknown excluded column", "a,y\n1,0\n", { exclude: ["z"] }, "UNKNOWN_FEATURE"],
  ["an unknown id", "a,y\n1,0\n", { id: "z" }, "UNKNOWN_FEATURE"],
  ["an unknown split column", "a,y\n1,0\n", { split: { column: "z", value: "1" } }, "UNKNOWN_FEATURE"],
  ["infinity", "a,y\n1,0\n-inf,1\n", {}, "NOT_FINITE"],
  ["a number beyond double precision", "a,y\n1,0\n1e999,1\n", {}, "NOT_FINITE"],
  ["one name twice", "a,a,y\n1,2,0\n", {}, "BAD_INPUT"],
  ["one column", "y\n1\n", {}, "UNREADABLE_FILE"],
  ["an empty file", "", {}, "UNREADABLE_FILE"],
  ["a UTF-16 file", Buffer.from("\ufeffa,y\n1,0\n", "utf16le"), {}, "UNREADABLE_FILE"],
])("%s is refused by code", async (_, content, columns, code) => {
  expect(await codeOf(read(content, columns))).toBe(code);
});

test("an infinite column that is excluded, or read as names, is no error; a file that is not there is one", async () => {
  expect((await read("a,b,y\n1,inf,0\n2,1,1\n", { exclude: ["b"] })).matrix.rows).toBe(2);
  expect(column(await read("a,b,y\n1,inf,0\n2,1,1\n", { categorical: ["b"] }), "b").categories).toEqual(["1", "inf"]);
  expect(await codeOf(readTable(join(scratch, "none.csv"), { label: "y" }))).toBe("UNREADABLE_FILE");
});

test("a wide file is looked at in parts: kinds, gaps and broken lines are told as in a narrow file", async () => {
  const names = Array.from({ length: 300 }, (_, index) => `c${index}`);
  const row = (number: number): string =>
    names
      .map((_, index) => {
        if (index % 100 === 99) return ["x", "y"][number % 2]; // the last of a part is text
        if (index % 100 === 0) return ""; // the first is empty
        return index % 500 === 7 ? "5" : String(number * index);
      })
      .join(",");
  const lines = [1, 2, 3, 4].map((number) => `${row(number)},${number % 2}`);
  const table = await read([[...names, "y"].join(","), ...lines, "1,2,3", ""].join("\n"));
  expect(table.matrix.rows).toBe(4);
  expect(table.profile.unreadable).toBe(1);
  expect(table.profile.unreadableLines[0]!.line).toBe(6);
  expect(table.matrix.columns).toHaveLength(300 - 3 - 1);
  expect(table.leftOut).toHaveLength(4);
  expect(table.leftOut).toContainEqual({ column: "c100", reason: "it is empty" });
  expect(table.leftOut).toContainEqual({ column: "c7", reason: "it holds one value only" });
  expect(column(table, "c199").kind).toBe("categorical");
  expect(column(table, "c298").values).toEqual(Float64Array.of(298, 596, 894, 1192));
}, 60_000);
