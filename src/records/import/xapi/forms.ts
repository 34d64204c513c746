import { createHash } from "node:crypto";
import type { JsonObject } from "../json.ts";
import { isObject, listOf } from "../json.ts";
import { identifierOf, identifiers } from "./agent-rules.ts";

/** How a statement is shown: as it is, with identifiers only, or with one language and the activities' own definitions. */
export type StatementFormat = "exact" | "ids" | "canonical";

const contextLists = ["parent", "grouping", "category", "other"];

/** The statement as a receiver keeps it: context activities are always lists. */
export function withLists(statement: JsonObject): JsonObject {
  const object = statement.object as JsonObject;
  const inner = object.objectType === "SubStatement" ? { object: withLists(object) } : {};
  const context = statement.context as JsonObject | undefined;
  if (!isObject(context?.contextActivities)) return { ...statement, ...inner };
  const lists = Object.fromEntries(
    Object.entries(context.contextActivities).map(([name, value]) => [name, listOf(value)]),
  );
  return { ...statement, ...inner, context: { ...context, contextActivities: lists } };
}

/**
 * The identity of what a statement says (1.0.3, 2.4.1): equal for copies that differ only in what receivers add (stored, authority,
 * version, a timestamp set on arrival), in words shown to people (verb display, activity definitions), in the case of ids, in how a
 * moment is written and in the order of members.
 */
export function statementHash(statement: JsonObject): string {
  return createHash("sha256")
    .update(JSON.stringify(comparable(withLists(statement))))
    .digest("hex")
    .slice(0, 32);
}

const receiverOnly = new Set(["stored", "authority", "version", "id"]);

function comparable(value: unknown, name = "", inside = "statement"): unknown {
  if (Array.isArray(value)) {
    const entries = value.map((entry) => comparable(entry, "", name));
    const unordered = name === "member" || contextLists.includes(name);
    return unordered ? entries.map((entry) => JSON.stringify(entry)).sort() : entries;
  }
  if (!isObject(value)) return comparableText(value, name);
  if (name === "extensions") return sorted(value, (member) => comparable(member, "", "extensions"));
  const kept = Object.entries(value).filter(([member, entry]) => !isIncidental(member, entry, value, inside));
  return sorted(Object.fromEntries(kept), (entry, member) => comparable(entry, member, name || inside));
}

function isIncidental(member: string, entry: unknown, holder: JsonObject, inside: string): boolean {
  if (inside === "extensions") return false;
  if (
    inside === "statement" &&
    "actor" in holder &&
    (receiverOnly.has(member) || (member === "timestamp" && "verb" in holder))
  ) {
    return true;
  }
  if (member === "display" || member === "definition") return true;
  return member === "objectType" && (entry === "Agent" || entry === "Activity");
}

function comparableText(value: unknown, name: string): unknown {
  if (typeof value !== "string") return value;
  if (name === "id" || name === "registration") return /^[0-9a-f-]{36}$/i.test(value) ? value.toLowerCase() : value;
  return name === "sha2" || name === "mbox_sha1sum" ? value.toLowerCase() : value;
}

function sorted(value: JsonObject, map: (entry: unknown, member: string) => unknown): JsonObject {
  const names = Object.keys(value).sort();
  return Object.fromEntries(names.map((name) => [name, map(value[name], name)]));
}

/** Shows a stored statement in a format. @param languages - what the reader reads, best first (for `canonical`) */
export function inFormat(
  statement: JsonObject,
  format: StatementFormat,
  languages: readonly string[] = [],
): JsonObject {
  if (format === "exact") return statement;
  if (format === "ids") return idsOnly(statement) as JsonObject;
  return inOneLanguage(statement, languages) as JsonObject;
}

function idsOnly(value: unknown, name = ""): unknown {
  if (Array.isArray(value)) return value.map((entry) => idsOnly(entry, name));
  if (!isObject(value) || name === "extensions" || name === "result" || name === "attachments") return value;
  if (name === "verb") return { id: value.id };
  if (value.objectType === "Group" || "member" in value) {
    const known = picked(value);
    if (identifierOf(value) !== undefined) return { objectType: "Group", ...known };
    return { objectType: "Group", member: listOf(value.member).map((member) => idsOnly(member)) };
  }
  if (identifierOf(value) !== undefined)
    return value.objectType === "Agent" ? { objectType: "Agent", ...picked(value) } : picked(value);
  if ("definition" in value)
    return value.objectType === "Activity" ? { objectType: "Activity", id: value.id } : { id: value.id };
  return Object.fromEntries(Object.entries(value).map(([member, entry]) => [member, idsOnly(entry, member)]));
}

function picked(value: JsonObject): JsonObject {
  return Object.fromEntries(identifiers.filter((name) => name in value).map((name) => [name, value[name]]));
}

const languageMaps = new Set(["display", "name", "description"]);

function inOneLanguage(value: unknown, languages: readonly string[], name = "", holder = ""): unknown {
  if (Array.isArray(value)) return value.map((entry) => inOneLanguage(entry, languages, name, holder));
  if (!isObject(value) || name === "extensions") return value;
  if (languageMaps.has(name) && holder !== "account") return bestLanguage(value, languages);
  return Object.fromEntries(
    Object.entries(value).map(([member, entry]) => [member, inOneLanguage(entry, languages, member, name)]),
  );
}

function bestLanguage(words: JsonObject, languages: readonly string[]): JsonObject {
  const tags = Object.keys(words);
  const wanted = languages.flatMap((language) => {
    const low = language.toLowerCase();
    return tags.filter((tag) => tag.toLowerCase() === low || tag.toLowerCase().startsWith(`${low}-`));
  });
  const tag = wanted[0] ?? tags[0];
  return tag === undefined ? {} : { [tag]: words[tag] };
}
