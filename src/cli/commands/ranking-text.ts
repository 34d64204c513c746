import type { RunVerdict } from "../../engine/early-warning/judge-run.ts";
import type { RankedLearner, Ranking } from "../../engine/early-warning/ranking.ts";
import type { Figure } from "../../engine/evaluation/evaluation.ts";

const percent = (share: number): string => `${Math.round(100 * share)} %`;

const figure = (value: Figure): string => (typeof value === "number" ? percent(value) : `not known (${value.reason})`);

/** A ranking as text for a counselor: reasons before numbers' differences, nothing in colours. */
export function describeRanking({ provenance, model, outcome, learners, cut, stale, entries }: Ranking): string[] {
  return [
    `${outcome.title}: ${entries.length} of ${learners} learners as of ${provenance.asOf} (model: ${model.name})`,
    ...stale.map(({ source, since }) => `Out of date: nothing has come from ${source} since ${since}.`),
    ...(model.rulesDoAsWell ? ["The district's rules rank as well as any model: this is their order."] : []),
    ...(cut.threshold === null ? [] : [`Nobody below ${percent(cut.threshold)} (by ${cut.by}).`]),
    ...(cut.tiedOut > 0
      ? [`${cut.tiedOut} more have the probability of the last one: who of them is listed means nothing.`]
      : []),
    ...entries.flatMap(describeLearner),
  ];
}

function describeLearner(entry: RankedLearner): string[] {
  const { rank, name, grade, school, probability, low, high, abstained, coverage, tied, tried, change } = entry;
  const range = low === null || high === null ? "" : ` (${percent(low)} to ${percent(high)})`;
  const chance = probability === null ? (abstained ?? "not known") : `${percent(probability)}${range}`;
  const known = coverage < 1 ? ` · ${percent(coverage)} of the inputs known` : "";
  return [
    `${String(rank).padStart(4)}. ${name}, grade ${grade}, ${school}: ${chance}${known}${tied > 0 ? ` · tied with ${tied}` : ""}`,
    ...entry.reasons
      .slice(0, 4)
      .map(({ group, actionable, words }) => `        ${group}${actionable ? "" : " (cannot be changed)"} · ${words}`),
    ...entry.strengths.slice(0, 2).map(({ group, words }) => `        strength: ${group} · ${words}`),
    ...(change === null ? [] : [`        ${describeChange(change)}`]),
    ...tried.map(
      (one) =>
        `        tried: ${one.name}, ${one.given} times${one.missed > 0 ? `, ${one.missed} missed` : ""}${one.isOpen ? ", open" : ""}`,
    ),
  ];
}

function describeChange({
  since,
  probability,
  isSettled,
  isOtherModel,
  groups,
}: NonNullable<RankedLearner["change"]>): string {
  if (probability === null) return `since ${since}: a number only one of the two times`;
  const points = Math.round(100 * probability);
  const size = points === 0 ? "unchanged" : `${points > 0 ? "+" : "−"}${Math.abs(points)} points`;
  const why = groups.map(({ group, by }) => `${group} ${by > 0 ? "worse" : "better"}`).join(", ");
  return [
    `since ${since}: ${size}${why === "" ? "" : ` (${why})`}`,
    ...(isSettled ? ["within its interval"] : []),
    ...(isOtherModel ? ["another model speaks"] : []),
  ].join(" · ");
}

/** How a past ranking turned out, as text. */
export function describeVerdict(verdict: RunVerdict): string[] {
  return [
    `Ranking as of ${verdict.asOf} (${verdict.outcome}), run ${verdict.runId}: ${verdict.withOutcome} of ${verdict.learners} learners came to it`,
    `  of the ${verdict.capacity} listed: ${figure(verdict.precision)} (all learners: ${figure(verdict.baseRate)})`,
    `  ${Math.round(verdict.helped)} of them were helped after that day; of the others ${figure(verdict.precisionUnhelped)}`,
    `  with everybody who was helped and ended well counted as rightly listed: ${figure(verdict.precisionAtMost)}`,
  ];
}
