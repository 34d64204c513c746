import { basename } from "node:path";
import type { SourceFile } from "../core/csv.ts";
import type { PackageLimits } from "./archive.ts";
import { openArchive, packageLimits, refused } from "./archive.ts";

/** An opened OneRoster package: a zip, or a folder of the same files. */
export interface RosterPackage {
  /** By file name in lower case without folder, such as `users.csv`. */
  readonly files: ReadonlyMap<string, SourceFile>;
  readonly sha256: string;
  /** Responses of the REST API, where the package holds them instead of CSV. */
  readonly responses?: readonly SourceFile[];
  /** Oddities of the package itself. */
  readonly oddities: readonly string[];
  /** Lets go of the zip file. */
  close(): void;
}

/**
 * Opens a package. Files in one folder of the zip and names in another case are found as well.
 * @throws CairnError `UNREADABLE_FILE` when it is no zip or folder, is truncated or encrypted, or passes the limits
 */
export async function openPackage(path: string, limits: PackageLimits = packageLimits): Promise<RosterPackage> {
  const archive = await openArchive(path, {
    expected: "a OneRoster zip or folder",
    accepts: (name) => /\.(csv|json)$/i.test(name),
    limits,
  });
  const files = new Map<string, SourceFile>();
  const oddities = new Set<string>();
  const tables = archive.files.filter(({ name }) => /\.csv$/i.test(name));
  for (const file of tables) {
    if (file.name.includes("/")) oddities.add("files in a folder inside the zip");
    const name = basename(file.name);
    if (files.has(name.toLowerCase())) {
      archive.close();
      throw refused(`${name} once`, "it twice");
    }
    files.set(name.toLowerCase(), { ...file, name });
  }
  const responses = tables.length === 0 ? { responses: archive.files } : {};
  return { files, ...responses, sha256: archive.sha256, oddities: [...oddities], close: archive.close };
}
