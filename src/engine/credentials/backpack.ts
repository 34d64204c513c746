import { inTenant } from "../../records/database.ts";
import type { Backpack, BackpackAudience } from "../../records/export/backpack/export.ts";
import { makeBackpack, writeBackpack } from "../../records/export/backpack/export.ts";
import { personOfNumber } from "../../records/export/backpack/learner.ts";
import type { BackpackImport } from "../../records/import/backpack/import.ts";
import { importBackpack } from "../../records/import/backpack/import.ts";
import type { ImportOptions } from "../intake/import-files.ts";
import type { ReportProgress } from "../progress.ts";
import type { Cairn } from "../runtime.ts";

export type { Backpack, BackpackAudience, BackpackImport };

/** Who asks for which learner's Backpack, and for whom. */
export interface BackpackRequest {
  /** The learner's district, state or local number. */
  readonly student: string;
  readonly audience: BackpackAudience;
  readonly requester: string;
  readonly party: string;
}

/** Makes a learner's Backpack and writes it as a zip; the disclosure is written down. */
export async function exportBackpack(
  cairn: Cairn,
  tenantId: string,
  { student, ...request }: BackpackRequest,
  { path, ...how }: { readonly path: string; readonly keysFolder: string; readonly onProgress?: ReportProgress },
): Promise<Backpack> {
  const personId = await inTenant(cairn.database, tenantId, (tx) => personOfNumber(tx, student));
  const backpack = await makeBackpack(cairn.database, { tenantId, personId, now: cairn.now(), ...request, ...how });
  await writeBackpack(backpack, path);
  return backpack;
}

/** Takes in a learner's Backpack from another district. */
export function receiveBackpack(
  cairn: Cairn,
  tenantId: string,
  path: string,
  { keysFolder, ...options }: ImportOptions & { readonly keysFolder: string },
): Promise<BackpackImport> {
  return importBackpack(cairn.database, { tenantId, path, keysFolder, receivedAt: cairn.now(), ...options });
}
