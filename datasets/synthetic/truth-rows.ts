import { createReadStream } from "node:fs";
import { basename } from "node:path";
import { pipeline } from "node:stream/promises";
import { parse } from "csv-parse";
import { CairnError } from "../../src/errors.ts";

/**
 * Reads a file of the truth row by row.
 * @throws CairnError `UNREADABLE_FILE` when it is missing or has another number of columns
 */
export async function eachTruthRow(
  path: string,
  columns: number,
  use: (cells: readonly string[]) => void,
): Promise<void> {
  try {
    await pipeline(createReadStream(path), parse({ from_line: 2 }), async (rows: AsyncIterable<string[]>) => {
      for await (const cells of rows) {
        if (cells.length !== columns) throw new RangeError(`${cells.length} columns`);
        use(cells);
      }
    });
  } catch (cause) {
    throw new CairnError(
      "UNREADABLE_FILE",
      `expected truth/${basename(path)} with ${columns} columns, got none that can be read`,
      { hint: "write the district again with this version of cairn", cause },
    );
  }
}

/** The number in a cell, or what stands for an empty one. */
export function cellOr(text: string | undefined, missing: number): number {
  return text === undefined || text === "" ? missing : Number(text);
}
