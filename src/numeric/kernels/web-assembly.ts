/** The part of `WebAssembly.Memory` that kernels need; TypeScript ships its types only with the browser's. */
export interface SharedWasmMemory {
  /** A new object after every growth; older ones keep showing the same bytes. */
  readonly buffer: SharedArrayBuffer;
  /** Adds pages of 64 KiB. */
  grow(pages: number): number;
}

interface WasmInstance {
  readonly exports: Readonly<Record<string, (...numbers: number[]) => number>>;
}

/** The part of the `WebAssembly` namespace that kernels need. */
export interface WasmNamespace {
  readonly Memory: new (limits: { initial: number; maximum: number; shared: true }) => SharedWasmMemory;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: { env: { memory: SharedWasmMemory } }) => WasmInstance;
}

/** `WebAssembly` as every engine has it. */
export const wasm: WasmNamespace = (globalThis as unknown as { WebAssembly: WasmNamespace }).WebAssembly;
