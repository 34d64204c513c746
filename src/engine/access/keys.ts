import { createHash, randomBytes } from "node:crypto";
import { isNull } from "drizzle-orm";
import { CairnError } from "../../errors.ts";
import { findApiKey } from "../../records/api-keys.ts";
import { inTenant } from "../../records/database.ts";
import { apiKey } from "../../records/schema/index.ts";
import type { Cairn } from "../runtime.ts";

/** What a key may be for. Which route allows which role is one table, in the API. */
export const roles = ["counselor", "platform", "operator"] as const;

/** One of {@link roles}. */
export type Role = (typeof roles)[number];

/** Who calls: the district comes from the key, never from the request. */
export interface Caller {
  readonly tenantId: string;
  readonly role: Role;
}

const SECRET_BYTES = 32;

/** Only a hash is stored; the secret has 256 random bits, so no slow password hash is needed. */
const hashOf = (key: string): string => createHash("sha256").update(key).digest("hex");

/** Makes a key for a district. @returns the key, which is not kept and cannot be shown again */
export async function createKey(cairn: Cairn, tenantId: string, role: Role, label: string): Promise<string> {
  const key = `cairn_${randomBytes(SECRET_BYTES).toString("base64url")}`;
  await inTenant(cairn.database, tenantId, async ({ orm }) => {
    await orm.insert(apiKey).values({ tenantId, keyHash: hashOf(key), role, label, createdAt: cairn.now() });
  });
  return key;
}

/** Whether a district has a key that still works. */
export async function hasKey(cairn: Cairn, tenantId: string): Promise<boolean> {
  const rows = await inTenant(cairn.database, tenantId, ({ orm }) =>
    orm.select({ role: apiKey.role }).from(apiKey).where(isNull(apiKey.revokedAt)).limit(1),
  );
  return rows.length > 0;
}

/**
 * Who holds this key. The database shows one row: that of the key's own hash.
 * @throws CairnError `UNAUTHENTICATED` when the key is malformed, unknown or revoked (the three look alike)
 */
export async function authenticate(cairn: Cairn, key: string): Promise<Caller> {
  const record = await findApiKey(cairn.database, hashOf(key));
  const role = roles.find((known) => known === record?.role);
  if (record === undefined || role === undefined) {
    throw new CairnError("UNAUTHENTICATED", "expected a valid API key, got one that is unknown or revoked", {
      hint: "make a new one with `cairn serve --new-key ROLE`",
    });
  }
  return { tenantId: record.tenantId, role };
}
