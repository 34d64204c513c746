import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import { requestDeliveries, scheduleAlerts } from "../../../jobs/alerts.ts";
import { openQueue } from "../../../jobs/queue.ts";
import { createTeacherKey } from "../../engine/alerts/keys.ts";
import { checkAlerts } from "../../engine/alerts/raise.ts";
import { decideRules, readDistrictRules } from "../../engine/alerts/settings.ts";
import { requireTenant } from "../../engine/intake/tenants.ts";
import { CairnError } from "../../errors.ts";
import { createContext } from "../context.ts";
import { jsonOption, parseCount, tenantOption } from "../options.ts";
import { queueHome } from "../queue-home.ts";
import { registerWebhooks } from "./alerts-webhooks.ts";
import type { OfficeOptions } from "./disclosures.ts";
import { byOption } from "./disclosures.ts";

/** `cairn alerts`: what teachers, counselors and families are told, by which rules, and whom else to tell. */
export function registerAlerts(program: Command): void {
  const parent = program.command("alerts").description("early signs: the rules, who is told, and where messages go");
  const add = (name: string, description: string): Command =>
    parent.command(name).description(description).addOption(tenantOption()).addOption(jsonOption());

  add("check", "look for alerts now, or every so many minutes from now on")
    .option("--every <minutes>", "have a worker look again and again", parseCount)
    .action(async (options: OfficeOptions & { every?: number }) => {
      const context = createContext({ json: options.json ?? false });
      await context.withCairn(async (cairn) => {
        const tenantId = await requireTenant(cairn, options.tenant);
        const raised = await checkAlerts(cairn, tenantId);
        const client = await openQueue(queueHome(context.configuration, cairn));
        try {
          const messages = await requestDeliveries(cairn, client, tenantId);
          if (options.every !== undefined) await scheduleAlerts(client, tenantId, options.every);
          for (const [rule, count] of Object.entries(raised)) context.say(`${rule}: ${count} new`);
          context.say(`messages that wait for a worker: ${messages}`);
          context.answer({ raised, messages });
        } finally {
          await client.close();
        }
      });
    });

  add("rules", "the rules in force; with a file, new ones from now on")
    .argument("[file]", "JSON: what the district wants otherwise than cairn's own (docs/alerts.md)")
    .addOption(byOption())
    .action(async (file: string | undefined, options: OfficeOptions) => {
      const context = createContext({ json: options.json ?? false });
      const decided = file === undefined ? undefined : await readJson(file);
      const found = await context.withCairn(async (cairn) => {
        const tenantId = await requireTenant(cairn, options.tenant);
        if (decided === undefined) return readDistrictRules(cairn, tenantId);
        return decideRules(cairn, tenantId, decided, options.by ?? "the office");
      });
      context.say(found.version === null ? "cairn's own rules" : `version ${found.version}, by ${found.decidedBy}`);
      for (const [rule, numbers] of Object.entries(found.rules)) context.say(`${rule}: ${JSON.stringify(numbers)}`);
      context.answer(found);
    });

  add("key", "make the key of a teacher, shown once: it opens the learners of her sections")
    .argument("<teacher>", "the teacher's number, or her id in the record")
    .option("--label <label>", "what the key is called", "made by cairn alerts key")
    .action(async (teacher: string, options: OfficeOptions & { label: string }) => {
      const context = createContext({ json: options.json ?? false });
      const key = await context.withCairn(async (cairn) =>
        createTeacherKey(cairn, await requireTenant(cairn, options.tenant), teacher, options.label),
      );
      context.say(`A new key of role teacher, shown this once: ${key}`);
      context.answer({ key });
    });

  registerWebhooks(parent);
}

async function readJson(file: string): Promise<unknown> {
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw new CairnError("UNREADABLE_FILE", `expected a file of rules at ${file}, got none that can be read`, {
      cause,
    });
  });
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new CairnError("UNREADABLE_FILE", `expected JSON in ${file}, got something else`, { cause });
  }
}
