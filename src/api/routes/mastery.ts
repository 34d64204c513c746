import type { OpenAPIHono } from "@hono/zod-openapi";
import { createRoute, z } from "@hono/zod-openapi";
import { standardsOf } from "../../engine/mastery/standards-of.ts";
import { standingGroups } from "../../engine/mastery/standing-groups.ts";
import type { Cairn } from "../../engine/runtime.ts";
import type { ApiEnvironment } from "../auth.ts";
import { requireRole } from "../auth.ts";
import { answers, withKey } from "./families/route.ts";

const chance = z.number().min(0).max(1);

const standingSchema = z
  .object({
    standard: z.string(),
    label: z.string(),
    grade: z.string(),
    group: z.enum(standingGroups).openapi({ description: "What a teacher does about it" }),
    mastery: chance.openapi({ description: "Probability that the standard is mastered" }),
    correctNext: chance.openapi({ description: "Chance that the next answer to an average question is right" }),
    low: chance.openapi({ description: "5th percentile of that chance" }),
    high: chance.openapi({ description: "95th percentile of that chance" }),
    evidence: z.number().int().min(0).openapi({ description: "Answers, results and words on the standard itself" }),
    basis: z.enum(["own", "graph", "prior"]).openapi({
      description: "Own evidence; that of other standards; none at all",
    }),
    reviewDue: z.string().nullable().openapi({ description: "The day from which a review is due" }),
    retrievability: chance.nullable().openapi({ description: "Chance that what was mastered can still be recalled" }),
    wheelSpinning: z.boolean().openapi({ description: "Many opportunities, and never mastered" }),
  })
  .openapi("StandardStanding");

/** What `GET /v1/learners/{learner}/standards` answers. */
export const standardsSchema = z
  .object({
    learner: z.string(),
    asOf: z.string(),
    standards: z.array(standingSchema),
    gates: z.object({ masteredAt: chance, prerequisiteMastery: chance }),
    provenance: z.object({ runId: z.string().nullable(), masteryModelId: z.string() }),
  })
  .openapi("StandardsOfLearner");

/** `GET /v1/learners/{learner}/standards`: what a learner knows of every standard, after the last answer. */
export function masteryRoutes(app: OpenAPIHono<ApiEnvironment>, cairn: Cairn): void {
  const route = createRoute({
    method: "get",
    path: "/v1/learners/{learner}/standards",
    summary: "What a learner knows of every standard, how sure that is, and what to do about it",
    security: withKey,
    middleware: [requireRole(cairn, "GET /v1/learners/{learner}/standards")] as const,
    request: {
      params: z.object({
        learner: z.string().min(1).max(200).openapi({ description: "The district's own number of the learner" }),
      }),
    },
    responses: answers("Every standard of the framework, in its order", standardsSchema),
  });
  app.openapi(route, async (context) => {
    const found = await standardsOf(cairn, context.get("caller"), context.req.valid("param").learner);
    return context.json(found as z.input<typeof standardsSchema>, 200);
  });
}
