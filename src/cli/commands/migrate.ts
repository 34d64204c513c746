import type { Command } from "commander";
import { createContext } from "../context.ts";
import { jsonOption } from "../options.ts";

/** `cairn migrate`: brings the schema of the record store up to date. */
export function registerMigrate(program: Command): void {
  program
    .command("migrate")
    .description("bring the schema of the record store up to date (every command does; this one does only that)")
    .addOption(jsonOption())
    .action(async (options: { json?: boolean }) => {
      const context = createContext({ json: options.json ?? false });
      await context.withCairn(async () => {
        context.say("the schema is up to date");
        context.answer({ status: "up to date" });
      });
    });
}
