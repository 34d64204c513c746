import type { OpenAPIHono } from "@hono/zod-openapi";
import { createRoute, z } from "@hono/zod-openapi";
import { etag } from "hono/etag";
import type { Caller } from "../../engine/access/keys.ts";
import { readDigest } from "../../engine/alerts/digest.ts";
import { readFeed } from "../../engine/alerts/feed.ts";
import type { AlertReader } from "../../engine/alerts/readers.ts";
import type { AlertStep } from "../../engine/alerts/steps.ts";
import { takeStep } from "../../engine/alerts/steps.ts";
import type { Cairn } from "../../engine/runtime.ts";
import type { ApiEnvironment } from "../auth.ts";
import { requireRole } from "../auth.ts";
import {
  alertFeedSchema,
  alertQuery,
  alertSchema,
  alertStepBody,
  digestQuery,
  digestSchema,
} from "./alerts-schemas.ts";
import { answers, json, withKey } from "./families/route.ts";

/** `/v1/alerts`: what a teacher, a counselor or a family should know now, each in her own words, and what was done about it. */
export function alertRoutes(app: OpenAPIHono<ApiEnvironment>, cairn: Cairn): void {
  const feed = createRoute({
    method: "get",
    path: "/v1/alerts",
    summary: "Alerts of the key's caseload, newest first, in its reader's words",
    security: withKey,
    middleware: [requireRole(cairn, "GET /v1/alerts"), etag()] as const, // compares: compression makes a tag a weak one
    request: { query: alertQuery },
    responses: {
      ...answers("A page of alerts; its ETag answers 304 while nothing has changed", alertFeedSchema),
      304: { description: "The page the client has is the newest" },
    },
  });
  app.openapi(feed, async (context) => {
    const { school, limit, cursor, state } = context.req.valid("query");
    const { alerts, next, ...page } = await readFeed(cairn, readerOf(context.get("caller"), school), {
      limit,
      ...(cursor === undefined ? {} : { cursor }),
      ...(state === undefined ? {} : { state }),
    });
    context.header("etag", page.etag);
    context.set("shown", { by: "number", ids: alerts.flatMap(({ learner }) => learner?.number ?? []) });
    return context.json({ alerts: alerts as z.input<typeof alertSchema>[], next }, 200);
  });

  const digest = createRoute({
    method: "get",
    path: "/v1/alerts/digest",
    summary: "What has been raised since a moment and is not closed, in as few lines as it takes",
    security: withKey,
    middleware: [requireRole(cairn, "GET /v1/alerts/digest")] as const,
    request: { query: digestQuery },
    responses: answers("One line for what is the same, newest first", digestSchema),
  });
  app.openapi(digest, async (context) => {
    const { since, school } = context.req.valid("query");
    const lines = await readDigest(cairn, readerOf(context.get("caller"), school), since);
    context.set("shown", { by: "number", ids: lines.flatMap(({ learners }) => learners.map(({ number }) => number)) });
    return context.json({ lines } as z.input<typeof digestSchema>, 200);
  });

  const step = createRoute({
    method: "post",
    path: "/v1/alerts/{alertId}/steps",
    summary: "Acknowledge, assign or close an alert",
    security: withKey,
    middleware: [requireRole(cairn, "POST /v1/alerts/{alertId}/steps")] as const,
    request: { params: z.object({ alertId: z.string().min(1).max(100) }), body: json(alertStepBody) },
    responses: answers("The alert as it stands now, with its whole history", alertSchema),
  });
  app.openapi(step, async (context) => {
    const { alertId } = context.req.valid("param");
    const taken = context.req.valid("json") as AlertStep;
    const notice = await takeStep(cairn, readerOf(context.get("caller")), alertId, taken);
    return context.json(notice as z.input<typeof alertSchema>, 200);
  });
}

/** As whom a key reads: the office reads what counselors read. */
function readerOf({ tenantId, role, personId }: Caller, school?: string): AlertReader {
  return {
    tenantId,
    audience: role === "teacher" || role === "family" ? role : "counselor",
    recordedBy: `key of role ${role}`,
    ...(personId === undefined ? {} : { personId }),
    ...(school === undefined ? {} : { school }),
  };
}
