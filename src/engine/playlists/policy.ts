import { CairnError } from "../../errors.ts";

/** The parts of an activity's value, each as it enters the sum; words and logs use the same names. */
export const termNames = [
  "collaborative",
  "learned",
  "proximal",
  "remediation",
  "review",
  "modality",
  "setting",
  "interest",
  "continuity",
  "pace",
  "repeat",
] as const;

/** One of {@link termNames}. */
export type TermName = (typeof termNames)[number];

/** What a school decides about playlists. Every number is a stated default, none is hidden. */
export interface PlaylistPolicy {
  /** Names the policy in the log of decisions. */
  readonly id: string;
  /** Minutes the playlist may take in all, where the request does not say. */
  readonly minutes: number;
  /** Mastery every prerequisite must be believed to have before an activity is offered (recommenders handbook 2.6: hard gate). */
  readonly prerequisiteMastery: number;
  /** Mastery from which a standard counts as known, so that nobody waits for what they know. */
  readonly masteredAt: number;
  /** Centre and width of the zone of proximal development, as chance of success. */
  readonly targetSuccess: number;
  readonly successWidth: number;
  /** At most this many activities on one standard. */
  readonly perStandard: number;
  /** How many grades ahead of the learner's own a standard may be while there is work nearer. */
  readonly gradesAhead: number;
  /**
   * Standards this many grades below the learner's own, or more, are taken as known until an answer says otherwise: a new
   * eighth-grader is not asked to begin with the fourth grade.
   */
  readonly presumedGradesBelow: number;
  /** Work that was done and not been enough comes again beside new work after so many days. */
  readonly repeatAfterDays: number;
  /** At most this share of the minutes goes to reviews that are due. */
  readonly reviewShare: number;
  /**
   * The rigor floor: at least this share of the minutes is at the learner's grade level or above, as long as anything there
   * is open. The same number for every learner: no group is expected less of.
   */
  readonly gradeLevelShare: number;
  /** Weights of the value's terms, 0 or more. */
  readonly weights: Readonly<Record<TermName, number>>;
  /** How much likeness to what is on the list already takes away: the (1 − κ)/κ of maximal marginal relevance. */
  readonly sameness: number;
  /** Exploration on purpose: this share of the places is drawn by softmax of temperature `temperature` over the shortlist. */
  readonly exploration: { readonly share: number; readonly temperature: number; readonly shortlist: number };
}

/**
 * The shipped policy: 30 minutes; a prerequisite is met when it is believed mastered at .6, and a standard known at .7, by a
 * mastery model whose probabilities are calibrated; success around .8 (handbook 2.6); most of the minutes at grade level or
 * above; one place in twenty drawn by lot among the twelve best. The handbook's gate of .95 made learners wait for what they
 * know: the numbers were chosen by what simulated learners truly learn, in districts that no result is reported of
 * (docs/decisions/0009-playlist-weights.md).
 */
export const defaultPlaylistPolicy: PlaylistPolicy = {
  id: "cairn-2",
  minutes: 30,
  prerequisiteMastery: 0.6,
  masteredAt: 0.7,
  targetSuccess: 0.8,
  successWidth: 0.12,
  perStandard: 2,
  gradesAhead: 1,
  presumedGradesBelow: 1,
  repeatAfterDays: 7,
  reviewShare: 0.34,
  gradeLevelShare: 0.8,
  weights: {
    collaborative: 0.1,
    learned: 1,
    proximal: 0.2,
    remediation: 1,
    review: 0.8,
    modality: 1,
    setting: 0.3,
    interest: 0.3,
    continuity: 0.1,
    pace: 0.3,
    repeat: 0.1,
  },
  sameness: 0.25,
  exploration: { share: 0.05, temperature: 0.5, shortlist: 12 },
};

/**
 * Checks a policy at the door.
 * @returns the same policy
 * @throws CairnError `BAD_INPUT` when a number is out of its range
 */
export function checkPolicy(policy: PlaylistPolicy): PlaylistPolicy {
  const shares = {
    prerequisiteMastery: policy.prerequisiteMastery,
    masteredAt: policy.masteredAt,
    targetSuccess: policy.targetSuccess,
    reviewShare: policy.reviewShare,
    gradeLevelShare: policy.gradeLevelShare,
    "exploration.share": policy.exploration.share,
  };
  for (const [name, value] of Object.entries(shares)) {
    if (!(value >= 0 && value <= 1)) throw new CairnError("BAD_INPUT", `expected ${name} in [0, 1], got ${value}`);
  }
  const positive = {
    minutes: policy.minutes,
    successWidth: policy.successWidth,
    perStandard: policy.perStandard,
    "exploration.temperature": policy.exploration.temperature,
    "exploration.shortlist": policy.exploration.shortlist,
  };
  for (const [name, value] of Object.entries(positive)) {
    if (!(value > 0 && Number.isFinite(value)))
      throw new CairnError("BAD_INPUT", `expected ${name} above 0, got ${value}`);
  }
  const atLeastZero = {
    ...policy.weights,
    sameness: policy.sameness,
    gradesAhead: policy.gradesAhead,
    repeatAfterDays: policy.repeatAfterDays,
    presumedGradesBelow: policy.presumedGradesBelow,
  };
  for (const [name, value] of Object.entries(atLeastZero)) {
    if (!(value >= 0 && Number.isFinite(value))) {
      throw new CairnError("BAD_INPUT", `expected ${name} of 0 or more, got ${value}`);
    }
  }
  return policy;
}
