import { randomUUID } from "node:crypto";
import { CairnError } from "../../errors.ts";
import { tableClasses } from "../consent/data-classes.ts";
import { dayOf } from "../consent/own-version.ts";
import type { TenantTransaction } from "../database.ts";
import { retentionRule } from "../schema/index.ts";

/** How long the records of a table are kept. */
export interface RetentionRule {
  readonly recordTable: string;
  /** Null: for ever. */
  readonly keepDays: number | null;
  /** From when the days count: since the record was known, or since the learner left the district. */
  readonly after: "known" | "left";
  /** The law or the policy it follows. */
  readonly basis: string;
  readonly decidedBy: string;
}

const keptApart = new Set([
  "pseudonym",
  "api_key",
  "provider_document",
  "disclosure",
  "amendment_case",
  "access_request",
  "learner_accessed", // goes with its line in the log of accesses
]);

/** The log of accesses: no record about a person, and the one other table a rule can be made for. */
const accessLog = "learner_access";

/** The tables a rule can be made for: those whose rows are versions of a record about a person, and the log of accesses. */
export const retainableTables: readonly string[] = [
  ...Object.keys(tableClasses).filter((name) => !keptApart.has(name) && name !== "identity_link"),
  accessLog,
];

/**
 * Makes a rule for a table; the newest counts. Cairn ships none: how long is the state's law and the district's policy.
 * @throws CairnError `BAD_INPUT` for a table, a number of days or a basis that is none
 */
export async function setRetentionRule(tx: TenantTransaction, rule: RetentionRule, now: Date): Promise<void> {
  if (!retainableTables.includes(rule.recordTable)) {
    throw new CairnError("BAD_INPUT", `expected a table of records about people, got "${rule.recordTable}"`, {
      hint: `one of ${retainableTables.join(", ")}`,
    });
  }
  if (rule.keepDays !== null && (!Number.isInteger(rule.keepDays) || rule.keepDays < 0)) {
    throw new CairnError("BAD_INPUT", `expected a whole number of days, got ${rule.keepDays}`);
  }
  if (rule.recordTable === accessLog && rule.after !== "known") {
    throw new CairnError("BAD_INPUT", "expected days since an access, got days since the learner left", {
      hint: "a line of the log may be about many learners: count from when it was written",
    });
  }
  if (rule.basis.trim() === "")
    throw new CairnError("BAD_INPUT", "expected the law or policy of the rule, got nothing");
  await tx.orm.insert(retentionRule).values({ ...rule, tenantId: tx.tenantId, decidedAt: now });
}

/** The rule in force for each table that has one, by table. */
export async function retentionRules(tx: TenantTransaction): Promise<RetentionRule[]> {
  const rows = await tx.sql<RetentionRule[]>`
    select distinct on (record_table) record_table as "recordTable", keep_days as "keepDays", after, basis,
      decided_by as "decidedBy" from retention_rule order by record_table, rule_id desc`;
  return rows.map((row) => ({ ...row }));
}

/**
 * Erases what the rules in force say is kept no longer, table by table, less the records of learners under legal hold. Each
 * table leaves a certificate. Running it twice erases once.
 * @returns rows erased, by table
 */
export async function applyRetention(tx: TenantTransaction, now: Date): Promise<Record<string, number>> {
  const erased: Record<string, number> = {};
  const rules = await retentionRules(tx);
  // Enrolments say who has left: they go last.
  const last = (name: string): number => (name === "enrolment" ? 1 : 0);
  for (const { recordTable } of rules.sort((a, b) => last(a.recordTable) - last(b.recordTable))) {
    const [day, id, moment] = [dayOf(now), `retention:${randomUUID()}`, now.toISOString()];
    const [row] = await (recordTable === accessLog
      ? tx.sql<{ rows: number }[]>`
          select cairn_retain_accesses(${day}::date, ${id}, ${moment}::timestamptz)::int as rows`
      : tx.sql<{ rows: number }[]>`
          select cairn_retain(${recordTable}, ${day}::date, ${id}, ${moment}::timestamptz)::int as rows`);
    erased[recordTable] = row!.rows;
  }
  return erased;
}
