/**
 * The closed list of things that can go wrong. Each has one HTTP status (see {@link httpStatus}) and one meaning:
 *
 * - `BAD_INPUT` a value from outside does not fit what is documented
 * - `BAD_CONFIGURATION` the environment or a configuration file is wrong
 * - `SHAPE_MISMATCH` lengths or dimensions that must agree do not
 * - `NOT_FINITE` NaN or ±∞ where a number is needed
 * - `SINGLE_CLASS` labels hold one class only, so nothing can be learned or ranked
 * - `NOT_CONVERGED` an iteration ended without reaching its tolerance
 * - `SINGULAR` a matrix that must be positive definite is not
 * - `UNKNOWN_FEATURE` a model asks for a feature the matrix does not have
 * - `NOT_FOUND` nothing has that id (or the caller may not know that something has)
 * - `CONFLICT` the state of the thing does not allow this now
 * - `UNAUTHENTICATED`, `FORBIDDEN` who you are, what you may do
 * - `UNREADABLE_FILE` a file is missing, truncated, of another format, or too large to be honest
 * - `ARTIFACT_CORRUPT` a stored artifact does not match its hash or its layout
 * - `UNAVAILABLE` a service cairn needs does not answer
 * - `CANCELLED` the caller asked to stop
 * - `INTERNAL` a fault in cairn itself
 */
export type ErrorCode =
  | "BAD_INPUT"
  | "BAD_CONFIGURATION"
  | "SHAPE_MISMATCH"
  | "NOT_FINITE"
  | "SINGLE_CLASS"
  | "NOT_CONVERGED"
  | "SINGULAR"
  | "UNKNOWN_FEATURE"
  | "NOT_FOUND"
  | "CONFLICT"
  | "UNAUTHENTICATED"
  | "FORBIDDEN"
  | "UNREADABLE_FILE"
  | "ARTIFACT_CORRUPT"
  | "UNAVAILABLE"
  | "CANCELLED"
  | "INTERNAL";

/** What an error carries for machines: counts, names of columns, ids. Never the name of a learner. */
export type ErrorDetails = Readonly<Record<string, string | number | boolean | null | readonly string[]>>;

/**
 * The one error class of cairn. The message says what was expected and what came; `hint` says what to try.
 *
 * @example
 * throw new CairnError("SHAPE_MISMATCH", `x has ${rows} rows but y has ${labels}`, { hint: "pass one label per row" });
 */
export class CairnError extends Error {
  readonly code: ErrorCode;
  /** What the reader can do about it, as an imperative sentence. */
  readonly hint: string | undefined;
  readonly details: ErrorDetails;

  constructor(
    code: ErrorCode,
    message: string,
    options: { hint?: string; details?: ErrorDetails; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "CairnError";
    this.code = code;
    this.hint = options.hint;
    this.details = options.details ?? {};
  }
}

const statuses: Readonly<Record<ErrorCode, number>> = {
  BAD_INPUT: 422,
  BAD_CONFIGURATION: 500,
  SHAPE_MISMATCH: 422,
  NOT_FINITE: 422,
  SINGLE_CLASS: 422,
  NOT_CONVERGED: 500,
  SINGULAR: 422,
  UNKNOWN_FEATURE: 422,
  NOT_FOUND: 404,
  CONFLICT: 409,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  UNREADABLE_FILE: 422,
  ARTIFACT_CORRUPT: 500,
  UNAVAILABLE: 503,
  CANCELLED: 499,
  INTERNAL: 500,
};

/** The HTTP status an error code maps to: the one place where it does. */
export function httpStatus(code: ErrorCode): number {
  return statuses[code];
}

/** Whether a text that came from elsewhere (a job's failure, a response) is one of the codes. */
export function isErrorCode(text: string | undefined): text is ErrorCode {
  return text !== undefined && Object.hasOwn(statuses, text);
}
