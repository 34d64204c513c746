import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import type { Readable } from "node:stream";
import type { Entry, ZipFile } from "yauzl";
import yauzl from "yauzl";
import { CairnError } from "../../../errors.ts";
import type { SourceFile } from "../core/csv.ts";
import { diskFile } from "../core/disk-file.ts";
import { fingerprint } from "../core/fingerprint.ts";

/** The files of a zip or a folder, with a fingerprint of them all. */
export interface Archive {
  /** By their path inside the zip or folder, with `/` between the parts. */
  readonly files: readonly SourceFile[];
  readonly sha256: string;
  /** Lets go of the zip file. */
  close(): void;
}

/** What a package may be at most, so that a small upload cannot fill the disk or the memory. */
export interface PackageLimits {
  readonly entries: number;
  /** Bytes of all files together, unpacked. */
  readonly bytes: number;
  /** Unpacked by packed bytes of one file; text of school records stays far below. */
  readonly ratio: number;
}

/** Room for a state of a million learners; a repeated CSV row packs at most about 200 to 1. */
export const packageLimits: PackageLimits = { entries: 500, bytes: 64 * 2 ** 30, ratio: 300 };

const ratioMatters = 4 * 2 ** 20; // below this size no ratio does harm

/** How an archive is opened. */
export interface ArchiveOptions {
  /** What it should be, for the message when there is nothing at the path: such as `a OneRoster zip or folder`. */
  readonly expected: string;
  /** Which files of it are read, by name. */
  readonly accepts: (name: string) => boolean;
  /** Whether folders inside a folder are read as well; those of a zip always are. */
  readonly nested?: boolean;
  readonly limits?: PackageLimits;
}

/**
 * Opens a zip or a folder.
 * @throws CairnError `UNREADABLE_FILE` when there is neither, or the zip is truncated, encrypted or passes the limits
 */
export async function openArchive(path: string, options: ArchiveOptions): Promise<Archive> {
  let isFolder: boolean;
  try {
    isFolder = (await stat(path)).isDirectory();
  } catch (cause) {
    throw new CairnError("UNREADABLE_FILE", `expected ${options.expected} at ${path}, got nothing there`, {
      hint: "check the path",
      cause,
    });
  }
  return isFolder ? openFolder(path, options) : openZip(path, options);
}

async function openFolder(path: string, { accepts, nested = false }: ArchiveOptions): Promise<Archive> {
  const files: SourceFile[] = [];
  const entries = await readdir(path, { recursive: nested, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  for (const full of paths.sort()) {
    const name = relative(path, full).split(sep).join("/");
    if (accepts(name)) files.push(await diskFile(full, name));
  }
  return { files, sha256: await fingerprint(files), close: () => undefined };
}

async function openZip(path: string, { accepts, limits = packageLimits }: ArchiveOptions): Promise<Archive> {
  const archive = await new Promise<ZipFile>((done, fail) => {
    yauzl.open(path, { lazyEntries: true, autoClose: false }, (error, opened) =>
      error ? fail(notZip(error)) : done(opened),
    );
  });
  try {
    const entries = (await listEntries(archive, limits)).filter((entry) => accepts(entry.fileName));
    const files = entries.map((entry) => ({
      name: entry.fileName,
      bytes: entry.uncompressedSize,
      open: () => openEntry(archive, entry),
    }));
    const sha256 = await fingerprint([{ name: "package.zip", bytes: 0, open: async () => createReadStream(path) }]);
    return { files, sha256, close: () => archive.close() };
  } catch (error) {
    archive.close();
    throw error;
  }
}

function listEntries(archive: ZipFile, limits: PackageLimits): Promise<Entry[]> {
  return new Promise((done, fail) => {
    const entries: Entry[] = [];
    let bytes = 0;
    if (archive.entryCount > limits.entries) {
      fail(refused(`at most ${limits.entries} files`, String(archive.entryCount)));
      return;
    }
    archive.on("entry", (entry: Entry) => {
      bytes += entry.uncompressedSize;
      const ratio = entry.uncompressedSize / Math.max(1, entry.compressedSize);
      if (bytes > limits.bytes) fail(refused(`at most ${limits.bytes} bytes unpacked`, `${bytes} or more`));
      else if (entry.uncompressedSize > ratioMatters && ratio > limits.ratio) {
        fail(refused(`files packed at most ${limits.ratio} to 1`, `one packed ${Math.round(ratio)} to 1`));
      } else if ((entry.generalPurposeBitFlag & 1) === 1) fail(refused("files without a password", "an encrypted one"));
      else {
        if (!entry.fileName.endsWith("/") && !entry.fileName.startsWith("__MACOSX/")) entries.push(entry);
        archive.readEntry();
      }
    });
    archive.on("error", (error: Error) => fail(notZip(error)));
    archive.on("end", () => done(entries));
    archive.readEntry();
  });
}

// yauzl itself refuses an entry that unpacks to more (or fewer) bytes than it declares, so the limits cannot be lied to.
function openEntry(archive: ZipFile, entry: Entry): Promise<Readable> {
  return new Promise((done, fail) => {
    archive.openReadStream(entry, (error, stream) => (error ? fail(notZip(error)) : done(stream)));
  });
}

/** The error for an archive that passes its limits. */
export function refused(expected: string, got: string): CairnError {
  return new CairnError("UNREADABLE_FILE", `expected a package with ${expected}, got ${got}`, {
    hint: "a package that unpacks to far more than it should is not read; split the delivery, or have it checked",
  });
}

function notZip(cause: Error): CairnError {
  return new CairnError("UNREADABLE_FILE", `expected a whole zip file, got: ${cause.message}`, {
    hint: "the file may be truncated: fetch it again and compare its size",
    cause,
  });
}
