import { createHash } from "node:crypto";
import type { Hono, MiddlewareHandler } from "hono";
import { HTTPException } from "hono/http-exception";
import type { ServiceSettings } from "./settings.ts";
import { TokenBuckets } from "./token-bucket.ts";

type Fetch = Hono["fetch"];

const STREAM_PATIENCE = 10; // a nightly batch of 32 MiB takes longer than an answer

/** The streams of activity: larger bodies, more time. */
export function isStream(path: string): boolean {
  return /^\/(?:xapi|caliper)(?:\/|$)/.test(path);
}

/**
 * Refuses what a key sends beyond its rate with 429, before the key is looked up: the database is what the limit protects. Every
 * answer says what is left (draft-ietf-httpapi-ratelimit-headers-10). A process counts for itself: of n processes a key may ask n
 * times as much. Requests without a key are refused for free and are not counted.
 */
export function rateLimit({ rateLimit: rate, rateBurst: burst }: ServiceSettings): MiddlewareHandler {
  const buckets = new TokenBuckets({ rate, burst });
  const policy = `"key";q=${burst};w=${Math.max(1, Math.ceil(burst / rate))}`;
  return async (context, next) => {
    const authorization = context.req.header("authorization");
    if (authorization === undefined) return next();
    const sender = createHash("sha256").update(authorization).digest("base64"); // no key lies in memory in the clear
    const { isAdmitted, remaining, waitSeconds } = buckets.take(sender, performance.now() / 1000);
    const seconds = Math.ceil(waitSeconds);
    context.header("ratelimit-policy", policy);
    context.header("ratelimit", `"key";r=${remaining};t=${seconds}`);
    if (isAdmitted) return next();
    context.header("retry-after", String(Math.max(1, seconds)));
    throw new HTTPException(429);
  };
}

/**
 * Answers 504 when a request takes too long. It stands around the app and not inside: what was begun goes on undisturbed to its end,
 * so that a POST with an Idempotency-Key finds its answer when it is sent again.
 * @param tooLate - makes the answer
 */
export function withTimeLimit(
  fetch: Fetch,
  { timeLimitSeconds }: ServiceSettings,
  tooLate: (request: Request) => Response | Promise<Response>,
): Fetch {
  return (request, ...rest) => {
    const answer = fetch(request, ...rest);
    if (answer instanceof Response) return answer;
    const isOfStream = isStream(new URL(request.url).pathname);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<Response>((resolve) => {
      const patience = timeLimitSeconds * 1000 * (isOfStream ? STREAM_PATIENCE : 1);
      timer = setTimeout(() => resolve(tooLate(request)), patience);
    });
    return Promise.race([answer, late]).finally(() => clearTimeout(timer));
  };
}
