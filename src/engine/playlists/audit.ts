import { CairnError } from "../../errors.ts";
import type { Random } from "../../numeric/random.ts";

/** What one learner's lists held, and which group she is counted in. Groups are audited and never chosen by. */
export interface Exposure {
  readonly group: string;
  /** Minutes of all her lists, and of what is of her grade or above. */
  readonly minutes: number;
  readonly gradeMinutes: number;
}

/** What a group's lists expect of it. */
export interface GroupExposure {
  readonly group: string;
  readonly learners: number;
  /** Share of the minutes at grade level or above, beside the same of everybody else; undefined, and why, for too few learners. */
  readonly rigor:
    | {
        readonly status: "defined";
        readonly share: number;
        readonly others: number;
        /** share − others with its 95 % interval by bootstrap over learners. */
        readonly difference: number;
        readonly low: number;
        readonly high: number;
        /** The interval lies below −tolerance: less is expected of this group, and somebody must look. */
        readonly lowered: boolean;
      }
    | { readonly status: "undefined"; readonly reason: string };
}

const FEWEST_LEARNERS = 10; // of a group and of the others: below, a share says more about persons than about a group
const DRAWS = 1000;
const TOLERANCE = 0.05; // of the share of minutes

/**
 * Whether lists expect less of a group than of the others: the share of minutes at grade level or above, learners drawn with
 * replacement (bootstrap, percentile interval). The rigor floor is the same number for everybody; what differs is what is open
 * to whom, and that is what this shows.
 * @throws CairnError `BAD_INPUT` when minutes are below 0 or less than those at grade level
 */
export function auditRigor(exposures: readonly Exposure[], rng: Random): GroupExposure[] {
  for (const { minutes, gradeMinutes } of exposures) {
    if (gradeMinutes >= 0 && minutes >= gradeMinutes && Number.isFinite(minutes)) continue;
    throw new CairnError(
      "BAD_INPUT",
      `expected minutes of which some are at grade level, got ${gradeMinutes} of ${minutes}`,
    );
  }
  const served = exposures.filter(({ minutes }) => minutes > 0);
  return [...new Set(served.map(({ group }) => group))].sort().map((group): GroupExposure => {
    const own = served.filter((one) => one.group === group);
    const others = served.filter((one) => one.group !== group);
    if (own.length < FEWEST_LEARNERS || others.length < FEWEST_LEARNERS) {
      const reason = `expected ${FEWEST_LEARNERS} learners in the group and outside, got ${own.length} and ${others.length}`;
      return { group, learners: own.length, rigor: { status: "undefined", reason } };
    }
    const draws = Array.from({ length: DRAWS }, () => drawnShare(own, rng) - drawnShare(others, rng)).sort(
      (a, b) => a - b,
    );
    const [low, high] = [draws[Math.floor(0.025 * DRAWS)]!, draws[Math.ceil(0.975 * DRAWS) - 1]!];
    const [share, rest] = [shareOf(own), shareOf(others)];
    const lowered = high < -TOLERANCE;
    const rigor = { status: "defined" as const, share, others: rest, difference: share - rest, low, high, lowered };
    return { group, learners: own.length, rigor };
  });
}

function shareOf(exposures: readonly Exposure[]): number {
  let minutes = 0;
  let gradeMinutes = 0;
  for (const one of exposures) {
    minutes += one.minutes;
    gradeMinutes += one.gradeMinutes;
  }
  return gradeMinutes / minutes;
}

function drawnShare(exposures: readonly Exposure[], rng: Random): number {
  let minutes = 0;
  let gradeMinutes = 0;
  for (let draw = 0; draw < exposures.length; draw++) {
    const one = exposures[rng.integer(exposures.length)]!;
    minutes += one.minutes;
    gradeMinutes += one.gradeMinutes;
  }
  return gradeMinutes / minutes;
}
