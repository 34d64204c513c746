import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterAll, beforeAll, expect, test } from "vitest";
import { importOneRoster } from "../../../src/records/import/oneroster/import.ts";
import { attachSnapshot, openSnapshot } from "../../../src/records/snapshot/open.ts";
import { writeSnapshot } from "../../../src/records/snapshot/write.ts";
import { useDatabase } from "../../support/database.ts";
import { cleanUp, district, query, roster, unpacked } from "../import/deliveries.ts";

const database = useDatabase();
cleanUp();

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cairn-snapshot-queries-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

type Cell = string | number | boolean | null;

/** Adds one version of a record of the learner 1001. */
async function add(
  tenantId: string,
  table: string,
  key: string,
  knownOn: string,
  cells: Record<string, Cell>,
): Promise<void> {
  const all: Record<string, Cell> = {
    record_key: key,
    content_hash: `${key}@${knownOn}`,
    class: "certified",
    authority: "sis",
    batch_id: "test",
    source_record_id: key,
    known_on: knownOn,
    received_at: "2026-06-30T08:00:00Z",
    tenant_id: tenantId,
    ...cells,
  };
  const text = (cell: Cell): string => (typeof cell === "string" ? `'${cell}'` : String(cell));
  const columns = Object.keys(all).map((name) => `"${name}"`);
  await query(
    database(),
    tenantId,
    `insert into ${table} (${columns.join(", ")}) values (${Object.values(all).map(text).join(", ")})`,
  );
}

async function read(tenantId: string, asOf: string, selects: readonly string[]): Promise<unknown[]> {
  const { id } = await writeSnapshot(database(), { tenantId, purpose: "early-warning", asOf, folder });
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  await attachSnapshot(connection, await openSnapshot(folder, id));
  const found: unknown[] = [];
  for (const select of selects) found.push((await connection.runAndReadAll(select)).getRowsJson());
  connection.closeSync();
  instance.closeSync();
  return found;
}

test("help, goals and what came along are there as they were known on the day, and no earlier", async () => {
  const tenantId = await district(database());
  await importOneRoster(database(), {
    tenantId,
    path: await unpacked(roster()),
    receivedAt: new Date("2026-06-30T08:00:00Z"),
  });
  const [who] = await query<{ person_id: string }>(
    database(),
    tenantId,
    "select person_id from identifier where system = 'district' and value = '1001' limit 1",
  );
  const person = { person_id: who!.person_id };
  await add(tenantId, "goal", "g", "2025-09-10", { ...person, goal: "g", title: "Read daily", set_on: "2025-09-09" });
  await add(tenantId, "goal", "g", "2025-11-20", {
    ...person,
    goal: "g",
    title: "Read daily",
    set_on: "2025-09-09",
    achieved_on: "2025-11-15",
  });
  await add(tenantId, "dose", "d", "2025-10-02", {
    ...person,
    intervention: "tutoring",
    on_date: "2025-10-01",
    minutes: 30,
    attended: true,
  });
  const marks = { ...person, kind: "final", on_date: "2021-06-10" }; // years before any enrolment here
  await add(tenantId, "course_grade", "m1", "2025-09-01", {
    ...marks,
    letter: "F",
    credits_attempted: 1,
    credits_earned: 0,
  });
  await add(tenantId, "course_grade", "m2", "2025-09-01", { ...marks, numeric: 18, numeric_maximum: 20 });
  await add(tenantId, "assessment", "t", "2025-09-01", { assessment: "t", subject: "Mathematics", sensitive: false });
  await add(tenantId, "assessment", "mood", "2025-09-01", { assessment: "mood", subject: "Mood", sensitive: true });
  for (const test of ["t", "mood"]) {
    const result = { ...person, assessment_key: test, on_date: "2025-09-20", percentile: 40, validity: "valid" };
    await add(tenantId, "assessment_result", `r-${test}`, "2025-09-25", result);
  }
  const selects = [
    "select set_on::varchar, achieved_on::varchar, known_on::varchar, achieved_known_on::varchar from goal",
    "select intervention, minutes, attended from dose",
    "select score, credits_earned from course_grade order by score",
    "select subject, percentile from assessment_result",
  ];
  expect(await read(tenantId, "2025-10-15", selects)).toEqual([
    [["2025-09-09", null, "2025-09-10", null]],
    [["tutoring", 30, true]],
    [
      [55, 0],
      [90, null],
    ],
    [["math", 40]], // a screener of feelings is in no snapshot for this purpose
  ]);
  expect(await read(tenantId, "2025-11-30", selects.slice(0, 1))).toEqual([
    [["2025-09-09", "2025-11-15", "2025-09-10", "2025-11-20"]],
  ]);
  expect(await read(tenantId, "2025-09-05", selects.slice(0, 2))).toEqual([[], []]);
});
