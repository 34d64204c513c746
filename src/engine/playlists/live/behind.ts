import type postgres from "postgres";
import { CairnError } from "../../../errors.ts";
import type { TenantTransaction } from "../../../records/database.ts";

type Write = postgres.PendingQuery<postgres.Row[]>;

const underway = new WeakMap<TenantTransaction, Write[]>();

/** Lets a transaction write behind; whoever runs it waits for {@link written} before anybody is told that it went well. */
export function allowBehind(tx: TenantTransaction): void {
  underway.set(tx, []);
}

function writesOf(tx: TenantTransaction): Write[] {
  const known = underway.get(tx);
  if (known === undefined) throw new CairnError("INTERNAL", "expected a transaction of withLiveModels, got another");
  return known;
}

/**
 * Sends a write without waiting for its answer, so that what follows travels with it. One that fails takes the transaction with it:
 * the server refuses everything after it and turns the commit into a rollback.
 */
export function writeBehind(tx: TenantTransaction, query: Write): void {
  writesOf(tx).push(query.execute());
}

/** Resolves when every write that was sent ahead is known to have gone well. @throws what the first that failed throws */
export async function written(tx: TenantTransaction): Promise<void> {
  await Promise.all(writesOf(tx));
}
