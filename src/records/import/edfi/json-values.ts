import { CairnError } from "../../../errors.ts";
import type { SourceFile } from "../core/csv.ts";
import { unreadable } from "../core/csv.ts";

/** The text of one JSON value of a file and the line it begins on, counted from 1. */
export interface JsonText {
  readonly line: number;
  readonly text: string;
}

const longestRecord = 16 * 2 ** 20; // characters: the largest honest Ed-Fi body is some hundred thousand

/**
 * The records of a file as text, one at a time, so that memory does not grow with the file: the elements of one JSON array,
 * or objects one after the other. In `.jsonl` and `.ndjson` files every line is a record by itself, so that a broken one
 * loses no other.
 * @throws CairnError `UNREADABLE_FILE` when the file breaks off, is UTF-16, or holds a record of over 16 million characters
 */
export async function* readJsonTexts(file: SourceFile, onBytes?: (bytes: number) => void): AsyncGenerator<JsonText> {
  const byLine = /\.(jsonl|ndjson)(\.gz)?$/i.test(file.name);
  const splitter = byLine ? new LineSplitter() : new ValueSplitter();
  const decoder = new TextDecoder("utf-8"); // takes the byte order mark away; bytes that are not UTF-8 become U+FFFD
  let first = true;
  try {
    for await (const chunk of await file.open()) {
      const bytes = chunk as Buffer;
      if (first && ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)))
        throw refusedFile(file.name, "UTF-8", "UTF-16", "save it as UTF-8");
      first = false;
      onBytes?.(bytes.length);
      yield* splitter.push(decoder.decode(bytes, { stream: true }));
      if (splitter.pending > longestRecord)
        throw refusedFile(
          file.name,
          `records of at most ${longestRecord} characters`,
          "a longer one",
          "check that it is whole",
        );
    }
    yield* splitter.push(decoder.decode());
    yield* splitter.end();
  } catch (cause) {
    throw unreadable(file.name, cause);
  }
}

function refusedFile(file: string, expected: string, got: string, hint: string): CairnError {
  return new CairnError("UNREADABLE_FILE", `expected ${file} in ${expected}, got ${got}`, { hint, details: { file } });
}

/** One record a line. */
class LineSplitter {
  #rest = "";
  #line = 0;

  get pending(): number {
    return this.#rest.length;
  }

  *push(text: string): Generator<JsonText> {
    if (!text.includes("\n")) {
      this.#rest += text; // to split it again and again would take the square of a long line's length
      return;
    }
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop()!;
    for (const line of lines) yield* this.#take(line);
  }

  *end(): Generator<JsonText> {
    yield* this.#take(this.#rest);
  }

  *#take(line: string): Generator<JsonText> {
    this.#line += 1;
    const text = line.trim();
    if (text !== "") yield { line: this.#line, text };
  }
}

/** Values one after the other, in an array or not: brackets are counted outside of quotation marks. */
class ValueSplitter {
  #text = "";
  #depth = 0;
  /** The value begins with no bracket, so it is no record; it ends at the next comma or line. */
  #bare = false;
  #inside = false;
  #inArray = false;
  #quoted = false;
  #escaped = false;
  #line = 1;
  #start = 1;

  get pending(): number {
    return this.#text.length;
  }

  *push(text: string): Generator<JsonText> {
    let from = 0;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code === newline) this.#line += 1;
      if (this.#quoted) {
        this.#readQuoted(code);
      } else if (!this.#inside) {
        if (this.#begins(code)) from = i;
      } else if (this.#ends(code)) {
        yield* this.#take(this.#text + text.slice(from, this.#bare ? i : i + 1));
      }
    }
    if (this.#inside) this.#text += text.slice(from);
  }

  *end(): Generator<JsonText> {
    if (this.#inside) yield* this.#take(this.#text);
  }

  /** Whether a value begins here: what stands between values is passed over, and the array that may hold them all. */
  #begins(code: number): boolean {
    if (code <= space || code === comma || code === closeBracket) return false;
    if (code === openBracket && !this.#inArray) {
      this.#inArray = true;
      return false;
    }
    this.#inside = true;
    this.#start = this.#line;
    this.#bare = !isOpening(code);
    this.#depth = this.#bare ? 0 : 1;
    this.#quoted = code === quote;
    return true;
  }

  #readQuoted(code: number): void {
    if (this.#escaped) this.#escaped = false;
    else if (code === backslash) this.#escaped = true;
    else if (code === quote) this.#quoted = false;
  }

  /** Whether the value ends here; counts the brackets. */
  #ends(code: number): boolean {
    if (this.#bare) return code === comma || code === newline || code === closeBracket;
    if (code === quote) this.#quoted = true;
    else if (isOpening(code)) this.#depth += 1;
    else if (isClosing(code)) this.#depth -= 1;
    return this.#depth === 0;
  }

  *#take(text: string): Generator<JsonText> {
    this.#inside = false;
    this.#text = "";
    this.#depth = 0;
    const trimmed = text.trim();
    if (trimmed !== "") yield { line: this.#start, text: trimmed };
  }
}

const newline = 10;
const space = 32;
const quote = 34;
const comma = 44;
const openBracket = 91;
const backslash = 92;
const closeBracket = 93;

function isOpening(code: number): boolean {
  return code === openBracket || code === 123;
}

function isClosing(code: number): boolean {
  return code === closeBracket || code === 125;
}
