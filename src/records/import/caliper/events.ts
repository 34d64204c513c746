import type { RowProblem } from "../core/row.ts";
import { readMoment } from "../core/values.ts";
import type { JsonObject } from "../json.ts";
import { isObject, kebab, lastPart, numberOf, textOf } from "../json.ts";
import {
  activityName,
  entityId,
  entityKind,
  isAnonymous,
  measuredSeconds,
  member,
  personName,
  scoreOf,
  secondsOf,
  standardOf,
} from "./entities.ts";
import type { SurveyAnswer } from "./survey.ts";
import { readSurveyAnswer } from "./survey.ts";

/** What every event says. */
interface Happening {
  readonly id: string | null;
  /** The actor's identifier, cut down to what a school calls the person. */
  readonly actor: string;
  /** `YYYY-MM-DD HH:MM:SS.mmm` on the district's wall clock. */
  readonly at: string;
}

/** Something a person did, as the record keeps it. */
export interface CaliperActivity extends Happening {
  readonly verb: string;
  readonly activity: string | null;
  readonly kind: string | null;
  readonly seconds: number | null;
  readonly object: string | null;
  /** 0 to 1. */
  readonly score: number | null;
  readonly completion: boolean | null;
  readonly session: string | null;
}

/** A graded answer to an item. */
export interface CaliperAnswer extends Happening {
  readonly item: string;
  readonly standard: string | null;
  readonly correct: number;
  readonly attempts: number | null;
  readonly seconds: number | null;
}

/** An event read, nobody's event, or why it cannot be read. */
export type CaliperReading =
  | { readonly event: CaliperActivity }
  | { readonly answer: CaliperAnswer }
  | { readonly survey: SurveyAnswer & Happening }
  | { readonly anonymous: true }
  | { readonly problem: RowProblem };

/** The event types of Caliper 1.0, 1.1 and 1.2 with their profiles. */
const eventTypes = new Set(
  (
    "Annotation Assessment AssessmentItem Assignable Feedback Forum Grade Media Message Navigation Outcome Questionnaire " +
    "QuestionnaireItem Reading ResourceManagement Search Session Survey SurveyInvitation Thread ToolLaunch ToolUse View " +
    "LibraryUse LibraryResourceUse LibraryParticipation"
  )
    .split(" ")
    .map((word) => `${word}Event`),
).add("Event");

const verbs: Readonly<Record<string, string>> = {
  LoggedIn: "logged-in",
  LoggedOut: "logged-out",
  TimedOut: "logged-out",
  Viewed: "viewed",
  NavigatedTo: "viewed",
};
const completing = new Set(["Completed", "Submitted"]);

/**
 * Reads one event of Caliper 1.1 or 1.2, whole or thinned (actor and object as bare ids); types and actions of 1.0 written as
 * addresses are read by their last part. A grade for an item is an answer, a point on a questionnaire's scale a survey answer,
 * everything else an activity. Events of anonymous actors are nobody's.
 * @param timeZone - the district's: moments that name a zone become its wall clock
 */
export function readEvent(value: unknown, timeZone = "UTC"): CaliperReading {
  if (!isObject(value)) return refusal(null, "BAD_VALUE", "expected an event, got something else");
  const type = lastPart(textOf(value.type) ?? textOf(value["@type"]) ?? "");
  if (!eventTypes.has(type)) {
    const got = type === "" ? "no type" : /^\w{1,40}$/.test(type) ? type : "another word";
    return refusal("type", "UNKNOWN_EVENT", `expected an event type of Caliper 1.1 or 1.2, got ${got}`);
  }
  const action = lastPart(textOf(value.action) ?? "");
  if (action === "") return refusal("action", "MISSING", "expected an action, got none");
  const graded = type === "GradeEvent" || type === "OutcomeEvent";
  const person = graded ? whoseWork(value) : whoActed(value, type);
  if (isAnonymous(person)) return { anonymous: true };
  const actor = personName(person);
  if (actor === null) {
    return refusal(graded ? "object.assignee" : "actor", "MISSING", "expected a person with an id, got none");
  }
  const at = readMoment(textOf(value.eventTime) ?? "", timeZone);
  if (at === undefined) return refusal("eventTime", "BAD_VALUE", "expected an eventTime as a date-time of ISO 8601");
  const happening = { id: entityId(value), actor, at };
  return graded ? readGrade(value, action, happening, timeZone) : readDeed(value, type, action, happening);
}

function readDeed(value: JsonObject, type: string, action: string, happening: Happening): CaliperReading {
  const survey = type === "QuestionnaireItemEvent" && action === "Completed" ? readSurveyAnswer(value) : undefined;
  if (survey !== undefined) return { survey: { ...happening, ...survey } };
  return { event: { ...happening, ...activityOf(value, type, action) } };
}

function refusal(column: string | null, code: RowProblem["code"], reason: string): CaliperReading {
  return { problem: { column, code, reason } };
}

function activityOf(value: JsonObject, type: string, action: string): Omit<CaliperActivity, keyof Happening> {
  const session = type === "SessionEvent";
  const object = entityId(value.object);
  return {
    verb: verbs[action] ?? kebab(action),
    activity: session ? null : activityName(object),
    kind: session ? null : entityKind(value.object),
    seconds: secondsOfEvent(value, type),
    object,
    score: scoreOf(value.generated),
    completion: completing.has(action) ? true : null,
    session: entityId(value.session),
  };
}

/** How long it took: the session for what begins and ends one, what a tool measured, else what was made or worked on. */
function secondsOfEvent(value: JsonObject, type: string): number | null {
  if (type === "SessionEvent") return secondsOf(value.session) ?? secondsOf(value.generated) ?? secondsOf(value.object);
  if (type === "ToolUseEvent") return measuredSeconds(value.generated) ?? secondsOf(value.generated);
  return secondsOf(value.generated) ?? secondsOf(value.object);
}

function countOf(value: unknown): number | null {
  const count = numberOf(value);
  return count !== null && Number.isInteger(count) && count >= 0 && count < 2 ** 31 ? count : null;
}

/** Whose work was graded; the actor is who (or what) graded it. */
function whoseWork(value: JsonObject): unknown {
  return member(value, "object")?.assignee ?? member(value, "object")?.actor;
}

/** Who did it; a session that a system ends for lack of activity is that of the user it names. */
function whoActed(value: JsonObject, type: string): unknown {
  if (type !== "SessionEvent" || entityKind(value.actor) !== "software-application") return value.actor;
  const sessions = [member(value, "object"), member(value, "session")];
  return sessions.map((session) => session?.user ?? session?.actor).find((user) => user !== undefined) ?? value.actor;
}

function readGrade(value: JsonObject, action: string, happening: Happening, timeZone: string): CaliperReading {
  const attempt = member(value, "object") ?? {};
  const score = scoreOf(value.generated);
  const item = entityId(attempt.assignable);
  if (entityKind(attempt.assignable) === "assessment-item" && item !== null && score !== null) {
    return {
      answer: {
        ...happening,
        at: readMoment(textOf(attempt.endedAtTime) ?? "", timeZone) ?? happening.at,
        item: activityName(item)!,
        standard: standardOf(attempt.assignable),
        correct: score,
        attempts: countOf(attempt.count),
        seconds: secondsOf(attempt),
      },
    };
  }
  return {
    event: {
      ...happening,
      verb: verbs[action] ?? kebab(action),
      activity: activityName(item),
      kind: entityKind(attempt.assignable),
      seconds: null, // the time was spent on the attempt, whose own events say how long
      object: item ?? entityId(attempt),
      score,
      completion: null,
      session: entityId(value.session),
    },
  };
}
