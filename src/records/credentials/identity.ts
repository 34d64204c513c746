import type { JWK } from "jose";
import type { Answer } from "./answers.ts";
import { failed, notChecked, verified } from "./answers.ts";
import type { KnownKey } from "./keys.ts";
import { didOf, embeddedKey } from "./keys.ts";

/** The key that made the signature, by whichever way it was named. */
export interface SigningKey {
  readonly verificationMethod: string | null;
  readonly publicKeyMultibase: string | undefined;
  readonly publicKeyJwk: JWK | undefined;
}

/** The Ed25519 key a proof was checked with. */
export function multikeyOf(verificationMethod: string | null, keys: readonly KnownKey[]): string | undefined {
  if (verificationMethod === null) return undefined;
  return keys.find(({ id }) => id === verificationMethod)?.publicKeyMultibase ?? embeddedKey(verificationMethod);
}

/**
 * Whether the key that signed is the issuer's: because the caller knows the issuer's keys, or because the issuer's name is the
 * key (did:key). A web address or a number proves nothing without asking the network, which a verifier must not do: then the
 * signature is right and the issuer not proven.
 */
export function checkIdentity(
  issuer: string | null,
  signer: SigningKey | undefined,
  keys: readonly KnownKey[],
): Answer {
  if (issuer === null) return failed("it names no issuer");
  if (signer === undefined) return notChecked("without a right signature nobody is known to have issued it");
  const known = keys.filter((key) => key.issuer === issuer);
  if (known.length > 0) {
    return known.some((key) => sameKey(key, signer))
      ? verified("the key is one the issuer is known by")
      : failed("the key is none of those the issuer is known by");
  }
  if (issuer.startsWith("did:key:")) {
    return signer.publicKeyMultibase !== undefined && issuer === didOf(signer.publicKeyMultibase)
      ? verified("the issuer's name is the key itself")
      : failed("the issuer's name is another key");
  }
  return notChecked("the signature is right, but nothing here proves that the key is the issuer's");
}

function sameKey(known: KnownKey, signer: SigningKey): boolean {
  if (known.publicKeyMultibase !== undefined) return known.publicKeyMultibase === signer.publicKeyMultibase;
  const [a, b] = [known.publicKeyJwk, signer.publicKeyJwk];
  if (a === undefined || b === undefined) return false;
  return (["kty", "crv", "x", "y", "n", "e"] as const).every((part) => a[part] === b[part]);
}
