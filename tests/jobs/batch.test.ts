import { Queue } from "bullmq";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { runBatch } from "../../jobs/batch.ts";
import { requestBatch } from "../../jobs/flow.ts";
import { createProcessor } from "../../jobs/handlers.ts";
import { payloads } from "../../jobs/payloads.ts";
import type { QueueClient, QueueHome } from "../../jobs/queue.ts";
import { openQueue } from "../../jobs/queue.ts";
import { readRun } from "../../src/engine/batch/inputs.ts";
import { prepareRun, publishRun, scorePartition } from "../../src/engine/batch/run.ts";
import { storeParts } from "../../src/engine/batch/stored-parts.ts";
import { riskMatrixPath } from "../../src/engine/early-warning/prepare.ts";
import { readRanking } from "../../src/engine/early-warning/ranking.ts";
import { takeTableRows } from "../../src/engine/early-warning/risk-tables.ts";
import { silent } from "../../src/engine/progress.ts";
import { readFeatureTable, writeFeatureTable } from "../../src/features/table-file.ts";
import { inTenant } from "../../src/records/database.ts";
import { scoringRun } from "../../src/records/schema/index.ts";
import { redisUrl } from "../support/services.ts";
import { asOf, forgetDerived, rowsOf, secretsOf, tenantId, useInstallation } from "./installation.ts";
import { emptyRedis, storedIn } from "./stores.ts";

const cairn = useInstallation();
const redis = redisUrl();
const quiet = { onProgress: silent, signal: new AbortController().signal };

/** Longer than a preparing job here takes that finds everything done. */
const LATE_MILLISECONDS = 1000;

const backends: readonly { name: string; here: boolean; open: () => Promise<QueueHome> }[] = [
  { name: "PostgreSQL", here: true, open: async () => ({ backend: "postgres", url: cairn().databaseUrl }) },
  { name: "Redis (needs REDIS_URL)", here: redis !== undefined, open: () => emptyRedis(redis!, 13) },
];

/** What each backend wrote, for the comparison at the end. */
const written = new Map<string, { runId: string; rows: string[] }>();

afterAll(async () => {
  if (redis !== undefined) await emptyRedis(redis, 13);
});

async function withQueue<T>(home: QueueHome, work: (client: QueueClient) => Promise<T>): Promise<T> {
  const client = await openQueue(home);
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}

describe.each(backends)("the batch on $name", ({ name, here, open }) => {
  let home: QueueHome;
  const batch = (day = asOf, how = quiet) => runBatch(cairn(), home, { tenantId, asOf: day }, how);
  beforeAll(async () => {
    if (here) home = await open();
  });

  test.skipIf(!here)("goes from records to published scores, and says how far it is", async () => {
    await forgetDerived(cairn());
    const steps: [string, number][] = [];
    const onProgress = (step: string, fraction: number) => void steps.push([step, fraction]);
    const { runId } = await batch(asOf, { ...quiet, onProgress });
    expect(steps.at(-1)).toEqual(["scoring every learner", 1]);
    expect(steps.every(([, fraction]) => fraction >= 0 && fraction <= 1)).toBe(true);
    expect((await readRanking(cairn(), tenantId, { limit: 5 })).provenance.runId).toBe(runId);
    written.set(name, { runId, rows: await rowsOf(cairn(), runId) });
    expect(written.get(name)!.rows.length).toBeGreaterThan(100);
  });

  test.skipIf(!here)(
    "asked for again, finds everything done: the same run, the same rows, the same answer",
    async () => {
      const before = await readRanking(cairn(), tenantId, { limit: 1 });
      const { runId } = await batch();
      expect(runId).toBe(written.get(name)!.runId);
      expect(await rowsOf(cairn(), runId)).toEqual(written.get(name)!.rows);
      expect(await readRanking(cairn(), tenantId, { limit: 1 })).toEqual(before);
    },
  );

  test.skipIf(!here)(
    "a job that ends while it is being read is read again: what it returned, why it failed",
    async () => {
      const read = Queue.prototype.getJob;
      vi.spyOn(Queue.prototype, "getJob").mockImplementation(async function (this: Queue, id: string) {
        const job = await read.call(this, id);
        await new Promise((done) => setTimeout(done, LATE_MILLISECONDS)); // a store that answers late
        return job;
      });
      try {
        expect((await batch()).runId).toBe(written.get(name)!.runId);
        await expect(batch("1998-01-01")).rejects.toMatchObject({ code: "CONFLICT" });
      } finally {
        vi.restoreAllMocks();
      }
    },
  );

  test.skipIf(!here)("a preparing job that died after adding its partitions adds nothing twice", async () => {
    await withQueue(home, async (client) => {
      const job = (await client.queue.getJob(await requestBatch(client, { tenantId, asOf })))!;
      const process = createProcessor(cairn(), client);
      const first = await process(job);
      const count = async () => Object.values(await client.queue.getJobCounts()).reduce((sum, n) => sum + n, 0);
      const jobs = await count();
      expect(await process(job)).toEqual(first); // the queue hands it to another worker
      expect(await count()).toBe(jobs);
    });
    expect((await batch()).runId).toBe(written.get(name)!.runId); // works on what was left in the queue first
  });

  test.skipIf(!here)("what cannot be mended by trying again fails at once, with its code", async () => {
    await expect(batch("1999-01-01")).rejects.toMatchObject({
      code: "CONFLICT",
      message: expect.stringMatching(/^prepare: expected .*1999-01-01.*got/s),
    });
    await withQueue(home, async ({ queue }) => {
      const failed = (await queue.getJobs(["failed"])).filter(({ data }) => data.asOf === "1999-01-01");
      expect(failed.map(({ name, data, attemptsMade }) => ({ name, data, attemptsMade }))).toEqual([
        { name: "prepare", data: { tenantId, asOf: "1999-01-01" }, attemptsMade: 1 },
      ]);
    });
  });

  test.skipIf(!here)(
    "a partition that fails for good fails the batch with its own code; mended, it ends well",
    async () => {
      await forgetDerived(cairn());
      const { sql } = cairn().database;
      await sql.unsafe(
        `create function planted() returns trigger language plpgsql as $$ begin delete from model; return new; end $$;
       create trigger planted after insert on scoring_run for each row execute function planted()`,
      );
      try {
        await expect(batch()).rejects.toMatchObject({
          code: "NOT_FOUND",
          message: expect.stringMatching(/^publish: /),
        });
        await expect(readRanking(cairn(), tenantId, { limit: 1 })).rejects.toMatchObject({ code: "NOT_FOUND" });
      } finally {
        await sql.unsafe("drop function planted cascade");
      }
      expect((await batch()).runId).toBe(written.get(name)!.runId);
      expect(await rowsOf(cairn(), written.get(name)!.runId)).toEqual(written.get(name)!.rows);
    },
  );

  test.skipIf(!here)("stopped, it says so and closes; started again it ends", async () => {
    const stop = new AbortController();
    stop.abort();
    await expect(batch(asOf, { ...quiet, signal: stop.signal })).rejects.toMatchObject({ code: "CANCELLED" });
    expect((await batch()).runId).toBe(written.get(name)!.runId);
  });

  test.skipIf(!here)(
    "the queue's store holds ids, days and numbers: nothing that says or stands for who a learner is",
    async () => {
      await withQueue(home, async ({ queue }) => {
        const jobs = await queue.getJobs();
        expect(new Set(jobs.map((job) => job.name))).toEqual(new Set(["prepare", "score", "publish"]));
        for (const { name, data } of jobs) expect(payloads[name as "score"].strict().parse(data)).toEqual(data);
      });
      const stored = await storedIn(home);
      expect(stored).toContain(written.get(name)!.runId); // it is the store that was read
      const words = new Set(stored.split(/[^\p{L}\p{N}_-]+/u));
      const secrets = await secretsOf(cairn());
      expect(secrets.length).toBeGreaterThan(300);
      expect(secrets.filter((secret) => words.has(secret) || (secret.length > 8 && stored.includes(secret)))).toEqual(
        [],
      );
    },
  );
});

test.skipIf(redis === undefined)("both backends (needs REDIS_URL) leave the same bytes of the same records", () => {
  const [first, second] = [...written.values()];
  expect(first!.rows).toEqual(second!.rows);
});

describe("partitions", () => {
  type Prepared = Awaited<ReturnType<typeof prepareRun>>;
  let run: Prepared;
  const score = (job: Prepared["partitions"][number], runId = run.runId) =>
    scorePartition(cairn(), { tenantId, runId, ...job });
  const publish = (runId = run.runId) => publishRun(cairn(), { tenantId, runId });
  beforeAll(async () => {
    await forgetDerived(cairn());
    run = await prepareRun(cairn(), { tenantId, asOf });
  });

  test("a query that the database refuses leaves no learner's row in the reason", async () => {
    const { sql } = cairn().database;
    await sql`alter table risk_score add constraint planted check (coverage < 0) not valid`;
    try {
      await withQueue({ backend: "postgres", url: cairn().databaseUrl }, async (client) => {
        const data = { tenantId, runId: run.runId, kind: "risk", partition: 0 };
        const job = await client.queue.add("score", data);
        const failure: Error = await createProcessor(
          cairn(),
          client,
        )(job).then(
          () => expect.unreachable("the insert is refused"),
          (error: Error) => error,
        );
        expect(failure.message).toBe("INTERNAL: the database refused a query with 23514 (risk_score, planted)");
        expect(failure.stack).toMatch(/^INTERNAL: the database refused a query[^\n]*\n\s+at /);
        const words = new Set(String(failure.stack).split(/[^\p{L}\p{N}_-]+/u));
        expect((await secretsOf(cairn())).filter((secret) => words.has(secret))).toEqual([]);
        await job.remove();
      });
    } finally {
      await sql`alter table risk_score drop constraint planted`;
    }
    expect(await rowsOf(cairn(), run.runId)).toHaveLength(1); // the run's own record: nothing of the partition landed
  });

  test("publishing is refused while one is missing, and nobody sees the run before", async () => {
    expect(run.partitions.length).toBeGreaterThan(1);
    for (const job of run.partitions) {
      await expect(publish()).rejects.toMatchObject({ code: "CONFLICT" });
      await expect(readRanking(cairn(), tenantId, { limit: 1 })).rejects.toMatchObject({ code: "NOT_FOUND" });
      await score(job);
    }
    await publish();
    expect((await readRanking(cairn(), tenantId, { limit: 1 })).provenance.runId).toBe(run.runId);
  });

  test("scored twice, also at the same moment, each leaves the same rows", async () => {
    const once = await rowsOf(cairn(), run.runId);
    for (const job of run.partitions) await score(job);
    expect(await rowsOf(cairn(), run.runId)).toEqual(once);
    await inTenant(cairn().database, tenantId, async ({ sql }) => {
      for (const table of ["playlist_entry", "risk_score", "scored_partition"]) await sql`delete from ${sql(table)}`;
    });
    const counted = await Promise.all(run.partitions.flatMap((job) => [score(job), score(job), score(job)]));
    for (let i = 0; i < counted.length; i += 3) expect(counted[i + 1]).toEqual(counted[i]);
    expect(await rowsOf(cairn(), run.runId)).toEqual(once);
  });

  test("a large district falls into several; every learner is scored once, as in a small one", async () => {
    const risk = (await readRun(cairn(), tenantId, run.runId)).parts.risk;
    if (risk.status !== "made") throw new Error(risk.reason);
    const small = await readFeatureTable(riskMatrixPath(cairn(), risk.inputs.snapshotId, asOf));
    const rows = Array.from({ length: 1100 }, (_, row) => row % small.matrix.rows);
    const large = { ...takeTableRows(small, rows), person: rows.map((row, copy) => `${small.person[row]}/${copy}`) };
    await writeFeatureTable(large, riskMatrixPath(cairn(), "planted", asOf), { snapshotId: "planted" });
    const stored = storeParts({
      risk: { status: "made", inputs: { ...risk.inputs, snapshotId: "planted" } },
      playlist: { status: "absent", code: "CONFLICT", reason: "planted", hint: "none" },
    });
    await inTenant(cairn().database, tenantId, async ({ orm }) => {
      await orm.insert(scoringRun).values({
        ...{ tenantId, runId: "large", kind: "batch", asOf, status: "running", partitions: 3 },
        ...stored,
      });
    });
    const jobs = [2, 0, 1].map((partition) => ({ kind: "risk", partition }) as const);
    expect(await Promise.all(jobs.map((job) => score(job, "large")))).toEqual([
      { rows: 100 },
      { rows: 500 },
      { rows: 500 },
    ]);
    await publish("large");
    await inTenant(cairn().database, tenantId, async ({ sql }) => {
      const odd = await sql`
        with copies as (select split_part(pseudonym, '/', 1) as code, probability from risk_score where run_id = 'large')
        select c.code from copies c left join risk_score s on s.pseudonym = c.code and s.run_id = ${run.runId}
        where s.probability is distinct from c.probability`;
      expect(odd).toEqual([]);
      const people = await sql`select count(distinct pseudonym)::int as people from risk_score where run_id = 'large'`;
      expect(people).toEqual([{ people: 1100 }]);
    });
  });
});
