/**
 * One answer of a verification. `not-checked` is no verdict: what was needed was not there (a key, a list, a context), or what
 * was asked is beyond us (an unknown kind of proof). It is never to be read as "fine".
 */
export interface Answer {
  readonly outcome: "verified" | "failed" | "not-checked";
  /** Why, as a clause that can stand after the outcome. */
  readonly reason: string;
}

/** The answer to one proof of a document. */
export interface ProofAnswer extends Answer {
  /** Such as `DataIntegrityProof eddsa-rdfc-2022`, `Ed25519Signature2020`, `JWT RS256`. */
  readonly kind: string;
  readonly verificationMethod: string | null;
}

/**
 * What is known of a credential, in five separate answers. A credential can be rightly signed and revoked, or rightly signed
 * by nobody knows whom: no answer stands for another.
 */
export interface CredentialVerification {
  readonly format: "Verifiable Credential 2.0" | "Verifiable Credential 1.1" | "Open Badges 2.0" | "unknown";
  readonly id: string | null;
  readonly types: readonly string[];
  readonly issuer: { readonly id: string | null; readonly name: string | null };
  /** Verified when at least one proof is; `proofs` says which. */
  readonly signature: Answer & { readonly proofs: readonly ProofAnswer[] };
  /** The period in which the issuer says it holds. */
  readonly validity: Answer;
  /** Whether a status list says that it was revoked or suspended. */
  readonly status: Answer;
  /** Whether the key that signed is the issuer's. */
  readonly identity: Answer;
  /** Whether it has the members its types require. */
  readonly schema: Answer;
  /** The credentials inside (of a CLR), each with its own five answers. */
  readonly nested: readonly CredentialVerification[];
  /** The credential itself, also when it came as a token. */
  readonly document: Readonly<Record<string, unknown>> | null;
}

/** It holds. */
export function verified(reason: string): Answer {
  return { outcome: "verified", reason };
}

/** It does not hold. */
export function failed(reason: string): Answer {
  return { outcome: "failed", reason };
}

/** Nobody can say from what is here. */
export function notChecked(reason: string): Answer {
  return { outcome: "not-checked", reason };
}

/**
 * Whether a record may be taken as certified on the strength of this credential: rightly signed, by a key known to be the
 * issuer's, in its period, not revoked, of the right form, and the same for everything inside. Anything failed or unchecked
 * leaves it contributed (handbook of interoperability, section 12, rule 5).
 */
export function certifies(verification: CredentialVerification): boolean {
  const { signature, validity, status, identity, schema, nested } = verification;
  return (
    [signature, validity, status, identity, schema].every((answer) => answer.outcome === "verified") &&
    nested.every(certifies)
  );
}
