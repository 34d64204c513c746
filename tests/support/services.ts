import { existsSync } from "node:fs";
import { resolve } from "node:path";
import fc from "fast-check";

// The same examples in every run, so that a red build is somebody's change and can be repeated. Explore with others by
// FAST_CHECK_SEED=<number>; a counterexample found that way becomes a test of its own.
fc.configureGlobal({ seed: Number(process.env.FAST_CHECK_SEED ?? 20_261_123) });

/**
 * The services tests may use. Real ones only: PostgreSQL from DATABASE_URL or the embedded server (see database.ts), Redis
 * from REDIS_URL. A test on Redis says why it is skipped:
 * `test.skipIf(redisUrl() === undefined)("on Redis (needs REDIS_URL) …", …)`.
 * With CAIRN_REQUIRE_SERVICES=1 (continuous integration) a missing service is a failure, not a skip.
 */
export function redisUrl(): string | undefined {
  const url = process.env.REDIS_URL;
  if (url !== undefined && url !== "") return url;
  if (process.env.CAIRN_REQUIRE_SERVICES === "1") {
    throw new Error("CAIRN_REQUIRE_SERVICES=1, but REDIS_URL is not set: start a Redis and name it there");
  }
  return undefined;
}

/** The folder of the public data sets, when it is there: `CAIRN_DATASETS`, else `../shared/datasets`. */
export function datasetsFolder(): string | undefined {
  const folder = resolve(process.env.CAIRN_DATASETS ?? "../shared/datasets");
  return existsSync(folder) ? folder : undefined;
}
