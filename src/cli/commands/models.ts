import type { Command } from "commander";
import { describeCard, readModelCard } from "../../engine/early-warning/model-card.ts";
import { replayScore } from "../../engine/early-warning/replay.ts";
import { requireTenant } from "../../engine/intake/tenants.ts";
import { listModels } from "../../engine/registry/list.ts";
import { createContext } from "../context.ts";
import { jsonOption, parseCount, tenantOption } from "../options.ts";

interface Shared {
  tenant: string;
  json?: boolean;
}

/** `cairn models`: what was trained, its card, and whether a stored score comes out the same again. */
export function registerModels(program: Command): void {
  const models = program.command("models").description("what was trained, from what, how good it is");
  const add = (name: string, description: string): Command =>
    models.command(name).description(description).addOption(tenantOption()).addOption(jsonOption());

  add("list", "the models of the district, newest first")
    .option("--limit <n>", "how many", parseCount, 20)
    .action(async ({ tenant, json, limit }: Shared & { limit: number }) => {
      const context = createContext({ json: json ?? false });
      const found = await context.withCairn(async (cairn) =>
        listModels(cairn, await requireTenant(cairn, tenant), { limit }),
      );
      for (const { modelId, kind, purpose, createdAt } of found)
        context.say(`${modelId} · ${purpose} · ${kind} · ${createdAt}`);
      context.answer({ models: found });
    });

  add("card", "the card of an early-warning model, as Markdown")
    .argument("<model>", "its id: see `cairn models list`")
    .action(async (modelId: string, { tenant, json }: Shared) => {
      const context = createContext({ json: json ?? false });
      const card = await context.withCairn(async (cairn) =>
        readModelCard(cairn, await requireTenant(cairn, tenant), modelId),
      );
      context.say(describeCard(card));
      context.answer(card);
    });

  add("replay", "compute a stored score again from its snapshot and model: the same bytes, or an exit code of 1")
    .requiredOption("--run <id>", "the run")
    .requiredOption("--learner <number>", "the district's own number of the learner")
    .option("--outcome <name>", "one of the district's outcomes")
    .action(async (options: Shared & { run: string; learner: string; outcome?: string }) => {
      const context = createContext({ json: options.json ?? false });
      const { run: runId, learner, outcome } = options;
      const replay = await context.withCairn(async (cairn) =>
        replayScore(cairn, await requireTenant(cairn, options.tenant), {
          ...{ runId, learner },
          ...(outcome === undefined ? {} : { outcome }),
        }),
      );
      const bytes = Buffer.byteLength(replay.stored);
      context.say(
        replay.isSame
          ? `the same ${bytes} bytes, from the ${replay.from} ${replay.snapshotId} and model ${replay.modelId}`
          : `not the same: stored ${replay.stored}\n  replayed ${replay.replayed}`,
      );
      context.answer(replay);
      if (!replay.isSame) process.exitCode = 1;
    });
}
