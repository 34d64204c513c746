import { existsSync } from "node:fs";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import type { Database, TenantTransaction } from "../database.ts";
import { inTenant } from "../database.ts";
import { canonicalPersons } from "../identity/links.ts";
import { bringFile } from "../store/shared.ts";
import type { SettledConsent } from "./consented.ts";
import { isOpen, settleConsent } from "./consented.ts";
import type { ListedSnapshot } from "./list.ts";
import { listSnapshots } from "./list.ts";
import type { SnapshotPurpose } from "./purposes.ts";
import { snapshotClasses } from "./purposes.ts";
import { snapshotTables } from "./tables.ts";

/** A snapshot that holds what it may hold no longer. */
export interface OvertakenSnapshot {
  readonly id: string;
  readonly purpose: string;
  readonly asOf: string;
  /** Learners in it who were erased since. */
  readonly erased: number;
  /** Learners in it, or rows of a kind of theirs, whose families have said no since. */
  readonly refused: number;
  /** Whether the agreement it rests on is in force no longer. */
  readonly agreementEnded: boolean;
}

/**
 * The snapshots in the store that an erasure, a withdrawal or the end of an agreement has overtaken. The next snapshot is right
 * without this; these are the ones to destroy. Reads the files themselves: a list of members kept beside them would be one
 * more place with pupils in it.
 * @param folder - the folder of snapshots
 */
export async function overtakenSnapshots(
  database: Database,
  { tenantId, folder, now }: { tenantId: string; folder: string; now: Date },
): Promise<OvertakenSnapshot[]> {
  const overtaken: OvertakenSnapshot[] = [];
  for (const listed of await inTenant(database, tenantId, listSnapshots)) {
    if (listed.destroyed !== null) continue;
    for (const table of Object.keys(listed.manifest.tables))
      await bringFile(join(folder, listed.id, `${table}.parquet`));
    if (!existsSync(join(folder, listed.id))) continue;
    const held = await codesIn(join(folder, listed.id), listed);
    const found = await inTenant(database, tenantId, (tx) => judge(tx, listed, held, now));
    if (found.erased + found.refused > 0 || found.agreementEnded) overtaken.push(found);
  }
  return overtaken;
}

/** The pseudonyms in each table of a snapshot that is about learners. */
async function codesIn(folder: string, { manifest }: ListedSnapshot): Promise<Map<string, string[]>> {
  const codes = new Map<string, string[]>();
  const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
  const connection = await instance.connect();
  try {
    for (const [table, { rows }] of Object.entries(manifest.tables)) {
      if (rows === 0 || snapshotClasses[table] === undefined) continue;
      const { columns } = snapshotTables[table as keyof typeof snapshotTables];
      const code = "person" in columns ? "person" : "split_part(learner, '@', 1)";
      const path = join(folder, `${table}.parquet`).replaceAll("'", "''");
      const found = await connection.runAndReadAll(`SELECT DISTINCT ${code} FROM read_parquet('${path}')`);
      codes.set(
        table,
        found.getRows().map(([value]) => String(value)),
      );
    }
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
  return codes;
}

async function judge(
  tx: TenantTransaction,
  { id, purpose, asOf, manifest }: ListedSnapshot,
  held: ReadonlyMap<string, readonly string[]>,
  now: Date,
): Promise<OvertakenSnapshot> {
  const { recipient } = manifest;
  const consent = await settleConsent(tx, {
    purpose: purpose as SnapshotPurpose,
    recipient:
      recipient === undefined
        ? undefined
        : {
            ...recipient,
            ...(recipient.agreement === null ? {} : { agreementId: recipient.agreement.agreementId }),
          },
    now,
  });
  const people = await peopleOf(tx, purpose);
  const erased = new Set<string>();
  const refused = new Set<string>();
  for (const [table, codes] of held) {
    for (const code of codes) {
      const person = people.get(code);
      if (person === undefined) erased.add(code);
      else if (!mayHold(consent, person, table)) refused.add(code);
    }
  }
  const agreementEnded = recipient !== undefined && recipient.agreement !== null && consent.agreement === undefined;
  return { id, purpose, asOf, erased: erased.size, refused: refused.size, agreementEnded };
}

/** The learner behind each pseudonym of a purpose, by the id that stands for her. */
async function peopleOf(tx: TenantTransaction, purpose: string): Promise<Map<string, string>> {
  const canonical = await canonicalPersons(tx);
  const rows = await tx.sql<{ code: string; id: string }[]>`
    select code, person_id as id from pseudonym where purpose = ${purpose}`;
  return new Map(rows.map(({ code, id }) => [code, canonical.get(id) ?? id]));
}

function mayHold(consent: SettledConsent, person: string, table: string): boolean {
  return isOpen(consent, person, "enrolment") && isOpen(consent, person, snapshotClasses[table]!);
}
