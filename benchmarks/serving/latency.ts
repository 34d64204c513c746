import { mkdtemp, rm } from "node:fs/promises";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { writeDistrict } from "../../datasets/synthetic/district.ts";
import { readConfiguration } from "../../src/configuration.ts";
import { prepareRun, publishRun, scorePartition } from "../../src/engine/batch/run.ts";
import { importDistrict } from "../../src/engine/intake/import-files.ts";
import { receiveResponses } from "../../src/engine/intake/responses.ts";
import { ensureTenant } from "../../src/engine/intake/tenants.ts";
import { composeList } from "../../src/engine/playlists/live/compose.ts";
import { standingOf } from "../../src/engine/playlists/live/keep.ts";
import { learnerOfNumber } from "../../src/engine/playlists/live/learner.ts";
import { withLiveModels } from "../../src/engine/playlists/live/models.ts";
import { nextPlaylist } from "../../src/engine/playlists/live/next.ts";
import { defaultPlaylistPolicy } from "../../src/engine/playlists/policy.ts";
import { listPlaylists } from "../../src/engine/playlists/read.ts";
import type { Cairn } from "../../src/engine/runtime.ts";
import { openCairn } from "../../src/engine/runtime.ts";
import { random } from "../../src/numeric/random.ts";
import { inTenant } from "../../src/records/database.ts";

const AS_OF = "2025-12-12";
const MORNING = Date.UTC(2025, 11, 13, 14);

/** How long something takes, in milliseconds, over many times. */
export interface Latency {
  readonly what: string;
  readonly times: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly perSecond: number;
  /** Milliseconds of processor time of this process, each: what a busy machine does not change. */
  readonly processor: number;
}

/** The times of a piece of work under so many clients at once, after a warm-up of a tenth. */
async function measure(
  what: string,
  { times, clients }: { readonly times: number; readonly clients: number },
  work: (at: number) => Promise<unknown> | unknown,
): Promise<Latency> {
  for (let at = 0; at < times / 10; at++) await work(at);
  const taken: number[] = [];
  let next = Math.ceil(times / 10);
  const last = next + times;
  const started = process.hrtime.bigint();
  const usedBefore = process.cpuUsage();
  const client = async (): Promise<void> => {
    while (next < last) {
      const from = process.hrtime.bigint();
      await work(next++);
      taken.push(Number(process.hrtime.bigint() - from) / 1e6);
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  const used = process.cpuUsage(usedBefore);
  const processor = (used.user + used.system) / 1000 / taken.length;
  taken.sort((a, b) => a - b);
  const at = (share: number): number => taken[Math.min(taken.length - 1, Math.floor(share * taken.length))]!;
  return {
    what,
    times: taken.length,
    p50: at(0.5),
    p95: at(0.95),
    p99: at(0.99),
    perSecond: taken.length / seconds,
    processor,
  };
}

/** A district that has had its night, in a record store of its own that waits for the disk as a real one does. */
async function openDistrict(home: string, students: number): Promise<{ cairn: Cairn; tenantId: string }> {
  const cairn = await openCairn(readConfiguration({ CAIRN_HOME: home }), { now: () => new Date(MORNING) });
  const files = join(home, "files");
  await writeDistrict({ folder: files, students, seed: "serving", asOf: AS_OF, profiles: false, threads: 1 });
  const tenantId = await ensureTenant(cairn, "serving", "Serving");
  await importDistrict(cairn, tenantId, files);
  const { runId, partitions } = await prepareRun(cairn, { tenantId, asOf: AS_OF });
  for (const partition of partitions) await scorePartition(cairn, { tenantId, runId, ...partition });
  await publishRun(cairn, { tenantId, runId });
  return { cairn, tenantId };
}

/**
 * From an answer to the next list: what it takes in memory, what the durable write adds, and under how many clients. Every
 * answer is of another moment and goes in; nothing is left out.
 */
export async function latencies(
  students: number,
  times: number,
  onProgress: (done: string) => void,
): Promise<Latency[]> {
  const home = await mkdtemp(join(tmpdir(), "cairn-serving-"));
  const { cairn, tenantId } = await openDistrict(home, students);
  try {
    onProgress("district ready");
    const learners = [...(await listPlaylists(cairn, tenantId)).keys()];
    const rng = random("serving");
    const { models, standings } = await withLiveModels(cairn, tenantId, async (tx, live) => {
      const found = [];
      for (const number of learners) {
        const learner = (await learnerOfNumber(tx, number))!;
        found.push({ number, standing: await standingOf(cairn.database, tx, learner, live, cairn.now()) });
      }
      return { models: live, standings: found };
    });
    const { standards } = models.curriculum;
    const answer = (at: number) => ({
      id: `bench-${at}-${rng.integer(2 ** 31)}`,
      learner: learners[at % learners.length]!,
      item: `item-${at}`,
      standard: standards[rng.integer(standards.length)]!.standard,
      answeredAt: new Date(MORNING - 3_600_000 + at * 10).toISOString(),
      correct: rng.integer(2),
    });
    let moment = MORNING - 3_600_000;
    const inMemory = (at: number): void => {
      const { number, standing } = standings[at % standings.length]!;
      const standard = rng.integer(standards.length);
      moment += 10;
      models.tracker.observe(standing.tracker, { standard, outcome: rng.integer(2), at: moment, source: "response" });
      composeList(models, standing, { learner: number }, [], {
        grade: 7,
        now: new Date(MORNING),
        allowed: () => true,
        policy: defaultPlaylistPolicy,
        decisionId: String(at),
      });
    };
    const results: Latency[] = [];
    const add = async (...measured: Parameters<typeof measure>): Promise<void> => {
      results.push(await measure(...measured));
      onProgress(measured[0]);
    };
    let sent = 0;
    const withNext = (): Promise<unknown> => {
      const one = answer(sent++);
      return receiveResponses(cairn, tenantId, [one], { learner: one.learner });
    };
    await add("state and list, in memory", { times: times * 4, clients: 1 }, inMemory);
    await add("list, read at the record", { times, clients: 1 }, (at) =>
      nextPlaylist(cairn, tenantId, { learner: learners[at % learners.length]! }),
    );
    await add("a commit that waits for the disk, one row", { times, clients: 1 }, (at) =>
      inTenant(
        cairn.database,
        tenantId,
        (tx) => tx.sql`insert into standing_change (tenant_id, person_id) values (${tenantId}, ${`nobody-${at}`})`,
      ),
    );
    await add("answer stored, state, list", { times, clients: 1 }, withNext);
    await add("the same, 4 clients at once", { times, clients: 4 }, withNext);
    await add("the same, 8 clients at once", { times, clients: 8 }, withNext);
    return results;
  } finally {
    await cairn.close();
    await rm(home, { recursive: true, force: true });
  }
}

/** The latencies as lines to read. */
export function describeLatencies(results: readonly Latency[]): string {
  const header =
    "                                              times      p50      p95      p99    a second  processor";
  const lines = results.map(({ what, times, p50, p95, p99, perSecond, processor }) =>
    [
      what.padEnd(44),
      String(times).padStart(6),
      ...[p50, p95, p99].map((value) => `${value.toFixed(2)} ms`.padStart(8)),
      perSecond.toFixed(0).padStart(9),
      `${processor.toFixed(2)} ms`.padStart(10),
    ].join(" "),
  );
  const machine = `${cpus().length} processors, load ${loadavg()[0]!.toFixed(1)} at the end`;
  return [header, ...lines, machine, ""].join("\n");
}
