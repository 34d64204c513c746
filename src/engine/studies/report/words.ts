import { roundedBy } from "../disclosure/coding.ts";
import type { StudyEstimate } from "../estimate.ts";
import type { StudyPlan } from "../plan-shape.ts";
import type { StudyReport } from "../run-study.ts";

const causal: Readonly<Record<StudyPlan["design"], string>> = {
  "individual-trial":
    "Learners were assigned by lot, so a difference between the arms can be put down to the intervention.",
  "cluster-trial":
    "Whole classes or schools were assigned by lot, so a difference between the arms can be put down to the intervention.",
  "comparison-group":
    "Nobody drew lots: the groups were made comparable on what was measured. What was not measured can still explain a difference.",
  "regression-discontinuity":
    "A score decided who was treated, so learners just above and just below the cutoff can be compared. The answer is about them only.",
  "instrumental-variable":
    "Something that moved the treatment, and is taken to touch the outcome in no other way, stands in for a lot. The answer is about those whom it moved.",
  "difference-in-differences":
    "Changes are compared with the changes of those not treated (yet). The answer holds if both would have changed alike without the intervention.",
};

const of: Readonly<Record<StudyEstimate["estimand"], string>> = {
  ITT: "the effect of being assigned, whoever took part",
  ATE: "the average effect on all learners",
  ATT: "the effect on those who were treated",
  ATC: "the effect the comparison group would have had",
  ATO: "the effect on those who could have been in either group",
  CACE: "the effect on those who took part because they were assigned",
  LATE: "the effect on those at the cutoff or moved by the instrument",
  association: "a difference that is not an effect: nothing was adjusted for",
};

/** What a caution means, for a reader who has to decide. */
export const cautionWords: Readonly<Record<string, string>> = {
  FEW_CLUSTERS: "Few clusters: the p-value leans on assumptions; look at the randomisation test.",
  FEW_LEARNERS: "Few learners: the p-value leans on outcomes that look normal.",
  NO_SPREAD: "No standard error is defined for this line.",
  UNADJUSTED: "Nothing was adjusted for.",
  NO_LOT:
    "Nobody drew lots: a cause that was not measured can explain this. The checks say how strong it would have to be.",
  MOVED_BY_ADJUSTMENT:
    "Adjusting for what was measured moved the answer by more than its standard error: what was not measured may move it as much.",
  WEAK_OVERLAP: "A few learners carry the comparison.",
  WEAK_INSTRUMENT: "The first stage is weak (F below 10): the interval is too narrow.",
  TREATED_LEFT_OUT: "Some treated learners found no match: the answer is not about all of them.",
  BLOCKS_LEFT_OUT: "Blocks with one arm only were left out.",
  COLUMNS_DROPPED: "Columns that repeat others were left out.",
  BOUNDARY_FIT: "A variance came out at zero: the data do not tell this grouping from noise.",
  DISCRETE_SCORE: "Many learners share scores: ask for the honest interval.",
  STAGGERED_TWO_WAY: "With staggered starts this mixes effects with the wrong sign: shown only beside the others.",
};

/** The answer in plain sentences, for somebody who has to decide and not to compute. */
export function plainSummary(report: StudyReport, plan: StudyPlan): string[] {
  const { headline, estimates, verdict } = report;
  const first = estimates[0]!;
  if (headline.status === "blocked") {
    return ["This study cannot answer the question with these data.", ...headline.reasons, causal[plan.design]];
  }
  const sentences = [answer(first, plan), causal[plan.design], ...certainty(first)];
  const g = first.effectSize;
  if (g !== null) {
    const points = Math.abs(g.improvementIndex).toFixed(0);
    sentences.push(
      `In other words: an average learner of the comparison group would be expected to ${g.improvementIndex >= 0 ? "rise" : "fall"} by about ${points} percentile points.`,
    );
    if (plan.meaningfulEffect !== undefined) {
      const enough = Math.abs(g.g) >= plan.meaningfulEffect;
      sentences.push(
        `That is ${enough ? "at least" : "less than"} the ${plan.meaningfulEffect} standard deviations that were said to matter.`,
      );
    }
  }
  if (headline.posterior !== null) {
    const { aboveZero, aboveThreshold } = headline.posterior;
    sentences.push(
      `Together with what comparable studies found (a standard deviation of ${plan.prior}), the chance of a positive effect is ${percent(aboveZero)}` +
        (plan.meaningfulEffect === undefined ? "." : `, and of one that matters ${percent(aboveThreshold)}.`),
    );
  }
  if (verdict !== null) sentences.push(`By the standards of the What Works Clearinghouse: ${verdict.rating.verdict}.`);
  return sentences;
}

function percent(share: number): string {
  return share > 0.99 ? "over 99 %" : share < 0.01 ? "under 1 %" : `${Math.round(100 * share)} %`;
}

function answer({ effect, se, ci, estimand }: StudyEstimate, plan: StudyPlan): string {
  const error = se ?? Number.NaN;
  const size = roundedBy(Math.abs(effect), error);
  const range =
    ci === null
      ? ""
      : ` (${Math.round(100 * plan.level)} % interval ${roundedBy(ci[0], error)} to ${roundedBy(ci[1], error)})`;
  return `The outcome "${plan.outcome.column}" was ${size} ${effect >= 0 ? "higher" : "lower"}${range}: ${of[estimand]}.`;
}

function certainty({ ci, p }: StudyEstimate): string[] {
  if (ci === null || p === null) return [];
  if (ci[0] > 0 || ci[1] < 0)
    return [
      `If there were no effect at all, a difference as large as this would be seen in ${percent(p)} of such studies.`,
    ];
  return [
    "The interval includes zero: these data are compatible with no effect. That does not show that there is none.",
  ];
}
