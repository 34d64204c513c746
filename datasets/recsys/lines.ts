import { readFileSync } from "node:fs";
import { TextDecoder } from "node:util";
import { gunzipSync } from "node:zlib";
import { CairnError } from "../../src/errors.ts";

const LARGEST = 2 ** 31; // bytes of a file, unpacked: what a log of a hundred million lines takes, and no zip bomb gets by
const CHUNK = 1 << 20; // bytes decoded at a time, so that the text is never in memory as a whole

/**
 * The lines of a text file with their numbers, from 1, plain or gzip-compressed; empty lines are left out.
 * @throws CairnError `UNREADABLE_FILE` when there is no such file, it is damaged, too large, not UTF-8 or without lines
 */
export function* readLines(file: string): Generator<readonly [number, string]> {
  const bytes = readBytes(file);
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let rest = "";
  let number = 0;
  let found = 0;
  for (let from = 0; from < bytes.length; from += CHUNK) {
    const stream = from + CHUNK < bytes.length;
    const lines = (rest + decode(file, decoder, bytes.subarray(from, from + CHUNK), stream)).split("\n");
    rest = stream ? lines.pop()! : "";
    for (const line of lines) {
      number++;
      if (line.trim() === "") continue;
      found++;
      yield [number, line.endsWith("\r") ? line.slice(0, -1) : line];
    }
  }
  if (found === 0) throw badFile(file, "expected lines, got an empty file");
}

function decode(file: string, decoder: TextDecoder, bytes: Uint8Array, stream: boolean): string {
  try {
    return decoder.decode(bytes, { stream });
  } catch (cause) {
    throw badFile(file, "expected UTF-8 text, plain or gzip-compressed, got a damaged file", cause);
  }
}

function readBytes(file: string): Uint8Array {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ERR_FS_FILE_TOO_LARGE")
      throw tooLarge(file, cause);
    throw badFile(file, "expected a file that can be read, got none", cause);
  }
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return gunzipSync(bytes, { maxOutputLength: LARGEST });
  } catch (cause) {
    if (cause instanceof RangeError) throw tooLarge(file, cause);
    throw badFile(file, "expected UTF-8 text, plain or gzip-compressed, got a damaged file", cause);
  }
}

function tooLarge(file: string, cause: unknown): CairnError {
  return badFile(file, "expected at most 2 GiB of text, got more", cause);
}

/** A line that does not fit, with its number and the reason. */
export function badLine(file: string, line: number, reason: string): CairnError {
  return new CairnError("UNREADABLE_FILE", `${file}, line ${line}: ${reason}`, {
    hint: "lists are `user item item …`, triples user, item, value and timestamp between tabs",
    details: { line },
  });
}

/** A file that does not fit as a whole. */
export function badFile(
  file: string,
  reason: string,
  cause?: unknown,
  hint = "check the path and the format",
): CairnError {
  return new CairnError("UNREADABLE_FILE", `${file}: ${reason}`, { hint, cause });
}

/** Ids in order: as numbers when all are whole numbers, of any length, else as text. */
export function inOrder(ids: Iterable<string>): string[] {
  const list = [...ids];
  const areNumbers = list.every((id) => /^\d+$/.test(id));
  const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
  if (!areNumbers) return list.sort(byText);
  // Without leading zeros the longer number is the greater one: ids beyond 2⁵³ keep their order, too.
  const digits = (id: string): string => id.replace(/^0+/, "");
  return list.sort((a, b) => {
    const [x, y] = [digits(a), digits(b)];
    return x.length - y.length || byText(x, y) || byText(a, b);
  });
}

/** Numbers ids by their first appearance. */
export function numberIds(): { readonly ids: readonly string[]; numberOf(id: string): number } {
  const ids: string[] = [];
  const numbers = new Map<string, number>();
  return {
    ids,
    numberOf(id) {
      const known = numbers.get(id);
      if (known !== undefined) return known;
      numbers.set(id, ids.length);
      return ids.push(id) - 1;
    },
  };
}
