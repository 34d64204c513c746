import { createWriteStream } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { CairnError } from "../../../errors.ts";
import { unwritable } from "./zip.ts";

/**
 * Writes objects as JSON lines into a file of a folder, which is made when it is not there; the file is put in place when it
 * is whole.
 * @returns how many lines
 * @throws CairnError `BAD_INPUT` when the place cannot be written to, `CANCELLED`; what the objects throw
 */
export async function writeLines(
  folder: string,
  file: string,
  objects: AsyncIterable<object>,
  signal?: AbortSignal,
): Promise<number> {
  const path = join(folder, file);
  const partial = `${path}.part`;
  let rows = 0;
  const lines = async function* (): AsyncGenerator<string> {
    for await (const object of objects) {
      if (signal?.aborted === true)
        throw new CairnError("CANCELLED", `the export was asked to stop; ${file} was not written`);
      rows += 1;
      yield `${JSON.stringify(object)}\n`;
    }
  };
  try {
    await mkdir(folder, { recursive: true });
    await pipeline(Readable.from(lines()), createWriteStream(partial, { mode: 0o600 }));
    await rename(partial, path);
  } catch (cause) {
    await rm(partial, { force: true }).catch(() => undefined);
    throw cause instanceof CairnError ? cause : unwritable(path, cause);
  }
  return rows;
}
