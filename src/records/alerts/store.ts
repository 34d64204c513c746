import { createHash, randomUUID } from "node:crypto";
import { dayOf } from "../consent/own-version.ts";
import type { TenantTransaction } from "../database.ts";
import { alert, alertEvent, alertRules } from "../schema/index.ts";

/** An episode of a rule, about a learner or (a silent source) about nobody. */
export interface AlertToRaise {
  readonly rule: string;
  readonly rulesVersion: number | null;
  readonly personId: string | null;
  readonly subject: string;
  readonly dataClass: string;
  /** What opened the episode. */
  readonly openedBy: string;
  readonly happenedOn: string;
  readonly learnedAt: string;
  readonly evidence: Readonly<Record<string, number>>;
}

/** An alert as it stands, with where the school is with it. */
export interface StoredAlert {
  readonly alertId: string;
  readonly order: number;
  readonly personId: string | null;
  readonly rule: string;
  readonly rulesVersion: number | null;
  readonly subject: string;
  readonly dataClass: string;
  readonly happenedOn: string;
  readonly learnedAt: string;
  readonly raisedAt: string;
  readonly evidence: Readonly<Record<string, number>>;
}

/** A step of the school, as it is read back. */
export interface StoredStep {
  readonly alertId: string;
  readonly step: "acknowledged" | "assigned" | "closed";
  readonly by: string;
  readonly at: string;
  readonly assignedTo: string | null;
  readonly note: string | null;
  readonly doseKey: string | null;
}

const AUTHORITY = "cairn:alerts";
const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/**
 * Writes alerts that are not there yet. The id is the hash of the episode, so an episode that is found again, by another
 * process or another night, is no second alert.
 * @returns those that are new
 */
export async function insertAlerts(
  tx: TenantTransaction,
  raised: readonly AlertToRaise[],
  now: Date,
): Promise<StoredAlert[]> {
  const fresh: StoredAlert[] = [];
  for (const { openedBy, ...values } of raised) {
    const { rule, personId, subject } = values;
    const alertId = sha256(JSON.stringify([tx.tenantId, rule, personId, subject, openedBy]));
    const learnedAt = new Date(values.learnedAt);
    const own = provenanceOf(tx.tenantId, "derived", alertId, values, now);
    const [row] = await tx.orm
      .insert(alert)
      .values({ ...own, ...values, alertId, learnedAt })
      .onConflictDoNothing({ target: [alert.tenantId, alert.alertId] })
      .returning({ order: alert.versionId });
    if (row !== undefined) fresh.push({ ...values, alertId, order: row.order, raisedAt: now.toISOString() });
  }
  return fresh;
}

/** Which alerts to read, newest first. */
export interface AlertFilter {
  readonly alertId?: string;
  readonly personIds?: readonly string[];
  /** Only those raised before this one (by `order`). */
  readonly before?: number;
  readonly limit?: number;
}

/** Alerts of the tenant, newest first. */
export async function readAlerts(tx: TenantTransaction, filter: AlertFilter): Promise<StoredAlert[]> {
  const { sql } = tx;
  const one = filter.alertId === undefined ? sql`true` : sql`alert_id = ${filter.alertId}`;
  const people = filter.personIds === undefined ? sql`true` : sql`person_id = any(${[...filter.personIds]})`;
  const before = filter.before === undefined ? sql`true` : sql`version_id < ${filter.before}`;
  const rows = await sql<(StoredAlert & { learnedAt: string; raisedAt: string })[]>`
    select alert_id as "alertId", version_id::int as order, person_id as "personId", rule, rules_version as "rulesVersion", subject,
      data_class as "dataClass", happened_on::text as "happenedOn", learned_at as "learnedAt", received_at as "raisedAt", evidence
    from alert where ${one} and ${people} and ${before} order by version_id desc limit ${filter.limit ?? 1_000_000}`;
  return rows.map((row) => ({
    ...row,
    learnedAt: new Date(row.learnedAt).toISOString(),
    raisedAt: new Date(row.raisedAt).toISOString(),
  }));
}

/** The steps of these alerts, oldest first. */
export async function readSteps(tx: TenantTransaction, alertIds: readonly string[]): Promise<StoredStep[]> {
  const rows = await tx.sql<StoredStep[]>`
    select alert_id as "alertId", step, by, at, assigned_to as "assignedTo", note, dose_key as "doseKey"
    from alert_event where alert_id = any(${[...alertIds]}) order by version_id`;
  return rows.map((row) => ({ ...row, at: new Date(row.at).toISOString() }));
}

/** Adds a step to the history of an alert: nothing of it is ever changed. */
export async function insertStep(
  tx: TenantTransaction,
  { personId, ...step }: Omit<StoredStep, "at"> & { readonly personId: string | null },
  now: Date,
): Promise<void> {
  const own = provenanceOf(tx.tenantId, "contributed", randomUUID(), step, now);
  await tx.orm.insert(alertEvent).values({ ...own, ...step, personId, at: now });
}

function provenanceOf(tenantId: string, standing: "derived" | "contributed", id: string, values: unknown, now: Date) {
  return {
    tenantId,
    recordKey: `${AUTHORITY}:${id}`,
    contentHash: sha256(JSON.stringify(values)),
    class: standing,
    authority: AUTHORITY,
    batchId: AUTHORITY,
    sourceRecordId: id,
    knownOn: dayOf(now),
    receivedAt: now,
  };
}

/** What a district decided about its rules, with who decided it. */
export interface StoredRules {
  readonly version: number;
  readonly rules: unknown;
  readonly decidedBy: string;
  readonly decidedAt: string;
}

/** The rules in force; undefined while the district has none of its own. */
export async function latestRules(tx: TenantTransaction): Promise<StoredRules | undefined> {
  const [row] = await tx.sql<StoredRules[]>`
    select version, rules, decided_by as "decidedBy", decided_at as "decidedAt" from alert_rules order by version desc limit 1`;
  return row === undefined ? undefined : { ...row, decidedAt: new Date(row.decidedAt).toISOString() };
}

/** Writes the next version of a district's rules. Two that are written at once: the second is refused by its key. */
export async function insertRules(
  tx: TenantTransaction,
  { rules, decidedBy, now }: { readonly rules: unknown; readonly decidedBy: string; readonly now: Date },
): Promise<number> {
  const version = ((await latestRules(tx))?.version ?? 0) + 1;
  await tx.orm.insert(alertRules).values({ tenantId: tx.tenantId, version, rules, decidedBy, decidedAt: now });
  return version;
}
