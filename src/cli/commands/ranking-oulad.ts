import { join } from "node:path";
import type { Command } from "commander";
import { writeOuladSnapshot } from "../../../datasets/oulad/snapshot.ts";
import { readDefinition } from "../../engine/early-warning/outcomes/definition.ts";
import type { WeeklyRanking } from "../../engine/early-warning/weekly.ts";
import { rankWeekly } from "../../engine/early-warning/weekly.ts";
import type { Figure } from "../../engine/evaluation/evaluation.ts";
import { openSnapshotFolder } from "../../engine/evaluation-sets/snapshot-folder.ts";
import { createContext } from "../context.ts";
import { jsonOption, parseNumbers } from "../options.ts";

const DAYS_OF_WEEK = 7;

/** `cairn ranking oulad`: the engine's own weekly rankings of the Open University's last presentations. */
export function registerRankingOulad(ranking: Command): void {
  ranking
    .command("oulad")
    .description(
      "rank the Open University's learners week by week, as a night would have done it then, and say how each week turned out",
    )
    .option("--dir <folder>", "where the OULAD files are (default CAIRN_DATASETS/oulad)")
    .option("--period <presentation>", "whose learners", "2014J")
    .option("--weeks <list>", "weeks after its beginning", parseNumbers, [4, 8, 12, 16, 20])
    .addOption(jsonOption())
    .action(async (options: { dir?: string; period: string; weeks: number[]; json?: boolean }) => {
      const context = createContext({ json: options.json ?? false });
      const { folder } = await writeOuladSnapshot({
        dir: options.dir ?? join(context.configuration.datasets, "oulad"),
        folder: join(context.configuration.home, "evaluation", "oulad"),
        clicks: false,
        onProgress: (fraction) => context.onProgress("OULAD as a snapshot", fraction),
        signal: context.signal,
      });
      const snapshot = await openSnapshotFolder(folder);
      try {
        const weeks = await rankWeekly(snapshot.connection, {
          period: options.period,
          days: options.weeks.map((week) => week * DAYS_OF_WEEK),
          outcome: readDefinition({
            ...{ outcome: "off-track", kind: "recorded", title: "Fails or withdraws", maturityDays: 0 },
            ...{ name: "final_result", values: ["Fail", "Withdrawn"] },
          }),
          onProgress: context.onProgress,
        });
        context.say(
          `Weekly rankings of ${options.period}, each as of its day, from periods whose results were known by then`,
        );
        for (const week of weeks) context.say(describeWeek(week));
        context.answer({ snapshotId: snapshot.id, period: options.period, weeks });
      } finally {
        snapshot.close();
      }
    });
}

const show = (figure: Figure | undefined): string => (typeof figure === "number" ? figure.toFixed(3) : "–");

function describeWeek(week: WeeklyRanking): string {
  const { day, trainedOn, trainingRows, chosen, ranked, abstained, baseRate, rule, stayed } = week;
  return [
    `  day ${String(day).padStart(3)}`,
    `${chosen} from ${trainedOn.join("+")} (${trainingRows} rows)`,
    `${ranked} ranked, ${abstained} without a number`,
    `AUC ${show(week.auc)} · Brier ${show(week.brier)} · first tenth ${show(week.precisionAtTenth)} (all ${show(baseRate)})`,
    ...(rule === null
      ? []
      : [`rule's ${rule.flagged} flags ${show(rule.precision)}, the ranking's as many ${show(rule.ownPrecision)}`]),
    ...(stayed === null ? [] : [`${Math.round(100 * stayed)} % of the list were on it before`]),
  ].join(" · ");
}
