import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { parse } from "csv-parse/sync";
import { openPromise } from "yauzl";

/** A row by column name. */
export type Cells = Record<string, string>;

/** A temporary folder and what removes it. */
export async function temporaryFolder(): Promise<{ folder: string; remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), "cairn-district-"));
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** The rows of a flat file. */
export async function readFlat(folder: string, file: string): Promise<Cells[]> {
  return parse(await readFile(join(folder, file)), { columns: true });
}

/** The files inside oneroster.zip, as bytes. */
export async function unzipOneRoster(folder: string): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>();
  const zip = await openPromise(join(folder, "oneroster.zip"));
  for await (const entry of zip.eachEntry()) {
    files.set(entry.fileName, await buffer(await zip.openReadStreamPromise(entry)));
  }
  return files;
}

/** The rows of every OneRoster file by name without its ending. */
export async function readOneRoster(folder: string): Promise<(name: string) => Cells[]> {
  const files = await unzipOneRoster(folder);
  const parsed = new Map(
    [...files].map(([name, bytes]) => [name.replace(".csv", ""), parse(bytes, { columns: true }) as Cells[]]),
  );
  return (name) => {
    const rows = parsed.get(name);
    if (rows === undefined) throw new Error(`no ${name}.csv in the archive`);
    return rows;
  };
}
