#!/usr/bin/env node
import { CommanderError } from "commander";
import { CairnError } from "../errors.ts";
import { createProgram } from "./program.ts";

/** An error as people read it. Nothing of a stack trace, unless it is cairn's own fault. */
function report(error: unknown): CairnError {
  const known =
    error instanceof CairnError
      ? error
      : new CairnError("INTERNAL", String(error), { cause: error, hint: "please report this with the lines above" });
  if (known.code === "INTERNAL" && error instanceof Error) process.stderr.write(`${error.stack ?? error.message}\n`);
  process.stderr.write(`error ${known.code}: ${known.message}\n`);
  if (known.hint !== undefined) process.stderr.write(`try: ${known.hint}\n`);
  return known;
}

/** An error as machines read it when they asked for JSON: the one document on stdout. */
function answer({ code, message, hint, details }: CairnError): void {
  const document = { error: { code, message, hint: hint ?? null, details } };
  process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
}

/** Commander has told people already; the end of `--help` and `--version` is no error. */
function wrongArguments(error: CommanderError): CairnError {
  const message = error.message.replace(/^error: /, "");
  return new CairnError("BAD_INPUT", message, { hint: "add --help for what is expected", cause: error });
}

try {
  await createProgram().parseAsync();
} catch (error) {
  process.exitCode = error instanceof CommanderError ? error.exitCode : 1;
  const failure = error instanceof CommanderError ? wrongArguments(error) : report(error);
  if (process.exitCode !== 0 && process.argv.includes("--json")) answer(failure);
}
