import { randomInt } from "node:crypto";
import { gzipSync } from "node:zlib";
import { and, desc, eq, like } from "drizzle-orm";
import { CairnError } from "../../errors.ts";
import type { TenantTransaction } from "../database.ts";
import { credential, credentialRevocation } from "../schema/index.ts";
import type { Issuer } from "./issue.ts";
import { signAs, uuidOf } from "./issue.ts";
import type { JsonObject } from "./json.ts";
import { idOf, isObject } from "./json.ts";

// Of so many places few are taken, so that a place tells nobody whose badge it is; zeros pack to some 16 KB.
const places = 2 ** 24;

/** The address by which badges signed by a key name the district's status list. It names the list and is no place on the network. */
export function statusListAddress(did: string): string {
  return uuidOf(did, "status-list", "revocation");
}

/**
 * What a badge says of its place in the status list: drawn at random among those no badge of the district has.
 * @see Bitstring Status List 1.0 (W3C 2025), section 2.1
 */
export async function drawStatus(tx: TenantTransaction, did: string): Promise<JsonObject> {
  for (;;) {
    const place = randomInt(places);
    const [taken] = await tx.sql`
      select 1 from credential where case when record_key like 'award:%' -- others may be tokens, which are no JSON
        then document::jsonb -> 'credentialStatus' ->> 'statusListIndex' = ${String(place)} else false end
      union all select 1 from credential_revocation where status_index = ${place} limit 1`;
    if (taken === undefined) {
      return {
        id: `${statusListAddress(did)}#${place}`,
        type: "BitstringStatusListEntry",
        statusPurpose: "revocation",
        statusListIndex: String(place),
        statusListCredential: statusListAddress(did),
      };
    }
  }
}

/** Which badge is taken back, why and by whom. `reason` is kept without the learner: no name belongs in it. */
export interface Revocation {
  /** The id of the credential, `urn:uuid:…`. */
  readonly id: string;
  readonly reason: string;
  readonly decidedBy: string;
  readonly now: Date;
}

/**
 * Takes back a badge the district has awarded: it is retracted in the learner's record, and its place in the status list is set
 * for good. The same badge again changes nothing.
 * @throws CairnError `BAD_INPUT` without a reason, `NOT_FOUND` when the district has awarded no such badge, `CONFLICT` when it was
 * awarded before badges had a place in the list
 */
export async function revokeCredential(
  tx: TenantTransaction,
  { id, reason, decidedBy, now }: Revocation,
): Promise<void> {
  if (reason.trim() === "" || decidedBy.trim() === "")
    throw new CairnError("BAD_INPUT", "expected why a badge is taken back and who decides it, got nothing");
  const [row] = await tx.orm
    .select()
    .from(credential)
    .where(and(eq(credential.credential, id), like(credential.recordKey, "award:%")))
    .orderBy(desc(credential.knownOn), desc(credential.versionId))
    .limit(1);
  if (row === undefined) {
    throw new CairnError("NOT_FOUND", "expected the id of a badge the district has awarded, got another", {
      hint: "it stands in the badge as id: urn:uuid:…; what another issuer signed, that issuer takes back",
    });
  }
  const { credentialStatus } = JSON.parse(row.document ?? "{}") as JsonObject;
  const place = isObject(credentialStatus) ? Number(credentialStatus.statusListIndex) : Number.NaN;
  if (!Number.isInteger(place)) {
    throw new CairnError("CONFLICT", "expected a badge with a place in the status list, got one without", {
      hint: "it was awarded before there was a list: others cannot be told; retract it in the record",
    });
  }
  if (row.retractedAt !== null) return;
  await tx.orm
    .insert(credentialRevocation)
    .values({ tenantId: tx.tenantId, statusIndex: place, reason, decidedBy, decidedAt: now })
    .onConflictDoNothing();
  const { versionId, ...version } = row;
  const today = now.toISOString().slice(0, 10);
  await tx.orm.insert(credential).values({
    ...version,
    knownOn: [today, row.knownOn].sort().at(-1)!,
    receivedAt: now,
    supersedes: versionId,
    retractedAt: now,
  });
}

/**
 * The status list of the district, signed: one for each key it has signed badges with, since a list counts only when it is signed
 * by who signed the badge.
 * @returns BitstringStatusListCredentials by their address, the oldest key first
 * @see Bitstring Status List 1.0 (W3C 2025), sections 2.2 and 3.1
 */
export async function statusLists(tx: TenantTransaction, issuer: Issuer, now: Date): Promise<Map<string, JsonObject>> {
  const rows = await tx.orm.select({ place: credentialRevocation.statusIndex }).from(credentialRevocation);
  const bits = Buffer.alloc(places / 8);
  for (const { place } of rows) bits[place >> 3]! |= 128 >> (place & 7);
  const encodedList = `u${gzipSync(bits, { level: 9 }).toString("base64url")}`;
  const lists = new Map<string, JsonObject>();
  for (const key of issuer.keys.all) {
    const address = statusListAddress(key.controller);
    const list = {
      "@context": ["https://www.w3.org/ns/credentials/v2"],
      id: address,
      type: ["VerifiableCredential", "BitstringStatusListCredential"],
      issuer: key.controller,
      validFrom: `${now.toISOString().slice(0, 19)}Z`,
      credentialSubject: {
        id: `${address}#list`,
        type: "BitstringStatusList",
        statusPurpose: "revocation",
        encodedList,
      },
    };
    lists.set(String(idOf(list)), await signAs(key, list, now));
  }
  return lists;
}
