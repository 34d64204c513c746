import type { Random } from "../../numeric/random.ts";
import type { Curriculum } from "./curriculum.ts";
import type { Gate, GateKeeper } from "./gates.ts";
import { gateKeeper, gateOf } from "./gates.ts";
import type { LearnerState } from "./learner.ts";
import type { PlaylistPolicy } from "./policy.ts";
import type { Override, PlaylistRequest } from "./request.ts";
import type { Candidate, Draw, Place } from "./select.ts";
import { selectPlaces } from "./select.ts";
import type { ActivityKnowledge, Terms } from "./utility.ts";
import { termsOf, worthOf } from "./utility.ts";

/** One chosen activity with the terms behind it. */
export interface PlaylistItem {
  readonly activity: number;
  readonly score: number;
  readonly terms: Terms;
  /** `new` work, a `review` that is due or helps to keep, work done before that was not enough (`again`), or work `ahead`. */
  readonly role: "new" | "review" | "again" | "ahead";
  /** Whose decision put it here; null: the engine's. */
  readonly override: Override | null;
  /** How the place was filled; null where nothing was chosen: a pinned place has propensity 1 and is left out of estimates. */
  readonly draw: Draw | null;
}

/** Which step of the fallback ladder was needed; `empty` when none helped. */
export type Rung = "gated" | "again" | "ahead" | "review" | "pinned" | "empty";

/** Why the engine chose nothing: an empty library or choice, no time beside the pins, or what closed most activities. */
export type EmptyReason = "no-library" | "no-time" | "banned" | "too-long" | "off-goal" | "prerequisites" | "setting";

/** A playlist and how it came to be. */
export interface Playlist {
  readonly items: readonly PlaylistItem[];
  readonly minutes: number;
  readonly rung: Rung;
  /** Why the engine chose nothing; null when it did. */
  readonly empty: EmptyReason | null;
  /** Pinned or required, and no room for it today. */
  readonly waiting: readonly Override[];
}

const nothing: ActivityKnowledge = { effect: new Float64Array(0) };

/**
 * Puts a playlist together. First what teachers decided: pins and required work in their order while the minutes last, bans
 * never. Then gates, before any score, so that an activity whose prerequisites are not mastered cannot appear; then the best by
 * value, place by place. When the gates leave nothing new, what was done and not been enough comes again, then what lies
 * ahead of the grade, then reviews. Never more minutes than there are, for teachers either: what does not fit waits.
 * Without `knowledge` nothing is known of what activities taught; without `rng` no place is drawn by lot.
 * @see recommenders handbook 2.6 and 2.7
 */
export function assemblePlaylist(
  curriculum: Curriculum,
  learner: LearnerState,
  request: PlaylistRequest,
  policy: PlaylistPolicy,
  { knowledge = nothing, rng }: { readonly knowledge?: ActivityKnowledge; readonly rng?: Random } = {},
): Playlist {
  const keeper = gateKeeper(curriculum, learner, request, policy);
  const gates = curriculum.activities.map((_, index) => gateOf(keeper, index));
  const effect = knowledge.effect.length === 0 ? new Float64Array(gates.length) : knowledge.effect;
  const { pinned, waiting } = pinnedFirst(keeper, { effect });
  const taken = pinned.map(({ activity }) => activity);
  for (const { rung, main, beside } of ladder) {
    if (!gates.some((gate, index) => main.includes(gate) && !taken.includes(index))) continue;
    const among = gates.flatMap((gate, index) =>
      (main.includes(gate) || beside.includes(gate)) && !taken.includes(index) ? [index] : [],
    );
    const terms = termsOf(curriculum, learner, request, policy, { effect }, among);
    const candidates = among.map(
      (activity, at): Candidate => ({ activity, terms: terms[at]!, review: beside.includes(gates[activity]!) }),
    );
    const { minutes } = request;
    const places = selectPlaces({ curriculum, learner, policy, minutes, taken, candidates, ...(rng && { rng }) });
    if (places.length === 0) continue;
    const chosen = places.map((place) => itemOf(place, gates[place.activity]!));
    const onlyAgain = chosen.every(({ role }) => role === "again" || role === "review");
    const items = [...pinned, ...chosen];
    const reached = rung === "gated" && onlyAgain ? "again" : rung;
    return { items, minutes: minutesOf(curriculum, items), rung: reached, empty: null, waiting };
  }
  const empty = whyEmpty(gates);
  const rung = pinned.length > 0 ? "pinned" : "empty";
  return { items: pinned, minutes: minutesOf(curriculum, pinned), rung, empty, waiting };
}

/** What each rung of the ladder is for, and what comes beside it: reviews that are due, within their share of the minutes. */
const ladder: readonly { readonly rung: Rung; readonly main: readonly Gate[]; readonly beside: readonly Gate[] }[] = [
  { rung: "gated", main: ["open", "again"], beside: ["review"] },
  { rung: "again", main: ["recent"], beside: ["review"] },
  { rung: "ahead", main: ["ahead"], beside: ["review"] },
  { rung: "review", main: ["review", "known"], beside: [] },
];

const roles: Readonly<Partial<Record<Gate, PlaylistItem["role"]>>> = {
  review: "review",
  known: "review",
  again: "again",
  recent: "again",
  ahead: "ahead",
};

function itemOf({ activity, terms, score, draw }: Place, gate: Gate): PlaylistItem {
  return { activity, terms, score, role: roles[gate] ?? "new", override: null, draw };
}

/** What teachers want on the list, in order, as far as the minutes go. Done since is done. */
function pinnedFirst(
  { curriculum, learner, policy, request }: GateKeeper,
  knowledge: ActivityKnowledge,
): { pinned: PlaylistItem[]; waiting: Override[] } {
  const wanted = [...standing(curriculum, request.overrides ?? []).values()].filter(
    ({ activity, decidedAt }) => !((learner.completed.get(activity) ?? Number.NEGATIVE_INFINITY) >= decidedAt),
  );
  wanted.sort(
    (a, b) =>
      (a.position ?? MANY) - (b.position ?? MANY) ||
      Number(b.kind === "require") - Number(a.kind === "require") ||
      a.decidedAt - b.decidedAt,
  );
  const pinned: PlaylistItem[] = [];
  const waiting: Override[] = [];
  let minutes = 0;
  for (const override of wanted) {
    const { activity } = override;
    const needed = curriculum.activities[activity]!.minutes;
    if (minutes + needed > request.minutes) {
      waiting.push(override);
      continue;
    }
    minutes += needed;
    const [terms] = termsOf(curriculum, learner, request, policy, knowledge, [activity]);
    pinned.push({ activity, score: worthOf(terms!), terms: terms!, role: "new", override, draw: null });
  }
  return { pinned, waiting };
}

const MANY = Number.MAX_SAFE_INTEGER; // without a place: after all that have one

/** The pins and requirements in force by activity: of two decisions the later one counts. */
function standing({ activities }: Curriculum, overrides: readonly Override[]): Map<number, Override> {
  const latest = new Map<number, Override>();
  for (const override of overrides) {
    if (override.kind !== "ban") latest.set(override.activity, override);
    else if (override.activity >= 0) latest.delete(override.activity);
    else for (const at of latest.keys()) if (activities[at]!.standard === override.standard) latest.delete(at);
  }
  return latest;
}

function minutesOf(curriculum: Curriculum, items: readonly PlaylistItem[]): number {
  return items.reduce((total, { activity }) => total + curriculum.activities[activity]!.minutes, 0);
}

/** What stood in the way of most activities; where some are within reach, the pins left no time for them. */
function whyEmpty(gates: readonly Gate[]): EmptyReason {
  const ways = ["banned", "too-long", "off-goal", "prerequisites", "setting"] as const;
  const closed = gates.filter((gate) => gate !== "not-asked");
  if (closed.length === 0) return "no-library";
  if (closed.some((gate) => !(ways as readonly string[]).includes(gate))) return "no-time";
  const count = (way: Gate): number => closed.filter((gate) => gate === way).length;
  return ways.reduce((most, way) => (count(way) > count(most) ? way : most));
}
