import type { TenantTransaction } from "../database.ts";

/** A record on both clocks: `happenedAt` by the wall clock of the district, `learnedAt` in UTC, both ISO 8601. */
interface Stamped {
  readonly personId: string;
  readonly key: string;
  readonly happenedAt: string;
  readonly learnedAt: string;
  readonly retracted: boolean;
}

/** One version of an answer. */
export interface AnswerRecord extends Stamped {
  readonly standard: string;
  /** 0 to 1. */
  readonly correct: number;
}

/** Every version of the answers of these persons on standards, in the order in which they came in. */
export async function answersOf(
  tx: TenantTransaction,
  personIds: readonly string[],
  standards?: readonly string[],
): Promise<AnswerRecord[]> {
  const chosen = standards === undefined ? tx.sql`true` : tx.sql`standard = any(${[...standards]})`;
  return tx.sql<AnswerRecord[]>`
    select person_id as "personId", standard, record_key as key, to_char(answered_at, 'YYYY-MM-DD"T"HH24:MI:SS.MS') as "happenedAt",
      ${utc(tx, "received_at")} as "learnedAt", retracted_at is not null as retracted, correct
    from item_response where person_id = any(${[...personIds]}) and standard is not null and correct is not null and ${chosen}
    order by version_id`;
}

/** Every version of the whole-day absences of these persons (of everybody when absent), in the order in which they came in. */
export async function absencesOf(tx: TenantTransaction, personIds?: readonly string[]): Promise<Stamped[]> {
  const chosen = personIds === undefined ? tx.sql`true` : tx.sql`person_id = any(${[...personIds]})`;
  // A version that says something else than absent takes an absence back.
  return tx.sql<Stamped[]>`
    select person_id as "personId", record_key as key, on_date::text as "happenedAt", ${utc(tx, "received_at")} as "learnedAt",
      retracted_at is not null or category <> 'absent' or scope is not distinct from 'section' as retracted
    from attendance_event where ${chosen} order by version_id`;
}

/** Who answered something that came in since a moment. */
export async function answeredSince(tx: TenantTransaction, since: Date): Promise<string[]> {
  const rows = await tx.sql<{ personId: string }[]>`
    select distinct person_id as "personId" from item_response where received_at >= ${since.toISOString()} order by 1`;
  return rows.map(({ personId }) => personId);
}

/** How many answers a person gave in a week (by its Monday), of those that were in `graceDays` after its end. */
export interface WeekRecord {
  readonly personId: string;
  readonly week: string;
  readonly answers: number;
}

/** The weeks of work of everybody, as each was known when it could be judged. */
export async function weeksOfWork(tx: TenantTransaction, graceDays: number): Promise<WeekRecord[]> {
  return tx.sql<WeekRecord[]>`
    select person_id as "personId", week::date::text as week, count(distinct record_key)::int as answers
    from (select person_id, record_key, received_at, date_trunc('week', answered_at) as week from item_response) r
    where received_at at time zone 'UTC' < week + make_interval(days => 7 + ${graceDays}::int)
    group by 1, 2 order by 1, 2`;
}

/** A run of scores that was shown, and who stood how high. */
export interface RankedRun {
  readonly runId: string;
  readonly asOf: string;
  readonly publishedAt: string;
  /** Place by the learner's id; 1 is most at risk, equals have the same place. */
  readonly places: ReadonlyMap<string, number>;
}

/** Every published ranking down to a place, oldest first. Learners who are linked are one: the better place counts. */
export async function rankedRuns(
  tx: TenantTransaction,
  lowest: number,
  canonical: ReadonlyMap<string, string>,
): Promise<RankedRun[]> {
  const rows = await tx.sql<{ runId: string; asOf: string; publishedAt: string; personId: string; place: number }[]>`
    select r.run_id as "runId", r.as_of::text as "asOf", ${utc(tx, "r.published_at")} as "publishedAt", p.person_id as "personId",
      s.place::int
    from scoring_run r left join lateral (
      select pseudonym, rank() over (order by probability desc) as place from risk_score k
      where k.run_id = r.run_id and probability is not null
    ) s on s.place <= ${lowest}
    left join pseudonym p on p.code = s.pseudonym and p.purpose = 'early-warning'
    where r.status = 'published' order by r.published_at, r.run_id, s.place`;
  const runs = new Map<string, RankedRun & { places: Map<string, number> }>();
  for (const { runId, asOf, publishedAt, personId, place } of rows) {
    const run = runs.get(runId) ?? { runId, asOf, publishedAt, places: new Map<string, number>() };
    runs.set(runId, run);
    const learner = canonical.get(personId) ?? personId;
    if (personId !== null && !run.places.has(learner)) run.places.set(learner, place);
  }
  return [...runs.values()];
}

/** The days on which each source delivered each kind of file. */
export async function deliveryDays(tx: TenantTransaction): Promise<ReadonlyMap<string, string[]>> {
  const rows = await tx.sql<{ source: string; day: string }[]>`
    select distinct concat_ws(' · ', source_system ->> 'source', standard) as source,
      (received_at at time zone 'UTC')::date::text as day
    from import_batch order by 1, 2`;
  const days = new Map<string, string[]>();
  for (const { source, day } of rows) days.set(source, [...(days.get(source) ?? []), day]);
  return days;
}

/** The days on which, by their calendars, no school of the district teaches. */
export async function daysOff(tx: TenantTransaction): Promise<ReadonlySet<string>> {
  const rows = await tx.sql<{ day: string }[]>`
    select on_date::text as day from (
      select distinct on (record_key) * from calendar_day order by record_key, known_on desc, version_id desc
    ) newest where retracted_at is null group by on_date having not bool_or(instructional)`;
  return new Set(rows.map(({ day }) => day));
}

/** A column of a moment as ISO 8601 in UTC. */
function utc(tx: TenantTransaction, column: string) {
  return tx.sql.unsafe(`to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`);
}
