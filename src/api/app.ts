import { OpenAPIHono, z } from "@hono/zod-openapi";
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { compress } from "hono/compress";
import { HTTPException } from "hono/http-exception";
import { requestId } from "hono/request-id";
import { matchedRoutes } from "hono/route";
import { secureHeaders } from "hono/secure-headers";
import type { Logger } from "pino";
import type { BatchQueue } from "../engine/batch/batch-queue.ts";
import type { Cairn } from "../engine/runtime.ts";
import { CairnError } from "../errors.ts";
import type { ApiEnvironment } from "./auth.ts";
import { isStream, rateLimit, withTimeLimit } from "./limits.ts";
import { describeFault } from "./log-line.ts";
import { createMetrics } from "./metrics.ts";
import { problemResponse, toProblem } from "./problem.ts";
import { accessRoutes } from "./routes/accesses.ts";
import { alertRoutes } from "./routes/alerts.ts";
import { answerRoutes } from "./routes/answers.ts";
import { caliperRoutes } from "./routes/caliper.ts";
import { choiceRoutes } from "./routes/families/choices.ts";
import { rightsRoutes } from "./routes/families/rights.ts";
import { groupRoutes } from "./routes/groups.ts";
import { healthRoutes } from "./routes/health.ts";
import { interventionRoutes } from "./routes/interventions.ts";
import { jobRoutes } from "./routes/jobs.ts";
import { masteryRoutes } from "./routes/mastery.ts";
import { modelRoutes } from "./routes/models.ts";
import { monitoringRoutes } from "./routes/monitoring.ts";
import { outcomeRoutes } from "./routes/outcomes.ts";
import { playlistRoutes } from "./routes/playlists.ts";
import { rankingRoutes } from "./routes/rankings.ts";
import { responseRoutes } from "./routes/responses.ts";
import { xapiRoutes } from "./routes/xapi.ts";
import type { ServiceSettings } from "./settings.ts";
import { readServiceSettings } from "./settings.ts";
import { traced } from "./tracing.ts";

const LARGEST_BODY_BYTES = 1_000_000;
const LARGEST_STREAM_BYTES = 32 * 2 ** 20; // nightly batches of events, and files that come with statements

/** For programs that embed the app: `cairn serve` reads the limits from its environment. */
const unlimited: ServiceSettings = { ...readServiceSettings({}), rateLimit: 0 };

/**
 * The HTTP face of cairn. Every error leaves as a problem document; a line of the log holds the route's pattern, the status and
 * the request's id, never a path with a learner in it nor the words of a foreign error.
 */
export function createApp(
  cairn: Cairn,
  {
    version,
    log,
    settings = unlimited,
    batches,
  }: { version: string; log: Logger; settings?: ServiceSettings; batches?: BatchQueue },
): OpenAPIHono<ApiEnvironment> {
  const app = new OpenAPIHono<ApiEnvironment>({
    defaultHook: (result) => {
      if (result.success) return;
      const faults = result.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
      throw new CairnError("BAD_INPUT", `expected a request that fits the schema, got ${faults.join("; ")}`, {
        hint: "see /openapi.json",
      });
    },
  });
  const metrics = settings.metricsKey === undefined ? undefined : createMetrics(settings.metricsKey);
  if (metrics !== undefined) app.use(metrics.time);
  const usual = bodyLimit({ maxSize: LARGEST_BODY_BYTES });
  const streams = bodyLimit({ maxSize: LARGEST_STREAM_BYTES });
  app.use(traced, requestId(), secureHeaders());
  // Not the documents of xAPI: compressing makes their ETag a weak one, which If-Match would not take.
  for (const path of ["/v1/*", "/openapi.json"]) app.use(path, compress());
  // What is answered here names children: no browser, proxy or shared machine keeps a copy.
  app.use("/v1/*", async (context, next) => {
    await next();
    context.header("cache-control", "no-store");
  });
  if (settings.rateLimit > 0) app.use(rateLimit(settings));
  app.use((context, next) => (isStream(context.req.path) ? streams : usual)(context, next));
  app.onError((error, context) => {
    const problem = toProblem(error);
    const line = {
      requestId: context.get("requestId"),
      method: context.req.method,
      route: matchedRoutes(context).at(-1)?.path, // the pattern, such as /v1/playlists/:learner
      status: problem.status,
      code: problem.code,
    };
    if (problem.status >= 500) log.error({ ...line, ...describeFault(error) }, "request failed");
    else log.info(line, "request refused");
    return problemResponse(context, error);
  });
  app.notFound((context) =>
    problemResponse(context, new CairnError("NOT_FOUND", "no such route", { hint: "see /openapi.json" })),
  );

  app.openAPIRegistry.registerComponent("securitySchemes", "key", { type: "http", scheme: "bearer" });
  healthRoutes(app, cairn, version);
  rankingRoutes(app, cairn);
  modelRoutes(app, cairn);
  monitoringRoutes(app, cairn);
  outcomeRoutes(app, cairn);
  interventionRoutes(app, cairn);
  playlistRoutes(app, cairn);
  responseRoutes(app, cairn);
  masteryRoutes(app, cairn);
  jobRoutes(app, cairn, batches);
  alertRoutes(app, cairn);
  groupRoutes(app, cairn);
  answerRoutes(app, cairn);
  accessRoutes(app, cairn);
  choiceRoutes(app, cairn);
  rightsRoutes(app, cairn);
  caliperRoutes(app, cairn);
  xapiRoutes(app, cairn);
  if (metrics !== undefined) app.get("/metrics", metrics.answer);
  describeIdempotency(app);
  app.doc31("/openapi.json", {
    openapi: "3.1.0",
    info: { title: "cairn", version, license: { name: "Apache-2.0" } },
  });
  app.fetch = withTimeLimit(app.fetch, settings, tooLate(log).fetch);
  return app;
}

/** What a client gets when its request takes too long: the same problem, headers and line of the log as any other refusal. */
function tooLate(log: Logger): Hono {
  const app = new Hono();
  app.use(requestId(), secureHeaders());
  app.all("*", (context) => {
    log.error(
      { requestId: context.get("requestId"), method: context.req.method, status: 504 },
      "request took too long",
    );
    context.header("cache-control", "no-store");
    return problemResponse(context, new HTTPException(504));
  });
  return app;
}

/** Every POST takes the header, read behind the guard (see onceOnly): the description says so in one place. */
function describeIdempotency(app: OpenAPIHono<ApiEnvironment>): void {
  const headers = z.object({
    "Idempotency-Key": z.string().min(16).max(255).optional().openapi({
      description:
        "Drawn by the client, such as a UUID: sent again with the same request, the first answer comes again",
    }),
  });
  for (const definition of app.openAPIRegistry.definitions) {
    if (definition.type === "route" && definition.route.method === "post") {
      definition.route.request = { ...definition.route.request, headers };
    }
  }
}
