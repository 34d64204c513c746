import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Command } from "commander";
import { describe, expect, test } from "vitest";
import { createProgram } from "../../src/cli/program.ts";
import { version } from "../../src/version.ts";

interface Package {
  readonly version: string;
  readonly bin: Record<string, string>;
  readonly scripts: Record<string, string>;
  readonly engines: { readonly node: string };
}

const packageFile = async (): Promise<Package> => JSON.parse(await readFile("package.json", "utf8")) as Package;

/** Every page with commands that a reader may type. */
async function pages(): Promise<{ page: string; text: string }[]> {
  const docs = (await readdir("docs", { recursive: true })).filter(
    (path) => path.endsWith(".md") && !path.startsWith("api"),
  );
  return Promise.all(
    ["README.md", ...docs.map((path) => join("docs", path))].map(async (page) => ({
      page,
      text: await readFile(page, "utf8"),
    })),
  );
}

/** Walks a typed command down the program; @returns the command it names and the options it was given. */
function resolveCommand(typed: string): { command: Command; rest: string[] } | undefined {
  let command: Command = createProgram();
  const words = typed.split(/\s+/).filter(Boolean);
  while (words.length > 0) {
    const next = command.commands.find((child) => child.name() === words[0]);
    if (next === undefined) break;
    command = next;
    words.shift();
  }
  return command.parent === null ? undefined : { command, rest: words };
}

describe("the first screen of the README", () => {
  test("names commands that package.json has", async () => {
    const readme = await readFile("README.md", "utf8");
    const screen = /```sh\n([\s\S]*?)```/.exec(readme)?.[1] ?? "";
    expect(readme.slice(0, readme.indexOf("```sh")).split("\n").length).toBeLessThan(12); // on the first screen indeed
    const { scripts, bin, engines } = await packageFile();
    expect(screen).toContain("npm ci && npm run demo");
    expect(screen).toContain("npm ci && npm test");
    const named = [...screen.matchAll(/npm (?:run )?([a-z:]+)/g)]
      .map(([, name]) => name!)
      .filter((name) => name !== "ci");
    for (const name of named) expect(scripts).toHaveProperty([name]);
    expect(scripts.prepare).toBe("npm run build"); // npm ci builds what the demo runs
    expect(scripts.demo).toContain(`${bin.cairn} demo`);
    expect(readme).toContain(`Node ${engines.node.replace(">=", "")}`);
  });
});

describe("every page", () => {
  test("names only commands and options that exist", async () => {
    const faults: string[] = [];
    let checked = 0;
    for (const { page, text } of await pages()) {
      for (const [whole, typed] of text.matchAll(/`(?:npx )?cairn ([a-z][^`]*)`/g)) {
        checked++;
        const found = resolveCommand(typed!.replaceAll(/[[\]]/g, " "));
        if (found === undefined) {
          faults.push(`${page}: ${whole}`);
          continue;
        }
        const options = found.command.options.map(({ long }) => long);
        for (const option of typed!.match(/--[a-z-]+/g) ?? []) {
          if (option !== "--help" && !options.includes(option)) faults.push(`${page}: ${whole} (${option})`);
        }
      }
    }
    expect(faults).toEqual([]);
    expect(checked).toBeGreaterThan(10);
  });

  test("of operations lists every setting, with its default, and no other", async () => {
    const text = await readFile("docs/operations.md", "utf8");
    const sources = await Promise.all(
      ["src/configuration.ts", "src/api/settings.ts"].map((path) => readFile(path, "utf8")),
    );
    const settings = [...sources.join("\n").matchAll(/^ {2}([A-Z][A-Z_]+): \w+(?=\.).*?(?:\.default\((.*?)\))?,?$/gm)];
    expect(settings.length).toBeGreaterThan(15);
    const rows = [...text.matchAll(/^\| `([A-Z_]+)` \| (.*?) \|/gm)].map(([, name, fallback]) => [name, fallback]);
    expect(rows).toEqual(
      settings.map(([, name, fallback]) => [
        name,
        expect.stringContaining(fallback === undefined ? "none" : fallback.replaceAll(/"|(?<=\d)_/g, "")),
      ]),
    );
  });
});

test("the version is the same in package.json, its lock, the changelog and the code", async () => {
  const lock = JSON.parse(await readFile("package-lock.json", "utf8")) as Package & {
    packages: Record<string, Package>;
  };
  const changelog = /^## (\d+\.\d+\.\d+\S*)/m.exec(await readFile("CHANGELOG.md", "utf8"))?.[1];
  const said = {
    package: (await packageFile()).version,
    lock: lock.version,
    root: lock.packages[""]!.version,
    changelog,
  };
  expect(said).toEqual({ package: version, lock: version, root: version, changelog: version });
});
