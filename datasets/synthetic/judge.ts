import type { Measured } from "../../src/numeric/measured.ts";
import { areaUnderRocScore } from "../../src/numeric/metrics/area-under-roc.ts";
import { precisionAtTop } from "../../src/numeric/metrics/precision-at-top.ts";
import { random } from "../../src/numeric/random.ts";
import { standardFacts } from "./standards-data.ts";
import type { DistrictTruth } from "./truth.ts";

/** How a ranking did against how the year truly ends. */
export interface RankingVerdict {
  /** Scored learners whose year ends in a known way (transfers are censored), and how many of them leave the track. */
  readonly learners: number;
  readonly offTrack: number;
  readonly auc: Measured;
  /** The same learners ranked by their true probability: nobody can do better than by luck. */
  readonly oracleAuc: Measured;
  /** Standard error of `auc` (Hanley and McNeil 1982), so that "better than chance" has a size. */
  readonly aucStandardError: number;
  /** Of the `capacity` ranked first, the share that leaves the track; beside it the oracle's share and the base rate. */
  readonly capacity: number;
  readonly precisionAtCapacity: number;
  readonly oraclePrecisionAtCapacity: number;
  readonly baseRate: number;
}

/**
 * Judges a ranking of the year under way by the truth.
 * @param scores - probability by the district's number of the learner; learners without a number are left out
 * @param capacity - how many learners a counselor can see
 */
export function judgeRanking(
  truth: DistrictTruth,
  year: string,
  scores: ReadonlyMap<string, number>,
  capacity: number,
): RankingVerdict {
  const { learners } = truth;
  const rows = learners.studentId.flatMap((id, row) =>
    learners.year[row] === year &&
    learners.offTrack[row]! >= 0 &&
    scores.has(id) &&
    !Number.isNaN(learners.probabilityOffTrack[row]!)
      ? [row]
      : [],
  );
  const labels = Uint8Array.from(rows, (row) => learners.offTrack[row]!);
  const model = Float64Array.from(rows, (row) => scores.get(learners.studentId[row]!)!);
  const oracle = Float64Array.from(rows, (row) => learners.probabilityOffTrack[row]!);
  const positives = labels.reduce((total, label) => total + label, 0);
  const auc = areaUnderRocScore(labels, model);
  const k = Math.min(capacity, rows.length);
  const precision = (by: Float64Array): number => {
    const measured = precisionAtTop(labels, by, k);
    return measured.status === "defined" ? measured.value : Number.NaN;
  };
  return {
    learners: rows.length,
    offTrack: positives,
    auc,
    oracleAuc: areaUnderRocScore(labels, oracle),
    aucStandardError:
      auc.status === "defined" ? hanleyMcNeil(auc.value, positives, rows.length - positives) : Number.NaN,
    capacity: k,
    precisionAtCapacity: precision(model),
    oraclePrecisionAtCapacity: precision(oracle),
    baseRate: positives / rows.length,
  };
}

/** @see Hanley and McNeil (1982), Radiology 143(1), eq. 1 and 2 */
function hanleyMcNeil(auc: number, positives: number, negatives: number): number {
  const q1 = auc / (2 - auc);
  const q2 = (2 * auc * auc) / (1 + auc);
  const variance = auc * (1 - auc) + (positives - 1) * (q1 - auc * auc) + (negatives - 1) * (q2 - auc * auc);
  return Math.sqrt(variance / (positives * negatives));
}

/** How activities were spent: by the truth about the learner, not by what cairn believes. */
export interface PlaylistShares {
  /** Share on a standard the learner has not mastered and whose prerequisites the learner has mastered. */
  readonly worthwhile: number;
  /** Share on a standard the learner has mastered already: time taken. */
  readonly alreadyMastered: number;
  /** Share that rests on a prerequisite the learner has not mastered. */
  readonly outOfReach: number;
}

/** How playlists did, beside the same number of activities drawn by lot for the same learners. */
export interface PlaylistVerdict extends PlaylistShares {
  readonly learners: number;
  readonly activities: number;
  readonly byLot: PlaylistShares;
}

/**
 * Judges playlists by the truth about each learner on the day of the export.
 * @param playlists - activity ids by the district's number of the learner
 */
export function judgePlaylists(
  truth: DistrictTruth,
  playlists: ReadonlyMap<string, readonly string[]>,
  seed: string | number,
): PlaylistVerdict {
  const { abilities } = truth;
  const rowOf = new Map(abilities.studentIds.map((id, row) => [id, row]));
  const columnOf = new Map(abilities.standards.map((standard, column) => [standard, column]));
  const library = [...truth.teachingEffect.keys()];
  const prerequisites = new Map(standardFacts.map((standard) => [standard.code, standard.requires]));
  const chosen = newTally();
  const byLot = newTally();
  const lot = random(seed).derive("by lot");
  let learners = 0;
  for (const [id, activities] of playlists) {
    const row = rowOf.get(id);
    if (row === undefined) continue;
    learners++;
    const masters = (standard: string): boolean =>
      abilities.mastered[row * abilities.standards.length + columnOf.get(standard)!] === 1;
    const draws = lot.derive(id);
    for (const activity of activities) {
      count(chosen, standardOf(activity), masters, prerequisites);
      count(byLot, standardOf(library[draws.integer(library.length)]!), masters, prerequisites);
    }
  }
  return { learners, activities: chosen.total, ...shares(chosen), byLot: shares(byLot) };
}

/** The generator names an activity after its standard: act-<standard>-<number>. */
const standardOf = (activity: string): string => activity.slice("act-".length, activity.lastIndexOf("-"));

interface Tally {
  total: number;
  worthwhile: number;
  alreadyMastered: number;
  outOfReach: number;
}

const newTally = (): Tally => ({ total: 0, worthwhile: 0, alreadyMastered: 0, outOfReach: 0 });

function count(
  tally: Tally,
  standard: string,
  masters: (standard: string) => boolean,
  prerequisites: ReadonlyMap<string, readonly string[]>,
): void {
  tally.total++;
  const reachable = (prerequisites.get(standard) ?? []).every(masters);
  if (!reachable) tally.outOfReach++;
  if (masters(standard)) tally.alreadyMastered++;
  else if (reachable) tally.worthwhile++;
}

function shares(tally: Tally): PlaylistShares {
  return {
    worthwhile: tally.worthwhile / tally.total,
    alreadyMastered: tally.alreadyMastered / tally.total,
    outOfReach: tally.outOfReach / tally.total,
  };
}
