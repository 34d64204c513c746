import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { BenchmarkCase } from "./case.ts";
import { pythonOfPeers } from "./peers/environment.ts";
import type { SideRun } from "./side.ts";
import { SideProcess } from "./side-process.ts";

/** What came out for one piece of work. */
export interface ComparedResult {
  readonly case: string;
  readonly timing: string;
  /** Median seconds by side. */
  readonly seconds: Readonly<Record<string, number>>;
  /** The fastest peer's median over cairn's. */
  readonly timesFaster: number;
  readonly fastestPeer: string;
  readonly goal: number;
  readonly met: boolean;
  /** Median of each figure by side. */
  readonly figures: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** Runs one case: cairn and its peers in turn, A B C A B C …, so that a machine that slows down slows all of them. */
export async function compare(
  benchmark: BenchmarkCase,
  onProgress: (done: number, of: number) => void,
): Promise<readonly ComparedResult[] | string> {
  const folder = await mkdtemp(join(tmpdir(), "cairn-benchmark-"));
  const sides: SideProcess[] = [];
  try {
    const obstacle = await benchmark.prepare(folder);
    if (obstacle !== undefined) return obstacle;
    const here = fileURLToPath(new URL(".", import.meta.url));
    sides.push(new SideProcess("cairn", process.execPath, [join(here, "cairn", benchmark.cairn), folder]));
    for (const [name, { script, requirements }] of Object.entries(benchmark.peers)) {
      const python = await pythonOfPeers(requirements);
      sides.push(new SideProcess(name, python.executable, [join(python.scripts, script), folder, name]));
    }
    for (const side of sides) await side.ready();
    const runs = new Map(sides.map(({ name }) => [name, [] as SideRun[]]));
    const warmUps = benchmark.runs > 1 ? 1 : 0;
    for (let run = -warmUps; run < benchmark.runs; run++) {
      for (const side of sides) {
        const outcome = await side.run();
        if (run >= 0) runs.get(side.name)!.push(outcome);
      }
      onProgress(run + warmUps + 1, benchmark.runs + warmUps);
    }
    return summarise(benchmark, runs);
  } finally {
    for (const side of sides) side.close();
    await rm(folder, { recursive: true, force: true });
  }
}

function summarise(benchmark: BenchmarkCase, runs: ReadonlyMap<string, readonly SideRun[]>): ComparedResult[] {
  const figures: Record<string, Record<string, number>> = {};
  for (const figure of benchmark.figures) {
    figures[figure] = {};
    for (const [name, all] of runs) {
      const values = all.flatMap((run) => (run.figures[figure] === undefined ? [] : [run.figures[figure]]));
      if (values.length > 0) figures[figure][name] = median(values);
    }
  }
  return benchmark.compared.map(({ timing, goal }) => {
    const seconds: Record<string, number> = {};
    for (const [name, all] of runs) {
      const values = all.flatMap((run) => (run.timings[timing] === undefined ? [] : [run.timings[timing]]));
      if (values.length > 0) seconds[name] = median(values);
    }
    const [fastestPeer, fastest] = Object.entries(seconds)
      .filter(([name]) => name !== "cairn")
      .sort(([, a], [, b]) => a - b)[0] ?? ["none", Number.NaN];
    const timesFaster = fastest / seconds.cairn!;
    return { case: benchmark.name, timing, seconds, timesFaster, fastestPeer, goal, met: timesFaster >= goal, figures };
  });
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
