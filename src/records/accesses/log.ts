import { randomUUID } from "node:crypto";
import type postgres from "postgres";
import type { TenantTransaction } from "../database.ts";
import { canonicalPersons, idsOf } from "../identity/links.ts";

/** One request that showed learners, or that asked for one and was refused. */
export interface AccessLine {
  /** Which key, or whose token where it is nobody's of the record; null when neither is known. */
  readonly credential: string | null;
  /** The person of the record who asked. */
  readonly readerId: string | null;
  readonly role: string;
  /** Method and pattern of the route. */
  readonly route: string;
  readonly purpose: string;
  readonly outcome: "shown" | "refused";
  /** How many learners; null where the answer does not say of whom it is. */
  readonly learners: number | null;
  readonly runId: string | null;
  readonly requestId: string;
}

/** A line as it is read back. */
export interface LoggedAccess extends AccessLine {
  readonly accessId: string;
  /** ISO 8601, UTC. */
  readonly at: string;
}

/**
 * Writes one line, and of whom it was: one statement, so that a transaction under way may carry it along.
 * @param personIds - the learners, by any of their ids; those of whom none is known are only counted
 */
export function logAccess(
  { sql, tenantId }: TenantTransaction,
  line: AccessLine,
  personIds: readonly string[],
  now: Date,
): postgres.PendingQuery<postgres.Row[]> {
  const { credential, readerId, role, route, purpose, outcome, learners, runId, requestId } = line;
  const accessId = randomUUID();
  return sql`
    with whom as (
      insert into learner_accessed (tenant_id, person_id, access_id)
      select distinct ${tenantId}, id, ${accessId} from unnest(${[...personIds]}::text[]) p(id)
    )
    insert into learner_access (tenant_id, access_id, at, credential, reader_id, role, route, purpose, outcome, learners,
      run_id, request_id)
    values (${tenantId}, ${accessId}, ${now.toISOString()}::timestamptz, ${credential}, ${readerId}, ${role}, ${route},
      ${purpose}, ${outcome}, ${learners}::int, ${runId}, ${requestId})`;
}

/** Which lines are read: those before a line, so many. */
export interface AccessPage {
  readonly limit: number;
  /** The id of the last line that is known; from the newest on when left out. */
  readonly before?: string;
}

/** The accesses to a learner, by all of her ids, or those of the district; the newest first. */
export async function accessesTo(
  tx: TenantTransaction,
  personId: string | undefined,
  { limit, before }: AccessPage,
): Promise<LoggedAccess[]> {
  const { sql } = tx;
  const ids = personId === undefined ? undefined : await idsOf(tx, personId);
  const ofWhom =
    ids === undefined
      ? sql``
      : sql`and access_id in (
    select access_id from learner_accessed where person_id = any(${ids}))`;
  // A line nobody has, or one that has gone meanwhile, has nothing before it.
  const from =
    before === undefined
      ? sql``
      : sql`and (at, access_id) < (
    select at, access_id from learner_access where access_id = ${before})`;
  const rows = await sql<(LoggedAccess & { at: string })[]>`
    select access_id as "accessId", at, credential, reader_id as "readerId", role, route, purpose, outcome, learners,
      run_id as "runId", request_id as "requestId"
    from learner_access where true ${ofWhom} ${from} order by at desc, access_id desc limit ${limit}`;
  return rows.map((row) => ({ ...row, at: new Date(row.at).toISOString() }));
}

/**
 * Who has each of these numbers, as `personByNumber` says it, for many at once: one id for a number that is one learner's, none
 * for a number that is nobody's or two learners'.
 */
export async function personsByNumbers(tx: TenantTransaction, numbers: readonly string[]): Promise<string[]> {
  const rows = await tx.sql<{ number: string; id: string }[]>`
    with newest as (
      select distinct on (record_key) * from identifier
      where record_key in (
        select record_key from identifier where system in ('district', 'local', 'state') and value = any(${[...numbers]})
      )
      order by record_key, known_on desc, version_id desc
    )
    select distinct value as number, person_id as id from (
      select value, person_id,
        rank() over (partition by value order by class = 'certified' desc, retracted_at is null desc) as place
      from newest where system in ('district', 'local', 'state') and value = any(${[...numbers]})
    ) ranked where place = 1`;
  const canonical = await canonicalPersons(tx);
  const holders = new Map<string, Set<string>>();
  for (const { number, id } of rows)
    holders.set(number, (holders.get(number) ?? new Set()).add(canonical.get(id) ?? id));
  return [...new Set([...holders.values()].flatMap((ids) => (ids.size === 1 ? [...ids] : [])))];
}

/** Which of these are ids of persons of the record. */
export async function knownPersons(tx: TenantTransaction, ids: readonly string[]): Promise<string[]> {
  const rows = await tx.sql<{ id: string }[]>`
    select distinct person_id as id from person where person_id = any(${[...ids]}) order by 1`;
  return rows.map(({ id }) => id);
}

/** The learners that xAPI statements are about, less those that wait for a person nobody has found. */
export async function personsOfStatements(tx: TenantTransaction, statementIds: readonly string[]): Promise<string[]> {
  const rows = await tx.sql<{ id: string }[]>`
    select distinct person_id as id from statement
    where statement_id = any(${[...statementIds]}) and person_id is not null order by 1`;
  return rows.map(({ id }) => id);
}
