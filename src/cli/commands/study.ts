import type { Command } from "commander";
import { readPlan } from "../../engine/studies/plan.ts";
import type { StudyReport } from "../../engine/studies/run-study.ts";
import { runStudy } from "../../engine/studies/run-study.ts";
import { createContext } from "../context.ts";
import { jsonOption } from "../options.ts";

/** `cairn study run`: did it work, by the plan's design. */
export function registerStudy(program: Command): void {
  const study = program.command("study").description("ask whether an intervention worked");
  study
    .command("run")
    .description("run a plan on a file: effect, standard error, interval, p, effect size, attrition")
    .requiredOption("--plan <file>", "the plan (JSON; see docs/studies.md)")
    .requiredOption("--data <file>", "CSV with a header, also gzipped")
    .addOption(jsonOption())
    .action(async (options: { plan: string; data: string; json?: boolean }) => {
      const context = createContext({ json: options.json ?? false });
      const report = await runStudy(await readPlan(options.plan), options.data);
      for (const line of describe(report)) context.say(line);
      context.answer(report);
    });
}

function describe({ question, sample, estimates }: StudyReport): string[] {
  const arm = ({ assigned, analysed }: StudyReport["sample"]["treatment"]): string =>
    `${analysed} of ${assigned} analysed`;
  const lines = [question, `  treatment: ${arm(sample.treatment)} · comparison: ${arm(sample.comparison)}`];
  for (const { estimator, effect, se, df, ci, p, effectSize, cautions } of estimates) {
    lines.push(
      `  ${estimator}: effect ${effect.toFixed(3)} (SE ${se.toFixed(3)}, df ${df.toFixed(1)}, interval ${ci[0].toFixed(3)} to ${ci[1].toFixed(3)}, p ${p.toFixed(4)})`,
      `  Hedges' g ${effectSize.g.toFixed(3)}: an average comparison learner would move ${effectSize.improvementIndex.toFixed(1)} percentile points`,
      ...cautions.map((caution) => `  caution: ${caution}`),
    );
  }
  return lines;
}
