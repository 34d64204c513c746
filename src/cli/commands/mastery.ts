import type { Command } from "commander";
import { requireTenant } from "../../engine/intake/tenants.ts";
import { standardsOf } from "../../engine/mastery/standards-of.ts";
import { masteryStory } from "../../engine/mastery/story.ts";
import { createContext } from "../context.ts";
import { describeStandards, describeStory } from "../mastery-lines.ts";
import { jsonOption, parseCount, tenantOption } from "../options.ts";

const LAST = 20; // a screen

interface Options {
  readonly replay?: boolean;
  readonly last: number;
  readonly tenant: string;
  readonly json?: boolean;
}

/** `cairn mastery`: what a learner knows of each standard; with `--replay`, how it moved with every answer. */
export function registerMastery(program: Command): void {
  program
    .command("mastery")
    .description("what a learner knows of every standard, with intervals; or how it moved with each answer")
    .argument("<learner>", "the district's own number")
    .option("--replay", "answer by answer: what was expected, what came, and which standards moved")
    .option("--last <n>", "with --replay: the newest observations", parseCount, LAST)
    .addOption(tenantOption())
    .addOption(jsonOption())
    .action(async (learner: string, options: Options) => {
      const context = createContext({ json: options.json ?? false });
      const [lines, answer] = await context.withCairn(async (cairn) => {
        const caller = { tenantId: await requireTenant(cairn, options.tenant), role: "operator" } as const;
        if (options.replay === true) {
          const story = await masteryStory(cairn, caller, learner, options.last);
          return [describeStory(story), story] as const;
        }
        const standards = await standardsOf(cairn, caller, learner);
        return [describeStandards(standards), standards] as const;
      });
      for (const line of lines) context.say(line);
      context.answer(answer);
    });
}
