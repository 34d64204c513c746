import { createHash } from "node:crypto";
import type { TenantTransaction } from "../database.ts";
import { strongSystems } from "../import/core/people.ts";
import type { JsonObject } from "../import/json.ts";
import { isObject } from "../import/json.ts";
import { agentHash, identifierOf } from "../import/xapi/agent-rules.ts";

/** The naming system of a provider's accounts in the record: `account:` and the account's home page. */
export function accountSystem(homePage: string): string {
  return `account:${homePage}`;
}

/**
 * Finds the persons agents are, by what identifies them: an account by its name under its home page when the district keeps that
 * provider's names, else as the district's, the state's or the school's own number; an address (or its SHA-1 sum) by the person's
 * e-mail; an OpenID by itself. Who could be several people is nobody.
 * @returns by the agent's hash; agents that are nobody known are not in it
 */
export async function findPeople(tx: TenantTransaction, agents: readonly JsonObject[]): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const byKind = (name: string): JsonObject[] => agents.filter((agent) => name in agent);
  const note = (agent: JsonObject, people: readonly string[]): void => {
    const identifier = identifierOf(agent);
    const distinct = new Set(people);
    if (identifier !== undefined && distinct.size === 1) found.set(agentHash(identifier), people[0]!);
  };
  await noteAccounts(tx, byKind("account"), note);
  await noteOpenIds(tx, byKind("openid"), note);
  await noteMailboxes(tx, byKind("mbox"), byKind("mbox_sha1sum"), note);
  return found;
}

type Note = (agent: JsonObject, people: readonly string[]) => void;

async function noteAccounts(tx: TenantTransaction, agents: readonly JsonObject[], note: Note): Promise<void> {
  const accounts = agents.flatMap((agent) => (isObject(agent.account) ? [{ agent, account: agent.account }] : []));
  if (accounts.length === 0) return;
  const homes = [...new Set(accounts.map(({ account }) => accountSystem(String(account.homePage))))];
  const kept = new Set(
    (
      await tx.sql<{ system: string }[]>`
    select distinct system from identifier where system = any(${homes})`
    ).map(({ system }) => system),
  );
  const known = await identifiersOf(
    tx,
    accounts.map(({ account }) => String(account.name)),
  );
  for (const { agent, account } of accounts) {
    const own = accountSystem(String(account.homePage));
    // A provider that numbers its accounts itself would else meet the school's own numbers by chance.
    const systems: readonly string[] = kept.has(own) ? [own] : strongSystems;
    note(
      agent,
      known
        .filter(({ system, value }) => value === account.name && systems.includes(system))
        .map(({ person_id }) => person_id),
    );
  }
}

async function noteOpenIds(tx: TenantTransaction, agents: readonly JsonObject[], note: Note): Promise<void> {
  if (agents.length === 0) return;
  const known = await identifiersOf(
    tx,
    agents.map(({ openid }) => String(openid)),
  );
  for (const agent of agents) {
    note(
      agent,
      known
        .filter(({ system, value }) => system === "openid" && value === agent.openid)
        .map(({ person_id }) => person_id),
    );
  }
}

async function identifiersOf(
  tx: TenantTransaction,
  values: readonly string[],
): Promise<readonly { system: string; value: string; person_id: string }[]> {
  return tx.sql<{ system: string; value: string; person_id: string }[]>`
    select system, value, person_id from (
      select distinct on (record_key) system, value, person_id, retracted_at from identifier
      where record_key in (select record_key from identifier where value = any(${[...new Set(values)]}))
      order by record_key, known_on desc, version_id desc
    ) latest where retracted_at is null`;
}

async function noteMailboxes(
  tx: TenantTransaction,
  plain: readonly JsonObject[],
  hashed: readonly JsonObject[],
  note: Note,
): Promise<void> {
  if (plain.length + hashed.length === 0) return;
  const addresses = plain.map(({ mbox }) => addressOf(mbox));
  // The database has no SHA-1: where sums are asked for, every address is read.
  const rows = await tx.sql<{ email: string; person_id: string }[]>`
    select lower(email) as email, person_id from (
      select distinct on (record_key) email, person_id, retracted_at from person
      order by record_key, known_on desc, version_id desc
    ) latest where retracted_at is null and email is not null and (${hashed.length > 0} or lower(email) = any(${addresses}))`;
  const byAddress = groupPeople(rows.map(({ email, person_id }) => [email, person_id]));
  for (const agent of plain) note(agent, byAddress.get(addressOf(agent.mbox)) ?? []);
  if (hashed.length === 0) return;
  const bySum = groupPeople(rows.map(({ email, person_id }) => [sumOf(email), person_id]));
  for (const agent of hashed) note(agent, bySum.get(String(agent.mbox_sha1sum).toLowerCase()) ?? []);
}

function addressOf(mailbox: unknown): string {
  return String(mailbox)
    .replace(/^mailto:/i, "")
    .toLowerCase();
}

function sumOf(address: string): string {
  return createHash("sha1").update(`mailto:${address}`).digest("hex");
}

function groupPeople(pairs: readonly (readonly [string, string])[]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const [key, person] of pairs) groups.set(key, [...(groups.get(key) ?? []), person]);
  return groups;
}
