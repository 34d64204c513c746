import type { OpenAPIHono } from "@hono/zod-openapi";
import { createRoute, z } from "@hono/zod-openapi";
import { accepts } from "hono/accepts";
import { etag } from "hono/etag";
import type { Shown } from "../../engine/access/accesses.ts";
import type { Caller } from "../../engine/access/keys.ts";
import type { RankingQuery } from "../../engine/early-warning/ranking.ts";
import { readRanking, readThriving } from "../../engine/early-warning/ranking.ts";
import { rankingCsv } from "../../engine/early-warning/ranking-csv.ts";
import type { Cairn } from "../../engine/runtime.ts";
import type { ApiEnvironment } from "../auth.ts";
import { requireRole } from "../auth.ts";
import { rankingSchema, thrivingSchema } from "../schemas.ts";
import { answers, unchanged, withKey } from "./families/route.ts";

const LARGEST_PAGE = 500;

const caseload = {
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(LARGEST_PAGE)
    .default(25)
    .openapi({ description: "How many you can see: your capacity" }),
  school: z.string().optional().openapi({ description: "Only this school, by its name" }),
};

const rankingQuery = z.object({
  ...caseload,
  outcome: z.string().max(50).optional().openapi({ description: "One of the district's outcomes: see /v1/outcomes" }),
  threshold: z.coerce.number().min(0).max(1).optional().openapi({ description: "Nobody below this probability" }),
  costNeedless: z.coerce
    .number()
    .positive()
    .optional()
    .openapi({ description: "What it costs to see a learner for nothing; with costMissed, in the same unit" }),
  costMissed: z.coerce.number().positive().optional().openapi({ description: "What it costs to miss a learner" }),
});

const csv = "text/csv";
const inJson = answers(
  "The latest published ranking of the key's caseload, as JSON or for a spreadsheet",
  rankingSchema,
);
const rankingAnswers = {
  ...inJson,
  200: { ...inJson[200], content: { ...inJson[200].content, [csv]: { schema: z.string() } } },
  ...unchanged,
} as const;

/** `/v1/rankings`: the learners most at risk, with reasons, and those to whom more could be offered. */
export function rankingRoutes(app: OpenAPIHono<ApiEnvironment>, cairn: Cairn): void {
  const ranking = createRoute({
    method: "get",
    path: "/v1/rankings",
    summary: "Learners at risk, with reasons to act on",
    security: withKey,
    middleware: [requireRole(cairn, "GET /v1/rankings"), etag()] as const,
    request: { query: rankingQuery },
    responses: rankingAnswers,
  });
  app.openapi(ranking, async (context) => {
    const caller = context.get("caller");
    const found = await readRanking(cairn, caller.tenantId, rankingOf(caller, context.req.valid("query")));
    context.set("shown", shownIn(found));
    context.header("vary", "Accept", { append: true });
    const type = accepts(context, {
      header: "Accept",
      supports: ["application/json", csv],
      default: "application/json",
    });
    if (type !== csv) return context.json(found as z.input<typeof rankingSchema>, 200);
    const name = `ranking-${found.provenance.asOf}.csv`;
    return context.body(rankingCsv(found), 200, {
      "content-type": `${csv}; charset=utf-8; header=present`,
      "content-disposition": `attachment; filename="${name}"`,
    });
  });

  const more = createRoute({
    method: "get",
    path: "/v1/rankings/thriving",
    summary: "Learners to whom more could be offered, with the evidence",
    security: withKey,
    middleware: [requireRole(cairn, "GET /v1/rankings/thriving"), etag()] as const,
    request: { query: z.object(caseload) },
    responses: { ...answers("Those with the most evidence first", thrivingSchema), ...unchanged },
  });
  app.openapi(more, async (context) => {
    const caller = context.get("caller");
    const found = await readThriving(cairn, caller.tenantId, rankingOf(caller, context.req.valid("query")));
    context.set("shown", shownIn(found));
    return context.json(found as z.input<typeof thrivingSchema>, 200);
  });
}

/** @param list - with each learner's number, or the record's own id of one who has none */
function shownIn(list: {
  readonly entries: readonly { readonly learner: string }[];
  readonly provenance: { readonly runId: string };
}): Shown {
  return { by: "number or person", ids: list.entries.map(({ learner }) => learner), runId: list.provenance.runId };
}

/** A query as the engine takes it; a counselor's own key opens her caseload only. */
function rankingOf(caller: Caller, query: z.output<typeof rankingQuery>): RankingQuery {
  const { limit, school, outcome, threshold, costNeedless, costMissed } = query;
  const costs =
    costNeedless === undefined && costMissed === undefined
      ? undefined
      : { needless: costNeedless ?? Number.NaN, missed: costMissed ?? Number.NaN };
  return {
    limit,
    ...(school === undefined ? {} : { school }),
    ...(outcome === undefined ? {} : { outcome }),
    ...(threshold === undefined ? {} : { threshold }),
    ...(costs === undefined ? {} : { costs }),
    ...(caller.personId === undefined ? {} : { counselor: caller.personId }),
  };
}
