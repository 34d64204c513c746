import { basename, dirname } from "node:path";
import { Transform } from "node:stream";
import { createGunzip } from "node:zlib";
import type { SourceFile } from "../core/csv.ts";
import { diskFile } from "../core/disk-file.ts";
import { fingerprint } from "../core/fingerprint.ts";
import type { Archive } from "../oneroster/archive.ts";
import { openArchive, packageLimits, refused } from "../oneroster/archive.ts";

/** A file of an Ed-Fi delivery. */
export interface EdFiFile extends SourceFile {
  readonly kind: "json" | "xml";
}

/** The files of a delivery, unpacked as they are read. */
export interface EdFiFiles {
  readonly files: readonly EdFiFile[];
  readonly sha256: string;
  /** Lets go of a zip file. */
  close(): void;
}

const readable = /\.(json|jsonl|ndjson|xml)(\.gz)?$/i;

/**
 * The JSON, JSONL and XML files of a folder (with its folders), a zip, or a single file; any of them packed by gzip.
 * @throws CairnError `UNREADABLE_FILE` when there is nothing at the path, or it passes the limits of a package
 */
export async function openEdFiFiles(path: string): Promise<EdFiFiles> {
  const archive = readable.test(path) ? await singleFile(path) : await openFolderOrZip(path);
  const files = archive.files.map(
    (file): EdFiFile => ({
      ...file,
      name: file.name.replace(/\.gz$/i, ""),
      kind: /\.xml(\.gz)?$/i.test(file.name) ? "xml" : "json",
      open: /\.gz$/i.test(file.name) ? () => unpacked(file) : file.open,
    }),
  );
  return { files, sha256: archive.sha256, close: archive.close };
}

async function singleFile(path: string): Promise<Archive> {
  const file = await diskFile(path);
  return { files: [file], sha256: await fingerprint([file]), close: () => undefined };
}

function openFolderOrZip(path: string): Promise<Archive> {
  return openArchive(path, {
    expected: "an Ed-Fi folder, zip or file",
    accepts: (name) => readable.test(name) && !basename(name).startsWith("."),
    nested: true,
  });
}

/** The unpacked bytes of a gzip file, held to the same limits as those of a zip. */
async function unpacked(file: SourceFile): ReturnType<SourceFile["open"]> {
  let bytes = 0;
  const most = Math.min(packageLimits.bytes, Math.max(4 * 2 ** 20, file.bytes * packageLimits.ratio));
  const limit = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes > most) done(refused(`files packed at most ${packageLimits.ratio} to 1`, `more in ${file.name}`));
      else done(null, chunk);
    },
  });
  const packed = await file.open();
  const gunzip = createGunzip();
  packed.on("error", (error) => limit.destroy(error));
  gunzip.on("error", (error) => limit.destroy(error));
  limit.on("close", () => packed.destroy());
  return packed.pipe(gunzip).pipe(limit);
}

/** The resource a JSON file holds, by its name or that of its folder: `students.json`, `students/0001.jsonl`, `edfi_students_2.json`. */
export function resourceOfFile(name: string): string[] {
  const stem = basename(name).replace(readable, "");
  const bare = stem.replace(/^(ed-?fi[_.-]?)/i, "").replace(/[_.-]?\d*$/, "");
  return [bare, basename(dirname(name))]
    .map((part) => part.replaceAll(/[^A-Za-z0-9]/g, ""))
    .filter((part) => part !== "");
}
