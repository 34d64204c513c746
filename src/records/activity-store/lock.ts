import type { TenantTransaction } from "../database.ts";

const streamLock = 4_280_002; // any number of our own: advisory locks are per database

/**
 * One writer of a district's statements at a time: an id is taken once however many send it at once, and what is stored comes in
 * the order of its `stored`.
 */
export async function lockForWriting({ sql, tenantId }: TenantTransaction): Promise<void> {
  await sql`select pg_advisory_xact_lock(${streamLock}, hashtext(${tenantId}))`;
}

/** Waits for writers that have begun: what a reader then sees is everything stored until now. */
export async function lockForReading({ sql, tenantId }: TenantTransaction): Promise<void> {
  await sql`select pg_advisory_xact_lock_shared(${streamLock}, hashtext(${tenantId}))`;
}
