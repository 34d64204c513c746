import { SaxesParser } from "saxes";
import type { SourceFile } from "../core/csv.ts";
import { unreadable } from "../core/csv.ts";

/** An element with everything in it. */
export interface XmlElement {
  /** Without its namespace prefix. */
  readonly name: string;
  readonly line: number;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  /** The text directly in it, trimmed. */
  readonly text: string;
}

interface OpenElement extends XmlElement {
  readonly children: XmlElement[];
  text: string;
}

const deepest = 64; // Ed-Fi nests about ten deep; a file that nests further is no honest one

/**
 * The elements directly under the root, one at a time, as a stream. Entities that a document type declares are not expanded
 * and nothing outside the file is fetched: such a file is refused.
 * @param wanted - the names that are built; others are passed over without memory
 * @throws CairnError `UNREADABLE_FILE` when the file is not well-formed or nests too deep
 */
export async function* readXmlElements(
  file: SourceFile,
  wanted: (name: string) => boolean,
  onBytes?: (bytes: number) => void,
): AsyncGenerator<XmlElement> {
  const parser = new SaxesParser();
  const open: OpenElement[] = [];
  const ready: XmlElement[] = [];
  let depth = 0;
  let line = 1;
  parser.on("error", (error) => {
    throw error;
  });
  parser.on("opentagstart", () => {
    line = parser.line;
  });
  parser.on("opentag", ({ name, attributes }) => {
    depth += 1;
    if (depth > deepest) throw new Error(`elements nested more than ${deepest} deep`);
    const local = localName(name);
    if (open.length === 0 && (depth !== 2 || !wanted(local))) return;
    open.push({ name: local, line, attributes, children: [], text: "" });
  });
  const text = (value: string): void => {
    const current = open.at(-1);
    if (current !== undefined) current.text += value;
  };
  parser.on("text", text);
  parser.on("cdata", text);
  parser.on("closetag", () => {
    depth -= 1;
    const closed = open.pop();
    if (closed === undefined) return;
    closed.text = closed.text.trim();
    const parent = open.at(-1);
    if (parent === undefined) ready.push(closed);
    else parent.children.push(closed);
  });
  const decoder = new TextDecoder("utf-8");
  try {
    for await (const chunk of await file.open()) {
      onBytes?.((chunk as Buffer).length);
      parser.write(decoder.decode(chunk as Buffer, { stream: true }));
      yield* ready.splice(0);
    }
    parser.write(decoder.decode());
    parser.close();
    yield* ready.splice(0);
  } catch (cause) {
    throw unreadable(file.name, cause);
  }
}

function localName(name: string): string {
  return name.slice(name.indexOf(":") + 1);
}
