import { join } from "node:path";
import type { CredentialVerification } from "../../records/credentials/answers.ts";
import { certifies } from "../../records/credentials/answers.ts";
import { awardBadge } from "../../records/credentials/award.ts";
import type { AlignedStandard } from "../../records/credentials/issue.ts";
import type { JsonObject } from "../../records/credentials/json.ts";
import type { KnownKey } from "../../records/credentials/keys.ts";
import type { SigningKeys } from "../../records/credentials/signing-keys.ts";
import { openSigningKeys, rotateSigningKey } from "../../records/credentials/signing-keys.ts";
import { revokeCredential, statusLists } from "../../records/credentials/status-list.ts";
import { decideIssuer } from "../../records/credentials/trust.ts";
import { verifyCredential } from "../../records/credentials/verify.ts";
import { inTenant } from "../../records/database.ts";
import { tenantName } from "../../records/export/backpack/export.ts";
import { personOfNumber } from "../../records/export/backpack/learner.ts";
import type { ImportReport } from "../../records/import/core/report.ts";
import { importCredentials } from "../../records/import/credentials/import.ts";
import type { ImportOptions } from "../intake/import-files.ts";
import type { Cairn } from "../runtime.ts";

export type { CredentialVerification, KnownKey };
export { certifies };

/** The folder of signing keys in a home folder. */
export function keysFolderOf(home: string): string {
  return join(home, "keys");
}

/** How a district names itself to others. */
export interface DistrictKey {
  /** For good: the DID of the first key. */
  readonly district: string;
  /** The DID that signs now, and those that signed before. */
  readonly current: string;
  readonly earlier: readonly string[];
}

/** The district's DIDs; its signing key is made at the first call. `rotate` makes a new one. */
export async function districtKey(
  cairn: Cairn,
  tenantId: string,
  { keysFolder, rotate = false }: { readonly keysFolder: string; readonly rotate?: boolean },
): Promise<DistrictKey> {
  const keys: SigningKeys = await (rotate ? rotateSigningKey : openSigningKeys)(keysFolder, tenantId, cairn.now());
  return { district: keys.district, current: keys.current.controller, earlier: keys.dids.slice(0, -1) };
}

/** Decides whether the word of an issuer is taken as certified; `authority` names the district a later key belongs to. */
export async function trustIssuer(
  cairn: Cairn,
  tenantId: string,
  decision: {
    readonly issuer: string;
    readonly authority?: string;
    readonly withdraw?: boolean;
    readonly decidedBy: string;
  },
): Promise<void> {
  const { issuer, authority = issuer, withdraw = false, decidedBy } = decision;
  const standing = withdraw ? "contributed" : "certified";
  await inTenant(cairn.database, tenantId, (tx) =>
    decideIssuer(tx, { issuer, authority, standing }, { decidedBy, now: cairn.now() }),
  );
}

/** Verifies one credential, offline and without the record store. */
export function verifyDocument(
  text: string,
  options: {
    readonly now: Date;
    readonly keys?: readonly KnownKey[];
    readonly statusLists?: ReadonlyMap<string, JsonObject>;
  },
): Promise<CredentialVerification> {
  return verifyCredential(text, options);
}

/** A badge as somebody at the district describes it. */
export interface BadgeAward {
  /** The learner's district, state or local number. */
  readonly student: string;
  readonly title: string;
  readonly description: string;
  readonly criteria: string;
  readonly awardedOn: string;
  readonly standards: readonly AlignedStandard[];
}

/** Awards a badge to a learner. @returns the signed Open Badges 3.0 credential */
export async function award(
  cairn: Cairn,
  tenantId: string,
  badge: BadgeAward,
  keysFolder: string,
): Promise<JsonObject> {
  const now = cairn.now();
  const issuer = {
    name: await tenantName(cairn.database, tenantId),
    keys: await openSigningKeys(keysFolder, tenantId, now),
  };
  const { student, ...described } = badge;
  return inTenant(cairn.database, tenantId, async (tx) =>
    awardBadge(tx, {
      issuer,
      personId: await personOfNumber(tx, student),
      badge: { ...described, key: `${badge.title} ${badge.awardedOn}`, achievementType: "Badge" },
      now,
    }),
  );
}

/**
 * Takes back a badge the district has awarded; others find it revoked in the status list from then on.
 * @throws CairnError as {@link revokeCredential}
 */
export async function revoke(
  cairn: Cairn,
  tenantId: string,
  revocation: { readonly id: string; readonly reason: string; readonly decidedBy: string },
): Promise<void> {
  await inTenant(cairn.database, tenantId, (tx) => revokeCredential(tx, { ...revocation, now: cairn.now() }));
}

/** The district's signed status lists by address, one for each key it has signed with: for others to check badges against. */
export async function signedStatusLists(
  cairn: Cairn,
  tenantId: string,
  keysFolder: string,
): Promise<ReadonlyMap<string, JsonObject>> {
  const now = cairn.now();
  const name = await tenantName(cairn.database, tenantId);
  const issuer = { name, keys: await openSigningKeys(keysFolder, tenantId, now) };
  return inTenant(cairn.database, tenantId, (tx) => statusLists(tx, issuer, now));
}

/** Imports the credentials of a file, a folder or a zip, each verified offline. */
export function importCredentialFiles(
  cairn: Cairn,
  tenantId: string,
  path: string,
  options: ImportOptions & {
    readonly student?: string;
    readonly keys?: readonly KnownKey[];
    readonly statusLists?: ReadonlyMap<string, JsonObject>;
  } = {},
): Promise<ImportReport> {
  return importCredentials(cairn.database, { tenantId, path, receivedAt: cairn.now(), ...options });
}
