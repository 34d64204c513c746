import { createInterface } from "node:readline";

/** What one run of a side says: how long each piece of work took, in seconds, and what came out of it. */
export interface SideRun {
  readonly timings: Readonly<Record<string, number>>;
  readonly figures: Readonly<Record<string, number>>;
}

/**
 * Makes this process one side of a benchmark: it prepares once, says that it is ready, and does the work once for every
 * line it gets. Start-up, imports and reading files are outside the timings, on both sides alike.
 * @param prepare - reads what the case left in the folder (the first argument of the process)
 */
export async function serveSide<Prepared>(
  prepare: (folder: string) => Promise<Prepared>,
  work: (prepared: Prepared) => SideRun | Promise<SideRun>,
): Promise<void> {
  const folder = process.argv[2];
  if (folder === undefined) throw new Error("expected the folder of the case as the first argument");
  const prepared = await prepare(folder);
  process.stdout.write(`${JSON.stringify({ ready: true })}\n`);
  for await (const line of createInterface({ input: process.stdin })) {
    if (line !== "go") break;
    process.stdout.write(`${JSON.stringify(await work(prepared))}\n`);
  }
}

/** The seconds a piece of work took. */
export function timed<Result>(work: () => Result): { seconds: number; result: Result } {
  const started = process.hrtime.bigint();
  const result = work();
  return { seconds: Number(process.hrtime.bigint() - started) / 1e9, result };
}
