import type postgres from "postgres";
import { CairnError } from "../../../errors.ts";
import type { TenantTransaction } from "../../../records/database.ts";
import type { Standing } from "./standing.ts";

/** What a transaction has under way: known to it alone, until it is committed. */
interface Underway {
  readonly writes: postgres.PendingQuery<postgres.Row[]>[];
  /** Standings it has written, by learner. */
  readonly standings: Map<string, Standing>;
}

const underway = new WeakMap<TenantTransaction, Underway>();

/** Lets a transaction write behind; whoever runs it waits for {@link written} before anybody is told that it went well. */
export function allowBehind(tx: TenantTransaction): void {
  underway.set(tx, { writes: [], standings: new Map() });
}

function of(tx: TenantTransaction): Underway {
  const known = underway.get(tx);
  if (known === undefined) throw new CairnError("INTERNAL", "expected a transaction of withLiveModels, got another");
  return known;
}

/**
 * Sends a write without waiting for its answer, so that what follows travels with it. One that fails takes the transaction with it:
 * the server refuses everything after it and turns the commit into a rollback.
 */
export function writeBehind(tx: TenantTransaction, query: postgres.PendingQuery<postgres.Row[]>): void {
  of(tx).writes.push(query.execute());
}

/** Resolves when every write that was sent ahead is known to have gone well. @throws what the first that failed throws */
export async function written(tx: TenantTransaction): Promise<void> {
  await Promise.all(of(tx).writes);
}

/** Standings this transaction has written: no other request may see them, and this one need not read them again. */
export function ownStandings(tx: TenantTransaction): Map<string, Standing> {
  return of(tx).standings;
}
