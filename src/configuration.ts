import { resolve } from "node:path";
import { z } from "zod";
import { CairnError } from "./errors.ts";

// Beyond this machine a token, or the keys it is checked by, must not go over the wire in the open.
const secure = z
  .url({ protocol: /^https?$/ })
  .refine((url) => /^https:|^http:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?:[:/]|$)/.test(url), "expected https");
const claim = z.string().min(1).max(200);

// A name of the store, which becomes a path on this machine and in the bucket.
const storeForm = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])((?:\/[\w.-]+)*)\/?$/;

const variables = z.object({
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  REDIS_URL: z.url({ protocol: /^rediss?$/ }).optional(),
  CAIRN_HOME: z.string().min(1).default(".cairn"),
  CAIRN_DATASETS: z.string().min(1).default("../shared/datasets"),
  CAIRN_HOST: z.string().min(1).default("127.0.0.1"),
  CAIRN_PORT: z.coerce.number().int().min(0).max(65_535).default(4280),
  CAIRN_THREADS: z.coerce.number().int().min(1).max(64).optional(),
  CAIRN_LOG_LEVEL: z.enum(["trace", "debug", "info", "warn", "error", "silent"]).default("info"),
  CAIRN_OIDC_ISSUER: secure.optional(),
  CAIRN_OIDC_AUDIENCE: z.string().min(1).optional(),
  CAIRN_OIDC_JWKS_URL: secure.optional(),
  CAIRN_OIDC_TENANT_CLAIM: claim.default("cairn_tenant"),
  CAIRN_OIDC_ROLE_CLAIM: claim.default("cairn_role"),
  CAIRN_OIDC_PERSON_CLAIM: claim.default("cairn_person"),
  CAIRN_OIDC_CLOCK_SKEW_SECONDS: z.coerce.number().int().min(0).max(300).default(60),
  CAIRN_STORE: z.string().regex(storeForm, "expected s3://bucket or s3://bucket/prefix").optional(),
  CAIRN_STORE_ENDPOINT: secure.optional(),
  CAIRN_STORE_REGION: z.string().min(1).default("us-east-1"),
  CAIRN_STORE_ACCESS_KEY_ID: z.string().min(1).optional(),
  CAIRN_STORE_SECRET_ACCESS_KEY: z.string().min(1).optional(),
  CAIRN_STORE_SESSION_TOKEN: z.string().min(1).optional(),
  CAIRN_RATE_LIMIT: z.coerce.number().min(0).max(100_000).default(500),
  CAIRN_RATE_BURST: z.coerce.number().int().min(1).max(1_000_000).default(1000),
  CAIRN_TIME_LIMIT_SECONDS: z.coerce.number().positive().max(3600).default(30),
  CAIRN_METRICS_KEY: z.string().min(16).optional(),
});

/** What may be said of the service, as text: flags of `cairn serve` by these names stand before the environment. */
export const serviceVariables = variables.pick({
  CAIRN_RATE_LIMIT: true,
  CAIRN_RATE_BURST: true,
  CAIRN_TIME_LIMIT_SECONDS: true,
  CAIRN_METRICS_KEY: true,
});

// A token that is for anybody is for nobody: an issuer without an audience would let in every program that it knows.
const schema = variables
  .refine((values) => (values.CAIRN_OIDC_ISSUER === undefined) === (values.CAIRN_OIDC_AUDIENCE === undefined), {
    path: ["CAIRN_OIDC_AUDIENCE"],
    message: "expected together with CAIRN_OIDC_ISSUER",
    when: () => true,
  })
  .refine((values) => values.CAIRN_STORE === undefined || values.CAIRN_STORE_ACCESS_KEY_ID !== undefined, {
    path: ["CAIRN_STORE_ACCESS_KEY_ID"],
    message: "expected together with CAIRN_STORE",
    when: () => true,
  })
  .refine((values) => values.CAIRN_STORE === undefined || values.CAIRN_STORE_SECRET_ACCESS_KEY !== undefined, {
    path: ["CAIRN_STORE_SECRET_ACCESS_KEY"],
    message: "expected together with CAIRN_STORE",
    when: () => true,
  });

/** A store that machines share (S3, or what speaks as it does), and the key that opens it. */
export interface StoreConfiguration {
  /** `CAIRN_STORE`: `s3://bucket/prefix`. */
  readonly bucket: string;
  readonly prefix: string;
  /** `CAIRN_STORE_ENDPOINT`: the address of the service; that of Amazon in the region when left out. */
  readonly endpoint: string;
  /** `CAIRN_STORE_REGION` (default us-east-1). */
  readonly region: string;
  /** `CAIRN_STORE_ACCESS_KEY_ID`, `CAIRN_STORE_SECRET_ACCESS_KEY`, and `CAIRN_STORE_SESSION_TOKEN` of keys that hold for hours. */
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** What bounds the HTTP service. */
export interface ServiceSettings {
  /** `CAIRN_RATE_LIMIT`: requests a key may send per second in the long run (default 500); 0 sets no limit. */
  readonly rateLimit: number;
  /** `CAIRN_RATE_BURST`: requests it may send at once after a rest (default 1000). */
  readonly rateBurst: number;
  /** `CAIRN_TIME_LIMIT_SECONDS`: after which a request is answered 504 (default 30; ten times that for streams of activity). */
  readonly timeLimitSeconds: number;
  /** `CAIRN_METRICS_KEY`: the bearer of /metrics, of 16 characters at least; without it there is no such route. */
  readonly metricsKey: string | undefined;
}

/** Whose tokens people may sign in with, and what is read in them. */
export interface OidcConfiguration {
  /** `CAIRN_OIDC_ISSUER`: the issuer as its tokens write it, to the letter. */
  readonly issuer: string;
  /** `CAIRN_OIDC_AUDIENCE`: what the issuer calls this service. */
  readonly audience: string;
  /** `CAIRN_OIDC_JWKS_URL`: where its keys are; by its discovery document when left out. */
  readonly jwksUrl: string | undefined;
  /** `CAIRN_OIDC_TENANT_CLAIM`, `_ROLE_CLAIM`, `_PERSON_CLAIM`: names of claims (default cairn_tenant, cairn_role, cairn_person). */
  readonly claims: { readonly tenant: string; readonly role: string; readonly person: string };
  /** `CAIRN_OIDC_CLOCK_SKEW_SECONDS`: how far the issuer's clock may be from ours (default 60). */
  readonly clockSkewSeconds: number;
}

/** Everything cairn takes from its environment. Read once, at the start of a process. */
export interface Configuration {
  /** `DATABASE_URL`: your own PostgreSQL; without it an embedded server is started in `home`. */
  readonly databaseUrl: string | undefined;
  /** `REDIS_URL`: queues on Redis; without it they live in PostgreSQL. */
  readonly redisUrl: string | undefined;
  /** `CAIRN_HOME`: where the embedded server, snapshots, matrices and artifacts are kept (default `.cairn`). */
  readonly home: string;
  /** `CAIRN_DATASETS`: where public evaluation sets are found (default `../shared/datasets`). */
  readonly datasets: string;
  /** `CAIRN_HOST`: the address the API listens on (default this machine only). */
  readonly host: string;
  /** `CAIRN_PORT`: the port the API listens on (default 4280; 0 takes any free one). */
  readonly port: number;
  /** `CAIRN_THREADS`: processors that fits and predictions of one process may use; every one of the machine when left out. */
  readonly threads: number | undefined;
  /** `CAIRN_LOG_LEVEL`: trace, debug, info, warn, error or silent (default info). */
  readonly logLevel: "trace" | "debug" | "info" | "warn" | "error" | "silent";
  /** Whose tokens people may sign in with; nobody's when `CAIRN_OIDC_ISSUER` is left out. */
  readonly oidc?: OidcConfiguration;
  /** The store that machines share; `home` alone when `CAIRN_STORE` is left out. */
  readonly store?: StoreConfiguration;
  /** What bounds the HTTP service; the defaults when left out. */
  readonly service?: ServiceSettings;
}

/**
 * Reads and checks the environment; every fault is listed at once.
 * @throws CairnError `BAD_CONFIGURATION`
 */
export function readConfiguration(environment: NodeJS.ProcessEnv = process.env): Configuration {
  const present = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ""));
  const parsed = schema.safeParse(present);
  if (!parsed.success) {
    // The value is left out on purpose: a database URL holds a password.
    const faults = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
    throw new CairnError(
      "BAD_CONFIGURATION",
      `expected a valid environment, got ${faults.length} fault(s): ${faults.join("; ")}`,
      {
        hint: "see docs/operations.md for every setting and its form",
        details: { faults },
      },
    );
  }
  const values = parsed.data;
  return {
    databaseUrl: values.DATABASE_URL,
    redisUrl: values.REDIS_URL,
    home: resolve(values.CAIRN_HOME),
    datasets: resolve(values.CAIRN_DATASETS),
    host: values.CAIRN_HOST,
    port: values.CAIRN_PORT,
    threads: values.CAIRN_THREADS,
    logLevel: values.CAIRN_LOG_LEVEL,
    ...oidcOf(values),
    ...storeOf(values),
    service: serviceOf(values),
  };
}

/** The settings of the service from their checked variables. */
export function serviceOf(values: z.output<typeof serviceVariables>): ServiceSettings {
  return {
    rateLimit: values.CAIRN_RATE_LIMIT,
    rateBurst: values.CAIRN_RATE_BURST,
    timeLimitSeconds: values.CAIRN_TIME_LIMIT_SECONDS,
    metricsKey: values.CAIRN_METRICS_KEY,
  };
}

function storeOf(values: z.output<typeof variables>): { store?: StoreConfiguration } {
  const [, bucket, prefix = ""] = storeForm.exec(values.CAIRN_STORE ?? "") ?? [];
  const { CAIRN_STORE_ACCESS_KEY_ID: accessKeyId, CAIRN_STORE_SECRET_ACCESS_KEY: secretAccessKey } = values;
  if (bucket === undefined || accessKeyId === undefined || secretAccessKey === undefined) return {};
  const region = values.CAIRN_STORE_REGION;
  const sessionToken = values.CAIRN_STORE_SESSION_TOKEN;
  return {
    store: {
      bucket,
      prefix: prefix.slice(1),
      endpoint: values.CAIRN_STORE_ENDPOINT ?? `https://s3.${region}.amazonaws.com`,
      region,
      accessKeyId,
      secretAccessKey,
      ...(sessionToken === undefined ? {} : { sessionToken }),
    },
  };
}

function oidcOf(values: z.output<typeof variables>): { oidc?: OidcConfiguration } {
  const { CAIRN_OIDC_ISSUER: issuer, CAIRN_OIDC_AUDIENCE: audience } = values;
  if (issuer === undefined || audience === undefined) return {};
  return {
    oidc: {
      issuer,
      audience,
      jwksUrl: values.CAIRN_OIDC_JWKS_URL,
      claims: {
        tenant: values.CAIRN_OIDC_TENANT_CLAIM,
        role: values.CAIRN_OIDC_ROLE_CLAIM,
        person: values.CAIRN_OIDC_PERSON_CLAIM,
      },
      clockSkewSeconds: values.CAIRN_OIDC_CLOCK_SKEW_SECONDS,
    },
  };
}
