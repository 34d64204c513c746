import { OpenAPIHono, z } from "@hono/zod-openapi";
import { bodyLimit } from "hono/body-limit";
import { requestId } from "hono/request-id";
import { matchedRoutes } from "hono/route";
import { secureHeaders } from "hono/secure-headers";
import type { Logger } from "pino";
import type { Cairn } from "../engine/runtime.ts";
import { CairnError } from "../errors.ts";
import type { ApiEnvironment } from "./auth.ts";
import { describeFault } from "./log-line.ts";
import { problemResponse, toProblem } from "./problem.ts";
import { alertRoutes } from "./routes/alerts.ts";
import { answerRoutes } from "./routes/answers.ts";
import { caliperRoutes } from "./routes/caliper.ts";
import { choiceRoutes } from "./routes/families/choices.ts";
import { rightsRoutes } from "./routes/families/rights.ts";
import { groupRoutes } from "./routes/groups.ts";
import { interventionRoutes } from "./routes/interventions.ts";
import { masteryRoutes } from "./routes/mastery.ts";
import { modelRoutes } from "./routes/models.ts";
import { monitoringRoutes } from "./routes/monitoring.ts";
import { outcomeRoutes } from "./routes/outcomes.ts";
import { playlistRoutes } from "./routes/playlists.ts";
import { rankingRoutes } from "./routes/rankings.ts";
import { responseRoutes } from "./routes/responses.ts";
import { xapiRoutes } from "./routes/xapi.ts";

const LARGEST_BODY_BYTES = 1_000_000;
const LARGEST_STREAM_BYTES = 32 * 2 ** 20; // nightly batches of events, and files that come with statements

/**
 * The HTTP face of cairn. Every error leaves as a problem document; a line of the log holds the route's pattern, the status and
 * the request's id, never a path with a learner in it nor the words of a foreign error.
 */
export function createApp(
  cairn: Cairn,
  { version, log }: { version: string; log: Logger },
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
  const usual = bodyLimit({ maxSize: LARGEST_BODY_BYTES });
  const streams = bodyLimit({ maxSize: LARGEST_STREAM_BYTES });
  app.use(requestId(), secureHeaders(), (context, next) =>
    (/^\/(?:xapi|caliper)(?:\/|$)/.test(context.req.path) ? streams : usual)(context, next),
  );
  // What is answered here names children: no browser, proxy or shared machine keeps a copy.
  app.use("/v1/*", async (context, next) => {
    await next();
    context.header("cache-control", "no-store");
  });
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
  app.openapi(
    {
      method: "get",
      path: "/health",
      summary: "Whether this process answers",
      responses: {
        200: {
          description: "It does",
          content: { "application/json": { schema: z.object({ status: z.literal("ok"), version: z.string() }) } },
        },
      },
    },
    (context) => context.json({ status: "ok" as const, version }, 200),
  );
  rankingRoutes(app, cairn);
  modelRoutes(app, cairn);
  monitoringRoutes(app, cairn);
  outcomeRoutes(app, cairn);
  interventionRoutes(app, cairn);
  playlistRoutes(app, cairn);
  responseRoutes(app, cairn);
  masteryRoutes(app, cairn);
  alertRoutes(app, cairn);
  groupRoutes(app, cairn);
  answerRoutes(app, cairn);
  choiceRoutes(app, cairn);
  rightsRoutes(app, cairn);
  caliperRoutes(app, cairn);
  xapiRoutes(app, cairn);
  app.doc31("/openapi.json", {
    openapi: "3.1.0",
    info: { title: "cairn", version, license: { name: "Apache-2.0" } },
  });
  return app;
}
