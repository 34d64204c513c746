import { exactDate } from "../core/values.ts";

const compiled = new Map<string, { expression: RegExp; parts: readonly string[] }>();

/**
 * The day a text begins with, written by a pattern of `YYYY` or `YY`, `MM` and `DD`. Where something stands between them, months
 * and days may have one digit. Two-digit years are 1970 to 2069.
 * @returns `YYYY-MM-DD`, or undefined when the text is written otherwise or the day does not exist
 *
 * @example
 * readByPattern("9/5/2023", "MM/DD/YYYY"); // "2023-09-05"
 * readByPattern("042525", "MMDDYY"); // "2025-04-25"
 */
export function readByPattern(text: string, pattern: string): string | undefined {
  let known = compiled.get(pattern);
  if (known === undefined) {
    known = compile(pattern);
    compiled.set(pattern, known);
  }
  const match = known.expression.exec(text);
  if (match === null) return undefined;
  const value = (part: string): number => Number(match[known.parts.indexOf(part) + 1]);
  const year = known.parts.includes("YYYY") ? value("YYYY") : centuryOf(value("YY"));
  return exactDate(year, value("MM"), value("DD"));
}

function centuryOf(year: number): number {
  return year < 70 ? 2000 + year : 1900 + year;
}

function compile(pattern: string): { expression: RegExp; parts: readonly string[] } {
  const apart = /(?:YYYY|YY|MM|DD)[^YMD]/.test(pattern);
  const parts: string[] = [];
  const source = pattern.replace(/YYYY|YY|MM|DD|[^\w\s]/g, (token) => {
    if (!/^[YMD]/.test(token)) return `\\${token}`;
    parts.push(token);
    if (token === "YYYY") return "(\\d{4})";
    return token === "YY" || !apart ? "(\\d{2})" : "(\\d{1,2})";
  });
  // A time may follow, another digit may not.
  return { expression: new RegExp(`^${source}(?:$|[T ])`), parts };
}
