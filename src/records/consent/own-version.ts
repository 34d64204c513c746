import { createHash } from "node:crypto";

/** The provenance of a version that cairn itself writes because a person said so at its own door. */
export interface OwnVersion {
  readonly tenantId: string;
  readonly recordKey: string;
  readonly contentHash: string;
  readonly class: "contributed";
  readonly authority: string;
  readonly batchId: string;
  readonly sourceRecordId: string;
  readonly knownOn: string;
  readonly receivedAt: Date;
}

/** The authority of what families and offices enter: a delivery of files never supersedes it. */
const AUTHORITY = "cairn:families";

/**
 * The provenance columns of one version.
 * @param id - the record's own id, the same for every version of it
 * @param values - everything the version says, hashed
 */
export function ownVersion(tenantId: string, id: string, values: unknown, now: Date): OwnVersion {
  return {
    tenantId,
    recordKey: `${AUTHORITY}:${id}`,
    contentHash: createHash("sha256").update(JSON.stringify(values)).digest("hex"),
    class: "contributed",
    authority: AUTHORITY,
    batchId: AUTHORITY,
    sourceRecordId: id,
    knownOn: dayOf(now),
    receivedAt: now,
  };
}

/** The day of a moment, in UTC. */
export function dayOf(moment: Date): string {
  return moment.toISOString().slice(0, 10);
}
