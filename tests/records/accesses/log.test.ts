import fc from "fast-check";
import { expect, test } from "vitest";
import type { AccessLine } from "../../../src/records/accesses/log.ts";
import { accessesTo, logAccess, personsByNumbers } from "../../../src/records/accesses/log.ts";
import { erasePerson } from "../../../src/records/erasure/erase.ts";
import { applyRetention, setRetentionRule } from "../../../src/records/erasure/retention.ts";
import { linkPersons } from "../../../src/records/identity/links.ts";
import { personByNumber } from "../../../src/records/identity/people.ts";
import { answerAccess, requestAccess } from "../../../src/records/rights/access.ts";
import { useDatabase } from "../../support/database.ts";
import { familyDistrict, now } from "../family.ts";
import { cleanUp } from "../import/deliveries.ts";

const database = useDatabase();
cleanUp();

const DAY = 86_400_000;
const line: AccessLine = {
  credential: "0123456789abcdef",
  readerId: null,
  role: "counselor",
  route: "GET /v1/rankings",
  purpose: "early-warning",
  outcome: "shown",
  learners: 2,
  runId: "run",
  requestId: "request",
};

test("a learner who is erased goes from the log; that an access took place stays, and says nothing of her", async () => {
  const { within, ada, ben, teacher } = await familyDistrict(database());
  await within(async (tx) => {
    await logAccess(tx, { ...line, readerId: teacher }, [ada, ben], now);
    await logAccess(tx, { ...line, learners: 1, requestId: "alone" }, [ada], now);
  });
  const decided = { cause: "asked", decidedBy: "office", now };
  const { rows } = await within((tx) => erasePerson(tx, { personId: ada, ...decided }));
  expect(rows.learner_accessed).toBe(2);
  const [stay, ofBen] = await within((tx) =>
    Promise.all([accessesTo(tx, undefined, { limit: 9 }), accessesTo(tx, ben, { limit: 9 })]),
  );
  expect(stay.map(({ requestId, learners }) => [requestId, learners]).sort()).toEqual([
    ["alone", 1],
    ["request", 2],
  ]);
  expect(JSON.stringify(stay)).not.toContain(ada);
  expect(ofBen.map(({ requestId, readerId }) => [requestId, readerId])).toEqual([["request", teacher]]);
  // A reader who is erased is nobody in it either.
  await within((tx) => erasePerson(tx, { personId: teacher, ...decided }));
  expect((await within((tx) => accessesTo(tx, ben, { limit: 9 }))).map(({ readerId }) => readerId)).toEqual([null]);
});

test("it is append-only: the application changes and deletes nothing of it", async () => {
  const { within, ada } = await familyDistrict(database());
  await within((tx) => logAccess(tx, line, [ada], now));
  for (const statement of [
    "update learner_access set role = 'x'",
    "delete from learner_access",
    "update learner_accessed set person_id = 'x'",
    "delete from learner_accessed",
  ]) {
    await expect(
      within(({ sql }) => sql.unsafe(statement)),
      statement,
    ).rejects.toThrow(/permission denied/);
  }
});

test("a rule of the district says how long; lines about somebody under legal hold stay, the rest leaves a certificate", async () => {
  const here = await familyDistrict(database());
  const other = await familyDistrict(database());
  const { within, ada, ben, parent } = here;
  const old = new Date(now.getTime() - 400 * DAY);
  for (const [person, at] of [
    [ada, old],
    [ben, old],
    [ben, now],
  ] as const) {
    await within((tx) => logAccess(tx, { ...line, learners: 1 }, [person], at));
  }
  await other.within((tx) => logAccess(tx, line, [other.ben], old));
  const rule = { recordTable: "learner_access", keepDays: 365, basis: "policy 7", decidedBy: "board" } as const;
  await expect(within((tx) => setRetentionRule(tx, { ...rule, after: "left" }, now))).rejects.toMatchObject({
    code: "BAD_INPUT",
  });
  await within((tx) => setRetentionRule(tx, { ...rule, after: "known" }, now));
  const caseId = await within((tx) => requestAccess(tx, { personId: ada, actorId: parent, now, answerDays: 45 }));
  expect(await within((tx) => applyRetention(tx, now))).toEqual({ learner_access: 1 });
  const left = async (person: string) => (await within((tx) => accessesTo(tx, person, { limit: 9 }))).length;
  expect([await left(ada), await left(ben)]).toEqual([1, 1]);
  await within((tx) => answerAccess(tx, { caseId, text: "copy sent", by: "office", now }));
  expect(await within((tx) => applyRetention(tx, now))).toEqual({ learner_access: 1 });
  expect(await left(ada)).toBe(0);
  expect(await within((tx) => applyRetention(tx, now))).toEqual({ learner_access: 0 });
  const [proof] = await within(
    ({ sql }) => sql<{ rows: object }[]>`select rows from erasure order by erased_at limit 1`,
  );
  expect(proof?.rows).toEqual({ learner_access: 1, learner_accessed: 1 });
  expect(await other.within((tx) => accessesTo(tx, other.ben, { limit: 9 }))).toHaveLength(1);
});

test("the accesses to linked persons are one learner's; page by page they are what they are at once", async () => {
  const { within, ada, ben } = await familyDistrict(database());
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ who: fc.constantFrom(ada, ben), hours: fc.integer({ min: 0, max: 5 }) }), {
        minLength: 1,
        maxLength: 12,
      }),
      fc.integer({ min: 1, max: 5 }),
      async (asked, limit) => {
        await within(async (tx) => {
          for (const { who, hours } of asked)
            await logAccess(tx, line, [who], new Date(now.getTime() + hours * 3_600_000));
          const whole = await accessesTo(tx, ada, { limit: 1000 });
          const pages: string[] = [];
          for (let page = await accessesTo(tx, ada, { limit }); page.length > 0; ) {
            pages.push(...page.map(({ accessId }) => accessId));
            page = await accessesTo(tx, ada, { limit, before: page.at(-1)!.accessId });
          }
          expect(pages).toEqual(whole.map(({ accessId }) => accessId));
        });
      },
    ),
    { numRuns: 8 },
  );
  const [adas, bens] = await within((tx) => Promise.all([ada, ben].map((one) => accessesTo(tx, one, { limit: 1000 }))));
  await within((tx) =>
    linkPersons(tx, { personId: ada, sameAs: ben, decidedBy: "registrar", reason: "one child", now }),
  );
  const together = await within((tx) => accessesTo(tx, ben, { limit: 1000 }));
  expect(together).toHaveLength(adas!.length + bens!.length);
});

test("many numbers at once are looked up as one is", async () => {
  const { within } = await familyDistrict(database());
  for (const numbers of [["1001"], ["1001", "1002", "4711"], [], ["nobody"]]) {
    const [many, single] = await within(async (tx) => [
      await personsByNumbers(tx, numbers),
      await Promise.all(numbers.map((number) => personByNumber(tx, number))),
    ]);
    expect([...many].sort()).toEqual(single.filter((id) => id !== undefined).sort());
  }
});
