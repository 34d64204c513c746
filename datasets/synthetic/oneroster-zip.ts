import { createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { ZipFile } from "yazl";
import { WAITING_FOLDER } from "./export-rows.ts";
import { oneRosterColumns } from "./oneroster-columns.ts";

/**
 * Packs the OneRoster files into oneroster.zip and removes the unpacked ones. The time in the archive is fixed and in
 * the old local form without a zone, so that the bytes are the same on every machine.
 */
export async function zipOneRoster(folder: string, signal?: AbortSignal): Promise<void> {
  const zip = new ZipFile();
  const mtime = new Date(2025, 0, 1);
  for (const name of Object.keys(oneRosterColumns)) {
    zip.addFile(join(folder, WAITING_FOLDER, `${name}.csv`), `${name}.csv`, {
      mtime,
      mode: 0o100644,
      forceDosTimestamp: true,
    });
  }
  zip.end();
  const target = createWriteStream(join(folder, "oneroster.zip"));
  await pipeline(zip.outputStream, target, signal === undefined ? {} : { signal });
  await rm(join(folder, WAITING_FOLDER), { recursive: true });
}
