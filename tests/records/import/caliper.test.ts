import { readdirSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { readEvent } from "../../../src/records/import/caliper/events.ts";
import { importCaliper } from "../../../src/records/import/caliper/import.ts";
import type { ImportReport } from "../../../src/records/import/core/report.ts";
import { importOneRoster } from "../../../src/records/import/oneroster/import.ts";
import { useDatabase } from "../../support/database.ts";
import { datasetsFolder } from "../../support/services.ts";
import { cleanUp, district, query, roster, scratchFolder, unpacked } from "./deliveries.ts";

const database = useDatabase();
cleanUp();

const receivedAt = new Date("2025-12-12T08:00:00Z");
let tenantId: string;

beforeEach(async () => {
  tenantId = await district(database());
  await importOneRoster(database(), { tenantId, path: await unpacked(roster()), receivedAt });
});

async function take(content: string): Promise<ImportReport> {
  const path = join(await scratchFolder(), "caliper.jsonl");
  await writeFile(path, content);
  return importCaliper(database(), { tenantId, path, receivedAt });
}

const event = (changes: object = {}) => ({
  id: "urn:uuid:1",
  type: "AssignableEvent",
  actor: { id: "urn:cairn:student:1001", type: "Person" },
  action: "Completed",
  object: { id: "urn:cairn:activity:a1", type: "AssignableDigitalResource" },
  eventTime: "2024-09-03T23:30:00-05:00",
  generated: { type: "Attempt", duration: "PT10M30S" },
  ...changes,
});
const envelope = (...data: unknown[]) => ({
  sensor: "urn:s",
  sendTime: "2024-09-03T10:00:00Z",
  dataVersion: "http://purl.imsglobal.org/ctx/caliper/v1p2",
  data,
});
const stored = () =>
  query(
    database(),
    tenantId,
    "select activity, verb, kind, at, seconds, known_on, sensor from activity_event order by at, source_record_id",
  );

test("an envelope a line: sessions without an activity, events with one, UTC times, durations", async () => {
  const login = event({
    id: "urn:uuid:2",
    type: "SessionEvent",
    action: "LoggedIn",
    object: { id: "urn:app" },
    eventTime: "2024-09-03T10:00:00Z",
    generated: undefined,
    session: { id: "urn:x", duration: "PT1H" },
  });
  const report = await take(`${JSON.stringify(envelope(login))}\n\n${JSON.stringify(envelope(event()))}`);
  expect(report.refusals).toEqual([]);
  expect(await stored()).toEqual([
    {
      activity: null,
      verb: "logged-in",
      kind: null,
      at: "2024-09-03 10:00:00",
      seconds: 3600,
      known_on: "2024-09-03",
      sensor: "urn:s",
    },
    {
      activity: "a1",
      verb: "completed",
      kind: "assignable-digital-resource",
      at: "2024-09-04 04:30:00",
      seconds: 630,
      known_on: "2024-09-04",
      sensor: "urn:s",
    },
  ]);
});

test("a document over many lines, a bare event, a list, thinned events and version 1.1", async () => {
  const thinned = event({
    type: "NavigationEvent",
    action: "NavigatedTo",
    actor: "https://example.edu/users/1002",
    object: "https://example.edu/pages/2",
  });
  await take(
    JSON.stringify({ ...envelope(thinned), dataVersion: "http://purl.imsglobal.org/ctx/caliper/v1p1" }, null, 2),
  );
  await take(JSON.stringify([event({ id: "urn:uuid:3" })]));
  await take(JSON.stringify(event({ id: "urn:uuid:4" })));
  expect(
    (await stored()).map((row) => [(row as { activity: string }).activity, (row as { verb: string }).verb]),
  ).toEqual([
    ["https://example.edu/pages/2", "viewed"],
    ["a1", "completed"],
    ["a1", "completed"],
  ]);
});

test("the same events twice are the same events; an entity beside them is left out and counted", async () => {
  const lines = JSON.stringify(
    envelope(event(), { id: "x", type: "Person" }, event({ id: undefined, action: "Started" })),
  );
  const first = await take(lines);
  expect(first.files).toMatchObject([{ rows: 2, new: 2 }]);
  expect(first.leniencies).toContainEqual({
    file: "caliper.jsonl",
    what: "entities without an event left out",
    count: 1,
  });
  expect((await take(lines)).files).toMatchObject([{ rows: 2, new: 0, unchanged: 2 }]);
});

test("what has no place or no person is refused with line and reason, and kept", async () => {
  const report = await take(
    [
      envelope(event({ type: "ForumEvent" })),
      envelope(event({ actor: { id: "urn:cairn:student:4711" } })),
      envelope(event({ eventTime: "2024-09-31T10:00:00Z" })),
      envelope(event({ action: undefined })),
      envelope(event({ actor: {} })),
      envelope("text"),
    ]
      .map((one) => JSON.stringify(one))
      .concat("{not json")
      .join("\n"),
  );
  const found = report.refusals
    .map(({ line, code, column }) => [line, code, column])
    .sort((a, b) => Number(a[0]) - Number(b[0]));
  expect(found).toEqual([
    [1, "UNKNOWN_EVENT", "type"],
    [2, "DANGLING", "actor"],
    [3, "BAD_VALUE", "eventTime"],
    [4, "MISSING", "action"],
    [5, "MISSING", "actor"],
    [6, "BAD_VALUE", null],
    [7, "BAD_VALUE", null],
  ]);
  expect(
    await query(database(), tenantId, "select 1 from import_refusal where file = 'caliper.jsonl' and raw <> ''"),
  ).toHaveLength(7);
});

const fixtures = join(datasetsFolder() ?? "", "standards/caliper/fixtures");
describe.skipIf(datasetsFolder() === undefined)("the specification's own fixtures (needs the shared data sets)", () => {
  test.each(["v1p1", "v1p2"])(
    "%s: every event of a kind we know is read, every other refused, none breaks the reader",
    async (version) => {
      const { readFile } = await import("node:fs/promises");
      let read = 0;
      const refused = new Set<string>();
      for (const name of readdirSync(join(fixtures, version)).filter((file) => file.startsWith("caliperEvent"))) {
        const value = JSON.parse(await readFile(join(fixtures, version, name), "utf8")) as { type: string };
        const reading = readEvent(value);
        if ("event" in reading) {
          read += 1;
          expect(reading.event.at).toMatch(/^20\d\d-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}$/);
          expect(reading.event.actor).not.toBe("");
        } else {
          expect(reading.problem.code).toBe("UNKNOWN_EVENT");
          refused.add(value.type);
        }
      }
      expect(read).toBeGreaterThan(5);
      for (const type of [
        "SessionEvent",
        "ViewEvent",
        "NavigationEvent",
        "AssignableEvent",
        "AssessmentItemEvent",
        "MediaEvent",
        "ToolUseEvent",
      ]) {
        expect(refused.has(type), type).toBe(false);
      }
    },
  );

  test("envelopes, batches and mixed batches", async () => {
    for (const name of readdirSync(join(fixtures, "v1p1")).filter((file) => file.startsWith("caliperEnvelope"))) {
      const report = await importCaliper(database(), { tenantId, path: join(fixtures, "v1p1", name), receivedAt });
      for (const file of report.files) expect(file.refused, name).toBe(file.rows); // their people are not ours
      expect(
        report.refusals.every(({ code }) => code === "DANGLING" || code === "UNKNOWN_EVENT"),
        name,
      ).toBe(true);
    }
  });
});
