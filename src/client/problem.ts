import type { components } from "./openapi.generated.ts";

/** What the service says went wrong, as RFC 9457 writes it. */
export type Problem = components["schemas"]["Problem"];

/**
 * The codes of a problem. Those the service gives are in docs/client.md with what each means; the last three are the client's own:
 *
 * - `UNREACHABLE` no answer came: the network, the address, or the caller's signal
 * - `UNREADABLE_ANSWER` what came is not of cairn, such as the page of a proxy
 * - `NOT_MODIFIED` a 304: what `if-none-match` named is still so
 */
export const problemCodes = [
  "BAD_INPUT",
  "SHAPE_MISMATCH",
  "NOT_FINITE",
  "SINGLE_CLASS",
  "SINGULAR",
  "UNKNOWN_FEATURE",
  "NOT_FOUND",
  "CONFLICT",
  "UNAUTHENTICATED",
  "FORBIDDEN",
  "UNREADABLE_FILE",
  "CANCELLED",
  "TOO_MANY_REQUESTS",
  "TIMED_OUT",
  "UNAVAILABLE",
  "INTERNAL",
  "UNREACHABLE",
  "UNREADABLE_ANSWER",
  "NOT_MODIFIED",
] as const;

/** One of {@link problemCodes}; a newer service may say another. */
export type ProblemCode = (typeof problemCodes)[number] | (string & Record<never, never>);

/**
 * The one error the client throws: the message is the problem's detail (expected … got …), `hint` says what to try. It holds no key and
 * nothing of the request.
 */
export class CairnProblem extends Error {
  readonly code: ProblemCode;
  /** The HTTP status; 0 where no answer came. */
  readonly status: number;
  /** What the reader can do about it. */
  readonly hint: string | undefined;
  /** The id of the request, as the service's log has it. */
  readonly requestId: string | undefined;

  constructor(
    code: ProblemCode,
    message: string,
    about: { status: number; hint?: string | undefined; requestId?: string | undefined; cause?: unknown },
  ) {
    super(message, about.cause === undefined ? undefined : { cause: about.cause });
    this.name = "CairnProblem";
    this.code = code;
    this.status = about.status;
    this.hint = about.hint;
    this.requestId = about.requestId;
  }
}

/** The problem that an answer with an error's status is, whoever gave it. */
export async function problemOf(response: Response): Promise<CairnProblem> {
  const { status } = response;
  const about = { status, requestId: response.headers.get("x-request-id") ?? undefined };
  if (status === 304) return new CairnProblem("NOT_MODIFIED", "nothing has changed since", about);
  const said: unknown = await response.json().catch(() => undefined);
  if (isProblem(said)) return new CairnProblem(said.code, said.detail, { ...about, hint: said.hint });
  return new CairnProblem("UNREADABLE_ANSWER", `expected a problem document, got another body of status ${status}`, {
    ...about,
    hint: "check that the address is cairn's own: a proxy may have answered",
  });
}

function isProblem(said: unknown): said is Problem {
  if (typeof said !== "object" || said === null) return false;
  const { code, detail, hint } = said as Partial<Record<keyof Problem, unknown>>;
  return typeof code === "string" && typeof detail === "string" && ["string", "undefined"].includes(typeof hint);
}
