import type { OpenAPIHono } from "@hono/zod-openapi";
import { createRoute, z } from "@hono/zod-openapi";
import { etag } from "hono/etag";
import type { PlaylistAsk } from "../../engine/playlists/live/ask.ts";
import { nextPlaylist } from "../../engine/playlists/live/next.ts";
import type { OverrideDecision } from "../../engine/playlists/overrides.ts";
import { decideOverride, listOverrides, withdrawOverride } from "../../engine/playlists/overrides.ts";
import { readPlaylist } from "../../engine/playlists/read.ts";
import type { Cairn } from "../../engine/runtime.ts";
import type { ApiEnvironment } from "../auth.ts";
import { requireRole } from "../auth.ts";
import { playlistSchema } from "../schemas.ts";
import { answers, json, unchanged, withKey } from "./families/route.ts";
import { livePlaylistSchema, overrideBody, overrideSchema, playlistBody } from "./playlists-schemas.ts";

const learnerParam = z.object({
  learner: z.string().min(1).max(200).openapi({ description: "The district's own number of the learner" }),
});

/** What a learner should do next and why: as the night left it, as of this moment, and what teachers decide about it. */
export function playlistRoutes(app: OpenAPIHono<ApiEnvironment>, cairn: Cairn): void {
  nightly(app, cairn);
  live(app, cairn);
  overrides(app, cairn);
  withdrawal(app, cairn);
}

/** `GET /v1/playlists/{learner}`: the list of the latest published run. */
function nightly(app: OpenAPIHono<ApiEnvironment>, cairn: Cairn): void {
  const route = createRoute({
    method: "get",
    path: "/v1/playlists/{learner}",
    summary: "A learner's next activities, with reasons",
    security: withKey,
    middleware: [requireRole(cairn, "GET /v1/playlists/{learner}"), etag()] as const,
    request: { params: learnerParam },
    responses: { ...answers("The playlist of the latest published run", playlistSchema), ...unchanged },
  });
  app.openapi(route, async (context) => {
    const playlist = await readPlaylist(cairn, context.get("caller").tenantId, context.req.valid("param").learner);
    return context.json(playlist, 200);
  });
}

/** `POST /v1/playlists`: the list from what is known at this moment. */
function live(app: OpenAPIHono<ApiEnvironment>, cairn: Cairn): void {
  const route = createRoute({
    method: "post",
    path: "/v1/playlists",
    summary: "A learner's next activities from what is known now, for a goal, minutes and a setting",
    security: withKey,
    middleware: [requireRole(cairn, "POST /v1/playlists")] as const,
    request: { body: json(playlistBody) },
    responses: answers("The list, with the reasons and the chance of every choice", livePlaylistSchema),
  });
  app.openapi(route, async (context) => {
    const ask = context.req.valid("json") as PlaylistAsk;
    const playlist = await nextPlaylist(cairn, context.get("caller").tenantId, ask, undefined, context.get("access"));
    context.set("isNoted", true);
    return context.json(playlist as z.input<typeof livePlaylistSchema>, 200);
  });
}

/** `GET` and `POST /v1/playlists/{learner}/overrides`: pins, required work and bans. */
function overrides(app: OpenAPIHono<ApiEnvironment>, cairn: Cairn): void {
  const path = "/v1/playlists/{learner}/overrides";
  const list = createRoute({
    method: "get",
    path,
    summary: "What teachers and the school decided about a learner's lists and holds today",
    security: withKey,
    middleware: [requireRole(cairn, "GET /v1/playlists/{learner}/overrides")] as const,
    request: { params: learnerParam },
    responses: answers("The decisions, oldest first", z.object({ overrides: z.array(overrideSchema) })),
  });
  app.openapi(list, async (context) => {
    const found = await listOverrides(cairn, context.get("caller"), context.req.valid("param").learner);
    return context.json({ overrides: found }, 200);
  });
  const decide = createRoute({
    method: "post",
    path,
    summary: "Pin, require or ban: it holds from the next list on",
    security: withKey,
    middleware: [requireRole(cairn, "POST /v1/playlists/{learner}/overrides")] as const,
    request: { params: learnerParam, body: json(overrideBody) },
    responses: answers("The decision as it stands in the record", overrideSchema),
  });
  app.openapi(decide, async (context) => {
    const decision = context.req.valid("json") as OverrideDecision;
    const { learner } = context.req.valid("param");
    return context.json(await decideOverride(cairn, context.get("caller"), learner, decision), 200);
  });
}

/** `POST /v1/playlists/{learner}/overrides/{key}/withdraw`: a decision holds no longer. */
function withdrawal(app: OpenAPIHono<ApiEnvironment>, cairn: Cairn): void {
  const route = createRoute({
    method: "post",
    path: "/v1/playlists/{learner}/overrides/{key}/withdraw",
    summary: "Take a decision back; the record keeps that it was there",
    security: withKey,
    middleware: [requireRole(cairn, "POST /v1/playlists/{learner}/overrides/{key}/withdraw")] as const,
    request: { params: learnerParam.extend({ key: z.string().min(1).max(200) }) },
    responses: answers("The decision as it stood", overrideSchema),
  });
  app.openapi(route, async (context) => {
    const { learner, key } = context.req.valid("param");
    return context.json(await withdrawOverride(cairn, context.get("caller"), learner, key), 200);
  });
}
