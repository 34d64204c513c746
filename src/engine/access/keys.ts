import { createHash, randomBytes } from "node:crypto";
import { isNull } from "drizzle-orm";
import { CairnError } from "../../errors.ts";
import { findApiKey } from "../../records/api-keys.ts";
import { inTenant } from "../../records/database.ts";
import { apiKey } from "../../records/schema/index.ts";
import type { Cairn } from "../runtime.ts";

/**
 * What a key may be for. Which route allows which role is one table, in the API. A key of role `family` is one person's: a
 * guardian's or an eligible student's, and opens the learners she may decide about and nobody else. A key of role `teacher` is one
 * person's too, and opens the learners of her sections. A key of role `counselor` may be one person's: it then opens the learners
 * of her caseload, in rankings, alerts, answers, standards and help alike, and else those of the district.
 */
export const roles = ["counselor", "teacher", "platform", "operator", "family"] as const;

/** One of {@link roles}. */
export type Role = (typeof roles)[number];

/** Who calls: the district comes from the key, never from the request. */
export interface Caller {
  readonly tenantId: string;
  readonly role: Role;
  /** The person of the record whose key it is: of the roles `family` and `teacher` always, of `counselor` where it is one's own. */
  readonly personId?: string;
  /** Which key: the first 16 hex digits of its hash. Of a token that is nobody's of the record, its subject. For the log of accesses. */
  readonly credential?: string;
}

/** The roles whose keys belong to a person of the record. */
export const personalRoles: readonly Role[] = ["family", "teacher"];

const SECRET_BYTES = 32;
const SHOWN_DIGITS = 16; // 64 bits tell the keys of an installation apart, and open nothing

/** Only a hash is stored; the secret has 256 random bits, so no slow password hash is needed. */
const hashOf = (key: string): string => createHash("sha256").update(key).digest("hex");

/**
 * Makes a key for a district, or for one person of it.
 * @param personId - whose key it is: of the roles `family` and `teacher` always, of `counselor` where it is one's own, else never
 * @returns the key, which is not kept and cannot be shown again
 * @throws CairnError `BAD_INPUT` when a family's or teacher's key names nobody, or another key somebody
 */
export async function createKey(
  cairn: Cairn,
  tenantId: string,
  role: Role,
  label: string,
  personId?: string,
): Promise<string> {
  if (role !== "counselor" && personalRoles.includes(role) !== (personId !== undefined)) {
    const expected = `expected a person for a key of role ${personalRoles.join(" or ")}, a counselor's own, and for no other`;
    throw new CairnError("BAD_INPUT", `${expected}, got role ${role}`, {
      hint: "make a family's key with `cairn consent key`, a teacher's with `cairn alerts key`",
    });
  }
  const key = `cairn_${randomBytes(SECRET_BYTES).toString("base64url")}`;
  await inTenant(cairn.database, tenantId, async ({ orm }) => {
    await orm.insert(apiKey).values({ tenantId, keyHash: hashOf(key), role, label, personId, createdAt: cairn.now() });
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
  const hash = hashOf(key);
  const record = await findApiKey(cairn.database, hash);
  const role = roles.find((known) => known === record?.role);
  if (record === undefined || role === undefined) {
    throw new CairnError("UNAUTHENTICATED", "expected a valid API key, got one that is unknown or revoked", {
      hint: "make a new one with `cairn serve --new-key ROLE`",
    });
  }
  const caller = { tenantId: record.tenantId, role, credential: hash.slice(0, SHOWN_DIGITS) };
  if (!personalRoles.includes(role) && record.personId === undefined) return caller;
  if (record.personId === undefined)
    throw new CairnError("INTERNAL", `expected the key of a ${role} to be a person's, got nobody's`);
  return { ...caller, personId: record.personId };
}
