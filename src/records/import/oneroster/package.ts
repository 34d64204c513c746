import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Readable } from "node:stream";
import type { Entry, ZipFile } from "yauzl";
import yauzl from "yauzl";
import { CairnError } from "../../../errors.ts";
import type { SourceFile } from "../core/csv.ts";
import { diskFile } from "../core/disk-file.ts";
import { fingerprint } from "../core/fingerprint.ts";

/** An opened OneRoster package: a zip, or a folder of the same files. */
export interface RosterPackage {
  /** By file name in lower case without folder, such as `users.csv`. */
  readonly files: ReadonlyMap<string, SourceFile>;
  readonly sha256: string;
  /** Oddities of the package itself. */
  readonly oddities: readonly string[];
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

/**
 * Opens a package. Files in one folder of the zip and names in another case are found as well.
 * @throws CairnError `UNREADABLE_FILE` when it is no zip or folder, is truncated or encrypted, or passes the limits
 */
export async function openPackage(path: string, limits: PackageLimits = packageLimits): Promise<RosterPackage> {
  let isFolder: boolean;
  try {
    isFolder = (await stat(path)).isDirectory();
  } catch (cause) {
    throw new CairnError("UNREADABLE_FILE", `expected a OneRoster zip or folder at ${path}, got nothing there`, {
      hint: "check the path",
      cause,
    });
  }
  return isFolder ? openFolder(path) : openZip(path, limits);
}

async function openFolder(path: string): Promise<RosterPackage> {
  const files = new Map<string, SourceFile>();
  for (const name of (await readdir(path)).sort()) {
    if (name.toLowerCase().endsWith(".csv")) files.set(name.toLowerCase(), await diskFile(join(path, name)));
  }
  return { files, sha256: await fingerprint([...files.values()]), oddities: [], close: () => undefined };
}

async function openZip(path: string, limits: PackageLimits): Promise<RosterPackage> {
  const archive = await new Promise<ZipFile>((done, fail) => {
    yauzl.open(path, { lazyEntries: true, autoClose: false }, (error, opened) =>
      error ? fail(notZip(error)) : done(opened),
    );
  });
  try {
    const entries = await listEntries(archive, limits);
    const files = new Map<string, SourceFile>();
    const oddities = new Set<string>();
    for (const entry of entries) {
      if (entry.fileName.includes("/")) oddities.add("files in a folder inside the zip");
      const name = basename(entry.fileName);
      if (!name.toLowerCase().endsWith(".csv")) continue;
      if (files.has(name.toLowerCase())) throw refused(`${name} once`, "it twice");
      files.set(name.toLowerCase(), { name, bytes: entry.uncompressedSize, open: () => openEntry(archive, entry) });
    }
    const sha256 = await fingerprint([{ name: "package.zip", bytes: 0, open: async () => createReadStream(path) }]);
    return { files, sha256, oddities: [...oddities], close: () => archive.close() };
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

function refused(expected: string, got: string): CairnError {
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
