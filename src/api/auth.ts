import { createMiddleware } from "hono/factory";
import type { Caller, Role } from "../engine/access/keys.ts";
import { whoCalls } from "../engine/access/who-calls.ts";
import type { Cairn } from "../engine/runtime.ts";
import { CairnError } from "../errors.ts";
import { onceOnly } from "./idempotency.ts";

/** What a route knows of the request: who calls. The tenant comes from the key or token, never from the request. */
export interface ApiEnvironment {
  Variables: { caller: Caller };
}

/** Which role may call what: the one table the routes are guarded by. */
export const allowed = {
  "GET /v1/rankings": ["counselor", "operator"],
  "GET /v1/rankings/thriving": ["counselor", "operator"],
  "GET /v1/models": ["counselor", "operator"],
  "GET /v1/models/{modelId}": ["counselor", "operator"],
  "GET /v1/monitoring": ["counselor", "operator"],
  "GET /v1/outcomes": ["counselor", "operator"],
  "POST /v1/outcomes": ["operator"],
  "GET /v1/interventions": ["counselor", "operator"],
  "POST /v1/interventions": ["counselor", "operator"],
  "GET /v1/playlists/{learner}": ["platform", "operator"],
  "POST /v1/playlists": ["platform", "operator"],
  // A teacher decides about the learners of her sections.
  "GET /v1/playlists/{learner}/overrides": ["teacher", "platform", "operator"],
  "POST /v1/playlists/{learner}/overrides": ["teacher", "platform", "operator"],
  "POST /v1/playlists/{learner}/overrides/{key}/withdraw": ["teacher", "platform", "operator"],
  "POST /v1/responses": ["platform", "operator"],
  "POST /v1/jobs": ["operator"],
  "GET /v1/jobs/{jobId}": ["operator"],
  "GET /v1/jobs/{jobId}/events": ["operator"],
  // What is known of each standard: a teacher's learners are those of her sections, a family's its own.
  "GET /v1/learners/{learner}/standards": ["teacher", "counselor", "family", "platform", "operator"],
  // A teacher sees the learners of her sections, a family its own; each in its own words.
  "GET /v1/alerts": ["teacher", "counselor", "family", "operator"],
  "GET /v1/alerts/digest": ["teacher", "counselor", "family", "operator"],
  "POST /v1/alerts/{alertId}/steps": ["teacher", "counselor", "operator"],
  "GET /v1/groups": ["teacher"],
  // A family asks about its own child, a teacher about the learners of her sections, a counselor with a
  // key of her own about those of her caseload, an office about the district's.
  "GET /v1/learners/{learner}/answers": ["family", "teacher", "counselor"],
  // A family's key opens its own learners only; the office records what a family signed on paper.
  "GET /v1/families/learners": ["family"],
  "GET /v1/families/{learner}/choices": ["family", "operator"],
  "POST /v1/families/{learner}/choices": ["family", "operator"],
  "POST /v1/families/{learner}/choices/{key}/withdraw": ["family", "operator"],
  "POST /v1/families/{learner}/preview": ["family", "operator"],
  "GET /v1/families/{learner}/disclosures": ["family", "operator"],
  "GET /v1/families/{learner}/cases": ["family", "operator"],
  "GET /v1/families/{learner}/export": ["family"],
  "POST /v1/families/{learner}/amendments": ["family"],
  "POST /v1/families/{learner}/amendments/{caseId}/statement": ["family"],
  "POST /v1/families/{learner}/access-requests": ["family"],
  "POST /v1/families/{learner}/directory-opt-out": ["family", "operator"],
  "GET /v1/families/cases": ["operator"],
  "POST /v1/families/cases/{caseId}/steps": ["operator"],
  "POST /v1/families/cases/{caseId}/answer": ["operator"],
} as const satisfies Record<string, readonly Role[]>;

/** The same for the receivers of activity streams, by the address under which all their resources stand. */
export const allowedReceivers = {
  "/caliper": ["platform", "operator"],
  "/xapi": ["platform", "operator"],
} as const satisfies Record<string, readonly Role[]>;

/** Lets a request through when its bearer key or token is valid and its role is in the table. */
export function requireRole(cairn: Cairn, route: keyof typeof allowed) {
  return guard(cairn, allowed[route], bearerKey);
}

/** Lets what sends activity through; xAPI clients have their key as the password of Basic authentication. */
export function requireReceiver(cairn: Cairn, receiver: keyof typeof allowedReceivers) {
  const keyOf = receiver === "/xapi" ? (header: string) => bearerKey(header) ?? basicPassword(header) : bearerKey;
  return guard(cairn, allowedReceivers[receiver], keyOf);
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

function guard(cairn: Cairn, roles: readonly Role[], keyOf: (header: string) => string | undefined) {
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
    return onceOnly(cairn, caller, context, next);
  });
}
