import type { Answer } from "./answers.ts";
import { failed, notChecked, verified } from "./answers.ts";
import type { JsonObject } from "./json.ts";
import { isObject, listOf } from "./json.ts";

// XML Schema dateTime with a zone, as Verifiable Credentials require; a bare date occurs in Open Badges 2.0.
const moment = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2}))?$/;

/** A point in time in milliseconds; NaN when the value is none. */
export function readInstant(value: unknown): number {
  return typeof value === "string" && moment.test(value) ? Date.parse(value) : Number.NaN;
}

/**
 * Whether `now` lies in the period a credential gives for itself, by any of the names the versions have for its ends
 * (`validFrom` or `issuanceDate` or `issuedOn`; `validUntil` or `expirationDate` or `expires`, also of the proof).
 */
export function checkPeriod(document: JsonObject, now: Date): Answer {
  const proofs = listOf(document.proof).filter(isObject);
  const starts = given([document.validFrom, document.issuanceDate, document.issuedOn]);
  const ends = given([document.validUntil, document.expirationDate, document.expires, ...proofs.map((p) => p.expires)]);
  const instants = [...starts, ...ends].map(readInstant);
  if (instants.some(Number.isNaN)) return failed("a date of its period is none");
  if (instants.length === 0) return notChecked("it names no period");
  const from = Math.max(...starts.map(readInstant), -Infinity);
  const until = Math.min(...ends.map(readInstant), Infinity);
  if (until < from) return failed("its period ends before it begins");
  if (now.getTime() < from) return failed(`it is not valid before ${starts[0]}`);
  if (now.getTime() > until) return failed(`it expired: it was valid until ${ends[0]}`);
  return verified(until === Infinity ? "it has begun and names no end" : "now is in its period");
}

function given(values: readonly unknown[]): unknown[] {
  return values.filter((value) => value !== undefined && value !== null);
}
