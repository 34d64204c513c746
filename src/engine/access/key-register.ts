import { and, asc, eq, isNull, like } from "drizzle-orm";
import { CairnError } from "../../errors.ts";
import { inTenant } from "../../records/database.ts";
import { apiKey } from "../../records/schema/index.ts";
import type { Cairn } from "../runtime.ts";
import type { Role } from "./keys.ts";
import { createKey, personalRoles, roles } from "./keys.ts";

/** A key that was given out. The key itself is nowhere: only who has it can show it. */
export interface KeyEntry {
  /** The first 16 hex digits of its hash, by which the log of accesses and the commands name it; they open nothing. */
  readonly credential: string;
  readonly role: string;
  readonly label: string;
  /** Whether it is one person's: a guardian's, a teacher's, a counselor's own. */
  readonly personal: boolean;
  readonly createdAt: string;
  /** Since when it opens nothing; null while it works. */
  readonly revokedAt: string | null;
}

const DIGITS = 16;

/** The keys of a district, oldest first. */
export function listKeys(cairn: Cairn, tenantId: string): Promise<KeyEntry[]> {
  return inTenant(cairn.database, tenantId, async ({ orm }) => {
    const rows = await orm.select().from(apiKey).orderBy(asc(apiKey.createdAt), asc(apiKey.keyHash));
    return rows.map(({ keyHash, role, label, personId, createdAt, revokedAt }) => ({
      credential: keyHash.slice(0, DIGITS),
      role,
      label,
      personal: personId !== null,
      createdAt: createdAt.toISOString(),
      revokedAt: revokedAt?.toISOString() ?? null,
    }));
  });
}

/**
 * Takes a key back: it is refused from the next request on, in every process, since none remembers keys.
 * @param credential - as {@link listKeys} names it
 * @throws CairnError `NOT_FOUND` when no key of the district that works goes by it
 */
export async function revokeKey(cairn: Cairn, tenantId: string, credential: string): Promise<void> {
  await takeBack(cairn, tenantId, credential);
}

/**
 * Gives out another key of the same role and person, and takes the old one back.
 * @returns the new key, which is not kept and cannot be shown again
 * @throws CairnError `NOT_FOUND` as {@link revokeKey}
 */
export async function rotateKey(cairn: Cairn, tenantId: string, credential: string): Promise<string> {
  const old = await findKey(cairn, tenantId, credential);
  const role = roles.find((known) => known === old.role);
  if (role === undefined) throw unknownKey();
  const key = await createKey(cairn, tenantId, role, old.label, old.personId ?? undefined);
  await takeBack(cairn, tenantId, credential);
  return key;
}

/**
 * Gives out a key that is nobody's of the record: a platform's, an operator's, a counselors' office's.
 * @throws CairnError `BAD_INPUT` for a role whose keys belong to a person
 */
export function createDistrictKey(cairn: Cairn, tenantId: string, role: Role, label: string): Promise<string> {
  if (personalRoles.includes(role)) {
    throw new CairnError("BAD_INPUT", `expected a role whose keys belong to nobody, got ${role}`, {
      hint: "make a family's key with `cairn consent key`, a teacher's with `cairn alerts key`",
    });
  }
  return createKey(cairn, tenantId, role, label);
}

const works = (credential: string) => and(like(apiKey.keyHash, `${credential}%`), isNull(apiKey.revokedAt));

function checkCredential(credential: string): void {
  if (!/^[0-9a-f]{16}$/.test(credential)) throw unknownKey();
}

async function findKey(
  cairn: Cairn,
  tenantId: string,
  credential: string,
): Promise<{ role: string; label: string; personId: string | null }> {
  checkCredential(credential);
  const found = await inTenant(cairn.database, tenantId, ({ orm }) =>
    orm.select().from(apiKey).where(works(credential)),
  );
  if (found[0] === undefined) throw unknownKey();
  return found[0];
}

async function takeBack(cairn: Cairn, tenantId: string, credential: string): Promise<void> {
  checkCredential(credential);
  const gone = await inTenant(cairn.database, tenantId, ({ orm }) =>
    orm
      .update(apiKey)
      .set({ revokedAt: cairn.now() })
      .where(and(eq(apiKey.tenantId, tenantId), works(credential)))
      .returning({ role: apiKey.role }),
  );
  if (gone.length === 0) throw unknownKey();
}

const unknownKey = (): CairnError =>
  new CairnError("NOT_FOUND", "expected a key of the district that works, got another", {
    hint: "`cairn keys list` names every key by 16 digits of its hash",
  });
