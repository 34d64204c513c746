import { z } from "@hono/zod-openapi";
import { alertStates } from "../../engine/alerts/feed.ts";

const moment = z.iso.datetime();

/** One alert as its reader sees it. */
export const alertSchema = z
  .object({
    alertId: z.string(),
    rule: z.string(),
    learner: z
      .object({ number: z.string().nullable(), name: z.string() })
      .nullable()
      .openapi({ description: "Null: nobody is meant" }),
    subject: z.string().nullable(),
    label: z.string().nullable().openapi({ description: "The standard's name; null for a family" }),
    evidence: z.record(z.string(), z.number()).nullable().openapi({ description: "Counts; null for a family" }),
    happenedOn: z.iso.date(),
    raisedAt: moment,
    state: z.enum(alertStates),
    assignedTo: z.string().nullable(),
    history: z.array(
      z.object({
        step: z.enum(["acknowledged", "assigned", "closed"]),
        by: z.string(),
        at: moment,
        assignedTo: z.string().nullable(),
        note: z.string().nullable(),
      }),
    ),
    legalBasis: z.string(),
    headline: z.string(),
    text: z.string(),
    next: z.string(),
  })
  .openapi("Alert");

/** A page of alerts. */
export const alertFeedSchema = z
  .object({ alerts: z.array(alertSchema), next: z.string().nullable() })
  .openapi("AlertFeed");

/** A page of what. */
export const alertQuery = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(100).optional().openapi({ description: "`next` of the page before" }),
  state: z.enum(alertStates).optional(),
  school: z
    .string()
    .max(200)
    .optional()
    .openapi({ description: "A counselor's caseload: only this school, by its name" }),
});

const learner = z.object({ number: z.string().nullable(), name: z.string() });

/** What is to be looked at, in as few lines as it takes. */
export const digestSchema = z
  .object({
    lines: z.array(
      z.object({
        headline: z.string(),
        rule: z.string(),
        alerts: z.array(z.string()).openapi({ description: "Their ids" }),
        learners: z.array(learner),
        newest: moment,
      }),
    ),
  })
  .openapi("AlertDigest");

/** Since when. */
export const digestQuery = z.object({
  since: moment.openapi({ description: "What was raised from this moment on and is not closed" }),
  school: z.string().max(200).optional(),
});

const words = z.string().min(1).max(10_000);

/** A step of the school. */
export const alertStepBody = z
  .discriminatedUnion("step", [
    z.object({ step: z.literal("acknowledged"), note: words.optional() }),
    z.object({ step: z.literal("assigned"), to: z.string().min(1).max(200), note: words.optional() }),
    z.object({
      step: z.literal("closed"),
      note: words,
      help: z
        .object({
          intervention: z.string().min(1).max(200),
          name: z.string().min(1).max(200).optional(),
          minutes: z.number().min(0).max(1440).optional(),
          attended: z.boolean().optional(),
        })
        .optional()
        .openapi({ description: "What was done: becomes a dose, which studies read" }),
    }),
  ])
  .openapi("AlertStep");
