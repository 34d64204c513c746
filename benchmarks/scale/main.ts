import { spawn } from "node:child_process";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { NightCost } from "./night.ts";

/**
 * `node dist/benchmarks/scale/main.js --students 1000,10000`: the whole night (snapshot, features, training, scores, playlists, stored) of
 * synthetic districts of several sizes, each in a process and on a server of its own; the import goes before and is not counted.
 */
const { values } = parseArgs({
  options: {
    students: { type: "string", default: "1000,4000" },
    seed: { type: "string", default: "scale" },
    json: { type: "boolean", default: false },
  },
});

/** Runs one step of the measurement in a process of its own: what it holds in memory is its own too. */
function step(name: "import" | "night", home: string, students: string): Promise<string> {
  const script = fileURLToPath(new URL("./night.js", import.meta.url));
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [script, name, home, students, values.seed], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let text = "";
    child.stdout.on("data", (chunk: Buffer) => {
      text += chunk.toString();
    });
    child.once("error", fail);
    child.once("exit", (code) => (code === 0 ? done(text) : fail(new Error(`${name} ended with ${code}`))));
  });
}

const costs: NightCost[] = [];
for (const students of values.students.split(",")) {
  const home = await mkdtemp(join(tmpdir(), "cairn-scale-"));
  await chmod(home, 0o755); // the embedded server of root runs as another user
  try {
    await step("import", home, students);
    const cost = JSON.parse(await step("night", home, students)) as NightCost;
    costs.push(cost);
    if (!values.json) process.stdout.write(`${describe(cost).join("\n")}\n`);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}
if (values.json) process.stdout.write(`${JSON.stringify(costs, null, 2)}\n`);

function describe({ learners, records, seconds, processorSeconds, peakMegabytes, stages, load }: NightCost): string[] {
  const perLearner = ((1000 * seconds) / learners).toFixed(1);
  return [
    `${learners} learners scored, ${records} records: ${seconds.toFixed(1)} s, ${perLearner} ms a learner`,
    `  this process ${processorSeconds.toFixed(1)} s of processor, ${peakMegabytes.toFixed(0)} MB at most; load ${load.toFixed(1)} at the end`,
    "   seconds  processor  ms/learner  peak MB",
    ...stages.map((stage) => {
      const figures = [stage.seconds, stage.processorSeconds, (1000 * stage.seconds) / learners];
      const columns = figures.map((figure, index) => figure.toFixed(index < 2 ? 1 : 2).padStart([10, 11, 12][index]!));
      return `${columns.join("")}${stage.peakMegabytes.toFixed(0).padStart(9)}  ${stage.step}`;
    }),
  ];
}
