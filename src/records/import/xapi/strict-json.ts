import { parseForeignJson } from "../json.ts";
import { refuse } from "./checks.ts";

/**
 * Parses JSON as a statement must be: no member twice in one object (`JSON.parse` would keep the last one and say nothing, so two
 * readers could see two actors), and neither NUL nor half of a surrogate pair, which the record cannot hold.
 * @param path - what the text is, for messages
 * @throws CairnError `BAD_INPUT`
 */
export function parseStrictJson(source: string, path: string): unknown {
  let value: unknown;
  try {
    value = parseForeignJson(source);
  } catch {
    refuse(path, "JSON");
  }
  // Written anew, whatever its spelling was: the record's own JSON holds neither NUL nor half of a character.
  if (/(?:^|[^\\])(?:\\\\)*\\u(?:0000|d[89a-f])/i.test(JSON.stringify(value))) {
    refuse(path, "JSON of whole characters, without NUL");
  }
  if (hasRepeatedMember(source)) refuse(path, "JSON whose objects have every member once");
  return value;
}

/** Scans text that is known to be JSON: strings, and the brackets between them. */
function hasRepeatedMember(source: string): boolean {
  const token = /"(?:[^"\\]|\\.)*"|[{}[\]]/g;
  const open: (Set<string> | undefined)[] = [];
  for (let match = token.exec(source); match !== null; match = token.exec(source)) {
    const found = match[0];
    if (found === "{") open.push(new Set());
    else if (found === "[") open.push(undefined);
    else if (found === "}" || found === "]") open.pop();
    else {
      const members = open.at(-1);
      if (members === undefined || !isMember(source, token.lastIndex)) continue;
      const name = JSON.parse(found) as string;
      if (members.has(name)) return true;
      members.add(name);
    }
  }
  return false;
}

/** Whether the string that ends here is a member's name: a colon follows. */
function isMember(source: string, end: number): boolean {
  for (let i = end; i < source.length; i++) {
    const character = source[i]!;
    if (character === ":") return true;
    if (!/\s/.test(character)) return false;
  }
  return false;
}
