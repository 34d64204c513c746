import { createHash, randomUUID } from "node:crypto";
import { desc, eq } from "drizzle-orm";
import { CairnError } from "../../errors.ts";
import type { TenantTransaction } from "../database.ts";
import { idsOf } from "../identity/links.ts";
import { consentDecision } from "../schema/index.ts";
import { requireCapacity } from "./acting.ts";
import { isChoosableClass } from "./data-classes.ts";
import type { Provision } from "./decide.ts";
import { dayOf, ownVersion } from "./own-version.ts";
import { consentTextOf } from "./texts.ts";
import { isPurpose, uses } from "./uses.ts";

/** What somebody decides about a learner's record. */
export interface DecisionToRecord {
  readonly personId: string;
  readonly purpose: string;
  readonly decision: "permit" | "deny";
  /** Null: every class. */
  readonly dataClasses: readonly string[] | null;
  /** A party, a person or a class of parties; null: everybody (a permit of sharing must name one). */
  readonly party: string | null;
  /** The last day it holds, YYYY-MM-DD; null: until taken back. A permit of sharing without one ends after a year. */
  readonly expiresOn: string | null;
  /** The person of the record who decides; undefined where the office records a paper form. */
  readonly actorId?: string;
  /** How the person was authenticated: `password and code by mail`, `signature on paper, seen by the office`. */
  readonly authentication: string;
  /** The wording that was shown, which must be kept already. */
  readonly text?: { readonly textId: string; readonly version: number; readonly language: string };
  /** The account or key that wrote it down. */
  readonly recordedBy: string;
  readonly now: Date;
}

/** A decision as it stands in the history: every version, also those that later ones replaced. */
export interface DecisionVersion extends Provision {
  readonly personId: string;
  readonly decidedBy: string | null;
  readonly textId: string | null;
  readonly textVersion: number | null;
  readonly language: string | null;
  readonly copyDeliveredAt: string | null;
  readonly authority: string;
}

const DAYS_OF_A_GRANT = 365; // a small audience for a short time is the default (privacy handbook, part 3)

/**
 * Writes down what a guardian or an eligible student decided, or the office's record of a paper form.
 * @returns the record key of the decision
 * @throws CairnError `BAD_INPUT` for a purpose, class or day that is none, for sharing without a party (CON-4) and for a
 * signature of nobody who was authenticated (CON-3); `FORBIDDEN` when it is not hers to decide; `CONFLICT` when the purpose
 * leaves a family nothing to decide; `NOT_FOUND` when the wording shown is not kept
 */
export async function recordDecision(tx: TenantTransaction, asked: DecisionToRecord): Promise<string> {
  checkDecision(asked);
  const on = dayOf(asked.now);
  const capacity: NonNullable<Provision["capacity"]> =
    asked.actorId === undefined
      ? "paper-form"
      : await requireCapacity(tx, { actorId: asked.actorId, personId: asked.personId, on });
  const ids = await idsOf(tx, asked.personId);
  const known = await tx.sql`select 1 from person where person_id = any(${ids}) limit 1`;
  if (known.length === 0) throw new CairnError("NOT_FOUND", "expected a learner of the record, got nobody of that id");
  if (asked.text !== undefined) await consentTextOf(tx, asked.text);
  const values = {
    personId: asked.personId,
    purpose: asked.purpose,
    decision: asked.decision,
    decidedOn: on,
    decidedAt: asked.now,
    decidedBy: asked.actorId ?? asked.recordedBy,
    capacity,
    authentication: asked.authentication,
    dataClasses: asked.dataClasses === null ? null : [...asked.dataClasses],
    party: asked.party,
    beginsOn: on,
    expiresOn: asked.expiresOn ?? defaultEnd(asked),
    textId: asked.text?.textId ?? null,
    textVersion: asked.text?.version ?? null,
    language: asked.text?.language ?? null,
    copyDeliveredAt: asked.now, // the receipt is the answer to the call that decides
  };
  const own = ownVersion(tx.tenantId, randomUUID(), values, asked.now);
  await tx.orm.insert(consentDecision).values({ ...own, ...values });
  return own.recordKey;
}

function checkDecision({
  purpose,
  decision,
  dataClasses,
  party,
  authentication,
  expiresOn,
  now,
}: DecisionToRecord): void {
  if (!isPurpose(purpose)) {
    throw new CairnError("BAD_INPUT", `expected one of the purposes ${Object.keys(uses).join(", ")}, got "${purpose}"`);
  }
  const { family } = uses[purpose];
  if (family === "is told") {
    throw new CairnError("CONFLICT", `expected a purpose that a family decides about, got "${purpose}"`, {
      hint: "this use rests on another legal basis: see docs/privacy.md",
    });
  }
  if (decision === "permit" && family === "grants" && (party ?? "") === "") {
    throw new CairnError("BAD_INPUT", "expected the party that may read, got none", {
      hint: "a consent names who receives the records (34 CFR 99.30)",
    });
  }
  const strange = (dataClasses ?? []).find((name) => !isChoosableClass(name));
  if (strange !== undefined || dataClasses?.length === 0) {
    throw new CairnError("BAD_INPUT", `expected kinds of data that can be chosen, got "${strange ?? "none"}"`);
  }
  if (authentication.trim() === "") {
    throw new CairnError("BAD_INPUT", "expected how the person was authenticated, got nothing", {
      hint: "a signature without it is no consent (34 CFR 99.30(d))",
    });
  }
  if (expiresOn !== null && (!/^\d{4}-\d{2}-\d{2}$/.test(expiresOn) || expiresOn < dayOf(now))) {
    throw new CairnError("BAD_INPUT", `expected an end today or later, as YYYY-MM-DD, got "${expiresOn}"`);
  }
}

function defaultEnd({ decision, purpose, now }: DecisionToRecord): string | null {
  if (decision === "deny" || purpose !== "sharing") return null;
  return dayOf(new Date(now.getTime() + DAYS_OF_A_GRANT * 86_400_000));
}

/**
 * Takes a decision back, effective at the next read. The decision stays in the history; a new version of it says that it
 * holds no longer.
 * @param by - who takes it back: a person of the record who may decide, or the office's record of a paper form
 * @throws CairnError `NOT_FOUND` when there is no such decision in force, `FORBIDDEN` when it is not hers to take back
 */
export async function withdrawDecision(
  tx: TenantTransaction,
  { key, actorId, recordedBy, now }: { key: string; actorId?: string; recordedBy: string; now: Date },
): Promise<void> {
  const [found] = await tx.orm
    .select()
    .from(consentDecision)
    .where(eq(consentDecision.recordKey, key))
    .orderBy(desc(consentDecision.knownOn), desc(consentDecision.versionId))
    .limit(1);
  if (found === undefined || found.decision === "withdrawn" || found.retractedAt !== null) {
    throw new CairnError("NOT_FOUND", "expected a decision in force, got none of that key", {
      hint: "list them with `cairn consent list`",
    });
  }
  const on = dayOf(now);
  const capacity: NonNullable<Provision["capacity"]> =
    actorId === undefined ? "paper-form" : await requireCapacity(tx, { actorId, personId: found.personId, on });
  const { versionId, ...version } = found;
  await tx.orm.insert(consentDecision).values({
    ...version,
    decision: "withdrawn",
    decidedOn: on,
    decidedAt: now,
    decidedBy: actorId ?? recordedBy,
    capacity,
    contentHash: createHash("sha256").update(`withdrawn ${found.contentHash} ${now.toISOString()}`).digest("hex"),
    knownOn: [on, found.knownOn].sort()[1] as string, // a clock that was set back must not hide the withdrawal
    receivedAt: now,
    supersedes: versionId,
  });
}

/** Everything that was ever decided about a learner, oldest first. */
export async function decisionHistory(tx: TenantTransaction, personId: string): Promise<DecisionVersion[]> {
  const rows = await tx.sql<DecisionVersion[]>`
    select person_id as "personId", record_key as key, purpose, decision, decided_on as "decidedOn", decided_at as "decidedAt",
      decided_by as "decidedBy", capacity, authentication, data_classes as "dataClasses", party, begins_on as "beginsOn",
      expires_on as "expiresOn", text_id as "textId", text_version as "textVersion", language,
      copy_delivered_at as "copyDeliveredAt", authority
    from consent_decision where person_id = any(${await idsOf(tx, personId)}) order by version_id`;
  const moment = (text: string | null): string | null => (text === null ? null : new Date(text).toISOString());
  return rows.map((row) => ({
    ...row,
    decidedAt: moment(row.decidedAt),
    copyDeliveredAt: moment(row.copyDeliveredAt),
  }));
}
