import { CairnError } from "../errors.ts";
import { type MatrixProducts, registerProducts } from "../numeric/network/products.ts";

type TensorFlow = typeof import("@tensorflow/tfjs-core");

/** What networks are trained on in this process. */
export interface TensorsInUse {
  /** `tensorflow` is the native library (tfjs-node, when installed and loading), `wasm` WebAssembly on one thread. */
  readonly backend: "tensorflow" | "wasm" | "plain";
  /** Why a faster one is not used; nothing when the first choice loaded. */
  readonly notes: readonly string[];
}

let inUse: Promise<TensorsInUse> | undefined;

/**
 * Makes the products of network training run on the fastest tensors there are: tfjs-node when it is installed and loads, else
 * WebAssembly on one thread (so that equal seeds give equal bytes), else plain TypeScript. Loads on the first call only:
 * commands that train no network do not wait for it. Predictions never need it.
 */
export function useTensors(): Promise<TensorsInUse> {
  inUse ??= load();
  return inUse;
}

async function load(): Promise<TensorsInUse> {
  const notes: string[] = [];
  for (const [backend, start] of [["tensorflow", startNative] as const, ["wasm", startWebAssembly] as const]) {
    try {
      registerProducts(productsOn(await start(), backend));
      return { backend, notes };
    } catch (error) {
      notes.push(`${backend} is not used: ${reasonOf(error)}`);
    }
  }
  return { backend: "plain", notes };
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message.split("\n")[0]! : "it did not load";
}

async function startNative(): Promise<TensorFlow> {
  const name = "@tensorflow/tfjs-node"; // an optional peer: the compiler must not look for it
  const tf: TensorFlow = (await import(name)) as TensorFlow;
  await tf.ready();
  return tf;
}

async function startWebAssembly(): Promise<TensorFlow> {
  const tf = await import("@tensorflow/tfjs-core");
  const wasm = await import("@tensorflow/tfjs-backend-wasm");
  wasm.setThreadsCount(1);
  if (!(await tf.setBackend("wasm"))) {
    throw new CairnError("UNAVAILABLE", "expected the WebAssembly backend to start, got a refusal");
  }
  await tf.ready();
  return tf;
}

/** Every product drops its tensors at once (a `tidy` that returned numbers would search them, one by one, for tensors). */
function productsOn(tf: TensorFlow, backend: string): MatrixProducts {
  return {
    backend,
    multiply(a, b, transposeA = false, transposeB = false) {
      const left = tf.tensor2d(a.values, [a.rows, a.cols]);
      const right = tf.tensor2d(b.values, [b.rows, b.cols]);
      const product = tf.matMul(left, right, transposeA, transposeB);
      const values = product.dataSync();
      tf.dispose([left, right, product]);
      return values instanceof Float32Array ? values : Float32Array.from(values);
    },
  };
}
