import type { Command } from "commander";
import { Option } from "commander";
import { listRetentionRules, makeRetentionRule, runRetention } from "../../engine/families/office.ts";
import { requireTenant } from "../../engine/intake/tenants.ts";
import { createContext } from "../context.ts";
import { jsonOption, parseCount, tenantOption } from "../options.ts";
import type { OfficeOptions } from "./disclosures.ts";
import { byOption } from "./disclosures.ts";

interface RuleOptions extends OfficeOptions {
  days?: number;
  after: "known" | "left";
  basis: string;
  by: string;
}

/** `cairn retention`: how long records are kept, by the district's own rules, and the run that applies them. */
export function registerRetention(program: Command): void {
  const parent = program
    .command("retention")
    .description("how long records are kept, and the run that erases the rest");
  const add = (name: string, description: string): Command =>
    parent.command(name).description(description).addOption(tenantOption()).addOption(jsonOption());

  add("set", "make the rule of a table; the newest counts")
    .argument("<table>", "the table of the record, such as item_response")
    .option("--days <days>", "how many days (default: for ever)", parseCount)
    .addOption(new Option("--after <event>", "from when").choices(["known", "left"]).default("known"))
    .requiredOption("--basis <words>", "the law or the policy it follows")
    .addOption(byOption())
    .action(async (recordTable: string, { tenant, json, days, after, basis, by }: RuleOptions) => {
      const context = createContext({ json: json ?? false });
      const rule = { recordTable, keepDays: days ?? null, after, basis, decidedBy: by };
      await context.withCairn(async (cairn) => makeRetentionRule(cairn, await requireTenant(cairn, tenant), rule));
      context.say(`${recordTable}: ${days === undefined ? "kept for ever" : `${days} days after ${after}`} (${basis})`);
      context.answer(rule);
    });

  add("list", "the rules in force").action(async (options: OfficeOptions) => {
    const context = createContext({ json: options.json ?? false });
    const rules = await context.withCairn(async (cairn) =>
      listRetentionRules(cairn, await requireTenant(cairn, options.tenant)),
    );
    for (const { recordTable, keepDays, after, basis } of rules) {
      context.say(`${recordTable}: ${keepDays === null ? "for ever" : `${keepDays} days after ${after}`} (${basis})`);
    }
    context.answer(rules);
  });

  add("run", "erase what the rules keep no longer, with certificates; nothing under legal hold").action(
    async (options: OfficeOptions) => {
      const context = createContext({ json: options.json ?? false });
      const erased = await context.withCairn(async (cairn) =>
        runRetention(cairn, await requireTenant(cairn, options.tenant)),
      );
      for (const [table, rows] of Object.entries(erased)) context.say(`${table}: ${rows} rows erased`);
      context.answer(erased);
    },
  );
}
