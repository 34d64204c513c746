import type { OpenAPIHono } from "@hono/zod-openapi";
import { createRoute, z } from "@hono/zod-openapi";
import { defineOutcome, readDistrictOutcomes } from "../../engine/early-warning/outcomes/register.ts";
import type { Cairn } from "../../engine/runtime.ts";
import type { ApiEnvironment } from "../auth.ts";
import { requireRole } from "../auth.ts";
import { answers, json, withKey } from "./families/route.ts";

const outcomeSchema = z
  .object({
    version: z
      .number()
      .int()
      .nullable()
      .openapi({ description: "Null: cairn's own, the district has decided nothing" }),
    definition: z.looseObject({ outcome: z.string(), kind: z.string(), title: z.string(), maturityDays: z.number() }),
    active: z.boolean(),
    decidedBy: z.string().nullable(),
    decidedAt: z.iso.datetime().nullable(),
  })
  .openapi("Outcome");

/** `/v1/outcomes`: what the district calls a bad end, by version. */
export function outcomeRoutes(app: OpenAPIHono<ApiEnvironment>, cairn: Cairn): void {
  const list = createRoute({
    method: "get",
    path: "/v1/outcomes",
    summary: "The outcomes of the district, the one it ranks by first",
    security: withKey,
    middleware: [requireRole(cairn, "GET /v1/outcomes")] as const,
    responses: answers("Each with its newest version", z.object({ outcomes: z.array(outcomeSchema) })),
  });
  app.openapi(list, async (context) => {
    return context.json({ outcomes: await readDistrictOutcomes(cairn, context.get("caller").tenantId) }, 200);
  });

  const define = createRoute({
    method: "post",
    path: "/v1/outcomes",
    summary: "Define an outcome, or a new version of it",
    security: withKey,
    middleware: [requireRole(cairn, "POST /v1/outcomes")] as const,
    request: {
      body: json(
        z
          .looseObject({ outcome: z.string(), kind: z.string(), title: z.string() })
          .openapi("OutcomeRequest", { description: "docs/early-warning.md has one of every kind" }),
      ),
    },
    responses: answers("The outcome as it stands now; models learn it from the next training", outcomeSchema),
  });
  app.openapi(define, async (context) => {
    const { tenantId, role } = context.get("caller");
    return context.json(await defineOutcome(cairn, tenantId, context.req.valid("json"), `key of role ${role}`), 200);
  });
}
