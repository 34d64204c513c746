import type { OpenAPIHono } from "@hono/zod-openapi";
import { createRoute, z } from "@hono/zod-openapi";
import { describeCard, readModelCard } from "../../engine/early-warning/model-card.ts";
import { listModels } from "../../engine/registry/list.ts";
import type { Cairn } from "../../engine/runtime.ts";
import type { ApiEnvironment } from "../auth.ts";
import { requireRole } from "../auth.ts";
import { answers, withKey } from "./families/route.ts";

const modelsSchema = z
  .object({
    models: z.array(
      z.object({
        modelId: z.string(),
        kind: z.string(),
        purpose: z.string(),
        createdAt: z.iso.datetime(),
        lineage: z.unknown(),
      }),
    ),
  })
  .openapi("Models");

const cardSchema = z
  .object({
    modelId: z.string(),
    kind: z.string(),
    purpose: z.string(),
    data: z.unknown(),
    outcomes: z.array(z.unknown()).openapi({ description: "How each outcome was learned, with figures by subgroup" }),
    sanctions: z.unknown(),
    marks: z.array(z.unknown()),
    limits: z.array(z.string()),
    markdown: z.string().openapi({ description: "The same for people" }),
  })
  .openapi("ModelCard");

/** `/v1/models`: what was trained, from what, how good it is and what it must not be used for. */
export function modelRoutes(app: OpenAPIHono<ApiEnvironment>, cairn: Cairn): void {
  const list = createRoute({
    method: "get",
    path: "/v1/models",
    summary: "The models of the district, newest first",
    security: withKey,
    middleware: [requireRole(cairn, "GET /v1/models")] as const,
    request: { query: z.object({ limit: z.coerce.number().int().min(1).max(500).default(50) }) },
    responses: answers("Models with what they came from", modelsSchema),
  });
  app.openapi(list, async (context) => {
    const { limit } = context.req.valid("query");
    return context.json({ models: await listModels(cairn, context.get("caller").tenantId, { limit }) }, 200);
  });

  const card = createRoute({
    method: "get",
    path: "/v1/models/{modelId}",
    summary: "The card of an early-warning model",
    security: withKey,
    middleware: [requireRole(cairn, "GET /v1/models/{modelId}")] as const,
    request: { params: z.object({ modelId: z.string().regex(/^[0-9a-f]{32}$/) }) },
    responses: answers("Data, periods, figures beside the rules and by subgroup, limits", cardSchema),
  });
  app.openapi(card, async (context) => {
    const { modelId } = context.req.valid("param");
    const found = await readModelCard(cairn, context.get("caller").tenantId, modelId);
    return context.json(
      { ...found, outcomes: [...found.outcomes], limits: [...found.limits], markdown: describeCard(found) },
      200,
    );
  });
}
