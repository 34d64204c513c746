import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import type { FeatureTable } from "../../src/features/build.ts";
import { readFeatureTable, writeFeatureTable } from "../../src/features/table-file.ts";

const folder = mkdtempSync(join(tmpdir(), "cairn-table-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const number = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constant(Number.NaN));

function tableOf(rows: readonly (readonly [string, number, number])[]): FeatureTable {
  const texts = rows.map(([text]) => text);
  return {
    learner: texts.map((text, row) => `${text}${row}`),
    person: texts,
    period: texts.map(() => "2025-26"),
    peerGroup: texts,
    asOf: texts.map(() => "2025-12-12"),
    catalogVersion: "1",
    matrix: {
      rows: rows.length,
      columns: [
        { name: "period", kind: "numeric", values: Float64Array.from(rows, ([, value]) => value) },
        {
          name: "course",
          kind: "categorical",
          values: Float64Array.from(rows, ([, , code]) => code),
          categories: ["a'", "b"],
        },
      ],
    },
  };
}

const hash = (path: string): string => createHash("sha256").update(readFileSync(path)).digest("hex");

test("what is written is read back bit by bit, with its origin; the same table gives the same bytes", async () => {
  const code = fc.constantFrom(0, 1, Number.NaN);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(fc.string(), number, code), { maxLength: 20 }), async (drawn) => {
      const table = tableOf([...drawn, ["x", 1, 0], ["y", 2, 1]]);
      const paths = ["one", "two"].map((name) => join(folder, `${name}.parquet`)) as [string, string];
      for (const path of paths) await writeFeatureTable(table, path, { snapshotId: "it's" });
      expect(hash(paths[0])).toBe(hash(paths[1]));
      expect(await readFeatureTable(paths[0])).toEqual({ ...table, snapshotId: "it's" });
    }),
    { numRuns: 15 },
  );
});

test("a table longer than a chunk and an empty one", async () => {
  const path = join(folder, "long.parquet");
  const long = tableOf(Array.from({ length: 5000 }, (_, row) => [`p${row}`, row / 7, row % 2] as const));
  await writeFeatureTable(long, path, { snapshotId: "s" });
  expect((await readFeatureTable(path)).matrix).toEqual(long.matrix);
  await writeFeatureTable(tableOf([]), path, { snapshotId: "s" });
  expect((await readFeatureTable(path)).matrix.rows).toBe(0);
});

test("a file that is no feature table is refused", async () => {
  await expect(readFeatureTable(join(folder, "absent.parquet"))).rejects.toMatchObject({ code: "UNREADABLE_FILE" });
  writeFileSync(join(folder, "text.parquet"), "learner,period\n");
  await expect(readFeatureTable(join(folder, "text.parquet"))).rejects.toMatchObject({ code: "UNREADABLE_FILE" });
  await expect(
    writeFeatureTable(tableOf([]), join(folder, "no/such/folder"), { snapshotId: "s" }),
  ).rejects.toMatchObject({
    code: "UNREADABLE_FILE",
  });
});
