import type { Command } from "commander";
import { openQueue } from "../../../jobs/queue.ts";
import { listNightly, removeNightly, scheduleNightly } from "../../../jobs/schedule.ts";
import { districtZone } from "../../engine/batch/night.ts";
import { requireTenant } from "../../engine/intake/tenants.ts";
import { CairnError } from "../../errors.ts";
import { createContext } from "../context.ts";
import { jsonOption } from "../options.ts";
import { queueHome } from "../queue-home.ts";

interface Options {
  tenant?: string;
  nightly?: string;
  zone?: string;
  remove?: boolean;
  json?: boolean;
}

/** `cairn jobs schedule`: a batch every night, as of its own day. */
export function registerSchedule(parent: Command): void {
  parent
    .command("schedule")
    .description("the nights that come by themselves; with --nightly one more, or another time for a district's")
    .option("--tenant <name>", "the district")
    .option("--nightly <HH:MM>", "ask for the batch every night at this time")
    .option("--zone <name>", "whose clock that is, such as America/Chicago (default: the district's)")
    .option("--remove", "no batch by itself any more")
    .addOption(jsonOption())
    .action(async (options: Options) => {
      const { tenant, nightly, zone, remove } = options;
      const asked = nightly !== undefined || remove === true;
      if (asked === (tenant === undefined) || (nightly !== undefined && remove === true)) {
        const words = "expected --tenant with either --nightly or --remove, or none of them to list";
        throw new CairnError("BAD_INPUT", `${words}, got another choice`);
      }
      const context = createContext({ json: options.json ?? false });
      await context.withCairn(async (cairn) => {
        const tenantId = tenant === undefined ? undefined : await requireTenant(cairn, tenant);
        const client = await openQueue(queueHome(context.configuration, cairn));
        try {
          if (tenantId !== undefined && nightly !== undefined) {
            const clock = zone ?? (await districtZone(cairn, tenantId));
            await scheduleNightly(client, { tenantId, at: nightly, zone: clock });
          } else if (tenantId !== undefined) await removeNightly(client, tenantId);
          const nights = await listNightly(client);
          for (const { tenantId: id, at, zone: clock, next } of nights)
            context.say(`${id}: every night at ${at} (${clock}), next ${next ?? "when a worker runs"}`);
          if (nights.length === 0) context.say("no batch comes by itself");
          context.answer({ nights });
        } finally {
          await client.close();
        }
      });
    });
}
