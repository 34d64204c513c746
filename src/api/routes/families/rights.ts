import type { OpenAPIHono } from "@hono/zod-openapi";
import { createRoute, z } from "@hono/zod-openapi";
import {
  askAccess,
  askAmendment,
  closeAccess,
  decideAmendment,
  exportForFamily,
  openCases,
  placeStatement,
  readCases,
  readDisclosures,
  refuseDirectory,
} from "../../../engine/families/rights.ts";
import type { Cairn } from "../../../engine/runtime.ts";
import type { ApiEnvironment } from "../../auth.ts";
import { requireRole } from "../../auth.ts";
import { actorOf, answers, json, withKey } from "./route.ts";
import {
  amendmentBody,
  casesSchema,
  directoryBody,
  disclosuresSchema,
  exportSchema,
  learnerParams,
  openedSchema,
  stepBody,
  wordsBody,
} from "./schemas.ts";

const done = z.object({ status: z.literal("done") });
const caseParams = z.object({ caseId: z.string().min(1).max(200) });

/** `/v1/families/…`: the record of disclosures, requests and their clocks, the opt-out, and the whole record to take away. */
export function rightsRoutes(app: OpenAPIHono<ApiEnvironment>, cairn: Cairn): void {
  readingRoutes(app, cairn);
  askingRoutes(app, cairn);
  schoolRoutes(app, cairn);
}

function readingRoutes(app: OpenAPIHono<ApiEnvironment>, cairn: Cairn): void {
  const disclosures = createRoute({
    method: "get",
    path: "/v1/families/{learner}/disclosures",
    summary: "The record of disclosures: who asked, when, why, on what basis, and what became of it",
    security: withKey,
    middleware: [requireRole(cairn, "GET /v1/families/{learner}/disclosures")] as const,
    request: { params: learnerParams },
    responses: answers("Every request, refused ones too, oldest first", disclosuresSchema),
  });
  app.openapi(disclosures, async (context) => {
    const lines = await readDisclosures(cairn, actorOf(context.get("caller")), context.req.valid("param").learner);
    return context.json({ disclosures: lines } as z.input<typeof disclosuresSchema>, 200);
  });

  const cases = createRoute({
    method: "get",
    path: "/v1/families/{learner}/cases",
    summary: "Requests to change or to inspect the record, each with its clock",
    security: withKey,
    middleware: [requireRole(cairn, "GET /v1/families/{learner}/cases")] as const,
    request: { params: learnerParams },
    responses: answers("The learner's cases", casesSchema),
  });
  app.openapi(cases, async (context) => {
    const found = await readCases(cairn, actorOf(context.get("caller")), context.req.valid("param").learner);
    return context.json(found as z.input<typeof casesSchema>, 200);
  });

  const whole = createRoute({
    method: "get",
    path: "/v1/families/{learner}/export",
    summary: "The whole record in one piece, with consents, disclosures, statements and cases",
    security: withKey,
    middleware: [requireRole(cairn, "GET /v1/families/{learner}/export")] as const,
    request: { params: learnerParams },
    responses: answers("Everything, to take away", exportSchema),
  });
  app.openapi(whole, async (context) => {
    const found = await exportForFamily(cairn, actorOf(context.get("caller")), context.req.valid("param").learner);
    return context.json(found as unknown as z.input<typeof exportSchema>, 200, {
      "content-disposition": 'attachment; filename="record.json"',
    });
  });
}

function askingRoutes(app: OpenAPIHono<ApiEnvironment>, cairn: Cairn): void {
  const amend = createRoute({
    method: "post",
    path: "/v1/families/{learner}/amendments",
    summary: "Say that a record is wrong; the dispute stands beside it at once",
    security: withKey,
    middleware: [requireRole(cairn, "POST /v1/families/{learner}/amendments")] as const,
    request: { params: learnerParams, body: json(amendmentBody) },
    responses: answers("The case that was opened", openedSchema),
  });
  app.openapi(amend, async (context) => {
    const { learner } = context.req.valid("param");
    const actor = actorOf(context.get("caller"));
    return context.json(await askAmendment(cairn, actor, learner, context.req.valid("json")), 200);
  });

  const state = createRoute({
    method: "post",
    path: "/v1/families/{learner}/amendments/{caseId}/statement",
    summary: "Place a statement beside a contested record when the refusal stands",
    security: withKey,
    middleware: [requireRole(cairn, "POST /v1/families/{learner}/amendments/{caseId}/statement")] as const,
    request: { params: learnerParams.extend(caseParams.shape), body: json(wordsBody) },
    responses: answers("The statement stands, and travels with the record", done),
  });
  app.openapi(state, async (context) => {
    const { learner, caseId } = context.req.valid("param");
    const { text } = context.req.valid("json");
    await placeStatement(cairn, actorOf(context.get("caller")), learner, { caseId, text });
    return context.json({ status: "done" as const }, 200);
  });

  const access = createRoute({
    method: "post",
    path: "/v1/families/{learner}/access-requests",
    summary: "Ask to inspect the record; nothing is destroyed while the request is open",
    security: withKey,
    middleware: [requireRole(cairn, "POST /v1/families/{learner}/access-requests")] as const,
    request: { params: learnerParams },
    responses: answers("The request that was opened", openedSchema),
  });
  app.openapi(access, async (context) => {
    const { learner } = context.req.valid("param");
    return context.json(await askAccess(cairn, actorOf(context.get("caller")), learner), 200);
  });

  const directory = createRoute({
    method: "post",
    path: "/v1/families/{learner}/directory-opt-out",
    summary: "Refuse directory information for a school year",
    security: withKey,
    middleware: [requireRole(cairn, "POST /v1/families/{learner}/directory-opt-out")] as const,
    request: { params: learnerParams, body: json(directoryBody) },
    responses: answers("It is refused", done),
  });
  app.openapi(directory, async (context) => {
    const { learner } = context.req.valid("param");
    const { schoolYear } = context.req.valid("json");
    await refuseDirectory(cairn, actorOf(context.get("caller")), learner, schoolYear);
    return context.json({ status: "done" as const }, 200);
  });
}

function schoolRoutes(app: OpenAPIHono<ApiEnvironment>, cairn: Cairn): void {
  const waiting = createRoute({
    method: "get",
    path: "/v1/families/cases",
    summary: "What waits for the school: requests with their clocks",
    security: withKey,
    middleware: [requireRole(cairn, "GET /v1/families/cases")] as const,
    responses: answers("Every case that is not answered", casesSchema),
  });
  app.openapi(waiting, async (context) => {
    const found = await openCases(cairn, actorOf(context.get("caller")));
    const ids = [...found.amendments, ...found.accessRequests].map(({ personId }) => personId);
    context.set("shown", { by: "person", ids });
    return context.json(found as z.input<typeof casesSchema>, 200);
  });

  const decide = createRoute({
    method: "post",
    path: "/v1/families/cases/{caseId}/steps",
    summary: "A step of the school in an amendment case",
    security: withKey,
    middleware: [requireRole(cairn, "POST /v1/families/cases/{caseId}/steps")] as const,
    request: { params: caseParams, body: json(stepBody) },
    responses: answers("The step is taken", done),
  });
  app.openapi(decide, async (context) => {
    const { caseId } = context.req.valid("param");
    await decideAmendment(cairn, actorOf(context.get("caller")), { caseId, ...context.req.valid("json") });
    return context.json({ status: "done" as const }, 200);
  });

  const close = createRoute({
    method: "post",
    path: "/v1/families/cases/{caseId}/answer",
    summary: "Close a request to inspect: how it was answered",
    security: withKey,
    middleware: [requireRole(cairn, "POST /v1/families/cases/{caseId}/answer")] as const,
    request: { params: caseParams, body: json(wordsBody) },
    responses: answers("The request is closed", done),
  });
  app.openapi(close, async (context) => {
    const { caseId } = context.req.valid("param");
    await closeAccess(cairn, actorOf(context.get("caller")), { caseId, ...context.req.valid("json") });
    return context.json({ status: "done" as const }, 200);
  });
}
