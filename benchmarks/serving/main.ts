import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { defaultPlaylistPolicy } from "../../src/engine/playlists/policy.ts";
import { describeAlarms, falseAlarms } from "./false-alarms.ts";
import { describeLatencies, latencies } from "./latency.ts";
import { pastLearners } from "./pedagogy/district.ts";
import { describeAudit, describeResults, resultsOf } from "./pedagogy/report.ts";
import type { LearnerOutcome } from "./pedagogy/simulate.ts";
import { simulate } from "./pedagogy/simulate.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seeds: { type: "string", default: "1,2,3,4,5" },
    students: { type: "string", default: "600" },
    learners: { type: "string", default: "40" },
    weeks: { type: "string", default: "10" },
    times: { type: "string", default: "2000" },
    json: { type: "boolean", default: false },
  },
});

/** `pedagogy`: what simulated learners truly learn under cairn's playlists and under every single model. */
async function pedagogy(): Promise<void> {
  const districts: LearnerOutcome[][] = [];
  for (const seed of values.seeds.split(",")) {
    const folder = await mkdtemp(join(tmpdir(), "cairn-pedagogy-"));
    try {
      const name = `pedagogy ${seed}`;
      const past = await pastLearners(folder, name, Number(values.students));
      const options = { seed: name, learners: Number(values.learners), weeks: Number(values.weeks) };
      districts.push(simulate(past, { ...options, policy: defaultPlaylistPolicy }));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
    process.stderr.write(`district ${seed} done\n`);
  }
  const results = resultsOf(districts);
  process.stdout.write(
    values.json ? `${JSON.stringify(results, null, 2)}\n` : describeResults(results) + describeAudit(districts),
  );
}

/** `latency`: from an answer to the next list, in memory and with the durable write. */
async function latency(): Promise<void> {
  const onProgress = (done: string): void => void process.stderr.write(`${done}: done\n`);
  const results = await latencies(Number(values.students), Number(values.times), onProgress);
  process.stdout.write(values.json ? `${JSON.stringify(results, null, 2)}\n` : describeLatencies(results));
}

/** `alarms`: how often the detectors of drift and bias speak, with and without something planted. */
async function alarms(): Promise<void> {
  const onProgress = (done: unknown): void => void process.stderr.write(`${JSON.stringify(done)}\n`);
  const results = await falseAlarms(values.seeds.split(","), Number(values.students), onProgress);
  process.stdout.write(values.json ? `${JSON.stringify(results, null, 2)}\n` : describeAlarms(results));
}

const works: Readonly<Record<string, () => Promise<void>>> = { pedagogy, latency, alarms };
const work = works[positionals[0] ?? "pedagogy"];
if (work === undefined) {
  process.stderr.write(`expected one of ${Object.keys(works).join(", ")}, got ${positionals[0]}\n`);
  process.exit(2);
}
await work();
