import type { TenantTransaction } from "../database.ts";
import { caseEvent } from "../schema/index.ts";

/** Something that happened in a case, in order. */
export interface CaseEvent {
  readonly kind: string;
  readonly text: string | null;
  /** The account, key or person. */
  readonly by: string;
  /** ISO 8601, UTC. */
  readonly at: string;
}

/** Adds what happened to a case. Cases are append-only: what was said stays said. */
export async function addCaseEvent(
  tx: TenantTransaction,
  { caseId, kind, text, by, now }: { caseId: string; kind: string; text: string | null; by: string; now: Date },
): Promise<void> {
  await tx.orm.insert(caseEvent).values({ tenantId: tx.tenantId, caseId, kind, text, by, at: now });
}

/** What happened in each of these cases, oldest first. */
export async function caseEvents(tx: TenantTransaction, caseIds: readonly string[]): Promise<Map<string, CaseEvent[]>> {
  const rows = await tx.sql<(CaseEvent & { caseId: string })[]>`
    select case_id as "caseId", kind, text, by, at from case_event where case_id = any(${[...caseIds]}) order by event_id`;
  const cases = new Map<string, CaseEvent[]>();
  for (const { caseId, at, ...event } of rows) {
    const events = cases.get(caseId) ?? [];
    events.push({ ...event, at: new Date(at).toISOString() });
    cases.set(caseId, events);
  }
  return cases;
}

/** A request of a family that is answered within the legal days. */
export type Clock = "open" | "due soon" | "overdue" | "answered";

const REMINDER_DAYS = 10; // a working week and a half: time to act before the breach

/**
 * Where a request stands on a day: a reminder in the last ten days, a breach once the legal days are over (CON-12).
 * @param dueOn - the last day on which an answer is in time; from the day itself on it counts as overdue
 */
export function clockOf(dueOn: string, answered: boolean, on: string): Clock {
  if (answered) return "answered";
  if (on >= dueOn) return "overdue";
  return daysBetween(on, dueOn) <= REMINDER_DAYS ? "due soon" : "open";
}

/** The day so many days after another. Days are YYYY-MM-DD. */
export function addDays(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}

function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / 86_400_000);
}
