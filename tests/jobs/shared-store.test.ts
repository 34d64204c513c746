import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Job } from "bullmq";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeDistrict } from "../../datasets/synthetic/district.ts";
import { requestBatch } from "../../jobs/flow.ts";
import { createProcessor } from "../../jobs/handlers.ts";
import type { QueueClient, QueueHome } from "../../jobs/queue.ts";
import { openQueue, openWorker } from "../../jobs/queue.ts";
import { readRun } from "../../src/engine/batch/inputs.ts";
import { riskMatrixPath } from "../../src/engine/early-warning/prepare.ts";
import { importDistrict } from "../../src/engine/intake/import-files.ts";
import { ensureTenant } from "../../src/engine/intake/tenants.ts";
import { listPlaylists, readPlaylist } from "../../src/engine/playlists/read.ts";
import { dropDestroyedCopies } from "../../src/engine/registry/drop-copies.ts";
import type { Cairn } from "../../src/engine/runtime.ts";
import { openCairn } from "../../src/engine/runtime.ts";
import { destroySnapshot } from "../../src/records/snapshot/list.ts";
import { openSnapshot } from "../../src/records/snapshot/open.ts";
import { openEmptyDatabase } from "../support/database.ts";
import type { S3Server } from "../support/s3-server.ts";
import { startS3 } from "../support/s3-server.ts";
import { asOf, rowsOf, tenantId } from "./installation.ts";

/** Two machines: two homes, one record store, one queue, one S3. */
let server: S3Server;
let database: Awaited<ReturnType<typeof openEmptyDatabase>>;
let homes: string[];
let machines: Cairn[];
let client: QueueClient;
let queueHome: QueueHome;

const open = (home: string): Promise<Cairn> => {
  const { endpoint, bucket, region, accessKeyId, secretAccessKey } = server;
  const store = { endpoint, bucket, region, accessKeyId, secretAccessKey, prefix: "north" };
  const rest = {
    redisUrl: undefined,
    datasets: "",
    host: "",
    port: 0,
    threads: undefined,
    logLevel: "silent",
  } as const;
  return openCairn({ home, databaseUrl: database.url, store, ...rest });
};

beforeAll(async () => {
  server = await startS3();
  database = await openEmptyDatabase();
  homes = await Promise.all([0, 1].map(() => mkdtemp(join(tmpdir(), "cairn-machine-"))));
  machines = [];
  for (const home of homes) machines.push(await open(home));
  const folder = join(homes[0]!, "district");
  await writeDistrict({ folder, students: 90, seed: "1", asOf });
  await ensureTenant(machines[0]!, tenantId);
  await importDistrict(machines[0]!, tenantId, folder);
  queueHome = { backend: "postgres", url: database.url };
  client = await openQueue(queueHome);
}, 120_000);

afterAll(async () => {
  await client.close();
  for (const machine of machines) await machine.close();
  await database.drop();
  await server.stop();
  for (const home of homes) await rm(home, { recursive: true, force: true });
});

/** Works as one machine until a job is done; what it has begun it ends. */
async function workUntil(machine: number, isDone: (job: Job) => boolean): Promise<string[]> {
  const names: string[] = [];
  const worker = openWorker(queueHome, createProcessor(machines[machine]!, client), 1);
  await new Promise<void>((resolve, reject) => {
    worker.on("completed", (job) => {
      names.push(job.name);
      if (isDone(job)) resolve();
    });
    worker.on("failed", (_, error) => reject(error));
  });
  await worker.close();
  return names;
}

test("one machine prepares and trains, another that has nothing scores and publishes; what is destroyed is destroyed for both", async () => {
  const batchId = await requestBatch(client, { tenantId, asOf });
  expect(await workUntil(0, ({ name }) => name === "prepare")).toContain("prepare");
  expect(await readdir(machines[1]!.folders.artifacts)).toEqual([]);
  const names = await workUntil(1, ({ name }) => name === "publish");
  expect(names.filter((name) => name === "score").length).toBeGreaterThan(0);
  const { runId } = ((await client.queue.getJob(batchId)) as Job).returnvalue as { runId: string };
  expect((await rowsOf(machines[1]!, runId)).length).toBeGreaterThan(90);
  // Either answers: the list of a learner is made from the snapshot's library and the models.
  const [learner] = [...(await listPlaylists(machines[1]!, tenantId)).keys()];
  const [here, there] = await Promise.all(machines.map((machine) => readPlaylist(machine, tenantId, learner!)));
  expect(here).toEqual(there);

  const { parts } = await readRun(machines[0]!, tenantId, runId);
  if (parts.risk.status !== "made") throw new Error("expected a ranking");
  const { snapshotId } = parts.risk.inputs;
  const copies = machines.map(({ folders }) => join(folders.snapshots, snapshotId, "manifest.json"));
  await openSnapshot(machines[1]!.folders.snapshots, snapshotId);
  expect(copies.map((path) => existsSync(path))).toEqual([true, true]);
  await destroySnapshot(machines[0]!.database, {
    tenantId,
    folder: machines[0]!.folders.snapshots,
    id: snapshotId,
    cause: "overtaken",
    decidedBy: "office",
    now: new Date(),
  });
  expect([...server.objects.keys()].filter((key) => key.includes(snapshotId))).toEqual([]);
  await expect(openSnapshot(machines[1]!.folders.snapshots, snapshotId)).rejects.toMatchObject({ code: "NOT_FOUND" });
  // The next start of a command takes the copies away, the matrix too.
  await dropDestroyedCopies(machines[1]!);
  expect(existsSync(copies[1]!)).toBe(false);
  expect(existsSync(riskMatrixPath(machines[1]!, snapshotId, asOf))).toBe(false);
}, 240_000);

test("a store that does not open is said at the start, not in the night", async () => {
  const { bucket } = server;
  const wrong = { ...server, bucket: "elsewhere", prefix: "" };
  const settings = { home: homes[0]!, databaseUrl: database.url, redisUrl: undefined, datasets: "", host: "", port: 0 };
  const opening = openCairn({ ...settings, threads: undefined, logLevel: "silent", store: wrong });
  await expect(opening).rejects.toMatchObject({ code: "BAD_CONFIGURATION" });
  expect(bucket).toBe("cairn-tests");
});
