import { CairnError } from "../../errors.ts";
import { inTenant } from "../../records/database.ts";
import { personByNumber } from "../../records/identity/people.ts";
import type { Cairn } from "../runtime.ts";
import type { Caller, Role } from "./keys.ts";
import { authenticate } from "./keys.ts";
import type { TokenClaims, TokenIssuer } from "./oidc.ts";

/** The roles a person may sign in with. What a platform's server may do is never a person's: it has a key. */
const rolesOfPeople = ["counselor", "teacher", "family", "operator"] as const satisfies readonly Role[];

/**
 * Who calls, by an API key or, where the installation has an issuer, a token of it. A counselor who signs in is always a person of the
 * record: she sees her caseload, as with a key of her own.
 * @throws CairnError `UNAUTHENTICATED` when the credential does not hold; `FORBIDDEN` when a token holds and names no district, role or
 * person of the record; `UNAVAILABLE` when the issuer's keys cannot be had
 */
export async function whoCalls(cairn: Cairn, credential: string): Promise<Caller> {
  const isToken = /^[\w-]+\.[\w-]+\.[\w-]*$/.test(credential);
  if (cairn.issuer === undefined || !isToken) return authenticate(cairn, credential);
  return callerOf(cairn, cairn.issuer.claims, await cairn.issuer.verify(credential, cairn.now()));
}

async function callerOf(cairn: Cairn, names: TokenIssuer["claims"], said: TokenClaims): Promise<Caller> {
  const tenantId = await tenantOf(cairn, names.tenant, said.tenant);
  const role = roleOf(names.role, said.role);
  if (role === "operator") {
    const subject = textOf(said.subject);
    return { tenantId, role, ...(subject === undefined ? {} : { credential: subject }) };
  }
  const number = textOf(said.person);
  const personId =
    number === undefined ? undefined : await inTenant(cairn.database, tenantId, (tx) => personByNumber(tx, number));
  if (personId !== undefined) return { tenantId, role, personId };
  const got = number === undefined ? "none" : "one of nobody";
  throw unfit(names.person, `the number of a person of the district's record for the role ${role}`, got);
}

async function tenantOf(cairn: Cairn, name: string, said: unknown): Promise<string> {
  const id = textOf(said);
  if (id === undefined) throw unfit(name, "the id of a district", "none");
  const known = await cairn.database.sql`select 1 from tenant where id = ${id}`;
  if (known.length === 0) throw unfit(name, "the id of a registered district", "another");
  return id;
}

/** One role of ours among what may be many of an issuer's. Of two nobody could say which was meant. */
function roleOf(name: string, said: unknown): (typeof rolesOfPeople)[number] {
  const values: readonly unknown[] = Array.isArray(said) ? said : [said];
  const found = rolesOfPeople.filter((role) => values.includes(role));
  if (found.length === 1) return found[0]!;
  throw unfit(name, `one of the roles ${rolesOfPeople.join(", ")}`, found.length === 0 ? "none" : found.join(" and "));
}

/** A text, or a whole number as some issuers write theirs; NUL is in no text of the record. */
function textOf(said: unknown): string | undefined {
  const text = Number.isSafeInteger(said) ? String(said) : said;
  return typeof text === "string" && text !== "" && text.length <= 200 && !text.includes("\0") ? text : undefined;
}

function unfit(claim: string, expected: string, got: string): CairnError {
  return new CairnError("FORBIDDEN", `expected ${expected} in the token's claim ${claim}, got ${got}`, {
    hint: "have the issuer put it there, or set the name of the claim: see docs/sign-in.md",
    details: { claim },
  });
}
