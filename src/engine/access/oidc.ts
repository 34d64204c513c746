import type { FlattenedJWSInput, JWSHeaderParameters, JWTPayload, RemoteJWKSet } from "jose";
import { createRemoteJWKSet, decodeJwt, errors, jwtVerify } from "jose";
import { z } from "zod";
import type { OidcConfiguration } from "../../configuration.ts";
import { CairnError } from "../../errors.ts";

/** What a token says of who bears it, not yet held against the record: the values of the claims that the configuration names. */
export interface TokenClaims {
  readonly tenant: unknown;
  readonly role: unknown;
  readonly person: unknown;
  /** Whom the token is about, in the issuer's own words: `sub`. */
  readonly subject: unknown;
}

/** Checks the tokens of one issuer. */
export interface TokenIssuer {
  /** The names of the claims, for words about one that is missing. */
  readonly claims: OidcConfiguration["claims"];
  /**
   * The claims of a token that holds now: signed by a key the issuer publishes, for this service, within its time.
   * @throws CairnError `UNAUTHENTICATED` for any other; `UNAVAILABLE` when the issuer does not say its keys
   */
  verify(token: string, now: Date): Promise<TokenClaims>;
}

/** Signatures that only the issuer can make. With HMAC, or none, whoever knows what is public could sign (RFC 8725, 2.1 and 3.1). */
const ALGORITHMS = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
  "Ed25519",
];

const TIMEOUT_MILLISECONDS = 5000;
// A key that is not known is asked for again at most this often, else anybody's tokens would be requests to the issuer.
const COOLDOWN_MILLISECONDS = 30_000;

/**
 * The issuer of a configuration. Nothing is asked of it before the first token: the service starts without it. Its keys are kept for
 * ten minutes, and asked for again when a token names one that is not among them.
 */
export function openIssuer(
  { issuer, audience, jwksUrl, claims, clockSkewSeconds }: OidcConfiguration,
  { cooldownMilliseconds = COOLDOWN_MILLISECONDS }: { cooldownMilliseconds?: number } = {},
): TokenIssuer {
  let keySet: Promise<RemoteJWKSet> | undefined;
  const open = async (): Promise<RemoteJWKSet> =>
    createRemoteJWKSet(new URL(jwksUrl ?? (await discoverKeys(issuer))), {
      timeoutDuration: TIMEOUT_MILLISECONDS,
      cooldownDuration: cooldownMilliseconds,
    });
  const keyOf = async (header: JWSHeaderParameters, token: FlattenedJWSInput) => {
    try {
      keySet ??= open();
      const keys = await keySet.catch((error: unknown) => {
        keySet = undefined; // the issuer was away: the next token asks again
        throw error;
      });
      return await keys(header, token);
    } catch (cause) {
      if (cause instanceof errors.JWKSNoMatchingKey || cause instanceof errors.JWKSMultipleMatchingKeys) throw cause;
      throw new CairnError("UNAVAILABLE", "expected the keys of the token issuer, got none", {
        hint: "check CAIRN_OIDC_ISSUER and that this machine reaches it",
        cause,
      });
    }
  };
  const verified = async (token: string, now: Date): Promise<JWTPayload> => {
    // Before anything is asked of the issuer: a token of somebody else's costs it nothing.
    if (decodeJwt(token).iss !== issuer) throw invalid("of another issuer");
    const { payload, protectedHeader } = await jwtVerify(token, keyOf, {
      issuer,
      audience,
      algorithms: ALGORITHMS,
      requiredClaims: ["exp"],
      clockTolerance: clockSkewSeconds,
      currentDate: now,
    });
    // A token of another kind by the same keys, such as a logout token, is no one's pass (RFC 8725, 3.11).
    if (!/^(?:application\/)?(?:at\+)?jwt$/i.test(protectedHeader.typ ?? "JWT")) throw invalid("of another type");
    return payload;
  };
  return {
    claims,
    verify: async (token, now) => {
      const payload = await verified(token, now).catch((error: unknown) => {
        throw error instanceof CairnError ? error : invalid(faultOf(error), error);
      });
      const value = (name: string): unknown => claimOf(payload, name);
      const { tenant, role, person } = claims;
      return { tenant: value(tenant), role: value(role), person: value(person), subject: payload.sub };
    },
  };
}

const invalid = (got: string, cause?: unknown): CairnError =>
  new CairnError("UNAUTHENTICATED", `expected a token that holds here and now, got one ${got}`, {
    hint: "sign in again",
    ...(cause === undefined ? {} : { cause }),
  });

/** In words: nothing of the token, which is as good as a key, is repeated. */
function faultOf(error: unknown): string {
  if (error instanceof errors.JWTExpired) return "that has expired";
  if (error instanceof errors.JOSEAlgNotAllowed) return "signed in a way that is not allowed";
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.claim === "aud") return "for another audience";
    if (error.claim === "nbf") return "that holds only later";
  }
  return "that the issuer did not sign, or not in this form";
}

/** A claim by its name or, where there is none of that name, by a path with dots, such as `realm_access.roles`. */
function claimOf(payload: JWTPayload, name: string): unknown {
  if (Object.hasOwn(payload, name)) return payload[name];
  let value: unknown = payload;
  for (const part of name.split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[part];
  }
  return value;
}

const discovery = z.object({ issuer: z.string(), jwks_uri: z.url({ protocol: /^https?$/ }) });

/** Where an issuer's keys are, by its own word (OpenID Connect Discovery 1.0, 4; the issuer must be the one that was asked, 4.3). */
async function discoverKeys(issuer: string): Promise<string> {
  const response = await fetch(`${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`, {
    signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS),
    redirect: "error",
  });
  const { issuer: said, jwks_uri } = discovery.parse(await response.json());
  const isSafe = !issuer.startsWith("https:") || jwks_uri.startsWith("https:");
  if (said === issuer && isSafe) return jwks_uri;
  throw new CairnError("UNAVAILABLE", "expected the issuer's own description, got another's or keys without https");
}
