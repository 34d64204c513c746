import { readFile } from "node:fs/promises";
import { z } from "zod";
import type { KnownKey } from "../../engine/credentials/credentials.ts";
import { CairnError } from "../../errors.ts";

const keyList = z.array(
  z.object({
    issuer: z.string().min(1),
    id: z.string().optional(),
    publicKeyMultibase: z.string().optional(),
    publicKeyJwk: z.looseObject({ kty: z.string() }).optional(),
  }),
);

/** A file an option names, as text. @throws CairnError `UNREADABLE_FILE` */
export async function optionFile(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw new CairnError("UNREADABLE_FILE", `expected a file at ${path}, got none that can be read`, {
      hint: "check the path",
      cause,
    });
  }
}

/** The keys of a `--keys` file: a JSON list of {issuer, id?, publicKeyMultibase? or publicKeyJwk?}. */
export async function readKeys(path: string | undefined): Promise<readonly KnownKey[]> {
  if (path === undefined) return [];
  const parsed = keyList.safeParse(json(await optionFile(path), path));
  if (parsed.success) return parsed.data as readonly KnownKey[];
  throw new CairnError("BAD_INPUT", `expected a list of issuers' keys in ${path}, got something else`, {
    hint: 'write [{"issuer": "https://…", "publicKeyMultibase": "z6Mk…"}], or publicKeyJwk for other keys',
  });
}

/** The lists of `--status-list ADDRESS=FILE`, by address. */
export async function readStatusLists(
  options: readonly string[],
): Promise<ReadonlyMap<string, Record<string, unknown>>> {
  const lists = new Map<string, Record<string, unknown>>();
  for (const option of options) {
    const at = option.lastIndexOf("=");
    const path = option.slice(at + 1);
    const list = at < 1 ? undefined : json(await optionFile(path), path);
    if (typeof list !== "object" || list === null || Array.isArray(list)) {
      throw new CairnError(
        "BAD_INPUT",
        "expected --status-list ADDRESS=FILE with a JSON object in the file, got something else",
      );
    }
    lists.set(option.slice(0, at), list as Record<string, unknown>);
  }
  return lists;
}

function json(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new CairnError("BAD_INPUT", `expected JSON in ${path}, got something else`, { cause });
  }
}

/** Gathers an option that may be given several times. */
export function several(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}
