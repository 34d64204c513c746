import type { Command } from "commander";
import { InvalidArgumentError, Option } from "commander";
import { readLists, readTriples, type TripleSplit } from "../../../../datasets/recsys/interaction-files.ts";
import type { Figure } from "../../../engine/evaluation/evaluation.ts";
import { evaluatePlaylists, type PlaylistEvaluation } from "../../../engine/evaluation-sets/playlist/evaluate.ts";
import type { PlaylistSplit } from "../../../engine/evaluation-sets/playlist/measure.ts";
import { CairnError } from "../../../errors.ts";
import { createContext } from "../../context.ts";
import { jsonOption, parseNumbers } from "../../options.ts";

interface PlaylistOptions {
  train?: string;
  valid?: string;
  test?: string;
  data?: string;
  format: "lists" | "triples";
  split?: TripleSplit;
  at: number[];
  models?: string[];
  seed: number;
  json?: boolean;
}

/** `cairn evaluate playlist`: recommenders on lists or triples, everything ranked. */
export function registerEvaluatePlaylist(evaluate: Command): void {
  evaluate
    .command("playlist")
    .description("recommenders on files of who had what: full ranking, training and validation items masked")
    .option("--train <file>", "lists to fit on (`user item item …`, .gz too)")
    .option("--valid <file>", "lists to choose settings by")
    .option("--test <file>", "lists to measure on")
    .option("--data <file>", "triples: user, item, value, timestamp, tab-separated (.gz too)")
    .addOption(new Option("--format <format>", "of the files").choices(["lists", "triples"]).makeOptionMandatory())
    .addOption(
      new Option(
        "--split <split>",
        "of triples: recbole (8:1:1 per user at random) or temporal (two moments for all users)",
      ).choices(["recbole", "temporal"]),
    )
    .option("--at <cut-offs>", "lengths of the lists that are measured", parseNumbers, [10, 20])
    .option("--models <names>", "only these, separated by commas", (text: string) => text.split(","))
    .option("--seed <seed>", "of the split at random and of the models, a whole number", parseSeed, 1)
    .addOption(jsonOption())
    .action(evaluatePlaylist);
}

async function evaluatePlaylist(options: PlaylistOptions): Promise<void> {
  const context = createContext({ json: options.json ?? false });
  const evaluation = evaluatePlaylists({
    split: readSplit(options),
    at: options.at,
    ...(options.models === undefined ? {} : { models: options.models }),
    seed: options.seed,
    clock: context.seconds,
    onProgress: (fraction) => context.onProgress("fitting, choosing and measuring", fraction),
    signal: context.signal,
  });
  for (const line of describe(evaluation, options.at[0]!)) context.say(line);
  context.answer(evaluation);
}

function readSplit({ format, train, valid, test, data, split, seed }: PlaylistOptions): PlaylistSplit {
  if (format === "lists") {
    if (train === undefined || valid === undefined || test === undefined || data !== undefined || split !== undefined) {
      throw new CairnError("BAD_INPUT", "expected --train, --valid and --test for lists, got other options", {
        hint: "triples come in one file with --data and --split",
      });
    }
    return readLists({ train, valid, test });
  }
  if (data === undefined || split === undefined || train !== undefined || valid !== undefined || test !== undefined) {
    throw new CairnError("BAD_INPUT", "expected --data and --split for triples, got other options", {
      hint: "files that are already split are lists: --train, --valid, --test",
    });
  }
  return readTriples(data, split, seed);
}

function parseSeed(text: string): number {
  const seed = Number(text);
  if (!Number.isSafeInteger(seed)) throw new InvalidArgumentError("expected a whole number.");
  return seed;
}

const show = (figure: Figure | undefined, digits: number): string =>
  typeof figure === "number" ? figure.toFixed(digits) : "undefined";

/** One line per model, the chosen one marked. */
function describe({ rows, models, best }: PlaylistEvaluation, k: number): string[] {
  const at = String(k);
  const header = ["model", `NDCG@${k}`, `Recall@${k}`, `Hit@${k}`, "MRR", "coverage", "novelty", "Gini", "fit s"];
  const lines = Object.entries(models).map(([name, model]) => [
    name === best ? `${name} *` : name,
    show(model.ndcg[at], 4),
    show(model.recall[at], 4),
    show(model.hitRate[at], 4),
    show(model.mrr, 4),
    show(model.coverage, 3),
    show(model.novelty, 2),
    show(model.gini, 3),
    model.fitSeconds.toFixed(2),
  ]);
  const widths = header.map((title, column) => Math.max(title.length, ...lines.map((line) => line[column]!.length)));
  const align = (cells: readonly string[]): string =>
    `  ${cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))).join("  ")}`;
  return [
    `  ${rows.train} pairs to fit on, ${rows.valid} to choose by (* the best on them), ${rows.test} to measure on`,
    align(header),
    ...lines.map(align),
  ];
}
