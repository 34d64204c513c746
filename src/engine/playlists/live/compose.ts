import type { EstimateColumns } from "../../../models/mastery/online/tracker.ts";
import { estimateColumns } from "../../../models/mastery/online/tracker.ts";
import { random } from "../../../numeric/random.ts";
import type { DataClass } from "../../../records/consent/data-classes.ts";
import { zoneOffset } from "../../../records/import/core/time-zone.ts";
import type { EmptyReason, PlaylistItem, Rung } from "../assemble.ts";
import { assemblePlaylist } from "../assemble.ts";
import { habitsOf } from "../habits.ts";
import type { LearnerState } from "../learner.ts";
import type { StoredOverride } from "../overrides.ts";
import type { PlaylistPolicy } from "../policy.ts";
import { headline, itemReasons } from "../words.ts";
import type { PlaylistAsk } from "./ask.ts";
import { toRequest } from "./ask.ts";
import type { LiveModels } from "./models.ts";
import type { Standing } from "./standing.ts";

/** One activity of a live playlist, with its reasons for both readers. */
export interface LiveItem {
  readonly position: number;
  readonly activity: string;
  readonly title: string;
  readonly standard: string;
  readonly standardLabel: string;
  readonly modality: string;
  readonly setting: string | null;
  readonly minutes: number;
  readonly role: PlaylistItem["role"];
  readonly score: number;
  readonly terms: Readonly<Record<string, number>>;
  readonly reasons: { readonly student: readonly string[]; readonly teacher: readonly string[] };
  /** The key of the teacher's decision that put it here; null: cairn chose. */
  readonly override: string | null;
  /** The chance with which it was chosen for its place; null where a teacher decided. */
  readonly propensity: number | null;
}

/** A playlist as it is given out. */
export interface LivePlaylist {
  /** Names this list in the log of decisions. */
  readonly decisionId: string;
  readonly learner: string;
  readonly minutes: number;
  readonly rung: Rung;
  /** Why nothing was chosen; null when something was. */
  readonly empty: EmptyReason | null;
  /** The list in a sentence, for student and teacher. */
  readonly headline: string;
  readonly items: readonly LiveItem[];
  /** Pinned or required, and no room for it in these minutes. */
  readonly waiting: readonly { readonly activity: string; readonly override: string; readonly reason: string }[];
  /** Ids that were asked for and are not in the library. */
  readonly unknown: readonly string[];
  readonly provenance: {
    /** The run the models are of; null before the first. */
    readonly runId: string | null;
    readonly masteryModelId: string;
    readonly modelId: string | null;
    readonly policy: string;
    readonly standingVersion: number;
  };
}

/** What a list is composed with beside the models, the standing and the wish. */
export interface ListContext {
  /** Of the enrolment; NaN when unknown. */
  readonly grade: number;
  readonly now: Date;
  /** Whether the family lets this kind of data be used. */
  readonly allowed: (dataClass: DataClass) => boolean;
  readonly policy: PlaylistPolicy;
  /** Names the list and is the seed of its draws: the same id, the same list. */
  readonly decisionId: string;
}

/** Composes a list from what is in memory: no query, no clock, no chance but that of the id. */
export function composeList(
  models: LiveModels,
  standing: Standing,
  ask: PlaylistAsk,
  overrides: readonly StoredOverride[],
  { grade, now, allowed, policy, decisionId }: ListContext,
): { playlist: LivePlaylist; minutes: number; places: readonly unknown[] } {
  const wallClock = now.getTime() + zoneOffset(models.timeZone, now.getTime());
  const { request, unknown } = toRequest(models, ask, overrides, { policy, wallClock });
  const state = learnerState(models, standing, { grade, at: wallClock, allowed });
  const list = assemblePlaylist(models.curriculum, state, request, policy, {
    knowledge: models.effects,
    rng: random(decisionId),
  });
  const { activities } = models.curriculum;
  const playlist: LivePlaylist = {
    decisionId,
    learner: ask.learner,
    minutes: list.minutes,
    rung: list.rung,
    empty: list.empty,
    headline: headline(list),
    items: list.items.map((item, at) => describeItem(models, state, item, at + 1, { policy, now: wallClock })),
    waiting: list.waiting.map(({ activity, key, reason }) => ({
      activity: activities[activity]!.activity,
      override: key,
      reason,
    })),
    unknown,
    provenance: {
      runId: models.runId,
      masteryModelId: models.masteryId,
      modelId: models.recommenderId,
      policy: policy.id,
      standingVersion: standing.version,
    },
  };
  return { playlist, minutes: request.minutes, places: placesOf(models, list.items) };
}

/** A place as the log keeps it: what could have been chosen, with what chance, and what was. */
function placesOf({ curriculum }: LiveModels, items: readonly PlaylistItem[]): readonly unknown[] {
  const idOf = (index: number): string => curriculum.activities[index]!.activity;
  return items.map(({ activity, draw, override }) => ({
    activity: idOf(activity),
    ...(override === null ? {} : { override: override.key }),
    ...(draw === null
      ? {}
      : { candidates: draw.candidates.map(idOf), propensities: draw.propensities, explored: draw.explored }),
  }));
}

/** The state the assembler reads. What a family does not let be used is not in it. */
function learnerState(
  models: LiveModels,
  standing: Standing,
  context: { readonly grade: number; readonly at: number; readonly allowed: (dataClass: DataClass) => boolean },
): LearnerState {
  const { curriculum, tracker, activityAt, standardAt } = models;
  const practice = context.allowed("practice");
  const goals = context.allowed("goals");
  const columns: EstimateColumns = estimateColumns(curriculum.standards.length);
  tracker.estimateAll(standing.tracker, context.at, columns);
  const completed = new Map<number, number>();
  if (practice) {
    for (const [activity, at] of standing.completed) {
      const index = activityAt.get(activity);
      if (index !== undefined) completed.set(index, at);
    }
  }
  const stated = goals
    ? { modality: mapOf(standing.modalities), setting: mapOf(standing.settings) }
    : { modality: new Map<string, number>(), setting: new Map<string, number>() };
  return {
    mastery: columns.mastery,
    success: columns.correctNext,
    evidence: columns.evidence,
    reviewDue: columns.reviewDue,
    stuck: columns.wheelSpinning,
    collaborative: collaborativeScores(models, completed),
    completed,
    lastStandard: practice ? (standardAt.get(standing.lastStandard ?? "") ?? -1) : -1,
    grade: context.grade,
    ...habitsOf(curriculum, completed.keys(), stated),
    interests: goals ? mapOf(standing.interests) : new Map(),
  };
}

const mapOf = (record: Readonly<Record<string, number>>): ReadonlyMap<string, number> =>
  new Map(Object.entries(record));

/** What similar students did next, by the index of the library; an activity the model never saw has the mean: nothing speaks for or against it. */
function collaborativeScores(models: LiveModels, completed: ReadonlyMap<number, number>): Float64Array {
  const { recommender, libraryIndex, curriculum } = models;
  const scores = new Float64Array(curriculum.activities.length);
  if (recommender === null) return scores;
  const raw = new Float64Array(recommender.activities.length);
  recommender.score({ activityIdx: historyOf(models, completed) }, raw);
  let sum = 0;
  let known = 0;
  for (let at = 0; at < raw.length; at++) {
    if (libraryIndex[at]! < 0) continue;
    sum += raw[at]!;
    known++;
  }
  scores.fill(known === 0 ? 0 : sum / known);
  for (let at = 0; at < raw.length; at++) if (libraryIndex[at]! >= 0) scores[libraryIndex[at]!] = raw[at]!;
  return scores;
}

function historyOf({ recommender, curriculum }: LiveModels, completed: ReadonlyMap<number, number>): Int32Array {
  const known = [...completed.keys()].flatMap((index) => {
    const at = recommender?.indexOf(curriculum.activities[index]!.activity);
    return at === undefined ? [] : [at];
  });
  return Int32Array.from(known).sort();
}

const NAMED_PEERS = 2; // past activities a reason names

function describeItem(
  models: LiveModels,
  state: LearnerState,
  item: PlaylistItem,
  position: number,
  when: { readonly policy: PlaylistPolicy; readonly now: number },
): LiveItem {
  const { curriculum, effects } = models;
  const { activity, title, standard, modality, setting, minutes } = curriculum.activities[item.activity]!;
  const evidence = {
    peersFrom: item.terms.collaborative > 0 ? peersFrom(models, state, item) : [],
    effectLearners: effects.completions[item.activity]!,
  };
  return {
    position,
    activity,
    title,
    standard: curriculum.standards[standard]!.standard,
    standardLabel: curriculum.standards[standard]!.label,
    modality,
    setting: setting ?? null,
    minutes,
    role: item.role,
    score: item.score,
    terms: item.terms,
    reasons: itemReasons(curriculum, state, item, evidence, when),
    override: item.override?.key ?? null,
    propensity: item.draw === null ? null : item.draw.propensities[item.draw.chosen]!,
  };
}

/** The learner's own past activities that speak most for this one, by title. */
function peersFrom(models: LiveModels, { completed }: LearnerState, item: PlaylistItem): string[] {
  const { recommender, curriculum, libraryIndex } = models;
  const target = recommender?.indexOf(curriculum.activities[item.activity]!.activity);
  if (recommender === null || target === undefined) return [];
  const activityIdx = historyOf(models, completed);
  const terms = new Float64Array(activityIdx.length);
  recommender.explain({ activityIdx }, target, terms);
  return Array.from(activityIdx, (activity, at) => ({ activity, term: terms[at]! }))
    .filter(({ term, activity }) => term > 0 && libraryIndex[activity]! >= 0)
    .sort((a, b) => b.term - a.term || a.activity - b.activity)
    .slice(0, NAMED_PEERS)
    .map(({ activity }) => curriculum.activities[libraryIndex[activity]!]!.title);
}
