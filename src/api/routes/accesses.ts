import type { OpenAPIHono } from "@hono/zod-openapi";
import { createRoute, z } from "@hono/zod-openapi";
import { readAccesses } from "../../engine/access/accesses.ts";
import type { Cairn } from "../../engine/runtime.ts";
import type { ApiEnvironment } from "../auth.ts";
import { requireRole } from "../auth.ts";
import { actorOf, answers, withKey } from "./families/route.ts";
import { learnerParams } from "./families/schemas.ts";

/** What `GET /v1/learners/{learner}/accesses` answers. */
export const accessesSchema = z
  .object({
    accesses: z.array(
      z
        .object({
          accessId: z.string(),
          at: z.iso.datetime(),
          outcome: z.enum(["shown", "refused"]),
          role: z.string(),
          reader: z
            .string()
            .nullable()
            .openapi({ description: "The name of a person of the school, where a key is one's own" }),
          readerId: z.string().nullable(),
          credential: z.string().nullable().openapi({ description: "Which key, by the first digits of its hash" }),
          route: z.string().openapi({ example: "GET /v1/rankings" }),
          purpose: z.string(),
          learners: z.number().int().nullable().openapi({ description: "How many were shown at once; null: not said" }),
          runId: z.string().nullable(),
          requestId: z.string(),
        })
        .openapi("Access"),
    ),
    next: z
      .string()
      .nullable()
      .openapi({ description: "Give it as `before` for older lines; null when there are none" }),
  })
  .openapi("Accesses");

const query = z.object({
  limit: z.coerce.number().int().min(1).max(500).default(100),
  before: z.string().max(100).optional().openapi({ description: "Lines before this one" }),
});

/** `GET /v1/learners/{learner}/accesses`: who was shown a learner, when, by which route and what for. */
export function accessRoutes(app: OpenAPIHono<ApiEnvironment>, cairn: Cairn): void {
  const route = createRoute({
    method: "get",
    path: "/v1/learners/{learner}/accesses",
    summary: "Who was shown a learner, and who asked and was refused: for the family and the office",
    security: withKey,
    middleware: [requireRole(cairn, "GET /v1/learners/{learner}/accesses")] as const,
    request: { params: learnerParams, query },
    responses: answers("The log of accesses, newest first", accessesSchema),
  });
  app.openapi(route, async (context) => {
    const { limit, before } = context.req.valid("query");
    const { learner } = context.req.valid("param");
    const page = before === undefined ? { limit } : { limit, before };
    const found = await readAccesses(cairn, actorOf(context.get("caller")), learner, page);
    return context.json({ ...found, accesses: [...found.accesses] }, 200);
  });
}
