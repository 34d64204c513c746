import { createHash, randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { afterAll, beforeAll } from "vitest";
import type { Database } from "../../src/records/database.ts";
import { connectDatabase, createTenant, migrateDatabase } from "../../src/records/database.ts";
import { startEmbeddedServer } from "../../src/records/embedded-server.ts";

/** A server for tests: DATABASE_URL when set, else one embedded server that all test files of this checkout share. */
export async function testServer(): Promise<{ url: string; stop(): Promise<void> }> {
  const url = process.env.DATABASE_URL;
  if (url !== undefined && url !== "") return { url, stop: async () => undefined };
  const checkout = createHash("sha256").update(process.cwd()).digest("hex").slice(0, 8);
  const folder = join(tmpdir(), `cairn-tests-${process.getuid?.() ?? "user"}-${checkout}`);
  // Nothing in it outlives a test: no need to wait for the disk.
  return startEmbeddedServer({
    folder,
    settings: { fsync: "off", synchronous_commit: "off", full_page_writes: "off" },
  });
}

/** An empty database of its own on the test server, not yet migrated. */
export function openEmptyDatabase(): Promise<{ url: string; drop(): Promise<void> }> {
  return openDatabase(async () => "template1");
}

async function openDatabase(
  templateOf: (admin: postgres.Sql, serverUrl: string) => Promise<string>,
): Promise<{ url: string; drop(): Promise<void> }> {
  const server = await testServer();
  const name = `test_${process.pid}_${randomBytes(4).toString("hex")}`;
  const admin = postgres(server.url, { max: 1, onnotice: () => undefined });
  await dropLeftovers(admin);
  await admin.unsafe(`create database ${name} template ${await templateOf(admin, server.url)}`);
  return {
    url: urlOf(server.url, name),
    async drop() {
      await admin.unsafe(`drop database if exists ${name} with (force)`);
      await admin.end();
      await server.stop();
    },
  };
}

function urlOf(serverUrl: string, database: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${database}`;
  return url.toString();
}

const templateLock = 4_280_002; // any number of our own

/**
 * The name of a database that is migrated and has the two tenants, made by whoever needs it first: copying it takes a tenth of
 * the time of eighty tables' migrations.
 */
async function migratedTemplate(admin: postgres.Sql, serverUrl: string): Promise<string> {
  const folder = join("src", "records", "migrations");
  const hash = createHash("sha256");
  for (const file of readdirSync(folder).sort()) {
    if (file.endsWith(".sql")) hash.update(file).update(readFileSync(join(folder, file)));
  }
  const template = `migrated_${hash.digest("hex").slice(0, 16)}`;
  const there = () => admin`select 1 from pg_database where datname = ${template}`;
  if ((await there()).length > 0) return template;
  const making = `test_${process.pid}_${randomBytes(4).toString("hex")}`;
  await admin`select pg_advisory_lock(${templateLock})`;
  try {
    if ((await there()).length > 0) return template;
    await admin.unsafe(`create database ${making}`);
    const database = connectDatabase(urlOf(serverUrl, making), { maxConnections: 1 });
    await migrateDatabase(database);
    await createTenant(database, { id: "north", name: "North district" });
    await createTenant(database, { id: "south", name: "South district" });
    await database.close();
    await admin.unsafe(`alter database ${making} rename to ${template}`);
    return template;
  } finally {
    await admin`select pg_advisory_unlock(${templateLock})`;
  }
}

/**
 * A fresh, migrated database for the test file that calls this at its top, with the tenants `north` and `south`.
 *
 * @example
 * const database = useDatabase();
 * test("…", async () => { await inTenant(database(), "north", …); });
 */
export function useDatabase(): () => Database {
  let database: Database | undefined;
  let empty: { url: string; drop(): Promise<void> } | undefined;
  beforeAll(async () => {
    empty = await openDatabase(migratedTemplate);
    database = connectDatabase(empty.url, { maxConnections: 4 });
  });
  afterAll(async () => {
    await database?.close();
    await empty?.drop();
  });
  return () => {
    if (database === undefined) throw new Error("the database is open only inside tests and hooks");
    return database;
  };
}

/** Databases of test processes that were killed before they could drop them. */
async function dropLeftovers(admin: postgres.Sql): Promise<void> {
  if (process.env.DATABASE_URL) return; // that server may serve other machines, whose processes we cannot see
  for (const { datname } of await admin<
    { datname: string }[]
  >`select datname from pg_database where datname ~ '^test_[0-9]+_'`) {
    try {
      process.kill(Number(datname.split("_")[1]), 0);
    } catch {
      await admin.unsafe(`drop database if exists ${datname} with (force)`);
    }
  }
}
