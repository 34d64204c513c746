import type { Context } from "hono";
import { matchedRoutes } from "hono/route";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { answerOnce } from "../engine/access/idempotency.ts";
import type { Caller } from "../engine/access/keys.ts";
import type { Cairn } from "../engine/runtime.ts";

/**
 * The step between the guard and the handler: a POST under /v1 with an Idempotency-Key takes effect once, and its second sending
 * gets the first answer with `Idempotency-Replayed: true`. Without the header it costs nothing.
 * Runs behind the guard, since a stored answer is its caller's alone.
 */
export async function onceOnly(
  cairn: Cairn,
  caller: Caller,
  context: Context,
  next: () => Promise<void>,
): Promise<Response | undefined> {
  const header = context.req.header("idempotency-key");
  if (header === undefined || context.req.method !== "POST" || !context.req.path.startsWith("/v1/")) {
    await next();
    return undefined;
  }
  const { search } = new URL(context.req.url);
  const request = {
    caller,
    credential: context.req.header("authorization") ?? "",
    key: header.replace(/^"(.*)"$/, "$1"), // the draft writes a structured string, many clients a bare one
    route: matchedRoutes(context).at(-1)?.path ?? "",
    target: `POST ${context.req.path}${search} ${context.req.header("content-type") ?? ""}`,
    body: new Uint8Array(await context.req.arrayBuffer()),
  };
  const { answer, isReplay } = await answerOnce(cairn, request, async () => {
    await next();
    const { status, headers } = context.res;
    return { status, contentType: headers.get("content-type"), body: await bytesOf(context.res.clone()) };
  });
  if (!isReplay) return undefined;
  return context.body(new Uint8Array(answer.body), answer.status as ContentfulStatusCode, {
    "idempotency-replayed": "true",
    ...(answer.contentType === null ? {} : { "content-type": answer.contentType }),
  });
}

async function bytesOf(response: Response): Promise<Uint8Array> {
  return new Uint8Array(await response.arrayBuffer());
}
