import { rm } from "node:fs/promises";
import { join } from "node:path";
import { inTenant, listTenants } from "../../records/database.ts";
import { listSnapshots } from "../../records/snapshot/list.ts";
import { riskMatrixPath } from "../early-warning/prepare.ts";
import type { Cairn } from "../runtime.ts";

/**
 * Deletes this machine's copies of snapshots that were destroyed, on whatever machine that was done, with the matrix of each. They
 * are not read any more (see `openSnapshot`); this takes their bytes from the disk.
 */
export async function dropDestroyedCopies(cairn: Cairn): Promise<void> {
  for (const { id: tenantId } of await listTenants(cairn.database)) {
    for (const { id, asOf, destroyed } of await inTenant(cairn.database, tenantId, listSnapshots)) {
      if (destroyed === null) continue;
      await rm(join(cairn.folders.snapshots, id), { recursive: true, force: true });
      await rm(riskMatrixPath(cairn, id, asOf), { force: true });
    }
  }
}
