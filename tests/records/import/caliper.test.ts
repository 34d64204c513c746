import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { readEvent } from "../../../src/records/import/caliper/events.ts";
import { importCaliper } from "../../../src/records/import/caliper/import.ts";
import type { ImportReport } from "../../../src/records/import/core/report.ts";
import { importOneRoster } from "../../../src/records/import/oneroster/import.ts";
import { useDatabase } from "../../support/database.ts";
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
      envelope(event({ type: "CafeteriaEvent" })),
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

test("a mixed batch: good events go in, each bad one is refused by its path", async () => {
  const report = await take(
    JSON.stringify(envelope(event(), event({ id: "b", eventTime: "soon" }), "text", event({ id: "c", type: "X" }))),
  );
  expect(report.files).toMatchObject([{ rows: 4, new: 1, refused: 3 }]);
  expect(report.refusals.map(({ column, code }) => [column, code])).toEqual([
    ["data[1].eventTime", "BAD_VALUE"],
    ["data[2]", "BAD_VALUE"],
    ["data[3].type", "UNKNOWN_EVENT"],
  ]);
});

const attempt = (type: string) => ({
  id: "urn:attempt",
  type: "Attempt",
  assignee: { id: "https://example.edu/users/1002", type: "Person" },
  assignable: {
    id: "https://example.edu/items/3",
    type,
    learningObjectives: [{ id: "https://s.example/CFItems/0a0a0a0a-0000-4000-8000-00000000000a" }],
  },
  count: 2,
  startedAtTime: "2024-09-03T10:00:00Z",
  endedAtTime: "2024-09-03T10:00:20Z",
});
const grade = (type: string) =>
  event({
    type: "GradeEvent",
    actor: { id: "https://example.edu/autograder", type: "SoftwareApplication" },
    action: "Graded",
    object: attempt(type),
    generated: { type: "Score", maxScore: 4, scoreGiven: 3 },
  });

test("a grade is the learner's: for an item an answer, for anything else an event with a score", async () => {
  await take(JSON.stringify(envelope(grade("AssessmentItem"), { ...grade("Assessment"), id: "urn:uuid:2" })));
  expect(
    await query(
      database(),
      tenantId,
      "select item, standard, correct, attempts, seconds, answered_at from item_response",
    ),
  ).toEqual([
    {
      item: "https://example.edu/items/3",
      standard: "0a0a0a0a-0000-4000-8000-00000000000a",
      correct: 0.75,
      attempts: 2,
      seconds: 20,
      answered_at: "2024-09-03 10:00:20",
    },
  ]);
  expect(await query(database(), tenantId, "select verb, kind, score, object from activity_event")).toEqual([
    { verb: "graded", kind: "assessment", score: 0.75, object: "https://example.edu/items/3" },
  ]);
  const thinned = readEvent({ ...grade("Assessment"), object: "urn:attempt" });
  expect(thinned).toMatchObject({ problem: { column: "object.assignee", code: "MISSING" } });
});

test("a point on a questionnaire's scale is an answer from 1 to 5; other words stay an event", async () => {
  const asked = (scale: object, selections: string[], id: string) =>
    event({
      id,
      type: "QuestionnaireItemEvent",
      object: {
        id: "https://example.edu/questionnaires/30/items/1",
        type: "QuestionnaireItem",
        categories: ["persistence"],
        question: { id: "urn:q", type: "RatingScaleQuestion", scale },
      },
      generated: { type: "RatingScaleResponse", selections },
    });
  const likert = { type: "LikertScale", itemLabels: ["never", "sometimes", "often"], itemValues: ["-1", "0", "1"] };
  await take(
    JSON.stringify(
      envelope(
        asked(likert, ["often"], "1"),
        asked(likert, ["0"], "2"),
        asked({ type: "NumericScale", minValue: 0, maxValue: 10 }, ["2.5"], "3"),
        asked(likert, ["Satisfied"], "4"),
      ),
    ),
  );
  expect(
    await query(
      database(),
      tenantId,
      "select on_date, instrument, scale, item, answer from survey_answer order by source_record_id",
    ),
  ).toEqual(
    [5, 3, 2].map((answer) => ({
      on_date: "2024-09-04",
      instrument: "https://example.edu/questionnaires/30",
      scale: "persistence",
      item: "https://example.edu/questionnaires/30/items/1",
      answer,
    })),
  );
  expect(await query(database(), tenantId, "select source_record_id from activity_event")).toEqual([
    { source_record_id: "4" },
  ]);
});

test("tools say minutes on task; anonymous actors are nobody's; a school's own identifier names the person", async () => {
  const used = event({
    type: "ToolUseEvent",
    action: "Used",
    actor: {
      id: "https://vendor.example/u/abc",
      type: "Person",
      otherIdentifiers: [{ type: "SystemIdentifier", identifierType: "SisSourcedId", identifier: "1001" }],
    },
    generated: {
      type: "AggregateMeasureCollection",
      items: [
        { type: "AggregateMeasure", metric: "MinutesOnTask", metricValue: 12.5 },
        { type: "AggregateMeasure", metric: "UnitsCompleted", metricValue: 3 },
      ],
    },
  });
  const nobody = event({ id: "n", actor: "http://purl.imsglobal.org/caliper/Person" });
  const report = await take(JSON.stringify(envelope(used, nobody)));
  expect(report.files).toMatchObject([{ rows: 1, new: 1 }]);
  expect(report.leniencies).toContainEqual({
    file: "caliper.jsonl",
    what: "events of anonymous actors left out",
    count: 1,
  });
  expect(await query(database(), tenantId, "select verb, seconds from activity_event")).toEqual([
    { verb: "used", seconds: 750 },
  ]);
});
