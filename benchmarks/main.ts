import { cpus, loadavg } from "node:os";
import type { BenchmarkCase } from "./case.ts";
import { boostedTreesCase } from "./cases/boosted-trees.ts";
import { easeCase, implicitAlsCase } from "./cases/implicit-als.ts";
import { knowledgeTracingCase } from "./cases/knowledge-tracing.ts";
import { compare } from "./compare.ts";
import { ouladMatrixCase } from "./features/oulad-matrix.ts";
import { describe } from "./table.ts";

/** Every speed comparison, in the order of the goals. */
const cases: readonly BenchmarkCase[] = [
  boostedTreesCase,
  implicitAlsCase,
  easeCase,
  knowledgeTracingCase,
  ouladMatrixCase,
];

const asked = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
const asJson = process.argv.includes("--json");
const unknown = asked.filter((name) => !cases.some((one) => one.name === name));
if (unknown.length > 0) {
  process.stderr.write(`expected names among ${cases.map(({ name }) => name).join(", ")}; got ${unknown.join(", ")}\n`);
  process.exit(2);
}

// Work of others slows both sides, and not alike: peers whose threads wait in a spin lose most.
const loadBefore = loadavg()[0]!;
const isBusy = loadBefore > cpus().length / 2;
const results: unknown[] = [];
for (const one of cases.filter(({ name }) => asked.length === 0 || asked.includes(name))) {
  if (!asJson) process.stdout.write(`\n${one.name}: ${one.work}\n`);
  const outcome = await compare(one, (done, of) => process.stderr.write(`\r  round ${done} of ${of} `));
  process.stderr.write("\r\u001b[K");
  if (typeof outcome === "string") process.stdout.write(asJson ? "" : `  left out: ${outcome}\n`);
  else if (asJson) results.push(...outcome);
  else process.stdout.write(describe(outcome));
}
const machine = { processors: cpus().length, model: cpus()[0]?.model ?? "unknown", loadBefore, load: loadavg()[0]! };
if (asJson) process.stdout.write(`${JSON.stringify({ machine, results }, null, 2)}\n`);
else {
  const loads = `load ${loadBefore.toFixed(1)} before, ${machine.load.toFixed(1)} at the end`;
  process.stdout.write(`\n${machine.processors} processors (${machine.model}), ${loads}\n`);
  if (isBusy) process.stdout.write("Other work was running here: repeat on a quiet machine before quoting a ratio.\n");
}
