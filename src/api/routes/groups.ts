import type { OpenAPIHono } from "@hono/zod-openapi";
import { createRoute, z } from "@hono/zod-openapi";
import { readGroups } from "../../engine/groups/read.ts";
import type { Cairn } from "../../engine/runtime.ts";
import type { ApiEnvironment } from "../auth.ts";
import { requireRole } from "../auth.ts";
import { answers, withKey } from "./families/route.ts";

const groupLearner = z
  .object({
    number: z.string().nullable(),
    name: z.string(),
    wrong: z.number().int(),
    of: z.number().int(),
    followUp: z.object({
      activity: z
        .object({ activity: z.string(), title: z.string(), minutes: z.number().nullable(), uri: z.string().nullable() })
        .nullable(),
      reason: z.string(),
    }),
  })
  .openapi("GroupLearner");

const groupsSchema = z
  .object({
    standards: z.array(
      z.object({
        section: z.string().nullable(),
        standard: z.string(),
        label: z.string().nullable(),
        groups: z.array(z.array(groupLearner)),
        alone: z.array(groupLearner).openapi({ description: "Stuck, and too few to make a group" }),
        away: z.array(groupLearner).openapi({ description: "Stuck, and absent today" }),
      }),
    ),
  })
  .openapi("Groups");

/** `GET /v1/groups`: who of a teacher's learners is stuck on the same standard, in small groups, with something for home. */
export function groupRoutes(app: OpenAPIHono<ApiEnvironment>, cairn: Cairn): void {
  const route = createRoute({
    method: "get",
    path: "/v1/groups",
    summary: "Small groups of a teacher's learners who are stuck on the same standard",
    security: withKey,
    middleware: [requireRole(cairn, "GET /v1/groups")] as const,
    request: {
      query: z.object({
        standard: z.string().max(300).optional(),
        smallest: z.coerce.number().int().min(1).max(30).default(2),
        largest: z.coerce.number().int().min(1).max(30).default(5),
      }),
    },
    responses: answers("By section and standard, where most are stuck first", groupsSchema),
  });
  app.openapi(route, async (context) => {
    const { standard, smallest, largest } = context.req.valid("query");
    const { tenantId, personId } = context.get("caller");
    const size = { smallest, largest, ...(standard === undefined ? {} : { standard }) };
    const standards = await readGroups(cairn, { tenantId, personId: personId ?? "" }, size);
    const learners = standards.flatMap(({ groups, alone, away }) => [...groups.flat(), ...alone, ...away]);
    context.set("shown", { by: "number", ids: learners.map(({ number }) => number) });
    return context.json({ standards } as z.input<typeof groupsSchema>, 200);
  });
}
