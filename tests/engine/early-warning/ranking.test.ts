import { pino } from "pino";
import { beforeAll, expect, test } from "vitest";
import { createApp } from "../../../src/api/app.ts";
import { createKey } from "../../../src/engine/access/keys.ts";
import { listHelp, logHelp } from "../../../src/engine/early-warning/interventions.ts";
import { judgeRun } from "../../../src/engine/early-warning/judge-run.ts";
import { describeCard, readModelCard } from "../../../src/engine/early-warning/model-card.ts";
import {
  defineOutcome,
  readDistrictOutcomes,
  retireOutcome,
} from "../../../src/engine/early-warning/outcomes/register.ts";
import { giveCaseload } from "../../../src/engine/early-warning/ranking/caseload.ts";
import type { Ranking } from "../../../src/engine/early-warning/ranking.ts";
import { readRanking, readThriving } from "../../../src/engine/early-warning/ranking.ts";
import { replayScore } from "../../../src/engine/early-warning/replay.ts";
import { listModels } from "../../../src/engine/registry/list.ts";
import { registerModel } from "../../../src/engine/registry/models.ts";
import { baseRate } from "../../../src/models/off-track/base-rate.ts";
import { random } from "../../../src/numeric/random.ts";
import { asOf, deliver, look, refusal, runNight, useCairn, useDistrictFiles } from "../district.ts";

const cairn = useCairn();
const files = useDistrictFiles(140);
const everybody = { limit: 1000 };
const weekBefore = "2025-12-05";

let runId = "";
let ranking: Ranking;
let counselor = "";

beforeAll(async () => {
  // Without the platform: playlists are not what is tested, and take most of a night.
  await deliver(cairn(), "north", files(), ["responses.csv", "caliper.jsonl"]);
  await defineOutcome(cairn(), "north", { outcome: "fails", kind: "course-failure", title: "Fails a course" }, "board");
  await defineOutcome(
    cairn(),
    "north",
    { outcome: "tests", kind: "recorded", title: "Nobody records it", name: "x", values: ["y"] },
    "board",
  );
  await runNight(cairn(), "north", weekBefore);
  runId = await runNight(cairn(), "north", asOf);
  ranking = await readRanking(cairn(), "north", everybody);
  const [teacher] = await look(
    cairn(),
    "north",
    (tx) =>
      tx.sql<
        { id: string }[]
      >`select distinct person_id as id from section_enrolment where role = 'teacher' order by 1 limit 1`,
  );
  counselor = teacher!.id;
}, 600_000);

test("every number has an interval around it, a change since the night before and its own ties", () => {
  expect(ranking.outcome.name).toBe("off-track");
  let changed = 0;
  for (const { probability, low, high, abstained, change, reasons, strengths, tied } of ranking.entries) {
    if (probability === null) {
      expect([low, high, typeof abstained]).toEqual([null, null, "string"]);
      continue;
    }
    expect(low).toBeLessThanOrEqual(probability);
    expect(high).toBeGreaterThanOrEqual(probability);
    expect(reasons.every(({ contribution }) => contribution > 0)).toBe(true);
    expect(strengths.every(({ contribution }) => contribution < 0)).toBe(true);
    expect(tied).toBe(ranking.entries.filter((other) => other.probability === probability).length - 1);
    if (change === null) continue;
    expect(change.since).toBe(weekBefore);
    changed += 1;
  }
  expect(changed).toBeGreaterThan(ranking.entries.length / 2);
});

test("other outcomes of the district are ranked beside it; one that cannot be learned is left out and says why", async () => {
  const fails = await readRanking(cairn(), "north", { limit: 5, outcome: "fails" });
  expect(fails).toMatchObject({ outcome: { name: "fails", title: "Fails a course" }, learners: ranking.learners });
  expect(fails.entries[0]!.change?.since).toBe(weekBefore);
  const { code, message } = await refusal(readRanking(cairn(), "north", { limit: 5, outcome: "tests" }));
  expect([code, message]).toEqual(["NOT_FOUND", expect.stringContaining("off-track, fails")]);
  const card = await readModelCard(cairn(), "north", ranking.provenance.modelId);
  expect(card.outcomes.map(({ absent }) => absent?.reason.includes("got 0"))).toEqual([undefined, undefined, true]);
  const names = (await readDistrictOutcomes(cairn(), "north")).map(({ definition }) => definition.outcome);
  expect(names).toEqual(["off-track", "fails", "tests"]);
  expect(await retireOutcome(cairn(), "north", "tests", "board")).toMatchObject({ version: 2, active: false });
  expect((await refusal(retireOutcome(cairn(), "north", "off-track", "board"))).code).toBe("CONFLICT");
  expect((await refusal(retireOutcome(cairn(), "north", "tests", "board"))).code).toBe("NOT_FOUND");
});

test("a stored score comes out of its snapshot and model with the same bytes, for every learner and outcome", async () => {
  const { learner } = ranking.entries[20]!;
  const replay = await replayScore(cairn(), "north", { runId, learner });
  expect(replay).toMatchObject({ isSame: true, from: "snapshot", outcome: "off-track" });
  expect(replay.replayed).toBe(replay.stored);
  expect((await replayScore(cairn(), "north", { runId, learner, outcome: "fails" })).isSame).toBe(true);
  expect((await refusal(replayScore(cairn(), "north", { runId, learner: "nobody" }))).code).toBe("NOT_FOUND");
  // A score that was changed is seen.
  await look(
    cairn(),
    "north",
    (tx) => tx.sql`update risk_score set coverage = coverage - 0.001 where run_id = ${runId}`,
  );
  expect((await replayScore(cairn(), "north", { runId, learner })).isSame).toBe(false);
}, 240_000);

test("a counselor's own key opens her caseload and no other; without one she sees nobody", async () => {
  const app = createApp(cairn(), { version: "9", log: pino({ level: "silent" }) });
  const get = async (path: string, key: string) => {
    const response = await app.request(path, { headers: { authorization: `Bearer ${key}` } });
    return { status: response.status, body: (await response.json()) as Ranking };
  };
  const own = await createKey(cairn(), "north", "counselor", "hers", counselor);
  expect((await get("/v1/rankings", own)).status).toBe(404);
  const school = ranking.entries[0]!.school;
  const given = { schools: [school], familyNames: { from: "A", to: "K" } };
  const { key } = await giveCaseload(cairn(), "north", counselor, { given, decidedBy: "office", withKey: true });
  const hers = await get("/v1/rankings?limit=500", key!);
  const expected = ranking.entries.filter(
    (entry) => entry.school === school && /^[A-K]/.test(entry.name.split(" ").at(-1)!),
  );
  expect(hers.body.entries.map(({ learner }) => learner)).toEqual(expected.map(({ learner }) => learner));
  expect(expected.length).toBeGreaterThan(0);
  const office = await createKey(cairn(), "north", "counselor", "office");
  expect((await get("/v1/rankings?limit=500", office)).body.entries).toHaveLength(ranking.entries.length);
  const thriving = await get("/v1/rankings/thriving?limit=500", key!);
  expect(thriving.body.entries.every((entry) => entry.school === school)).toBe(true);
  const wrong = await get("/v1/rankings?costMissed=4", office);
  expect(wrong).toMatchObject({ status: 422 });
});

test("help that is logged is a dose: sent again it is the same, seen in the ranking, read back, refused for nobody and tomorrow", async () => {
  const { learner } = ranking.entries[0]!;
  const help = {
    id: "h1",
    learner,
    intervention: "check-in",
    name: "Check in, check out",
    on: "2025-12-10",
    minutes: 15,
  };
  const sent = [help, { ...help, id: "h2", learner: "nobody" }, { ...help, id: "h3", on: "2026-12-10" }];
  const receipt = await logHelp(cairn(), "north", sent, "a counselor");
  expect(receipt).toMatchObject({ stored: 1, unchanged: 0, refused: [{ id: "h2" }, { id: "h3" }] });
  expect(await logHelp(cairn(), "north", [help], "a counselor")).toEqual({ stored: 0, unchanged: 1, refused: [] });
  const clash = await logHelp(cairn(), "north", [{ ...help, minutes: 30 }], "a counselor");
  expect(clash.refused).toEqual([{ id: "h1", reason: "expected the entry this id stands for, got another" }]);
  await logHelp(cairn(), "north", [{ ...help, id: "h4", on: "2025-12-11", attended: false }], "a counselor");
  const { entries } = await readRanking(cairn(), "north", { limit: 1 });
  expect(entries[0]!.tried).toContainEqual({
    ...{ intervention: "check-in", name: "Check in, check out", given: 1, missed: 1, minutes: 15 },
    ...{ lastOn: "2025-12-10", isOpen: false },
  });
  const log = await listHelp(cairn(), "north", learner);
  expect(log.filter(({ intervention }) => intervention === "check-in")).toEqual([
    expect.objectContaining({ on: "2025-12-11", attended: false, class: "contributed" }),
    expect.objectContaining({ on: "2025-12-10", attended: true, minutes: 15 }),
  ]);
  expect((await refusal(listHelp(cairn(), "north", "nobody"))).code).toBe("NOT_FOUND");
});

test("a ranking of the year under way cannot be judged yet, and says when", async () => {
  const { code, message } = await refusal(judgeRun(cairn(), "north", { runId, asOf: "2025-12-13", capacity: 10 }));
  expect(code).toBe("CONFLICT");
  expect(message).toMatch(/ripe labels of "off-track" for 2025-26.*they ripen/);
});

test("the card says data, figures beside the rules and limits, by the registry's word; models are listed, newest first", async () => {
  const models = await listModels(cairn(), "north", { purpose: "early-warning" });
  expect(models.map(({ modelId }) => modelId)).toContain(ranking.provenance.modelId);
  expect(models[0]!.createdAt >= models.at(-1)!.createdAt).toBe(true);
  const card = await readModelCard(cairn(), "north", ranking.provenance.modelId);
  const text = describeCard(card);
  for (const words of [card.modelId, "Off track", "rule", "Fairness audit", "## Limits", "held out", "Not learned"])
    expect(text).toContain(words);
  for (const { name, learner } of ranking.entries) {
    expect(text).not.toContain(name);
    expect(text).not.toContain(` ${learner} `);
  }
  const plain = baseRate().fit(
    { matrix: { rows: 2, columns: [] }, labels: Uint8Array.of(0, 1) },
    { rng: random("other") },
  );
  const identity = { kind: plain.kind, parameters: {}, dataHash: "other", seed: "other" };
  const about = { purpose: "other", metrics: {}, lineage: {} };
  const other = await registerModel(cairn(), "north", plain, identity, about);
  expect((await refusal(readModelCard(cairn(), "north", other))).code).toBe("CONFLICT");
});

test("outcomes, models and interventions answer over HTTP to the roles of the table and nobody else", async () => {
  const app = createApp(cairn(), { version: "9", log: pino({ level: "silent" }) });
  const [operator, office, platform] = await Promise.all(
    (["operator", "counselor", "platform"] as const).map((role) => createKey(cairn(), "north", role, "tests")),
  );
  const ask = async (key: string | undefined, path: string, body?: unknown) => {
    const response = await app.request(path, {
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  const card = `/v1/models/${ranking.provenance.modelId}`;
  const { learner } = ranking.entries[1]!;
  const paths = ["/v1/models", card, "/v1/outcomes", `/v1/interventions?learner=${learner}`, "/v1/rankings/thriving"];
  for (const path of paths) {
    expect([path, (await ask(office, path)).status]).toEqual([path, 200]);
    expect([path, (await ask(platform, path)).status]).toEqual([path, 403]);
  }
  expect((await ask(office, card)).body.markdown).toContain("# Model card");
  const outcome = { outcome: "leaves", kind: "drop-out", title: "Leaves school", horizonDays: 60 };
  expect((await ask(office, "/v1/outcomes", outcome)).status).toBe(403);
  expect(await ask(operator, "/v1/outcomes", outcome)).toMatchObject({
    status: 200,
    body: { version: 1, active: true },
  });
  expect(await ask(operator, "/v1/outcomes", { ...outcome, horizonDays: 1 })).toMatchObject({ status: 422 });
  const help = { interventions: [{ id: "http", learner, intervention: "tutoring", on: "2025-12-01" }] };
  expect(await ask(office, "/v1/interventions", help)).toMatchObject({ status: 200, body: { stored: 1 } });
  expect((await ask(platform, "/v1/interventions", help)).status).toBe(403);
});

test("learners to whom more could be offered come with their evidence, those with the most first", async () => {
  const { entries, learners } = await readThriving(cairn(), "north", everybody);
  expect(entries).toHaveLength(learners);
  expect(learners).toBeGreaterThan(0);
  expect(learners).toBeLessThan(ranking.learners / 3);
  const counts = entries.map(({ evidence }) => evidence.length);
  expect(counts).toEqual([...counts].sort((a, b) => b - a));
});
