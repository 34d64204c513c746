import { z } from "zod";
import { CairnError } from "../src/errors.ts";

const id = z.string().min(1).max(200);
const day = z.iso.date();

/** What each kind of job carries: ids, days and numbers, never a learner's data. */
export const payloads = {
  /** A scheduled night has come: asks for the batch as of the day it is in `zone` when the night was due. */
  night: z.object({ tenantId: id, zone: id }),
  /** Snapshot, features, training; then adds the partitions as a flow. The mark `cancelled` stops every job of the batch. */
  prepare: z.object({ tenantId: id, asOf: day, cancelled: z.literal(true).optional() }),
  /** Scores one partition of a prepared run. */
  score: z.object({
    tenantId: id,
    runId: id,
    kind: z.enum(["risk", "playlist"]),
    partition: z.number().int().min(0),
  }),
  /** Makes a run whose partitions have all landed the one that is shown. */
  publish: z.object({ tenantId: id, runId: id }),
  /** Looks for alerts of a district and has waiting messages sent. */
  alerts: z.object({ tenantId: id }),
  /** Sends one message to a webhook. */
  deliver: z.object({ tenantId: id, deliveryId: id }),
};

/** The names of the jobs. */
export type JobName = keyof typeof payloads;

/**
 * Which job is taken first when several wait; a lower number goes before. News that are known go out before anything is
 * computed, and a night that has begun ends before another begins. What nobody waits for in the morning, such as an export or a
 * study, belongs below the night: from 10 on.
 */
export const priorities: Readonly<Record<JobName, number>> = {
  deliver: 1,
  alerts: 2,
  publish: 3,
  score: 4,
  prepare: 5,
  night: 5,
};

/** The payload of a job of that name. */
export type Payload<Name extends JobName> = z.infer<(typeof payloads)[Name]>;

/**
 * Reads a payload that came out of the queue.
 * @throws CairnError `BAD_INPUT`
 */
export function readPayload<Name extends JobName>(name: Name, data: unknown): Payload<Name> {
  const parsed = payloads[name].safeParse(data);
  if (!parsed.success) {
    throw new CairnError(
      "BAD_INPUT",
      `expected the payload of a "${name}" job, got one with ${parsed.error.issues.length} fault(s)`,
      {
        details: { faults: parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`) },
      },
    );
  }
  return parsed.data as Payload<Name>;
}
