import type { OpenAPIHono } from "@hono/zod-openapi";
import { createRoute, z } from "@hono/zod-openapi";
import { readPlaylist } from "../../engine/playlists/read.ts";
import type { Cairn } from "../../engine/runtime.ts";
import type { ApiEnvironment } from "../auth.ts";
import { requireRole } from "../auth.ts";
import { playlistSchema, problemSchema } from "../schemas.ts";

/** `GET /v1/playlists/{learner}`: what this learner should do next, and why. */
export function playlistRoutes(app: OpenAPIHono<ApiEnvironment>, cairn: Cairn): void {
  const route = createRoute({
    method: "get",
    path: "/v1/playlists/{learner}",
    summary: "A learner's next activities, with reasons",
    security: [{ key: [] }],
    middleware: [requireRole(cairn, "GET /v1/playlists/{learner}")] as const,
    request: {
      params: z.object({
        learner: z.string().min(1).max(200).openapi({ description: "The district's own number of the learner" }),
      }),
    },
    responses: {
      200: {
        description: "The playlist of the latest published run",
        content: { "application/json": { schema: playlistSchema } },
      },
      default: { description: "A problem", content: { "application/problem+json": { schema: problemSchema } } },
    },
  });
  app.openapi(route, async (context) => {
    const playlist = await readPlaylist(cairn, context.get("caller").tenantId, context.req.valid("param").learner);
    return context.json(playlist, 200);
  });
}
