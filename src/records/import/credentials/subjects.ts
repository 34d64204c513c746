import type { JsonObject } from "../../credentials/json.ts";
import { isObject, listOf, textOf } from "../../credentials/json.ts";
import type { ImportSession } from "../core/session.ts";

/** Something by which a credential names its holder: as it stands, or as a salted hash of it. */
interface HolderName {
  readonly value: string;
  readonly salt: string | null;
}

/** The ways a credential names its holder: the subject's id, its identifiers (Open Badges 3.0, 2.0's recipient). */
export function holderNames(document: JsonObject): readonly HolderName[] {
  const plain = (value: unknown): HolderName[] =>
    textOf(value) === null ? [] : [{ value: textOf(value)!, salt: null }];
  const subjects = listOf(document.credentialSubject).filter(isObject);
  const identities = subjects.flatMap((subject) => listOf(subject.identifier)).filter(isObject);
  return [
    ...subjects.flatMap((subject) => plain(subject.id)),
    ...identities.flatMap((identity) => identityName(identity.identityHash, identity.hashed, identity.salt)),
    ...(isObject(document.recipient)
      ? identityName(document.recipient.identity, document.recipient.hashed, document.recipient.salt)
      : []),
  ];
}

function identityName(value: unknown, hashed: unknown, salt: unknown): HolderName[] {
  const text = textOf(value);
  if (text === null) return [];
  if (hashed !== true) return [{ value: text, salt: null }];
  // MD5, the other form, can be forged.
  return text.startsWith("sha256$")
    ? [{ value: text.slice("sha256$".length).toLowerCase(), salt: textOf(salt) ?? "" }]
    : [];
}

/**
 * The persons a credential may belong to: those whose number, e-mail address or username it names. Email addresses are often
 * a whole family's, so more than one may come back.
 */
export async function findHolders(session: ImportSession, names: readonly HolderName[]): Promise<readonly string[]> {
  const plain = names.filter(({ salt }) => salt === null).map(({ value }) => value.replace(/^mailto:/i, ""));
  const hashed = names.filter(({ salt }) => salt !== null);
  const rows = await session.tx.sql<{ personId: string }[]>`
    with name as (
      select distinct on (record_key) person_id, value, retracted_at from identifier
      order by record_key, known_on desc, version_id desc
    ), own as (
      select person_id, value from name where retracted_at is null
      union select person_id, email from person where email is not null
      union select person_id, lower(email) from person where email is not null
    )
    select distinct person_id as "personId" from own
    where value = any(${plain}) or exists (
      select 1 from unnest(${hashed.map(({ value }) => value)}::text[], ${hashed.map(({ salt }) => salt!)}::text[]) h(hash, salt)
      where h.hash = encode(sha256(convert_to(own.value || h.salt, 'UTF8')), 'hex')
    )`;
  return rows.map(({ personId }) => personId);
}
