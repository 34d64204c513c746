import type { OpenAPIHono } from "@hono/zod-openapi";
import { receiveEnvelope } from "../../engine/intake/caliper-envelopes.ts";
import type { Cairn } from "../../engine/runtime.ts";
import type { ApiEnvironment } from "../auth.ts";
import { bearerKey, requireReceiver } from "../auth.ts";

/**
 * `POST /caliper`: an envelope of Caliper 1.1 or 1.2 as JSON, or as a JWT (`application/jwt`) signed with the key of the request.
 * Like xAPI it speaks another standard, so docs/receivers.md describes it and not the OpenAPI description.
 */
export function caliperRoutes(app: OpenAPIHono<ApiEnvironment>, cairn: Cairn): void {
  app.post("/caliper", requireReceiver(cairn, "/caliper"), async (context) => {
    const body = await context.req.text();
    const signed = /^application\/jwt\b/i.test(context.req.header("content-type") ?? "");
    const key = bearerKey(context.req.header("authorization") ?? "") ?? "";
    return context.json(await receiveEnvelope(cairn, context.get("caller"), { body, signed, key }));
  });
}
