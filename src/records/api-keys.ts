import type { Database } from "./database.ts";

/** What an API key is allowed: found by the hash of the key, which is the only form kept. */
export interface ApiKeyRecord {
  readonly tenantId: string;
  readonly role: string;
  readonly label: string;
  /** Whose key it is, where it is a family's. */
  readonly personId?: string;
}

/** The key with this hash, if it was given out and not revoked. The holder of a key is known before her tenant is. */
export async function findApiKey(database: Database, keyHash: string): Promise<ApiKeyRecord | undefined> {
  return database.sql.begin(async (sql) => {
    await sql`select set_config('cairn.key_hash', ${keyHash}, true), set_config('role', 'cairn_app', true)`;
    const rows = await sql<(Omit<ApiKeyRecord, "personId"> & { personId: string | null })[]>`
      select tenant_id as "tenantId", role, label, person_id as "personId" from api_key
      where key_hash = ${keyHash} and revoked_at is null`;
    if (rows[0] === undefined) return undefined;
    const { tenantId, role, label, personId } = rows[0];
    return { tenantId, role, label, ...(personId === null ? {} : { personId }) };
  });
}
