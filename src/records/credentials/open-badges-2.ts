import { z } from "zod";
import type { Answer, CredentialVerification, ProofAnswer } from "./answers.ts";
import { failed, notChecked, verified } from "./answers.ts";
import { checkIdentity } from "./identity.ts";
import type { JsonObject } from "./json.ts";
import { idOf, isObject, listOf, textOf, textsOf } from "./json.ts";
import type { KnownKey } from "./keys.ts";
import { checkPeriod } from "./period.ts";
import type { StatusLists } from "./status.ts";
import type { Token } from "./tokens.ts";
import { checkToken } from "./tokens.ts";

const context = "https://w3id.org/openbadges/v2";
const text = z.string().min(1);
const assertion = z.looseObject({
  id: text,
  recipient: z.looseObject({ type: z.union([text, z.array(text)]), identity: text }),
  badge: z.union([text, z.looseObject({})]),
  verification: z.union([text, z.looseObject({ type: z.union([text, z.array(text)]) })]),
  issuedOn: text,
});

/** Whether a document is of Open Badges 1 or 2: it names their context, or is of one of their classes and no credential. */
export function isOpenBadges2(document: JsonObject): boolean {
  const named = textsOf(document["@context"]).some((url) => url.startsWith("https://w3id.org/openbadges/"));
  const types = textsOf(document.type ?? document["@type"]);
  return (
    named || (!types.includes("VerifiableCredential") && (document.badge !== undefined || types.includes("BadgeClass")))
  );
}

/**
 * The five answers for an Open Badges 2.0 assertion. A hosted badge is vouched for by the issuer's web site alone, so offline
 * it is never more than not checked; a signed one (a JWS) is checked where the caller knows the key its `creator` names.
 * @see Open Badges 2.0 (IMS Global 2018), sections 2 and 4
 */
export async function verifyOpenBadges2(
  document: JsonObject,
  token: Token | undefined,
  { keys, lists, now }: { keys: readonly KnownKey[]; lists: StatusLists; now: Date },
): Promise<CredentialVerification> {
  const badge = isObject(document.badge) ? document.badge : {};
  const issuer = isObject(badge.issuer) ? badge.issuer : {};
  const issuerId = idOf(badge.issuer);
  const { signature, key } = await checkSignature(document, token, issuerId, keys);
  const signer =
    key === undefined
      ? undefined
      : { verificationMethod: key.id ?? null, publicKeyMultibase: undefined, publicKeyJwk: key.publicKeyJwk };
  return {
    format: "Open Badges 2.0",
    id: textOf(document.id),
    types: textsOf(document.type ?? document["@type"]),
    issuer: { id: issuerId ?? key?.issuer ?? null, name: textOf(issuer.name) },
    signature,
    validity: checkPeriod(document, now),
    status: checkRevocation(document, issuer, lists),
    identity:
      signer === undefined
        ? notChecked("nothing here proves who issued it")
        : checkIdentity(issuerId ?? key!.issuer, signer, keys),
    schema: checkShape(document),
    nested: [],
    document,
  };
}

async function checkSignature(
  document: JsonObject,
  token: Token | undefined,
  issuer: string | null,
  keys: readonly KnownKey[],
): Promise<{ signature: CredentialVerification["signature"]; key: KnownKey | undefined }> {
  const verification = isObject(document.verification ?? document.verify)
    ? ((document.verification ?? document.verify) as JsonObject)
    : {};
  if (token === undefined) {
    const signed = textsOf(verification.type).some((type) => /signed/i.test(type));
    const answer = signed
      ? notChecked("a signed badge without its token: the JSON alone proves nothing")
      : notChecked("a hosted badge: only the issuer's web site can vouch for it, and nothing is fetched");
    return { signature: { ...answer, proofs: [] }, key: undefined };
  }
  const creator = textOf(verification.creator);
  const key = keys.find(({ id }) => id !== undefined && id === creator);
  // A key in the token's own header would vouch for itself: the badge says whose key it is.
  const answer: ProofAnswer =
    key === undefined
      ? {
          kind: `JWS ${token.algorithm}`,
          verificationMethod: creator,
          ...notChecked("the key its creator names is not here"),
        }
      : await checkToken(token, key.issuer ?? issuer, [key]);
  const { outcome, reason, kind } = answer;
  return {
    signature: { outcome, reason, proofs: [{ outcome, reason, kind, verificationMethod: creator }] },
    key: outcome === "verified" ? key : undefined,
  };
}

function checkRevocation(document: JsonObject, issuer: JsonObject, lists: StatusLists): Answer {
  if (document.revoked === true) return failed("it says itself that it was revoked");
  const address = textOf(issuer.revocationList);
  if (address === null)
    return notChecked("its issuer is not written out, so it is unknown whether there is a revocation list");
  const list = lists.get(address);
  if (list === undefined) return notChecked(`the revocation list is not here: ${address}`);
  const names = [textOf(document.id), textOf(document.uid)].filter((name) => name !== null);
  const revoked = listOf(list.revokedAssertions).some((item) =>
    names.some((name) => idOf(item) === name || (isObject(item) && item.uid === name)),
  );
  return revoked
    ? failed("it is on the issuer's revocation list")
    : verified("it is not on the issuer's revocation list");
}

function checkShape(document: JsonObject): Answer {
  const types = textsOf(document.type ?? document["@type"]);
  if (!textsOf(document["@context"]).includes(context)) return failed(`expected the context ${context}`);
  if (!types.includes("Assertion")) {
    return failed(`expected an Assertion, got ${types[0] === undefined ? "no type" : "something that awards nothing"}`);
  }
  const parsed = assertion.safeParse(document);
  if (parsed.success) return verified("it has the members an assertion requires");
  const [fault] = parsed.error.issues;
  return failed(`${fault!.path.join(".")}: ${fault!.message}`);
}
