import { createHash } from "node:crypto";
import { CairnError } from "../../errors.ts";
import { standardNames } from "../../records/alerts/caseload.ts";
import type { StoredAlert, StoredStep } from "../../records/alerts/store.ts";
import { readAlerts, readSteps } from "../../records/alerts/store.ts";
import { legalBases } from "../../records/consent/uses.ts";
import type { TenantTransaction } from "../../records/database.ts";
import { inTenant } from "../../records/database.ts";
import { logDisclosures } from "../../records/disclosure/log.ts";
import type { KnownPerson } from "../../records/identity/people.ts";
import { peopleByIds } from "../../records/identity/people.ts";
import type { Cairn } from "../runtime.ts";
import type { AlertReader } from "./readers.ts";
import { caseloadOf, readerBasis } from "./readers.ts";
import { silencedLearners } from "./refusals.ts";
import { ruleNamed } from "./rules/rules.ts";
import { rulesInForce } from "./settings.ts";
import type { AlertWords } from "./words.ts";
import { alertWords } from "./words.ts";

/** Where the school is with an alert. */
export const alertStates = ["open", "acknowledged", "assigned", "closed"] as const;

/** One of {@link alertStates}. */
export type AlertState = (typeof alertStates)[number];

/** An alert as its reader gets it: by name, in her words. This leaves the engine only towards those who may see it. */
export interface AlertNotice extends AlertWords {
  readonly alertId: string;
  readonly rule: string;
  /** Null: nobody is meant. */
  readonly learner: { readonly number: string | null; readonly name: string } | null;
  /** A standard, `attendance`, a source: as the school calls it; null for a family, whose words say what it is about. */
  readonly subject: string | null;
  /** The standard's name, where it is about one; null for a family. */
  readonly label: string | null;
  /** Counts and days; null for a family. */
  readonly evidence: Readonly<Record<string, number>> | null;
  readonly happenedOn: string;
  readonly raisedAt: string;
  readonly state: AlertState;
  readonly assignedTo: string | null;
  /** What the school has done, oldest first; a family sees the state alone. */
  readonly history: readonly Omit<StoredStep, "alertId" | "doseKey">[];
  readonly legalBasis: string;
}

/** A page of the feed, newest first. */
export interface AlertFeed {
  readonly alerts: readonly AlertNotice[];
  /** Gives the next page; null at the end. */
  readonly next: string | null;
  /** Of this very page: the same etag, the same page. */
  readonly etag: string;
}

/** What of the feed is asked for. */
export interface FeedQuestion {
  readonly limit: number;
  readonly cursor?: string;
  readonly state?: AlertState;
}

/**
 * The alerts of a reader's caseload. What a family refuses is not among them, from the next read on. What is shown for the
 * first time is written to the record of disclosures in the same transaction.
 * @throws CairnError `BAD_INPUT` for a cursor that is none
 */
export function readFeed(cairn: Cairn, reader: AlertReader, question: FeedQuestion): Promise<AlertFeed> {
  return inTenant(cairn.database, reader.tenantId, async (tx) => {
    const now = cairn.now();
    const { alerts, last } = await pageOf(tx, reader, question, now);
    const notices = await tell(tx, reader, alerts);
    await noteShown(tx, reader, alerts, now);
    const next = last === undefined ? null : Buffer.from(String(last)).toString("base64url");
    const etag = `"${createHash("sha256")
      .update(JSON.stringify([notices, next]))
      .digest("base64url")}"`;
    return { alerts: notices, next, etag };
  });
}

async function pageOf(tx: TenantTransaction, reader: AlertReader, question: FeedQuestion, now: Date) {
  const caseload = await caseloadOf(tx, reader, now);
  const people = caseload.personIds === undefined ? {} : { personIds: caseload.personIds };
  const alerts: StoredAlert[] = [];
  let before = question.cursor === undefined ? {} : { before: orderOf(question.cursor) };
  for (;;) {
    const read = await readAlerts(tx, { ...people, ...before, limit: question.limit + 1 });
    const visible = await visibleTo(tx, reader, read, now);
    const wanted = visible.filter((alert) => caseload.includes(alert));
    const states = await statesOf(tx, wanted);
    for (const alert of wanted) {
      if (question.state !== undefined && states.get(alert.alertId) !== question.state) continue;
      if (alerts.length === question.limit) return { alerts, last: alerts.at(-1)!.order };
      alerts.push(alert);
    }
    if (read.length <= question.limit) return { alerts, last: undefined };
    before = { before: read.at(-1)!.order };
  }
}

function orderOf(cursor: string): number {
  const order = Number(Buffer.from(cursor, "base64url").toString("utf8"));
  if (Number.isSafeInteger(order) && order > 0) return order;
  throw new CairnError("BAD_INPUT", "expected the cursor of a page, got another text", {
    hint: "pass `next` of the page before as it stands",
  });
}

/** Alerts whose rule tells this audience, and about which no family says no. */
async function visibleTo(
  tx: TenantTransaction,
  { audience }: AlertReader,
  alerts: readonly StoredAlert[],
  now: Date,
): Promise<StoredAlert[]> {
  const { rules } = await rulesInForce(tx);
  const silenced = await silencedLearners(tx, alerts, now, "the school");
  const noticesOff = await silencedLearners(tx, alerts, now, "the family");
  return alerts.filter(({ rule, personId, dataClass }) => {
    const known = ruleNamed(rule);
    if (known === undefined || !rules[known].tell.includes(audience)) return false;
    if (personId === null) return audience === "counselor";
    if (silenced(personId, dataClass)) return false;
    return audience !== "family" || !noticesOff(personId, dataClass);
  });
}

/**
 * One alert of a reader's own.
 * @throws CairnError `NOT_FOUND` when there is none, or it is not hers: the two look alike
 */
export async function ownAlert(
  tx: TenantTransaction,
  reader: AlertReader,
  alertId: string,
  now: Date,
): Promise<StoredAlert> {
  const caseload = await caseloadOf(tx, reader, now);
  const people = caseload.personIds === undefined ? {} : { personIds: caseload.personIds };
  const [found] = await visibleTo(tx, reader, await readAlerts(tx, { ...people, alertId }), now);
  if (found !== undefined && caseload.includes(found)) return found;
  throw new CairnError("NOT_FOUND", "expected an alert of yours, got none of that id", { hint: "see GET /v1/alerts" });
}

/** Alerts in the words of their reader, in their order. */
export async function tell(
  tx: TenantTransaction,
  reader: AlertReader,
  alerts: readonly StoredAlert[],
): Promise<AlertNotice[]> {
  const people = new Map<string, KnownPerson>();
  for (const person of await peopleByIds(tx, [...new Set(alerts.flatMap(({ personId }) => personId ?? []))])) {
    people.set(person.personId, person);
  }
  const names = await standardNames(tx, [...new Set(alerts.map(({ subject }) => subject))]);
  const steps = new Map<string, StoredStep[]>();
  for (const step of await readSteps(
    tx,
    alerts.map(({ alertId }) => alertId),
  )) {
    steps.set(step.alertId, [...(steps.get(step.alertId) ?? []), step]);
  }
  const isFamily = reader.audience === "family";
  return alerts.map((alert) => {
    const person = alert.personId === null ? undefined : people.get(alert.personId);
    const history = steps.get(alert.alertId) ?? [];
    const facts = {
      rule: ruleNamed(alert.rule)!,
      givenName: person?.givenName ?? null,
      label: names.get(alert.subject)?.label ?? null,
      subject: alert.subject,
      evidence: alert.evidence,
    };
    return {
      alertId: alert.alertId,
      rule: alert.rule,
      learner: alert.personId === null ? null : { number: person?.number ?? null, name: nameOf(person) },
      subject: isFamily ? null : alert.subject,
      label: isFamily ? null : facts.label,
      evidence: isFamily ? null : alert.evidence,
      happenedOn: alert.happenedOn,
      raisedAt: alert.raisedAt,
      state: history.at(-1)?.step ?? "open",
      assignedTo: isFamily ? null : (history.findLast(({ step }) => step === "assigned")?.assignedTo ?? null),
      history: isFamily
        ? []
        : history.map(({ step, by, at, assignedTo, note }) => ({ step, by, at, assignedTo, note })),
      legalBasis: legalBases[readerBasis[reader.audience]],
      ...alertWords(reader.audience, facts),
    };
  });
}

const nameOf = (person: KnownPerson | undefined): string =>
  [person?.givenName, person?.familyName].filter(Boolean).join(" ");

async function statesOf(tx: TenantTransaction, alerts: readonly StoredAlert[]): Promise<Map<string, AlertState>> {
  const states = new Map<string, AlertState>(alerts.map(({ alertId }) => [alertId, "open"]));
  for (const { alertId, step } of await readSteps(tx, [...states.keys()])) states.set(alertId, step);
  return states;
}

/** One line of the record of disclosures for each alert and reader, at its first showing: a feed is asked all day. */
async function noteShown(
  tx: TenantTransaction,
  reader: AlertReader,
  alerts: readonly StoredAlert[],
  now: Date,
): Promise<void> {
  const requester = reader.personId ?? reader.recordedBy;
  const reference = ({ alertId }: StoredAlert): string => `alert ${alertId}`;
  const about = alerts.filter(({ personId }) => personId !== null);
  const rows = await tx.sql<{ reference: string }[]>`
    select distinct reference from disclosure where requester = ${requester}
      and person_id = any(${about.map(({ personId }) => personId!)}) and reference = any(${about.map(reference)})`;
  const known = new Set(rows.map((row) => row.reference));
  const lines = about
    .filter((alert) => !known.has(reference(alert)))
    .map((alert) => ({
      personId: alert.personId!,
      outcome: "disclosed" as const,
      requester,
      party: reader.audience === "family" ? "the family" : "the school",
      interest: "early sign that a learner needs help",
      legalBasis: readerBasis[reader.audience],
      dataClasses: ["identity", alert.dataClass],
      agreementId: null,
      consentKey: null,
      onwardParties: null,
      specialEducation: false,
      reason: null,
      reference: reference(alert),
    }));
  await logDisclosures(tx, lines, now);
}
