import { beforeAll, expect, test } from "vitest";
import type { Answers } from "../../../src/engine/answers/read-answers.ts";
import { readAnswers } from "../../../src/engine/answers/read-answers.ts";
import { readRanking } from "../../../src/engine/early-warning/ranking.ts";
import { makeChoice } from "../../../src/engine/families/choices.ts";
import { ensureTenant } from "../../../src/engine/intake/tenants.ts";
import { asOf, deliver, look, runNight, useCairn, useDistrictFiles } from "../district.ts";

const cairn = useCairn();
const files = useDistrictFiles();

let tenantId = "";
let learner = "";
beforeAll(async () => {
  tenantId = await ensureTenant(cairn(), "answers", "Answers");
  await deliver(cairn(), tenantId, files());
  await runNight(cairn(), tenantId, asOf);
  learner = (await readRanking(cairn(), tenantId, { limit: 1 })).entries[0]!.learner;
}, 400_000);

const ask = (number: string): Promise<Answers> =>
  readAnswers(
    cairn(),
    { tenantId, role: "counselor", recordedBy: "a counselor" },
    { learner: number, audience: "teacher" },
  );
const found = ({ answers }: Answers, id: string) => answers.find((answer) => answer.id === id)!;

test("of a learner with a whole record, every answer that its records allow is given, with days and counts", async () => {
  const said = await ask(learner);
  const allowed: Readonly<Record<string, string>> = {
    "standards-met": "standard_result, observation, item_response",
    goals: "goal",
    interests: "preference",
    "other-teachers": "narrative",
  };
  const tables = await look(cairn(), tenantId, async ({ sql }) => {
    const rows = await sql<{ kind: string; learners: number }[]>`
      select 'goal' as kind, count(distinct person_id)::int as learners from goal
      union all select 'preference', count(distinct person_id)::int from preference
      union all select 'narrative', count(distinct person_id)::int from narrative`;
    return new Map(rows.map(({ kind, learners }) => [kind, learners]));
  });
  expect([...tables.values()].every((learners) => learners > 0)).toBe(true);
  for (const [id, source] of Object.entries(allowed)) {
    const { findings, notKnown } = found(said, id);
    expect(findings.length + notKnown.length).toBeGreaterThan(0);
    for (const { evidence } of findings) expect(evidence).toMatchObject({ source, records: expect.any(Number) });
  }
  const flags = found(said, "flags");
  const estimate = flags.findings.find(({ sentence }) => sentence.startsWith("Of learners whose records"));
  expect(estimate?.evidence).toEqual({ source: "early-warning", on: asOf, records: 1 });
  expect(flags.findings.some(({ evidence }) => evidence.source === "attendance_event")).toBe(true);
  for (const { evidence } of said.answers.flatMap(({ findings }) => findings))
    if (evidence.on !== null) expect(evidence.on <= "2025-12-13").toBe(true);
});

test("a parent hears the place among the school's own grade; a family's no to early warning is heard at the next read", async () => {
  const { ada } = await look(cairn(), tenantId, async ({ sql }) => {
    const [child] = await sql<{ id: string }[]>`
      select person_id as id from identifier where system = 'district' and value = ${learner} limit 1`;
    await sql.unsafe(
      `insert into guardianship (tenant_id, record_key, content_hash, class, authority, batch_id, source_record_id, known_on,
         received_at, person_id, guardian_id, relation, holds_rights)
       values ($1, 'sis:g1', 'hash', 'certified', 'sis', 'b', 'g1', '2025-08-20', now(), $2, 'sis:mother', 'mother', true)`,
      [tenantId, child!.id],
    );
    return { ada: child!.id };
  });
  expect(ada).not.toBe("");
  const family = { tenantId, role: "family", personId: "sis:mother", recordedBy: "key of role family" } as const;
  const parents = (): Promise<Answers> => readAnswers(cairn(), family, { learner, audience: "parent" });
  const before = await parents();
  expect(before.legalBases).toEqual(["the parent or eligible student, 34 CFR 99.10"]);
  expect(
    found(before, "compared-with-peers")
      .findings.map(({ sentence }) => sentence)
      .join(" "),
  ).toMatch(/of the learners of the same school and grade|in the test's norm group/);
  expect(JSON.stringify(found(before, "on-track-to-graduate"))).toContain("ended a year off track");
  await makeChoice(cairn(), family, learner, {
    purpose: "early-warning",
    decision: "deny",
    dataClasses: null,
    party: null,
    expiresOn: null,
    authentication: "code by mail",
  });
  const after = found(await parents(), "on-track-to-graduate");
  expect(JSON.stringify(after.findings)).not.toContain("ended a year off track");
  expect(after.notKnown).toContain("The family decided against early warning, so nothing is estimated.");
});
