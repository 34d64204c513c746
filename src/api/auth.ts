import { createMiddleware } from "hono/factory";
import type { Caller, Role } from "../engine/access/keys.ts";
import { authenticate } from "../engine/access/keys.ts";
import type { Cairn } from "../engine/runtime.ts";
import { CairnError } from "../errors.ts";

/** What a route knows of the request: who calls. The tenant comes from the key, never from the request. */
export interface ApiEnvironment {
  Variables: { caller: Caller };
}

/** Which role may call what: the one table the routes are guarded by. */
export const allowed = {
  "GET /v1/rankings": ["counselor", "operator"],
  "GET /v1/playlists/{learner}": ["platform", "operator"],
} as const satisfies Record<string, readonly Role[]>;

/** Lets a request through when its bearer key is valid and its role is in the table. */
export function requireRole(cairn: Cairn, route: keyof typeof allowed) {
  return createMiddleware<ApiEnvironment>(async (context, next) => {
    const key = /^Bearer +(\S+)$/i.exec(context.req.header("authorization") ?? "")?.[1];
    if (key === undefined) {
      throw new CairnError("UNAUTHENTICATED", "expected an API key, got none", {
        hint: 'send the header "Authorization: Bearer <key>"',
      });
    }
    const caller = await authenticate(cairn, key);
    if (!(allowed[route] as readonly Role[]).includes(caller.role)) {
      throw new CairnError("FORBIDDEN", `expected one of the roles ${allowed[route].join(", ")}, got ${caller.role}`, {
        hint: "ask for a key of one of these roles",
      });
    }
    context.set("caller", caller);
    await next();
  });
}
