import { CairnError } from "../../errors.ts";
import { type KernelCall, type KernelPool, startKernelPool } from "../parallel/pool.ts";
import { threadCount } from "../parallel/threads.ts";
import { kernelBinary } from "./binary.generated.ts";
import { type SharedWasmMemory, wasm } from "./web-assembly.ts";

const PAGE = 65_536; // bytes, fixed by WebAssembly
const FIRST_PAGES = 16; // what scripts/build-kernels.mjs declares
const ALIGNMENT = 16; // one SIMD register
const KEPT_BYTES = 64 * 1024 * 1024; // a larger arena is given back to the system after use: memory never shrinks by itself

/** What the arena holds. */
export type ArenaView = Float64Array | Int32Array | Uint8Array;

/**
 * The compiled kernels over one shared memory, with a stack-like arena in it. Place the data once, call as often as
 * needed: nothing is copied between calls.
 */
export interface Kernels {
  /** The memory behind every view; a worker thread instantiates the kernels over the same one. */
  readonly memory: SharedWasmMemory;
  /**
   * A zeroed view of the arena, aligned to 16 bytes; valid until the arena is released below it.
   * @param length - number of doubles
   * @throws CairnError `UNAVAILABLE` when 4 GiB (or what the machine gives) are not enough
   */
  float64(length: number): Float64Array;
  /** The same, for bytes. */
  uint8(length: number): Uint8Array;
  /** The same, for 32-bit integers. */
  int32(length: number): Int32Array;
  /**
   * Calls a kernel by its name in ./assembly/index.ts; a view of this arena stands for its address. For the wrappers in this
   * folder, which know each kernel's operands.
   */
  call(name: string, ...operands: readonly (number | ArenaView)[]): number;
  /** The address of a view of this arena, for {@link Kernels.callAll}. */
  address(view: ArenaView): number;
  /**
   * Makes many calls at once, spread over the threads of this process; returns when all are done. No call may write what
   * another reads or writes, so that neither their order nor the number of threads can change a byte.
   * @param answers - receives what each call returned
   */
  callAll(calls: readonly KernelCall[], answers?: Float64Array): void;
  /** Ends the threads; they start again when they are needed. */
  close(): void;
  /** The top of the arena, to hand to {@link Kernels.release}. */
  mark(): number;
  /** Frees everything allocated since the mark; the views must not be used any more. */
  release(mark: number): void;
  /**
   * Adds to the lower triangle of `hessian` Σ w·x·xᵀ and to `gradient` Σ r·x over rows [firstRow, lastRow) of `x`.
   * All views come from this arena. Callers that want the same bytes for every split go through the fixed chunks of
   * `normal-equations.ts`.
   * @param x - shape (rows × cols), row-major
   * @param weights - shape (rows)
   * @param residuals - shape (rows)
   * @param hessian - shape (cols × cols), row-major; cells above the diagonal are left alone
   * @param gradient - shape (cols)
   */
  addNormalEquations(
    x: Float64Array,
    weights: Float64Array,
    residuals: Float64Array,
    firstRow: number,
    lastRow: number,
    hessian: Float64Array,
    gradient: Float64Array,
  ): void;
}

/**
 * Instantiates the kernels.
 * @param memory - an existing kernel memory to work in (its arena must then be used by one thread at a time); default a new one
 * @throws CairnError `UNAVAILABLE` when the machine gives no shared memory
 */
export function instantiateKernels(memory: SharedWasmMemory = createMemory()): Kernels {
  const { exports } = new wasm.Instance(compiled(), { env: { memory } });
  const buffers = new WeakSet<object>();
  let top = align(exports.heapBase!());
  let pool: KernelPool | undefined;
  const callAll = (calls: readonly KernelCall[], answers?: Float64Array): void => {
    const threads = threadCount();
    if (threads > 1 && calls.length > 1) {
      if (pool?.threads !== threads) {
        pool?.close();
        pool = startKernelPool(threads, compiled(), memory, exports);
      }
      pool.run(calls, answers);
      return;
    }
    for (const [at, [name, ...operands]] of calls.entries()) {
      const answer = exports[name]!(...operands);
      if (answers !== undefined) answers[at] = answer;
    }
  };
  const addressOf = (view: ArenaView): number => {
    if (!buffers.has(view.buffer)) {
      throw new CairnError("INTERNAL", "expected a view of the kernels' own arena, got an array from elsewhere", {
        hint: "allocate it with kernels.float64 (uint8, int32) and copy the data in",
      });
    }
    return view.byteOffset;
  };
  const allocate = <View extends ArenaView>(type: ViewType<View>, length: number): View => {
    const end = top + length * type.BYTES_PER_ELEMENT;
    growTo(memory, end);
    buffers.add(memory.buffer);
    const view = new type(memory.buffer, top, length);
    view.fill(0);
    top = align(end);
    return view;
  };
  return {
    memory,
    float64: (length) => allocate(Float64Array, length),
    uint8: (length) => allocate(Uint8Array, length),
    int32: (length) => allocate(Int32Array, length),
    call: (name, ...operands) =>
      exports[name]!(...operands.map((operand) => (typeof operand === "number" ? operand : addressOf(operand)))),
    address: addressOf,
    callAll,
    close() {
      pool?.close();
      pool = undefined;
    },
    mark: () => top,
    release(mark) {
      top = mark;
    },
    addNormalEquations(x, weights, residuals, firstRow, lastRow, hessian, gradient) {
      exports.addNormalEquations!(
        addressOf(x),
        addressOf(weights),
        addressOf(residuals),
        firstRow,
        lastRow,
        gradient.length,
        addressOf(hessian),
        addressOf(gradient),
      );
    },
  };
}

interface ViewType<View> {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: SharedArrayBuffer, byteOffset: number, length: number): View;
}

let module: object | undefined; // the same code for everyone: compiled once
let shared: Kernels | undefined; // kept between fits, because a reserved memory is dear and a stack needs only one

/**
 * Runs some work with kernels whose arena is emptied afterwards, also after an error. Calls may be nested.
 * @param work - must not keep any view of the arena
 */
export function withKernels<Result>(work: (kernels: Kernels) => Result): Result {
  shared ??= instantiateKernels();
  const kernels = shared;
  const mark = kernels.mark();
  try {
    return work(kernels);
  } finally {
    kernels.release(mark);
    if (kernels.memory.buffer.byteLength > KEPT_BYTES && shared === kernels) {
      kernels.close();
      shared = undefined;
    }
  }
}

function compiled(): object {
  if (module === undefined) {
    const binary = atob(kernelBinary);
    module = new wasm.Module(Uint8Array.from(binary, (character) => character.charCodeAt(0)));
  }
  return module;
}

function align(address: number): number {
  return Math.ceil(address / ALIGNMENT) * ALIGNMENT;
}

/** A memory of at most 4 GiB; less where address space is short, because the maximum is reserved at once. */
function createMemory(): SharedWasmMemory {
  let cause: unknown;
  for (const maximum of [65_536, 16_384, 4096]) {
    try {
      return new wasm.Memory({ initial: FIRST_PAGES, maximum, shared: true });
    } catch (error) {
      cause = error;
    }
  }
  throw new CairnError("UNAVAILABLE", "expected room for 256 MiB of shared memory, got none", {
    hint: "raise the limit on virtual memory (ulimit -v)",
    cause,
  });
}

function growTo(memory: SharedWasmMemory, bytes: number): void {
  const missing = bytes - memory.buffer.byteLength;
  if (missing <= 0) return;
  try {
    memory.grow(Math.ceil(missing / PAGE));
  } catch (cause) {
    throw new CairnError("UNAVAILABLE", `expected room for ${bytes} bytes in kernel memory, got no more than 4 GiB`, {
      hint: "fit on fewer rows or columns",
      cause,
    });
  }
}
