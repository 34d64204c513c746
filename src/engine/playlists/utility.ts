import type { Curriculum, LibraryActivity } from "./curriculum.ts";
import type { LearnerState, Preference } from "./learner.ts";
import type { PlaylistPolicy, TermName } from "./policy.ts";
import type { PlaylistRequest } from "./request.ts";

/** What an activity is worth to a learner now, as its terms; they add up to the value. */
export type Terms = Readonly<Record<TermName, number>>;

/** What was learned about activities beside one learner's state. */
export interface ActivityKnowledge {
  /** Shape (activities): how much better the next answers were than after others on the same standard, in standard deviations; 0: unknown. */
  readonly effect: Float64Array;
}

const DAY_MILLISECONDS = 86_400_000;
const OVERDUE_DAYS = 14; // from here on a review gains no more urgency
const MOST_PREFERENCE = 1; // a habit moves an activity no further than e times its share

/**
 * The terms of the given activities (handbook 2.6, extended): collaborative score standardised over these, what activities
 * taught others, exp(−((p − target)/width)²), 1 − mastery, overdue reviews, preferences (shrunk) and interests, continuity,
 * ln(typical minutes/minutes), and what is taken off for work done before.
 * @param among - activities whose scores are compared
 */
export function termsOf(
  curriculum: Curriculum,
  learner: LearnerState,
  request: PlaylistRequest,
  policy: PlaylistPolicy,
  { effect }: ActivityKnowledge,
  among: readonly number[],
): Terms[] {
  const { weights } = policy;
  const collaborative = standardiser(learner.collaborative, among);
  const typicalMinutes =
    among.reduce((total, index) => total + curriculum.activities[index]!.minutes, 0) / among.length;
  return among.map((index) => {
    const activity = curriculum.activities[index]!;
    const { standard } = activity;
    const distance = (learner.success[standard]! - policy.targetSuccess) / policy.successWidth;
    const known = learner.mastery[standard]! >= policy.masteredAt;
    return {
      collaborative: weights.collaborative * collaborative(index),
      learned: weights.learned * effect[index]!,
      proximal: known ? 0 : weights.proximal * Math.exp(-distance * distance),
      remediation: weights.remediation * (1 - learner.mastery[standard]!) * (learner.stuck[standard] === 1 ? 0.5 : 1),
      review: known ? weights.review * overdue(learner.reviewDue[standard]!, request.now) : 0,
      modality: weights.modality * inclination(learner.modalities.get(activity.modality)),
      setting:
        activity.setting == null || request.setting !== undefined
          ? 0
          : weights.setting * inclination(learner.settings.get(activity.setting)),
      interest: weights.interest * interestIn(activity, learner),
      continuity: standard === learner.lastStandard ? weights.continuity : 0,
      pace: weights.pace * Math.log(typicalMinutes / activity.minutes),
      repeat: learner.completed.has(index) && !known ? -weights.repeat : 0,
    };
  });
}

/** The value of terms: their sum, always in the same order. */
export function worthOf(terms: Terms): number {
  let value = 0;
  for (const term of Object.values(terms)) value += term;
  return value;
}

/** From 0.5 on the day a review falls due to 1 two weeks later; 0 before. */
function overdue(due: number, now: number): number {
  if (!(due <= now)) return 0;
  return 0.5 + 0.5 * Math.min(1, (now - due) / (OVERDUE_DAYS * DAY_MILLISECONDS));
}

/** The end of the interval nearer to 0, where it leaves 0 out; else half of the estimate: what is not sure moves less. */
function inclination(preference: Preference | undefined): number {
  if (preference === undefined) return 0;
  const { value, low, high } = preference;
  const sure = Math.max(low, Math.min(high, 0)); // of the interval, what is nearest to no difference
  return Math.max(-MOST_PREFERENCE, Math.min(MOST_PREFERENCE, (value + sure) / 2));
}

function interestIn({ topics }: LibraryActivity, { interests }: LearnerState): number {
  let most = 0;
  for (const topic of topics ?? []) {
    const strength = interests.get(topic.toLowerCase()) ?? 0;
    if (strength < 0) return strength; // what a child dislikes is not made good by what else it is about
    most = Math.max(most, strength);
  }
  return most;
}

function standardiser(values: Float64Array, among: readonly number[]): (index: number) => number {
  let sum = 0;
  for (const index of among) sum += values[index]!;
  const mean = sum / among.length;
  let squares = 0;
  for (const index of among) squares += (values[index]! - mean) ** 2;
  const deviation = Math.sqrt(squares / among.length);
  return (index) => (deviation > 0 ? (values[index]! - mean) / deviation : 0);
}

/** How alike two activities are, 0 to 1: half for the same standard, a quarter each for the same modality and a topic in common. */
export function likeness(one: LibraryActivity, other: LibraryActivity): number {
  const topics = one.topics?.some((topic) => other.topics?.includes(topic) === true) === true;
  return (
    (one.standard === other.standard ? 0.5 : 0) + (one.modality === other.modality ? 0.25 : 0) + (topics ? 0.25 : 0)
  );
}
