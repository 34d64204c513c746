import fc from "fast-check";
import { expect, test } from "vitest";
import type { CsvRow } from "../../../src/records/import/core/csv.ts";
import { readCsv, textFile } from "../../../src/records/import/core/csv.ts";
import type { TableFormat } from "../../../src/records/import/core/table-format.ts";

async function rows(content: string | Buffer): Promise<CsvRow[]> {
  const all: CsvRow[] = [];
  for await (const row of readCsv(textFile("file.csv", content))) all.push(row);
  return all;
}

test("byte order mark, mixed line ends, empty lines and a missing last line end are read; lines are counted as an editor does", async () => {
  const read = await rows('\ufeffa,b\r\n1,2\n\n3,"x\r\ny"\r4,5\n6,7');
  expect(read.map(({ line, cells }) => [line, cells])).toEqual([
    [1, ["a", "b"]],
    [2, ["1", "2"]],
    [4, ["3", "x\r\ny"]],
    [6, ["4", "5"]],
    [7, ["6", "7"]],
  ]);
});

test("what is written as CSV is read back, whatever the cells and the line ends", async () => {
  const cell = fc.string({ unit: fc.constantFrom("a", "é", ",", '"', "\n", "\r", " ", "漢", "\\", "'") });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 5 }),
      fc.constantFrom("\n", "\r\n"),
      async (table, lineEnd) => {
        const quote = (text: string) => `"${text.replaceAll('"', '""')}"`;
        const text = table.map((record) => record.map(quote).join(",")).join(lineEnd);
        const read = await rows(text);
        expect(read.map((row) => row.cells)).toEqual(table);
        // The row that is kept for repair says the same as the row that came.
        for (const row of read) expect((await rows(row.raw))[0]!.cells).toEqual(row.cells);
      },
    ),
    { numRuns: 60 },
  );
});

test("a row in another encoding is marked, its neighbours are not", async () => {
  const read = await rows(Buffer.concat([Buffer.from("a\nok\nJos"), Buffer.from([0xe9]), Buffer.from("\nalso ok\n")]));
  expect(read.map((row) => row.problem?.code)).toEqual([undefined, undefined, "ENCODING", undefined]);
});

test("a quotation mark inside a bare cell is read; one that never closes costs the rest of the file, which is kept", async () => {
  expect((await rows('a,b\n5" pipe,"z"q\n')).at(-1)!.cells).toEqual(['5" pipe', '"z"q']);
  const read = await rows('a,b\n1,2\n3,"4\n5,6\n');
  expect(read).toHaveLength(3);
  expect(read[2]).toMatchObject({ line: 3, raw: '3,"4\n5,6', problem: { code: "QUOTES" } });
});

test("UTF-16 is read, with its mark and without, from either end", async () => {
  const text = "a,b\nJosé,2\n漢,3\n";
  const little = Buffer.from(text, "utf16le");
  const big = Buffer.from(little).swap16();
  const marked = Buffer.from("\ufeff", "utf16le");
  for (const content of [little, big, Buffer.concat([marked, little]), Buffer.concat([marked.swap16(), big])]) {
    // Few letters of the last line are Latin: it is the header that tells.
    expect((await rows(content)).map(({ cells }) => cells)).toEqual([
      ["a", "b"],
      ["José", "2"],
      ["漢", "3"],
    ]);
  }
});

test("tabs, backslashes before quotation marks, a file without header, windows-1252 and fixed widths are read by their format", async () => {
  const read = async (content: string | Buffer, format: TableFormat) => {
    const all: (readonly string[])[] = [];
    for await (const { cells } of readCsv(textFile("file", content), undefined, format)) all.push(cells);
    return all;
  };
  expect(await read("a\tb\n1,5\t2\n", { delimiter: "\t" })).toEqual([
    ["a", "b"],
    ["1,5", "2"],
  ]);
  expect(await read('a,b\n"said \\"no\\"","away\\\\"\n', { escape: "\\" })).toEqual([
    ["a", "b"],
    ['said "no"', "away\\"],
  ]);
  expect(await read("1,2\n", { columns: ["x", "y"] })).toEqual([
    ["x", "y"],
    ["1", "2"],
  ]);
  expect(await read(Buffer.from([0x61, 0x0a, 0xe9]), { encoding: "windows-1252" })).toEqual([["a"], ["é"]]);
  const widths = [
    { column: "id", from: 1, to: 3 },
    { column: "score", from: 6, to: 7 },
  ];
  expect(await read("\ufeff 12  99\r\n13\r\n", { widths })).toEqual([
    ["id", "score"],
    ["12", "99"],
    ["13", ""],
  ]);
});

test("a row without end is refused where it begins, and memory does not hold it", async () => {
  const read = await rows(`a,b\n1,2\n3,"${"x".repeat(3_000_000)}\n4,5\n`);
  expect(read.map(({ line, problem }) => [line, problem?.code])).toEqual([
    [1, undefined],
    [2, undefined],
    [3, "TOO_LONG"],
  ]);
  expect(read[2]!.raw.length).toBe(100_000);
});
