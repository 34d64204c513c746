import type { MotivationProfile } from "../../features/describe-motivation.ts";
import { profileOf } from "../../features/describe-motivation.ts";
import { kinds, PRIOR_TRIES } from "../../features/families/motivation.ts";
import type { RecordRow } from "../../records/disclosure/record-document.ts";

/** How an activity or item is worked on. */
export interface WayOfWorking {
  readonly modality: string | null;
  readonly setting: string | null;
}

/** What the profile is made from: one learner's own answers, activities and stated likings. */
export interface ProfileRecords {
  /** Rows of `item_response`. */
  readonly answers: readonly RecordRow[];
  /** Rows of `activity_event`. */
  readonly events: readonly RecordRow[];
  /** Rows of `preference`, the newest of each kind and value. */
  readonly likings: readonly RecordRow[];
  readonly ways: ReadonlyMap<string, WayOfWorking>;
}

/**
 * The motivational profile of one learner from her own record: the cells of the feature family `motivation`, shrunk towards her
 * own average by the same tries, said in the same words. The average of the district takes no part, because nobody else's record is read.
 */
export function profileOfRecord({ answers, events, likings, ways }: ProfileRecords): MotivationProfile {
  const cells = new Map<string, number>();
  const tries = answers.flatMap(({ item, correct }) =>
    typeof correct === "number" ? [{ activity: String(item), share: correct }] : [],
  );
  fill(cells, "success", tries, ways);
  fill(cells, "persistence", begunActivities(events), ways);
  for (const { kind, value, strength } of likings)
    cells.set(
      `preference_${stemOf(String(kind), String(value).toLowerCase())}`,
      strength === null ? 1 : Number(strength),
    );
  return profileOf((name) => cells.get(name) ?? Number.NaN);
}

interface Try {
  readonly activity: string;
  readonly share: number;
}

/** Every activity once: 1 when it was completed ever. */
function begunActivities(events: readonly RecordRow[]): Try[] {
  const done = new Map<string, number>();
  for (const { activity, verb } of events) {
    if (activity === null || activity === undefined) continue;
    done.set(String(activity), Math.max(done.get(String(activity)) ?? 0, verb === "completed" ? 1 : 0));
  }
  return [...done].map(([activity, share]) => ({ activity, share }));
}

function fill(
  cells: Map<string, number>,
  what: "success" | "persistence",
  tries: readonly Try[],
  ways: ReadonlyMap<string, WayOfWorking>,
): void {
  const own = tries.reduce((sum, { share }) => sum + share, 0) / tries.length;
  for (const { aspect, value, stem } of kinds) {
    const there = tries.filter(({ activity }) => ways.get(activity)?.[aspect] === value);
    if (there.length === 0) continue;
    const credit = there.reduce((sum, { share }) => sum + share, 0);
    cells.set(`${what}_${stem}`, (credit + PRIOR_TRIES * own) / (there.length + PRIOR_TRIES));
    cells.set(`${what}_${stem}_tries`, there.length);
  }
}

const stemOf = (aspect: string, value: string): string => `${aspect}_${value.replaceAll("-", "_")}`;
