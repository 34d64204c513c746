import { randomUUID } from "node:crypto";
import { CairnError } from "../../errors.ts";
import { requireCapacity } from "../consent/acting.ts";
import { dayOf } from "../consent/own-version.ts";
import type { TenantTransaction } from "../database.ts";
import { idsOf } from "../identity/links.ts";
import { accessRequest } from "../schema/index.ts";
import type { CaseEvent, Clock } from "./cases.ts";
import { addCaseEvent, addDays, caseEvents, clockOf } from "./cases.ts";

/** A request to inspect the record (34 CFR 99.10), as it stands on a day. */
export interface AccessRequest {
  readonly caseId: string;
  readonly personId: string;
  readonly requestedBy: string;
  /** ISO 8601, UTC. */
  readonly requestedAt: string;
  /** The last legal day is the one before: on this day the answer is late. */
  readonly dueOn: string;
  readonly clock: Clock;
  readonly events: readonly CaseEvent[];
}

/**
 * Opens a request to inspect. While it is open nothing of the learner may be destroyed (34 CFR 99.10(e)).
 * @param answerDays - within how many days the district answers
 * @returns the id of the request
 * @throws CairnError `FORBIDDEN` when it is not her learner
 */
export async function requestAccess(
  tx: TenantTransaction,
  { personId, actorId, answerDays, now }: { personId: string; actorId: string; answerDays: number; now: Date },
): Promise<string> {
  await requireCapacity(tx, { actorId, personId, on: dayOf(now) });
  const caseId = `access:${randomUUID()}`;
  await tx.orm.insert(accessRequest).values({
    tenantId: tx.tenantId,
    caseId,
    personId,
    requestedBy: actorId,
    requestedAt: now,
    dueOn: addDays(dayOf(now), answerDays),
  });
  return caseId;
}

/**
 * Closes a request: the record was inspected, or a copy given.
 * @throws CairnError `NOT_FOUND`, `CONFLICT` when it is closed already, `BAD_INPUT` without words on how it was answered
 */
export async function answerAccess(
  tx: TenantTransaction,
  { caseId, text, by, now }: { caseId: string; text: string; by: string; now: Date },
): Promise<void> {
  if (text.trim() === "") throw new CairnError("BAD_INPUT", "expected how the request was answered, got nothing");
  const rows = await tx.sql`select 1 from access_request where case_id = ${caseId}`;
  if (rows.length === 0) throw new CairnError("NOT_FOUND", "expected an access request, got none of that id");
  const events = (await caseEvents(tx, [caseId])).get(caseId) ?? [];
  if (events.some(({ kind }) => kind === ANSWERED)) {
    throw new CairnError("CONFLICT", "expected an open request, got one that was answered");
  }
  await addCaseEvent(tx, { caseId, kind: ANSWERED, text, by, now });
}

const ANSWERED = "answered";

/** The requests of a learner, or of the whole district, oldest first, each with its clock on a day (CON-12). */
export async function accessRequests(
  tx: TenantTransaction,
  { personId, on }: { personId?: string; on: string },
): Promise<AccessRequest[]> {
  const chosen = personId === undefined ? tx.sql`true` : tx.sql`person_id = any(${await idsOf(tx, personId)})`;
  const rows = await tx.sql<Omit<AccessRequest, "clock" | "events">[]>`
    select case_id as "caseId", person_id as "personId", requested_by as "requestedBy", requested_at as "requestedAt",
      due_on as "dueOn" from access_request where ${chosen} order by requested_at, case_id`;
  const events = await caseEvents(
    tx,
    rows.map(({ caseId }) => caseId),
  );
  return rows.map((row) => {
    const own = events.get(row.caseId) ?? [];
    const answered = own.some(({ kind }) => kind === ANSWERED);
    return {
      ...row,
      requestedAt: new Date(row.requestedAt).toISOString(),
      clock: clockOf(row.dueOn, answered, on),
      events: own,
    };
  });
}
