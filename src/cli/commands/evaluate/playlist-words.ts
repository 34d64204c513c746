import type { Figure } from "../../../engine/evaluation/evaluation.ts";
import type { PlaylistEvaluation } from "../../../engine/evaluation-sets/playlist/evaluate.ts";
import type { Interval } from "../../../engine/evaluation-sets/playlist/intervals.ts";

const show = (figure: Figure | undefined, digits: number): string =>
  typeof figure === "number" ? figure.toFixed(digits) : "undefined";

const between = (interval: Interval | undefined): string =>
  Array.isArray(interval) ? interval.map((end) => end.toFixed(4)).join(" to ") : "undefined";

/** The evaluation for people: one line per model, the chosen one marked, what failed, the refit and the subgroups. */
export function describePlaylists(evaluation: PlaylistEvaluation, k: number): string[] {
  const { rows, users, failed } = evaluation;
  const drawn = users.ranked < users.all ? `, measured on ${users.ranked} of ${users.all} users drawn at random` : "";
  return [
    `  ${rows.train} pairs to fit on, ${rows.valid} to choose by (* the best on them), ${rows.test} to measure on${drawn}`,
    ...tableOf(evaluation, k),
    ...Object.entries(failed).map(([name, reason]) => `  ${name} could not be fitted: ${reason}`),
    ...refitOf(evaluation, k),
    ...subgroupsOf(evaluation),
  ];
}

function tableOf({ models, best }: PlaylistEvaluation, k: number): string[] {
  const at = String(k);
  const header = [
    "model",
    `NDCG@${k}`,
    "95 %",
    `Recall@${k}`,
    `Hit@${k}`,
    "MRR",
    "coverage",
    "novelty",
    "Gini",
    "fit s",
  ];
  const lines = Object.entries(models).map(([name, model]) => [
    name === best ? `${name} *` : name,
    show(model.ndcg[at], 4),
    between(model.intervals.ndcg[at]),
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
  return [header, ...lines].map(align);
}

function refitOf({ refitted, best }: PlaylistEvaluation, k: number): string[] {
  if (refitted === undefined) return [];
  if ("status" in refitted) return [`  ${best} was not fitted anew: ${refitted.reason}`];
  return [`  ${best} fitted anew on training and validation items: NDCG@${k} ${show(refitted.ndcg[String(k)], 4)}`];
}

function subgroupsOf({ subgroups, best }: PlaylistEvaluation): string[] {
  if (subgroups === undefined) return [];
  const { cutOff, groups, withheld } = subgroups;
  const lines = Object.entries(groups).flatMap(([name, group]) => [
    `    ${name}: ${group.users} users, ${group.ndcg.toFixed(4)}, against all others ${group.difference.toFixed(4)} (${between(group.differenceInterval)})`,
    ...Object.entries(group.exposure ?? {}).map(
      ([kind, { share, ofOthers, differenceInterval }]) =>
        `      ${kind}: ${(100 * share).toFixed(1)} % of the places, others ${(100 * ofOthers).toFixed(1)} % (difference ${between(differenceInterval)})`,
    ),
  ]);
  const told = withheld.length === 0 ? [] : [`    withheld, fewer than ten users: ${withheld.join(", ")}`];
  return [`  ${best} by group, NDCG@${cutOff}:`, ...lines, ...told];
}
