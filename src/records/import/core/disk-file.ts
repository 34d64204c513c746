import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { CairnError } from "../../../errors.ts";
import type { SourceFile } from "./csv.ts";

/**
 * A file on disk as a source.
 * @throws CairnError `UNREADABLE_FILE` when there is none, or it is a folder
 */
export async function diskFile(path: string, name = basename(path)): Promise<SourceFile> {
  let bytes: number;
  try {
    const found = await stat(path);
    if (!found.isFile()) throw new Error("it is a folder");
    bytes = found.size;
  } catch (cause) {
    throw new CairnError(
      "UNREADABLE_FILE",
      `expected a file ${name}, got: ${cause instanceof Error ? cause.message : String(cause)}`,
      {
        hint: "check the path",
        details: { file: name },
        cause,
      },
    );
  }
  return { name, bytes, open: async () => createReadStream(path) };
}
