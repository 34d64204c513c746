import { loadavg } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { writeDistrict } from "../../datasets/synthetic/district.ts";
import { runBatch } from "../../jobs/batch.ts";
import { queueHome } from "../../src/cli/queue-home.ts";
import { readConfiguration } from "../../src/configuration.ts";
import { readRanking } from "../../src/engine/early-warning/ranking.ts";
import { importDistrict } from "../../src/engine/intake/import-files.ts";
import { ensureTenant } from "../../src/engine/intake/tenants.ts";
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
  readonly stages: readonly { readonly step: string; readonly seconds: number }[];
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

/** Works the night of an imported district, through the queue. */
async function work(home: string): Promise<NightCost> {
  const configuration = readConfiguration({ CAIRN_HOME: home, CAIRN_LOG_LEVEL: "silent" });
  const cairn = await openCairn(configuration);
  const stages: { step: string; seconds: number }[] = [];
  let since = performance.now();
  let current = "opening";
  const onProgress = (step: string): void => {
    if (step === current) return;
    const now = performance.now();
    stages.push({ step: current, seconds: (now - since) / 1000 });
    process.stderr.write(`${current}: ${((now - since) / 1000).toFixed(1)} s\n`);
    since = now;
    current = step;
  };
  try {
    const started = performance.now();
    const before = process.cpuUsage();
    const signal = new AbortController().signal;
    await runBatch(cairn, queueHome(configuration, cairn), { tenantId: TENANT, asOf: AS_OF }, { onProgress, signal });
    onProgress("done");
    const seconds = (performance.now() - started) / 1000;
    const { user, system } = process.cpuUsage(before);
    const peakMegabytes = process.resourceUsage().maxRSS / 1024;
    const { learners } = await readRanking(cairn, TENANT, { limit: 1 });
    const [snapshot] = await cairn.database.sql.begin(async (sql) => {
      await sql`select set_config('cairn.tenant', ${TENANT}, true)`;
      return sql<{ records: number }[]>`
        select max((select sum((t.value ->> 'rows')::bigint) from jsonb_each(manifest -> 'tables') t))::float8 as records from snapshot`;
    });
    const records = snapshot?.records ?? Number.NaN;
    const cost = { learners, records, seconds, processorSeconds: (user + system) / 1e6, peakMegabytes };
    return { ...cost, load: loadavg()[0]!, stages };
  } finally {
    await cairn.close();
  }
}

const [step, home = "", students = "1000", seed = "scale"] = process.argv.slice(2);
if (step === "import") await importOne(home, Number(students), seed);
if (step === "night") process.stdout.write(JSON.stringify(await work(home)));
