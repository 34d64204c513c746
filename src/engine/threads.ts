import type { Configuration } from "../configuration.ts";
import { useThreads } from "../numeric/parallel/threads.ts";

/** Holds this process to the processors its configuration allows. */
export function limitThreads({ threads }: Configuration): void {
  if (threads !== undefined) useThreads(threads);
}
