import type { Job } from "bullmq";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createBatchQueue } from "../../jobs/batch-queue.ts";
import { requestBatch } from "../../jobs/flow.ts";
import { createProcessor } from "../../jobs/handlers.ts";
import { dropJob, listJobs, retryJob, showJob } from "../../jobs/look.ts";
import type { JobName } from "../../jobs/payloads.ts";
import { priorities } from "../../jobs/payloads.ts";
import type { QueueClient, QueueHome } from "../../jobs/queue.ts";
import { openQueue, openWorker } from "../../jobs/queue.ts";
import { listNightly, removeNightly, scheduleNightly } from "../../jobs/schedule.ts";
import type { BatchState } from "../../src/engine/batch/batch-queue.ts";
import { localDay } from "../../src/engine/batch/night.ts";
import { readRanking } from "../../src/engine/early-warning/ranking.ts";
import { inTenant } from "../../src/records/database.ts";
import { redisUrl } from "../support/services.ts";
import { asOf, forgetDerived, rowsOf, tenantId, useInstallation } from "./installation.ts";
import { emptyRedis } from "./stores.ts";

const cairn = useInstallation();
const redis = redisUrl();

const backends: readonly { name: string; here: boolean; open: () => Promise<QueueHome> }[] = [
  { name: "PostgreSQL", here: true, open: async () => ({ backend: "postgres", url: cairn().databaseUrl }) },
  { name: "Redis (needs REDIS_URL)", here: redis !== undefined, open: () => emptyRedis(redis!, 14) },
];

afterAll(async () => {
  if (redis !== undefined) await emptyRedis(redis, 14);
});

describe.each(backends)("an operator of the queue on $name", ({ here, open }) => {
  let home: QueueHome;
  let client: QueueClient;
  const batches = () => createBatchQueue(client);
  beforeAll(async () => {
    if (!here) return;
    home = await open();
    client = await openQueue(home);
    return () => client.close();
  });

  /** Works until the batch stands as said; `before` may interfere before each job. */
  async function workUntil(jobId: string, states: readonly BatchState[], before: (job: Job) => Promise<void>) {
    const process = createProcessor(cairn(), client);
    const worker = openWorker(home, async (job: Job) => before(job).then(() => process(job)), 1);
    worker.on("error", () => undefined);
    try {
      for (;;) {
        const status = await batches().read(tenantId, jobId);
        if (states.includes(status.state) && (await client.queue.getActiveCount()) === 0) return status;
        await new Promise((done) => setTimeout(done, 50));
      }
    } finally {
      await worker.close();
    }
  }
  const plainly = async () => undefined;
  const drained = async () => {
    for (const state of ["prioritized", "waiting", "delayed"] as const)
      for (const job of (await client.queue.getJobs([state])) as Job[]) await job.remove().catch(() => undefined);
  };

  test.skipIf(!here)("a batch that waits is seen, and stopped it is never begun", async () => {
    await forgetDerived(cairn());
    const { jobId, ...asked } = await batches().request(tenantId, asOf);
    expect(asked).toMatchObject({ asOf, state: "waiting", step: null, runId: null, failure: null, endedAt: null });
    const { counts, jobs } = await listJobs(client, { failed: false, limit: 50 });
    expect(counts.prioritized).toBe(1);
    expect(jobs).toMatchObject([{ jobId, name: "prepare", tenantId, batchId: jobId, attempts: 0, mostAttempts: 5 }]);
    expect(await batches().cancel(tenantId, jobId)).toMatchObject({ state: "cancelled" });
    await expect(batches().cancel(tenantId, jobId)).rejects.toMatchObject({ code: "CONFLICT" });
    while ((await client.queue.getJobState(jobId)) !== "failed") await workUntil(jobId, ["cancelled"], plainly);
    expect((await showJob(client, jobId)).reason).toMatch(/^CANCELLED: /);
    const runs = await inTenant(cairn().database, tenantId, ({ sql }) => sql`select 1 from scoring_run`);
    expect(runs).toHaveLength(0);
  });

  test.skipIf(!here)(
    "stopped in the middle nothing more begins and nothing is half-done; taken up again it ends well",
    async () => {
      await forgetDerived(cairn());
      const jobId = await requestBatch(client, { tenantId, asOf });
      let scored = 0;
      const stopped = await workUntil(jobId, ["cancelled"], async (job) => {
        if (job.name === "score" && ++scored === 2) {
          // A worker has it in hand, but has not begun: only the partition before lands.
          expect((await batches().cancel(tenantId, jobId)).state).toBe("cancelling");
        }
      });
      expect(stopped.partitions).toMatchObject({ done: 1, failed: 1 });
      await expect(readRanking(cairn(), tenantId, { limit: 1 })).rejects.toMatchObject({ code: "NOT_FOUND" });
      const dead = await listJobs(client, { failed: true, limit: 50 });
      expect(dead.jobs.some(({ batchId, reason }) => batchId === jobId && /^CANCELLED: /.test(reason ?? ""))).toBe(
        true,
      );
      expect(await retryJob(client, dead.jobs.find(({ batchId }) => batchId === jobId)!.jobId)).toBe(jobId);
      const ended = await workUntil(jobId, ["completed", "failed"], plainly);
      expect(ended).toMatchObject({ state: "completed", fraction: 1, failure: null });
      expect(ended.partitions.done).toBe(ended.partitions.total);
      expect((await readRanking(cairn(), tenantId, { limit: 1 })).provenance.runId).toBe(ended.runId);
      await expect(retryJob(client, jobId)).rejects.toMatchObject({ code: "CONFLICT" });
      await expect(batches().cancel(tenantId, jobId)).rejects.toMatchObject({ code: "CONFLICT" });
    },
  );

  test.skipIf(!here)(
    "stopped while it is prepared it ends at its next step: no model is trained to the end, no run is made",
    async () => {
      await forgetDerived(cairn());
      const jobId = await requestBatch(client, { tenantId, asOf });
      const told: string[] = [];
      await workUntil(jobId, ["cancelled"], async (job) => {
        const { updateProgress } = job;
        job.updateProgress = async (progress) => {
          if (told.push((progress as { step: string }).step) === 1) await batches().cancel(tenantId, jobId);
          return updateProgress.call(job, progress);
        };
      });
      expect((await showJob(client, jobId)).reason).toMatch(/^CANCELLED: /);
      expect(told).not.toContain("what similar students did next"); // the last step
      const left = await inTenant(cairn().database, tenantId, ({ sql }) => sql`select 1 from scoring_run`);
      expect(left).toHaveLength(0);
      expect(await retryJob(client, jobId)).toBe(jobId);
      expect(await workUntil(jobId, ["completed", "failed"], plainly)).toMatchObject({ state: "completed" });
    },
    120_000,
  );

  test.skipIf(!here)(
    "a batch that failed says by which code; mended and taken up again, it leaves the same rows",
    async () => {
      const before = (await readRanking(cairn(), tenantId, { limit: 1 })).provenance.runId;
      const rows = await rowsOf(cairn(), before);
      await forgetDerived(cairn());
      const { sql } = cairn().database;
      await sql.unsafe(
        `create function planted() returns trigger language plpgsql as $$ begin delete from model; return new; end $$;
       create trigger planted after insert on scoring_run for each row execute function planted()`,
      );
      const jobId = await requestBatch(client, { tenantId, asOf });
      const failed = await workUntil(jobId, ["completed", "failed"], plainly);
      expect(failed).toMatchObject({ state: "failed", failure: { code: "NOT_FOUND" } });
      await sql.unsafe("drop function planted cascade");
      await retryJob(client, `${jobId}-publish`);
      const ended = await workUntil(jobId, ["completed", "failed"], plainly);
      expect(ended).toMatchObject({ state: "completed", failure: null });
      expect(await rowsOf(cairn(), ended.runId!)).toEqual(rows);
    },
  );

  test.skipIf(!here)(
    "another district's batch, and a part of a batch, are as unknown as one that never was",
    async () => {
      const { jobId } = await batches().request(tenantId, asOf);
      for (const [tenant, id] of [
        ["south", jobId],
        [tenantId, `${jobId}-publish`],
        [tenantId, "none"],
      ] as const) {
        await expect(batches().read(tenant, id)).rejects.toMatchObject({ code: "NOT_FOUND" });
        await expect(batches().cancel(tenant, id)).rejects.toMatchObject({ code: "NOT_FOUND" });
      }
      expect((await listJobs(client, { failed: false, limit: 50, tenantId: "south" })).jobs).toEqual([]);
      expect(await batches().read(tenantId, jobId)).toMatchObject({ state: "waiting" }); // and was not touched
      await drained();
    },
  );

  test.skipIf(!here)("messages go before a night, and a night that has begun before another", async () => {
    const order: JobName[] = ["prepare", "score", "alerts", "publish", "deliver"];
    for (const name of order) await client.queue.add(name, { tenantId }, { priority: priorities[name] });
    const taken: string[] = [];
    const worker = openWorker(home, async (job: Job) => void taken.push(job.name), 1);
    worker.on("error", () => undefined);
    while (taken.length < order.length) await new Promise((done) => setTimeout(done, 20));
    await worker.close();
    expect(taken).toEqual(["deliver", "alerts", "publish", "score", "prepare"]);
  });

  test.skipIf(!here)("a night is scheduled once, whoever asks, and is as of the day it was due", async () => {
    const zone = "America/Chicago";
    const second = await openQueue(home);
    await Promise.all([
      scheduleNightly(client, { tenantId, at: "02:30", zone }),
      scheduleNightly(second, { tenantId, at: "02:30", zone }),
    ]);
    await second.close();
    await scheduleNightly(client, { tenantId, at: "23:45", zone });
    const [night, ...others] = await listNightly(client);
    expect(others).toEqual([]);
    expect(night).toMatchObject({ tenantId, at: "23:45", zone });
    const due = Date.parse(night!.next!);
    const clock = new Intl.DateTimeFormat("en-GB", { timeZone: zone, timeStyle: "short" }).format(due);
    expect(clock).toBe("23:45");
    const waiting = ((await client.queue.getJobs(["delayed", "prioritized", "waiting"])) as Job[]).filter(
      ({ name }) => name === "night",
    );
    expect(waiting).toHaveLength(1);

    // Taken up days late, and twice: the batch is of its own day, and there is one.
    const process = createProcessor(cairn(), client);
    const asked = await process(waiting[0]!);
    expect(asked).toEqual({ batchId: `night-north-${localDay(zone, due)}`, asOf: localDay(zone, due) });
    expect(await process(waiting[0]!)).toEqual(asked);
    const batchesOf = ((await client.queue.getJobs(["prioritized", "waiting"])) as Job[]).filter(
      ({ name }) => name === "prepare",
    );
    expect(batchesOf.map(({ data }) => data)).toEqual([{ tenantId, asOf: localDay(zone, due) }]);

    await removeNightly(client, tenantId);
    expect(await listNightly(client)).toEqual([]);
    await expect(removeNightly(client, tenantId)).rejects.toMatchObject({ code: "NOT_FOUND" });
    for (const at of ["24:00", "2:30", "02:60", "* *"])
      await expect(scheduleNightly(client, { tenantId, at, zone })).rejects.toMatchObject({ code: "BAD_INPUT" });
    await expect(scheduleNightly(client, { tenantId, at: "02:30", zone: "Mars/Base" })).rejects.toMatchObject({
      code: "BAD_INPUT",
    });
    await drained();
  });

  test.skipIf(!here)("a job of no batch is dropped while it waits, and taken up again once it failed", async () => {
    const late = await client.queue.add("alerts", { tenantId }, { delay: 60_000, priority: priorities.alerts });
    await dropJob(client, late.id!);
    await expect(showJob(client, late.id!)).rejects.toMatchObject({ code: "NOT_FOUND" });
    const wrong = await client.queue.add("alerts", {}, { priority: priorities.alerts });
    const worker = openWorker(home, createProcessor(cairn(), client), 1);
    worker.on("error", () => undefined);
    while ((await client.queue.getJobState(wrong.id!)) !== "failed") await new Promise((done) => setTimeout(done, 20));
    await worker.close();
    await expect(dropJob(client, wrong.id!)).rejects.toMatchObject({ code: "CONFLICT" });
    expect(await retryJob(client, wrong.id!)).toBe(wrong.id);
    await expect(retryJob(client, wrong.id!)).rejects.toMatchObject({ code: "CONFLICT" });
    await dropJob(client, wrong.id!);
  });
});

test("the day of a night is the district's own, on both sides of midnight and of the clock's change", () => {
  const day = (zone: string, moment: string) => localDay(zone, Date.parse(moment));
  expect(day("America/Chicago", "2026-11-24T05:59:59Z")).toBe("2026-11-23");
  expect(day("America/Chicago", "2026-11-24T06:00:00Z")).toBe("2026-11-24");
  expect(day("America/Chicago", "2026-07-01T05:00:00Z")).toBe("2026-07-01");
  expect(day("Pacific/Auckland", "2026-11-23T11:00:00Z")).toBe("2026-11-24");
  expect(() => localDay("Mars/Base", 0)).toThrow(expect.objectContaining({ code: "BAD_INPUT" }));
});
