import { z } from "@hono/zod-openapi";

const MOST_IDS = 5000; // of one request: a large library
const id = z.string().min(1).max(500);

/** What a list is asked for. */
export const playlistBody = z
  .object({
    learner: z.string().min(1).max(200).openapi({ description: "The district's own number of the learner" }),
    minutes: z.number().int().min(1).max(480).optional().openapi({ description: "The policy's (30) when absent" }),
    goal: z
      .object({
        standards: z.array(id).min(1).max(500).optional(),
        course: z
          .object({
            subject: z.string().min(1).max(200).optional(),
            grades: z.array(z.string().min(1).max(20)).max(20).optional(),
          })
          .optional(),
      })
      .optional()
      .openapi({ description: "Standards, or the subject and grades of a course; what they rest on comes along" }),
    setting: z.string().min(1).max(60).optional().openapi({ example: "home" }),
    candidates: z.array(id).max(MOST_IDS).optional().openapi({ description: "Only these activities" }),
    exclude: z.array(id).max(MOST_IDS).optional().openapi({ description: "Not these, this once" }),
  })
  .openapi("PlaylistRequest");

/** A list as it is given out. */
export const livePlaylistSchema = z
  .object({
    decisionId: z.string().openapi({ description: "Names this list in the log of decisions" }),
    learner: z.string(),
    minutes: z.number().int(),
    rung: z.enum(["gated", "again", "ahead", "review", "pinned", "empty"]),
    empty: z
      .enum(["no-library", "no-time", "banned", "too-long", "off-goal", "prerequisites", "setting"])
      .nullable()
      .openapi({ description: "Why cairn chose nothing; null when it did" }),
    headline: z.string(),
    items: z.array(
      z
        .object({
          position: z.number().int(),
          activity: z.string(),
          title: z.string(),
          standard: z.string(),
          standardLabel: z.string(),
          modality: z.string(),
          setting: z.string().nullable(),
          minutes: z.number().int(),
          role: z.enum(["new", "review", "again", "ahead"]),
          score: z.number(),
          terms: z.record(z.string(), z.number()),
          reasons: z.object({ student: z.array(z.string()), teacher: z.array(z.string()) }),
          override: z.string().nullable().openapi({ description: "The teacher's decision that put it here" }),
          propensity: z.number().min(0).max(1).nullable().openapi({
            description: "The chance with which it was chosen for its place; null where a teacher decided",
          }),
        })
        .openapi("LivePlaylistItem"),
    ),
    waiting: z.array(z.object({ activity: z.string(), override: z.string(), reason: z.string() })),
    unknown: z.array(z.string()).openapi({ description: "Ids that the library does not have" }),
    provenance: z.object({
      runId: z.string().nullable(),
      masteryModelId: z.string(),
      modelId: z.string().nullable(),
      policy: z.string(),
      standingVersion: z.number().int(),
    }),
  })
  .openapi("LivePlaylist");

/** A decision of a teacher or the school about a learner's lists. */
export const overrideBody = z
  .object({
    kind: z.enum(["pin", "require", "ban"]),
    activity: id.optional(),
    standard: id.optional().openapi({ description: "For a ban: every activity on it" }),
    position: z.number().int().min(0).max(1000).optional().openapi({ description: "Smaller comes first" }),
    reason: z.string().trim().min(1).max(1000).openapi({ description: "In words the learner may read" }),
    until: z.iso.date().optional().openapi({ description: "The last day it holds" }),
  })
  .openapi("PlaylistOverrideRequest");

/** A decision as it stands in the record. */
export const overrideSchema = z
  .object({
    key: z.string(),
    kind: z.enum(["pin", "require", "ban"]),
    activity: z.string().nullable(),
    standard: z.string().nullable(),
    position: z.number().int().nullable(),
    reason: z.string(),
    decidedBy: z.string(),
    decidedAt: z.iso.datetime(),
    until: z.string().nullable(),
  })
  .openapi("PlaylistOverride");
