import type { OpenAPIHono } from "@hono/zod-openapi";
import { z } from "@hono/zod-openapi";
import { checkReady } from "../../engine/access/readiness.ts";
import type { Cairn } from "../../engine/runtime.ts";
import type { ApiEnvironment } from "../auth.ts";
import { answers } from "./families/route.ts";

/** `GET /health` and `GET /ready`: for whoever restarts a process, and for whoever sends it requests. Neither asks for a key. */
export function healthRoutes(app: OpenAPIHono<ApiEnvironment>, cairn: Cairn, version: string): void {
  app.openapi(
    {
      method: "get",
      path: "/health",
      summary: "Whether this process answers",
      responses: {
        200: {
          description: "It does",
          content: { "application/json": { schema: z.object({ status: z.literal("ok"), version: z.string() }) } },
        },
      },
    },
    (context) => context.json({ status: "ok" as const, version }, 200),
  );
  // Anybody may ask, so one question at a time reaches the database, however many ask.
  let asking: Promise<void> | undefined;
  app.openapi(
    {
      method: "get",
      path: "/ready",
      summary: "Whether requests may be sent here: the database answers and has every migration",
      responses: answers("It is; 503 when it is not", z.object({ status: z.literal("ready"), version: z.string() })),
    },
    async (context) => {
      asking ??= checkReady(cairn).finally(() => {
        asking = undefined;
      });
      await asking;
      return context.json({ status: "ready" as const, version }, 200);
    },
  );
}
