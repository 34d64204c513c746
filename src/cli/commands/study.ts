import type { Command } from "commander";
import type { StudyEstimate } from "../../engine/studies/estimate.ts";
import { planSchema, readPlan } from "../../engine/studies/plan.ts";
import type { StudyReport } from "../../engine/studies/run-study.ts";
import { runStudy } from "../../engine/studies/run-study.ts";
import { createContext } from "../context.ts";
import { jsonOption } from "../options.ts";

/** `cairn study plan | lock | run | report`: did it work, by the plan's design. */
export function registerStudy(program: Command): void {
  const study = program.command("study").description("ask whether an intervention worked");
  study
    .command("schema")
    .description("print the JSON Schema of plans")
    .action(() => createContext({ json: true }).answer(planSchema()));
  study
    .command("run")
    .description("run a plan on a file: effect, standard error, interval, p, effect size, attrition")
    .requiredOption("--plan <file>", "the plan (JSON; see docs/studies.md)")
    .requiredOption("--data <file>", "CSV with a header, also gzipped")
    .addOption(jsonOption())
    .action(async (options: { plan: string; data: string; json?: boolean }) => {
      const context = createContext({ json: options.json ?? false });
      const report = await runStudy(await readPlan(options.plan), options.data, context.onProgress);
      for (const line of describe(report)) context.say(line);
      context.answer(report);
    });
}

function describe({ question, headline, sample, estimates, notEstimated, verdict }: StudyReport): string[] {
  const lines = [question];
  if ("treatment" in sample) {
    const arm = ({ assigned, analysed }: { assigned: number; analysed: number }) =>
      `${analysed} of ${assigned} analysed`;
    lines.push(`  treatment: ${arm(sample.treatment)} · comparison: ${arm(sample.comparison)}`);
  }
  if (headline.status === "blocked") lines.push(...headline.reasons.map((reason) => `  no answer: ${reason}`));
  for (const estimate of estimates) lines.push(...describeEstimate(estimate));
  for (const { estimator, reason } of notEstimated) lines.push(`  ${estimator}: not estimated: ${reason}`);
  if (verdict !== null) {
    lines.push(
      `  What Works Clearinghouse: ${verdict.rating.verdict}`,
      ...verdict.rating.reasons.map((reason) => `    ${reason}`),
    );
    lines.push(`  evidence tier (ESSA): ${verdict.essaTier.verdict ?? "none"}`);
  }
  return lines;
}

function describeEstimate({ estimator, part, effect, se, df, ci, p, effectSize, cautions }: StudyEstimate): string[] {
  const number = (value: number | null, digits: number): string => (value === null ? "–" : value.toFixed(digits));
  const interval = ci === null ? "no interval" : `interval ${ci[0].toFixed(3)} to ${ci[1].toFixed(3)}`;
  const name = part === null ? estimator : `${estimator} (${part})`;
  const degrees = df === null ? "" : `, df ${df.toFixed(1)}`;
  const lines = [
    `  ${name}: effect ${effect.toFixed(3)} (SE ${number(se, 3)}${degrees}, ${interval}, p ${number(p, 4)})`,
  ];
  if (effectSize !== null) {
    const { g, improvementIndex } = effectSize;
    lines.push(
      `  Hedges' g ${g.toFixed(3)}: an average comparison learner would move ${improvementIndex.toFixed(1)} percentile points`,
    );
  }
  return [...lines, ...cautions.map((caution) => `  caution: ${caution}`)];
}
