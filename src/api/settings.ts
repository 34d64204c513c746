import { z } from "zod";
import { CairnError } from "../errors.ts";

/** What may be said of the service, as text: `cairn serve` takes each from a flag or from the environment, by these names. */
export type ServiceTexts = Readonly<Partial<Record<keyof z.input<typeof schema>, string | undefined>>>;

const schema = z.object({
  CAIRN_RATE_LIMIT: z.coerce.number().min(0).max(100_000).default(500),
  CAIRN_RATE_BURST: z.coerce.number().int().min(1).max(1_000_000).default(1000),
  CAIRN_TIME_LIMIT_SECONDS: z.coerce.number().positive().max(3600).default(30),
  CAIRN_METRICS_KEY: z.string().min(16).optional(),
});

/** What bounds the HTTP service, beside the configuration of every command. */
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

/**
 * Checks the settings of the service; an empty text is none; every fault is listed at once, without its value.
 * @throws CairnError `BAD_CONFIGURATION`
 */
export function readServiceSettings(texts: ServiceTexts): ServiceSettings {
  const parsed = schema.safeParse(Object.fromEntries(Object.entries(texts).filter(([, value]) => value !== "")));
  if (!parsed.success) {
    const faults = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
    throw new CairnError("BAD_CONFIGURATION", `expected valid settings of the service, got ${faults.join("; ")}`, {
      hint: "see docs/service.md for every setting and its form",
      details: { faults },
    });
  }
  const values = parsed.data;
  return {
    rateLimit: values.CAIRN_RATE_LIMIT,
    rateBurst: values.CAIRN_RATE_BURST,
    timeLimitSeconds: values.CAIRN_TIME_LIMIT_SECONDS,
    metricsKey: values.CAIRN_METRICS_KEY,
  };
}
