import { readDuration, readMoment } from "../core/values.ts";
import { idInAddress } from "../frameworks/identity.ts";
import type { JsonObject } from "../json.ts";
import { isObject, kebab, lastPart, listOf, numberOf, textOf } from "../json.ts";

/** The address that stands for a person nobody is to know (1.2, 5.1). */
const anonymous = /^(?:https?:\/\/purl\.imsglobal\.org\/caliper\/(?:v\d+\/)?(?:lis\/)?(?:Person|Agent))\/?$/i;

/** The id of an entity, whole or thinned to its address. */
export function entityId(value: unknown): string | null {
  return isObject(value) ? (textOf(value.id) ?? textOf(value["@id"])) : textOf(value);
}

/** The type of an entity in one form, such as `assessment-item`; null for a bare address. */
export function entityKind(value: unknown): string | null {
  const type = isObject(value) ? (textOf(value.type) ?? textOf(value["@type"])) : null;
  return type === null ? null : kebab(lastPart(type));
}

/** Whether an actor is said to be nobody in particular. */
export function isAnonymous(actor: unknown): boolean {
  return anonymous.test(entityId(actor) ?? "");
}

/**
 * What a school calls the person: an identifier of its information system where the actor carries one, else the last part of the
 * address: `urn:cairn:student:4711` and `https://example.edu/users/4711` both name 4711.
 */
export function personName(actor: unknown): string | null {
  const others = isObject(actor) ? listOf(actor.otherIdentifiers).filter(isObject) : [];
  const known = others.find(({ identifierType }) => lastPart(String(identifierType)) === "SisSourcedId");
  const named = textOf(known?.identifier);
  if (named !== null) return named;
  const id = entityId(actor);
  return id === null ? null : lastPart(id);
}

/** cairn's own address loses its front; others stay whole, since only the whole address is theirs. */
export function activityName(id: string | null): string | null {
  return id === null ? null : id.replace(/^urn:cairn:(?:activity|item):/, "");
}

/** The standard an entity is about, where it names one by an address that tells which. */
export function standardOf(value: unknown): string | null {
  if (!isObject(value)) return null;
  const objectives = [...listOf(value.learningObjectives), ...listOf(value.alignedLearningObjective)];
  return objectives.flatMap((objective) => idInAddress(entityId(objective) ?? "") ?? [])[0] ?? null;
}

/** How long something took: its duration, else the time from its start to its end. */
export function secondsOf(value: unknown): number | null {
  if (!isObject(value)) return null;
  const duration = readDuration(textOf(value.duration) ?? "");
  if (duration !== undefined) return duration;
  const [start, end] = [value.startedAtTime, value.endedAtTime].map((moment) => readMoment(textOf(moment) ?? ""));
  if (start === undefined || end === undefined) return null;
  const seconds = (Date.parse(`${end}Z`) - Date.parse(`${start}Z`)) / 1000;
  return seconds >= 0 ? seconds : null;
}

/** Minutes on task of a tool's own measures (ToolUseEvent), in seconds; null when it measured none. */
export function measuredSeconds(generated: unknown): number | null {
  const measures = isObject(generated) && generated.items !== undefined ? listOf(generated.items) : listOf(generated);
  const minutes = measures
    .filter(isObject)
    .filter(({ metric }) => lastPart(String(metric)) === "MinutesOnTask")
    .flatMap(({ metricValue }) => numberOf(metricValue) ?? []);
  return minutes.length === 0 ? null : 60 * minutes.reduce((total, value) => total + value, 0);
}

/** A score from 0 to 1: Score of 1.1 and 1.2, Result of 1.0 and 1.1; null where the maximum is not said. */
export function scoreOf(generated: unknown): number | null {
  if (!isObject(generated)) return null;
  const given = numberOf(generated.scoreGiven) ?? numberOf(generated.resultScore) ?? numberOf(generated.totalScore);
  const maximum = numberOf(generated.maxScore) ?? numberOf(generated.maxResultScore);
  if (given === null || maximum === null || maximum <= 0) return null;
  return Math.min(1, Math.max(0, given / maximum));
}

/** A member that may be thinned to an address, as an object when it is one. */
export function member(value: unknown, name: string): JsonObject | undefined {
  const found = isObject(value) ? value[name] : undefined;
  return isObject(found) ? found : undefined;
}
