import { basename, dirname } from "node:path";
import type { WaitingRow } from "../core/refused.ts";
import type { SecondTry } from "../core/repair-file.ts";
import { resourceOfFile } from "./files.ts";
import { readResources } from "./resources.ts";

/**
 * Refused bodies as JSONL to read again, by a file name that says their resource, whatever file they came in. A text that is no
 * whole body cannot be tried again and goes on waiting: it is in none of the files.
 */
export function bodiesAgain(rows: readonly WaitingRow[]): Map<string, SecondTry> {
  const bodies = new Map<string, { lines: string[]; rows: { position: number; line: number }[] }>();
  for (const { file, raw, position } of rows) {
    const body = bodyOf(raw);
    if (body === undefined) continue;
    const name = `${resourceOf(file)}.jsonl`;
    const again = bodies.get(name) ?? { lines: [], rows: [] };
    bodies.set(name, again);
    again.lines.push(body);
    again.rows.push({ position, line: again.lines.length });
  }
  return new Map(
    [...bodies].map(([name, { lines, rows: places }]) => [name, { content: `${lines.join("\n")}\n`, rows: places }]),
  );
}

/** The body on one line; undefined when it is none. */
function bodyOf(raw: string): string | undefined {
  try {
    const value: unknown = JSON.parse(raw);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? JSON.stringify(value) : undefined;
  } catch {
    return undefined; // the reason it waits for says so already
  }
}

/** The resource of a file as the report names it: an XML file's stands behind its name. */
function resourceOf(file: string): string {
  const marked = /#(\w+)$/.exec(file)?.[1];
  if (marked !== undefined) return marked;
  const candidates = resourceOfFile(`${basename(dirname(file))}/${basename(file)}`);
  return candidates.find((name) => readResources.has(name.toLowerCase())) ?? candidates[0] ?? "bodies";
}
