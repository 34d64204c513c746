import type { Command } from "commander";
import { trainRiskModel } from "../../engine/early-warning/prepare.ts";
import type { OutcomeMetrics, RiskMetrics } from "../../engine/early-warning/train.ts";
import { requireTenant } from "../../engine/intake/tenants.ts";
import { readModelRecord } from "../../engine/registry/models.ts";
import { createContext } from "../context.ts";
import { describeEvaluation } from "../evaluation-table.ts";
import { asOfOption, jsonOption, tenantOption } from "../options.ts";

const judged = {
  "rolling origins": "persons of the last finished period, a half that had no say in the choice",
  "held-out persons": "persons held out of the finished period",
} as const;

function describeOutcome({ definition, bands, fallbacks, unripe, absent }: OutcomeMetrics): string[] {
  return [
    `${definition.title} (${definition.outcome})`,
    ...(absent === undefined ? [] : [`  not learned: ${absent.reason} (try: ${absent.hint})`]),
    ...unripe.map(({ period, ripensOn }) => `  not ripe: ${period}${ripensOn === null ? "" : `, on ${ripensOn}`}`),
    ...fallbacks.map(({ band, reason }) => `  grades ${band} use the model of all grades: ${reason}`),
    ...bands.flatMap(({ band, chosen, scheme, heldOut, calibration }) => [
      `  ${band === null ? "all grades" : `grades ${band}`}: ${chosen === "rule" ? "the rules do as well as any model and are used" : chosen}, measured on ${judged[scheme]}${calibration.accepted ? ", calibrated" : ""}`,
      ...describeEvaluation(heldOut),
    ]),
  ];
}

/** `cairn train`: the early-warning model, with how it was chosen. */
export function registerTrain(program: Command): void {
  program
    .command("train")
    .description(
      "train the early-warning candidates on finished years for every outcome of the district, choose one, and say how well each did",
    )
    .addOption(asOfOption().makeOptionMandatory())
    .addOption(tenantOption())
    .addOption(jsonOption())
    .action(async (options: { asOf: string; tenant: string; json?: boolean }) => {
      const context = createContext({ json: options.json ?? false });
      const { modelId, metrics } = await context.withCairn(async (cairn) => {
        const tenantId = await requireTenant(cairn, options.tenant);
        const prepared = await trainRiskModel(cairn, tenantId, options.asOf, context.onProgress);
        const record = await readModelRecord(cairn, tenantId, prepared.modelId);
        return { modelId: prepared.modelId, metrics: record.metrics as RiskMetrics };
      });
      context.say(`model ${modelId} (its card: cairn models card ${modelId})`);
      for (const outcome of metrics.outcomes) for (const line of describeOutcome(outcome)) context.say(line);
      context.answer({ modelId, chosen: metrics.chosen, ...metrics.heldOut, outcomes: metrics.outcomes });
    });
}
