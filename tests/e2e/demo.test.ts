import { chown, cp, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type postgres from "postgres";
import { beforeAll, describe, expect, test } from "vitest";
import type { DemoResult } from "../../src/cli/demo/describe.ts";
import type { RankedLearner } from "../../src/engine/early-warning/ranking.ts";
import { readRanking } from "../../src/engine/early-warning/ranking.ts";
import { defaultPlaylistPolicy } from "../../src/engine/playlists/policy.ts";
import { listPlaylists, readPlaylist } from "../../src/engine/playlists/read.ts";
import type { Cairn } from "../../src/engine/runtime.ts";
import { openCairn } from "../../src/engine/runtime.ts";
import type { Finished } from "./cairn-process.ts";
import {
  documentOf,
  eventually,
  freshHome,
  lookInto,
  processesIn,
  runCairn,
  serverPid,
  startCairn,
} from "./cairn-process.ts";

const STUDENTS = "120"; // of them about 90 are enrolled, a dozen leaves the track: enough to tell a ranking from chance
const demo = ["demo", "--students", STUDENTS, "--json"];
const everybody = { limit: Number.MAX_SAFE_INTEGER };

/** Opens what a process left behind; the embedded server runs meanwhile. */
async function within<T>(home: string, work: (cairn: Cairn) => Promise<T>): Promise<T> {
  const configuration = { home, databaseUrl: undefined, redisUrl: undefined, datasets: "", host: "", port: 0 };
  const cairn = await openCairn({ ...configuration, threads: undefined, logLevel: "silent" });
  try {
    return await work(cairn);
  } finally {
    await cairn.close();
  }
}

/** Every row that describes the school, counted by table; what cairn derives is left out. */
async function recordRows({ sql }: { sql: postgres.Sql }): Promise<Record<string, number>> {
  const tables = await sql<{ name: string }[]>`
    select c.table_name as name from information_schema.columns c
    where c.table_schema = 'public' and c.column_name = 'version_id' order by 1`;
  const counts: Record<string, number> = {};
  for (const { name } of tables) {
    const [row] = await sql`select count(*)::int as rows from ${sql(name)}`;
    counts[name] = row!.rows;
  }
  return counts;
}

/** A copy by root belongs to root, and the server runs as another user: files keep their owners, as with `cp -a` or `tar`. */
async function handOver(from: string, to: string): Promise<void> {
  for (const path of ["", ...(await readdir(from, { recursive: true }))]) {
    const { uid, gid } = await stat(join(from, path));
    await chown(join(to, path), uid, gid);
  }
}

async function expectNothingRuns(home: string): Promise<void> {
  expect(await serverPid(home)).toBeUndefined();
  expect(await processesIn(home)).toEqual([]);
  expect(await readdir(join(home, "postgres", "members"))).toEqual([]);
}

/** What a demo came to, learner by learner, and what it imported. */
async function outcomeOf(cairn: Cairn, tenantId: string) {
  const { entries, learners } = await readRanking(cairn, tenantId, everybody);
  expect(entries).toHaveLength(learners);
  const scores = entries.map(({ rank, ...entry }) => entry).sort((a, b) => (a.learner < b.learner ? -1 : 1));
  const playlists = [...(await listPlaylists(cairn, tenantId))].sort(([a], [b]) => (a < b ? -1 : 1));
  return { scores, playlists: new Map(playlists), records: await recordRows(cairn.database) };
}

/** What the uninterrupted demo found; the killed one must find the same. */
let whole: Awaited<ReturnType<typeof outcomeOf>>;

describe("the demo on a fresh home", () => {
  let home: string;
  let run: Finished;
  let found: DemoResult;
  beforeAll(async () => {
    home = await freshHome();
    run = await runCairn(demo, { CAIRN_HOME: home });
    found = documentOf<DemoResult>(run);
    whole = await within(home, (cairn) => outcomeOf(cairn, found.tenant));
  });

  test("answers with one JSON document on stdout, progress on stderr, and leaves no server behind", async () => {
    expect(run.stdout.trim()).toMatch(/^\{[\s\S]*\}$/);
    for (const step of [
      "synthetic district",
      "opening the record store",
      "importing oneroster",
      "scoring every learner",
    ])
      expect(run.stderr).toContain(step);
    expect(run.stderr).not.toMatch(/\berror\b|\bhint\b|\btry:/i);
    await expectNothingRuns(home);
  });

  test("reads every row, ranks better than chance by two standard errors, and gives playlists worth more than a lot's", () => {
    const { ranking, playlists } = found.verdict;
    expect(found.refused).toBe(0);
    expect(found.rows).toBeGreaterThan(10_000);
    if (ranking.auc.status !== "defined") throw new Error(ranking.auc.reason);
    expect(ranking.auc.value - 2 * ranking.aucStandardError).toBeGreaterThan(0.5);
    expect(playlists.worthwhile).toBeGreaterThan(playlists.byLot.worthwhile);
    expect(found.ranking.entries).toHaveLength(10);
    expect(found.ranking.entries[0]).toMatchObject({ rank: 1, abstained: null });
  });

  test("scores every enrolled learner once, with reasons or an abstention", async () => {
    await within(home, async (cairn) => {
      const ranking = await readRanking(cairn, found.tenant, everybody);
      const learners = ranking.entries.map(({ learner }) => learner);
      expect(new Set(learners).size).toBe(learners.length);
      expect(learners).toHaveLength(ranking.learners);
      expect(whole.scores.map(({ learner }) => learner)).toEqual(await enrolled(cairn.database, found.tenant));
      const average = ranking.entries.reduce((sum, { probability }) => sum + (probability ?? 0), 0) / learners.length;
      for (const entry of ranking.entries) expectReasonsOrAbstention(entry, average);
      expect(ranking.entries.slice(0, 10)).toEqual(found.ranking.entries);
    });
  });

  test("a copy of CAIRN_HOME, taken while nothing runs, is a backup: it answers the same elsewhere", async () => {
    const elsewhere = await freshHome();
    await cp(home, elsewhere, { recursive: true, preserveTimestamps: true });
    await handOver(home, elsewhere);
    expect(await within(elsewhere, (cairn) => outcomeOf(cairn, found.tenant))).toEqual(whole);
    await expectNothingRuns(elsewhere);
  });

  test("no playlist is longer than its minutes, repeats an activity or comes without a reason", async () => {
    await within(home, async (cairn) => {
      expect(whole.playlists.size).toBeGreaterThan(whole.scores.length / 2);
      for (const learner of whole.playlists.keys()) {
        const { minutes, items } = await readPlaylist(cairn, found.tenant, learner);
        expect(minutes).toBe(items.reduce((total, item) => total + item.minutes, 0));
        expect(minutes).toBeLessThanOrEqual(defaultPlaylistPolicy.minutes);
        expect(items.map(({ position }) => position)).toEqual(items.map((_, index) => index + 1));
        expect(new Set(items.map(({ activity }) => activity)).size).toBe(items.length);
        expect(items.every(({ reasons }) => reasons.length > 0)).toBe(true);
      }
    });
  });

  test("does nothing twice: run again it finds every row unchanged, the same run and the same answer", async () => {
    const again = documentOf<DemoResult>(await runCairn(demo, { CAIRN_HOME: home }));
    const same = ({ seconds, ...rest }: DemoResult): unknown => rest;
    expect(same(again)).toEqual(same(found));
    await within(home, async ({ database }) => {
      expect(await recordRows(database)).toEqual(whole.records);
      const batches = await database.sql<{ rows: number; unchanged: number }[]>`
        select sum((file->>'rows')::int)::int as rows, sum((file->>'unchanged')::int)::int as unchanged
        from import_batch, jsonb_array_elements(counts) file group by batch_id order by min(received_at)`;
      const second = batches.slice(batches.length / 2);
      expect(second.reduce((total, batch) => total + batch.rows, 0)).toBe(found.rows);
      expect(second.filter(({ rows, unchanged }) => rows !== unchanged)).toEqual([]);
      expect(await database.sql`select run_id, status from scoring_run`).toEqual([
        { run_id: found.ranking.provenance.runId, status: "published" },
      ]);
    });
    await expectNothingRuns(home);
  });
});

describe("the demo, killed at three moments and started again", () => {
  // Each time another lock of ours holds the process where we want it: in the middle of a transaction.
  const moments: readonly {
    what: string;
    blocked: string;
    lock: (sql: postgres.Sql) => Promise<() => Promise<void>>;
  }[] = [
    { what: "importing", blocked: "item_response", lock: (sql) => lockTable(sql, "item_response") },
    { what: "scoring", blocked: "risk_score", lock: (sql) => lockTable(sql, "risk_score") },
    { what: "publishing", blocked: "scoring_run", lock: lockRun },
  ];

  test("ends with every learner scored once, to the same number as if nothing had happened, and no server left", async () => {
    const home = await freshHome();
    for (const { what, blocked, lock } of moments) {
      const running = startCairn(demo, { CAIRN_HOME: home });
      await eventually("an open record store", () =>
        running.stderr().includes("opening the record store") ? true : undefined,
      );
      const sql = await lookInto(home);
      const release = await lock(sql).catch(async (error: unknown) => {
        await sql.end();
        throw error;
      });
      await eventually(`a process that waits while ${what}`, async () => {
        const waiting = await sql`
          select 1 from pg_stat_activity where wait_event_type = 'Lock' and query ilike ${`%${blocked}%`}`;
        return waiting.length > 0 ? true : undefined;
      });
      running.child.kill("SIGKILL");
      expect(await running.finished).toMatchObject({ code: null, stdout: "" });
      await release();
      await sql.end();
      expect(await serverPid(home)).toBeDefined(); // killed processes stop nothing: the next one takes the server over
    }

    const found = documentOf<DemoResult>(await runCairn(demo, { CAIRN_HOME: home }));
    await expectNothingRuns(home);
    await within(home, async (cairn) => {
      expect(await outcomeOf(cairn, found.tenant)).toEqual(whole);
      const { sql } = cairn.database;
      expect(await sql`select run_id, status from scoring_run`).toEqual([
        { run_id: found.ranking.provenance.runId, status: "published" },
      ]);
      expect(await sql`select kind, partition, rows from scored_partition order by kind`).toEqual([
        { kind: "playlist", partition: 0, rows: whole.playlists.size },
        { kind: "risk", partition: 0, rows: whole.scores.length },
      ]);
      expect(await sql`select count(*)::int as rows from risk_score`).toEqual([{ rows: whole.scores.length }]);
    });
  }, 240_000); // four starts: half a minute on an idle machine
});

/** Reasons are what raises the risk: a learner whom nothing sets apart may have none, but not one above the average. */
function expectReasonsOrAbstention(entry: RankedLearner, average: number): void {
  const { probability, abstained, reasons, learner } = entry;
  if (probability === null) {
    expect(abstained, learner).toMatch(/\w/);
    return;
  }
  expect(probability).toBeGreaterThanOrEqual(0);
  expect(probability).toBeLessThanOrEqual(1);
  if (probability >= average) expect(reasons.length, learner).toBeGreaterThan(0);
  for (const { words, contribution } of reasons) {
    expect(words, learner).toMatch(/\w/);
    expect(Number.isFinite(contribution), learner).toBe(true);
  }
}

/** Who is enrolled on the day and not taken out by the family, straight from the record: the numbers, sorted. */
async function enrolled({ sql }: { sql: postgres.Sql }, tenantId: string): Promise<string[]> {
  const rows = await sql<{ value: string }[]>`
    with newest as (
      select distinct on (record_key) * from enrolment
      where tenant_id = ${tenantId} and known_on <= '2025-12-12' order by record_key, known_on desc, version_id desc
    ), decision as (
      select distinct on (person_id) person_id, decision from consent_decision
      where tenant_id = ${tenantId} and purpose = 'early-warning' and decided_on <= '2025-12-12'
      order by person_id, decided_on desc, version_id desc
    )
    select distinct i.value from newest n join identifier i using (person_id) left join decision d using (person_id)
    where n.period = '2025-26' and n.entered_on <= '2025-12-12' and i.system = 'district'
      and (n.exited_on is null or n.exited_on > '2025-12-12') and d.decision is distinct from 'deny'`;
  return rows.map(({ value }) => value).sort();
}

async function lockTable(sql: postgres.Sql, table: string): Promise<() => Promise<void>> {
  const connection = await sql.reserve();
  await connection`begin`;
  await connection`lock table ${connection(table)} in access exclusive mode`;
  return async () => {
    await connection`rollback`;
    connection.release();
  };
}

/** Waits for the run's record and holds it, so that publishing waits. */
async function lockRun(sql: postgres.Sql): Promise<() => Promise<void>> {
  const connection = await sql.reserve();
  await connection`begin`;
  await eventually("a prepared run", async () => {
    const rows = await connection`select 1 from scoring_run where status = 'running' for update`;
    return rows.length > 0 ? true : undefined;
  });
  return async () => {
    await connection`rollback`;
    connection.release();
  };
}
