import { createHash } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { CairnError } from "../../errors.ts";
import type { Database, TenantTransaction } from "../database.ts";
import { inTenant } from "../database.ts";
import type { Certificate } from "../erasure/erase.ts";
import { certificates } from "../erasure/erase.ts";
import { erasure } from "../schema/index.ts";
import { dropFile } from "../store/shared.ts";
import type { SnapshotManifest } from "./write.ts";

/** A snapshot that was taken, as the district lists it. */
export interface ListedSnapshot {
  readonly id: string;
  readonly purpose: string;
  readonly asOf: string;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  readonly manifest: SnapshotManifest;
  /** The proof that it is gone; null while it is kept. */
  readonly destroyed: Certificate | null;
}

/** Every snapshot of the district that ever left the record, oldest first: also those that are destroyed. */
export async function listSnapshots(tx: TenantTransaction): Promise<ListedSnapshot[]> {
  const rows = await tx.sql<Omit<ListedSnapshot, "destroyed">[]>`
    select id, purpose, as_of as "asOf", created_at as "createdAt", manifest from snapshot order by created_at, id`;
  const proofs = new Map((await certificates(tx)).map((proof) => [proof.erasureId, proof]));
  return rows.map((row) => ({
    ...row,
    createdAt: new Date(row.createdAt).toISOString(),
    destroyed: proofs.get(proofOf(row.id)) ?? null,
  }));
}

/**
 * Destroys the files of a snapshot and leaves a certificate. The line in the list stays: that it was taken is history.
 * @param asked - `folder` is the folder of snapshots
 * @throws CairnError `NOT_FOUND` when the district took none of that id, `CONFLICT` when it is destroyed already
 */
export async function destroySnapshot(
  database: Database,
  asked: { tenantId: string; folder: string; id: string; cause: string; decidedBy: string; now: Date },
): Promise<Certificate> {
  const { tenantId, folder, id, cause, decidedBy, now } = asked;
  const known = await inTenant(database, tenantId, listSnapshots);
  const found = known.find((one) => one.id === id);
  if (found === undefined) {
    throw new CairnError("NOT_FOUND", "expected a snapshot of this district, got none of that id");
  }
  if (found.destroyed !== null)
    throw new CairnError("CONFLICT", "expected a snapshot that is kept, got a destroyed one");
  const bytes = await readFile(join(folder, id, "manifest.json")).catch(() =>
    Buffer.from(JSON.stringify(found.manifest)),
  );
  // The files first: a process that dies in between leaves a snapshot without files, which can be destroyed again.
  for (const name of ["manifest.json", ...Object.keys(found.manifest.tables).map((table) => `${table}.parquet`)]) {
    await dropFile(join(folder, id, name));
  }
  await rm(join(folder, id), { recursive: true, force: true });
  const rows = Object.fromEntries(
    Object.entries(found.manifest.tables).map(([name, { rows: count }]) => [name, count]),
  );
  await inTenant(database, tenantId, ({ orm }) =>
    orm.insert(erasure).values({
      tenantId,
      erasureId: proofOf(id),
      cause,
      rows,
      sha256: createHash("sha256").update(bytes).digest("hex"),
      decidedBy,
      erasedAt: now,
    }),
  );
  const proof = (await inTenant(database, tenantId, certificates)).find((one) => one.erasureId === proofOf(id));
  return proof!;
}

const proofOf = (id: string): string => `snapshot:${id}`;
