import { DataIntegrityProof } from "@digitalbazaar/data-integrity";
import { Ed25519Signature2020 } from "@digitalbazaar/ed25519-signature-2020";
import { cryptosuite as eddsaRdfc2022 } from "@digitalbazaar/eddsa-rdfc-2022-cryptosuite";
import signatures from "jsonld-signatures";
import type { ProofAnswer } from "./answers.ts";
import { failed, notChecked, verified } from "./answers.ts";
import type { Contexts } from "./contexts.ts";
import { definesTerms } from "./contexts.ts";
import type { JsonObject } from "./json.ts";
import { idOf, isObject, listOf, textOf } from "./json.ts";
import type { KnownKey, Multikey } from "./keys.ts";
import { methodKey } from "./keys.ts";

/**
 * The purpose every credential is signed for. Whether the key may speak for the issuer is another question, answered by itself
 * (identity.ts): the library's own purpose would ask the network for the issuer's document.
 */
export const assertion = {
  /** Whether a proof is of this purpose. */
  match: async (proof: object) => (proof as JsonObject).proofPurpose === "assertionMethod",
  /** Nothing more is asked of it here. */
  validate: async () => ({ valid: true }),
  /** Marks a new proof. */
  update: async (proof: object) => Object.assign(proof, { proofPurpose: "assertionMethod" }),
};

/** The answer to each embedded proof of a document, in its order. */
export async function checkProofs(
  document: JsonObject,
  contexts: Contexts,
  keys: readonly KnownKey[],
): Promise<ProofAnswer[]> {
  const answers: ProofAnswer[] = [];
  for (const proof of listOf(document.proof)) {
    answers.push(await checkProof(document, isObject(proof) ? proof : {}, contexts, keys));
  }
  return answers;
}

/** The name of a proof's kind, and the suite that checks it, where we have one. */
function suiteOf(proof: JsonObject): { kind: string; suite: object | undefined } {
  const type = textOf(proof.type) ?? "proof without a type";
  if (type === "DataIntegrityProof") {
    const suite =
      proof.cryptosuite === "eddsa-rdfc-2022" ? new DataIntegrityProof({ cryptosuite: eddsaRdfc2022 }) : undefined;
    return { kind: `${type} ${textOf(proof.cryptosuite) ?? "without a suite"}`, suite };
  }
  return { kind: type, suite: type === "Ed25519Signature2020" ? new Ed25519Signature2020() : undefined };
}

async function checkProof(
  document: JsonObject,
  proof: JsonObject,
  contexts: Contexts,
  keys: readonly KnownKey[],
): Promise<ProofAnswer> {
  const { kind, suite } = suiteOf(proof);
  const verificationMethod = idOf(proof.verificationMethod);
  const about = { kind, verificationMethod };
  if (suite === undefined) return { ...about, ...notChecked(`${kind} is no kind of proof that cairn can check`) };
  if (proof.proofPurpose !== "assertionMethod")
    return { ...about, ...failed("the proof was not made to assert a credential (proofPurpose assertionMethod)") };
  if (verificationMethod === null) return { ...about, ...failed("the proof names no verification method") };
  const key = methodKey(verificationMethod, keys);
  if (key === undefined)
    return { ...about, ...notChecked("the key is neither in the verification method nor among those given") };
  if (definesTerms({ ...document, proof: undefined }))
    return {
      ...about,
      ...notChecked("the document defines terms of its own, so its names need not mean what they say"),
    };
  return { ...about, ...(await checkSignature({ ...document, proof }, suite, key, contexts)) };
}

async function checkSignature(document: JsonObject, suite: object, key: Multikey, contexts: Contexts) {
  const before = contexts.missing.size;
  const documentLoader = async (url: string) =>
    url === key.id ? { contextUrl: null, documentUrl: url, document: key } : contexts.load(url);
  const outcome = await signatures.verify(document, { suite, purpose: assertion, documentLoader });
  if (outcome.verified) return verified("the signature fits every statement of the document");
  if (contexts.missing.size > before) {
    return notChecked(`a context it is written in is not here: ${[...contexts.missing].join(", ")}`);
  }
  return failed(explained([outcome.error ?? []].flat()));
}

/** What the libraries say, in the words of somebody who has to act on it. */
function explained(faults: readonly Error[]): string {
  // The library wraps the faults of single proofs in one of its own.
  const all = faults.flatMap((fault) => [fault, ...((fault as { errors?: readonly Error[] }).errors ?? [])]);
  const text = all.map(({ name, message }) => `${name} ${message}`).join("; ");
  if (/invalid signature/i.test(text)) return "the signature does not fit: the document or its proof was changed";
  if (/safe mode/i.test(text)) return "it holds members or types that no context defines, which no signature can cover";
  if (/32-byte|key size|multibase|base58|multikey|public ?key|"?key"? ?(has|is)/i.test(text))
    return "the key is no Ed25519 key in the multikey form";
  return `the proof cannot be right: ${all.at(-1)?.message.replaceAll(/\s+/g, " ").slice(0, 160) ?? "no reason was given"}`;
}
