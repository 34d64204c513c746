import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type postgres from "postgres";
import { beforeAll, describe, expect, test } from "vitest";
import type { ImportReport } from "../../src/engine/intake/import-files.ts";
import { connectDatabase } from "../../src/records/database.ts";
import { documentOf, eventually, freshHome, runCairn, startCairn } from "../e2e/cairn-process.ts";
import { openEmptyDatabase } from "../support/database.ts";

let home: string;
let environment: Record<string, string>;
let database: { url: string; drop(): Promise<void> };
beforeAll(async () => {
  home = await freshHome();
  database = await openEmptyDatabase();
  environment = { CAIRN_HOME: home, DATABASE_URL: database.url };
  return () => database.drop();
});

interface Failure {
  readonly error: { readonly code: string; readonly message: string; readonly hint: string | null };
}

/** Runs a command that must fail: exit code 1, an error document, no stack trace. */
async function failureOf(
  args: readonly string[],
  settings: Record<string, string> = environment,
): Promise<Failure["error"]> {
  const { code, stdout, stderr } = await runCairn([...args, "--json"], settings);
  expect(code, stderr).toBe(1);
  const { error } = JSON.parse(stdout) as Failure;
  expect(stderr).toContain(`error ${error.code}: ${error.message}`);
  expect(stderr).not.toMatch(/^\s+at /m);
  return error;
}

async function look<T>(work: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  const { sql, close } = connectDatabase(database.url, { maxConnections: 1 });
  return work(sql).finally(close);
}

/** Rows of every table, by its name. */
const counted = () =>
  look(async (sql) => {
    const tables = await sql<{ name: string }[]>`
      select table_name as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`;
    const counts: Record<string, number> = {};
    for (const { name } of tables) counts[name] = (await sql`select count(*)::int as n from ${sql(name)}`)[0]!.n;
    return counts;
  });

describe("a fault of the environment", () => {
  const password = "hunter2-very-secret";
  test("every one is listed at once, and no value is shown", async () => {
    const settings = {
      CAIRN_PORT: "70000",
      CAIRN_LOG_LEVEL: "chatty",
      DATABASE_URL: `mysql://root:${password}@localhost/db`,
      REDIS_URL: `http://:${password}@localhost`,
    };
    const run = await runCairn(["migrate", "--json"], settings);
    const { error } = JSON.parse(run.stdout) as Failure;
    expect(run.code).toBe(1);
    expect(error).toMatchObject({ code: "BAD_CONFIGURATION", hint: expect.stringContaining("docs/operations.md") });
    expect(error.message).toContain("4 fault(s)");
    for (const name of Object.keys(settings)) expect(error.message).toContain(`${name}: `);
    for (const value of [password, "70000", "chatty", "mysql"]) expect(run.stdout + run.stderr).not.toContain(value);
  });

  test("a record store that does not answer is unavailable, and its password is not shown", async () => {
    const settings = { CAIRN_HOME: home, DATABASE_URL: `postgres://cairn:${password}@127.0.0.1:1/cairn` };
    const run = await runCairn(["migrate", "--json"], settings);
    expect(run.code).toBe(1);
    expect((JSON.parse(run.stdout) as Failure).error.code).toBe("UNAVAILABLE");
    expect(run.stdout + run.stderr).not.toContain(password);
  });
});

describe("import", () => {
  const people = (given: string): string =>
    `sourcedId,status,dateLastModified,enabledUser,username,givenName,familyName,identifier,grades\nu1,,,true,a,${given},Quillfeather,1001,08\nu2,,,true,b,,,1002,99\n`;
  const files = (given = "Ada"): Record<string, string> => ({
    "manifest.csv":
      "propertyName,value\nmanifest.version,1.0\noneroster.version,1.2\nfile.orgs,bulk\nfile.users,bulk\nsource.systemName,Test SIS\nsource.systemCode,sis\n",
    "orgs.csv":
      "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId\ns1,,,Hill School,school,101,\n",
    "users.csv": people(given),
  });
  const packaged = async (name: string, given?: string): Promise<string> => {
    const folder = join(home, name);
    await mkdir(folder);
    for (const [file, text] of Object.entries(files(given))) await writeFile(join(folder, file), text);
    return folder;
  };

  test("takes a package in, says what became of every row, and names nobody", async () => {
    const run = await runCairn(
      ["import", "oneroster", await packaged("first"), "--tenant", "north", "--json"],
      environment,
    );
    const report = documentOf<ImportReport>(run);
    expect(report).toMatchObject({ standard: "OneRoster CSV 1.2", dryRun: false });
    const users = report.files.find(({ file }) => file === "users.csv")!;
    expect(users).toMatchObject({ rows: 2, new: 1, refused: 1 });
    expect(report.refusals).toMatchObject([{ file: "users.csv", line: 3 }]);
    expect(run.stdout + run.stderr).not.toMatch(/Quillfeather|Ada/);
    expect((await counted()).person).toBe(1);
  });

  test("a dry run reports the same and writes nothing", async () => {
    const before = await counted();
    const folder = await packaged("second", "Adelaide");
    const args = ["import", "oneroster", folder, "--tenant", "north", "--json"];
    const report = documentOf<ImportReport>(await runCairn([...args, "--dry-run"], environment));
    expect(report).toMatchObject({ dryRun: true, refusals: [{ file: "users.csv", line: 3 }] });
    expect(report.files.find(({ file }) => file === "users.csv")).toMatchObject({ rows: 2, changed: 1, refused: 1 });
    expect(await counted()).toEqual(before);
    const taken = documentOf<ImportReport>(await runCairn(args, environment));
    expect(taken.files).toEqual(report.files);
    expect(await counted()).not.toEqual(before);
  });

  test("what is not there, and what is not a delivery, is said to be so", async () => {
    const missing = await failureOf(["import", "oneroster", join(home, "nowhere"), "--tenant", "north"]);
    expect(missing.code).toBe("UNREADABLE_FILE");
    const empty = join(home, "empty");
    await mkdir(empty);
    const nothing = await failureOf(["import", "district", empty, "--tenant", "north"]);
    expect(nothing).toMatchObject({ code: "UNREADABLE_FILE", hint: expect.stringContaining("oneroster.zip") });
  });

  test("a district nobody registered has nothing to score", async () => {
    const error = await failureOf(["score", "--as-of", "2025-12-12", "--tenant", "atlantis"]);
    expect(error).toMatchObject({ code: "NOT_FOUND", hint: expect.stringMatching(/import/) });
  });
});

describe("worker", () => {
  test("told to stop, it stops with exit code 0", async () => {
    const worker = startCairn(["worker"], environment);
    await eventually("a worker that is ready", () => (worker.stderr().includes("worker ready") ? true : undefined));
    worker.child.kill("SIGTERM");
    expect(await worker.finished).toMatchObject({ code: 0, stdout: "" });
  });
});

describe("evaluate", () => {
  test("told to stop in the middle of a fit, it stops: it has nothing to clean up", async () => {
    const file = join(home, "triples.tsv");
    const rows = Array.from({ length: 60_000 }, (_, i) => `${i % 600}\t${(i * 7919) % 5003}\t1\t${i}`);
    await writeFile(file, rows.join("\n"));
    const options = ["--format", "triples", "--split", "recbole", "--models", "ease"];
    const run = startCairn(["evaluate", "playlist", "--data", file, ...options], environment);
    await setTimeout(3000); // the fit takes ten times as long, and says nothing before its end
    run.child.kill("SIGTERM");
    expect(await run.finished).toMatchObject({ code: null, stdout: "" });
  });
});
