import { insertRules, latestRules } from "../../records/alerts/store.ts";
import type { TenantTransaction } from "../../records/database.ts";
import { inTenant } from "../../records/database.ts";
import type { Cairn } from "../runtime.ts";
import type { Rules } from "./rules/rules.ts";
import { readRules } from "./rules/rules.ts";

/** The rules of a district as they stand. */
export interface DistrictRules {
  /** Null: cairn's own, the district has decided nothing. */
  readonly version: number | null;
  readonly rules: Rules;
  readonly decidedBy: string | null;
  /** ISO 8601, UTC; null: cairn's own. */
  readonly decidedAt: string | null;
}

/** The rules that hold in a transaction. @throws CairnError `BAD_INPUT` when what is stored is no longer understood */
export async function rulesInForce(tx: TenantTransaction): Promise<DistrictRules> {
  const stored = await latestRules(tx);
  if (stored === undefined) return { version: null, rules: readRules({}), decidedBy: null, decidedAt: null };
  const { version, rules, decidedBy, decidedAt } = stored;
  return { version, rules: readRules(rules), decidedBy, decidedAt };
}

/** The rules of a district. */
export function readDistrictRules(cairn: Cairn, tenantId: string): Promise<DistrictRules> {
  return inTenant(cairn.database, tenantId, rulesInForce);
}

/**
 * Decides the rules of a district from now on: a new version, which looks forward only.
 * @param decided - what is wanted otherwise than cairn's own
 * @throws CairnError `BAD_INPUT` that names every fault
 */
export async function decideRules(
  cairn: Cairn,
  tenantId: string,
  decided: unknown,
  decidedBy: string,
): Promise<DistrictRules> {
  const rules = readRules(decided);
  return inTenant(cairn.database, tenantId, async (tx) => {
    await insertRules(tx, { rules, decidedBy, now: cairn.now() });
    return rulesInForce(tx);
  });
}
