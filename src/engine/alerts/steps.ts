import { createHash } from "node:crypto";
import { CairnError } from "../../errors.ts";
import type { StoredAlert } from "../../records/alerts/store.ts";
import { insertStep, readSteps } from "../../records/alerts/store.ts";
import { dayOf } from "../../records/consent/own-version.ts";
import type { TenantTransaction } from "../../records/database.ts";
import { inTenant } from "../../records/database.ts";
import { dose, intervention } from "../../records/schema/index.ts";
import type { Cairn } from "../runtime.ts";
import type { AlertNotice, AlertState } from "./feed.ts";
import { ownAlert, tell } from "./feed.ts";
import { queueMessages } from "./outbox.ts";
import type { AlertReader } from "./readers.ts";

/** What was done for the learner: it becomes a dose, which studies read. */
export interface Help {
  /** The district's id of what was done; one that is new becomes an intervention of the district. */
  readonly intervention: string;
  /** What people call it, for one that is new. */
  readonly name?: string;
  readonly minutes?: number;
  /** Default: the learner was there. */
  readonly attended?: boolean;
}

/** A step of the school. */
export type AlertStep =
  | { readonly step: "acknowledged"; readonly note?: string }
  | { readonly step: "assigned"; readonly to: string; readonly note?: string }
  | { readonly step: "closed"; readonly note: string; readonly help?: Help };

/** From where a step can be taken: forward, again to somebody else, and never back. */
const from: Readonly<Record<AlertStep["step"], readonly AlertState[]>> = {
  acknowledged: ["open"],
  assigned: ["open", "acknowledged", "assigned"],
  closed: ["open", "acknowledged", "assigned"],
};

const AUTHORITY = "cairn:alerts";

/**
 * Takes a step: it is added to the history, and nothing of the history is changed. Closing with what was done writes the dose
 * in the same transaction, as the school's own word (contributed).
 * @returns the alert as it stands now
 * @throws CairnError `NOT_FOUND` when it is not the reader's, `FORBIDDEN` for a family, `CONFLICT` when the step does not follow,
 * `BAD_INPUT` for help with an alert that is about nobody
 */
export function takeStep(cairn: Cairn, reader: AlertReader, alertId: string, step: AlertStep): Promise<AlertNotice> {
  if (reader.audience === "family") {
    throw new CairnError("FORBIDDEN", "expected somebody of the school, got a family", {
      hint: "write to the school; what is wrong in the record is disputed under /v1/families",
    });
  }
  return inTenant(cairn.database, reader.tenantId, async (tx) => {
    const now = cairn.now();
    // Of two steps that are taken at once the second must see the first.
    await tx.sql`select pg_advisory_xact_lock(hashtext('cairn.alert'), hashtext(${alertId}))`;
    const alert = await ownAlert(tx, reader, alertId, now);
    const state = (await readSteps(tx, [alertId])).at(-1)?.step ?? "open";
    if (!from[step.step].includes(state)) {
      throw new CairnError("CONFLICT", `expected an alert that can be ${step.step}, got one that is ${state}`, {
        hint: "read it again: somebody may have taken a step meanwhile",
      });
    }
    const doseKey =
      step.step === "closed" && step.help !== undefined ? await writeDose(tx, alert, step.help, reader, now) : null;
    const by = reader.personId ?? reader.recordedBy;
    const { personId, rule } = alert;
    const assignedTo = step.step === "assigned" ? step.to : null;
    await insertStep(tx, { alertId, personId, step: step.step, by, assignedTo, note: step.note ?? null, doseKey }, now);
    await queueMessages(tx, step.step, [{ alertId, rule }], now);
    const [notice] = await tell(tx, reader, [alert]);
    return notice!;
  });
}

/** The dose that closing an alert records, and the intervention when it is new. @returns the dose's record key */
async function writeDose(
  tx: TenantTransaction,
  alert: StoredAlert,
  help: Help,
  reader: AlertReader,
  now: Date,
): Promise<string> {
  const { personId, alertId } = alert;
  if (personId === null) {
    throw new CairnError("BAD_INPUT", "expected help for a learner, got an alert that is about nobody", {
      hint: "close it with words alone",
    });
  }
  const known = await tx.sql`select 1 from intervention where intervention = ${help.intervention} limit 1`;
  if (known.length === 0) {
    const values = { intervention: help.intervention, name: help.name ?? help.intervention };
    await tx.orm
      .insert(intervention)
      .values({ ...own(tx, `intervention ${help.intervention}`, values, now), ...values });
  }
  const values = {
    personId,
    intervention: help.intervention,
    onDate: dayOf(now),
    minutes: help.minutes ?? null,
    attended: help.attended ?? true,
    deliveredBy: reader.personId ?? reader.recordedBy,
  };
  const version = own(tx, `dose ${alertId}`, values, now);
  await tx.orm.insert(dose).values({ ...version, ...values });
  return version.recordKey;
}

/** The provenance of what the school said when it closed an alert. */
function own(tx: TenantTransaction, id: string, values: unknown, now: Date) {
  return {
    tenantId: tx.tenantId,
    recordKey: `${AUTHORITY}:${id}`,
    contentHash: createHash("sha256").update(JSON.stringify(values)).digest("hex"),
    class: "contributed" as const,
    authority: AUTHORITY,
    batchId: AUTHORITY,
    sourceRecordId: id,
    knownOn: dayOf(now),
    receivedAt: now,
  };
}
