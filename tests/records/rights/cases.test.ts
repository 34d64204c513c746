import { describe, expect, test } from "vitest";
import { accessRequests, answerAccess, requestAccess } from "../../../src/records/rights/access.ts";
import {
  amendmentCases,
  amendmentState,
  requestAmendment,
  stepAmendment,
} from "../../../src/records/rights/amendment.ts";
import { addDays, clockOf } from "../../../src/records/rights/cases.ts";
import { schoolYearOf } from "../../../src/records/rights/directory.ts";
import { useDatabase } from "../../support/database.ts";
import { familyDistrict, now } from "../family.ts";
import { cleanUp } from "../import/deliveries.ts";

const database = useDatabase();
cleanUp();

test("CON-12: a reminder in the last ten days, a breach at day 45, and rest once it is answered", () => {
  const day = (n: number): string => addDays("2026-07-02", n);
  const due = day(45);
  expect(due).toBe("2026-08-16");
  expect([0, 34, 35, 44, 45, 60].map((n) => clockOf(due, false, day(n)))).toEqual([
    "open",
    "open",
    "due soon",
    "due soon",
    "overdue",
    "overdue",
  ]);
  expect(clockOf(due, true, day(60))).toBe("answered");
});

test("a school year is named by the year it ends in", () => {
  expect([schoolYearOf("2026-06-30"), schoolYearOf("2026-07-01"), schoolYearOf("2026-12-31")]).toEqual([
    2026, 2027, 2027,
  ]);
});

describe("access", () => {
  test("a request runs by the district's own days, is answered once, and is the guardian's to make", async () => {
    const { ada, parent, teacher, within } = await familyDistrict(database());
    const ask = (actorId: string) => within((tx) => requestAccess(tx, { personId: ada, actorId, answerDays: 30, now }));
    await expect(ask(teacher)).rejects.toMatchObject({ code: "FORBIDDEN" });
    const caseId = await ask(parent);
    const [open] = await within((tx) => accessRequests(tx, { personId: ada, on: "2026-08-01" }));
    expect(open).toMatchObject({ dueOn: "2026-08-01", clock: "overdue", requestedBy: parent });
    await within((tx) => answerAccess(tx, { caseId, text: "copy handed over", by: "registrar", now }));
    const [closed] = await within((tx) => accessRequests(tx, { on: "2026-09-01" }));
    expect(closed).toMatchObject({ clock: "answered", events: [{ kind: "answered", by: "registrar" }] });
    await expect(within((tx) => answerAccess(tx, { caseId, text: "x", by: "r", now }))).rejects.toMatchObject({
      code: "CONFLICT",
    });
    await expect(within((tx) => answerAccess(tx, { caseId: "none", text: "x", by: "r", now }))).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
  });
});

describe("amendment", () => {
  test("steps follow each other as 99.20 to 99.22 say, each with its notice, and no other way", async () => {
    const { ada, ben, parent, within } = await familyDistrict(database());
    const asked = {
      actorId: parent,
      recordTable: "result",
      recordKey: "sis:q1",
      contested: "late",
      request: "on time",
      now,
    };
    const open = (changes: object = {}) =>
      within((tx) => requestAmendment(tx, { personId: ada, ...asked, ...changes }));
    await expect(open({ personId: ben })).rejects.toMatchObject({ code: "FORBIDDEN" });
    await expect(open({ recordKey: "sis:q2" })).rejects.toMatchObject({ code: "NOT_FOUND" }); // Ben's
    for (const recordTable of ["org", "pseudonym", "disclosure", "result; drop table person"]) {
      await expect(open({ recordTable }), recordTable).rejects.toMatchObject({ code: "NOT_FOUND" });
    }
    await expect(open({ contested: " " })).rejects.toMatchObject({ code: "BAD_INPUT" });
    const caseId = await open();
    const step = (name: Parameters<typeof stepAmendment>[1]["step"]) =>
      within((tx) => stepAmendment(tx, { caseId, step: name, text: `because ${name}`, by: "registrar", now }));
    const standing = async () =>
      (await within((tx) => amendmentCases(tx, { personId: ada, on: "2026-08-20", answerDays: 45 })))[0]!;
    expect(await standing()).toMatchObject({ state: "requested", clock: "overdue", dueOn: "2026-08-16" });
    await expect(step("hearing set")).rejects.toMatchObject({ code: "CONFLICT" });
    await step("refused");
    expect((await standing()).events.at(-1)?.text).toContain("right to a hearing");
    expect(await standing()).toMatchObject({ state: "refused", clock: "answered" });
    await expect(step("refused")).rejects.toMatchObject({ code: "CONFLICT" });
    await step("hearing set");
    await step("granted");
    await expect(step("refusal stands")).rejects.toMatchObject({ code: "CONFLICT" });
    expect((await standing()).state).toBe("granted");
  });

  test("the state is what the events say, whatever else stands between them", () => {
    expect(amendmentState([])).toBe("requested");
    expect(amendmentState([{ kind: "refused" }, { kind: "phone call" }])).toBe("refused");
    expect(amendmentState(["refused", "hearing set", "refusal stands", "statement"].map((kind) => ({ kind })))).toBe(
      "stated",
    );
  });
});
