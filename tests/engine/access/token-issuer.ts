import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { CryptoKey, JWK, JWTPayload } from "jose";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { afterAll, beforeAll } from "vitest";

/** A real issuer on this machine: discovery, published keys, tokens signed by whichever key it has now. */
export interface LocalIssuer {
  readonly url: string;
  /** The public keys as anybody may read them. */
  keys(): readonly JWK[];
  /** Takes the keys back and publishes another. */
  rotate(): Promise<void>;
  /** Whether it answers at all. */
  away(isAway: boolean): void;
  /** How often its keys were asked for. */
  asked(): number;
  sign(claims: JWTPayload, times?: { issuedAt?: Date; typ?: string; key?: CryptoKey; kid?: string }): Promise<string>;
}

/** Starts an issuer for the test file that calls this at its top. */
export function useIssuer(): () => LocalIssuer {
  let issuer: LocalIssuer | undefined;
  let current: { kid: string; privateKey: CryptoKey; jwk: JWK };
  let [isAway, asked, made] = [false, 0, 0];
  const rotate = async (): Promise<void> => {
    const { publicKey, privateKey } = await generateKeyPair("ES256");
    made += 1;
    current = {
      kid: `key-${made}`,
      privateKey,
      jwk: { ...(await exportJWK(publicKey)), kid: `key-${made}`, alg: "ES256" },
    };
  };
  const server = createServer((request, response) => {
    if (isAway) return void response.writeHead(503).end();
    const isKeys = request.url === "/keys";
    if (isKeys) asked += 1;
    const url = issuer!.url;
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(isKeys ? { keys: [current.jwk] } : { issuer: url, jwks_uri: `${url}/keys` }));
  });
  beforeAll(async () => {
    await rotate();
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    issuer = {
      url,
      keys: () => [current.jwk],
      rotate,
      away: (is) => {
        isAway = is;
      },
      asked: () => asked,
      sign: (claims, { issuedAt = new Date("2025-12-13T02:59:00Z"), typ = "JWT", key, kid } = {}) => {
        const seconds = Math.floor(issuedAt.getTime() / 1000);
        return new SignJWT({ iss: url, aud: "cairn", sub: "someone", iat: seconds, exp: seconds + 600, ...claims })
          .setProtectedHeader({ alg: "ES256", kid: kid ?? current.kid, typ })
          .sign(key ?? current.privateKey);
      },
    };
  });
  afterAll(() => new Promise((closed) => server.close(closed)));
  return () => {
    if (issuer === undefined) throw new Error("the issuer is there only inside tests and hooks");
    return issuer;
  };
}
