// Compiles the AssemblyScript kernels to WASM and embeds them as base64, so that the numeric room needs no file system:
// the same module loads in Node, in worker threads and in the tests.
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const source = join(root, "src/numeric/kernels/assembly/index.ts");
const target = join(root, "src/numeric/kernels/binary.generated.ts");
const folder = dirname(source);

const newest = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
const { readdirSync } = await import("node:fs");
const changed = Math.max(
  ...readdirSync(folder).map((file) => newest(join(folder, file))),
  newest(fileURLToPath(import.meta.url)),
);
if (newest(target) < changed) {
  mkdirSync(join(root, "node_modules/.cache"), { recursive: true });
  const wasm = join("node_modules/.cache", "kernels.wasm");
  const { error, stderr } = await asc.main(
    [
      "src/numeric/kernels/assembly/index.ts",
      ..."-O3 --noAssert --runtime stub --enable simd --enable threads --sharedMemory --importMemory".split(" "),
      ..."--initialMemory 16 --maximumMemory 65536".split(" "),
      "--outFile",
      wasm,
    ],
    { baseDir: root },
  );
  if (error) {
    console.error(stderr.toString());
    process.exit(1);
  }
  const base64 = readFileSync(join(root, wasm)).toString("base64");
  writeFileSync(
    target,
    `/** The kernels, compiled from ./assembly by scripts/build-kernels.mjs. */\nexport const kernelBinary: string =\n  "${base64}";\n`,
  );
  console.error(`kernels: ${Math.round((base64.length * 3) / 4)} bytes of WASM`);
}
