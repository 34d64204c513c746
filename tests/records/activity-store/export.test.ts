import { beforeEach, expect, test } from "vitest";
import { storeStatements } from "../../../src/records/activity-store/store-statements.ts";
import { inTenant } from "../../../src/records/database.ts";
import { exportStatements } from "../../../src/records/export/xapi/export.ts";
import { setTimeZone } from "../../../src/records/import/core/time-zone.ts";
import type { JsonObject } from "../../../src/records/import/json.ts";
import { importOneRoster } from "../../../src/records/import/oneroster/import.ts";
import { checkStatement } from "../../../src/records/import/xapi/statement-rules.ts";
import { useDatabase } from "../../support/database.ts";
import { cleanUp, district, query, roster, unpacked } from "../import/deliveries.ts";

const database = useDatabase();
cleanUp();

const receivedAt = new Date("2025-12-12T08:00:00Z");
const timeZone = "America/New_York";

async function enrolled(): Promise<string> {
  const tenantId = await district(database());
  await setTimeZone(database(), tenantId, timeZone);
  await importOneRoster(database(), { tenantId, path: await unpacked(roster()), receivedAt });
  return tenantId;
}

let from: string;
beforeEach(async () => {
  from = await enrolled();
});

const store = (tenantId: string, statements: readonly unknown[]) =>
  storeStatements(database(), {
    tenantId,
    statements,
    version: "1.0.3",
    authority: { mbox: "mailto:a@b" },
    receivedAt,
  });

async function exported(tenantId: string, names: readonly string[] = ["1001", "1002"]): Promise<JsonObject[]> {
  const list = names.map((name) => `'${name}'`).join(", ");
  const people = await query<{ person_id: string }>(
    database(),
    tenantId,
    `select person_id from identifier where value in (${list})`,
  );
  return inTenant(database(), tenantId, async (tx) => {
    const statements: JsonObject[] = [];
    const personIds = people.map(({ person_id }) => person_id);
    for await (const one of exportStatements(tx, { personIds, homePage: "https://district.example", timeZone }))
      statements.push(one);
    return statements;
  });
}

const events = (tenantId: string) =>
  query(
    database(),
    tenantId,
    "select e.activity, e.verb, e.at, e.seconds, e.sensor, e.object, e.score, e.success, e.completion, e.session, i.value from activity_event e join identifier i on i.person_id = e.person_id and i.system = 'district' order by e.source_record_id",
  );

const done = (name: string, verb: string, more: object = {}) => ({
  actor: { account: { homePage: "https://sis.example", name } },
  verb: { id: verb },
  object: { id: "https://content.example/lessons/7" },
  timestamp: "2025-09-03T10:00:00-04:00",
  ...more,
});
const uuid = (n: number): string => `0a0a0a0a-0000-4000-8000-${String(n).padStart(12, "0")}`;

test("what goes out is valid in both versions, and what comes back leaves the same evidence", async () => {
  await store(from, [
    done("1001", "http://adlnet.gov/expapi/verbs/completed", {
      id: uuid(1),
      result: { score: { scaled: 0.25 }, success: false, completion: true, duration: "PT1M0.5S" },
      context: { registration: uuid(9), platform: "Practice" },
    }),
    done("1001", "https://w3id.org/xapi/adl/verbs/satisfied", { id: uuid(2), timestamp: "2025-11-02T05:30:00Z" }), // 1:30, the first time
    done("1002", "urn:own:looked-at", {
      id: uuid(3),
      object: { objectType: "Activity", id: "urn:cairn:activity:a1" },
      timestamp: "2025-03-09T07:30:00Z",
    }),
  ]);
  const statements = await exported(from);
  expect(statements).toHaveLength(3);
  for (const [i, statement] of statements.entries()) {
    for (const version of ["1.0.3", "2.0.0"] as const) checkStatement(statement, `statements[${i}]`, version);
  }
  expect(statements.map(({ id }) => id)).toEqual([1, 2, 3].map(uuid));
  expect(await exported(from)).toEqual(statements);
  const to = await enrolled();
  await store(to, statements);
  expect(await events(to)).toEqual(await events(from));
});

test("only the people named go out, and nothing that was voided", async () => {
  await store(from, [
    done("1001", "urn:a", { id: uuid(1) }),
    done("1002", "urn:a", { id: uuid(2) }),
    done("1001", "urn:b", { id: uuid(3) }),
  ]);
  const voiding = {
    verb: { id: "http://adlnet.gov/expapi/verbs/voided" },
    object: { objectType: "StatementRef", id: uuid(3) },
  };
  await store(from, [{ ...done("1001", ""), ...voiding }]);
  expect((await exported(from, ["1001"])).map(({ id }) => id)).toEqual([uuid(1)]);
});
