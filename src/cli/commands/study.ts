import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import type { Command } from "commander";
import type { StudyEstimate } from "../../engine/studies/estimate.ts";
import { lockPlan, planHash, readLock, type StudyLock } from "../../engine/studies/lock.ts";
import { planSchema, readPlan } from "../../engine/studies/plan.ts";
import type { StudyPlan } from "../../engine/studies/plan-shape.ts";
import { writeReport } from "../../engine/studies/report/write-report.ts";
import type { StudyReport } from "../../engine/studies/run-study.ts";
import { runStudy } from "../../engine/studies/run-study.ts";
import { CairnError } from "../../errors.ts";
import { createContext } from "../context.ts";
import { jsonOption } from "../options.ts";
import { registerStudyDesign } from "./study-design.ts";

interface RunOptions {
  readonly plan?: string;
  readonly lock?: string;
  readonly data: string;
  readonly json?: boolean;
}

/** `cairn study power | assign | plan | lock | run | report`: did it work, by the plan's design. */
export function registerStudy(program: Command): void {
  const study = program.command("study").description("ask whether an intervention worked");
  study
    .command("schema")
    .description("print the JSON Schema of plans")
    .action(() => createContext({ json: true }).answer(planSchema()));
  study
    .command("plan")
    .description("check a plan and print it with its defaults and its hash")
    .requiredOption("--plan <file>", "the plan (YAML or JSON; see docs/studies.md)")
    .addOption(jsonOption())
    .action(async (options: { plan: string; json?: boolean }) => {
      const context = createContext({ json: options.json ?? false });
      const plan = await readPlan(options.plan);
      context.say(`${plan.question}\n  ${plan.design}, valid; SHA-256 ${planHash(plan)}`);
      context.answer({ hash: planHash(plan), plan });
    });
  registerLock(study);
  registerRuns(study);
  registerStudyDesign(study);
}

function registerLock(study: Command): void {
  study
    .command("lock")
    .description("register a plan before outcomes are read; with an existing lock, register a change and its reason")
    .requiredOption("--plan <file>", "the plan (YAML or JSON)")
    .requiredOption("--lock <file>", "the lock to write; one that is there gets the change")
    .option("--reason <text>", "why a registered plan is changed")
    .addOption(jsonOption())
    .action(async (options: { plan: string; lock: string; reason?: string; json?: boolean }) => {
      const context = createContext({ json: options.json ?? false });
      const plan = await readPlan(options.plan);
      const before = existsSync(options.lock) ? await readLock(options.lock) : undefined;
      const lock = lockPlan(plan, new Date(), before, options.reason);
      await writeFile(options.lock, `${JSON.stringify(lock, null, 2)}\n`);
      const { hash, at } = lock.versions[lock.versions.length - 1]!;
      context.say(`registered ${at}, SHA-256 ${hash}`);
      context.answer({ hash, at, versions: lock.versions.length });
    });
}

function registerRuns(study: Command): void {
  const command = (name: string, description: string): Command =>
    study
      .command(name)
      .description(description)
      .option("--plan <file>", "the plan (YAML or JSON; see docs/studies.md)")
      .option("--lock <file>", "a registered plan, instead of --plan")
      .requiredOption("--data <file>", "CSV with a header, also gzipped")
      .addOption(jsonOption());
  command("run", "run a plan on a file: effect, standard error, interval, p, effect size, attrition").action(
    async (options: RunOptions) => {
      const context = createContext({ json: options.json ?? false });
      const { plan } = await planned(options);
      const report = await runStudy(plan, options.data, context.onProgress);
      for (const line of describe(report)) context.say(line);
      context.answer(report);
    },
  );
  command("report", "run a plan and write the report: a page to print and a table of numbers")
    .requiredOption("--out <folder>", "where to write report.html and estimates.csv")
    .option(
      "--releases <file>",
      "earlier reports of this study; default: beside the plan or the lock (keep it private)",
    )
    .action(async (options: RunOptions & { readonly out: string; readonly releases?: string }) => {
      const context = createContext({ json: options.json ?? false });
      const { plan, lock } = await planned(options);
      const report = await runStudy(plan, options.data, context.onProgress);
      const archive =
        options.releases ?? `${(options.lock ?? options.plan)!.replace(/\.(?:json|ya?ml)$/, "")}.releases.json`;
      const written = await writeReport(report, plan, lock, options.out, { data: options.data, archive });
      context.say(`${written.page}\n${written.numbers}`);
      context.answer(written);
    });
}

async function planned({ plan, lock }: RunOptions): Promise<{ plan: StudyPlan; lock: StudyLock | null }> {
  if (lock !== undefined) {
    const registered = await readLock(lock);
    return { plan: registered.versions[registered.versions.length - 1]!.plan, lock: registered };
  }
  if (plan === undefined) {
    throw new CairnError("BAD_INPUT", "expected a plan or a lock, got neither", { hint: "pass --plan or --lock" });
  }
  return { plan: await readPlan(plan), lock: null };
}

function describe({
  question,
  headline,
  sample,
  estimates,
  notEstimated,
  heterogeneity,
  verdict,
}: StudyReport): string[] {
  const lines = [question];
  if ("treatment" in sample) {
    const arm = ({ assigned, analysed }: { assigned: number; analysed: number }) =>
      `${analysed} of ${assigned} analysed`;
    lines.push(`  treatment: ${arm(sample.treatment)} · comparison: ${arm(sample.comparison)}`);
  }
  if (headline.status === "blocked") lines.push(...headline.reasons.map((reason) => `  no answer: ${reason}`));
  for (const estimate of estimates) lines.push(...describeEstimate(estimate));
  for (const { estimator, reason } of notEstimated) lines.push(`  ${estimator}: not estimated: ${reason}`);
  if (heterogeneity?.status === "explored") {
    const { effect, p } = heterogeneity.mostMinusLeast;
    lines.push(
      `  explored: those expected to gain most gained ${effect.toFixed(3)} more than those least (p ${p?.toFixed(4) ?? "–"})`,
    );
  } else if (heterogeneity !== null) lines.push(`  for whom it worked: not said: ${heterogeneity.reason}`);
  if (verdict !== null) {
    const { rating, essaTier } = verdict;
    lines.push(`  What Works Clearinghouse: ${rating.verdict}`, ...rating.reasons.map((reason) => `    ${reason}`));
    lines.push(`  evidence tier (ESSA): ${essaTier.verdict ?? "none"}`);
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
