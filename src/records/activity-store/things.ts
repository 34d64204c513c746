import type { Database } from "../database.ts";
import { inTenant } from "../database.ts";
import type { JsonObject } from "../import/json.ts";
import { isObject, listOf } from "../import/json.ts";
import { agentHash, identifierOf, identifiers } from "../import/xapi/agent-rules.ts";

const latestLooked = 100; // statements: names differ in few of them

/** An activity with the definition the newest statement about it gives; one nobody described has its id alone. */
export async function describeActivity(database: Database, tenantId: string, id: string): Promise<JsonObject> {
  return inTenant(database, tenantId, async ({ sql }) => {
    const rows = await sql<{ definition: JsonObject }[]>`
      select document -> 'object' -> 'definition' as definition from statement
      where object = ${id} and jsonb_typeof(document -> 'object' -> 'definition') = 'object'
      order by stored_at desc, version_id desc limit 1`;
    return { objectType: "Activity", id, ...(rows[0] === undefined ? {} : { definition: rows[0].definition }) };
  });
}

/** Everything statements call one agent, as xAPI's Person: lists of names and identifiers. Only the given identifier is one. */
export async function describeAgent(database: Database, tenantId: string, agent: JsonObject): Promise<JsonObject> {
  const identifier = identifierOf(agent) ?? "";
  const hash = agentHash(identifier);
  return inTenant(database, tenantId, async ({ sql }) => {
    const rows = await sql<{ actor: unknown; object: unknown }[]>`
      select document -> 'actor' as actor, document -> 'object' as object from statement
      where agents @> array[${hash}] order by stored_at desc, version_id desc limit ${latestLooked}`;
    const seen = [agent, ...rows.flatMap(({ actor, object }) => [actor, object].flatMap(membersToo))].filter(isObject);
    const names = seen
      .filter((one) => identifierOf(one) === identifier)
      .flatMap(({ name }) => (typeof name === "string" ? name : []));
    const known = identifiers.filter((kind) => kind in agent).map((kind) => [kind, [agent[kind]]] as const);
    return {
      objectType: "Person",
      ...(names.length === 0 ? {} : { name: [...new Set(names)] }),
      ...Object.fromEntries(known),
    };
  });
}

function membersToo(value: unknown): unknown[] {
  return isObject(value) ? [value, ...listOf(value.member)] : [];
}
