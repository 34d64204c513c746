import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import postgres from "postgres";
import { afterAll } from "vitest";

const program = resolve("dist/src/cli/main.js");

/** What a process left behind. */
export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A cairn process that runs. */
export interface Running {
  readonly child: ChildProcess;
  readonly stdout: () => string;
  readonly stderr: () => string;
  readonly finished: Promise<Finished>;
}

const started = new Set<ChildProcess>();

/** Starts the built command line in an environment of its own: nothing of the caller's settings reaches it. */
export function startCairn(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Running {
  if (!existsSync(program)) throw new Error(`expected the built command line at ${program}: run npm run build`);
  const inherited = Object.entries(process.env).filter(([name]) => !/^(CAIRN_|DATABASE_URL$|REDIS_URL$)/.test(name));
  const child = spawn(process.execPath, [program, ...args], {
    env: { ...Object.fromEntries(inherited), ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  started.add(child);
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const finished = new Promise<Finished>((done) => {
    child.on("close", (code) => {
      started.delete(child);
      done({ code, stdout, stderr });
    });
  });
  return { child, stdout: () => stdout, stderr: () => stderr, finished };
}

/** Runs the built command line to its end. */
export const runCairn = (args: readonly string[], environment?: Readonly<Record<string, string>>): Promise<Finished> =>
  startCairn(args, environment).finished;

/** The one JSON document of a run that went well; the run's own words when it did not. */
export function documentOf<T>({ code, stdout, stderr }: Finished): T {
  if (code !== 0) throw new Error(`expected exit code 0, got ${code}\n${stdout}\n${stderr}`);
  return JSON.parse(stdout) as T;
}

/** Waits until `found` gives something, for at most three minutes: a machine may be busy. */
export async function eventually<T>(what: string, found: () => Promise<T | undefined> | T | undefined): Promise<T> {
  for (const end = Date.now() + 180_000; Date.now() < end; ) {
    const value = await found();
    if (value !== undefined) return value;
    await new Promise((done) => setTimeout(done, 20));
  }
  throw new Error(`waited three minutes for ${what}`);
}

const homes: string[] = [];

/** A folder of its own that the system user postgres can reach; what was started in it ends with the test file. */
export async function freshHome(): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), "cairn-e2e-"));
  homes.push(home);
  await chmod(home, 0o755);
  return home;
}

// At the top of every test file that imports this: inside a test or another hook it would not be heard.
afterAll(async () => {
  for (const child of started) child.kill("SIGKILL");
  for (const home of homes.splice(0)) {
    const server = await serverPid(home);
    if (server !== undefined) process.kill(server, "SIGQUIT"); // a failed test leaves no server behind
    await eventually("the server's end", async () => ((await serverPid(home)) === undefined ? true : undefined));
    await rm(home, { recursive: true, force: true });
  }
});

const serverFile = async (home: string): Promise<string[]> => {
  const text = await readFile(join(home, "postgres", "data", "postmaster.pid"), "utf8").catch(() => "");
  return text.split("\n");
};

/** The process of the embedded server of this home, while it lives. */
export async function serverPid(home: string): Promise<number | undefined> {
  const pid = Number((await serverFile(home))[0]);
  if (!(pid > 0)) return undefined;
  try {
    process.kill(pid, 0);
  } catch {
    return undefined;
  }
  return /^State:\s+Z/m.test(await readFile(`/proc/${pid}/status`, "utf8").catch(() => "")) ? undefined : pid;
}

/** Processes that still work in this home; empty where the system does not list them by /proc. */
export async function processesIn(home: string): Promise<string[]> {
  const numbers = (await readdir("/proc").catch(() => [] as string[])).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(numbers.map((number) => readFile(`/proc/${number}/cmdline`, "utf8").catch(() => "")));
  return lines.filter((line) => line.includes(home)).map((line) => line.replaceAll("\0", " "));
}

/** A connection to the running server of this home, beside cairn's own: it does not sign in, so it keeps nothing alive. */
export async function lookInto(home: string): Promise<postgres.Sql> {
  const port = Number((await serverFile(home))[3]);
  const password = (await readFile(join(home, "postgres", "password"), "utf8")).trim();
  return postgres({
    host: "127.0.0.1",
    port,
    username: "cairn",
    password,
    database: "cairn",
    max: 2,
    onnotice: () => undefined,
  });
}
