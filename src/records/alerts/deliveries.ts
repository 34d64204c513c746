import type { TenantTransaction } from "../database.ts";

/** The days on which something new of one kind came in for one school. */
export interface Deliveries {
  /** Who delivers, such as `sis · flat`. */
  readonly source: string;
  /** A kind of record, such as `attendance`. */
  readonly kind: string;
  /** The school's name, or its key where it has none; "" for learners whose school is not known. */
  readonly school: string;
  /** YYYY-MM-DD by UTC, ascending. */
  readonly days: readonly string[];
}

/** The records that come in all year, and what people call them. What comes once a term is no source that can fall silent. */
const kinds = {
  attendance: "attendance_event",
  behavior: "behavior_incident",
  answers: "item_response",
  marks: "result",
} as const;

/** On which days since a moment each source delivered each kind for each school: by the school a learner was last enrolled in. */
export async function deliveriesBySchool(tx: TenantTransaction, since: Date): Promise<Deliveries[]> {
  const { sql } = tx;
  const came = Object.entries(kinds).map(
    ([kind, table]) =>
      `select '${kind}' as kind, batch_id, person_id, (received_at at time zone 'UTC')::date as day
       from ${table} where received_at >= '${since.toISOString()}'`,
  );
  const rows = await sql<Deliveries[]>`
    with school as (
      select distinct on (person_id) person_id, org_key from enrolment where retracted_at is null
      order by person_id, starts_on desc, known_on desc, version_id desc
    ), name as (
      select distinct on (record_key) record_key, name from org order by record_key, known_on desc, version_id desc
    ), came as (select distinct kind, batch_id, person_id, day from (${sql.unsafe(came.join(" union all "))}) every)
    select coalesce(concat_ws(' · ', b.source_system ->> 'source', b.standard), c.batch_id) as source, c.kind,
      coalesce(n.name, s.org_key, '') as school, array_agg(distinct c.day::text order by c.day::text) as days
    from came c left join import_batch b using (batch_id) left join school s using (person_id)
      left join name n on n.record_key = s.org_key
    group by 1, 2, 3 order by 1, 2, 3`;
  return rows.map((row) => ({ ...row }));
}
