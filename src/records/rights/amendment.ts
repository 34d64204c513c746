import { randomUUID } from "node:crypto";
import { CairnError } from "../../errors.ts";
import { requireCapacity } from "../consent/acting.ts";
import type { PersonTable } from "../consent/data-classes.ts";
import { tableClasses } from "../consent/data-classes.ts";
import { dayOf } from "../consent/own-version.ts";
import type { TenantTransaction } from "../database.ts";
import { idsOf } from "../identity/links.ts";
import { amendmentCase } from "../schema/index.ts";
import type { RecordPointer } from "./annotations.ts";
import { annotate, isOwnRecord } from "./annotations.ts";
import type { CaseEvent, Clock } from "./cases.ts";
import { addCaseEvent, addDays, caseEvents, clockOf } from "./cases.ts";

/** A request to change a record that is wrong, misleading or a breach of privacy (34 CFR 99.20 to 99.22), as it stands. */
export interface AmendmentCase extends RecordPointer {
  readonly caseId: string;
  readonly personId: string;
  /** What is contested, and what is asked for. */
  readonly contested: string;
  readonly request: string;
  readonly requestedBy: string;
  /** ISO 8601, UTC. */
  readonly requestedAt: string;
  readonly dueOn: string;
  readonly clock: Clock;
  readonly state: AmendmentState;
  readonly events: readonly CaseEvent[];
}

/**
 * - `requested` the school has not decided
 * - `granted` the school corrects the record where it is kept; the next delivery brings the correction
 * - `refused` the family was told of its right to a hearing (99.20(c))
 * - `hearing` a hearing is set; the family was told when and where (99.22(b))
 * - `refusal stands` the hearing found the record right; the family may place a statement (99.21(b)(2))
 * - `stated` the statement stands beside the record and travels with it (99.21(c))
 */
export type AmendmentState = "requested" | "granted" | "refused" | "hearing" | "refusal stands" | "stated";

/** What can happen in a case, each with the states it may follow and the state it leads to. */
const steps = {
  granted: { from: ["requested", "hearing"], to: "granted" },
  refused: { from: ["requested"], to: "refused" },
  "hearing set": { from: ["refused"], to: "hearing" },
  "refusal stands": { from: ["hearing"], to: "refusal stands" },
  statement: { from: ["refusal stands"], to: "stated" },
} as const satisfies Record<string, { from: readonly AmendmentState[]; to: AmendmentState }>;

/** One of the steps of a case. */
export type AmendmentStep = keyof typeof steps;

/** The steps the school takes; the statement is the family's. */
export const schoolSteps = ["granted", "refused", "hearing set", "refusal stands"] as const satisfies AmendmentStep[];

/** What the school tells with each step, so that nobody has to remember the rule. */
const notices: Readonly<Partial<Record<AmendmentStep, string>>> = {
  refused: "You have the right to a hearing on this decision (34 CFR 99.20(c)).",
  "refusal stands":
    "You have the right to place a statement with the record; it goes wherever the contested part goes (34 CFR 99.21(b)(2)).",
};

/** The state that a list of events leads to. */
export function amendmentState(events: readonly { readonly kind: string }[]): AmendmentState {
  let state: AmendmentState = "requested";
  for (const { kind } of events) if (Object.hasOwn(steps, kind)) state = steps[kind as AmendmentStep].to;
  return state;
}

/**
 * Opens a case. The dispute stands beside the record at once, before anybody has decided.
 * @returns the id of the case
 * @throws CairnError `FORBIDDEN` when it is not her learner, `NOT_FOUND` when the record is not about the learner, `BAD_INPUT`
 */
export async function requestAmendment(
  tx: TenantTransaction,
  asked: RecordPointer & { personId: string; contested: string; request: string; actorId: string; now: Date },
): Promise<string> {
  const { personId, recordTable, recordKey, contested, request, actorId, now } = asked;
  await requireCapacity(tx, { actorId, personId, on: dayOf(now) });
  if (contested.trim() === "" || request.trim() === "") {
    throw new CairnError("BAD_INPUT", "expected what is wrong and what it should say, got nothing");
  }
  const ids = await idsOf(tx, personId);
  if (!(await isContestable(tx, ids, recordTable, recordKey))) {
    throw new CairnError("NOT_FOUND", `expected a record of this learner, got none of that key in "${recordTable}"`, {
      hint: "the table and record_key stand in the record as you read it",
    });
  }
  const caseId = `amendment:${randomUUID()}`;
  await tx.orm.insert(amendmentCase).values({
    tenantId: tx.tenantId,
    caseId,
    personId,
    recordTable,
    recordKey,
    contested,
    request,
    requestedBy: actorId,
    requestedAt: now,
  });
  await annotate(tx, { personId, recordTable, recordKey, kind: "dispute", text: contested, by: actorId, caseId, now });
  return caseId;
}

/** Tables whose rows say something about a learner that can be wrong: all of the record but its own book-keeping. */
async function isContestable(
  tx: TenantTransaction,
  ids: readonly string[],
  table: string,
  key: string,
): Promise<boolean> {
  if (!Object.hasOwn(tableClasses, table) || table === "provider_document") return false;
  const { [table as PersonTable]: dataClass } = tableClasses;
  if (dataClass === "rights" || dataClass === "internal") return false;
  return isOwnRecord(tx, ids, table as PersonTable, key);
}

/**
 * Takes a case a step further.
 * @param text - the decision and its grounds, when and where the hearing is, or the family's statement
 * @throws CairnError `NOT_FOUND`, `CONFLICT` when the step does not follow, `BAD_INPUT` without words
 */
export async function stepAmendment(
  tx: TenantTransaction,
  { caseId, step, text, by, now }: { caseId: string; step: AmendmentStep; text: string; by: string; now: Date },
): Promise<void> {
  if (text.trim() === "") throw new CairnError("BAD_INPUT", "expected the grounds in words, got nothing");
  await tx.sql`select pg_advisory_xact_lock(hashtext('cairn.case'), hashtext(${caseId}))`;
  const [found] = await tx.sql<(RecordPointer & { personId: string })[]>`
    select person_id as "personId", record_table as "recordTable", record_key as "recordKey"
    from amendment_case where case_id = ${caseId}`;
  if (found === undefined) throw new CairnError("NOT_FOUND", "expected an amendment case, got none of that id");
  const state = amendmentState((await caseEvents(tx, [caseId])).get(caseId) ?? []);
  if (!(steps[step].from as readonly AmendmentState[]).includes(state)) {
    throw new CairnError(
      "CONFLICT",
      `expected a case that is ${steps[step].from.join(" or ")}, got one that is ${state}`,
    );
  }
  const notice = notices[step];
  await addCaseEvent(tx, { caseId, kind: step, text: notice === undefined ? text : `${text}\n${notice}`, by, now });
  if (step === "statement") {
    const { personId, recordTable, recordKey } = found;
    await annotate(tx, { personId, recordTable, recordKey, kind: "statement", text, by, caseId, now });
  }
}

/** The cases of a learner, or of the whole district, oldest first, each with where it stands on a day. */
export async function amendmentCases(
  tx: TenantTransaction,
  { personId, on, answerDays }: { personId?: string; on: string; answerDays: number },
): Promise<AmendmentCase[]> {
  const chosen = personId === undefined ? tx.sql`true` : tx.sql`person_id = any(${await idsOf(tx, personId)})`;
  const rows = await tx.sql<Omit<AmendmentCase, "dueOn" | "clock" | "state" | "events">[]>`
    select case_id as "caseId", person_id as "personId", record_table as "recordTable", record_key as "recordKey", contested,
      request, requested_by as "requestedBy", requested_at as "requestedAt"
    from amendment_case where ${chosen} order by requested_at, case_id`;
  const events = await caseEvents(
    tx,
    rows.map(({ caseId }) => caseId),
  );
  return rows.map((row) => {
    const own = events.get(row.caseId) ?? [];
    const state = amendmentState(own);
    const requestedAt = new Date(row.requestedAt).toISOString();
    const dueOn = addDays(requestedAt.slice(0, 10), answerDays);
    return { ...row, requestedAt, dueOn, clock: clockOf(dueOn, state !== "requested", on), state, events: own };
  });
}
