import type { Command } from "commander";
import {
  addWebhook,
  readDeadLetters,
  readWebhooks,
  retryDeadLetter,
  stopWebhook,
} from "../../engine/alerts/webhooks.ts";
import { requireTenant } from "../../engine/intake/tenants.ts";
import { createContext } from "../context.ts";
import { jsonOption, tenantOption } from "../options.ts";
import type { OfficeOptions } from "./disclosures.ts";
import { byOption } from "./disclosures.ts";

/** `cairn alerts tell | told | untell | dead`: addresses that are told by id what happens to alerts, and what they did not take. */
export function registerWebhooks(parent: Command): void {
  const add = (name: string, description: string): Command =>
    parent.command(name).description(description).addOption(tenantOption()).addOption(jsonOption());

  add("tell", "tell an address what happens to alerts; its secret is shown this once")
    .argument("<url>", "https, or http on this machine")
    .addOption(byOption())
    .action(async (url: string, options: OfficeOptions) => {
      const context = createContext({ json: options.json ?? false });
      const added = await context.withCairn(async (cairn) =>
        addWebhook(cairn, await requireTenant(cairn, options.tenant), { url, createdBy: options.by ?? "the office" }),
      );
      context.say(`webhook ${added.webhookId}, its secret, shown this once: ${added.secret}`);
      context.answer(added);
    });

  add("told", "the addresses that are told").action(async (options: OfficeOptions) => {
    const context = createContext({ json: options.json ?? false });
    const webhooks = await context.withCairn(async (cairn) =>
      readWebhooks(cairn, await requireTenant(cairn, options.tenant)),
    );
    for (const { webhookId, url, createdBy, createdAt } of webhooks)
      context.say(`${webhookId} · ${url} · ${createdBy}, ${createdAt}`);
    context.answer({ webhooks });
  });

  add("untell", "tell an address no more")
    .argument("<webhook>")
    .action(async (webhookId: string, options: OfficeOptions) => {
      const context = createContext({ json: options.json ?? false });
      await context.withCairn(async (cairn) =>
        stopWebhook(cairn, await requireTenant(cairn, options.tenant), webhookId),
      );
      context.say(`${webhookId}: told no more`);
      context.answer({ webhookId, ended: true });
    });

  add("dead", "messages that nobody took; with --retry one of them waits again")
    .option("--retry <delivery>", "the id of a message")
    .action(async (options: OfficeOptions & { retry?: string }) => {
      const context = createContext({ json: options.json ?? false });
      const letters = await context.withCairn(async (cairn) => {
        const tenantId = await requireTenant(cairn, options.tenant);
        if (options.retry !== undefined) await retryDeadLetter(cairn, tenantId, options.retry);
        return readDeadLetters(cairn, tenantId);
      });
      for (const { deliveryId, webhookId, attempts, lastStatus, deadAt } of letters) {
        context.say(
          `${deliveryId} · to ${webhookId} · ${attempts} attempts, last ${lastStatus ?? "no answer"} · ${deadAt}`,
        );
      }
      context.answer({ letters });
    });
}
