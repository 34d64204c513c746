import type { Context } from "hono";
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
  422: "That does not fit",
  503: "A service is away",
};

/** Turns any error into the problem a client sees. A fault of cairn's own shows no detail: it may hold what must not leave. */
export function toProblem(error: unknown): Problem {
  if (!(error instanceof CairnError) || httpStatus(error.code) >= 500) {
    const status = error instanceof CairnError ? httpStatus(error.code) : 500;
    return {
      type: "about:blank",
      title: titles[status] ?? "Our fault",
      status,
      detail: "the request could not be answered",
      code: "INTERNAL",
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
  return context.json(problem, problem.status as ContentfulStatusCode, { "content-type": "application/problem+json" });
}
