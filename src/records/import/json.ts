/** A JSON object whose members are not known yet. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Whether a value is a JSON object: no list, no null. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A text that is not empty, else null. */
export function textOf(value: unknown): string | null {
  return typeof value === "string" && value.trim() !== "" ? value.trim() : null;
}

/** A finite number, else null. */
export function numberOf(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

/** A list as it is, one value as a list of one, nothing as an empty list. */
export function listOf(value: unknown): readonly unknown[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}

/** What stands behind the last `/`, `#` or `:` of an address. */
export function lastPart(address: string): string {
  const trimmed = address.replace(/[/#:]+$/, "");
  return trimmed.slice(Math.max(trimmed.lastIndexOf("/"), trimmed.lastIndexOf("#"), trimmed.lastIndexOf(":")) + 1);
}

/** `AssignableDigitalResource` as `assignable-digital-resource`. */
export function kebab(name: string): string {
  return name.replaceAll(/([a-z0-9])([A-Z])/g, "$1-$2").toLowerCase();
}

/** Whether a value is nested deeper than so many levels: what is meant to be read is not, and recursion has an end. */
export function deeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((member) => deeperThan(member, levels - 1));
}

const DEEPEST = 200; // Ed-Fi and CASE stay below 15, xAPI extensions below 30; recursion of any reader ends well above it

/**
 * `JSON.parse` of what somebody else sent: nested without end it would exhaust the stack of whoever walks through it.
 * @throws SyntaxError when it is no JSON, or nested deeper than 200 levels
 */
export function parseForeignJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  if (deeperThan(value, DEEPEST)) throw new SyntaxError(`nested deeper than ${DEEPEST} levels`);
  return value;
}
