import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { CairnError } from "../../src/errors.ts";

/** A public data file that is never committed: where it lies in the data folder, what it must hash to, who publishes it. */
export interface PublicFile {
  readonly path: string;
  readonly sha256: string;
  readonly published: string;
}

/**
 * The text of a gzip-compressed public file, checked against its hash so that a figure always means the same data.
 * @param folder - the data folder (`CAIRN_DATASETS`)
 * @throws CairnError `UNREADABLE_FILE` when the file is missing or is another one
 */
export function readPublicFile(folder: string, { path, sha256, published }: PublicFile): string {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(join(folder, path));
  } catch (cause) {
    throw new CairnError("UNREADABLE_FILE", `expected ${path} in the data folder, got none`, {
      hint: `get it from ${published} and set CAIRN_DATASETS`,
      cause,
    });
  }
  const found = createHash("sha256").update(bytes).digest("hex");
  if (found !== sha256) {
    throw new CairnError("UNREADABLE_FILE", `expected ${path} with sha-256 ${sha256}, got ${found}`, {
      hint: `get the file again from ${published}`,
    });
  }
  return gunzipSync(bytes).toString("utf8");
}
