import type { JsonObject } from "../json.ts";
import { isObject, listOf } from "../json.ts";
import { agentHash, identifierOf } from "./agent-rules.ts";

/** By what a statement is found again. */
export interface Mentions {
  readonly verb: string;
  /** The id of the object: an activity, a statement, or the hash of an agent; null for a statement inside. */
  readonly object: string | null;
  readonly registration: string | null;
  /** Hashes of who acts and who is acted upon, members of groups among them. */
  readonly agents: readonly string[];
  /** Every agent (as a hash) and every activity named anywhere in it. */
  readonly related: readonly string[];
  readonly refersTo: string | null;
}

/** What a checked statement mentions. */
export function mentionsOf(statement: JsonObject): Mentions {
  const object = statement.object as JsonObject;
  const kind = object.objectType ?? "Activity";
  const agents = new Set([statement.actor, ...(isAgent(object) ? [object] : [])].flatMap(hashesOf));
  const related = new Set(agents);
  collect(statement, related);
  const registration = (statement.context as JsonObject | undefined)?.registration;
  return {
    verb: String((statement.verb as JsonObject).id),
    object:
      kind === "SubStatement"
        ? null
        : isAgent(object)
          ? (hashesOf(object)[0] ?? null)
          : idOf(object, kind === "StatementRef"),
    registration: typeof registration === "string" ? registration.toLowerCase() : null,
    agents: [...agents],
    related: [...related],
    refersTo: kind === "StatementRef" ? idOf(object, true) : null,
  };
}

function idOf(object: JsonObject, uuid: boolean): string {
  return uuid ? String(object.id).toLowerCase() : String(object.id);
}

function isAgent(value: JsonObject): boolean {
  return value.objectType === "Agent" || value.objectType === "Group";
}

function hashesOf(value: unknown): string[] {
  if (!isObject(value)) return [];
  const own = identifierOf(value);
  return [...(own === undefined ? [] : [agentHash(own)]), ...listOf(value.member).flatMap(hashesOf)];
}

function collect(statement: JsonObject, into: Set<string>): void {
  const context = (statement.context ?? {}) as JsonObject;
  const object = statement.object as JsonObject;
  const people = [
    statement.actor,
    statement.authority,
    context.instructor,
    context.team,
    ...listOf(context.contextAgents).map((entry) => (entry as JsonObject).agent),
    ...listOf(context.contextGroups).map((entry) => (entry as JsonObject).group),
  ];
  for (const hash of people.flatMap(hashesOf)) into.add(hash);
  for (const activities of Object.values((context.contextActivities ?? {}) as JsonObject)) {
    for (const activity of listOf(activities)) into.add(String((activity as JsonObject).id));
  }
  if (object.objectType === "SubStatement") collect(object, into);
  else if (isAgent(object)) for (const hash of hashesOf(object)) into.add(hash);
  else if (object.objectType !== "StatementRef") into.add(String(object.id));
}
