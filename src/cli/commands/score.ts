import type { Command } from "commander";
import { runBatch } from "../../../jobs/batch.ts";
import { requestBatch } from "../../../jobs/flow.ts";
import { openQueue } from "../../../jobs/queue.ts";
import { readRun } from "../../engine/batch/inputs.ts";
import { requireTenant } from "../../engine/intake/tenants.ts";
import { createContext } from "../context.ts";
import { asOfOption, jsonOption, tenantOption } from "../options.ts";
import { queueHome } from "../queue-home.ts";

/** `cairn score`: the batch, from snapshot to published scores. */
export function registerScore(program: Command): void {
  program
    .command("score")
    .description("the batch: snapshot, features, training, scores of every learner in partitions, publication")
    .addOption(asOfOption().makeOptionMandatory())
    .option("--detach", "only ask for it; `cairn worker` processes do the work")
    .addOption(tenantOption())
    .addOption(jsonOption())
    .action(async (options: { asOf: string; detach?: boolean; tenant: string; json?: boolean }) => {
      const context = createContext({ json: options.json ?? false });
      await context.withCairn(async (cairn) => {
        const tenantId = await requireTenant(cairn, options.tenant);
        const home = queueHome(context.configuration, cairn);
        const payload = { tenantId, asOf: options.asOf };
        if (options.detach === true) {
          const client = await openQueue(home);
          const jobId = await requestBatch(client, payload).finally(() => client.close());
          context.say(`asked for as job ${jobId}`);
          context.answer({ jobId });
          return;
        }
        const { runId } = await runBatch(cairn, home, payload, context);
        const { parts } = await readRun(cairn, tenantId, runId);
        context.say(`run ${runId} is published`);
        for (const [name, part] of Object.entries(parts)) {
          if (part.status === "absent") context.say(`  without ${name}: ${part.reason} (try: ${part.hint})`);
        }
        context.answer({ runId, parts });
      });
    });
}
