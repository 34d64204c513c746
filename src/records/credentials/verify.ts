import type { Answer, CredentialVerification, ProofAnswer } from "./answers.ts";
import { failed, notChecked } from "./answers.ts";
import type { Contexts } from "./contexts.ts";
import { openContexts } from "./contexts.ts";
import type { SigningKey } from "./identity.ts";
import { checkIdentity, multikeyOf } from "./identity.ts";
import type { JsonObject } from "./json.ts";
import { deeperThan, idOf, isObject, listOf, parseObject, textOf, textsOf } from "./json.ts";
import type { KnownKey } from "./keys.ts";
import { multikeyOfJwk } from "./keys.ts";
import { isOpenBadges2, verifyOpenBadges2 } from "./open-badges-2.ts";
import { checkPeriod } from "./period.ts";
import { checkProofs } from "./proofs.ts";
import { checkShape } from "./shape.ts";
import type { StatusLists } from "./status.ts";
import { checkStatus } from "./status.ts";
import type { Token } from "./tokens.ts";
import { checkToken, readToken, tokenCredential } from "./tokens.ts";

/** What a verification may use besides the credential itself. Nothing is ever fetched. */
export interface VerificationOptions {
  /** The clock is the caller's. */
  readonly now: Date;
  /** Keys known to be issuers'. */
  readonly keys?: readonly KnownKey[];
  /** Status and revocation lists, by address. */
  readonly statusLists?: StatusLists;
  /** Further JSON-LD contexts, by address; they cannot replace those that travel with cairn. */
  readonly contexts?: ReadonlyMap<string, object>;
}

interface Means {
  readonly now: Date;
  readonly keys: readonly KnownKey[];
  readonly lists: StatusLists;
  readonly contexts: Contexts;
}

const deepestDocument = 100; // levels; a CLR of CLRs of badges has about 20

/**
 * Verifies a credential offline: Open Badges 3.0 and CLR 2.0 as Verifiable Credentials 1.1 or 2.0 with embedded proofs
 * (eddsa-rdfc-2022, Ed25519Signature2020) or as a JWT (RS256, ES256, EdDSA), Open Badges 2.0 assertions, hosted or signed.
 * Five separate answers come back, and the same for every credential inside; it never throws for what a document holds.
 * @param input - the parsed JSON, or the text of a file: JSON or a compact token
 */
export async function verifyCredential(
  input: JsonObject | string,
  { now, keys = [], statusLists = new Map(), contexts }: VerificationOptions,
): Promise<CredentialVerification> {
  return verifyAny(input, { now, keys, lists: statusLists, contexts: openContexts(contexts) });
}

async function verifyAny(input: unknown, means: Means): Promise<CredentialVerification> {
  const token = typeof input === "string" ? readToken(input) : undefined;
  const parsed = typeof input === "string" ? parseObject(input) : isObject(input) ? input : undefined;
  if (token !== undefined) return verifyToken(token, means);
  if (parsed === undefined) return unreadable("expected a JSON object or a token, got neither");
  if (deeperThan(parsed, deepestDocument)) return unreadable(`expected at most ${deepestDocument} levels, got more`);
  if (isOpenBadges2(parsed)) return verifyOpenBadges2(parsed, undefined, means);
  const proofs = await checkProofs(parsed, means.contexts, means.keys);
  const proof = proofs.find(({ outcome }) => outcome === "verified");
  const signer =
    proof === undefined
      ? undefined
      : {
          verificationMethod: proof.verificationMethod,
          publicKeyMultibase: multikeyOf(proof.verificationMethod, means.keys),
          publicKeyJwk: undefined,
        };
  return answer(parsed, { ...summary(proofs), proofs }, signer, means);
}

async function verifyToken(token: Token, means: Means): Promise<CredentialVerification> {
  if (deeperThan(token.payload, deepestDocument))
    return unreadable(`expected at most ${deepestDocument} levels, got more`);
  if (isOpenBadges2(token.payload)) return verifyOpenBadges2(token.payload, token, means);
  const { document, contradiction } = tokenCredential(token);
  const { key, ...proof } = await checkToken(token, idOf(document.issuer), means.keys);
  const signature =
    contradiction === undefined
      ? { outcome: proof.outcome, reason: proof.reason, proofs: [proof] }
      : {
          ...failed(`the token's claim ${contradiction} says something else than the credential in it`),
          proofs: [proof],
        };
  const signer =
    signature.outcome === "verified"
      ? {
          verificationMethod: proof.verificationMethod,
          publicKeyMultibase: key === undefined ? undefined : await multikeyOfJwk(key),
          publicKeyJwk: key,
        }
      : undefined;
  return answer(document, signature, signer, means);
}

async function answer(
  document: JsonObject,
  signature: CredentialVerification["signature"],
  signer: SigningKey | undefined,
  means: Means,
): Promise<CredentialVerification> {
  const inside = listOf(document.credentialSubject)
    .filter(isObject)
    .flatMap((subject) => listOf(subject.verifiableCredential));
  const nested: CredentialVerification[] = [];
  for (const credential of inside) nested.push(await verifyAny(credential, means));
  return {
    format:
      textsOf(document["@context"])[0] === "https://www.w3.org/ns/credentials/v2"
        ? "Verifiable Credential 2.0"
        : textsOf(document.type).includes("VerifiableCredential")
          ? "Verifiable Credential 1.1"
          : "unknown",
    id: textOf(document.id),
    types: textsOf(document.type),
    issuer: {
      id: idOf(document.issuer),
      name: isObject(document.issuer) ? textOf(document.issuer.name) : null,
    },
    signature,
    validity: checkPeriod(document, means.now),
    status: await checkStatus(document, means.lists, means.contexts, means.keys),
    identity: checkIdentity(idOf(document.issuer), signer, means.keys),
    schema: checkShape(document),
    nested,
    document,
  };
}

/** One verified proof is enough (the others may be of kinds we do not know); else one failed is a failure. */
function summary(proofs: readonly ProofAnswer[]): Answer {
  const said = (outcome: Answer["outcome"]): ProofAnswer | undefined =>
    proofs.find((proof) => proof.outcome === outcome);
  const { outcome, reason } =
    said("verified") ??
    said("failed") ??
    proofs[0] ??
    notChecked("it carries no proof, so anybody can have written it");
  return { outcome, reason };
}

function unreadable(reason: string): CredentialVerification {
  const nothing = notChecked("there is nothing to check");
  return {
    format: "unknown",
    id: null,
    types: [],
    issuer: { id: null, name: null },
    signature: { ...nothing, proofs: [] },
    validity: nothing,
    status: nothing,
    identity: nothing,
    schema: failed(reason),
    nested: [],
    document: null,
  };
}
