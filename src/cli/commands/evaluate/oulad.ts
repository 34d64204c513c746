import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Command } from "commander";
import { Option } from "commander";
import { writeOuladSnapshot } from "../../../../datasets/oulad/snapshot.ts";
import { evaluateOuladAsOf } from "../../../engine/evaluation-sets/oulad.ts";
import { createContext } from "../../context.ts";
import { describeEvaluation } from "../../evaluation-table.ts";
import { jsonOption, parseNumbers } from "../../options.ts";

interface OuladOptions {
  dir?: string;
  asOf: number[];
  columns: "default" | "handbook";
  seed: string;
  recurrent?: boolean;
  unseenCourses?: boolean;
  json?: boolean;
}

/** `cairn evaluate oulad`: off-track models on the Open University data, as of given days. */
export function registerEvaluateOulad(evaluate: Command): void {
  evaluate
    .command("oulad")
    .description("OULAD as of given days: still enrolled, train 2013B, 2013J, 2014B, test 2014J, Fail or Withdrawn")
    .option("--dir <folder>", "where the OULAD files are (default CAIRN_DATASETS/oulad)")
    .option("--as-of <days>", "days after the start of the presentation", parseNumbers, [28, 56, 84, 112, 140, 182])
    .addOption(
      new Option(
        "--columns <set>",
        "default: without protected attributes; handbook: the 27 published columns, for comparison only",
      )
        .choices(["default", "handbook"])
        .default("default"),
    )
    .option("--recurrent", "also a recurrent network over the weeks up to the day (default columns; minutes per day)")
    .option("--unseen-courses", "also judge each course by models that never saw it (default columns)")
    .option("--seed <seed>", "for whatever draws random numbers", "1")
    .addOption(jsonOption())
    .action(evaluateOulad);
}

async function evaluateOulad(options: OuladOptions): Promise<void> {
  const context = createContext({ json: options.json ?? false });
  const folder = join(context.configuration.home, "evaluation", "oulad");
  await mkdir(folder, { recursive: true });
  const written = await writeOuladSnapshot({
    dir: options.dir ?? join(context.configuration.datasets, "oulad"),
    folder,
    clicks: false, // the public log is partial: no evaluation uses it
    onProgress: (fraction) => context.onProgress("OULAD as a snapshot", fraction),
    signal: context.signal,
  });
  const evaluation = await evaluateOuladAsOf({
    snapshot: written.folder,
    asOf: options.asOf,
    seed: options.seed,
    columns: options.columns,
    recurrent: options.recurrent ?? false,
    unseenCourses: options.unseenCourses ?? false,
    clock: context.seconds,
    onProgress: (fraction) => context.onProgress("features, training and evaluation", fraction),
    signal: context.signal,
  });
  for (const [day, result] of Object.entries(evaluation.asOf)) {
    context.say(`day ${day}`);
    for (const line of describeEvaluation(result)) context.say(line);
    for (const [course, { rows, auc }] of Object.entries(evaluation.unseenCourses?.[day] ?? {}))
      context.say(`  ${course} unseen: ${rows} learners, AUC ${typeof auc === "number" ? auc.toFixed(4) : auc.reason}`);
  }
  context.answer(evaluation);
}
