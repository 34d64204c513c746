import type { OpenAPIHono } from "@hono/zod-openapi";
import { createRoute, z } from "@hono/zod-openapi";
import type { Caller } from "../../engine/access/keys.ts";
import { answerAudiences } from "../../engine/answers/answer.ts";
import type { AnswerReader } from "../../engine/answers/read-answers.ts";
import { readAnswers } from "../../engine/answers/read-answers.ts";
import type { Cairn } from "../../engine/runtime.ts";
import type { ApiEnvironment } from "../auth.ts";
import { requireRole } from "../auth.ts";
import { answers, withKey } from "./families/route.ts";
import { learnerParams } from "./families/schemas.ts";

/** The answers about one learner, as the route gives them. */
export const answersSchema = z
  .object({
    learner: z.string().openapi({ description: "The district's own number of the learner" }),
    audience: z.enum(answerAudiences),
    on: z.iso.date(),
    legalBases: z.array(z.string()),
    answers: z.array(
      z
        .object({
          id: z.string().openapi({ example: "on-track-to-graduate" }),
          asked: z.string(),
          status: z.enum(["known", "partly", "not known"]),
          findings: z.array(
            z.object({
              sentence: z.string(),
              evidence: z
                .object({ source: z.string(), on: z.string().nullable(), records: z.number().int() })
                .openapi({ description: "The table of the record, or early-warning for what a model says" }),
            }),
          ),
          notKnown: z.array(z.string()).openapi({ description: "What the record does not say, in words" }),
        })
        .openapi("Answer"),
    ),
  })
  .openapi("Answers");

/** `/v1/learners/{learner}/answers`: a parent's and a teacher's own questions about one learner. */
export function answerRoutes(app: OpenAPIHono<ApiEnvironment>, cairn: Cairn): void {
  const route = createRoute({
    method: "get",
    path: "/v1/learners/{learner}/answers",
    summary:
      "What a parent or a teacher asks about one learner, in plain words, with evidence and with what is not known",
    security: withKey,
    middleware: [requireRole(cairn, "GET /v1/learners/{learner}/answers")] as const,
    request: {
      params: learnerParams,
      query: z.object({
        audience: z.enum(answerAudiences).optional().openapi({
          description: "A family asks as parent, a school as teacher: the key says which when it is left out",
        }),
      }),
    },
    responses: answers("The questions of the audience, answered from what the reader may see", answersSchema),
  });
  app.openapi(route, async (context) => {
    const { learner } = context.req.valid("param");
    const { audience } = context.req.valid("query");
    const found = await readAnswers(cairn, readerOf(context.get("caller")), {
      learner,
      ...(audience === undefined ? {} : { audience }),
    });
    return context.json(found as z.input<typeof answersSchema>, 200);
  });
}

function readerOf({ tenantId, role, personId }: Caller): AnswerReader {
  return {
    tenantId,
    role: role === "family" || role === "teacher" ? role : "counselor",
    recordedBy: `key of role ${role}`,
    ...(personId === undefined ? {} : { personId }),
  };
}
