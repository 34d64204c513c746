import { expect, test } from "vitest";
import { latestRun } from "../../../src/engine/batch/inputs.ts";
import { prepareRun, publishRun, scorePartition } from "../../../src/engine/batch/run.ts";
import { readRanking } from "../../../src/engine/early-warning/ranking.ts";
import { listPlaylists, readPlaylist } from "../../../src/engine/playlists/read.ts";
import { createTenant } from "../../../src/records/database.ts";
import { asOf, deliver, firstYear, look, refusal, runNight, useCairn, useDistrictFiles } from "../district.ts";

const anotherDay = "2025-11-14";
const cairn = useCairn();
const files = useDistrictFiles();

const refuse = (tenantId: string, table: string, purpose: string) =>
  look(
    cairn(),
    tenantId,
    (tx) => tx.sql`
      insert into consent_decision (tenant_id, record_key, content_hash, class, authority, batch_id, source_record_id, known_on,
        received_at, person_id, purpose, decision, decided_on)
      select tenant_id, 'family|' || person_id, 'h', 'contributed', 'family', 'b', person_id, '2025-12-13', now(), person_id,
        ${purpose}, 'deny', '2025-12-13'
      from pseudonym where purpose = ${purpose} and code in (
        select pseudonym from ${tx.sql(table)} order by pseudonym limit 1)`,
  );

test("a whole night gives both parts, and a family's no since then holds at the next read", async () => {
  await deliver(cairn(), "north", files());
  const runId = await runNight(cairn(), "north", asOf);
  const { parts } = await latestRun(cairn(), "north");
  expect([parts.risk.status, parts.playlist.status]).toEqual(["made", "made"]);
  const ranking = await readRanking(cairn(), "north", { limit: 1000 });
  expect(ranking.entries).toHaveLength(ranking.learners);
  expect(ranking.learners).toBeGreaterThan(60);
  expect(ranking.provenance).toMatchObject({ runId, asOf });
  const playlists = await listPlaylists(cairn(), "north");
  expect(playlists.size).toBeGreaterThan(60);

  // Nothing open is an answer; a learner nobody has is none.
  const [emptied, ...others] = [...playlists.keys()];
  await look(
    cairn(),
    "north",
    (tx) => tx.sql`
      delete from playlist_entry where pseudonym in (
        select p.code from pseudonym p join identifier i using (person_id) where i.value = ${emptied!} and p.purpose = 'playlist')`,
  );
  expect(await readPlaylist(cairn(), "north", emptied!)).toMatchObject({ learner: emptied, minutes: 0, items: [] });
  expect((await refusal(readPlaylist(cairn(), "north", "nobody"))).code).toBe("NOT_FOUND");
  const shown = await readPlaylist(cairn(), "north", others[0]!);
  expect(shown.items.map(({ activity }) => activity)).toEqual(playlists.get(others[0]!));
  expect(shown.provenance.masteryModelId).not.toBe(shown.provenance.modelId);
  playlists.delete(emptied!);

  await refuse("north", "risk_score", "early-warning");
  const after = await readRanking(cairn(), "north", { limit: 1000 });
  expect(after.learners).toBe(ranking.learners - 1);
  const left = ranking.entries.filter(({ learner }) => !after.entries.some((entry) => entry.learner === learner));
  expect(left).toHaveLength(1);
  expect((await listPlaylists(cairn(), "north")).size).toBe(playlists.size); // another purpose, another decision

  await refuse("north", "playlist_entry", "playlist");
  const kept = await listPlaylists(cairn(), "north");
  const [gone] = [...playlists.keys()].filter((learner) => !kept.has(learner));
  expect(kept.size).toBe(playlists.size - 1);
  expect((await refusal(readPlaylist(cairn(), "north", gone!))).code).toBe("NOT_FOUND");
});

test("two processes that run the same night at once end with one run and every learner once", async () => {
  const [one, two] = await Promise.all([1, 2].map(() => prepareRun(cairn(), { tenantId: "north", asOf: anotherDay })));
  expect(two).toEqual(one);
  const { runId, partitions } = one!;
  const scoreAll = () =>
    Promise.all(partitions.map((partition) => scorePartition(cairn(), { tenantId: "north", runId, ...partition })));
  expect((await refusal(publishRun(cairn(), { tenantId: "north", runId }))).code).toBe("CONFLICT");
  const [first, second] = await Promise.all([scoreAll(), scoreAll()]);
  expect(second).toEqual(first);
  await Promise.all([1, 2].map(() => publishRun(cairn(), { tenantId: "north", runId })));
  const [counted] = await look(
    cairn(),
    "north",
    (tx) => tx.sql`
      select count(*)::int as rows, count(distinct pseudonym)::int as learners from risk_score where run_id = ${runId}`,
  );
  expect((await latestRun(cairn(), "north")).runId).toBe(runId);
  expect(counted!.rows).toBe(counted!.learners);
  expect(counted!.rows).toBe(first![0]!.rows);
});

test("a night asked for again is shown again when another has replaced it, and else stays as it is", async () => {
  expect(await latestRun(cairn(), "north")).toMatchObject({ asOf: anotherDay });
  const [first] = await look(
    cairn(),
    "north",
    (tx) => tx.sql<{ id: string }[]>`select run_id as id from scoring_run where as_of = ${asOf}`,
  );
  await publishRun(cairn(), { tenantId: "north", runId: first!.id });
  const shown = await latestRun(cairn(), "north");
  expect(shown).toMatchObject({ asOf, runId: first!.id });
  await publishRun(cairn(), { tenantId: "north", runId: first!.id });
  expect(await latestRun(cairn(), "north")).toEqual(shown);
});

test("a partition the run does not have is refused: its line would keep the run from being published", async () => {
  const { runId } = await latestRun(cairn(), "north");
  for (const kind of ["risk", "playlist"] as const) {
    const beyond = scorePartition(cairn(), { tenantId: "north", runId, kind, partition: 99 });
    expect((await refusal(beyond)).code).toBe("BAD_INPUT");
  }
});

test("without answers or completed activities there is still a ranking, and the run says what playlists lack", async () => {
  await createTenant(cairn().database, { id: "no-platform", name: "no platform" });
  await deliver(cairn(), "no-platform", files(), ["responses.csv", "caliper.jsonl"]);
  await runNight(cairn(), "no-platform", asOf);
  const { parts } = await latestRun(cairn(), "no-platform");
  expect(parts.playlist).toMatchObject({
    status: "absent",
    code: "CONFLICT",
    reason:
      "expected evidence to make playlists from, got no answers on one of the standards, no completed activities of the library",
  });
  expect((await readRanking(cairn(), "no-platform", { limit: 5 })).entries).toHaveLength(5);
  for (const read of [() => readPlaylist(cairn(), "no-platform", "1"), () => listPlaylists(cairn(), "no-platform")]) {
    const { code, message } = await refusal(read());
    expect(code).toBe("CONFLICT");
    expect(message).toMatch(/^expected playlists as of 2025-12-12, got none: .*no answers on one of the standards/);
  }
});

test("without a finished year there are still playlists, and the run says what the ranking lacks", async () => {
  await runNight(cairn(), "north", firstYear);
  const { parts } = await latestRun(cairn(), "north");
  expect(parts.risk).toMatchObject({
    status: "absent",
    reason: "expected at least 50 learners with a known outcome, got 0",
  });
  expect((await listPlaylists(cairn(), "north")).size).toBeGreaterThan(30);
  const { code, message } = await refusal(readRanking(cairn(), "north", { limit: 5 }));
  expect(code).toBe("CONFLICT");
  expect(message).toMatch(/^expected a ranking as of 2024-12-12, got none: .*known outcome/);
});

test("a night that can give neither part fails with both reasons; an empty run never hides the last one", async () => {
  await createTenant(cairn().database, { id: "empty", name: "empty" });
  const nobody = await refusal(prepareRun(cairn(), { tenantId: "empty", asOf }));
  expect(nobody.code).toBe("CONFLICT");
  expect(nobody.message).toMatch(
    /^expected a ranking or playlists as of 2025-12-12, got neither: .*school year.*; .*no standards/,
  );

  const before = await latestRun(cairn(), "north");
  const early = await refusal(prepareRun(cairn(), { tenantId: "north", asOf: "2020-01-01" }));
  expect(early).toMatchObject({ code: "CONFLICT", message: expect.stringMatching(/got neither: .*2020-01-01.*; /) });
  expect((await refusal(prepareRun(cairn(), { tenantId: "north", asOf: "2025-02-30" }))).code).toBe("BAD_INPUT");

  await look(
    cairn(),
    "north",
    (tx) => tx.sql`
      insert into consent_decision (tenant_id, record_key, content_hash, class, authority, batch_id, source_record_id, known_on,
        received_at, person_id, purpose, decision, decided_on)
      select distinct tenant_id, purpose || person_id, 'h', 'contributed', 'family', 'b', person_id, date '2025-12-13', now(),
        person_id, purpose, 'deny', date '2025-12-13'
      from enrolment cross join (values ('early-warning'), ('playlist')) for_what(purpose)`,
  );
  const denied = await refusal(prepareRun(cairn(), { tenantId: "north", asOf }));
  expect(denied.code).toBe("CONFLICT");
  expect(await latestRun(cairn(), "north")).toEqual(before);
  expect((await listPlaylists(cairn(), "north")).size).toBe(0);
});
