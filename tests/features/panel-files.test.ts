import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterAll, expect, test } from "vitest";
import { weeksBetween } from "../../src/engine/panels/weekly-panel.ts";
import { buildPanel } from "../../src/features/panel.ts";
import { writePanel } from "../../src/features/panel-files.ts";
import { readFeatureTable } from "../../src/features/table-file.ts";
import { attachRows, day, type Snapshot } from "./snapshot-in-memory.ts";

const folder = mkdtempSync(join(tmpdir(), "cairn-panel-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Five learners of one school; the last enters after the first week, absences come in October. */
const rows: Snapshot = {
  enrolment: Array.from({ length: 5 }, (_, index) => ({
    learner: `p${index}`,
    person: `p${index}`,
    period: "2025-26",
    school: "north",
    peer_group: "north/7",
    grade_band: "6-8",
    starts_on: day(0),
    entered_on: day(index === 4 ? 10 : 0),
    known_on: day(index === 4 ? 10 : 0),
  })),
  calendar: Array.from({ length: 60 }, (_, index) => ({ school: "north", on_date: day(index) })),
  attendance: [30, 33, 41].map((on) => ({
    learner: "p1",
    on_date: day(on),
    category: "absent",
    excused: false,
    known_on: day(on),
  })),
};
const days = weeksBetween(day(5), day(47));

test("weeks end on the last day and every seventh day before it, and on none before the first", () => {
  expect(weeksBetween("2025-09-01", "2025-09-22")).toEqual(["2025-09-01", "2025-09-08", "2025-09-15", "2025-09-22"]);
  expect(weeksBetween("2025-09-02", "2025-09-22")).toEqual(["2025-09-08", "2025-09-15", "2025-09-22"]);
  expect(weeksBetween("2025-09-22", "2025-09-22")).toEqual(["2025-09-22"]);
  expect(weeksBetween("2025-03-24", "2025-04-07")).toEqual(["2025-03-24", "2025-03-31", "2025-04-07"]); // clocks change
  expect(weeksBetween("2025-09-23", "2025-09-22")).toEqual([]);
});

test("the files hold the rows of the whole panel, whatever the size of a piece, with the same columns each", async () => {
  const snapshot = await attachRows(rows);
  const whole = await buildPanel({ snapshot, asOf: days });
  const cellOf = (table: typeof whole, name: string): Map<string, number> => {
    const { values } = table.matrix.columns.find((column) => column.name === name)!;
    return new Map(table.learner.map((learner, row) => [`${learner} ${table.asOf[row]}`, values[row]!]));
  };
  const bytes = new Map<number, string>();
  for (const pieceRows of [1, 12, 1000]) {
    const path = join(folder, `panel-${pieceRows}`);
    const progress: number[] = [];
    const onProgress = (fraction: number): void => void progress.push(fraction);
    const manifest = await writePanel({ snapshot, asOf: days, folder: path, snapshotId: "s", pieceRows, onProgress });
    expect(progress.at(-1)).toBe(1);
    expect(manifest).toMatchObject({ snapshotId: "s", days, rows: whole.matrix.rows });
    expect(readdirSync(path).sort()).toEqual(["panel.json", ...manifest.files.map(({ file }) => file)].sort());
    const found = new Map<string, number>();
    const layouts = new Set<string>();
    for (const { file, rows: count, sha256 } of manifest.files) {
      const content = readFileSync(join(path, file));
      expect(createHash("sha256").update(content).digest("hex")).toBe(sha256);
      const table = await readFeatureTable(join(path, file));
      expect([table.matrix.rows, table.snapshotId, table.catalogVersion]).toEqual([
        count,
        "s",
        manifest.catalogVersion,
      ]);
      for (const [key, value] of cellOf(table, "absences")) found.set(key, value);
      layouts.add(await layoutOf(join(path, file)));
    }
    expect(found).toEqual(cellOf(whole, "absences"));
    expect(layouts.size).toBe(1);
    bytes.set(pieceRows, JSON.stringify(manifest.files));
  }
  expect(bytes.get(1)).not.toBe(bytes.get(1000)); // seven files and one
});

test("the same snapshot gives the same bytes; a panel that is there stays; nothing unfinished is left", async () => {
  const snapshot = await attachRows(rows);
  const options = { snapshot, asOf: days, snapshotId: "s", folder: join(folder, "twice") };
  const first = await writePanel(options);
  expect(await writePanel(options)).toEqual(first);
  await expect(writePanel({ ...options, folder: join(folder, "none"), asOf: ["1999-01-01"] })).rejects.toMatchObject({
    code: "BAD_INPUT",
  });
  expect(readdirSync(folder).filter((name) => name === "none" || name.startsWith("unfinished"))).toEqual([]);
});

async function layoutOf(path: string): Promise<string> {
  const connection = await (await DuckDBInstance.create(":memory:")).connect();
  const result = await connection.runAndReadAll(`DESCRIBE FROM '${path}'`);
  return result
    .getRows()
    .map(([name, type]) => `${name} ${type}`)
    .join();
}
