import type { Command } from "commander";
import { prepareRisk } from "../../engine/early-warning/prepare.ts";
import type { RiskMetrics } from "../../engine/early-warning/train.ts";
import { requireTenant } from "../../engine/intake/tenants.ts";
import { readModelRecord } from "../../engine/registry/models.ts";
import { createContext } from "../context.ts";
import { describeEvaluation } from "../evaluation-table.ts";
import { asOfOption, jsonOption, tenantOption } from "../options.ts";

/** `cairn train`: the early-warning model, with how it was chosen. */
export function registerTrain(program: Command): void {
  program
    .command("train")
    .description("train the early-warning candidates on finished years, choose one, and say how well each did")
    .addOption(asOfOption().makeOptionMandatory())
    .addOption(tenantOption())
    .addOption(jsonOption())
    .action(async (options: { asOf: string; tenant: string; json?: boolean }) => {
      const context = createContext({ json: options.json ?? false });
      const { modelId, metrics } = await context.withCairn(async (cairn) => {
        const tenantId = await requireTenant(cairn, options.tenant);
        const prepared = await prepareRisk(cairn, tenantId, options.asOf, context.onProgress);
        const record = await readModelRecord(cairn, tenantId, prepared.modelId);
        return { modelId: prepared.modelId, metrics: record.metrics as RiskMetrics };
      });
      context.say(`model ${modelId}: ${metrics.chosen}, measured on persons held out of the finished years`);
      for (const line of describeEvaluation(metrics.heldOut)) context.say(line);
      context.answer({ modelId, chosen: metrics.chosen, ...metrics.heldOut });
    });
}
