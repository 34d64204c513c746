import { loadavg } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { writeDistrict } from "../../datasets/synthetic/district.ts";
import { readConfiguration } from "../../src/configuration.ts";
import { prepareRun, publishRun, scorePartition } from "../../src/engine/batch/run.ts";
import { readRanking } from "../../src/engine/early-warning/ranking.ts";
import { importDistrict } from "../../src/engine/intake/import-files.ts";
import { ensureTenant } from "../../src/engine/intake/tenants.ts";
import type { ReportProgress } from "../../src/engine/progress.ts";
import type { Cairn } from "../../src/engine/runtime.ts";
import { openCairn } from "../../src/engine/runtime.ts";

/** What one night cost. */
export interface NightCost {
  /** Learners who were scored. */
  readonly learners: number;
  /** Rows of the snapshot's tables. */
  readonly records: number;
  readonly seconds: number;
  /** Of the process that works the night; the server's are not in it. */
  readonly processorSeconds: number;
  readonly peakMegabytes: number;
  /** The machine's load at the end, over a minute. */
  readonly load: number;
  readonly stages: readonly StageCost[];
}

/** What one stage of a night cost. */
export interface StageCost {
  readonly step: string;
  readonly seconds: number;
  readonly processorSeconds: number;
  /** The most the process has held until the stage's end. */
  readonly peakMegabytes: number;
}

const AS_OF = "2025-12-12";
const TENANT = "scale";
const silent = (): undefined => undefined;

/** Writes and imports a district. */
async function importOne(home: string, students: number, seed: string): Promise<void> {
  const folder = join(home, "district");
  const signal = new AbortController().signal;
  await writeDistrict({ folder, students, seed, asOf: AS_OF, onProgress: silent, signal });
  const configuration = readConfiguration({ CAIRN_HOME: home, CAIRN_LOG_LEVEL: "silent" });
  const cairn = await openCairn(configuration);
  try {
    const onProgress = (step: string, fraction: number): void => {
      if (fraction === 1) process.stderr.write(`${students} students: ${step}\n`);
    };
    await importDistrict(cairn, await ensureTenant(cairn, TENANT), folder, { onProgress, signal });
    await cairn.database.sql`analyze`;
  } finally {
    await cairn.close();
  }
}

/**
 * Shares the time between reports among the steps they name. A step may report first when it is well under way, and a fit holds
 * the process until it ends: so the time since a step that said it was finished belongs to the one that speaks next.
 */
function stageClock(): { readonly stages: ReadonlyMap<string, StageCost>; readonly report: ReportProgress } {
  const stages = new Map<string, StageCost>();
  let last = { step: "", finished: true, at: performance.now(), processor: processorSeconds() };
  const report: ReportProgress = (step, fraction) => {
    const now = { step, finished: fraction === 1, at: performance.now(), processor: processorSeconds() };
    const owner = last.finished ? step : last.step;
    const before = stages.get(owner);
    stages.set(owner, {
      step: owner,
      seconds: (before?.seconds ?? 0) + (now.at - last.at) / 1000,
      processorSeconds: (before?.processorSeconds ?? 0) + now.processor - last.processor,
      peakMegabytes: process.resourceUsage().maxRSS / 1024,
    });
    last = now;
  };
  return { stages, report };
}

function processorSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/**
 * Works the night of an imported district as a worker's jobs do, one after another and without the queue: its progress is polled,
 * and would give the time of a fit to the step before.
 */
async function work(home: string): Promise<NightCost> {
  const cairn = await openCairn(readConfiguration({ CAIRN_HOME: home, CAIRN_LOG_LEVEL: "silent" }));
  try {
    const started = { at: performance.now(), processor: processorSeconds() };
    const { stages, report } = stageClock();
    const { runId, partitions } = await prepareRun(cairn, { tenantId: TENANT, asOf: AS_OF }, report);
    report("recording the run", 1);
    for (const { kind, partition } of partitions) {
      await scorePartition(cairn, { tenantId: TENANT, runId, kind, partition });
      report(`scoring and storing: ${kind}`, 1);
    }
    await publishRun(cairn, { tenantId: TENANT, runId });
    report("publishing", 1);
    const seconds = (performance.now() - started.at) / 1000;
    const spent = processorSeconds() - started.processor;
    const peakMegabytes = process.resourceUsage().maxRSS / 1024;
    const { learners } = await readRanking(cairn, TENANT, { limit: 1 });
    const cost = { learners, records: await recordsOf(cairn), seconds, processorSeconds: spent, peakMegabytes };
    return { ...cost, load: loadavg()[0]!, stages: [...stages.values()] };
  } finally {
    await cairn.close();
  }
}

/** Rows of the largest snapshot. */
async function recordsOf(cairn: Cairn): Promise<number> {
  const [snapshot] = await cairn.database.sql.begin(async (sql) => {
    await sql`select set_config('cairn.tenant', ${TENANT}, true)`;
    return sql<{ records: number }[]>`
      select max((select sum((t.value ->> 'rows')::bigint) from jsonb_each(manifest -> 'tables') t))::float8 as records from snapshot`;
  });
  return snapshot?.records ?? Number.NaN;
}

const [step, home = "", students = "1000", seed = "scale"] = process.argv.slice(2);
if (step === "import") await importOne(home, Number(students), seed);
if (step === "night") process.stdout.write(JSON.stringify(await work(home)));
