import { CairnError } from "../../../errors.ts";
import { zoneOffset } from "../../../records/import/core/time-zone.ts";
import { wayTo } from "../curriculum.ts";
import type { StoredOverride } from "../overrides.ts";
import type { PlaylistPolicy } from "../policy.ts";
import type { Override, PlaylistRequest } from "../request.ts";
import type { LiveModels } from "./models.ts";

/** What a platform asks for. */
export interface PlaylistAsk {
  /** The district's own number of the learner. */
  readonly learner: string;
  /** Minutes there are; the policy's when absent. */
  readonly minutes?: number;
  /** What to work towards: standards, or a subject and grades as a course has them. */
  readonly goal?: {
    readonly standards?: readonly string[];
    readonly course?: { readonly subject?: string; readonly grades?: readonly string[] };
  };
  /** Where or with whom: alone, small-group, home … */
  readonly setting?: string;
  /** Only these activities. */
  readonly candidates?: readonly string[];
  /** Not these, this once. */
  readonly exclude?: readonly string[];
}

/**
 * A request in the indices of the library.
 * @returns the request, and the ids that the library does not have
 * @throws CairnError `BAD_INPUT` for a goal of which the library knows nothing
 */
export function toRequest(
  models: LiveModels,
  ask: PlaylistAsk,
  overrides: readonly StoredOverride[],
  { policy, wallClock }: { readonly policy: PlaylistPolicy; readonly wallClock: number },
): { request: PlaylistRequest; unknown: string[] } {
  const unknown: string[] = [];
  const activityOf = (id: string): number[] => {
    const index = models.activityAt.get(id);
    if (index === undefined) unknown.push(id);
    return index === undefined ? [] : [index];
  };
  const asked = ask.candidates?.flatMap(activityOf);
  const excluded = new Set((ask.exclude ?? []).flatMap((id) => models.activityAt.get(id) ?? []));
  const candidates =
    asked === undefined && excluded.size === 0
      ? undefined
      : (asked ?? models.curriculum.activities.map((_, index) => index)).filter((index) => !excluded.has(index));
  const goal = goalOf(models, ask.goal, unknown);
  const request: PlaylistRequest = {
    minutes: ask.minutes ?? policy.minutes,
    now: wallClock,
    overrides: overrides.flatMap((one) => toOverride(models, one)),
    ...(goal === undefined ? {} : { goal }),
    ...(ask.setting === undefined ? {} : { setting: ask.setting }),
    ...(candidates === undefined ? {} : { candidates }),
  };
  return { request, unknown };
}

function goalOf(models: LiveModels, goal: PlaylistAsk["goal"], unknown: string[]): ReadonlySet<number> | undefined {
  if (goal === undefined) return undefined;
  const chosen: number[] = [];
  for (const standard of goal.standards ?? []) {
    const index = models.standardAt.get(standard);
    if (index === undefined) unknown.push(standard);
    else chosen.push(index);
  }
  const { course } = goal;
  if (course !== undefined) {
    const grades = course.grades?.map(Number);
    for (const [index, { subject, grade }] of models.subjects.entries()) {
      if (course.subject !== undefined && subject?.toLowerCase() !== course.subject.toLowerCase()) continue;
      if (grades !== undefined && !grades.includes(Number(grade ?? Number.NaN))) continue;
      chosen.push(index);
    }
  }
  if (chosen.length === 0) {
    throw new CairnError("BAD_INPUT", "expected a goal of standards that the library has, got none of them", {
      hint: "name standards by the ids of the framework, or a course by its subject and grades",
      details: { unknown },
    });
  }
  return wayTo(models.curriculum, chosen);
}

/** A decision in indices; one about something that is no longer in the library says nothing. */
function toOverride({ activityAt, standardAt, timeZone }: LiveModels, stored: StoredOverride): Override[] {
  const activity = stored.activity === null ? -1 : activityAt.get(stored.activity);
  const standard = stored.standard === null ? -1 : standardAt.get(stored.standard);
  if (activity === undefined || standard === undefined) return [];
  const { key, kind, position, reason, decidedBy, until } = stored;
  const instant = Date.parse(stored.decidedAt);
  const decidedAt = instant + zoneOffset(timeZone, instant);
  return [{ key, kind, activity, standard, position, reason, decidedBy, decidedAt, until }];
}
