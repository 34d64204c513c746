import { createHash } from "node:crypto";
import type { CredentialVerification } from "./answers.ts";
import type { JsonObject } from "./json.ts";
import { isObject, listOf, textOf } from "./json.ts";
import { readInstant } from "./period.ts";

/** A credential as it was delivered. */
export interface HeldCredential {
  readonly verification: CredentialVerification;
  /** The document as it came: JSON or a token. */
  readonly document: string;
}

/** What a credential's document says, by the columns of the table `credential`. */
export interface CredentialColumns extends Readonly<Record<string, unknown>> {
  readonly credential: string;
  readonly document_sha256: string;
  readonly media_type: string;
}

/** The columns of a credential that its own document says, for the table `credential`. */
export function credentialColumns({ verification, document }: HeldCredential): CredentialColumns {
  const parsed = verification.document ?? {};
  const subject = listOf(parsed.credentialSubject).find(isObject) ?? {};
  const about = isObject(subject.achievement) ? subject.achievement : isObject(parsed.badge) ? parsed.badge : {};
  const sha256 = createHash("sha256").update(document).digest("hex");
  return {
    credential: verification.id ?? `urn:sha256:${sha256}`,
    kind: kindOf(verification.types),
    title: textOf(about.name) ?? textOf(parsed.name),
    description: textOf(about.description) ?? textOf(parsed.description),
    achievement_kind: textOf(about.achievementType),
    issuer: verification.issuer.id,
    issuer_name: verification.issuer.name,
    issued_on: dayOf(parsed.awardedDate ?? parsed.validFrom ?? parsed.issuanceDate ?? parsed.issuedOn),
    expires_on: dayOf(parsed.validUntil ?? parsed.expirationDate ?? parsed.expires),
    standards: standardsOf(about),
    document_sha256: sha256,
    media_type: document.trimStart().startsWith("{") ? "application/vc+ld+json" : "application/vc+jwt",
    document,
  };
}

function kindOf(types: readonly string[]): "badge" | "record" | "endorsement" | "certificate" {
  if (types.includes("ClrCredential")) return "record";
  return types.includes("EndorsementCredential") ? "endorsement" : "badge";
}

/** What the achievement is aligned with: the code people use, else the address. */
function standardsOf(achievement: JsonObject): string[] {
  return listOf(achievement.alignment)
    .filter(isObject)
    .flatMap(({ targetCode, targetUrl }) => textOf(targetCode) ?? textOf(targetUrl) ?? []);
}

function dayOf(value: unknown): string | null {
  const instant = readInstant(value);
  return Number.isNaN(instant) ? null : new Date(instant).toISOString().slice(0, 10);
}

/** How the five answers came out, as they are kept with a record. */
export function verificationRecord(
  verification: CredentialVerification,
  { checkedAt, channel }: { readonly checkedAt: string; readonly channel: string },
): JsonObject {
  const { signature, validity, status, identity, schema, issuer } = verification;
  const proof = signature.proofs.find(({ outcome }) => outcome === "verified") ?? signature.proofs[0];
  const brief = ({ outcome, reason }: { outcome: string; reason: string }) => ({ outcome, reason });
  return {
    kind: "signature",
    channel,
    issuer: issuer.id,
    proofType: proof?.kind ?? null,
    verificationMethod: proof?.verificationMethod ?? null,
    checkedAt,
    result: signature.outcome,
    answers: {
      signature: brief(signature),
      validity: brief(validity),
      status: brief(status),
      identity: brief(identity),
      schema: brief(schema),
    },
  };
}
