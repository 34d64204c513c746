import type { OpenAPIHono } from "@hono/zod-openapi";
import { createRoute, z } from "@hono/zod-openapi";
import { readMonitoring } from "../../engine/monitoring/monitor.ts";
import { listProposals } from "../../engine/monitoring/proposals.ts";
import { describeMonitoring } from "../../engine/monitoring/report.ts";
import type { Cairn } from "../../engine/runtime.ts";
import type { ApiEnvironment } from "../auth.ts";
import { requireRole } from "../auth.ts";
import { answers, withKey } from "./families/route.ts";

const monitoringSchema = z
  .object({
    asOf: z.iso.date(),
    createdAt: z.iso.datetime(),
    snapshotId: z.string(),
    needs: z.array(z.string()).openapi({ description: "What a person should look at, the most urgent first" }),
    stale: z.array(
      z.object({ subject: z.string(), since: z.iso.date(), missedDays: z.number(), isInRanking: z.boolean() }),
    ),
    abstention: z
      .object({
        asOf: z.iso.date(),
        modelId: z.string(),
        learners: z.int(),
        abstained: z.int(),
        unknown: z.int(),
        unlike: z.int(),
        isMass: z.boolean(),
      })
      .nullish()
      .openapi({ description: "Of how many learners the ranking that is shown says no number, and why" }),
    schools: z.record(z.string(), z.string()).openapi({ description: "Names of the schools that are places" }),
    drift: z.unknown().openapi({ description: "Findings with their tests; null without an earlier year" }),
    reason: z.string().nullable(),
    weeks: z.array(z.iso.date()),
    curves: z.array(z.unknown()).openapi({ description: "Population stability index by week" }),
    baseRates: z.array(z.unknown()),
    scores: z.unknown(),
    calibration: z.unknown(),
    proposals: z.array(z.unknown()).openapi({ description: "Champion/challenger tables with what was decided" }),
    markdown: z.string().openapi({ description: "The same for people" }),
  })
  .openapi("Monitoring");

/** `/v1/monitoring`: what the last look at the district found; of no learner. */
export function monitoringRoutes(app: OpenAPIHono<ApiEnvironment>, cairn: Cairn): void {
  const read = createRoute({
    method: "get",
    path: "/v1/monitoring",
    summary: "Silent sources, drift, calibration, and models that are proposed",
    security: withKey,
    middleware: [requireRole(cairn, "GET /v1/monitoring")] as const,
    responses: answers("The last report of `cairn monitor`", monitoringSchema),
  });
  app.openapi(read, async (context) => {
    const { tenantId } = context.get("caller");
    const found = await readMonitoring(cairn, tenantId);
    const lists = {
      ...{ needs: [...found.needs], weeks: [...found.weeks], stale: [...found.stale], curves: [...found.curves] },
      ...{
        schools: { ...found.schools },
        baseRates: [...found.baseRates],
        proposals: await listProposals(cairn, tenantId),
      },
    };
    return context.json({ ...found, ...lists, markdown: describeMonitoring(found) }, 200);
  });
}
