import type { Command } from "commander";
import { Option } from "commander";
import { takeSnapshot } from "../../engine/intake/take-snapshot.ts";
import { requireTenant } from "../../engine/intake/tenants.ts";
import { createContext } from "../context.ts";
import { asOfOption, jsonOption, tenantOption } from "../options.ts";

/** `cairn snapshot`: the records a purpose may see, as of a day, under pseudonyms. */
export function registerSnapshot(program: Command): void {
  program
    .command("snapshot")
    .description("write what a purpose may see of the records as of a day, under pseudonyms, as Parquet")
    .addOption(
      new Option("--purpose <purpose>", "what for").choices(["early-warning", "playlist"]).default("early-warning"),
    )
    .addOption(asOfOption().makeOptionMandatory())
    .addOption(tenantOption())
    .addOption(jsonOption())
    .action(
      async (options: { purpose: "early-warning" | "playlist"; asOf: string; tenant: string; json?: boolean }) => {
        const context = createContext({ json: options.json ?? false });
        const manifest = await context.withCairn(async (cairn) =>
          takeSnapshot(
            cairn,
            await requireTenant(cairn, options.tenant),
            options.purpose,
            options.asOf,
            context.onProgress,
          ),
        );
        context.say(
          `snapshot ${manifest.id} for ${manifest.purpose} as of ${manifest.asOf} (basis: ${manifest.legalBasis})`,
        );
        for (const [table, { rows }] of Object.entries(manifest.tables)) context.say(`  ${table}: ${rows} rows`);
        context.say(`  left out by their families' decision: ${manifest.leftOut}`);
        context.answer(manifest);
      },
    );
}
