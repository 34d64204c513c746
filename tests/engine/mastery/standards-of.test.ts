import { beforeAll, describe, expect, test } from "vitest";
import { withSnapshot } from "../../../src/engine/analysis.ts";
import { readRun } from "../../../src/engine/batch/inputs.ts";
import { inputsOf } from "../../../src/engine/batch/parts.ts";
import { replayLearner } from "../../../src/engine/mastery/log-of.ts";
import { readLearnerLog, standardsOf } from "../../../src/engine/mastery/standards-of.ts";
import { masteryStory, WORTH_TELLING } from "../../../src/engine/mastery/story.ts";
import { readLearningData } from "../../../src/engine/playlists/learning-data.ts";
import { loadMastery } from "../../../src/engine/playlists/recipes.ts";
import { replay } from "../../../src/models/mastery/online/replay.ts";
import { recordDecision } from "../../../src/records/consent/grants.ts";
import { createTenant, inTenant } from "../../../src/records/database.ts";
import { resolvePseudonyms } from "../../../src/records/snapshot/pseudonyms.ts";
import { asOf, deliver, refusal, runNight, useCairn, useDistrictFiles } from "../district.ts";

const cairn = useCairn();
const folder = useDistrictFiles(60);
const tenantId = "mastery";
const office = { tenantId, role: "operator" } as const;

let learners: string[]; // numbers of enrolled learners with observations, those with most first
let runId: string;

beforeAll(async () => {
  await createTenant(cairn().database, { id: tenantId, name: "Mastery" });
  await deliver(cairn(), tenantId, folder());
  runId = await runNight(cairn(), tenantId, asOf);
  learners = await inTenant(cairn().database, tenantId, async (tx) => {
    const rows = await tx.sql<{ number: string }[]>`
      select i.value as number from item_response r join identifier i using (person_id) where i.system = 'district'
      group by 1 order by count(*) desc limit 5`;
    return rows.map(({ number }) => number);
  });
}, 500_000);

describe("what a learner knows of every standard", () => {
  test("is the same from the record as from the night's snapshot, to the last byte of the state", async () => {
    const run = await readRun(cairn(), tenantId, runId);
    const { snapshotId, masteryId } = inputsOf(run, "playlist");
    const data = await withSnapshot(cairn().folders.snapshots, snapshotId, (c) => readLearningData(c, asOf));
    expect((await loadMastery(cairn(), tenantId, masteryId)).kind).toBe("mastery/ability-tracking");
    const people = await inTenant(cairn().database, tenantId, (tx) => resolvePseudonyms(tx, "playlist", data.learners));
    const compared: string[] = [];
    for (const [position, pseudonym] of data.learners.entries()) {
      const number = people.get(pseudonym)?.districtNumber;
      if (number === undefined || number === null || !learners.includes(number)) continue;
      const { models, observations } = await readLearnerLog(cairn(), office, number);
      expect(models.curriculum.standards.map(({ standard }) => standard)).toEqual(data.observations.standards);
      const batch = replayLearner(models.tracker, data.observations, position);
      expect(models.tracker.store(replay(models.tracker, observations))).toEqual(models.tracker.store(batch));
      compared.push(number);
    }
    expect(compared.sort()).toEqual([...learners].sort());
  });

  test("says for every standard how likely it is mastered, how sure that is and what to do", async () => {
    const found = await standardsOf(cairn(), office, learners[0]!);
    expect(found.provenance.runId).toBe(runId);
    expect(found.standards).toHaveLength(48);
    for (const { low, correctNext, high, mastery, group, evidence, basis, reviewDue } of found.standards) {
      expect(low).toBeLessThanOrEqual(correctNext);
      expect(correctNext).toBeLessThanOrEqual(high);
      expect(basis === "own").toBe(evidence > 0);
      if (group === "mastered") expect(mastery).toBeGreaterThanOrEqual(found.gates.masteredAt);
      if (group === "review-due") expect(reviewDue! <= found.asOf.slice(0, 10)).toBe(true);
    }
    const sources = new Set(
      (await readLearnerLog(cairn(), office, learners[0]!)).observations.map(({ source }) => source),
    );
    expect([...sources].sort()).toEqual(["assessment", "response", "teacher"]); // all three count
  });

  test("a story ends where the learner stands, and tells what one answer moved", async () => {
    const story = await masteryStory(cairn(), office, learners[0]!, 30);
    expect(story.steps).toHaveLength(30);
    const last = story.steps.at(-1)!;
    const now = (await standardsOf(cairn(), office, learners[0]!)).standards.find(
      (one) => one.standard === last.standard,
    )!;
    expect(now.mastery).toBeCloseTo(last.mastery.after, 1); // a few hours later
    for (const { outcome, expected, others, mastery } of story.steps) {
      expect(expected).toBeGreaterThan(0);
      expect(expected).toBeLessThan(1);
      if (outcome === 1) expect(mastery.after).toBeGreaterThan(mastery.before - 0.01);
      for (const { before, after } of others) expect(Math.abs(after - before)).toBeGreaterThanOrEqual(WORTH_TELLING);
    }
  });

  test("a family's no to marks leaves them out, a no to playlists leaves nothing, at the next read", async () => {
    const number = learners[1]!;
    const decide = (dataClasses: string[] | null, day: string) =>
      inTenant(cairn().database, tenantId, async (tx) => {
        const [person] = await tx.sql<
          { id: string }[]
        >`select person_id as id from identifier where value = ${number} limit 1`;
        await recordDecision(tx, {
          personId: person!.id,
          purpose: "playlist",
          decision: "deny",
          decidedOn: day,
          decidedBy: "mother",
          capacity: "guardian",
          authentication: "own key",
          recordedBy: "office",
          dataClasses,
          party: null,
          beginsOn: null,
          expiresOn: null,
          now: new Date(`${day}T10:00:00Z`),
        } as unknown as Parameters<typeof recordDecision>[1]);
      });
    const sourcesOf = async () =>
      new Set((await readLearnerLog(cairn(), office, number)).observations.map(({ source }) => source));
    expect((await sourcesOf()).size).toBe(3);
    await decide(["grades"], "2025-12-11");
    expect([...(await sourcesOf())]).toEqual(["response"]);
    await decide(null, "2025-12-12");
    expect((await refusal(standardsOf(cairn(), office, number))).code).toBe("NOT_FOUND");
  });
});

describe("who may see it", () => {
  test("a teacher those of her sections today, a family its own, another district nobody", async () => {
    const [pair] = await inTenant(
      cairn().database,
      tenantId,
      (tx) =>
        tx.sql<{ teacher: string; other: string }[]>`
        select t.person_id as teacher, (
          select person_id from section_enrolment o where o.role = 'teacher' and o.section_key not in (
            select s.section_key from section_enrolment s join identifier i on i.person_id = s.person_id
            where s.role = 'student' and i.value = ${learners[0]!})
          and o.person_id not in (
            select m.person_id from section_enrolment m where m.role = 'teacher' and m.section_key in (
              select s.section_key from section_enrolment s join identifier i on i.person_id = s.person_id
              where s.role = 'student' and i.value = ${learners[0]!}))
          limit 1) as other
        from section_enrolment t join section_enrolment s on s.section_key = t.section_key and s.role = 'student'
        join identifier i on i.person_id = s.person_id and i.value = ${learners[0]!}
        where t.role = 'teacher' order by t.entered_on desc nulls last, t.section_key desc limit 1`,
    );
    const asTeacher = (personId: string) => ({ tenantId, role: "teacher", personId }) as const;
    expect((await standardsOf(cairn(), asTeacher(pair!.teacher), learners[0]!)).standards).toHaveLength(48);
    for (const caller of [asTeacher(pair!.other), { tenantId, role: "family", personId: pair!.teacher } as const])
      expect((await refusal(standardsOf(cairn(), caller, learners[0]!))).code).toBe("NOT_FOUND");
    await createTenant(cairn().database, { id: "elsewhere", name: "Elsewhere" });
    const elsewhere = { tenantId: "elsewhere", role: "operator" } as const;
    expect((await refusal(standardsOf(cairn(), elsewhere, learners[0]!))).code).toBe("NOT_FOUND");
  });
});
