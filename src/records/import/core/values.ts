import { zoneOffset } from "./time-zone.ts";

/** How dates with slashes are ordered in one file: proved by a number above 12, or unknown. */
export type SlashOrder = "day-first" | "month-first" | "unknown";

const isoDate = /^(\d{4})-(\d{2})-(\d{2})$/;
const isoMoment = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*(Z|[+-]\d{2}:?\d{2})?$/i;
const slashDate = /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/;

const monthDays = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** A calendar date as YYYY-MM-DD when the day exists, else undefined. */
export function exactDate(year: number, month: number, day: number): string | undefined {
  const length = month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : monthDays[month - 1];
  if (!Number.isInteger(year) || year < 0 || length === undefined || !(day >= 1 && day <= length)) return undefined;
  return `${String(year).padStart(4, "0")}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`;
}

/** What a cell says as a date; `kind` tells which form it had. */
export type DateReading =
  | { readonly date: string; readonly kind: "date" | "date-time" | "slashes" }
  | { readonly date: undefined; readonly problem: string };

/**
 * Reads `2023-05-01`, a full date-time (its date by the wall clock of `timeZone`), or a date with slashes whose order the file
 * has proved.
 */
export function readDate(text: string, order: SlashOrder, timeZone = "UTC"): DateReading {
  const iso = isoDate.exec(text);
  if (iso !== null) {
    const date = exactDate(Number(iso[1]), Number(iso[2]), Number(iso[3]));
    return date === undefined ? { date, problem: "a day that exists" } : { date, kind: "date" };
  }
  const slashes = slashDate.exec(text);
  if (slashes !== null) return readSlashes(Number(slashes[1]), Number(slashes[2]), Number(slashes[3]), order);
  const moment = readMoment(text, timeZone);
  if (moment !== undefined) return { date: moment.slice(0, 10), kind: "date-time" };
  return { date: undefined, problem: isoMoment.test(text) ? "a day and a time that exist" : "a date as YYYY-MM-DD" };
}

function readSlashes(first: number, second: number, year: number, order: SlashOrder): DateReading {
  const settled = first === second || first > 12 ? "day-first" : second > 12 ? "month-first" : order;
  if (settled === "unknown") {
    return { date: undefined, problem: "a date as YYYY-MM-DD (nothing in the file tells day from month)" };
  }
  const date = settled === "day-first" ? exactDate(year, second, first) : exactDate(year, first, second);
  return date === undefined ? { date, problem: "a day that exists" } : { date, kind: "slashes" };
}

/**
 * Which order the slash dates of a text have. Both proofs in one file leave it unknown: then only unambiguous dates are read.
 * @param seen - what earlier parts of the same file have proved
 */
export function noteSlashOrder(text: string, seen: { dayFirst: boolean; monthFirst: boolean }): void {
  for (const match of text.matchAll(/(?<!\d)(\d{1,2})\/(\d{1,2})\/\d{4}(?!\d)/g)) {
    if (Number(match[1]) > 12) seen.dayFirst = true;
    if (Number(match[2]) > 12) seen.monthFirst = true;
  }
}

/**
 * Reads a date-time as `YYYY-MM-DD HH:MM:SS.mmm`: the wall clock of `timeZone` when it names a zone itself, else as the clock
 * said; undefined when it is none.
 */
export function readMoment(text: string, timeZone = "UTC"): string | undefined {
  const match = isoMoment.exec(text);
  if (match === null) return undefined;
  const [, date, hours, minutes, seconds = "00", fraction = "", zone] = match;
  const [year, month, day] = date!.split("-").map(Number);
  if (exactDate(year!, month!, day!) === undefined) return undefined;
  if (Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 60) return undefined;
  const milliseconds = fraction.padEnd(3, "0").slice(0, 3);
  // A wall clock stays what it is: the common case, and a million dates are not made for it.
  if (zone === undefined) return `${date} ${hours}:${minutes}:${seconds === "60" ? "59" : seconds}.${milliseconds}`;
  const offset = /^z$/i.test(zone) ? "Z" : zone.includes(":") ? zone : `${zone.slice(0, 3)}:${zone.slice(3)}`;
  const instant = new Date(`${date}T${hours}:${minutes}:${seconds === "60" ? "59" : seconds}.${milliseconds}${offset}`);
  if (Number.isNaN(instant.getTime())) return undefined;
  const ahead = zoneOffset(timeZone, instant.getTime());
  return new Date(instant.getTime() + ahead).toISOString().replace("T", " ").slice(0, 23);
}

/** A duration such as `PT1H30M5.5S` in seconds, or undefined. */
export function readDuration(text: string): number | undefined {
  const match = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/.exec(text);
  if (match === null || text === "P" || text.endsWith("T")) return undefined;
  const [, days = "0", hours = "0", minutes = "0", seconds = "0"] = match;
  return Number(days) * 86_400 + Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds);
}

/** A decimal number, or undefined. */
export function readNumber(text: string): number | undefined {
  if (!/^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}

/**
 * A grade level in one form: `9` for 09, `K` for KG, `PK` for PK and preschool codes; anything else as it stands.
 * The raw value is kept beside it by the caller.
 */
export function readGrade(text: string): string {
  const trimmed = text.trim().toUpperCase();
  if (/^\d+$/.test(trimmed)) return String(Number(trimmed)) === "0" ? "K" : String(Number(trimmed));
  if (trimmed === "KG" || trimmed === "K") return "K";
  return trimmed;
}
