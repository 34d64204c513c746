import { z } from "@hono/zod-openapi";

/** An RFC 9457 problem, as every route may answer. */
export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    code: z.string(),
    hint: z.string().optional(),
  })
  .openapi("Problem");

const provenanceSchema = z
  .object({
    runId: z.string(),
    asOf: z.iso.date(),
    modelId: z.string(),
    snapshotId: z.string(),
    publishedAt: z.iso.datetime(),
  })
  .openapi("Provenance", { description: "What a score was made from: replaying these gives the same bytes" });

const reasonSchema = z
  .object({
    group: z.string().openapi({ description: "What a person would call it", example: "attendance" }),
    contribution: z.number().openapi({ description: "Log-odds this group adds to the learner's risk" }),
    actionable: z.boolean(),
    words: z.string(),
  })
  .openapi("Reason");

const changeSchema = z
  .object({
    since: z.iso.date(),
    probability: z.number().min(-1).max(1).nullable(),
    isSettled: z.boolean().openapi({ description: "The probability of then lies inside the interval of now" }),
    isOtherModel: z.boolean().openapi({ description: "Another kind of model speaks: the change may be its own" }),
    groups: z.array(z.object({ group: z.string(), by: z.number() })),
  })
  .openapi("RiskChange");

const triedSchema = z
  .object({
    intervention: z.string(),
    name: z.string(),
    given: z.number().int(),
    missed: z.number().int(),
    minutes: z.number().nullable(),
    lastOn: z.iso.date().nullable(),
    isOpen: z.boolean(),
  })
  .openapi("Tried", { description: "An intervention of the last year" });

const thriving = {
  consider: z.array(z.enum(["gifted evaluation", "acceleration"])),
  evidence: z.array(z.string()),
};

/** One page of the at-risk ranking. */
export const rankingSchema = z
  .object({
    provenance: provenanceSchema,
    model: z.object({ name: z.string(), rulesDoAsWell: z.boolean() }),
    outcome: z.object({ name: z.string(), title: z.string() }),
    learners: z.number().int(),
    cut: z.object({
      by: z.enum(["capacity", "threshold", "costs"]),
      threshold: z.number().nullable(),
      tiedOut: z
        .number()
        .int()
        .openapi({ description: "Learners with the probability of the last one who are not listed" }),
      abstained: z.number().int(),
    }),
    stale: z.array(z.object({ source: z.string(), since: z.iso.date() })).openapi({
      description: "Sources that had fallen silent before the ranking's day: it rests on what was there until then",
    }),
    entries: z.array(
      z
        .object({
          rank: z.number().int(),
          learner: z.string().openapi({ description: "The district's own number of the learner" }),
          name: z.string(),
          school: z.string(),
          grade: z.string(),
          probability: z.number().min(0).max(1).nullable(),
          low: z.number().min(0).max(1).nullable(),
          high: z.number().min(0).max(1).nullable(),
          abstained: z.string().nullable().openapi({ description: "Why there is no number, when there is none" }),
          coverage: z
            .number()
            .min(0)
            .max(1)
            .openapi({ description: "Share of the model's inputs that are known for this learner" }),
          reasons: z.array(reasonSchema),
          strengths: z.array(reasonSchema),
          tied: z
            .number()
            .int()
            .openapi({ description: "Others with exactly this probability: their order means nothing" }),
          change: changeSchema.nullable(),
          tried: z.array(triedSchema),
          thriving: z.object(thriving).nullable(),
        })
        .openapi("RankedLearner"),
    ),
  })
  .openapi("Ranking");

/** Learners to whom more could be offered. */
export const thrivingSchema = z
  .object({
    provenance: provenanceSchema,
    learners: z.number().int(),
    entries: z.array(
      z.object({ learner: z.string(), name: z.string(), school: z.string(), grade: z.string(), ...thriving }),
    ),
  })
  .openapi("Thriving");

/** One learner's playlist. */
export const playlistSchema = z
  .object({
    provenance: provenanceSchema.extend({ masteryModelId: z.string() }).openapi("PlaylistProvenance"),
    learner: z.string(),
    minutes: z.number().int(),
    items: z.array(
      z
        .object({
          position: z.number().int(),
          activity: z.string(),
          title: z.string(),
          standard: z.string(),
          standardLabel: z.string(),
          modality: z.string(),
          minutes: z.number().int(),
          score: z.number(),
          reasons: z.array(z.string()),
          terms: z.record(z.string(), z.number()),
        })
        .openapi("PlaylistItem"),
    ),
  })
  .openapi("Playlist");
