import { existsSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { fileURLToPath } from "node:url";
import type { PostgresJsDatabase } from "drizzle-orm/postgres-js";
import { drizzle } from "drizzle-orm/postgres-js";
import { migrate } from "drizzle-orm/postgres-js/migrator";
import postgres from "postgres";
import { CairnError } from "../errors.ts";

/** An open connection pool to the record store. Dates and timestamps come back as text. */
export interface Database {
  /** Tagged-template SQL; JSON goes in as `${JSON.stringify(value)}::jsonb`. As the connecting user: rows of tenants only through {@link inTenant}. */
  readonly sql: postgres.Sql;
  readonly orm: PostgresJsDatabase;
  /** Holds the password: not for logs. */
  readonly url: string;
  /** Ends the connections, waiting a moment for queries that run. */
  close(): Promise<void>;
}

/** One transaction that sees one tenant. `sql` and `orm` are the same transaction; for a nested one use `sql.savepoint`. */
export interface TenantTransaction {
  readonly tenantId: string;
  readonly sql: postgres.TransactionSql;
  readonly orm: PostgresJsDatabase;
}

/** Opens a pool of connections (10 unless said otherwise); nothing is sent before the first query. */
export function connectDatabase(url: string, { maxConnections = 10 }: { maxConnections?: number } = {}): Database {
  const sql = postgres(url, { ...driverOptions, max: maxConnections, connection: { TimeZone: "UTC" } });
  return { sql, orm: drizzle(sql), url, close: () => sql.end({ timeout: 5 }) };
}

const connectSeconds = 20;

const driverOptions = {
  onnotice: () => undefined,
  connect_timeout: connectSeconds,
  // The driver leaves Nagle's algorithm on, and a COPY is several small packets: 86 ms each against 0.3 ms without it.
  socket: openSocket,
};

interface SocketOptions {
  readonly host: readonly string[];
  readonly port: readonly number[];
  readonly path?: string | false;
}

/** A connected socket that sends at once, to the first host that answers. */
async function openSocket({ host, port, path }: SocketOptions): Promise<Socket> {
  if (path) return connected(connect({ path }), path, 0);
  for (let i = 0; ; i++) {
    try {
      return await connected(connect({ host: host[i]!, port: port[i]!, noDelay: true }), host[i]!, port[i]!);
    } catch (error) {
      if (i + 1 >= host.length) throw error;
    }
  }
}

function connected(socket: Socket, host: string, port: number): Promise<Socket> {
  return new Promise((done, fail) => {
    const timer = setTimeout(
      () => socket.destroy(Object.assign(new Error(`no answer from ${host}`), { code: "ETIMEDOUT" })),
      connectSeconds * 1000,
    );
    socket.once("error", fail);
    socket.once("connect", () => {
      clearTimeout(timer);
      socket.off("error", fail);
      // The driver reads the host's name from the socket when it starts TLS.
      done(Object.assign(socket, { host, port }));
    });
    socket.once("close", () => clearTimeout(timer));
  });
}

// Beside this file in the sources and in dist (scripts/copy-assets.mjs carries the folder there).
const migrationsFolder = fileURLToPath(new URL("./migrations", import.meta.url));
const migrationLock = 4_280_001; // any number of our own: advisory locks are per database

/**
 * Brings the schema up to date. Processes that start together wait for each other.
 * @throws CairnError `UNAVAILABLE` when the database does not answer, `FORBIDDEN` when the connecting user may not create the
 * role `cairn_app` (the hint says what to run), `INTERNAL` when the migrations are not where they should be
 */
export async function migrateDatabase(database: Database): Promise<void> {
  if (!existsSync(migrationsFolder)) {
    throw new CairnError("INTERNAL", "expected the migrations beside the compiled code, got no such folder", {
      hint: "run npm run build",
    });
  }
  const sql = postgres(database.url, { ...driverOptions, max: 1 });
  try {
    await sql`select pg_advisory_lock(${migrationLock})`;
    await migrate(drizzle(sql), { migrationsFolder });
  } catch (error) {
    throw explained(error);
  } finally {
    await sql.end({ timeout: 5 });
  }
}

/**
 * Runs `work` in one transaction as the role `cairn_app`, which sees and writes rows of this tenant only: row-level security
 * of the database holds, whatever the query forgets. Committed when `work` resolves, rolled back when it throws. With
 * `consistent`, every query of the transaction sees the record as it was at the first.
 * @throws CairnError `BAD_INPUT` when somebody's text cannot be stored, and whatever `work` throws
 */
export async function inTenant<T>(
  database: Database,
  tenantId: string,
  work: (tx: TenantTransaction) => Promise<T>,
  { consistent = false }: { consistent?: boolean } = {},
): Promise<T> {
  if (tenantId === "") throw new CairnError("BAD_INPUT", "expected the id of a tenant, got an empty text");
  const isolation = consistent ? "isolation level repeatable read" : "";
  const transaction = database.sql.begin(isolation, async (sql) => {
    // Not waited for: the server answers in order, so every query of the work runs as this tenant and this role; should this one
    // fail, the transaction has failed and none of them runs.
    const bound =
      sql`select set_config('cairn.tenant', ${tenantId}, true), set_config('role', 'cairn_app', true)`.execute();
    bound.catch(() => undefined); // heard below
    // Drizzle reads the client's options and calls `unsafe`; a transaction has the second, and the pool's options are the first.
    const client = Object.assign(sql, { options: database.sql.options }) as unknown as postgres.Sql;
    try {
      return { value: await work({ tenantId, sql, orm: drizzle(client) }) };
    } finally {
      await bound;
    }
  });
  const outcome = await transaction.catch((error: unknown) => {
    throw isNoText(error) ? noText() : error;
  });
  return (outcome as { value: T }).value;
}

// character_not_in_repertoire and untranslatable_character: NUL, which no text of PostgreSQL holds, comes as one of them.
const notText = new Set<unknown>(["22021", "22P05"]);

function isNoText(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return notText.has((error as { code?: unknown }).code) || isNoText(error.cause);
}

/** Without the database's own error as its cause: that one quotes the values. */
function noText(): CairnError {
  return new CairnError("BAD_INPUT", "expected text that can be stored, got one with the character NUL", {
    hint: "take the character out and send it again",
  });
}

/** Registers a district, once: a second call with the same id changes nothing. Records need a registered tenant. */
export async function createTenant(database: Database, tenant: { id: string; name: string }): Promise<void> {
  if (!/^[a-z0-9][a-z0-9_-]{0,62}$/.test(tenant.id)) {
    throw new CairnError(
      "BAD_INPUT",
      `expected a tenant id of lower-case letters, digits, - and _, got ${JSON.stringify(tenant.id)}`,
    );
  }
  await database.sql`insert into tenant (id, name) values (${tenant.id}, ${tenant.name}) on conflict (id) do nothing`;
}

/** Every registered tenant, by id. */
export async function listTenants(database: Database): Promise<{ id: string; name: string }[]> {
  const rows = await database.sql<{ id: string; name: string }[]>`select id, name from tenant order by id`;
  return rows.map(({ id, name }) => ({ id, name }));
}

function explained(error: unknown): unknown {
  // The migrator wraps the server's answer in its own error.
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const { code, message, hint } = cause as { code?: string; message?: string; hint?: string };
  if (code === "42501") {
    return new CairnError(
      "FORBIDDEN",
      `expected a user who may set up the record store, got: ${message ?? "insufficient privilege"}`,
      {
        hint: hint ?? "connect as the owner of the database, or let a superuser run the first migration",
        cause: error,
      },
    );
  }
  if (code !== undefined && /^(ECONN|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|CONNECT|28|3D000|57P)/.test(code)) {
    return new CairnError("UNAVAILABLE", `expected the record store to answer, got: ${message ?? code}`, {
      hint: "check that the server runs and that DATABASE_URL names it, its user, password and database",
      details: { code },
      cause: error,
    });
  }
  return error;
}
