import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import type { DistrictOutcome } from "../../engine/early-warning/outcomes/register.ts";
import { defineOutcome, readDistrictOutcomes, retireOutcome } from "../../engine/early-warning/outcomes/register.ts";
import { requireTenant } from "../../engine/intake/tenants.ts";
import { CairnError } from "../../errors.ts";
import { createContext } from "../context.ts";
import { jsonOption, tenantOption } from "../options.ts";
import type { OfficeOptions } from "./disclosures.ts";
import { byOption } from "./disclosures.ts";

/** `cairn outcomes`: what the district calls a bad end, defined once and versioned. */
export function registerOutcomes(program: Command): void {
  const outcomes = program.command("outcomes").description("what the district warns of, by version");
  const add = (name: string, description: string): Command =>
    outcomes.command(name).description(description).addOption(tenantOption()).addOption(jsonOption());

  add("list", "the outcomes of the district, the one it ranks by first").action(async (options: OfficeOptions) => {
    const context = createContext({ json: options.json ?? false });
    const found = await context.withCairn(async (cairn) =>
      readDistrictOutcomes(cairn, await requireTenant(cairn, options.tenant)),
    );
    for (const outcome of found) context.say(describe(outcome));
    context.answer({ outcomes: found });
  });

  add("define", "define an outcome, or a new version of it: docs/early-warning.md has one of every kind")
    .argument("<file>", "a JSON file with the definition")
    .addOption(byOption())
    .action(async (file: string, options: OfficeOptions) => {
      const context = createContext({ json: options.json ?? false });
      const given = await readJsonFile(file);
      const defined = await context.withCairn(async (cairn) =>
        defineOutcome(cairn, await requireTenant(cairn, options.tenant), given, options.by ?? "the office"),
      );
      context.say(describe(defined));
      context.answer(defined);
    });

  add("retire", "train and score an outcome no more")
    .argument("<outcome>", "its name")
    .addOption(byOption())
    .action(async (outcome: string, options: OfficeOptions) => {
      const context = createContext({ json: options.json ?? false });
      const retired = await context.withCairn(async (cairn) =>
        retireOutcome(cairn, await requireTenant(cairn, options.tenant), outcome, options.by ?? "the office"),
      );
      context.say(describe(retired));
      context.answer(retired);
    });
}

function describe({ version, definition, active, decidedBy, decidedAt }: DistrictOutcome): string {
  const whose = version === null ? "cairn's own" : `version ${version}, ${decidedBy}, ${decidedAt}`;
  return `${definition.outcome} · ${definition.kind} · ${definition.title} · ${whose}${active ? "" : " · retired"}`;
}

async function readJsonFile(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch (cause) {
    throw new CairnError(
      "UNREADABLE_FILE",
      `expected a JSON file, got ${cause instanceof SyntaxError ? "text that is none" : "no file that can be read"}`,
      {
        hint: "check the path and the file",
        cause,
      },
    );
  }
}
