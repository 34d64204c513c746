import { readMoment } from "../core/values.ts";
import type { JsonObject } from "../json.ts";
import { isObject, kebab, lastPart, listOf, numberOf, textOf } from "../json.ts";

/** What a statement says that features need: something done, or an answer to an item. */
export type Evidence =
  | {
      readonly table: "activity_event";
      readonly activity: string | null;
      readonly verb: string;
      readonly kind: string | null;
      /** `YYYY-MM-DD HH:MM:SS.mmm`. */
      readonly at: string;
      readonly seconds: number | null;
      readonly sensor: string | null;
      readonly object: string | null;
      readonly score: number | null;
      readonly success: boolean | null;
      readonly completion: boolean | null;
      readonly session: string | null;
    }
  | {
      readonly table: "item_response";
      readonly item: string;
      /** Addresses among which the standard of the item may be. */
      readonly alignedWith: readonly string[];
      readonly answeredAt: string;
      readonly correct: number | null;
      readonly attempts: number | null;
      readonly hints: number | null;
      readonly seconds: number | null;
    };

/** cmi5 (9.3) and ADL verbs that say the activity was completed or passed even when the result does not repeat it. */
const meanings: Readonly<Record<string, { completion?: boolean; success?: boolean }>> = {
  completed: { completion: true },
  passed: { success: true },
  failed: { success: false },
  mastered: { success: true },
  satisfied: { completion: true },
  waived: { completion: true },
};

/** The time zone part of a moment is given to {@link readMoment}; what it answers is kept as it is. */
type MomentReader = (text: string) => string | undefined;

/**
 * What a checked statement says as evidence. An answer (`answered`, or the verb `passed` or `failed` about an interaction) is an
 * item response, everything else an activity event. Statements about statements and voidings are none.
 * @param masteryScore - cmi5: the scaled score from which the activity counts as passed, used when the result does not say
 */
export function evidenceOf(
  statement: JsonObject,
  { masteryScore, readAt = readMoment }: { masteryScore?: number | undefined; readAt?: MomentReader } = {},
): Evidence | undefined {
  const object = statement.object as JsonObject;
  const kind = object.objectType ?? "Activity";
  if (kind === "StatementRef" || kind === "SubStatement") return undefined;
  const at = readAt(withZone(textOf(statement.timestamp) ?? textOf(statement.stored) ?? ""));
  if (at === undefined) return undefined;
  const verb = kebab(lastPart(String((statement.verb as JsonObject).id)));
  const said = outcomeOf(statement, verb, masteryScore);
  const definition = isObject(object.definition) ? object.definition : {};
  const id = kind === "Activity" ? String(object.id) : null;
  if (id !== null && isAnswer(verb, definition)) return answerOf(statement, id, at, said);
  const context = (statement.context ?? {}) as JsonObject;
  return {
    table: "activity_event",
    activity: id === null ? null : ownPart(id),
    verb,
    kind: typeof definition.type === "string" ? kebab(lastPart(definition.type)) : null,
    at,
    sensor: textOf(context.platform),
    object: id,
    session: textOf(context.registration),
    ...said,
  };
}

interface Outcome {
  readonly score: number | null;
  readonly success: boolean | null;
  readonly completion: boolean | null;
  readonly seconds: number | null;
}

/** What the result says, else what the verb means, else what the score says beside the mastery score. */
function outcomeOf(statement: JsonObject, verb: string, masteryScore: number | undefined): Outcome {
  const result = (statement.result ?? {}) as JsonObject;
  const score = scoreOf(result.score);
  const meaning = meanings[verb] ?? {};
  const byScore = masteryScore === undefined || score === null ? null : score >= masteryScore;
  return {
    score,
    success: truthOf(result.success) ?? meaning.success ?? byScore,
    completion: truthOf(result.completion) ?? meaning.completion ?? null,
    seconds: secondsOf(textOf(result.duration)),
  };
}

function answerOf(statement: JsonObject, id: string, at: string, { score, success, seconds }: Outcome): Evidence {
  const result = (statement.result ?? {}) as JsonObject;
  const partly = score !== null && score > 0 && score < 1;
  return {
    table: "item_response",
    item: ownPart(id),
    alignedWith: alignmentsOf((statement.context ?? {}) as JsonObject),
    answeredAt: at,
    correct: success === null || partly ? score : Number(success),
    attempts: countOf(result, "attempt"),
    hints: countOf(result, "hint"),
    seconds,
  };
}

function isAnswer(verb: string, definition: JsonObject): boolean {
  return (
    verb === "answered" || (typeof definition.interactionType === "string" && (verb === "passed" || verb === "failed"))
  );
}

/** A moment without a zone is in UTC: 1.0.3 asks for a zone, and that is what it recommends. */
function withZone(moment: string): string {
  const short = /([+-]\d{2})$/.exec(moment);
  if (short !== null && moment.includes("T") && moment.lastIndexOf(short[1]!) > 10) return `${moment}:00`;
  return /(?:Z|[+-]\d{2}:?\d{2})$/i.test(moment) || moment === "" ? moment : `${moment}Z`;
}

/** A score from 0 to 1: as scaled (below 0 counts as 0), else where raw lies between min and max. */
function scoreOf(score: unknown): number | null {
  if (!isObject(score)) return null;
  const scaled = numberOf(score.scaled);
  if (scaled !== null) return Math.max(0, scaled);
  const [raw, min, max] = [numberOf(score.raw), numberOf(score.min) ?? 0, numberOf(score.max)];
  return raw === null || max === null || max <= min ? null : Math.min(1, Math.max(0, (raw - min) / (max - min)));
}

function truthOf(value: unknown): boolean | null {
  return typeof value === "boolean" ? value : null;
}

/** Counts of attempts and hints stand in extensions, under addresses that end in the word. */
function countOf(result: JsonObject, word: string): number | null {
  if (!isObject(result.extensions)) return null;
  const form = new RegExp(`(?:^|[/#-])${word}(?:s|-?count)?$`, "i");
  const found = Object.entries(result.extensions).find(([key, value]) => form.test(key) && Number.isSafeInteger(value));
  return found === undefined ? null : Math.min(2 ** 31 - 1, Math.max(0, found[1] as number));
}

function alignmentsOf(context: JsonObject): string[] {
  if (!isObject(context.contextActivities)) return [];
  const ids = ["other", "category", "grouping", "parent"].flatMap((list) =>
    listOf((context.contextActivities as JsonObject)[list]),
  );
  return ids.flatMap((activity) => (isObject(activity) ? (textOf(activity.id) ?? []) : []));
}

/** cairn's own address loses its front; others stay whole, since only the whole address is theirs. */
function ownPart(id: string): string {
  return id.replace(/^urn:cairn:(?:activity|item):/, "");
}

const yearDays = 365.2425; // the mean of the calendar: a duration in years or months names no exact time

/** Seconds of a duration that was checked; years and months by the mean of the calendar. */
export function secondsOf(duration: string | null): number | null {
  if (duration === null) return null;
  const match =
    /^P(?:([\d.,]+)Y)?(?:([\d.,]+)M)?(?:([\d.,]+)W)?(?:([\d.,]+)D)?(?:T(?:([\d.,]+)H)?(?:([\d.,]+)M)?(?:([\d.,]+)S)?)?$/.exec(
      duration,
    );
  if (match === null) return null;
  const units = [yearDays * 86_400, (yearDays / 12) * 86_400, 7 * 86_400, 86_400, 3_600, 60, 1];
  return units.reduce((total, unit, i) => total + unit * Number((match[i + 1] ?? "0").replace(",", ".")), 0);
}
