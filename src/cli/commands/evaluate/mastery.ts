import type { Command } from "commander";
import { InvalidArgumentError, Option } from "commander";
import type { Blend } from "../../../engine/evaluation-sets/mastery/blend.ts";
import { evaluateMasteryFiles } from "../../../engine/evaluation-sets/mastery/evaluate-files.ts";
import type { MasteryEvaluation } from "../../../engine/evaluation-sets/mastery/evaluate-mastery.ts";
import { createContext } from "../../context.ts";
import { jsonOption } from "../../options.ts";

interface MasteryOptions {
  train?: string;
  test?: string;
  data?: string;
  format: "lpp" | "akt";
  folds?: readonly number[] | "all";
  models?: readonly string[];
  seed: string;
  json?: boolean;
}

/** `cairn evaluate mastery`: models of the next response on files of responses. */
export function registerEvaluateMastery(evaluate: Command): void {
  evaluate
    .command("mastery")
    .description("models of the next response: --train and --test files, or --data with published folds")
    .option("--train <file>", "responses to learn from (plain or .gz)")
    .option("--test <file>", "responses of other learners to judge on")
    .option("--data <file>", "responses with a fold column, format akt")
    .addOption(
      new Option(
        "--format <format>",
        "lpp: user_id, item_id, timestamp, correct, skill_id; akt: fold, user_id, seq, problem_id, skill_id, correct",
      )
        .choices(["lpp", "akt"])
        .default("lpp"),
    )
    .option("--folds <folds>", "with --data: all, or the number of the fold to test on (or several: 1,2)", parseFolds)
    .option("--models <names>", "names with commas between; all when left out", (text: string) =>
      text.split(",").map((name) => name.trim()),
    )
    .option("--seed <seed>", "for the validation split by learner", "1")
    .addOption(jsonOption())
    .action(evaluateMasteryCommand);
}

function parseFolds(text: string): readonly number[] | "all" {
  if (text === "all") return text;
  const folds = text.split(",").map(Number);
  if (folds.some((fold) => !Number.isInteger(fold))) throw new InvalidArgumentError("expected all or fold numbers.");
  return folds;
}

async function evaluateMasteryCommand(options: MasteryOptions): Promise<void> {
  const context = createContext({ json: options.json ?? false, leavesNothing: true });
  const { evaluation, notes } = await evaluateMasteryFiles(
    { train: options.train, test: options.test, data: options.data, format: options.format, folds: options.folds },
    {
      seed: options.seed,
      clock: context.seconds,
      ...(options.models === undefined ? {} : { models: options.models }),
      onProgress: (fraction) => context.onProgress("training and evaluation", fraction),
      signal: context.signal,
    },
  );
  for (const note of notes) process.stderr.write(`  ${note}\n`);
  for (const line of describe(evaluation)) context.say(line);
  context.answer(evaluation);
}

function describe({ rows, models, best, folds }: MasteryEvaluation): string[] {
  const show = (figure: unknown): string => (typeof figure === "number" ? figure.toFixed(4) : "undefined").padStart(9);
  const width = Math.max(5, ...Object.keys(models).map((name) => name.length + 2));
  const of = folds === undefined ? "" : `, mean of folds ${Object.keys(folds).join(", ")}`;
  return [
    `  trained on ${rows.train} rows, measured on ${rows.test}${of} (* chosen inside the training rows)`,
    `  ${"model".padEnd(width)}${["AUC", "RMSE", "log loss", "ECE", "fit s"].map((title) => title.padStart(9)).join("")}`,
    ...Object.entries(models).map(
      ([name, { auc, rmse, logLoss, ece, fitSeconds }]) =>
        `  ${(name === best ? `${name} *` : name).padEnd(width)}${[auc, rmse, logLoss, ece].map(show).join("")}${fitSeconds.toFixed(2).padStart(9)}`,
    ),
    ...Object.entries(models).flatMap(([name, { blend }]) => (blend === undefined ? [] : [describeBlend(name, blend)])),
  ];
}

function describeBlend(name: string, { weights }: Blend): string {
  const shares = Object.entries(weights).map(([model, weight]) => `${model} ${weight.toFixed(2)}`);
  return `  ${name} adds log-odds: ${shares.join(", ")}`;
}
