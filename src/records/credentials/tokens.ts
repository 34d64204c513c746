import type { JWK } from "jose";
import { compactVerify, decodeProtectedHeader, errors, importJWK } from "jose";
import type { ProofAnswer } from "./answers.ts";
import { failed, notChecked, verified } from "./answers.ts";
import type { JsonObject } from "./json.ts";
import { idOf, isObject, parseObject, textOf } from "./json.ts";
import type { KnownKey } from "./keys.ts";
import { embeddedJwk } from "./keys.ts";

const algorithms = ["RS256", "ES256", "EdDSA", "Ed25519"];

/** A token taken apart: nothing of it is believed yet. */
export interface Token {
  readonly text: string;
  readonly algorithm: string;
  readonly header: JsonObject;
  readonly payload: JsonObject;
}

/** A compact JWS with a JSON payload; undefined when the text is none. */
export function readToken(text: string): Token | undefined {
  const compact = text.trim();
  if (!/^[\w-]+\.[\w-]+\.[\w-]*$/.test(compact)) return undefined;
  const payload = parseObject(Buffer.from(compact.split(".")[1]!, "base64url").toString("utf8"));
  if (payload === undefined) return undefined;
  try {
    const header = { ...decodeProtectedHeader(compact) } as JsonObject;
    return { text: compact, algorithm: textOf(header.alg) ?? "none", header, payload };
  } catch {
    return undefined;
  }
}

/**
 * The credential in a token. VC-JWT 1.1 puts it under `vc` and says some members again as claims (section 6.3.1): a claim
 * that says something else than its member makes the whole doubtful. VC-JOSE (2.0) has the credential as the payload.
 */
export function tokenCredential({ payload }: Token): { document: JsonObject; contradiction: string | undefined } {
  if (!isObject(payload.vc)) return { document: payload, contradiction: undefined };
  const document: Record<string, unknown> = { ...payload.vc };
  const subject = isObject(document.credentialSubject) ? idOf(document.credentialSubject) : null;
  const pairs: [string, unknown, string | null][] = [
    ["iss", payload.iss, idOf(document.issuer)],
    ["jti", payload.jti, textOf(document.id)],
    ["sub", payload.sub, subject],
  ];
  const contradiction = pairs.find(
    ([, claim, member]) => claim !== undefined && member !== null && claim !== member,
  )?.[0];
  document.issuer ??= payload.iss;
  document.id ??= payload.jti;
  document.issuanceDate ??= moment(payload.nbf);
  document.expirationDate ??= moment(payload.exp);
  for (const [name, value] of Object.entries(document)) if (value === undefined) delete document[name];
  return { document, contradiction };
}

function moment(seconds: unknown): string | undefined {
  if (typeof seconds !== "number" || !Number.isFinite(seconds) || Math.abs(seconds) > 8e12) return undefined;
  return new Date(seconds * 1000).toISOString();
}

/** The answer to a token's signature, by a key the caller knows for this issuer, else by the one in the token's header, else by the one its key id is. */
export async function checkToken(
  token: Token,
  issuer: string | null,
  keys: readonly KnownKey[],
): Promise<ProofAnswer & { readonly key: JWK | undefined }> {
  const kind = `JWT ${token.algorithm}`;
  const keyId = textOf(token.header.kid);
  const known = keys.filter((key) => key.publicKeyJwk !== undefined && key.issuer === issuer);
  const key =
    (known.find(({ id }) => id === keyId) ?? known[0])?.publicKeyJwk ??
    (isObject(token.header.jwk) ? (token.header.jwk as JWK) : undefined) ??
    (await embeddedJwk(keyId ?? issuer ?? ""));
  const about = { kind, verificationMethod: keyId, key };
  if (!algorithms.includes(token.algorithm))
    return {
      ...about,
      ...notChecked(`expected one of ${algorithms.join(", ")}; ${token.algorithm} proves nothing here`),
    };
  if (key === undefined) return { ...about, ...notChecked("the key is neither in the token nor among those given") };
  if (key.kty === "oct" || key.d !== undefined)
    return { ...about, ...failed("the key in the token is a secret one, so anybody can have signed") };
  try {
    await compactVerify(token.text, await importJWK(key, token.algorithm), { algorithms });
    return { ...about, ...verified("the signature fits the token") };
  } catch (error) {
    const reason =
      error instanceof errors.JWSSignatureVerificationFailed
        ? "the signature does not fit: the token was changed"
        : `the token cannot be checked: ${error instanceof Error ? error.message.slice(0, 160) : "unknown fault"}`;
    return { ...about, ...failed(reason) };
  }
}
