import type { OpenAPIHono } from "@hono/zod-openapi";
import { createRoute, z } from "@hono/zod-openapi";
import { makeChoice, readChoices, withdrawChoice } from "../../../engine/families/choices.ts";
import { listLearners } from "../../../engine/families/learners.ts";
import { previewReader } from "../../../engine/families/rights.ts";
import type { Cairn } from "../../../engine/runtime.ts";
import type { ApiEnvironment } from "../../auth.ts";
import { requireRole } from "../../auth.ts";
import { actorOf, answers, json, withKey } from "./route.ts";
import {
  choiceBody,
  choicesSchema,
  learnerParams,
  learnersSchema,
  previewBody,
  receiptSchema,
  recordSchema,
} from "./schemas.ts";

/** `/v1/families/…`: whom a family decides about, the page of switches, a switch turned or taken back, what X would see. */
export function choiceRoutes(app: OpenAPIHono<ApiEnvironment>, cairn: Cairn): void {
  const learners = createRoute({
    method: "get",
    path: "/v1/families/learners",
    summary: "The learners this key may decide about",
    security: withKey,
    middleware: [requireRole(cairn, "GET /v1/families/learners")] as const,
    responses: answers("The guardian's children, or the learner of 18 herself", learnersSchema),
  });
  app.openapi(learners, async (context) => {
    const people = await listLearners(cairn, actorOf(context.get("caller")));
    context.set("shown", { by: "person", ids: people.map(({ personId }) => personId) });
    const named = people.map(({ number, givenName, familyName }) => ({ learner: number, givenName, familyName }));
    return context.json({ learners: named }, 200);
  });

  const choices = createRoute({
    method: "get",
    path: "/v1/families/{learner}/choices",
    summary: "The switches by purpose, audience and kind of data, each with whose choice it is",
    security: withKey,
    middleware: [requireRole(cairn, "GET /v1/families/{learner}/choices")] as const,
    request: { params: learnerParams },
    responses: answers("The page of switches and every decision behind it", choicesSchema),
  });
  app.openapi(choices, async (context) => {
    const found = await readChoices(cairn, actorOf(context.get("caller")), context.req.valid("param").learner);
    return context.json(found as z.input<typeof choicesSchema>, 200);
  });

  const choose = createRoute({
    method: "post",
    path: "/v1/families/{learner}/choices",
    summary: "Turn a switch, effective at the next read",
    security: withKey,
    middleware: [requireRole(cairn, "POST /v1/families/{learner}/choices")] as const,
    request: { params: learnerParams, body: json(choiceBody) },
    responses: answers("The receipt, signed with the district's key", receiptSchema),
  });
  app.openapi(choose, async (context) => {
    const { text, ...choice } = context.req.valid("json");
    const { learner } = context.req.valid("param");
    const asked = text === undefined ? choice : { ...choice, text };
    const receipt = await makeChoice(cairn, actorOf(context.get("caller")), learner, asked);
    return context.json({ ...receipt, lines: [...receipt.lines] }, 200);
  });

  const withdraw = createRoute({
    method: "post",
    path: "/v1/families/{learner}/choices/{key}/withdraw",
    summary: "Take a decision back, effective at the next read",
    security: withKey,
    middleware: [requireRole(cairn, "POST /v1/families/{learner}/choices/{key}/withdraw")] as const,
    request: { params: learnerParams.extend({ key: z.string().min(1).max(500) }) },
    responses: answers("The receipt of the withdrawal", receiptSchema),
  });
  app.openapi(withdraw, async (context) => {
    const { learner, key } = context.req.valid("param");
    const receipt = await withdrawChoice(cairn, actorOf(context.get("caller")), learner, key);
    return context.json({ ...receipt, lines: [...receipt.lines] }, 200);
  });

  const preview = createRoute({
    method: "post",
    path: "/v1/families/{learner}/preview",
    summary: "What a reader would see now, byte for byte; nothing is disclosed",
    security: withKey,
    middleware: [requireRole(cairn, "POST /v1/families/{learner}/preview")] as const,
    request: { params: learnerParams, body: json(previewBody) },
    responses: answers("The document the reader would get", recordSchema),
  });
  app.openapi(preview, async (context) => {
    const { agreementId, ...reader } = context.req.valid("json");
    const { learner } = context.req.valid("param");
    const asked = { ...reader, interest: "preview", ...(agreementId === undefined ? {} : { agreementId }) };
    const text = await previewReader(cairn, actorOf(context.get("caller")), learner, asked);
    // The bytes as they would leave, not the same document written anew.
    return context.body(text, 200, { "content-type": "application/json" }) as never;
  });
}
