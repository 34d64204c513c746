import type { SnapshotPurpose } from "../../records/snapshot/purposes.ts";
import type { SnapshotManifest } from "../../records/snapshot/write.ts";
import { writeSnapshot } from "../../records/snapshot/write.ts";
import type { ReportProgress } from "../progress.ts";
import { silent } from "../progress.ts";
import type { Cairn } from "../runtime.ts";

/** Writes the snapshot of a purpose as of a day; the same records give the same snapshot. */
export function takeSnapshot(
  cairn: Cairn,
  tenantId: string,
  purpose: SnapshotPurpose,
  asOf: string,
  onProgress: ReportProgress = silent,
): Promise<SnapshotManifest> {
  return writeSnapshot(cairn.database, {
    tenantId,
    purpose,
    asOf,
    folder: cairn.folders.snapshots,
    onProgress: (_, fraction) => onProgress(`snapshot for ${purpose}`, fraction),
  });
}
