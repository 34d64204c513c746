import type { RefusalCode } from "../core/report.ts";
import type { FileContext } from "../core/row.ts";
import { Row } from "../core/row.ts";
import { readDate } from "../core/values.ts";

/** A descriptor as it came and as its code: `uri://ed-fi.org/SexDescriptor#Female` has the code `Female`. */
export interface Descriptor {
  readonly raw: string;
  readonly code: string;
}

/**
 * One body of an Ed-Fi resource, read like a row: fields by their path (`studentReference.studentUniqueId`), lists by
 * {@link items}. The first fault anywhere in it refuses the whole body.
 */
export class Body extends Row {
  readonly #value: Readonly<Record<string, unknown>>;
  readonly #context: FileContext;
  readonly #parent: Body | undefined;
  readonly #path: string;

  constructor(
    line: number,
    raw: string,
    value: Readonly<Record<string, unknown>>,
    context: FileContext,
    parent?: { body: Body; path: string },
  ) {
    super(line, raw, flattened(value), context);
    this.#value = value;
    this.#context = context;
    this.#parent = parent?.body;
    this.#path = parent === undefined ? "" : `${parent.path}.`;
  }

  /** A descriptor, or null when the field is absent. */
  descriptor(path: string): Descriptor | null {
    const raw = this.text(path);
    return raw === null ? null : { raw, code: codeOf(raw) };
  }

  /**
   * The day (YYYY-MM-DD) of a date-time that systems fill from a calendar date: midnight UTC is the day as it is written, which in
   * the district's own zone would be the evening before. Null when the field is absent.
   */
  dayOfSitting(path: string): string | null {
    const midnight = /^(\d{4}-\d{2}-\d{2})T00:00(?::00(?:\.0+)?)?(?:Z|\+00:?00)$/i.exec(this.text(path) ?? "");
    const day = midnight?.[1];
    return day !== undefined && readDate(day, "unknown").date === day ? day : this.dateOfMoment(path);
  }

  /** The elements of a list of objects; empty when the field is absent. */
  items(name: string): Body[] {
    const list = this.#value[name];
    if (!Array.isArray(list)) return [];
    return list
      .filter((item): item is Record<string, unknown> => typeof item === "object" && item !== null)
      .map(
        (item, i) => new Body(this.line, "", item, this.#context, { body: this, path: `${this.#path}${name}[${i}]` }),
      );
  }

  /** The first of several paths that is filled: the standard's versions name things differently. */
  either(...paths: string[]): string | null {
    for (const path of paths) {
      const found = this.text(path);
      if (found !== null) return found;
    }
    return null;
  }

  /** Several paths as one key; null (and a fault, where `required`) when one of them is missing. */
  key(prefix: string, paths: readonly string[], required = false): string | null {
    const parts: string[] = [];
    for (const path of paths) {
      const part = required ? this.required(path) : this.text(path);
      if (part === null || part === "") return null;
      parts.push(part.replaceAll("/", "%2F"));
    }
    return [prefix, ...parts].join("/");
  }

  override fail(column: string | null, code: RefusalCode, reason: string): void {
    super.fail(column, code, reason);
    this.#parent?.fail(column === null ? this.#path : `${this.#path}${column}`, code, reason);
  }
}

/** The code of a descriptor: what stands after its namespace. */
export function codeOf(descriptor: string): string {
  return descriptor.slice(descriptor.lastIndexOf("#") + 1).trim();
}

function flattened(value: Readonly<Record<string, unknown>>, prefix = "", into = new Map<string, string>()) {
  for (const [name, inner] of Object.entries(value)) {
    if (inner === null || inner === undefined || Array.isArray(inner)) continue;
    if (typeof inner === "object") flattened(inner as Record<string, unknown>, `${prefix}${name}.`, into);
    else into.set(`${prefix}${name}`, String(inner));
  }
  return into;
}
