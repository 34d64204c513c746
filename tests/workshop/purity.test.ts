import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { beforeAll, expect, test } from "vitest";

const impure = ["Math.random()", "Date.now()", "new Date()", "performance.now()"];
const message = "numeric and models are pure: pass time and randomness in as arguments";

let folder: string;
let reports: { category: string; message: string; file: string }[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cairn-purity-"));
  const file = async (path: string, expression: string): Promise<void> => {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), `export const value: unknown = ${expression};\n`);
  };
  for (const [index, expression] of impure.entries()) {
    await file(`src/numeric/deep/impure-${index}.ts`, expression);
    await file(`src/models/impure-${index}.ts`, expression);
    await file(`src/engine/allowed-${index}.ts`, expression);
  }
  await file("src/numeric/pure.ts", "Math.sqrt(2)");
  await cp("biome.json", join(folder, "biome.json"));
  await cp("scripts/lint", join(folder, "scripts/lint"), { recursive: true });
  await writeFile(join(folder, ".gitignore"), "node_modules\n"); // biome.json reads it
  const output = await new Promise<string>((done) => {
    const args = [
      resolve("node_modules/@biomejs/biome/bin/biome"),
      "lint",
      "--reporter=json",
      "--max-diagnostics=none",
      "src",
    ];
    execFile(process.execPath, args, { cwd: folder, maxBuffer: 1e8 }, (_, stdout) => done(stdout));
  });
  const { diagnostics } = JSON.parse(output) as {
    diagnostics: { category: string; message: unknown; location: { path: string | { file: string } } }[];
  };
  reports = diagnostics.map(({ category, message: said, location: { path } }) => ({
    category,
    message: typeof said === "string" ? said : JSON.stringify(said),
    file: typeof path === "string" ? path : path.file,
  }));
  return () => rm(folder, { recursive: true, force: true });
});

test.each(impure.map((expression, index) => ({ expression, index })))(
  "$expression is refused in numeric and models, and nowhere else",
  ({ index }) => {
    const caught = reports.filter((one) => one.message.includes(message)).map(({ file }) => file);
    expect(caught).toContain(`src/numeric/deep/impure-${index}.ts`);
    expect(caught).toContain(`src/models/impure-${index}.ts`);
    expect(caught).not.toContain(`src/engine/allowed-${index}.ts`);
    expect(caught).not.toContain("src/numeric/pure.ts");
  },
);
