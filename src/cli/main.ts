#!/usr/bin/env node
import { Command } from "commander";
import { CairnError } from "../errors.ts";
import { version } from "../version.ts";
import { commands } from "./commands/index.ts";

/** The command line of cairn; a function, so that tests can ask it for its help. */
function createProgram(): Command {
  const program = new Command("cairn")
    .description("Recommendation and early-warning engine for schools")
    .version(version)
    .showHelpAfterError("(add --help for what is expected)");
  for (const register of commands) register(program);
  return program;
}

/** An error as people read it, and as machines do when they asked for JSON. Nothing of a stack trace, unless it is cairn's own fault. */
function report(error: unknown, json: boolean): void {
  const known =
    error instanceof CairnError
      ? error
      : new CairnError("INTERNAL", String(error), { cause: error, hint: "please report this with the lines above" });
  if (known.code === "INTERNAL" && error instanceof Error) process.stderr.write(`${error.stack ?? error.message}\n`);
  process.stderr.write(`error ${known.code}: ${known.message}\n`);
  if (known.hint !== undefined) process.stderr.write(`try: ${known.hint}\n`);
  if (json) {
    const document = {
      error: { code: known.code, message: known.message, hint: known.hint ?? null, details: known.details },
    };
    process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
  }
}

try {
  await createProgram().parseAsync();
} catch (error) {
  report(error, process.argv.includes("--json"));
  process.exitCode = 1;
}
