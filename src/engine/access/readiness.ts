import { readFile } from "node:fs/promises";
import { CairnError } from "../../errors.ts";
import type { Cairn } from "../runtime.ts";

const PATIENCE_MILLISECONDS = 2000; // a probe asks every few seconds

/**
 * Resolves when the database answers and its schema is at least as new as this code (in a rolling upgrade it may be newer).
 * @throws CairnError `UNAVAILABLE` when it does not answer in two seconds, or lacks a migration
 */
export async function checkReady(cairn: Cairn): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<never>((_, reject) => {
    const late = new CairnError("UNAVAILABLE", "expected the record store to answer in two seconds, got nothing");
    timer = setTimeout(() => reject(late), PATIENCE_MILLISECONDS);
  });
  try {
    const [last, needed] = await Promise.race([Promise.all([lastApplied(cairn), newestMigration()]), patience]);
    if (last < needed) {
      throw new CairnError("UNAVAILABLE", "expected the newest migration in the record store, got an older one", {
        hint: "run `cairn migrate`",
      });
    }
  } finally {
    clearTimeout(timer);
  }
}

/** When the newest migration of the database was written, in milliseconds: the migrator's own order. */
async function lastApplied({ database }: Cairn): Promise<number> {
  try {
    const rows = await database.sql<{ at: string | null }[]>`
      select max(created_at) as at from drizzle.__drizzle_migrations`;
    return Number(rows[0]?.at ?? 0);
  } catch (cause) {
    throw new CairnError("UNAVAILABLE", "expected the record store to answer, got a refusal", { cause });
  }
}

/** The same of this code; beside the records in the sources and in dist. */
async function newestMigration(): Promise<number> {
  const journal = new URL("../../records/migrations/meta/_journal.json", import.meta.url);
  const { entries } = JSON.parse(await readFile(journal, "utf8")) as { entries: { when: number }[] };
  return Math.max(...entries.map(({ when }) => when));
}
