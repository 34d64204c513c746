import fc from "fast-check";
import { expect, test } from "vitest";
import { checkAlerts } from "../../../src/engine/alerts/raise.ts";
import { decideRules, readDistrictRules } from "../../../src/engine/alerts/settings.ts";
import { staleInputs } from "../../../src/engine/early-warning/ranking/stale.ts";
import { makeChoice } from "../../../src/engine/families/choices.ts";
import { eraseLearner } from "../../../src/engine/families/office.ts";
import { receiveResponses } from "../../../src/engine/intake/responses.ts";
import { inTenant } from "../../../src/records/database.ts";
import { importFlat } from "../../../src/records/import/flat/import.ts";
import { scoringRun } from "../../../src/records/schema/index.ts";
import { cleanUp, query, unpacked } from "../../records/import/deliveries.ts";
import { refusal, useCairn } from "../district.ts";
import { alertsIn, answer, school, standard } from "./school.ts";

const cairn = useCairn();
cleanUp();

const quiet = { "wrong-answers": 0, absences: 0, "declining-effort": 0, "capacity-line": 0, "silent-source": 0 };
const attendance = async (tenantId: string, days: readonly string[], receivedAt: string): Promise<void> => {
  const rows = days.map((day) => `1001,${day},absent,false,,${day}\n`).join("");
  const text = `student_id,date,category,excused,reason,recorded_on\n${rows}`;
  const path = `${await unpacked({ "file.csv": text })}/file.csv`;
  await importFlat(cairn().database, { tenantId, profile: "attendance", path, receivedAt: new Date(receivedAt) });
};

test("the same answers in any portions, sent twice, looked at in between: the same alerts", async () => {
  const { database } = cairn();
  const log = [..."0100011100000"].map((mark, index) => answer("1001", "2025-12-12", index, Number(mark)));
  const expected = [{ rule: "wrong-answers", name: "Ada", day: "2025-12-12" }];
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 4 }), fc.boolean(), async (cuts, look) => {
      const tenantId = await school(database);
      const ends = [...new Set(cuts), log.length].sort((a, b) => a - b);
      for (const [index, end] of ends.entries()) {
        const portion = log.slice(ends[index - 1] ?? 0, end);
        expect((await receiveResponses(cairn(), tenantId, portion)).stored).toBe(portion.length);
        expect(await receiveResponses(cairn(), tenantId, portion)).toMatchObject({
          stored: 0,
          unchanged: portion.length,
        });
        if (look) expect(await checkAlerts(cairn(), tenantId)).toEqual(quiet); // it is there already
      }
      expect(await alertsIn(database, tenantId)).toEqual(expected);
    }),
    { numRuns: 5 },
  );
});

test("answers sent at once from two sides open one episode; what cannot be taken is refused with its reason", async () => {
  const { database } = cairn();
  const tenantId = await school(database);
  const log = [0, 1, 2, 3, 4, 5, 6, 7].map((minute) => answer("1001", "2025-12-12", minute, 0));
  await Promise.all([log.slice(0, 4), log.slice(4)].map((portion) => receiveResponses(cairn(), tenantId, portion)));
  expect(await alertsIn(database, tenantId)).toHaveLength(1);
  const receipt = await receiveResponses(cairn(), tenantId, [
    { ...log[0]!, correct: 1 },
    { ...log[0]!, id: "nobody", learner: "4711" },
    { ...log[0]!, id: "future", answeredAt: "2026-12-12T10:00:00" },
    { ...log[0]!, id: "no day", answeredAt: "2025-02-30T10:00:00" },
    { ...log[0]!, id: "good", item: "other" },
  ]);
  expect(receipt).toMatchObject({ stored: 1, unchanged: 0 });
  expect(receipt.refused.map(({ id }) => id)).toEqual(["nobody", "future", "no day", log[0]!.id]);
  expect((await refusal(receiveResponses(cairn(), "nowhere", log))).code).toBe("NOT_FOUND");
});

const schoolDays = ["2025-11-24", "2025-11-25", "2025-11-26", "2025-12-01", "2025-12-02", "2025-12-03", "2025-12-04"];
/** Attendance comes in every day until the 4th of December; Ada is absent on the last three. */
const untilThursday = async (tenantId: string): Promise<void> => {
  for (const day of schoolDays) await attendance(tenantId, day > "2025-12-01" ? [day] : [], `${day}T16:00:00Z`);
};

test("a night's look tells absences and a silent source, each once", async () => {
  const { database } = cairn();
  const tenantId = await school(database);
  await untilThursday(tenantId);
  expect(await checkAlerts(cairn(), tenantId)).toEqual({ ...quiet, absences: 1, "silent-source": 1 });
  expect(await checkAlerts(cairn(), tenantId)).toEqual(quiet);
  expect(await alertsIn(database, tenantId)).toEqual([
    { rule: "absences", name: "Ada", day: "2025-12-04" },
    { rule: "silent-source", name: null, day: "2025-12-04" },
  ]);
});

test("new rules look forward, each version stays, and an audience that is nobody turns a rule off", async () => {
  const tenantId = await school(cairn().database);
  await untilThursday(tenantId);
  expect(await readDistrictRules(cairn(), tenantId)).toMatchObject({ version: null });
  await decideRules(cairn(), tenantId, { absences: { absences: 2 } }, "board");
  const off = await decideRules(cairn(), tenantId, { "wrong-answers": { tell: [] } }, "board");
  expect(off).toMatchObject({ version: 2, decidedBy: "board", rules: { absences: { absences: 3 } } });
  expect(await checkAlerts(cairn(), tenantId)).toEqual(quiet);
  const log = [0, 1, 2, 3, 4].map((minute) => answer("1001", "2025-12-12", minute, 0));
  await receiveResponses(cairn(), tenantId, log);
  expect(await alertsIn(cairn().database, tenantId)).toEqual([]);
  expect((await refusal(decideRules(cairn(), tenantId, { absences: { absences: 0 } }, "board"))).code).toBe(
    "BAD_INPUT",
  );
});

test("a learner who has come to stand above the line is told, once; who stood there is not", async () => {
  const { database } = cairn();
  const tenantId = await school(database);
  await decideRules(cairn(), tenantId, { "capacity-line": { capacity: 1 } }, "counselor");
  const publish = (runId: string, publishedAt: string, risks: Readonly<Record<string, number>>) =>
    inTenant(database, tenantId, async ({ sql, orm }) => {
      const made = {
        tenantId,
        kind: "nightly",
        snapshotIds: {},
        modelIds: {},
        status: "published" as const,
        partitions: 1,
      };
      const asOf = publishedAt.slice(0, 10);
      await orm.insert(scoringRun).values({ ...made, runId, asOf, publishedAt: new Date(publishedAt) });
      for (const [name, risk] of Object.entries(risks)) {
        await sql`
          insert into pseudonym (tenant_id, purpose, person_id, code)
          select distinct ${tenantId}, 'early-warning', person_id, ${`code-${name}-${tenantId}`} from person where given_name = ${name}
          on conflict do nothing`;
        await sql`
          insert into risk_score (tenant_id, run_id, pseudonym, partition, probability, reasons)
          values (${tenantId}, ${runId}, ${`code-${name}-${tenantId}`}, 0, ${risk}, '[]')`;
      }
    });
  await publish("r1", "2025-12-13T04:00:00Z", { Ada: 0.2, Ben: 0.7 });
  expect(await checkAlerts(cairn(), tenantId)).toEqual(quiet);
  await publish("r2", "2025-12-14T04:00:00Z", { Ada: 0.9, Ben: 0.7 });
  expect(await checkAlerts(cairn(), tenantId)).toEqual({ ...quiet, "capacity-line": 1 });
  expect(await checkAlerts(cairn(), tenantId)).toEqual(quiet);
  expect(await alertsIn(database, tenantId)).toEqual([{ rule: "capacity-line", name: "Ada", day: "2025-12-14" }]);
});

test("whose family refuses is not looked at, by kind of data; who is erased is in no alert", async () => {
  const { database } = cairn();
  const tenantId = await school(database);
  const office = { tenantId, recordedBy: "office" };
  const no = {
    purpose: "early-warning",
    decision: "deny",
    party: null,
    authentication: "signed",
    expiresOn: null,
  } as const;
  await makeChoice(cairn(), office, "1001", { ...no, dataClasses: ["practice"] });
  const log = (learner: string) => [0, 1, 2, 3, 4].map((minute) => answer(learner, "2025-12-12", minute, 0));
  await receiveResponses(cairn(), tenantId, [...log("1001"), ...log("1002")]);
  await untilThursday(tenantId);
  await checkAlerts(cairn(), tenantId);
  const told = (await alertsIn(database, tenantId)).filter(({ name }) => name !== null);
  expect(told.map(({ rule, name }) => `${rule} ${name}`)).toEqual(["absences Ada", "wrong-answers Ben"]);
  await eraseLearner(cairn(), office, "1002", "the family asked");
  expect(await query(database, tenantId, "select rule from alert where rule = 'wrong-answers'")).toEqual([]);
});

test("answers that come by file: four of five wrong, and two weeks of little work, each told once by the next look", async () => {
  const { database } = cairn();
  const tenantId = await school(database);
  const header = "student_id,item_id,standard,answered_at,correct,attempts,hints,seconds\n";
  const bring = async (monday: string, ada: string, ben: string): Promise<void> => {
    const rows = [...Object.entries({ 1001: ada, 1002: ben })].flatMap(([learner, marks]) =>
      [...marks].map(
        (mark, index) => `${learner},i${index},${standard},${monday}T10:${10 + index}:00Z,${mark},1,0,9\n`,
      ),
    );
    const path = `${await unpacked({ "file.csv": header + rows.join("") })}/file.csv`;
    const receivedAt = new Date(Date.parse(`${monday}T15:00:00Z`));
    await importFlat(database, { tenantId, profile: "responses", path, receivedAt });
  };
  for (const monday of ["2025-10-20", "2025-10-27", "2025-11-03", "2025-11-10"])
    await bring(monday, "1111111111", "11111111111");
  await bring("2025-11-17", "11", "1111111111");
  expect(await checkAlerts(cairn(), tenantId)).toEqual(quiet);
  await bring("2025-11-24", "1", "1111100100");
  // Late by a month: the weeks were judged without them, and are not judged again.
  const late = `${header}${Array.from({ length: 12 }, (_, index) => `1001,late${index},${standard},2025-11-24T11:${10 + index}:00Z,1,1,0,9\n`).join("")}`;
  const path = `${await unpacked({ "file.csv": late })}/file.csv`;
  await importFlat(database, { tenantId, profile: "responses", path, receivedAt: new Date("2025-12-12T15:00:00Z") });
  expect(await checkAlerts(cairn(), tenantId)).toEqual({
    ...quiet,
    "wrong-answers": 1,
    "declining-effort": 1,
    "silent-source": 1,
  });
  expect(await checkAlerts(cairn(), tenantId)).toEqual(quiet);
  expect(await alertsIn(database, tenantId)).toEqual([
    { rule: "declining-effort", name: "Ada", day: "2025-11-24" },
    { rule: "silent-source", name: null, day: "2025-11-24" }, // a weekly file, away for two weeks and back
    { rule: "wrong-answers", name: "Ben", day: "2025-11-24" },
  ]);
});

test("a ranking says what it rested on that was out of date: a source that was silent by its day, while nobody closed it nor it came again", async () => {
  const { database } = cairn();
  const tenantId = await school(database);
  await untilThursday(tenantId);
  await checkAlerts(cairn(), tenantId);
  const staleOn = (day: string) => inTenant(database, tenantId, (tx) => staleInputs(tx, day));
  const [found, ...more] = await staleOn("2025-12-11");
  expect(more).toEqual([]);
  expect(found).toMatchObject({ since: "2025-12-04" });
  expect(await staleOn("2025-12-04")).toEqual([]); // on that day it still came
  await attendance(tenantId, [], "2025-12-10T16:00:00Z");
  expect(await staleOn("2025-12-11")).toEqual([]); // it had come again
  expect(await staleOn("2025-12-09")).toEqual([found]); // the ranking of the day before rested on old records all the same
});
