import { CairnError } from "../../errors.ts";
import type { TenantTransaction } from "../database.ts";
import { credential } from "../schema/index.ts";
import type { Issuer, Recognition } from "./issue.ts";
import { issueAchievement, uuidOf } from "./issue.ts";
import type { JsonObject } from "./json.ts";
import { credentialColumns, verificationRecord } from "./row.ts";
import { drawStatus, statusLists } from "./status-list.ts";
import { verifyCredential } from "./verify.ts";

/**
 * Awards a badge: signs it and puts it into the learner's record, certified by the district. The same badge (by its key)
 * awarded again is the one that is there. It has a place in the district's status list, so that it can be taken back.
 * @param badge - `key` tells this award from the learner's others
 * @returns the signed Open Badges 3.0 credential
 * @throws CairnError `CONFLICT` when this badge was taken back
 */
export async function awardBadge(
  tx: TenantTransaction,
  {
    issuer,
    personId,
    badge,
    now,
  }: { readonly issuer: Issuer; readonly personId: string; readonly badge: Recognition; readonly now: Date },
): Promise<JsonObject> {
  const recordKey = `award:${personId}|${badge.key}`;
  // One at a time: of two that arrive together the second must see the first.
  await tx.sql`select pg_advisory_xact_lock(hashtext('cairn.award'), hashtext(${tx.tenantId + recordKey}))`;
  const [known] = await tx.sql<{ document: string; revoked: boolean }[]>`
    select document, retracted_at is not null as revoked from credential where record_key = ${recordKey} order by known_on desc, version_id desc limit 1`;
  if (known?.revoked === true) {
    throw new CairnError("CONFLICT", "expected a badge that is not taken back, got one that is", {
      hint: "award it with another title or of another day: what was taken back stays so",
    });
  }
  if (known !== undefined) return JSON.parse(known.document) as JsonObject;
  const status = await drawStatus(tx, issuer.keys.current.controller);
  const subject = uuidOf(issuer.keys.district, "learner", personId);
  const signed = await issueAchievement(issuer, subject, { ...badge, status }, now);
  const document = JSON.stringify(signed);
  const verification = await verifyCredential(signed, { now, statusLists: await statusLists(tx, issuer, now) });
  const columns = credentialColumns({ verification, document });
  await tx.orm.insert(credential).values({
    tenantId: tx.tenantId,
    recordKey,
    contentHash: columns.document_sha256.slice(0, 32),
    class: "certified",
    authority: tx.tenantId,
    batchId: "award",
    sourceRecordId: badge.key,
    knownOn: now.toISOString().slice(0, 10),
    receivedAt: now,
    verification: verificationRecord(verification, { checkedAt: now.toISOString(), channel: tx.tenantId }),
    personId,
    credential: columns.credential,
    kind: "badge",
    title: badge.title,
    description: badge.description,
    achievementKind: badge.achievementType,
    issuer: issuer.keys.current.controller,
    issuerName: issuer.name,
    issuedOn: badge.awardedOn,
    standards: (badge.standards ?? []).map(({ standard }) => standard),
    documentSha256: columns.document_sha256,
    mediaType: columns.media_type,
    document,
  });
  return signed;
}
