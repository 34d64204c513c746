import { z } from "@hono/zod-openapi";

/** The id of a batch, as the queue names it. */
export const jobIdSchema = z
  .string()
  .regex(/^[\w-]{1,200}$/)
  .openapi({ example: "night-north-2025-12-12" });

/** What is asked for: the batch as of a day. */
export const jobRequestSchema = z
  .strictObject({ kind: z.literal("batch"), asOf: z.iso.date() })
  .openapi("JobRequest", { description: "Snapshot, features, training, scores of every learner, publication" });

/** How a batch stands. */
export const jobSchema = z
  .object({
    jobId: z.string(),
    asOf: z.iso.date(),
    state: z.enum(["waiting", "running", "cancelling", "cancelled", "completed", "failed"]),
    step: z.string().nullable(),
    fraction: z.number().min(0).max(1).openapi({ description: "The finished share of the step" }),
    runId: z.string().nullable().openapi({ description: "The run that is scored; null until it is prepared" }),
    partitions: z.object({ total: z.number().int(), done: z.number().int(), failed: z.number().int() }),
    attempts: z.number().int(),
    requestedAt: z.iso.datetime(),
    endedAt: z.iso.datetime().nullable(),
    failure: z.object({ code: z.string(), message: z.string() }).nullable(),
  })
  .openapi("Job");
