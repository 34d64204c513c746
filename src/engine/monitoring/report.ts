import type { MonitoringReport } from "./monitor.ts";
import type { ModelProposal } from "./proposals.ts";
import { featureWords, placeWords } from "./words.ts";

const [WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM] = [760, 300, 50, 20, 250, 40] as const;
const ACT = 0.25; // by convention: below 0.1 stable, to 0.25 look, above act
const INK = ["#1b6ca8", "#c0392b", "#2e8b57", "#8e5ea2", "#b8860b", "#444444"] as const;

const escaped = (text: string): string => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/"/g, "&quot;");
/** The population stability index of the largest shifts over the weeks, as an SVG picture, with the lines of the convention. */
export function plotDrift({ weeks, curves, schools }: Pick<MonitoringReport, "weeks" | "curves" | "schools">): string {
  const highest = Math.max(2 * ACT, ...curves.flatMap(({ psi }) => psi.map((value) => value ?? 0)));
  const [wide, high] = [WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM];
  const x = (week: number): number => LEFT + (weeks.length < 2 ? 0 : (week / (weeks.length - 1)) * wide);
  const y = (value: number): number => TOP + high * (1 - value / highest);
  const line = (value: number): string =>
    `<line x1="${LEFT}" y1="${y(value).toFixed(1)}" x2="${LEFT + wide}" y2="${y(value).toFixed(1)}" stroke="#999" stroke-dasharray="4 3"/>
<text x="${LEFT - 6}" y="${(y(value) + 4).toFixed(1)}" text-anchor="end">${value}</text>`;
  const drawn = curves.map(({ name, place, psi }, index) => {
    const points = psi.flatMap((value, week) =>
      value === null ? [] : [`${x(week).toFixed(1)},${y(value).toFixed(1)}`],
    );
    const ink = INK[index % INK.length];
    return `<polyline points="${points.join(" ")}" fill="none" stroke="${ink}" stroke-width="2"/>
<text x="${LEFT + wide + 10}" y="${TOP + 14 + 18 * index}" fill="${ink}">${escaped(`${name}, ${placeWords(place, schools)}`)}</text>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="11" role="img" aria-label="population stability index by week">`,
    ...[0, 0.1, ACT].map(line),
    ...drawn,
    `<text x="${LEFT}" y="${HEIGHT - 14}">${weeks[0] ?? ""}</text>`,
    `<text x="${LEFT + wide}" y="${HEIGHT - 14}" text-anchor="end">${weeks.at(-1) ?? ""}</text>`,
    "</svg>",
  ].join("\n");
}

const MOST_ROWS = 40;
const tidy = (value: number | null): string => (value === null ? "–" : String(Number(value.toPrecision(3))));

/** The report as Markdown. */
export function describeMonitoring(report: MonitoringReport): string {
  const { drift, scores, calibration, abstention, schools } = report;
  const findings = drift?.findings ?? [];
  return [
    `# Watch, as of ${report.asOf}`,
    "",
    ...(report.needs.length === 0 ? ["Nothing needs a person."] : report.needs.map((need) => `- ${need}`)),
    "",
    "## What has changed",
    "",
    ...(drift === null
      ? [`Not looked at: ${report.reason}.`]
      : [
          `${drift.learners.current} learners beside ${drift.learners.reference} of earlier years on the same day of theirs; ${drift.tests} tests, adjusted so that ${100 * drift.level} % of findings may be false; places below ${drift.minimumCell} learners are withheld (${drift.withheld.length}).`,
          "",
          "| what | name | where | before | now | index | adjusted p |",
          "|---|---|---|---|---|---|---|",
          ...findings
            .slice(0, MOST_ROWS)
            .map(
              ({ kind, name, place, reference, current, psi, adjustedP }) =>
                `| ${kind} | ${kind === "source" ? name : featureWords(name)} | ${placeWords(place, schools)} | ${tidy(reference)} | ${tidy(current)} | ${tidy(psi)} | ${adjustedP.toExponential(1)} |`,
            ),
          ...(findings.length > MOST_ROWS ? ["", `and ${findings.length - MOST_ROWS} smaller ones.`] : []),
        ]),
    "",
    "## Scores and what came",
    "",
    scores === null
      ? "No two rankings three weeks apart."
      : `Mean ${tidy(scores.meanBefore)} on ${scores.comparedWith}, ${tidy(scores.meanNow)} on ${scores.asOf}; index ${tidy(scores.psi)}.`,
    "",
    abstention === null
      ? "No ranking is shown."
      : `No number for ${abstention.abstained} of ${abstention.learners} learners: ${abstention.unknown} of whom too little is known, ${abstention.unlike} unlike the learners of earlier years.`,
    "",
    calibration === null
      ? "No ranking has ripened."
      : `Of ${calibration.learners} learners ranked on ${calibration.asOf}, ${tidy(calibration.shareObserved)} came to it; ${tidy(calibration.meanProbability)} was said. Slope ${tidy(calibration.slope)}, Spiegelhalter p ${tidy(calibration.spiegelhalterP)}.`,
    "",
  ].join("\n");
}

/** A proposal as Markdown: the champion/challenger table and what was decided. */
export function describeProposal({ proposalId, champion, challenger, comparison, decision }: ModelProposal): string {
  const { period, learners, leftOut, capacity, figures } = comparison;
  return [
    `# Proposal ${proposalId}`,
    "",
    `Champion ${champion}, challenger ${challenger}: ${learners} learners of ${period}, which neither had learned from (${leftOut} left out); room for ${capacity}.`,
    "",
    "| figure | champion | challenger | difference (95 %) | better |",
    "|---|---|---|---|---|",
    ...figures.map(
      ({ figure, champion: was, challenger: would, difference: { value, low, high }, verdict }) =>
        `| ${figure} | ${tidy(was)} | ${tidy(would)} | ${tidy(value)} (${tidy(low)} to ${tidy(high)}) | ${verdict} |`,
    ),
    "",
    decision === null
      ? "Nobody has decided."
      : `${decision.decision} by ${decision.decidedBy} on ${decision.decidedAt.slice(0, 10)}: ${decision.reason}`,
    "",
  ].join("\n");
}
