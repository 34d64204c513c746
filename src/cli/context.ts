import { performance } from "node:perf_hooks";
import type { Configuration } from "../configuration.ts";
import { readConfiguration } from "../configuration.ts";
import type { ReportProgress } from "../engine/progress.ts";
import { dropDestroyedCopies } from "../engine/registry/drop-copies.ts";
import type { Cairn } from "../engine/runtime.ts";
import { openCairn } from "../engine/runtime.ts";
import { limitThreads } from "../engine/threads.ts";
import { progressBar } from "./progress.ts";

/** What every command works with: output for machines and people apart, a clock, and cairn when it needs one. */
export interface Context {
  readonly configuration: Configuration;
  readonly onProgress: ReportProgress;
  /** Aborted by the first Ctrl-C or SIGTERM: the command ends what it may not leave half-done and stops. Of one that leaves nothing, never. */
  readonly signal: AbortSignal;
  /** A clock in seconds. */
  readonly seconds: () => number;
  /** Text for people, on stdout; nothing with `--json`. */
  readonly say: (text: string) => void;
  /** The one JSON document of `--json`, on stdout; nothing without it. */
  readonly answer: (document: unknown) => void;
  readonly json: boolean;
  /**
   * Runs work with an open cairn and closes it, however the work ends.
   * @param now - cairn's clock; the machine's when left out
   */
  withCairn<T>(work: (cairn: Cairn) => Promise<T>, now?: () => Date): Promise<T>;
}

/**
 * Builds the context of one command run.
 * @param leavesNothing - the command writes nothing it would have to clean up: a signal ends it at once, also in the middle of a
 * fit, during which no handler of ours could run
 */
export function createContext({ json, leavesNothing }: { json: boolean; leavesNothing?: boolean }): Context {
  const configuration = readConfiguration();
  limitThreads(configuration);
  const seconds = (): number => performance.now() / 1000;
  const onProgress = progressBar(process.stderr, seconds);
  const abort = new AbortController();
  const stop = (): void => {
    if (abort.signal.aborted) process.exit(130); // a second signal means now
    abort.abort();
  };
  if (leavesNothing !== true) {
    process.on("SIGINT", stop);
    process.on("SIGTERM", stop);
  }
  return {
    configuration,
    onProgress,
    signal: abort.signal,
    seconds,
    json,
    say: (text) => {
      if (!json) process.stdout.write(`${text}\n`);
    },
    answer: (document) => {
      if (json) process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
    },
    withCairn: async (work, now = () => new Date()) => {
      const cairn = await openCairn(configuration, { onProgress, now });
      try {
        if (configuration.store !== undefined) await dropDestroyedCopies(cairn);
        return await work(cairn);
      } finally {
        await cairn.close();
      }
    },
  };
}
