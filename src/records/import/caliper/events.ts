import type { RowProblem } from "../core/row.ts";
import { readDuration, readMoment } from "../core/values.ts";

/** An event as the record keeps it. */
export interface CaliperActivity {
  readonly id: string | null;
  /** The actor's identifier, cut down to what a school calls the person. */
  readonly actor: string;
  readonly verb: string;
  readonly activity: string | null;
  readonly kind: string | null;
  /** `YYYY-MM-DD HH:MM:SS.mmm` in UTC. */
  readonly at: string;
  readonly seconds: number | null;
}

/** An event read, or why it cannot be. */
export type CaliperReading = { readonly event: CaliperActivity } | { readonly problem: RowProblem };

type Json = Readonly<Record<string, unknown>>;

const supported = new Set([
  "SessionEvent",
  "ViewEvent",
  "NavigationEvent",
  "AssignableEvent",
  "AssessmentItemEvent",
  "AssessmentEvent",
  "MediaEvent",
  "ToolUseEvent",
]);

const verbs: Readonly<Record<string, string>> = {
  LoggedIn: "logged-in",
  LoggedOut: "logged-out",
  TimedOut: "logged-out",
  Viewed: "viewed",
  NavigatedTo: "viewed",
};

/**
 * Reads one event of Caliper 1.1 or 1.2, whole or thinned (actor and object as bare ids). Types and actions of 1.0 written as
 * addresses are read by their last part.
 */
export function readEvent(value: unknown): CaliperReading {
  if (!isObject(value)) return refusal(null, "BAD_VALUE", "expected an event, got something else");
  const type = lastPart(text(value.type) ?? text(value["@type"]) ?? "");
  if (!supported.has(type)) {
    return refusal(
      "type",
      "UNKNOWN_EVENT",
      `expected an event of a session, view, assignment, assessment, medium or tool; got ${type === "" ? "no type" : type.slice(0, 40)}`,
    );
  }
  const action = lastPart(text(value.action) ?? "");
  if (action === "") return refusal("action", "MISSING", "expected an action, got none");
  const actor = identifierOf(value.actor);
  if (actor === null) return refusal("actor", "MISSING", "expected an actor with an id, got none");
  const moment = readMoment(text(value.eventTime) ?? "");
  if (moment === undefined)
    return refusal("eventTime", "BAD_VALUE", "expected an eventTime as a date-time of ISO 8601");
  const session = type === "SessionEvent";
  return {
    event: {
      id: text(value.id) ?? text(value["@id"]),
      actor: personPart(actor),
      verb: verbs[action] ?? kebab(action),
      activity: session ? null : activityPart(identifierOf(value.object)),
      kind: session ? null : kindOf(value.object),
      at: moment,
      seconds: secondsOf(value),
    },
  };
}

function refusal(column: string | null, code: RowProblem["code"], reason: string): CaliperReading {
  return { problem: { column, code, reason } };
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function text(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

function identifierOf(value: unknown): string | null {
  if (isObject(value)) return text(value.id) ?? text(value["@id"]);
  return text(value);
}

function lastPart(name: string): string {
  return name.slice(Math.max(name.lastIndexOf("/"), name.lastIndexOf("#"), name.lastIndexOf(":")) + 1);
}

/** `urn:cairn:student:4711` and `https://example.edu/users/4711` both name 4711. */
function personPart(id: string): string {
  return lastPart(id.replace(/\/+$/, ""));
}

/** cairn's own address loses its front; others stay whole, since only the whole address is theirs. */
function activityPart(id: string | null): string | null {
  return id === null ? null : id.replace(/^urn:cairn:activity:/, "");
}

function kindOf(object: unknown): string | null {
  if (!isObject(object)) return null;
  const type = text(object.type) ?? text(object["@type"]);
  return type === null ? null : kebab(lastPart(type));
}

function kebab(name: string): string {
  return name.replaceAll(/([a-z0-9])([A-Z])/g, "$1-$2").toLowerCase();
}

/** Durations stand on the session, the attempt or the object, whichever the event is about. */
function secondsOf(event: Json): number | null {
  for (const holder of [event.session, event.generated, event.object]) {
    if (!isObject(holder)) continue;
    const seconds = readDuration(text(holder.duration) ?? "");
    if (seconds !== undefined) return seconds;
  }
  return null;
}
