import { existsSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { CairnError } from "../../src/errors.ts";
import { type GroupOptions, type GroupPiece, GroupWriter } from "./district-group.ts";
import type { WorkerMessage } from "./district-worker.ts";

const workerFile = new URL("./district-worker.js", import.meta.url);

/** Whether worker threads can be started: the compiled program can, the TypeScript source under a test runner cannot. */
export function hasThreads(): boolean {
  return existsSync(fileURLToPath(workerFile));
}

/**
 * Every piece of a district, group after group, so that the order does not depend on the number of threads. At most one
 * finished group per thread waits for its turn: memory does not grow with the district.
 * @param threads - 1 for none but this one
 */
export async function* districtPieces(
  options: GroupOptions,
  groups: number,
  threads: number,
): AsyncGenerator<GroupPiece> {
  if (threads > 1 && groups > 1) {
    const pool = new GroupPool(options, groups, Math.min(threads, groups));
    try {
      for (let group = 0; group < groups; group++) yield* pool.piecesOf(group);
    } finally {
      await pool.end();
    }
    return;
  }
  const writer = new GroupWriter(options);
  for (let group = 0; group < groups; group++) {
    for (const piece of writer.write(group)) {
      yield piece;
      await setImmediate(); // a signal, a timer or a progress bar gets its turn
    }
  }
}

/** Worker threads that write groups ahead of the one that is wanted. */
class GroupPool {
  private readonly workers: readonly Worker[];
  private readonly idle: Worker[];
  private readonly groups: number;
  private readonly pieces = new Map<number, GroupPiece[]>();
  private readonly finished = new Set<number>();
  private next = 0;
  private wanted = 0;
  private failure: unknown;
  private wake: () => void = () => undefined;

  constructor(options: GroupOptions, groups: number, threads: number) {
    this.groups = groups;
    this.workers = Array.from({ length: threads }, () => this.start(options));
    this.idle = [...this.workers];
  }

  async *piecesOf(group: number): AsyncGenerator<GroupPiece> {
    this.wanted = group;
    this.assign();
    for (;;) {
      if (this.failure !== undefined) {
        throw new CairnError("INTERNAL", "expected every thread to write its schools, got one that failed", {
          hint: "write the district with `threads: 1`, which needs less memory",
          cause: this.failure,
        });
      }
      const finished = this.finished.has(group); // looked up before the pieces are taken: none can be missed
      yield* this.pieces.get(group)?.splice(0) ?? [];
      if (finished) break;
      if ((this.pieces.get(group)?.length ?? 0) === 0 && !this.finished.has(group))
        await new Promise<void>((wake) => {
          this.wake = wake;
        });
    }
    this.pieces.delete(group);
    this.finished.delete(group);
  }

  async end(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.terminate()));
  }

  private start(options: GroupOptions): Worker {
    const worker = new Worker(workerFile, { workerData: options });
    worker.on("message", ({ group, piece }: WorkerMessage) => {
      if (piece === undefined) {
        this.finished.add(group);
        this.idle.push(worker);
        this.assign();
      } else {
        const waiting = this.pieces.get(group);
        if (waiting === undefined) this.pieces.set(group, [piece]);
        else waiting.push(piece);
      }
      this.wake();
    });
    worker.on("error", (error) => {
      this.failure = error;
      this.wake();
    });
    return worker;
  }

  /** Gives idle workers the next groups, but none further ahead than there are threads. */
  private assign(): void {
    while (this.idle.length > 0 && this.next < this.groups && this.next <= this.wanted + this.workers.length) {
      this.idle.pop()!.postMessage(this.next++);
    }
  }
}
