import { spawn } from "node:child_process";
import { CairnError } from "../../errors.ts";

/** The system user a program runs as; undefined: the one who runs cairn. */
export interface SystemUser {
  readonly uid: number;
  readonly gid: number;
}

/** What a program left behind. */
export interface Outcome {
  readonly code: number;
  readonly output: string;
}

/** Runs a program to its end. A program that cannot be started at all is an outcome as well (code 126). */
export function run(
  program: string,
  args: readonly string[],
  options: { user?: SystemUser | undefined; cwd?: string } = {},
): Promise<Outcome> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const child = spawn(program, args, {
      ...(options.user === undefined ? {} : { uid: options.user.uid, gid: options.user.gid }),
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      // The server must not inherit PG* settings or a locale of the caller.
      env: { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL: "C", TZ: "UTC" },
      stdio: ["ignore", "pipe", "pipe"],
      windowsHide: true,
    });
    child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.on("error", (error) => resolve({ code: 126, output: error.message }));
    child.on("close", (code) => resolve({ code: code ?? 125, output: Buffer.concat(chunks).toString("utf8").trim() }));
  });
}

const userName = "postgres";

/**
 * The user the server runs as: PostgreSQL refuses to run as root, so as root it is the system user `postgres`, made when absent.
 * @throws CairnError `BAD_CONFIGURATION` when there is no such user and none can be made
 */
export async function serverUser(): Promise<SystemUser | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const known = await lookUp();
  if (known !== undefined) return known;
  await run("groupadd", ["--system", userName]);
  const made = await run("useradd", [
    "--system",
    "--gid",
    userName,
    "--no-create-home",
    "--shell",
    "/usr/sbin/nologin",
    userName,
  ]);
  const user = await lookUp();
  if (user !== undefined) return user;
  throw new CairnError(
    "BAD_CONFIGURATION",
    `expected a system user ${userName} to run the server as (PostgreSQL refuses root), got: ${made.output}`,
    {
      hint: "create the user, run cairn as an ordinary user, or set DATABASE_URL",
    },
  );
}

async function lookUp(): Promise<SystemUser | undefined> {
  const uid = await run("id", ["-u", userName]);
  const gid = await run("id", ["-g", userName]);
  if (uid.code !== 0 || gid.code !== 0) return undefined;
  return { uid: Number(uid.output), gid: Number(gid.output) };
}
