import { desc, eq } from "drizzle-orm";
import { CairnError } from "../../../errors.ts";
import type { TenantTransaction } from "../../../records/database.ts";
import { inTenant } from "../../../records/database.ts";
import { outcomeDefinition } from "../../../records/schema/index.ts";
import type { Cairn } from "../../runtime.ts";
import type { OutcomeDefinition } from "./definition.ts";
import { defaultOutcome, readDefinition } from "./definition.ts";

/** An outcome of a district as it stands. */
export interface DistrictOutcome {
  /** Null: cairn's own, the district has decided nothing. */
  readonly version: number | null;
  readonly definition: OutcomeDefinition;
  /** Whether it is trained and scored. */
  readonly active: boolean;
  readonly decidedBy: string | null;
  /** ISO 8601, UTC; null: cairn's own. */
  readonly decidedAt: string | null;
}

/** The outcomes of a district: the newest version of each, in the order in which they were first defined. */
export function readDistrictOutcomes(cairn: Cairn, tenantId: string): Promise<DistrictOutcome[]> {
  return inTenant(cairn.database, tenantId, outcomesOf);
}

/**
 * What a night trains and scores: off track, which is what the district ranks by, and then every outcome it has defined. A district that
 * defines `off-track` itself changes what it ranks by.
 */
export async function outcomesInForce(cairn: Cairn, tenantId: string): Promise<OutcomeDefinition[]> {
  const outcomes = await readDistrictOutcomes(cairn, tenantId);
  return outcomes.filter(({ active }) => active).map(({ definition }) => definition);
}

/**
 * Defines an outcome, or a new version of it, from now on: models learn it from the next training. What was labelled by an earlier
 * version stays as it was.
 * @throws CairnError `BAD_INPUT` that names every fault
 */
export async function defineOutcome(
  cairn: Cairn,
  tenantId: string,
  given: unknown,
  decidedBy: string,
): Promise<DistrictOutcome> {
  const definition = readDefinition(given);
  return inTenant(cairn.database, tenantId, (tx) => decide(tx, definition, true, decidedBy, cairn.now()));
}

/**
 * Ends an outcome: it is no longer trained or scored.
 * @throws CairnError `NOT_FOUND` when the district has none of that name, `CONFLICT` for the one it ranks by
 */
export async function retireOutcome(
  cairn: Cairn,
  tenantId: string,
  outcome: string,
  decidedBy: string,
): Promise<DistrictOutcome> {
  if (outcome === defaultOutcome.outcome) {
    throw new CairnError("CONFLICT", "expected an outcome beside the one the ranking goes by, got that one", {
      hint: `define "${defaultOutcome.outcome}" anew to rank by something else`,
    });
  }
  return inTenant(cairn.database, tenantId, async (tx) => {
    const known = (await outcomesOf(tx)).find(({ definition, active }) => active && definition.outcome === outcome);
    if (known === undefined) {
      throw new CairnError("NOT_FOUND", `expected an outcome of the district, got "${outcome}"`, {
        hint: "see `cairn outcomes list`",
      });
    }
    return decide(tx, known.definition, false, decidedBy, cairn.now());
  });
}

async function decide(
  tx: TenantTransaction,
  definition: OutcomeDefinition,
  active: boolean,
  decidedBy: string,
  now: Date,
): Promise<DistrictOutcome> {
  const { outcome } = definition;
  // Of two that are decided at once the second follows the first.
  await tx.sql`select pg_advisory_xact_lock(hashtext('cairn.outcome'), hashtext(${outcome}))`;
  const [last] = await tx.orm
    .select({ version: outcomeDefinition.version })
    .from(outcomeDefinition)
    .where(eq(outcomeDefinition.outcome, outcome))
    .orderBy(desc(outcomeDefinition.version))
    .limit(1);
  const version = (last?.version ?? 0) + 1;
  const { tenantId } = tx;
  await tx.orm
    .insert(outcomeDefinition)
    .values({ tenantId, outcome, version, definition, active, decidedBy, decidedAt: now });
  return { version, definition, active, decidedBy, decidedAt: now.toISOString() };
}

async function outcomesOf({ orm }: TenantTransaction): Promise<DistrictOutcome[]> {
  const rows = await orm
    .select()
    .from(outcomeDefinition)
    .orderBy(outcomeDefinition.decidedAt, outcomeDefinition.outcome, outcomeDefinition.version);
  const newest = new Map<string, DistrictOutcome>([
    [
      defaultOutcome.outcome,
      { version: null, definition: defaultOutcome, active: true, decidedBy: null, decidedAt: null },
    ],
  ]);
  for (const { outcome, version, definition, active, decidedBy, decidedAt } of rows) {
    newest.set(outcome, {
      version,
      definition: readDefinition(definition),
      active,
      decidedBy,
      decidedAt: decidedAt.toISOString(),
    });
  }
  return [...newest.values()];
}
