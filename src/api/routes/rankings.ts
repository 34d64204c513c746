import type { OpenAPIHono } from "@hono/zod-openapi";
import { createRoute, z } from "@hono/zod-openapi";
import { readRanking } from "../../engine/early-warning/ranking.ts";
import type { Cairn } from "../../engine/runtime.ts";
import type { ApiEnvironment } from "../auth.ts";
import { requireRole } from "../auth.ts";
import { problemSchema, rankingSchema } from "../schemas.ts";

const LARGEST_PAGE = 500;

/** `GET /v1/rankings`: the learners most at risk, most at risk first, with reasons. */
export function rankingRoutes(app: OpenAPIHono<ApiEnvironment>, cairn: Cairn): void {
  const route = createRoute({
    method: "get",
    path: "/v1/rankings",
    summary: "Learners at risk, with reasons to act on",
    security: [{ key: [] }],
    middleware: [requireRole(cairn, "GET /v1/rankings")] as const,
    request: {
      query: z.object({
        limit: z.coerce
          .number()
          .int()
          .min(1)
          .max(LARGEST_PAGE)
          .default(25)
          .openapi({ description: "How many you can see: your capacity" }),
        school: z.string().optional().openapi({ description: "Only this school, by its name" }),
      }),
    },
    responses: {
      200: { description: "The latest published ranking", content: { "application/json": { schema: rankingSchema } } },
      default: { description: "A problem", content: { "application/problem+json": { schema: problemSchema } } },
    },
  });
  app.openapi(route, async (context) => {
    const { limit, school } = context.req.valid("query");
    const ranking = await readRanking(cairn, context.get("caller").tenantId, {
      limit,
      ...(school === undefined ? {} : { school }),
    });
    return context.json(ranking, 200);
  });
}
