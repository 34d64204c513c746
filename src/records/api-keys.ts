import type { Database } from "./database.ts";

/** What an API key is allowed: found by the hash of the key, which is the only form kept. */
export interface ApiKeyRecord {
  readonly tenantId: string;
  readonly role: string;
  readonly label: string;
}

/** The key with this hash, if it was given out and not revoked. The holder of a key is known before her tenant is. */
export async function findApiKey(database: Database, keyHash: string): Promise<ApiKeyRecord | undefined> {
  return database.sql.begin(async (sql) => {
    await sql`select set_config('cairn.key_hash', ${keyHash}, true), set_config('role', 'cairn_app', true)`;
    const rows = await sql<ApiKeyRecord[]>`
      select tenant_id as "tenantId", role, label from api_key where key_hash = ${keyHash} and revoked_at is null`;
    return rows[0] === undefined ? undefined : { tenantId: rows[0].tenantId, role: rows[0].role, label: rows[0].label };
  });
}
