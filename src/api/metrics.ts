import { createHash, timingSafeEqual } from "node:crypto";
import type { MiddlewareHandler } from "hono";
import { matchedRoutes } from "hono/route";
import { collectDefaultMetrics, Histogram, Registry } from "prom-client";
import { CairnError } from "../errors.ts";
import { bearerKey } from "./auth.ts";

const BUCKETS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const METHODS = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

/** What a process tells Prometheus: how long requests took, and how its event loop, memory and garbage collection are. */
export interface Metrics {
  /** Where a process adds measures of its own. */
  readonly register: Registry;
  /** Times every request. Labels are the route's pattern, the method and the status: of no learner, no key, no district. */
  readonly time: MiddlewareHandler;
  /** `GET /metrics` in the text format of Prometheus, for the bearer of the metrics key. */
  readonly answer: MiddlewareHandler;
}

/** Begins to measure. */
export function createMetrics(metricsKey: string): Metrics {
  const register = new Registry();
  collectDefaultMetrics({ register });
  const duration = new Histogram({
    name: "cairn_http_request_duration_seconds",
    help: "From the request's head to its answer's head, by the pattern of the route",
    labelNames: ["method", "route", "status"],
    buckets: BUCKETS_SECONDS,
    registers: [register],
  });
  return {
    register,
    time: async (context, next) => {
      const end = duration.startTimer();
      await next();
      const method = METHODS.has(context.req.method) ? context.req.method : "other"; // a client can invent methods without end
      const route = matchedRoutes(context).at(-1)?.path ?? "none";
      end({ method, route, status: String(context.res.status) });
    },
    answer: async (context) => {
      const key = bearerKey(context.req.header("authorization") ?? "");
      if (key === undefined || !isSame(key, metricsKey)) {
        throw new CairnError("UNAUTHENTICATED", "expected the metrics key, got another", {
          hint: "send the value of CAIRN_METRICS_KEY as the bearer",
        });
      }
      return context.body(await register.metrics(), 200, { "content-type": register.contentType });
    },
  };
}

/** Compared in the same time however much of it is right. */
function isSame(one: string, other: string): boolean {
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}
