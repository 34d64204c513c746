import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterAll, expect, test } from "vitest";
import { copySnapshot } from "../../benchmarks/features/weekly-panel.ts";
import { buildPanel } from "../../src/features/panel.ts";
import { snapshotTables } from "../../src/records/snapshot/tables.ts";
import { attachRows, day } from "./snapshot-in-memory.ts";

const folder = mkdtempSync(join(tmpdir(), "cairn-copies-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("each copy of a district has the numbers of the district: the copies are strangers to each other", async () => {
  const learners = ["a", "b", "c"];
  const small = await attachRows({
    enrolment: learners.map((learner) => ({
      learner,
      person: learner,
      period: "2025-26",
      school: "north",
      peer_group: "north/7",
      starts_on: day(0),
      entered_on: day(0),
      known_on: day(0),
    })),
    calendar: Array.from({ length: 30 }, (_, index) => ({ school: "north", on_date: day(index) })),
    attendance: [3, 5].map((on) => ({ learner: "a", on_date: day(on), category: "absent", known_on: day(on) })),
    activity: [{ activity: "game", modality: "game" }],
    response: learners.map((learner, index) => ({
      learner,
      item: "game",
      at: `${day(9)} 10:00:00`,
      correct: index / 2,
      known_on: day(9),
    })),
  });
  expect(await copySnapshot(small, folder, 3)).toBe(3 * 3 + 3 * 30 + 3 * 2 + 1 + 3 * 3);
  const copied = await (await DuckDBInstance.create(":memory:")).connect();
  for (const name of Object.keys(snapshotTables))
    await copied.run(`CREATE VIEW ${name} AS FROM read_parquet('${join(folder, `${name}.parquet`)}')`);
  const options = { asOf: [day(14), day(21)], detail: true } as const;
  const one = await buildPanel({ snapshot: small, ...options });
  const three = await buildPanel({ snapshot: copied, ...options });
  expect(three.matrix.rows).toBe(3 * one.matrix.rows);
  for (const [index, column] of one.matrix.columns.entries()) {
    // Shrinkage towards the mean of all learners sums more of them, in another order.
    for (let row = 0; row < three.matrix.rows; row++) {
      const same = one.learner.findIndex(
        (learner, at) => learner === three.learner[row]!.split("~")[0] && one.asOf[at] === three.asOf[row],
      );
      const [expected, got] = [column.values[same]!, three.matrix.columns[index]!.values[row]!];
      if (Number.isNaN(expected)) expect(got, column.name).toBeNaN();
      else expect(got, column.name).toBeCloseTo(expected, 9);
    }
  }
});
