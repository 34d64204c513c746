import type { StandardStanding, StandardsOfLearner } from "../engine/mastery/standards-of.ts";
import type { StandingGroup } from "../engine/mastery/standing-groups.ts";
import { standingGroups } from "../engine/mastery/standing-groups.ts";
import type { MasteryStory, StoryStep } from "../engine/mastery/story.ts";

const FIRST = 52; // wide enough for the moment, the source and what came
const WIDTH = 21; // an odd number, so that one half has a place of its own

const headings: Readonly<Record<StandingGroup, string>> = {
  "review-due": "Review due: mastered once, and by now one in ten would have forgotten",
  stuck: "Stuck: many tries and never mastered; more of the same is unlikely to help",
  "in-reach": "In reach: not mastered, and what it rests on is",
  mastered: "Mastered",
  later: "Later: something it rests on is not mastered",
};

/** What a learner knows, group by group: each line a bar of the chance of a right answer with its 90 % interval. */
export function describeStandards({ learner, standards, gates, provenance }: StandardsOfLearner): string[] {
  const from = provenance.runId === null ? "cairn's start values (no run yet)" : `run ${provenance.runId}`;
  const lines = [
    `Learner ${learner}, ${standards.length} standards, by ${from}`,
    `Bar: chance of a right answer, 0 to 100 %, with its 90 % interval. Mastered from ${percent(gates.masteredAt).trim()} sure.`,
  ];
  for (const group of standingGroups) {
    const own = standards.filter((one) => one.group === group).sort((a, b) => b.mastery - a.mastery);
    if (own.length === 0) continue;
    lines.push("", `${headings[group]} (${own.length})`, ...own.map(describeStandard));
  }
  return lines;
}

function describeStandard(one: StandardStanding): string {
  const { correctNext, low, high, mastery, standard, label, evidence, basis, reviewDue, retrievability } = one;
  const why = basis === "own" ? `${evidence} seen` : basis === "graph" ? "from other standards" : "nothing seen yet";
  const review = reviewDue === null ? "" : `, recall ${percent(retrievability ?? 0)}, review ${reviewDue}`;
  return `  ${bar(correctNext, low, high)} ${percent(correctNext)}  mastered ${percent(mastery)}  ${standard} ${label} (${why}${review})`;
}

/** The newest observations, one after another, and the standards they moved. */
export function describeStory({ learner, observations, steps }: MasteryStory): string[] {
  const lines = [`Learner ${learner}: the last ${steps.length} of ${observations} observations`];
  return [...lines, ...steps.flatMap(describeStep)];
}

const sources = { response: "answer", assessment: "test", teacher: "teacher" } as const;

function describeStep(step: StoryStep): string[] {
  const { at, source, standard, label, outcome, expected, correctNext, low, high, mastery, others } = step;
  const whole = source === "response" && (outcome === 0 || outcome === 1);
  const came = whole ? (outcome === 1 ? "right" : "wrong") : `${percent(outcome).trim()} right`;
  const first = `${at.replace("T", " ").slice(0, 16)}  ${sources[source]} ${came} (expected ${percent(expected).trim()})`;
  const chance = `${percent(expected)} → ${percent(correctNext)}`;
  const moved = `${chance}, mastered ${percent(mastery.before)} → ${percent(mastery.after)}`;
  return [
    `${first.padEnd(FIRST)}${bar(correctNext, low, high)} ${moved}  ${standard} ${label}`,
    ...others.map(
      (one) =>
        `${" ".repeat(FIRST + WIDTH + 17)}also     ${percent(one.before)} → ${percent(one.after)}  ${one.standard} ${one.label}`,
    ),
  ];
}

const percent = (chance: number): string => `${Math.round(100 * chance)} %`.padStart(5);

/** `····├──●──┤····`: a chance and its interval between 0 and 1. */
function bar(chance: number, low: number, high: number): string {
  const place = (value: number): number => Math.round(value * (WIDTH - 1));
  return Array.from({ length: WIDTH }, (_, i) => {
    if (i === place(chance)) return "●";
    if (i === place(low)) return "├";
    if (i === place(high)) return "┤";
    return i > place(low) && i < place(high) ? "─" : "·";
  }).join("");
}
