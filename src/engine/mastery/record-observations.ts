import type { Observation } from "../../models/mastery/online/tracker.ts";
import type { DataClass } from "../../records/consent/data-classes.ts";
import type { TenantTransaction } from "../../records/database.ts";

interface Seen {
  readonly standard: string;
  readonly item?: string;
  readonly outcome: number;
  readonly at: number;
}

/**
 * Everything the record says today of what one learner knows, each record in its newest version: answers of practice, scores on
 * standards (tests), and observations (a teacher's word; an exit ticket that a computer marked is a small test). What the
 * family lets nobody use is not read.
 * @param ids - every id of the learner
 * @param standardAt - standard → position; observations on others are left out
 * @param allowed - whether the family lets the school use a kind of data for this
 */
export async function readRecordObservations(
  { sql }: TenantTransaction,
  ids: readonly string[],
  standardAt: ReadonlyMap<string, number>,
  allowed: (dataClass: DataClass) => boolean,
): Promise<Observation[]> {
  const people = [...ids];
  const answers = !allowed("practice")
    ? []
    : await sql<Seen[]>`
        select standard, item, correct as outcome, (extract(epoch from answered_at) * 1000)::double precision as at from (
          select distinct on (record_key) * from item_response where person_id = any(${people})
          order by record_key, known_on desc, version_id desc
        ) n where retracted_at is null and standard is not null and correct between 0 and 1`;
  const results = !allowed("grades")
    ? []
    : await sql<Seen[]>`
        select s.standard, s.score as outcome,
          (extract(epoch from coalesce(r.scored_on, s.known_on)::timestamp) * 1000)::double precision as at
        from (
          select distinct on (record_key) * from result where person_id = any(${people})
          order by record_key, known_on desc, version_id desc
        ) r join lateral (
          select distinct on (record_key) * from standard_result where result_key = r.record_key
          order by record_key, known_on desc, version_id desc
        ) s on true where r.retracted_at is null and s.retracted_at is null and s.score between 0 and 1`;
  const words = !allowed("grades")
    ? []
    : await sql<(Seen & { computer: boolean })[]>`
        select standard, score as outcome, (extract(epoch from on_date::timestamp) * 1000)::double precision as at,
          entered_by = 'computer' as computer
        from (
          select distinct on (record_key) * from observation where person_id = any(${people})
          order by record_key, known_on desc, version_id desc
        ) n where retracted_at is null and standard is not null and score between 0 and 1`;
  const observed = [
    ...answers.map((one) => ({ ...one, source: "response" as const })),
    ...results.map((one) => ({ ...one, source: "assessment" as const })),
    ...words.map(({ computer, ...one }) => ({
      ...one,
      source: computer ? ("assessment" as const) : ("teacher" as const),
    })),
  ];
  return observed.flatMap(({ standard, ...one }) => {
    const position = standardAt.get(standard);
    return position === undefined ? [] : [{ ...one, standard: position }];
  });
}
