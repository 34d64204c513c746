import type { ErrorCode } from "../../errors.ts";

/** Where a batch stands; `cancelling` while work that had begun before the request to stop still ends. */
export type BatchState = "waiting" | "running" | "cancelling" | "cancelled" | "completed" | "failed";

/** The states a batch does not leave by itself. */
export const endedStates: readonly BatchState[] = ["cancelled", "completed", "failed"];

/** A batch as somebody who asked for it sees it: ids, days and counts. */
export interface BatchStatus {
  readonly jobId: string;
  readonly asOf: string;
  readonly state: BatchState;
  /** What is being done, in words; null before a worker has begun. */
  readonly step: string | null;
  /** The finished share of that step, in [0, 1]. */
  readonly fraction: number;
  /** The run that is being scored; null until it is prepared. */
  readonly runId: string | null;
  /** Partitions of the run; all 0 until it is prepared. */
  readonly partitions: { readonly total: number; readonly done: number; readonly failed: number };
  /** Times the preparing job was begun and did not end well; a worker that was killed is not counted. */
  readonly attempts: number;
  /** ISO 8601 moments; null while it has not ended. */
  readonly requestedAt: string;
  readonly endedAt: string | null;
  /** Why it failed, by the code and words of the error; null unless it did. */
  readonly failure: { readonly code: ErrorCode; readonly message: string } | null;
}

/**
 * The queue as far as the API needs it. It lives outside the engine (PostgreSQL or Redis); who opens the service hands it in. A
 * batch of another district is as unknown as one that was never asked for.
 */
export interface BatchQueue {
  /** Asks for a batch as of a day. @returns how it stands right after */
  request(tenantId: string, asOf: string): Promise<BatchStatus>;
  /** How a batch stands. @throws CairnError `NOT_FOUND` */
  read(tenantId: string, jobId: string): Promise<BatchStatus>;
  /** Stops a batch before its next partition. @throws CairnError `NOT_FOUND`, or `CONFLICT` for one that has ended */
  cancel(tenantId: string, jobId: string): Promise<BatchStatus>;
}
