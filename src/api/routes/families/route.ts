import type { z } from "@hono/zod-openapi";
import type { Caller } from "../../../engine/access/keys.ts";
import type { FamilyActor } from "../../../engine/families/learners.ts";
import { problemSchema } from "../../schemas.ts";

/** The answers of a route: one that is right, and problems. */
export function answers<Schema extends z.ZodType>(description: string, schema: Schema) {
  return {
    200: { description, content: { "application/json": { schema } } },
    default: { description: "A problem", content: { "application/problem+json": { schema: problemSchema } } },
  } as const;
}

/** The answer to If-None-Match, of routes that give what was published. */
export const unchanged = { 304: { description: "What the client has, by its ETag, is the newest" } } as const;

/** A body of JSON. */
export function json<Schema extends z.ZodType>(schema: Schema) {
  return { required: true, content: { "application/json": { schema } } } as const;
}

/** The key every route of the families asks for. */
export const withKey: { key: string[] }[] = [{ key: [] }];

/** Who acts: the person of a family's key, or the office that holds a key of the district. */
export function actorOf({ tenantId, role, personId }: Caller): FamilyActor {
  return { tenantId, recordedBy: `key of role ${role}`, ...(personId === undefined ? {} : { personId }) };
}
