import { auditRigor } from "../../../src/engine/playlists/audit.ts";
import { random } from "../../../src/numeric/random.ts";
import type { LearnerOutcome } from "./simulate.ts";

/** A mean with its 95 % interval (normal approximation over learners). */
export interface Estimate {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

/** How one policy did over all districts. */
export interface PolicyResult {
  readonly policy: string;
  readonly gain: Estimate;
  /** Gain under cairn less gain under this policy, of the same learners; undefined for cairn itself. */
  readonly cairnMore: Estimate | undefined;
  /** Districts in which cairn's learners gained more. */
  readonly districtsWon: number;
  readonly districts: number;
  readonly mastered: number;
  /** Shares of the activities. */
  readonly violationsBelieved: number;
  readonly violationsTrue: number;
  readonly known: number;
  readonly overBudget: number;
  readonly pins: number;
  readonly pinsKept: number;
  readonly bansBroken: number;
  readonly gradeLevelShare: number;
}

/** The table over all districts, cairn first, then by gain. */
export function resultsOf(districts: readonly (readonly LearnerOutcome[])[]): PolicyResult[] {
  const policies = [...new Set(districts.flat().map(({ policy }) => policy))];
  const of = (outcomes: readonly LearnerOutcome[], policy: string): LearnerOutcome[] =>
    outcomes.filter((one) => one.policy === policy);
  const results = policies.map((policy): PolicyResult => {
    const all = districts.flatMap((outcomes) => of(outcomes, policy));
    const total = (what: (one: LearnerOutcome) => number): number => all.reduce((sum, one) => sum + what(one), 0);
    const differences = districts.map((outcomes) => {
      const gains = new Map(of(outcomes, policy).map(({ learner, gain }) => [learner, gain]));
      return of(outcomes, "cairn").map(({ learner, gain }) => gain - gains.get(learner)!);
    });
    const activities = total((one) => one.activities);
    return {
      policy,
      gain: estimate(all.map(({ gain }) => gain)),
      cairnMore: policy === "cairn" ? undefined : estimate(differences.flat()),
      districtsWon: differences.filter((one) => one.reduce((sum, value) => sum + value, 0) > 0).length,
      districts: districts.length,
      mastered: total((one) => one.mastered) / all.length,
      violationsBelieved: total((one) => one.violationsBelieved) / activities,
      violationsTrue: total((one) => one.violationsTrue) / activities,
      known: total((one) => one.known) / activities,
      overBudget: total((one) => one.overBudget),
      pins: total((one) => one.pins),
      pinsKept: total((one) => one.pinsKept),
      bansBroken: total((one) => one.bansBroken),
      gradeLevelShare: total((one) => one.gradeMinutes) / total((one) => one.minutes),
    };
  });
  return results.sort(
    (a, b) => Number(b.policy === "cairn") - Number(a.policy === "cairn") || b.gain.mean - a.gain.mean,
  );
}

function estimate(values: readonly number[]): Estimate {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length - 1);
  const half = 1.96 * Math.sqrt(variance / values.length);
  return { mean, low: mean - half, high: mean + half };
}

/** Whether cairn's lists expect less of who started weaker: the audit of rigor over all districts. */
export function describeAudit(districts: readonly (readonly LearnerOutcome[])[]): string {
  const own = districts.flat().filter(({ policy }) => policy === "cairn");
  const exposures = own.map(({ start, minutes, gradeMinutes }) => ({
    group: `started ${start} the mean`,
    minutes,
    gradeMinutes,
  }));
  const lines = auditRigor(exposures, random("audit")).map(({ group, learners, rigor }) =>
    rigor.status === "undefined"
      ? `${group}: ${rigor.reason}`
      : `${group} (${learners}): ${(100 * rigor.share).toFixed(1)} % of the minutes at grade level, ${(100 * rigor.difference).toFixed(1)} points from the others (${(100 * rigor.low).toFixed(1)} to ${(100 * rigor.high).toFixed(1)})${rigor.lowered ? ": LOWERED" : ""}`,
  );
  return `${lines.join("\n")}\n`;
}

/** The table as lines to read. */
export function describeResults(results: readonly PolicyResult[]): string {
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
  const header =
    "policy          gain (logits)        cairn gains more by   districts  mastered  believed  truly  known already  grade level";
  const lines = results.map((one) => {
    const { gain, cairnMore } = one;
    const more =
      cairnMore === undefined
        ? "".padEnd(22)
        : `${cairnMore.mean.toFixed(2)} (${cairnMore.low.toFixed(2)} to ${cairnMore.high.toFixed(2)})`.padEnd(22);
    return [
      one.policy.padEnd(14),
      `${gain.mean.toFixed(2)} (${gain.low.toFixed(2)} to ${gain.high.toFixed(2)})`.padEnd(21),
      more,
      (cairnMore === undefined ? "" : `${one.districtsWon} of ${one.districts}`).padEnd(9),
      one.mastered.toFixed(2).padStart(8),
      percent(one.violationsBelieved).padStart(9),
      percent(one.violationsTrue).padStart(7),
      percent(one.known).padStart(13),
      percent(one.gradeLevelShare).padStart(12),
    ].join(" ");
  });
  const [cairn] = results;
  const kept = `cairn: ${cairn!.pinsKept} of ${cairn!.pins} pins kept, ${cairn!.bansBroken} bans broken, ${cairn!.overBudget} sessions over their minutes`;
  return [header, ...lines, kept, ""].join("\n");
}
