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

/** One page of the at-risk ranking. */
export const rankingSchema = z
  .object({
    provenance: provenanceSchema,
    model: z.object({ name: z.string(), rulesDoAsWell: z.boolean() }),
    learners: z.number().int(),
    entries: z.array(
      z
        .object({
          rank: z.number().int(),
          learner: z.string().openapi({ description: "The district's own number of the learner" }),
          name: z.string(),
          school: z.string(),
          grade: z.string(),
          probability: z.number().min(0).max(1).nullable(),
          abstained: z.string().nullable().openapi({ description: "Why there is no number, when there is none" }),
          coverage: z
            .number()
            .min(0)
            .max(1)
            .openapi({ description: "Share of the model's inputs that are known for this learner" }),
          reasons: z.array(reasonSchema),
        })
        .openapi("RankedLearner"),
    ),
  })
  .openapi("Ranking");

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
