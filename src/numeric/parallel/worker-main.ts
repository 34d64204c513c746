/** What a worker is given when it starts. */
export interface WorkerInput {
  readonly module: object;
  readonly memory: unknown;
  /** See {@link control} for its words. */
  readonly control: SharedArrayBuffer;
  /** Per task: the kernel's place in `names`, then its operands. */
  readonly tasks: SharedArrayBuffer;
  readonly names: readonly string[];
}

/** Numbers of one task in the tasks' array: the kernel, the number of operands, up to 22 operands, the answer. */
export const TASK_NUMBERS = 25;

/**
 * The words of the control block. `ticket` is generation · 2¹⁶ + next task; the index 65,535 says that tasks are being
 * written. `done` counts finished tasks, `failed` those whose kernel trapped.
 */
export const control = { ticket: 0, count: 1, done: 2, failed: 3, stop: 4, words: 5 } as const;

/**
 * The whole life of a worker thread. It is sent to the thread as text, so it may use nothing from outside its own body: the
 * numbers of {@link control} and {@link TASK_NUMBERS} are written out.
 *
 * A task is claimed by compare-and-swap of the ticket, which fails when the generation has moved on: a worker that slept
 * through a generation can never run a task of the next one under an old claim.
 */
export function workerMain(input: WorkerInput): void {
  const words = new Int32Array(input.control);
  const numbers = new Float64Array(input.tasks);
  const { Instance } = (globalThis as unknown as { WebAssembly: { Instance: new (...from: unknown[]) => unknown } })
    .WebAssembly;
  const { exports } = new Instance(input.module, { env: { memory: input.memory } }) as {
    exports: Record<string, (...operands: number[]) => number | undefined>;
  };
  for (;;) {
    const ticket = Atomics.load(words, 0);
    if (Atomics.load(words, 4) !== 0) return;
    const index = ticket & 0xffff;
    if (index >= Atomics.load(words, 1)) {
      // A little patience before sleeping: the next generation often follows within microseconds.
      let patience = 4_000;
      while (patience > 0 && Atomics.load(words, 0) === ticket) patience--;
      if (patience === 0) Atomics.wait(words, 0, ticket);
      continue;
    }
    if (Atomics.compareExchange(words, 0, ticket, ticket + 1) !== ticket) continue;
    const at = index * 25;
    try {
      const operands = numbers.subarray(at + 2, at + 2 + numbers[at + 1]!);
      numbers[at + 24] = exports[input.names[numbers[at]!]!]!(...operands) ?? 0;
    } catch {
      Atomics.add(words, 3, 1);
    }
    Atomics.add(words, 2, 1);
    Atomics.notify(words, 2);
  }
}
