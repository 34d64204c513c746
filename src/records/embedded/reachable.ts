import { createHash, randomUUID } from "node:crypto";
import { chown, cp, mkdir, readFile, rename, rm } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import type { ServerBinaries } from "./binaries.ts";
import type { SystemUser } from "./program.ts";
import { run } from "./program.ts";

/** Programs and folder of a server that runs as a user of its own. */
export interface Place {
  readonly folder: string;
  readonly binaries: ServerBinaries;
}

// Where Debian, Red Hat and PostgreSQL's own packages keep the state of services.
const defaultShelter = "/var/lib/cairn";

/**
 * Started as root, the server runs as another user, who cannot enter root's home: neither the programs in a clone there nor
 * the data. What cannot be reached then moves to /var/lib/cairn: the programs are copied once per version, the data lies in
 * a folder named after the one that was asked for. Elsewhere nothing changes.
 * @param folder - absolute; made and given to the user when it is reachable
 * @param shelter - another place than /var/lib/cairn
 */
export async function reachablePlace(
  folder: string,
  binaries: ServerBinaries,
  user: SystemUser | undefined,
  shelter: string = defaultShelter,
): Promise<Place> {
  await mkdir(folder, { recursive: true });
  if (user === undefined) return { folder, binaries };
  const reached = await run(binaries.initdb, ["--version"], { user, cwd: "/" });
  const place = {
    binaries: reached.code === 126 ? await shelterPrograms(binaries, shelter) : binaries,
    folder: (await enters(folder, user)) ? folder : join(shelter, `records-${fingerprint(folder)}`),
  };
  await mkdir(place.folder, { recursive: true });
  await chown(place.folder, user.uid, user.gid);
  return place;
}

async function enters(folder: string, user: SystemUser): Promise<boolean> {
  return (await run("/bin/sh", ["-c", 'cd "$1"', "sh", folder], { user, cwd: "/" })).code === 0;
}

const fingerprint = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 16);

async function shelterPrograms(binaries: ServerBinaries, shelter: string): Promise<ServerBinaries> {
  const native = dirname(dirname(binaries.initdb));
  const manifest = JSON.parse(await readFile(join(dirname(native), "package.json"), "utf8")) as { version?: string };
  const home = join(shelter, `postgresql-${manifest.version ?? fingerprint(native)}`);
  const moved = (program: string): string => join(home, relative(native, program));
  const programs = {
    initdb: moved(binaries.initdb),
    postgres: moved(binaries.postgres),
    pg_ctl: moved(binaries.pg_ctl),
  };
  if ((await run(programs.initdb, ["--version"])).code === 0) return programs;
  const unfinished = `${home}.${randomUUID()}`;
  await mkdir(shelter, { recursive: true, mode: 0o755 });
  try {
    await cp(native, unfinished, { recursive: true, verbatimSymlinks: true });
    await rename(unfinished, home);
  } catch (cause) {
    // Another process was quicker: its copy serves as well.
    if ((await run(programs.initdb, ["--version"])).code !== 0) throw cause;
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  return programs;
}
