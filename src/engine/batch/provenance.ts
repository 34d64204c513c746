import type { PublishedRun } from "./inputs.ts";

/** What a score was made from: replaying these gives the same bytes. */
export interface Provenance {
  readonly runId: string;
  readonly asOf: string;
  readonly modelId: string;
  readonly snapshotId: string;
  /** When the run became the one that is shown (ISO 8601). */
  readonly publishedAt: string;
}

/** The provenance of what a published run shows. */
export function provenanceOf(run: PublishedRun, from: { modelId: string; snapshotId: string }): Provenance {
  return {
    runId: run.runId,
    asOf: run.asOf,
    modelId: from.modelId,
    snapshotId: from.snapshotId,
    publishedAt: run.publishedAt.toISOString(),
  };
}
