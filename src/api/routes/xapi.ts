import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Context, Handler, MiddlewareHandler } from "hono";
import { createMiddleware } from "hono/factory";
import type { Shown } from "../../engine/access/accesses.ts";
import type {
  DocumentScope,
  Parameters,
  Precondition,
  WriteOutcome,
  XapiVersion,
} from "../../engine/intake/activity-streams.ts";
import {
  dropDocuments,
  findActivity,
  findAgent,
  findDocuments,
  findStatements,
  keepDocument,
  receiveStatements,
} from "../../engine/intake/activity-streams.ts";
import type { Cairn } from "../../engine/runtime.ts";
import { CairnError } from "../../errors.ts";
import type { ApiEnvironment } from "../auth.ts";
import { requireReceiver } from "../auth.ts";
import { problemResponse, toProblem } from "../problem.ts";
import { isAlternate, plainRequest } from "./xapi-alternate.ts";
import { readStatementBody, writeMultipart } from "./xapi-multipart.ts";

const versionHeader = "x-experience-api-version";
const documentPaths = {
  state: "/xapi/activities/state",
  "activity-profile": "/xapi/activities/profile",
  "agent-profile": "/xapi/agents/profile",
} as const satisfies Record<DocumentScope["kind"], string>;

/**
 * The resources of xAPI 1.0.3 and 2.0 under `/xapi`. Their requests are those of another standard, so they are not in the OpenAPI
 * description: docs/receivers.md says what of the standard is answered.
 */
export function xapiRoutes(app: OpenAPIHono<ApiEnvironment>, cairn: Cairn): void {
  app.use("/xapi/*", alternateSyntax(app), unkept);
  app.get("/xapi/about", (context) => context.json({ version: ["1.0.3", "2.0.0"] }, 200, { [versionHeader]: "2.0.0" }));
  const guards = [requireReceiver(cairn, "/xapi"), oneVersion] as const;
  app.put("/xapi/statements", ...guards, answering(storeOne(cairn)));
  app.post("/xapi/statements", ...guards, answering(storeMany(cairn)));
  // What shows learners leaves its line in the log of accesses; what is known of an activity shows nobody.
  const readers = [requireReceiver(cairn, "/xapi", "list"), oneVersion] as const;
  app.get("/xapi/statements", ...readers, answering(answerStatements(cairn)));
  app.get(
    "/xapi/activities",
    ...guards,
    answering(async (context) => context.json(await findActivity(cairn, tenantOf(context), context.req.query()))),
  );
  app.get(
    "/xapi/agents",
    ...readers,
    answering(async (context) => {
      context.set("shown", ofNobodyNamed);
      return context.json(await findAgent(cairn, tenantOf(context), context.req.query()));
    }),
  );
  for (const [kind, path] of Object.entries(documentPaths) as [DocumentScope["kind"], string][]) {
    app.get(path, ...readers, answering(answerDocuments(cairn, kind)));
    app.on(["PUT", "POST"], path, ...guards, answering(writeOne(cairn, kind)));
    app.delete(path, ...guards, answering(deleteSome(cairn, kind)));
  }
}

/** A provider's document, or an agent by all of its names: the answer does not say whose record it is of. */
const ofNobodyNamed: Shown = { by: "number", ids: null };

type Fields = Readonly<Record<string, unknown>>;

/** The ids of the statements of an answer: one, or a page of them. */
function statementsIn(document: Fields): string[] {
  const statements = Array.isArray(document.statements) ? (document.statements as Fields[]) : [document];
  return statements.flatMap(({ id }) => (typeof id === "string" ? [id] : []));
}

type Request = Context<ApiEnvironment>;
type Answer = (context: Request) => Promise<Response>;

/** What learners did is kept by no browser, proxy or shared machine; a document a provider stored runs nothing. */
const unkept: MiddlewareHandler = async (context, next) => {
  await next();
  context.header("cache-control", "no-store");
  context.header("content-security-policy", "sandbox; default-src 'none'");
};

function alternateSyntax(app: OpenAPIHono<ApiEnvironment>): MiddlewareHandler {
  return async (context, next) => {
    if (!isAlternate(context.req.raw)) return next();
    try {
      return await app.fetch(await plainRequest(context.req.raw));
    } catch (error) {
      return badRequest(context, error);
    }
  };
}

/** Every request names its version, and every answer the one it was given by: the newest of the same line. */
const oneVersion = createMiddleware<ApiEnvironment>(async (context, next) => {
  const version = versionOf(context.req.header(versionHeader));
  context.header(versionHeader, version ?? "2.0.0");
  if (version !== undefined) return next();
  const problem = new CairnError(
    "BAD_INPUT",
    "expected the version 1.0.x or 2.0.x in X-Experience-API-Version, got none of them",
  );
  return badRequest(context, problem);
});

function versionOf(header: string | undefined): XapiVersion | undefined {
  if (header === undefined) return undefined;
  return /^1\.0(?:\.\d+)?$/.test(header) ? "1.0.3" : /^2\.0(?:\.\d+)?$/.test(header) ? "2.0.0" : undefined;
}

/** xAPI says 400 where cairn says 422. */
function answering(answer: Answer): Handler<ApiEnvironment> {
  return async (context) => {
    try {
      return await answer(context);
    } catch (error) {
      return badRequest(context, error);
    }
  };
}

function badRequest(context: Context, error: unknown): Response {
  if (!(error instanceof CairnError) || error.code !== "BAD_INPUT") throw error;
  return context.json({ ...toProblem(error), title: "That does not fit", status: 400 }, 400, {
    "content-type": "application/problem+json",
  });
}

const tenantOf = (context: Request): string => context.get("caller").tenantId;
const bodyOf = async (context: Request): Promise<Buffer> => Buffer.from(await context.req.arrayBuffer());

function sentBy(context: Request): { version: XapiVersion; parameters: Parameters } {
  return { version: versionOf(context.req.header(versionHeader))!, parameters: context.req.query() };
}

function storeMany(cairn: Cairn): Answer {
  return async (context) => {
    const sent = readStatementBody(context.req.header("content-type") ?? "", await bodyOf(context));
    const { ids } = await receiveStatements(cairn, context.get("caller"), {
      ...sent,
      ...sentBy(context),
      method: "POST",
    });
    return context.json(ids);
  };
}

function storeOne(cairn: Cairn): Answer {
  return async (context) => {
    const sent = readStatementBody(context.req.header("content-type") ?? "", await bodyOf(context));
    await receiveStatements(cairn, context.get("caller"), { ...sent, ...sentBy(context), method: "PUT" });
    return context.body(null, 204);
  };
}

function answerStatements(cairn: Cairn): Answer {
  return async (context) => {
    const languages = languagesIn(context.req.header("accept-language"));
    const question = { parameters: context.req.query(), path: context.req.path, languages };
    const found = await findStatements(cairn, tenantOf(context), question);
    context.header("x-experience-api-consistent-through", found.consistentThrough);
    if (found.document === undefined) {
      return problemResponse(
        context,
        new CairnError("NOT_FOUND", "expected the id of a statement that holds, got another"),
      );
    }
    context.set("shown", { by: "statement", ids: statementsIn(found.document) });
    const { stored } = found.document;
    if (typeof stored === "string") context.header("last-modified", new Date(stored).toUTCString());
    if (!found.sendsAttachments) return context.json(found.document);
    const { contentType, body } = writeMultipart(found.document, found.attachments);
    return context.body(new Uint8Array(body), 200, { "content-type": contentType });
  };
}

function answerDocuments(cairn: Cairn, kind: DocumentScope["kind"]): Answer {
  return async (context) => {
    const found = await findDocuments(cairn, tenantOf(context), kind, context.req.query());
    context.set("shown", ofNobodyNamed);
    if ("ids" in found) return context.json(found.ids);
    if (found.document === undefined) {
      return problemResponse(
        context,
        new CairnError("NOT_FOUND", "expected the id of a document, got one there is none of"),
      );
    }
    const { content, mediaType, etag, updatedAt } = found.document;
    context.header("etag", `"${etag}"`);
    context.header("last-modified", new Date(updatedAt).toUTCString());
    if (tagsIn(context.req.header("if-none-match"))?.includes(etag) === true) return context.body(null, 304);
    return context.body(new Uint8Array(content), 200, { "content-type": mediaType });
  };
}

function writeOne(cairn: Cairn, kind: DocumentScope["kind"]): Answer {
  return async (context) => {
    const outcome = await keepDocument(cairn, tenantOf(context), kind, {
      parameters: context.req.query(),
      method: context.req.method === "PUT" ? "PUT" : "POST",
      mediaType: context.req.header("content-type") ?? "application/octet-stream",
      content: await bodyOf(context),
      precondition: preconditionOf(context),
    });
    return written(context, outcome);
  };
}

function deleteSome(cairn: Cairn, kind: DocumentScope["kind"]): Answer {
  return async (context) => {
    const request = { parameters: context.req.query(), precondition: preconditionOf(context) };
    return written(context, await dropDocuments(cairn, tenantOf(context), kind, request));
  };
}

function written(context: Request, outcome: WriteOutcome): Response {
  if (outcome === "written") return context.body(null, 204);
  const [status, detail] =
    outcome === "changed-meanwhile"
      ? ([412, "expected the document as the request knows it, got one that has changed"] as const)
      : ([409, "expected If-Match or If-None-Match, since there is a document already"] as const);
  const problem = {
    type: "about:blank",
    title: "Not now",
    status,
    detail,
    code: "CONFLICT",
    hint: "read the document again",
  };
  return context.json(problem, status, { "content-type": "application/problem+json" });
}

function preconditionOf(context: Request): Precondition {
  return { match: tagsIn(context.req.header("if-match")), noneMatch: tagsIn(context.req.header("if-none-match")) };
}

/** The tags of a header: quoted, weak or bare (clients of 0.95 sent them so). */
function tagsIn(header: string | undefined): readonly string[] | undefined {
  return header?.split(",").map((tag) => tag.trim().replace(/^W\//, "").replaceAll('"', ""));
}

/** What a reader reads, best first. */
function languagesIn(header: string | undefined): readonly string[] {
  const ranked = (header ?? "").split(",").map((entry) => {
    const [language = "", ...parameters] = entry.split(";").map((part) => part.trim());
    const quality = Number(/^q=([\d.]+)$/.exec(parameters.join(""))?.[1] ?? 1);
    return { language, quality };
  });
  const wanted = ranked.filter(({ language, quality }) => language !== "" && language !== "*" && quality > 0);
  return wanted.sort((a, b) => b.quality - a.quality).map(({ language }) => language);
}
