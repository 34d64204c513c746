import { InvalidArgumentError, Option } from "commander";

/** The name of the district the demo makes, and the default of every command. */
export const demoTenant = "demo";

/** `--json`: one JSON document on stdout, everything else on stderr. */
export const jsonOption = (): Option => new Option("--json", "one JSON document on stdout, everything else on stderr");

/** `--tenant NAME`: the district. */
export const tenantOption = (): Option => new Option("--tenant <name>", "the district").default(demoTenant);

/** `--as-of DAY`: a calendar day. */
export const asOfOption = (): Option =>
  new Option("--as-of <day>", "as of this day, YYYY-MM-DD: nothing that happened or was known later is used").argParser(
    parseDay,
  );

/** A calendar day that exists. */
export function parseDay(text: string): string {
  const day = /^\d{4}-\d{2}-\d{2}$/.test(text) ? new Date(text) : undefined;
  // The 30th of February becomes a day in March, and the 13th month no day at all.
  if (day === undefined || Number.isNaN(day.getTime()) || day.toISOString().slice(0, 10) !== text) {
    throw new InvalidArgumentError("expected a day such as 2025-12-12.");
  }
  return text;
}

/** A positive whole number. */
export function parseCount(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value <= 0) throw new InvalidArgumentError("expected a positive whole number.");
  return value;
}

/** A list of whole numbers, such as 28,56,84. */
export function parseNumbers(text: string): number[] {
  const values = text.split(",").map(Number);
  if (values.some((value) => !Number.isInteger(value) || value < 0))
    throw new InvalidArgumentError("expected whole numbers such as 28,56,84.");
  return values;
}
