import type { Ranking } from "../../engine/early-warning/ranking.ts";
import type { Evaluation } from "../../engine/evaluation/evaluation.ts";
import type { MasteryStory } from "../../engine/mastery/story.ts";
import type { ReadPlaylist } from "../../engine/playlists/read.ts";
import { describeEvaluation } from "../evaluation-table.ts";
import { describeStory } from "../mastery-lines.ts";
import type { Verdict } from "./judge.ts";

/** Everything the demo found. */
export interface DemoResult {
  readonly tenant: string;
  /** Rows of all files read, and of those refused with a reason. */
  readonly rows: number;
  readonly refused: number;
  readonly ranking: Ranking;
  /** How the candidates did on learners held out of the finished year. */
  readonly heldOut: Evaluation;
  readonly playlist: ReadPlaylist | null;
  /** How the same learner's standards moved with the newest answers. */
  readonly story: MasteryStory | null;
  readonly verdict: Verdict;
  readonly stored: Readonly<Record<string, string>>;
  readonly seconds: number;
}

const percent = (share: number): string => `${Math.round(share * 100)} %`;

/** The demo's answer as text for a person. */
export function describeDemo(result: DemoResult): string[] {
  const { ranking } = result;
  return [
    "",
    `Learners most at risk as of ${ranking.provenance.asOf} (of ${ranking.learners}; model: ${ranking.model.name}; every name is invented)`,
    ...ranking.entries.flatMap((entry) => [
      `${String(entry.rank).padStart(4)}. ${entry.name}, grade ${entry.grade}, ${entry.school}: ${entry.probability === null ? entry.abstained : percent(entry.probability)}`,
      ...entry.reasons
        .slice(0, 3)
        .map((reason) => `        ${reason.group}${reason.actionable ? "" : " (cannot be changed)"} · ${reason.words}`),
    ]),
    ...describePlaylist(result.playlist),
    ...(result.story === null
      ? []
      : [
          "",
          "What each answer said of the learner (bar: chance of a right answer, 0 to 100 %, with its 90 % interval)",
          ...describeStory(result.story).map((line) => `  ${line}`),
        ]),
    ...describeVerdict(result),
    "",
    "Stored in",
    ...Object.entries(result.stored).map(([what, where]) => `  ${what.padEnd(10)} ${where}`),
    "",
    `Done in ${result.seconds.toFixed(0)} s: ${result.rows} rows read, ${result.refused} refused with a reason.`,
    `Next: \`npx cairn serve --today ${ranking.provenance.asOf}\` answers the same over HTTP, on a day of the district's school year.`,
  ];
}

function describePlaylist(playlist: ReadPlaylist | null): string[] {
  if (playlist === null) return ["", "Nobody has a playlist."];
  return [
    "",
    `A playlist of ${playlist.minutes} minutes (learner ${playlist.learner})`,
    ...playlist.items.flatMap((item) => [
      `${String(item.position).padStart(4)}. ${item.title} · ${item.standard} · ${item.minutes} min`,
      ...item.reasons.map((reason) => `        ${reason}`),
    ]),
  ];
}

function describeVerdict({ verdict, heldOut }: DemoResult): string[] {
  const { ranking, playlists } = verdict;
  const auc = ranking.auc.status === "defined" ? ranking.auc.value : Number.NaN;
  const oracle = ranking.oracleAuc.status === "defined" ? ranking.oracleAuc.value : Number.NaN;
  const errors = ((auc - 0.5) / ranking.aucStandardError).toFixed(1);
  return [
    "",
    "Against the known truth (how the year really ends, kept aside by the generator)",
    `  ranking: AUC ${auc.toFixed(3)} (chance .500, ${errors} standard errors above it; the true probabilities reach ${oracle.toFixed(3)})`,
    `  of the ${ranking.capacity} ranked first, ${percent(ranking.precisionAtCapacity)} leave the track (by chance ${percent(ranking.baseRate)}, by the true probabilities ${percent(ranking.oraclePrecisionAtCapacity)})`,
    `  playlists: ${percent(playlists.worthwhile)} of ${playlists.activities} activities are worth the learner's time (by lot ${percent(playlists.byLot.worthwhile)}); ${percent(playlists.alreadyMastered)} on what is mastered (${percent(playlists.byLot.alreadyMastered)}), ${percent(playlists.outOfReach)} out of reach (${percent(playlists.byLot.outOfReach)})`,
    "",
    "How the model was chosen (persons held out of the finished year)",
    ...describeEvaluation(heldOut),
  ];
}
