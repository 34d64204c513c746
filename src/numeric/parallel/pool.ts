import { Worker } from "node:worker_threads";
import { CairnError } from "../../errors.ts";
import { control, TASK_NUMBERS, type WorkerInput, workerMain } from "./worker-main.ts";

/** A kernel call: the name of the kernel and its operands. */
export type KernelCall = readonly [name: string, ...operands: readonly number[]];

const MOST_TASKS = 4_096; // of one generation; more calls take several
const CLOSED = 0xffff;
const GENERATIONS = 0x7fff;

/** Threads that call kernels over one shared memory. */
export interface KernelPool {
  /** The caller included. */
  readonly threads: number;
  /**
   * Runs every call once, on whatever thread is free, and returns when all are done. Calls must not write what another of
   * the same batch reads or writes.
   * @param answers - receives what each kernel returned
   * @throws CairnError `INTERNAL` when a kernel trapped
   */
  run(calls: readonly KernelCall[], answers?: Float64Array): void;
  /** Lets the threads end. */
  close(): void;
}

/**
 * Starts worker threads over a kernel memory. They cost nothing while they wait, and do not keep the process alive. The
 * caller works as well and never waits for a task that no worker has begun: a thread that is slow to start delays nothing.
 * @param own - the caller's instance of the kernels
 */
export function startKernelPool(
  threads: number,
  module: object,
  memory: unknown,
  own: Readonly<Record<string, (...operands: number[]) => number>>,
): KernelPool {
  const names = Object.keys(own);
  const places = new Map(names.map((name, place) => [name, place]));
  const input: WorkerInput = {
    module,
    memory,
    control: new SharedArrayBuffer(control.words * Int32Array.BYTES_PER_ELEMENT),
    tasks: new SharedArrayBuffer(MOST_TASKS * TASK_NUMBERS * Float64Array.BYTES_PER_ELEMENT),
    names,
  };
  const words = new Int32Array(input.control);
  const numbers = new Float64Array(input.tasks);
  const code = `(${workerMain.toString()})(require("node:worker_threads").workerData)`;
  const workers = Array.from({ length: threads - 1 }, () => new Worker(code, { eval: true, workerData: input }));
  for (const worker of workers) {
    worker.unref();
    // A thread that cannot start (no memory for it) is one thread fewer: the others, the caller among them, do its work.
    worker.on("error", () => undefined);
  }
  let generation = 0;

  const write = (calls: readonly KernelCall[]): void => {
    for (const [index, [name, ...operands]] of calls.entries()) {
      const at = index * TASK_NUMBERS;
      numbers[at] = places.get(name)!;
      numbers[at + 1] = operands.length;
      for (let i = 0; i < operands.length; i++) numbers[at + 2 + i] = operands[i]!;
    }
  };
  const workAlong = (calls: readonly KernelCall[]): void => {
    for (;;) {
      const ticket = Atomics.load(words, control.ticket);
      const index = ticket & CLOSED;
      if (index >= calls.length) return;
      if (Atomics.compareExchange(words, control.ticket, ticket, ticket + 1) !== ticket) continue;
      const [name, ...operands] = calls[index]!;
      try {
        numbers[index * TASK_NUMBERS + TASK_NUMBERS - 1] = own[name]!(...operands) ?? 0;
      } catch {
        Atomics.add(words, control.failed, 1);
      }
      Atomics.add(words, control.done, 1);
    }
  };
  const runBatch = (calls: readonly KernelCall[], answers: Float64Array | undefined): void => {
    generation = (generation + 1) & GENERATIONS;
    // Closed first: a worker that still holds the old ticket can then claim nothing.
    Atomics.store(words, control.ticket, (generation << 16) | CLOSED);
    write(calls);
    Atomics.store(words, control.done, 0);
    Atomics.store(words, control.failed, 0);
    Atomics.store(words, control.count, calls.length);
    Atomics.store(words, control.ticket, generation << 16);
    Atomics.notify(words, control.ticket);
    workAlong(calls);
    for (let patience = 4_000; ; ) {
      const done = Atomics.load(words, control.done);
      if (done === calls.length) break;
      if (patience > 0) patience--;
      else Atomics.wait(words, control.done, done);
    }
    if (Atomics.load(words, control.failed) > 0) {
      throw new CairnError("INTERNAL", "expected a kernel to finish, got a trap");
    }
    for (let i = 0; answers !== undefined && i < calls.length; i++) {
      answers[i] = numbers[i * TASK_NUMBERS + TASK_NUMBERS - 1]!;
    }
  };
  return {
    threads,
    run(calls, answers) {
      for (let first = 0; first < calls.length; first += MOST_TASKS) {
        runBatch(calls.slice(first, first + MOST_TASKS), answers?.subarray(first));
      }
    },
    close() {
      Atomics.store(words, control.stop, 1);
      Atomics.store(words, control.ticket, ((generation + 1) << 16) | CLOSED);
      Atomics.notify(words, control.ticket);
      for (const worker of workers) void worker.terminate();
    },
  };
}
