import { execFile } from "node:child_process";
import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";

/** A file that breaks one rule of the house, and what it must be caught for. */
const violations = [
  { rule: "numeric-imports-only-its-floor", from: "src/numeric/reaches-up.ts", to: "src/records/database.ts" },
  { rule: "models-imports-only-its-floor", from: "src/models/knows-features.ts", to: "src/features/catalog.ts" },
  { rule: "features-imports-only-its-floor", from: "src/features/past-the-door.ts", to: "src/records/database.ts" },
  { rule: "engine-imports-only-its-floor", from: "src/engine/knows-http.ts", to: "src/api/app.ts" },
  { rule: "cli-and-jobs-hold-no-storage", from: "src/api/routes/stores.ts", to: "src/records/database.ts" },
  { rule: "api-imports-only-its-floor", from: "src/api/routes/stores.ts", to: "src/records/database.ts" },
  { rule: "cli-and-jobs-hold-no-storage", from: "jobs/stores.ts", to: "src/records/database.ts" },
  { rule: "jobs-call-the-engine", from: "jobs/generates.ts", to: "datasets/truth.ts" },
  { rule: "datasets-feed-the-door", from: "datasets/reaches-in.ts", to: "src/engine/batch.ts" },
  {
    rule: "model-family-mastery-stands-alone",
    from: "src/models/mastery/borrows.ts",
    to: "src/models/playlist/ease.ts",
  },
  {
    rule: "model-family-off-track-stands-alone",
    from: "src/models/off-track/borrows.ts",
    to: "src/models/study/trial.ts",
  },
  { rule: "pure-rooms-do-no-io", from: "src/numeric/reads-a-file.ts", to: "node:fs" },
  { rule: "pure-rooms-do-no-io", from: "src/models/reads-a-file.ts", to: "node:fs" },
  { rule: "nothing-imports-tests", from: "src/engine/tested.ts", to: "tests/support.ts" },
  { rule: "src-does-not-need-development-packages", from: "src/engine/develops.ts", to: "vitest" },
  { rule: "resolvable", from: "src/engine/dangling.ts", to: "./nowhere.ts" },
] as const;

/** What the house allows; nothing of it may be caught. */
const allowed = [
  {
    from: "src/engine/composes.ts",
    to: ["src/records/database.ts", "src/features/catalog.ts", "src/models/study/trial.ts"],
  },
  { from: "src/features/through-the-door.ts", to: ["src/records/snapshot/tables.ts", "src/numeric/matrix.ts"] },
  { from: "src/models/study/counts.ts", to: ["src/numeric/matrix.ts", "src/errors.ts"] },
  { from: "src/api/routes/asks.ts", to: ["src/engine/batch.ts"] },
  { from: "jobs/asks.ts", to: ["src/engine/batch.ts"] },
  { from: "src/records/reads-a-file.ts", to: ["node:fs"] },
] as const;

interface Found {
  readonly from: string;
  readonly to: string;
  readonly rule: { readonly name: string };
}

/** An import as one writes it: relative inside the tree, by name outside. */
function specifier(from: string, to: string): string {
  if (!to.includes("/") || to.startsWith(".") || to.startsWith("node:")) return to;
  const up = "../".repeat(dirname(from).split("/").length);
  return `${up}${to}`;
}

let folder: string;
let found: readonly Found[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cairn-layers-"));
  const files = new Map<string, string[]>();
  for (const { from, to } of [
    ...violations,
    ...allowed.flatMap((one) => one.to.map((to) => ({ from: one.from, to }))),
  ]) {
    files.set(from, [...(files.get(from) ?? []), `import ${JSON.stringify(specifier(from, to))};`]);
    if (to.endsWith(".ts") && !to.startsWith(".") && !files.has(to)) files.set(to, []);
  }
  files.set("src/engine/one.ts", ['import "./two.ts";']);
  files.set("src/engine/two.ts", ['import "./one.ts";']);
  for (const [path, lines] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), `${lines.join("\n")}\nexport {};\n`);
  }
  for (const name of [".dependency-cruiser.cjs", "tsconfig.json", "package.json"])
    await copyFile(name, join(folder, name));
  await symlink(resolve("node_modules"), join(folder, "node_modules"));
  const output = await new Promise<string>((done) => {
    const program = resolve("node_modules/dependency-cruiser/bin/dependency-cruise.mjs");
    const args = [
      program,
      "--config",
      ".dependency-cruiser.cjs",
      "--output-type",
      "json",
      "src",
      "jobs",
      "datasets",
      "tests",
    ];
    execFile(process.execPath, args, { cwd: folder, maxBuffer: 1e8 }, (_, stdout) => done(stdout));
  });
  found = (JSON.parse(output) as { summary: { violations: Found[] } }).summary.violations;
  return () => rm(folder, { recursive: true, force: true });
});

describe("the rule of who may import whom", () => {
  test.each(violations)("$rule catches $from importing $to", ({ rule, from, to }) => {
    const target = to.replace(/^node:|^\.\//, "");
    const caught = found.filter((one) => one.rule.name === rule && one.from === from && one.to.includes(target));
    expect(caught).toHaveLength(1);
  });

  test("no-cycles catches two files that need each other", () => {
    const cycles = found.filter(({ rule }) => rule.name === "no-cycles").map(({ from }) => from);
    expect(cycles).toEqual(expect.arrayContaining(["src/engine/one.ts"]));
  });

  test("what the house allows is not caught", () => {
    const innocent = new Set<string>(allowed.map(({ from }) => from));
    expect(found.filter(({ from }) => innocent.has(from))).toEqual([]);
  });
});
