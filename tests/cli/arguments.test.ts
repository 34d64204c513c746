import type { Command } from "commander";
import { CommanderError } from "commander";
import { describe, expect, test } from "vitest";
import { createProgram } from "../../src/cli/program.ts";
import { version } from "../../src/version.ts";
import { runCairn } from "../e2e/cairn-process.ts";

const words = (text: string): string => text.replaceAll(/\s+/g, " ");

/** Runs the program up to where it would end the process. */
async function end(args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const program = createProgram();
  let stdout = "";
  let stderr = "";
  const listen = (command: Command): void => {
    command.configureOutput({
      writeOut: (text) => {
        stdout += text;
      },
      writeErr: (text) => {
        stderr += text;
      },
    });
    for (const child of command.commands) listen(child);
  };
  listen(program);
  try {
    await program.parseAsync([...args], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return { code: error.exitCode, stdout, stderr };
  }
  return { code: 0, stdout, stderr };
}

/** Every command with its path: "import flat" and the rest. */
function everyCommand(command: Command, path: readonly string[] = []): { path: readonly string[]; command: Command }[] {
  return command.commands.flatMap((child) => {
    const here = [...path, child.name()];
    return [{ path: here, command: child }, ...everyCommand(child, here)];
  });
}

/** Commands without `--json`, and why. */
const withoutJson: Readonly<Record<string, string>> = {
  worker: "it answers nobody",
  "study schema": "what it prints is one JSON document already",
};

const known = everyCommand(createProgram()).map(({ path, command }) => ({ name: path.join(" "), path, command }));

describe("help", () => {
  test("names every command", async () => {
    const { code, stdout } = await end(["--help"]);
    expect(code).toBe(0);
    for (const { path } of known.filter((entry) => entry.path.length === 1)) expect(stdout).toContain(`  ${path[0]}`);
    expect(known.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["demo", "import oneroster", "score", "serve", "study run", "worker", "migrate"]),
    );
  });

  test.each(known)("of $name says what it does and what every option means", async ({ path, command }) => {
    const { code, stdout, stderr } = await end([...path, "--help"]);
    expect(code).toBe(0);
    expect(stderr).toBe("");
    expect(stdout).toContain(`Usage: cairn ${path.join(" ")}`);
    expect(command.description()).toMatch(/\w/);
    expect(words(stdout)).toContain(words(command.description()));
    for (const { long, description } of command.options) {
      expect(stdout).toContain(long);
      expect(description, String(long)).toMatch(/\w/);
    }
    for (const argument of command.registeredArguments) {
      expect(stdout).toContain(argument.required ? `<${argument.name()}>` : `[${argument.name()}]`);
    }
    const does = command.commands.length === 0 && !Object.hasOwn(withoutJson, path.join(" "));
    if (does) expect(stdout).toContain("--json");
  });

  test("and version are answered by the program that is installed", async () => {
    expect(await runCairn(["--version"])).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: "" });
    const help = await runCairn(["score", "--help"]);
    expect(help).toMatchObject({ code: 0, stderr: "" });
    for (const option of ["--as-of", "--detach", "--tenant", "--json"]) expect(help.stdout).toContain(option);
  });
});

describe("wrong arguments", () => {
  const days = ["yesterday", "2025-13-01", "2025-02-30", "2025-02-00", "12-12-2025", "2025-1-1", ""];
  test.each(days)("the day %j is refused with an example", async (day) => {
    const { code, stderr, stdout } = await end(["score", "--as-of", day]);
    expect(code).toBe(1);
    expect(stdout).toBe("");
    expect(stderr).toContain("expected a day such as 2025-12-12");
  });

  test.each([
    { args: ["score"], says: "--as-of" },
    { args: ["demo", "--students", "0"], says: "expected a positive whole number" },
    { args: ["demo", "--students", "many"], says: "expected a positive whole number" },
    { args: ["import", "flat", "grades", "file.csv"], says: "Allowed choices are" },
    { args: ["import", "oneroster"], says: "missing required argument 'path'" },
    { args: ["snapshot", "--as-of", "2025-12-12", "--purpose", "fun"], says: "early-warning, playlist" },
    { args: ["serve", "--new-key", "principal"], says: "counselor, platform, operator" },
    { args: ["evaluate", "oulad", "--as-of", "28,x"], says: "expected whole numbers such as 28,56,84" },
    { args: ["study", "run", "--plan", "plan.json"], says: "--data" },
    { args: ["rank"], says: "unknown command 'rank'" },
    { args: ["score", "--asof", "2025-12-12"], says: "--as-of" }, // a near miss is suggested
  ])("$args: $says", async ({ args, says }) => {
    const { code, stderr, stdout } = await end(args);
    expect(code).toBe(1);
    expect(stdout).toBe("");
    expect(words(stderr)).toContain(says);
    expect(stderr).toContain("--help");
  });

  test("are an error document for who asked for JSON", async () => {
    const run = await runCairn(["score", "--as-of", "2025-13-01", "--json"]);
    expect(run.code).toBe(1);
    const { error } = JSON.parse(run.stdout) as { error: Record<string, unknown> };
    expect(error).toMatchObject({ code: "BAD_INPUT", hint: "add --help for what is expected" });
    expect(error.message).toMatch(/^option '--as-of <day>' argument '2025-13-01' is invalid/);
    expect(run.stderr).toContain("expected a day such as 2025-12-12");
    expect(run.stderr).not.toMatch(/^\s+at /m);
  });
});
