import type { OpenAPIHono } from "@hono/zod-openapi";
import { createRoute, z } from "@hono/zod-openapi";
import type { GivenHelp } from "../../engine/early-warning/interventions.ts";
import { listHelp, logHelp } from "../../engine/early-warning/interventions.ts";
import type { Cairn } from "../../engine/runtime.ts";
import type { ApiEnvironment } from "../auth.ts";
import { requireRole } from "../auth.ts";
import { answers, json, withKey } from "./families/route.ts";

const number = z.string().min(1).max(200).openapi({ description: "The district's own number of the learner" });

const helpBody = z
  .object({
    interventions: z
      .array(
        z.object({
          id: z.string().min(1).max(200).openapi({ description: "The sender's own: the same id is the same entry" }),
          learner: number,
          intervention: z.string().min(1).max(200),
          name: z.string().min(1).max(500).optional(),
          on: z.iso.date(),
          minutes: z.number().min(0).max(1440).optional(),
          attended: z.boolean().optional(),
        }),
      )
      .min(1)
      .max(1000),
  })
  .openapi("Interventions");

const receiptSchema = z
  .object({
    stored: z.number().int(),
    unchanged: z.number().int(),
    refused: z.array(z.object({ id: z.string(), reason: z.string() })),
  })
  .openapi("InterventionReceipt");

const logSchema = z
  .object({
    interventions: z.array(
      z.object({
        intervention: z.string(),
        name: z.string(),
        on: z.iso.date(),
        minutes: z.number().nullable(),
        attended: z.boolean().nullable(),
        class: z.string(),
        knownOn: z.iso.date(),
      }),
    ),
  })
  .openapi("InterventionLog");

/** `/v1/interventions`: who got what, when, how much. */
export function interventionRoutes(app: OpenAPIHono<ApiEnvironment>, cairn: Cairn): void {
  const log = createRoute({
    method: "post",
    path: "/v1/interventions",
    summary: "Log help that was given; a request may be sent again",
    security: withKey,
    middleware: [requireRole(cairn, "POST /v1/interventions")] as const,
    request: { body: json(helpBody) },
    responses: answers("What went in, what was there, what was refused and why", receiptSchema),
  });
  app.openapi(log, async (context) => {
    const { tenantId, role, personId } = context.get("caller");
    const { interventions } = context.req.valid("json");
    const receipt = await logHelp(
      cairn,
      tenantId,
      interventions as GivenHelp[],
      personId ?? `key of role ${role}`,
      personId, // of the roles that get here only a counselor's key is a person's
    );
    return context.json({ ...receipt, refused: [...receipt.refused] }, 200);
  });

  const list = createRoute({
    method: "get",
    path: "/v1/interventions",
    summary: "What a learner got, newest first",
    security: withKey,
    middleware: [requireRole(cairn, "GET /v1/interventions")] as const,
    request: { query: z.object({ learner: number }) },
    responses: answers("Every source's entries", logSchema),
  });
  app.openapi(list, async (context) => {
    const { learner } = context.req.valid("query");
    const { tenantId, personId } = context.get("caller");
    return context.json({ interventions: await listHelp(cairn, tenantId, learner, personId) }, 200);
  });
}
