import type { Command } from "commander";
import { InvalidArgumentError, Option } from "commander";
import { type InteractionSplit, readGroups, readLists } from "../../../../datasets/recsys/interaction-files.ts";
import { readTriples, type TripleSplit } from "../../../../datasets/recsys/triples.ts";
import { evaluatePlaylists } from "../../../engine/evaluation-sets/playlist/evaluate.ts";
import type { Subgroups } from "../../../engine/evaluation-sets/playlist/subgroups.ts";
import { CairnError } from "../../../errors.ts";
import { createContext } from "../../context.ts";
import { jsonOption, parseNumbers } from "../../options.ts";
import { describePlaylists } from "./playlist-words.ts";

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
  refit?: boolean;
  groups?: string;
  itemGroups?: string;
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
    .option("--refit", "also fit the best model on training and validation items, and measure it")
    .option("--groups <file>", "audit the best model's lists by group: user and group, tab-separated")
    .option("--item-groups <file>", "with --groups: exposure by kind of item; item and kind, tab-separated")
    .addOption(jsonOption())
    .action(evaluatePlaylist);
}

async function evaluatePlaylist(options: PlaylistOptions): Promise<void> {
  const context = createContext({ json: options.json ?? false, leavesNothing: true });
  context.onProgress("reading the files", 0);
  const split = readSplit(options);
  const subgroups = readSubgroups(options, split);
  const evaluation = evaluatePlaylists({
    split,
    at: options.at,
    isRefitted: options.refit ?? false,
    ...(subgroups === undefined ? {} : { subgroups }),
    ...(options.models === undefined ? {} : { models: options.models }),
    seed: options.seed,
    clock: context.seconds,
    onProgress: (fraction) => context.onProgress("fitting, choosing and measuring", fraction),
    signal: context.signal,
  });
  for (const line of describePlaylists(evaluation, options.at[0]!)) context.say(line);
  if (split.repeats > 0) context.say(`  ${split.repeats} pairs came again and count once`);
  context.answer({ ...evaluation, repeats: split.repeats });
}

function readSubgroups({ groups, itemGroups }: PlaylistOptions, split: InteractionSplit): Subgroups | undefined {
  if (groups === undefined) {
    if (itemGroups === undefined) return undefined;
    throw new CairnError("BAD_INPUT", "expected --groups beside --item-groups, got none", {
      hint: "exposure is compared between groups of users",
    });
  }
  const ofUser = readGroups(groups, split.users);
  return itemGroups === undefined ? { ofUser } : { ofUser, ofItem: readGroups(itemGroups, split.items) };
}

function readSplit({ format, train, valid, test, data, split, seed }: PlaylistOptions): InteractionSplit {
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
