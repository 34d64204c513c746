import { Command } from "commander";
import { version } from "../version.ts";
import { commands } from "./commands/index.ts";

/**
 * The command line of cairn with all its commands. It throws commander's own errors instead of ending the process, so that the
 * caller decides how a wrong argument (and the end of `--help`) leaves it.
 */
export function createProgram(): Command {
  const program = new Command("cairn")
    .description("Recommendation and early-warning engine for schools")
    .version(version)
    .showHelpAfterError("(add --help for what is expected)")
    .exitOverride(); // before the commands are added: they inherit it
  for (const register of commands) register(program);
  return program;
}
