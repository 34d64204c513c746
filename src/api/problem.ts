import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { CairnError, httpStatus } from "../errors.ts";

/** A problem as RFC 9457 writes it: the code is cairn's own, the hint says what to try. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly hint?: string;
}

const titles: Readonly<Record<number, string>> = {
  401: "Who are you?",
  403: "Not yours to see",
  404: "Nothing there",
  409: "Not now",
  413: "Too much at once",
  422: "That does not fit",
  429: "Too often",
  503: "A service is away",
  504: "That took too long",
};

/** What HTTP itself knows and the errors of cairn do not. */
const codesOfHttp: Readonly<Record<number, string>> = { 429: "TOO_MANY_REQUESTS", 504: "TIMED_OUT" };

/** Turns any error into the problem a client sees. A fault of cairn's own shows no detail: it may hold what must not leave. */
export function toProblem(error: unknown): Problem {
  // What HTTP refuses before a route is asked, such as a body over the limit: the client's fault, not ours; and what took too long.
  if (error instanceof HTTPException && (error.status < 500 || error.status === 504)) {
    const { status } = error;
    const detail = titles[status] ?? "the request cannot be read";
    const code = codesOfHttp[status] ?? "BAD_INPUT";
    return { type: "about:blank", title: titles[status] ?? "Cannot be done", status, detail, code };
  }
  if (!(error instanceof CairnError) || httpStatus(error.code) >= 500) {
    const status = error instanceof CairnError ? httpStatus(error.code) : 500;
    return {
      type: "about:blank",
      title: titles[status] ?? "Our fault",
      status,
      detail: "the request could not be answered",
      code: status === 503 ? "UNAVAILABLE" : "INTERNAL", // a client may try again when a service was away
    };
  }
  const status = httpStatus(error.code);
  return {
    type: "about:blank",
    title: titles[status] ?? "Cannot be done",
    status,
    detail: error.message,
    code: error.code,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
  };
}

/** Answers with a problem document. */
export function problemResponse(context: Context, error: unknown): Response {
  const problem = toProblem(error);
  return context.json(problem, problem.status as ContentfulStatusCode, {
    "content-type": "application/problem+json",
    // RFC 9110, 11.6.1: a 401 names the scheme that is asked for.
    ...(problem.status === 401 ? { "www-authenticate": "Bearer" } : {}),
    // The rest of the body is not read: this connection cannot carry another request.
    ...(problem.status === 413 ? { connection: "close" } : {}),
  });
}
