import { expect, test } from "vitest";
import { findApiKey } from "../../src/records/api-keys.ts";
import { inTenant, listTenants, migrateDatabase } from "../../src/records/database.ts";
import { useDatabase } from "../support/database.ts";

const database = useDatabase();

const insertSnapshot = (tenantId: string, id: string) =>
  inTenant(
    database(),
    tenantId,
    (tx) =>
      tx.sql`insert into snapshot (tenant_id, id, purpose, as_of, manifest) values (${tenantId}, ${id}, 'playlist', '2025-01-01', '{}')`,
  );

test("the application role is no superuser, does not bypass row-level security, and cannot log in", async () => {
  const role = await database()
    .sql`select rolsuper, rolbypassrls, rolcanlogin from pg_roles where rolname = 'cairn_app'`;
  expect(role[0]).toEqual({ rolsuper: false, rolbypassrls: false, rolcanlogin: false });
});

test("row-level security is enabled and forced on every table with a tenant_id", async () => {
  const tables = await database().sql<{ relname: string; ok: boolean; policies: number }[]>`
    select c.relname, c.relrowsecurity and c.relforcerowsecurity as ok,
           (select count(*)::int from pg_policy p where p.polrelid = c.oid) as policies
    from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'
    where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace`;
  expect(tables.length).toBeGreaterThan(30);
  expect(tables.filter((table) => !table.ok || table.policies === 0)).toEqual([]);
});

test("a query that forgets the tenant returns nothing, and one that names another tenant neither", async () => {
  await insertSnapshot("north", "n1");
  await insertSnapshot("south", "s1");
  const forgotten = await database().sql.begin(async (sql) => {
    await sql`set local role cairn_app`;
    return sql`select * from snapshot`;
  });
  expect(forgotten).toHaveLength(0);
  const seen = await inTenant(
    database(),
    "north",
    (tx) => tx.sql`select id from snapshot where tenant_id in ('north', 'south')`,
  );
  expect(seen.map((row) => row.id)).toEqual(["n1"]);
});

test("a row of another tenant cannot be written, and records cannot be changed or deleted", async () => {
  const smuggle = inTenant(
    database(),
    "north",
    (tx) =>
      tx.sql`insert into snapshot (tenant_id, id, purpose, as_of, manifest) values ('south', 'x', 'p', '2025-01-01', '{}')`,
  );
  await expect(smuggle).rejects.toThrow(/row-level security/);
  await expect(inTenant(database(), "north", (tx) => tx.sql`update org set name = 'x'`)).rejects.toThrow(
    /permission denied/,
  );
  await expect(inTenant(database(), "north", (tx) => tx.sql`delete from person`)).rejects.toThrow(/permission denied/);
  await expect(inTenant(database(), "north", (tx) => tx.sql`select * from tenant`)).rejects.toThrow(
    /permission denied/,
  );
});

test("after a tenant's transaction the connection remembers neither role nor tenant", async () => {
  await inTenant(database(), "north", (tx) => tx.sql`select 1`);
  const rows = await database()
    .sql`select current_user <> 'cairn_app' as free, coalesce(current_setting('cairn.tenant', true), '') as tenant`;
  expect(rows[0]).toEqual({ free: true, tenant: "" });
});

test("drizzle and SQL see the same transaction", async () => {
  const failed = inTenant(database(), "north", async (tx) => {
    const { snapshot } = await import("../../src/records/schema/index.ts");
    await tx.orm
      .insert(snapshot)
      .values({ tenantId: "north", id: "d1", purpose: "playlist", asOf: "2025-02-03", manifest: { a: [1] } });
    const rows = await tx.sql`select manifest, as_of from snapshot where id = 'd1'`;
    expect(rows[0]).toEqual({ manifest: { a: [1] }, as_of: "2025-02-03" });
    throw new Error("roll back");
  });
  await expect(failed).rejects.toThrow("roll back");
  const left = await inTenant(database(), "north", (tx) => tx.sql`select 1 from snapshot where id = 'd1'`);
  expect(left).toHaveLength(0);
});

test("an API key is found by its hash before the tenant is known, until it is revoked", async () => {
  await inTenant(
    database(),
    "south",
    (tx) =>
      tx.sql`insert into api_key (tenant_id, key_hash, role, label) values ('south', 'h1', 'counselor', 'office')`,
  );
  expect(await findApiKey(database(), "h1")).toEqual({ tenantId: "south", role: "counselor", label: "office" });
  expect(await findApiKey(database(), "h2")).toBeUndefined();
  await inTenant(database(), "south", (tx) => tx.sql`update api_key set revoked_at = now() where key_hash = 'h1'`);
  expect(await findApiKey(database(), "h1")).toBeUndefined();
});

test("migrations that start at once wait for each other", async () => {
  await Promise.all([1, 2, 3].map(() => migrateDatabase(database())));
  expect((await listTenants(database())).map((tenant) => tenant.id)).toEqual(["north", "south"]);
});
