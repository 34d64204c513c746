import { randomUUID } from "node:crypto";
import { link, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CairnError } from "../../errors.ts";

/**
 * A process by number and start time, so that a number that the system has given to another process since is not
 * mistaken for the one that wrote it down. Where the system does not tell the start time, the number alone.
 */
export async function identify(pid: number): Promise<string | undefined> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return undefined;
  }
  try {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    // The second field is the program's name in brackets and may hold blanks: count from after it.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? undefined : `${pid}:${fields[19]}`;
  } catch {
    return `${pid}:`;
  }
}

/** Whether the process that wrote this identity still lives. */
export async function lives(identity: string): Promise<boolean> {
  const pid = Number.parseInt(identity, 10);
  if (!Number.isInteger(pid) || pid <= 0) return false;
  return (await identify(pid)) === identity;
}

/** The identity of this process. */
export async function self(): Promise<string> {
  return (await identify(process.pid)) ?? `${process.pid}:`;
}

/**
 * Runs `work` while holding the folder's lock file; waits for a live holder, takes over from a dead one.
 * The lock spares processes that start together the work of finding out who was first; PostgreSQL's own lock on the data
 * directory and the atomic rename after initdb are what keeps the data whole.
 * @throws CairnError `CONFLICT` when a live process holds it for over a minute
 */
export async function withLock<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const lock = join(folder, "lock");
  const mine = `${lock}.${randomUUID()}`;
  const identity = await self();
  await writeFile(mine, identity, { mode: 0o600 });
  try {
    await acquire(lock, mine);
    try {
      return await work();
    } finally {
      if ((await read(lock)) === identity) await rm(lock, { force: true });
    }
  } finally {
    await rm(mine, { force: true });
  }
}

async function acquire(lock: string, mine: string): Promise<void> {
  for (let attempt = 0; attempt < 1200; attempt++) {
    try {
      await link(mine, lock);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const holder = await read(lock);
    if (holder !== undefined && !(await lives(holder)) && (await read(lock)) === holder)
      await rm(lock, { force: true });
    else await sleep(50);
  }
  throw new CairnError(
    "CONFLICT",
    "expected the record store's start lock to come free within a minute, got a live process holding it",
    {
      hint: "end the other cairn process, or wait until it has started",
      details: { lock },
    },
  );
}

async function read(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch {
    return undefined;
  }
}

/** The users of a server: one file for each start, so that the last one to leave can stop it. */
export interface Members {
  /** Signs in, as the one who started the server or as one who found it. */
  join(owner: boolean): Promise<void>;
  /** Signs out. */
  leave(): Promise<void>;
  /** Whether another user in a live process is there (as owner, where asked). */
  others(options?: { owner: boolean }): Promise<boolean>;
}

/** The members of a server folder. Files of dead processes are swept on sight. */
export async function members(folder: string): Promise<Members> {
  const base = join(folder, "members");
  await mkdir(base, { recursive: true });
  const identity = await self();
  const name = `${identity.replace(":", "-")}.${randomUUID()}`;
  const mine = join(base, name);
  return {
    join: (owner) => writeFile(mine, JSON.stringify({ identity, owner })),
    leave: () => rm(mine, { force: true }),
    async others(options) {
      let found = false;
      for (const other of await readdir(base)) {
        if (other === name) continue;
        const member = parse(await read(join(base, other)));
        if (member === undefined || !(await lives(member.identity))) await rm(join(base, other), { force: true });
        else if (options === undefined || member.owner === options.owner) found = true;
      }
      return found;
    },
  };
}

function parse(text: string | undefined): { identity: string; owner: boolean } | undefined {
  try {
    return JSON.parse(text ?? "") as { identity: string; owner: boolean };
  } catch {
    return undefined;
  }
}
