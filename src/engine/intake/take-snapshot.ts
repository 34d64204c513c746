import type { SnapshotRecipient } from "../../records/snapshot/consented.ts";
import type { SnapshotPurpose } from "../../records/snapshot/purposes.ts";
import { purposes } from "../../records/snapshot/purposes.ts";
import type { SnapshotManifest } from "../../records/snapshot/write.ts";
import { writeSnapshot } from "../../records/snapshot/write.ts";
import type { ReportProgress } from "../progress.ts";
import { silent } from "../progress.ts";
import type { Cairn } from "../runtime.ts";

export type { SnapshotPurpose, SnapshotRecipient };

/** What a snapshot may be taken for. */
export const snapshotPurposes = Object.keys(purposes) as SnapshotPurpose[];

/**
 * Writes the snapshot of a purpose as of a day; the same records and decisions give the same snapshot.
 * @param recipient - to whom it goes, where the purpose leaves the school
 * @throws CairnError `FORBIDDEN` when it leaves the school without consent or an agreement in force
 */
export function takeSnapshot(
  cairn: Cairn,
  tenantId: string,
  purpose: SnapshotPurpose,
  asOf: string,
  onProgress: ReportProgress = silent,
  recipient?: SnapshotRecipient,
): Promise<SnapshotManifest> {
  return writeSnapshot(cairn.database, {
    tenantId,
    purpose,
    asOf,
    folder: cairn.folders.snapshots,
    now: cairn.now(),
    ...(recipient === undefined ? {} : { recipient }),
    onProgress: (_, fraction) => onProgress(`snapshot for ${purpose}`, fraction),
  });
}
