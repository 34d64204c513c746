import { createMiddleware } from "hono/factory";
import type { Role } from "../engine/access/keys.ts";
import { whoCalls } from "../engine/access/who-calls.ts";
import type { Cairn } from "../engine/runtime.ts";
import { CairnError } from "../errors.ts";
import { leavingLine } from "./accesses.ts";
import type { ApiEnvironment } from "./environment.ts";
import { onceOnly } from "./idempotency.ts";
import type { GuardedRoute, RouteRule } from "./route-table.ts";
import { routeTable } from "./route-table.ts";

export type { ApiEnvironment } from "./environment.ts";

/** Which role may call what: the roles of the table of routes. */
export const allowed = Object.fromEntries(
  Object.entries(routeTable).map(([route, { roles }]) => [route, roles]),
) as unknown as Readonly<Record<GuardedRoute, readonly Role[]>>;

/** The same for the receivers of activity streams, by the address under which all their resources stand. */
export const allowedReceivers = {
  "/caliper": ["platform", "operator"],
  "/xapi": ["platform", "operator"],
} as const satisfies Record<string, readonly Role[]>;

/** Lets a request through when its bearer key or token is valid and its role is in the table. */
export function requireRole(cairn: Cairn, route: GuardedRoute) {
  return guard(cairn, routeTable[route], bearerKey, route);
}

/** Lets what sends activity through, and reads what was sent; xAPI clients have their key as the password of Basic authentication. */
export function requireReceiver(
  cairn: Cairn,
  receiver: keyof typeof allowedReceivers,
  shows: "nobody" | "list" = "nobody",
) {
  const keyOf = receiver === "/xapi" ? (header: string) => bearerKey(header) ?? basicPassword(header) : bearerKey;
  return guard(cairn, { roles: allowedReceivers[receiver], shows, purpose: "school-use" }, keyOf, receiver);
}

/** The key or token of a bearer authorisation. */
export function bearerKey(header: string): string | undefined {
  return /^Bearer +(\S+)$/i.exec(header)?.[1];
}

function basicPassword(header: string): string | undefined {
  const pair = /^Basic +([\w+/=-]+)$/i.exec(header)?.[1];
  if (pair === undefined) return undefined;
  const text = Buffer.from(pair, "base64").toString("utf8");
  return text.includes(":") ? text.slice(text.indexOf(":") + 1) : undefined;
}

function guard(
  cairn: Cairn,
  { roles, shows, purpose }: RouteRule,
  keyOf: (header: string) => string | undefined,
  route: string,
) {
  return createMiddleware<ApiEnvironment>(async (context, next) => {
    const key = keyOf(context.req.header("authorization") ?? "");
    if (key === undefined) {
      throw new CairnError("UNAUTHENTICATED", "expected an API key or a token, got none", {
        hint: 'send the header "Authorization: Bearer <key or token>"',
      });
    }
    const caller = await whoCalls(cairn, key);
    if (!roles.includes(caller.role)) {
      throw new CairnError("FORBIDDEN", `expected one of the roles ${roles.join(", ")}, got ${caller.role}`, {
        hint: "ask for a key of one of these roles, or sign in with one",
      });
    }
    context.set("caller", caller);
    const answer = () => onceOnly(cairn, caller, context, next);
    if (shows === "nobody") return answer();
    const note = { caller, route, purpose, requestId: context.get("requestId") };
    return leavingLine(cairn, note, shows, context, answer);
  });
}
