import { availableParallelism } from "node:os";
import { CairnError } from "../../errors.ts";

const MOST_THREADS = 64;
let chosen: number | undefined;

/**
 * How many threads kernels may use in this process, the calling one included: as many as the machine has processors for
 * us, unless {@link useThreads} said otherwise. No result depends on it.
 */
export function threadCount(): number {
  chosen ??= Math.min(availableParallelism(), MOST_THREADS);
  return chosen;
}

/**
 * Sets the number of threads for all later fits and predictions of this process.
 * @param count - from 1 (nobody but the caller) to 64
 * @throws CairnError `BAD_INPUT`
 */
export function useThreads(count: number): void {
  if (!Number.isInteger(count) || count < 1 || count > MOST_THREADS) {
    throw new CairnError("BAD_INPUT", `expected 1 to ${MOST_THREADS} threads, got ${count}`, {
      hint: "leave it out to use every processor",
    });
  }
  chosen = count;
}
