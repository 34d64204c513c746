import fc from "fast-check";
import { expect, test } from "vitest";
import type { CsvRow } from "../../../src/records/import/core/csv.ts";
import { readCsv, textFile } from "../../../src/records/import/core/csv.ts";

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

test("UTF-16 is refused with what to do", async () => {
  await expect(rows(Buffer.from("\ufeffa,b\n1,2\n", "utf16le"))).rejects.toMatchObject({
    code: "UNREADABLE_FILE",
    message: expect.stringContaining("UTF-16"),
    hint: expect.stringContaining("UTF-8"),
  });
});
