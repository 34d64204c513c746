import { ndcgScore, noveltyScore } from "../../../numeric/metrics/ranking.ts";
import type { Random } from "../../../numeric/random.ts";
import { type Figure, figureOf } from "../../evaluation/evaluation.ts";
import { type Interval, meanOf, percentileInterval, resampleMeans } from "./intervals.ts";
import { countUsers, type RankedLists, valuesOf } from "./measure.ts";
import type { PlaylistSplit } from "./split.ts";

const FEWEST = 10; // users of a group, and of all others: figures of fewer would be figures about persons

/** Who belongs where. */
export interface Subgroups {
  /** Shape (users); undefined for a user whose group nobody told. */
  readonly ofUser: readonly (string | undefined)[];
  /** Shape (items), such as a modality or a level; absent when exposure is not asked for. */
  readonly ofItem?: readonly (string | undefined)[];
}

/** How the lists of one group of users compare with those of all others. */
export interface SubgroupFigures {
  /** With something held out. */
  readonly users: number;
  readonly ndcg: number;
  readonly interval: Interval;
  /** NDCG of the group less that of all others. */
  readonly difference: number;
  readonly differenceInterval: Interval;
  readonly novelty: Figure;
  /** (mean popularity of the lists − of the histories)/of the histories, users weighing alike. */
  readonly popularityLift: Figure;
  /** By kind of item: the mean share of discounted places (Σ 1/log₂(rank + 1)) it has in the group's lists and in others'. */
  readonly exposure?: Readonly<Record<string, ExposureFigures>>;
}

/** What part of the lists one kind of item has. */
export interface ExposureFigures {
  readonly share: number;
  readonly ofOthers: number;
  /** Of the difference of the shares. */
  readonly differenceInterval: Interval;
}

/** The audit of one model's lists by subgroup. */
export interface SubgroupAudit {
  readonly cutOff: number;
  readonly groups: Readonly<Record<string, SubgroupFigures>>;
  /** Groups with fewer than ten users, or against fewer than ten others: nothing is told of them. */
  readonly withheld: readonly string[];
  readonly usersWithoutGroup: number;
}

/**
 * Compares every group's lists with those of all other users with a group: quality, novelty, popularity and exposure, with 95 %
 * intervals by bootstrap over users, each side drawn for itself.
 * @param ranked - the lists of one model
 * @param k - cut-off
 */
export function auditSubgroups(
  split: PlaylistSplit,
  ranked: RankedLists,
  subgroups: Subgroups,
  k: number,
  rng: Random,
): SubgroupAudit {
  const judged = Array.from(ranked.users.keys()).filter((i) => split.test[ranked.users[i]!]!.length > 0);
  const groupOf = (i: number): string | undefined => subgroups.ofUser[ranked.users[i]!];
  const known = judged.filter((i) => groupOf(i) !== undefined);
  const names = [...new Set(known.map((i) => groupOf(i)!))].sort((a, b) => (a < b ? -1 : 1));
  const sides = names.map((name) => ({
    name,
    own: take(
      ranked,
      known.filter((i) => groupOf(i) === name),
    ),
    others: take(
      ranked,
      known.filter((i) => groupOf(i) !== name),
    ),
  }));
  const shown = sides.filter(({ own, others }) => Math.min(own.users.length, others.users.length) >= FEWEST);
  return {
    cutOff: k,
    groups: Object.fromEntries(
      shown.map(({ name, own, others }) => [name, compare(split, own, others, subgroups.ofItem, k, rng.derive(name))]),
    ),
    withheld: sides.filter((side) => !shown.includes(side)).map(({ name }) => name),
    usersWithoutGroup: judged.length - known.length,
  };
}

function take({ users, lists }: RankedLists, places: readonly number[]): RankedLists {
  return { users: Int32Array.from(places, (i) => users[i]!), lists: places.map((i) => lists[i]!) };
}

function compare(
  split: PlaylistSplit,
  own: RankedLists,
  others: RankedLists,
  kinds: readonly (string | undefined)[] | undefined,
  k: number,
  rng: Random,
): SubgroupFigures {
  const counts = countUsers(split);
  const gains = valuesOf(own, split.test, ndcgScore, k);
  const otherGains = valuesOf(others, split.test, ndcgScore, k);
  const drawn = resampleMeans([gains], rng.derive("ndcg"))[0]!;
  return {
    users: own.users.length,
    ndcg: meanOf(gains),
    interval: percentileInterval(drawn, gains.length),
    difference: meanOf(gains) - meanOf(otherGains),
    differenceInterval: differenceInterval(gains, otherGains, rng.derive("ndcg")),
    novelty: figureOf(noveltyScore(own.lists, counts, split.train.length, k)),
    popularityLift: popularityLift(split, own, counts, k),
    ...(kinds === undefined ? {} : { exposure: exposureOf(own, others, kinds, k, rng) }),
  };
}

function differenceInterval(own: Float64Array, others: Float64Array, rng: Random): Interval {
  const a = resampleMeans([own], rng)[0]!;
  const b = resampleMeans([others], rng.derive("others"))[0]!;
  return percentileInterval(
    a.map((mean, draw) => mean - b[draw]!),
    Math.min(own.length, others.length),
  );
}

function popularityLift({ train }: PlaylistSplit, own: RankedLists, counts: Int32Array, k: number): Figure {
  const mean = (items: Int32Array): number => items.reduce((sum, item) => sum + counts[item]!, 0) / items.length;
  let [listed, had, users] = [0, 0, 0];
  for (const [i, user] of own.users.entries()) {
    const list = own.lists[i]!.subarray(0, k).filter((item) => item >= 0);
    if (list.length === 0 || train[user]!.length === 0) continue;
    listed += mean(list);
    had += mean(train[user]!);
    users++;
  }
  return users === 0 ? { status: "undefined", reason: "nobody has a history and a list" } : listed / had - 1;
}

function exposureOf(
  own: RankedLists,
  others: RankedLists,
  kinds: readonly (string | undefined)[],
  k: number,
  rng: Random,
): Readonly<Record<string, ExposureFigures>> {
  const names = [...new Set(kinds.filter((kind) => kind !== undefined))].sort((a, b) => (a < b ? -1 : 1));
  return Object.fromEntries(
    names.map((name) => {
      const [a, b] = [sharesOf(own, kinds, name, k), sharesOf(others, kinds, name, k)];
      const interval = differenceInterval(a, b, rng.derive(name));
      return [name, { share: meanOf(a), ofOthers: meanOf(b), differenceInterval: interval }];
    }),
  );
}

/** Per user, the part of the list's discounted places that this kind of item has; 0 of an empty list. */
function sharesOf(
  { lists }: RankedLists,
  kinds: readonly (string | undefined)[],
  name: string,
  k: number,
): Float64Array {
  return Float64Array.from(lists, (list) => {
    let [kind, all] = [0, 0];
    for (let rank = 1; rank <= Math.min(k, list.length); rank++) {
      const item = list[rank - 1]!;
      if (item < 0) break;
      const place = 1 / Math.log2(rank + 1);
      all += place;
      if (kinds[item] === name) kind += place;
    }
    return all === 0 ? 0 : kind / all;
  });
}
