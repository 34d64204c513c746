import type { OpenAPIHono } from "@hono/zod-openapi";
import { createRoute, z } from "@hono/zod-openapi";
import type { SentResponse } from "../../engine/intake/responses.ts";
import { receiveResponses } from "../../engine/intake/responses.ts";
import type { PlaylistAsk } from "../../engine/playlists/live/ask.ts";
import type { Cairn } from "../../engine/runtime.ts";
import type { ApiEnvironment } from "../auth.ts";
import { requireRole } from "../auth.ts";
import { answers, json, withKey } from "./families/route.ts";
import { livePlaylistSchema, playlistBody } from "./playlists-schemas.ts";

const MOST_RESPONSES = 1000; // of one request: a class's morning

const responsesBody = z
  .object({
    responses: z
      .array(
        z.object({
          id: z.string().min(1).max(200).openapi({ description: "The platform's own: the same id is the same answer" }),
          learner: z.string().min(1).max(200).openapi({ description: "The district's own number of the learner" }),
          item: z.string().min(1).max(500),
          standard: z.string().min(1).max(500).optional(),
          answeredAt: z.string().max(40).openapi({ example: "2025-12-12T10:15:00-05:00" }),
          correct: z.number().min(0).max(1),
          attempts: z.number().int().min(0).max(1000).optional(),
          hints: z.number().int().min(0).max(1000).optional(),
          seconds: z.number().min(0).max(86_400).optional(),
        }),
      )
      .min(1)
      .max(MOST_RESPONSES),
    next: playlistBody.optional().openapi({ description: "The list that is wanted with the answers taken in" }),
  })
  .openapi("Responses");

const receiptSchema = z
  .object({
    stored: z.number().int(),
    unchanged: z.number().int(),
    refused: z.array(z.object({ id: z.string(), reason: z.string() })),
    playlist: livePlaylistSchema.optional(),
    playlistRefused: z
      .string()
      .optional()
      .openapi({ description: "Why there is no list although one was asked for; the answers are in" }),
  })
  .openapi("ResponseReceipt");

/** `POST /v1/responses`: answers of practice as they are given; what the rules of alerts make of them is there at once, and the next list if asked. */
export function responseRoutes(app: OpenAPIHono<ApiEnvironment>, cairn: Cairn): void {
  const route = createRoute({
    method: "post",
    path: "/v1/responses",
    summary: "Take in answers of practice; a request may be sent again",
    security: withKey,
    middleware: [requireRole(cairn, "POST /v1/responses")] as const,
    request: { body: json(responsesBody) },
    responses: answers("What went in, what was there, what was refused and why", receiptSchema),
  });
  app.openapi(route, async (context) => {
    const { responses, next } = context.req.valid("json");
    const { tenantId } = context.get("caller");
    const receipt = await receiveResponses(
      cairn,
      tenantId,
      responses as SentResponse[],
      next as PlaylistAsk | undefined,
      context.get("access"),
    );
    context.set("isNoted", receipt.playlist !== undefined);
    return context.json(receipt as z.input<typeof receiptSchema>, 200);
  });
}
