import type { Random } from "../../numeric/random.ts";
import type { Curriculum } from "./curriculum.ts";
import { atGradeLevel } from "./gates.ts";
import type { LearnerState } from "./learner.ts";
import type { PlaylistPolicy } from "./policy.ts";
import type { Terms } from "./utility.ts";
import { likeness, worthOf } from "./utility.ts";

/** An activity that may be chosen, with its value. */
export interface Candidate {
  readonly activity: number;
  readonly terms: Terms;
  /** Whether it would be a review of what is known. */
  readonly review: boolean;
}

/** How one place was filled: what could have been chosen, and with what chance each. */
export interface Draw {
  /** Activities that were considered, best first. */
  readonly candidates: readonly number[];
  /** Chance of each of them, adding up to 1. */
  readonly propensities: readonly number[];
  /** Position of the chosen one among them. */
  readonly chosen: number;
  /** Whether the place was drawn by lot; the propensities hold either way. */
  readonly explored: boolean;
}

/** A filled place. */
export interface Place {
  readonly activity: number;
  readonly terms: Terms;
  /** The value after likeness to earlier places is taken off. */
  readonly score: number;
  readonly review: boolean;
  readonly draw: Draw;
}

/** What the places before have used up. */
interface Spent {
  minutes: number;
  reviewMinutes: number;
  gradeMinutes: number;
  readonly perStandard: Map<number, number>;
  readonly chosen: number[];
}

/** What selection needs to know of the list so far and the learner. */
export interface SelectionInput {
  readonly curriculum: Curriculum;
  readonly learner: LearnerState;
  readonly policy: PlaylistPolicy;
  /** Minutes of the whole list. */
  readonly minutes: number;
  /** Activities that are on the list already (pinned): they use up minutes and count as likeness. */
  readonly taken: readonly number[];
  readonly candidates: readonly Candidate[];
  /** Draws explored places; without it no place is, and the best has the chance 1. */
  readonly rng?: Random;
}

/**
 * Fills the places of a list one by one: each time from what still fits the minutes, at most `perStandard` of one standard, reviews
 * within their share, and below the learner's grade only while the rigor floor holds; the best by value less likeness to what
 * is on the list (maximal marginal relevance, recomputed at every place). A share of the places is drawn by softmax over the
 * shortlist, so the chance of every choice is known: P(a) = (1 − share)·[a is best] + share·softmax(v/τ)_a (handbook 2.7).
 */
export function selectPlaces(input: SelectionInput): Place[] {
  const { curriculum, learner } = input;
  const spent: Spent = { minutes: 0, reviewMinutes: 0, gradeMinutes: 0, perStandard: new Map(), chosen: [] };
  for (const activity of input.taken) spend(spent, curriculum, learner, activity, false);
  const open = input.candidates.map((candidate) => ({ ...candidate, value: worthOf(candidate.terms) }));
  open.sort((a, b) => b.value - a.value || a.activity - b.activity);
  const places: Place[] = [];
  for (;;) {
    const fitting = shortlist(input, spent, open);
    if (fitting.length === 0) return places;
    const draw = drawPlace(input, fitting);
    const { activity, terms, review, score } = fitting[draw.chosen]!;
    places.push({ activity, terms, review, score, draw });
    spend(spent, curriculum, learner, activity, review);
  }
}

function spend(spent: Spent, curriculum: Curriculum, learner: LearnerState, index: number, review: boolean): void {
  const { standard, minutes } = curriculum.activities[index]!;
  spent.minutes += minutes;
  if (review) spent.reviewMinutes += minutes;
  if (atGradeLevel(curriculum, learner, standard)) spent.gradeMinutes += minutes;
  spent.perStandard.set(standard, (spent.perStandard.get(standard) ?? 0) + 1);
  spent.chosen.push(index);
}

type Valued = Candidate & { readonly value: number };
type Scored = Valued & { readonly score: number };

/**
 * What may fill the next place, best first. Ties go by position in the library, so that the same state gives the same list.
 * @param open - by value, best first: as a score is never above its value, the rest need not be looked at once the list is full
 */
function shortlist(input: SelectionInput, spent: Spent, open: readonly Valued[]): Scored[] {
  const { curriculum, learner, policy } = input;
  const demanding = open.some(
    (candidate) => !candidate.review && isDemanding(input, candidate) && fits(input, spent, candidate),
  );
  const best: Scored[] = [];
  for (const candidate of open) {
    const last = best[policy.exploration.shortlist - 1];
    if (last !== undefined && candidate.value < last.score) break;
    if (!fits(input, spent, candidate)) continue;
    const activity = curriculum.activities[candidate.activity]!;
    // The rigor floor: easier work only while enough of the list is at grade level, or nothing there is left to choose.
    if (demanding && !atGradeLevel(curriculum, learner, activity.standard)) {
      if (spent.gradeMinutes < policy.gradeLevelShare * (spent.minutes + activity.minutes)) continue;
    }
    let alike = 0;
    for (const other of spent.chosen) alike = Math.max(alike, likeness(activity, curriculum.activities[other]!));
    insert(best, { ...candidate, score: candidate.value - policy.sameness * alike }, policy.exploration.shortlist);
  }
  return best;
}

function fits({ curriculum, policy, minutes }: SelectionInput, spent: Spent, { activity, review }: Candidate): boolean {
  const { standard, minutes: needed } = curriculum.activities[activity]!;
  if (spent.minutes + needed > minutes || spent.chosen.includes(activity)) return false;
  if ((spent.perStandard.get(standard) ?? 0) >= policy.perStandard) return false;
  return !review || spent.reviewMinutes + needed <= policy.reviewShare * minutes;
}

function isDemanding({ curriculum, learner }: SelectionInput, { activity }: Candidate): boolean {
  return atGradeLevel(curriculum, learner, curriculum.activities[activity]!.standard);
}

/** Keeps the best few, in order. */
function insert(best: Scored[], candidate: Scored, most: number): void {
  const before = (other: Scored): boolean =>
    candidate.score > other.score || (candidate.score === other.score && candidate.activity < other.activity);
  const at = best.findIndex(before);
  if (at < 0) best.push(candidate);
  else best.splice(at, 0, candidate);
  if (best.length > most) best.pop();
}

function drawPlace({ policy, rng }: SelectionInput, fitting: readonly Scored[]): Draw {
  const candidates = fitting.map(({ activity }) => activity);
  const { share, temperature } = policy.exploration;
  if (rng === undefined || share === 0 || fitting.length === 1) {
    return { candidates, propensities: fitting.map((_, at) => (at === 0 ? 1 : 0)), chosen: 0, explored: false };
  }
  const best = fitting[0]!.score; // taken off before the exponential: the largest term is 1
  const weights = fitting.map(({ score }) => Math.exp((score - best) / temperature));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const propensities = weights.map((weight, at) => (share * weight) / total + (at === 0 ? 1 - share : 0));
  const explored = rng.next() < share;
  const chosen = explored ? drawIndex(weights, total * rng.next()) : 0;
  return { candidates, propensities, chosen, explored };
}

function drawIndex(weights: readonly number[], at: number): number {
  let left = at;
  for (let index = 0; index < weights.length; index++) {
    left -= weights[index]!;
    if (left < 0) return index;
  }
  return weights.length - 1; // rounding at the very end
}
