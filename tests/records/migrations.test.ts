import { execFile } from "node:child_process";
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { migrate } from "drizzle-orm/postgres-js/migrator";
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connectDatabase, createTenant, inTenant, migrateDatabase } from "../../src/records/database.ts";
import { openEmptyDatabase } from "../support/database.ts";

let empty: Awaited<ReturnType<typeof openEmptyDatabase>>;
let admin: postgres.Sql;

beforeAll(async () => {
  empty = await openEmptyDatabase();
  admin = postgres(empty.url, { max: 1, onnotice: () => undefined });
});

afterAll(async () => {
  await admin.end();
  await empty.drop();
});

test("the migrations say what the schema says: nothing is left to generate", async () => {
  const scratch = await mkdtemp(join(tmpdir(), "cairn-migrations-"));
  try {
    await cp("src/records/migrations", scratch, { recursive: true });
    const before = (await readdir(scratch)).sort();
    // `generate` writes a migration when the schema has moved on; it reads files only.
    await promisify(execFile)(resolve("node_modules/.bin/drizzle-kit"), [
      "generate",
      "--dialect=postgresql",
      "--schema=./src/records/schema/index.ts",
      `--out=${scratch}`,
    ]);
    expect((await readdir(scratch)).sort()).toEqual(before);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
});

test("the owner of a database who is no superuser migrates it when the role is there, and works as it", async () => {
  const name = `owner_${process.pid}`;
  const database = new URL(empty.url).pathname.slice(1);
  await admin.unsafe(`create role ${name} login password 'p' nosuperuser nocreaterole`);
  try {
    await admin.unsafe(`alter database ${database} owner to ${name}`);
    const url = new URL(empty.url);
    url.username = name;
    url.password = "p";
    const mine = connectDatabase(url.toString(), { maxConnections: 2 });
    try {
      // The role exists on this server (other tests made it) but is not ours to use yet.
      await admin.unsafe(
        `do $$ begin create role cairn_app nologin; exception when duplicate_object then null; end $$`,
      );
      await expect(migrateDatabase(mine)).rejects.toMatchObject({
        code: "FORBIDDEN",
        hint: `as a superuser: GRANT cairn_app TO ${name}`,
      });
      await admin.unsafe(`grant cairn_app to ${name}`);
      await migrateDatabase(mine);
      await createTenant(mine, { id: "north", name: "North" });
      // FORCE: even the owner of the tables sees no row without naming the tenant.
      await inTenant(
        mine,
        "north",
        (tx) =>
          tx.sql`insert into snapshot (tenant_id, id, purpose, as_of, manifest) values ('north', 'a', 'p', '2025-01-01', '{}')`,
      );
      expect(await mine.sql`select * from snapshot`).toHaveLength(0);
      expect(await inTenant(mine, "north", (tx) => tx.sql`select id from snapshot`)).toHaveLength(1);
    } finally {
      await mine.close();
    }
  } finally {
    await admin.unsafe(
      `alter database ${database} owner to current_user; reassign owned by ${name} to current_user; drop owned by ${name}; drop role ${name}`,
    );
  }
});

test("a server that does not answer is said to be unavailable", async () => {
  const nowhere = connectDatabase("postgres://nobody:x@127.0.0.1:9/none");
  try {
    await expect(migrateDatabase(nowhere)).rejects.toMatchObject({
      code: "UNAVAILABLE",
      hint: expect.stringContaining("DATABASE_URL"),
    });
  } finally {
    await nowhere.close();
  }
});

test("a tenant id that could not stand in a path or a key is refused", async () => {
  const database = connectDatabase(empty.url);
  try {
    await expect(createTenant(database, { id: "North District", name: "x" })).rejects.toMatchObject({
      code: "BAD_INPUT",
    });
    await expect(inTenant(database, "", async () => 1)).rejects.toMatchObject({ code: "BAD_INPUT" });
  } finally {
    await database.close();
  }
});

test("a database of every earlier version comes up to date with what it holds", async () => {
  const journal = JSON.parse(await readFile("src/records/migrations/meta/_journal.json", "utf8")) as {
    readonly entries: readonly { readonly tag: string }[];
  };
  // The first with tenants, one in the middle, and the last but one.
  for (const applied of [2, Math.floor(journal.entries.length / 2), journal.entries.length - 1]) {
    const database = await openEmptyDatabase();
    const scratch = await mkdtemp(join(tmpdir(), "cairn-upgrade-"));
    try {
      await cp("src/records/migrations", scratch, { recursive: true });
      const earlier = { ...journal, entries: journal.entries.slice(0, applied) };
      await writeFile(join(scratch, "meta", "_journal.json"), JSON.stringify(earlier));
      const old = connectDatabase(database.url, { maxConnections: 2 });
      try {
        await migrate(old.orm, { migrationsFolder: scratch });
        await createTenant(old, { id: "north", name: "North" });
        await inTenant(
          old,
          "north",
          (tx) =>
            tx.sql`insert into snapshot (tenant_id, id, purpose, as_of, manifest) values ('north', 'kept', 'p', '2025-01-01', '{}')`,
        );
        await migrateDatabase(old);
        await migrateDatabase(old);
        const kept = await inTenant(old, "north", (tx) => tx.sql`select id from snapshot`);
        expect(kept, `from ${journal.entries[applied - 1]?.tag}`).toEqual([{ id: "kept" }]);
        const [done] = await old.sql`select count(*)::int as migrations from drizzle.__drizzle_migrations`;
        expect(done?.migrations).toBe(journal.entries.length);
      } finally {
        await old.close();
      }
    } finally {
      await rm(scratch, { recursive: true, force: true });
      await database.drop();
    }
  }
});
