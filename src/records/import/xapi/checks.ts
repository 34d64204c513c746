import { CairnError } from "../../../errors.ts";
import type { JsonObject } from "../json.ts";
import { isObject } from "../json.ts";

/** Which edition of the specification a request follows. */
export type XapiVersion = "1.0.3" | "2.0.0";

/**
 * Refuses a document of xAPI by the path of what is wrong. The message never holds the value: it may be somebody's name.
 * @throws CairnError `BAD_INPUT`, always
 */
export function refuse(path: string, expected: string): never {
  throw new CairnError("BAD_INPUT", `expected ${expected} at ${path}`, {
    hint: "see the statement's data model in the xAPI specification",
    details: { path },
  });
}

/** A check of the value at a path. */
export type Check = (value: unknown, path: string) => void;

/** What an object may hold: the check of every member, and those that must be there. */
export interface Shape {
  readonly members: Readonly<Record<string, Check>>;
  readonly required?: readonly string[];
}

/** Checks an object against its shape: members it does not name, and members that are null, are refused. */
export function checkShape(value: unknown, path: string, { members, required = [] }: Shape): JsonObject {
  if (!isObject(value)) refuse(path, "an object");
  for (const name of required) if (!(name in value)) refuse(`${path}.${name}`, "a value");
  for (const [name, member] of Object.entries(value)) {
    const check = Object.hasOwn(members, name) ? members[name] : undefined;
    if (check === undefined) refuse(`${path}.${memberName(name)}`, "no member the specification does not know");
    if (member === null) refuse(`${path}.${name}`, "a value, not null");
    check(member, `${path}.${name}`);
  }
  return value;
}

/** A member's name as it may stand in a message. */
function memberName(name: string): string {
  return /^[\w.-]{1,40}$/.test(name) ? name : "*";
}

/** Any text. */
export const text: Check = (value, path) => {
  if (typeof value !== "string") refuse(path, "a text");
};

/** A text that is not empty. */
export const filledText: Check = (value, path) => {
  if (typeof value !== "string" || value === "") refuse(path, "a text that is not empty");
};

/** True or false. */
export const truth: Check = (value, path) => {
  if (typeof value !== "boolean") refuse(path, "true or false");
};

/** A number. */
export const number: Check = (value, path) => {
  if (typeof value !== "number" || !Number.isFinite(value)) refuse(path, "a number");
};

const uuidForm = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** A UUID in its usual form. */
export const uuid: Check = (value, path) => {
  if (typeof value !== "string" || !uuidForm.test(value)) refuse(path, "a UUID");
};

// RFC 3987: a scheme, then anything but blanks, controls and the characters no IRI holds unescaped.
const iriForm = /^[a-z][a-z0-9+.-]*:[^\s<>"{}|\\^`\p{Cc}]+$/iu;

/** Whether a text is an IRI with a scheme. */
export function isIri(value: unknown): value is string {
  return typeof value === "string" && iriForm.test(value);
}

/** An IRI with a scheme. */
export const iri: Check = (value, path) => {
  if (!isIri(value)) refuse(path, "an IRI with a scheme");
};

// RFC 5646, 2.1: langtag, private use, and the irregular tags that were registered before it.
const langtag =
  /^(?:[a-z]{2,3}(?:-[a-z]{3}){0,3}|[a-z]{4,8})(?:-[a-z]{4})?(?:-(?:[a-z]{2}|\d{3}))?(?:-(?:[a-z0-9]{5,8}|\d[a-z0-9]{3}))*(?:-[0-9a-wyz](?:-[a-z0-9]{2,8})+)*(?:-x(?:-[a-z0-9]{1,8})+)?$/i;
const privateUse = /^x(?:-[a-z0-9]{1,8})+$/i;
const irregular =
  /^(?:en-gb-oed|i-(?:ami|bnn|default|enochian|hak|klingon|lux|mingo|navajo|pwn|tao|tay|tsu)|sgn-(?:be-fr|be-nl|ch-de)|art-lojban|cel-gaulish|no-(?:bok|nyn)|zh-(?:guoyu|hakka|min|min-nan|xiang))$/i;

/** A language tag of RFC 5646. */
export const languageTag: Check = (value, path) => {
  if (typeof value !== "string" || !(langtag.test(value) || privateUse.test(value) || irregular.test(value))) {
    refuse(path, "a language tag of RFC 5646");
  }
};

/** Texts by language. */
export const languageMap: Check = (value, path) => {
  if (!isObject(value)) refuse(path, "texts by language");
  for (const [language, words] of Object.entries(value)) {
    languageTag(language, `${path}.${memberName(language)}`);
    text(words, `${path}.${language}`);
  }
};

/** Anything under IRIs as keys; only here may a value be null. */
export const extensions: Check = (value, path) => {
  if (!isObject(value)) refuse(path, "an object");
  for (const key of Object.keys(value)) if (!isIri(key)) refuse(`${path}.${memberName(key)}`, "an IRI as a key");
};

const momentForm = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:[.,]\d+)?(Z|[+-]\d{2}(?::?\d{2})?)?$/i;

/** Whether a text is a moment: a date-time that exists, not with the offset -00:00; with a zone where one is asked for. */
export function isMoment(value: unknown, { zoned }: { zoned: boolean }): value is string {
  const match = typeof value === "string" ? momentForm.exec(value) : null;
  if (match === null) return false;
  const [year, month, day, hours, minutes, seconds] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const zone = match[7];
  if (zone === undefined ? zoned : /^-00(?::?00)?$/.test(zone)) return false;
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day && hours < 24 && minutes < 60 && seconds <= 60;
}

/** The check of a moment: ISO 8601 in 1.0.3, RFC 3339 (which wants a zone) in 2.0. */
export const momentOf =
  (version: XapiVersion): Check =>
  (value, path) => {
    if (!isMoment(value, { zoned: version === "2.0.0" }))
      refuse(path, "a date-time of ISO 8601, not with the offset -00:00");
  };

const part = String.raw`\d+(?:[.,]\d+)?`;
const durationForm = new RegExp(
  `^P(?:(?:${part}W)|(?=.)(?:${part}Y)?(?:${part}M)?(?:${part}D)?(?:T(?=.)(?:${part}H)?(?:${part}M)?(?:${part}S)?)?)$`,
);

/** A duration of ISO 8601. */
export const duration: Check = (value, path) => {
  if (typeof value !== "string" || !durationForm.test(value)) refuse(path, "a duration of ISO 8601");
};

/** A list, each entry checked. */
export const listOfEach =
  (check: Check): Check =>
  (value, path) => {
    if (!Array.isArray(value)) refuse(path, "a list");
    for (const [i, entry] of value.entries()) check(entry, `${path}[${i}]`);
  };

/** One of the words, in this case. */
export const word =
  (...words: readonly string[]): Check =>
  (value, path) => {
    if (!words.includes(value as string)) refuse(path, `one of ${words.join(", ")}`);
  };
