import { createHash } from "node:crypto";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeDistrict } from "../../datasets/synthetic/district.ts";
import { createBatchQueue } from "../../jobs/batch-queue.ts";
import type { QueueClient, QueueHome } from "../../jobs/queue.ts";
import { openQueue } from "../../jobs/queue.ts";
import type { BatchStatus } from "../../src/engine/batch/batch-queue.ts";
import { endedStates } from "../../src/engine/batch/batch-queue.ts";
import { importDistrict } from "../../src/engine/intake/import-files.ts";
import { ensureTenant } from "../../src/engine/intake/tenants.ts";
import type { Cairn } from "../../src/engine/runtime.ts";
import { openCairn } from "../../src/engine/runtime.ts";
import { inTenant } from "../../src/records/database.ts";
import { asOf, forgetDerived, rowsOf, tenantId } from "../jobs/installation.ts";
import type { Running } from "./cairn-process.ts";
import { documentOf, freshHome, runCairn, startCairn } from "./cairn-process.ts";
import type { OwnRedis } from "./chaos-stores.ts";
import { crashPostgres, hasRedisServer, startRedis } from "./chaos-stores.ts";

/**
 * Workers are killed at moments drawn from a seed while they make a night of several partitions, and the stores crash in the
 * middle. CAIRN_CHAOS_KILLS says how often (3; with CAIRN_SLOW=1: 100), CAIRN_CHAOS_SEED at which moments: the same seed draws the
 * same moments and victims, though not what a worker was doing just then.
 */
const kills = Number(process.env.CAIRN_CHAOS_KILLS ?? (process.env.CAIRN_SLOW === "1" ? 100 : 3));
const seed = process.env.CAIRN_CHAOS_SEED ?? "1";
const STUDENTS = 1200; // over two school years; one partition holds 500 of those enrolled on the day
const WORKERS = 2;
const LOCK_SECONDS = 5;
const LONGEST_PAUSE_MILLISECONDS = 5000;
const longest = 300_000 + kills * 30_000;

const pause = (milliseconds: number): Promise<void> => new Promise((done) => setTimeout(done, milliseconds));

let home: string;
let cairn: Cairn;
let whole: { runId: string; rows: string[] };
beforeAll(async () => {
  home = await freshHome();
  const settings = { home, databaseUrl: undefined, redisUrl: undefined, datasets: "", host: "", port: 0 };
  cairn = await openCairn({ ...settings, threads: undefined, logLevel: "silent" });
  const folder = join(home, "district");
  await writeDistrict({ folder, students: STUDENTS, seed: "1", asOf });
  await ensureTenant(cairn, tenantId);
  await importDistrict(cairn, tenantId, folder);
  const { runId } = documentOf<{ runId: string }>(
    await runCairn(["score", "--as-of", asOf, "--tenant", tenantId, "--json"], { CAIRN_HOME: home }),
  );
  whole = { runId, rows: await rowsOf(cairn, runId) };
}, 300_000);
afterAll(() => cairn.close());

const hasEnded = (status: BatchStatus | undefined): boolean =>
  status !== undefined && endedStates.includes(status.state);

/** Worker processes that something starts again when they end, as a supervisor of services does. */
function supervise(environment: Readonly<Record<string, string>>, draw: () => number) {
  const start = () => startCairn(["worker", "--lock", String(LOCK_SECONDS)], environment);
  const workers: Running[] = Array.from({ length: WORKERS }, start);
  const ended = ({ child }: Running): boolean => child.exitCode !== null || child.signalCode !== null;
  return {
    async killOne(): Promise<void> {
      const victim = Math.floor(draw() * WORKERS);
      workers[victim]!.child.kill("SIGKILL");
      await workers[victim]!.finished;
      workers[victim] = start();
    },
    restartEnded(): void {
      for (const [place, worker] of workers.entries()) if (ended(worker)) workers[place] = start();
    },
    async stop(): Promise<void> {
      for (const { child } of workers) child.kill("SIGKILL");
      await Promise.all(workers.map(({ finished }) => finished));
    },
  };
}

interface Store {
  readonly name: string;
  readonly here: boolean;
  readonly open: () => Promise<{ queue: QueueHome; redis?: OwnRedis }>;
}

const stores: readonly Store[] = [
  { name: "PostgreSQL", here: true, open: async () => ({ queue: { backend: "postgres", url: cairn.databaseUrl } }) },
  {
    name: "Redis (needs redis-server)",
    here: hasRedisServer,
    open: async () => {
      const redis = await startRedis(home);
      return { queue: { backend: "redis", url: redis.url }, redis };
    },
  },
];

describe.each(stores)("workers killed at random moments, the queue on $name", ({ here, open }) => {
  let queue: QueueHome;
  let redis: OwnRedis | undefined;
  let client: QueueClient;
  beforeAll(async () => {
    if (!here) return;
    ({ queue, redis } = await open());
    client = await openQueue(queue);
    return async () => {
      await client.close();
      await redis?.stop();
    };
  });

  test.skipIf(!here)(
    `${kills} kills and crashes of the stores: the night ends by itself, every learner scored once`,
    async () => {
      const environment = { CAIRN_HOME: home, ...(redis === undefined ? {} : { REDIS_URL: redis.url }) };
      let drawn = 0;
      const draw = () => createHash("sha256").update(`${seed}:${drawn++}`).digest().readUInt32BE() / 2 ** 32;
      const workers = supervise(environment, draw);
      let killed = 0;
      /** One step of the harm, while there is some left to do. */
      const harm = async () => {
        await pause(draw() * LONGEST_PAUSE_MILLISECONDS);
        await workers.killOne();
        killed++;
        if (killed === Math.ceil(kills / 3)) await redis?.restart();
        if (killed === Math.ceil((2 * kills) / 3)) await crashPostgres(home);
      };
      try {
        for (let nights = 0; killed < kills || nights === 0; nights++) {
          await forgetDerived(cairn);
          const { jobId } = await createBatchQueue(client).request(tenantId, asOf);
          let status: BatchStatus | undefined;
          while (!hasEnded(status)) {
            await (killed < kills ? harm() : pause(200));
            workers.restartEnded();
            // A store may be away: then nothing is known.
            status = await createBatchQueue(client)
              .read(tenantId, jobId)
              .catch(() => undefined);
          }
          expect(status).toMatchObject({ state: "completed", failure: null, runId: whole.runId });
          await expectEveryLearnerOnce(status!);
        }
      } finally {
        await workers.stop();
      }
    },
    longest,
  );

  async function expectEveryLearnerOnce({ runId, partitions }: BatchStatus): Promise<void> {
    expect(partitions.total).toBeGreaterThan(2);
    expect(await rowsOf(cairn, runId!)).toEqual(whole.rows);
    const [counted] = await inTenant(
      cairn.database,
      tenantId,
      ({ sql }) => sql<{ rows: number; learners: number; announced: number; runs: number }[]>`
        select count(*)::int as rows, count(distinct pseudonym)::int as learners,
          (select sum(rows)::int from scored_partition where kind = 'risk') as announced,
          (select count(*)::int from scoring_run) as runs
        from risk_score`,
    );
    expect(counted).toEqual({ rows: counted!.rows, learners: counted!.rows, announced: counted!.rows, runs: 1 });
    expect(counted!.rows).toBeGreaterThan(500);
  }
});
