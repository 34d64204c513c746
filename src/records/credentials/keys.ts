import { from, fromJwk, toJwk } from "@digitalbazaar/ed25519-multikey";
import type { JWK } from "jose";

/** A key the caller knows to be an issuer's. */
export interface KnownKey {
  /** The issuer's id, as credentials name it. */
  readonly issuer: string;
  /** The address a proof names the key by; any of the issuer's when absent. */
  readonly id?: string;
  /** An Ed25519 key in the multikey form (`z6Mk…`). */
  readonly publicKeyMultibase?: string;
  /** Any other public key. */
  readonly publicKeyJwk?: JWK;
}

/** An Ed25519 verification method as the signature libraries want it. */
export interface Multikey {
  readonly "@context": "https://w3id.org/security/multikey/v1";
  readonly type: "Multikey";
  readonly id: string;
  readonly controller: string;
  readonly publicKeyMultibase: string;
}

const multikey = /^z6Mk[1-9A-HJ-NP-Za-km-z]+$/; // base58, with the prefix every Ed25519 public key has

/** The Ed25519 key a verification method carries in itself: after its `#`, else as its last part (`did:key:z6Mk…`). */
export function embeddedKey(verificationMethod: string): string | undefined {
  const tail = verificationMethod.slice(verificationMethod.lastIndexOf("#") + 1);
  const last = tail.slice(tail.lastIndexOf(":") + 1);
  return multikey.test(last) ? last : undefined;
}

/** The DID of an Ed25519 key: the key is the name. */
export function didOf(publicKeyMultibase: string): string {
  return `did:key:${publicKeyMultibase}`;
}

/** The key that stands behind a verification method: one the caller knows, else the one it carries. */
export function methodKey(verificationMethod: string, keys: readonly KnownKey[]): Multikey | undefined {
  const known = keys.find((key) => key.id === verificationMethod && key.publicKeyMultibase !== undefined);
  const publicKeyMultibase = known?.publicKeyMultibase ?? embeddedKey(verificationMethod);
  if (publicKeyMultibase === undefined) return undefined;
  return {
    "@context": "https://w3id.org/security/multikey/v1",
    type: "Multikey",
    id: verificationMethod,
    controller: verificationMethod.split("#")[0]!,
    publicKeyMultibase,
  };
}

/** The multikey form of an Ed25519 key that came as a JWK; undefined for any other key. */
export async function multikeyOfJwk(jwk: JWK): Promise<string | undefined> {
  if (jwk.kty !== "OKP" || jwk.crv !== "Ed25519") return undefined;
  return (await fromJwk({ jwk: { kty: jwk.kty, crv: jwk.crv, x: jwk.x } })).publicKeyMultibase;
}

/** The JWK of the Ed25519 key a verification method carries in itself; undefined when it carries none. */
export async function embeddedJwk(verificationMethod: string): Promise<JWK | undefined> {
  const publicKeyMultibase = embeddedKey(verificationMethod);
  if (publicKeyMultibase === undefined) return undefined;
  const controller = didOf(publicKeyMultibase);
  const id = `${controller}#${publicKeyMultibase}`;
  try {
    return await toJwk({ keyPair: await from({ type: "Multikey", id, controller, publicKeyMultibase }) });
  } catch {
    return undefined; // of another length than a key has: then it is none
  }
}
