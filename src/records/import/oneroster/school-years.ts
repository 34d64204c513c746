import { derivedEnrolment } from "../core/flat-targets.ts";
import type { ImportSession } from "../core/session.ts";
import { stageColumns } from "../core/staging.ts";

/**
 * Derives who was in which school in which school year from roles and section enrolments, for all students of the tenant.
 *
 * The school year of a section is its terms' ancestor of type schoolYear; where there is none, the year the term names.
 * Someone has left when every one of her sections in the school has ended before the year did. The grade is what most of
 * her sections of one grade say, else, for her latest year, what the user record says.
 */
export async function deriveEnrolments(session: ImportSession): Promise<void> {
  const stage = await session.stage(derivedEnrolment, { secondary: true });
  const columns = [...Object.keys(stageColumns), ...Object.keys(derivedEnrolment.columns)].map((name) => `"${name}"`);
  const inserted = await session.tx.sql.unsafe(`
    with recursive ${latest("latest_term", "term")}, ${latest("latest_section", "section")},
    ${latest("latest_membership", "section_enrolment")}, ${latest("latest_role", "person_role")},
    ${latest("latest_person", "person")}, ${latest("latest_enrolment", "enrolment")},
    chain as (
      select record_key as term_key, record_key as ancestor, parent_key, kind, 0 as depth from latest_term
      union all
      select chain.term_key, t.record_key, t.parent_key, t.kind, chain.depth + 1
      from chain join latest_term t on t.record_key = chain.parent_key
      where chain.kind is distinct from 'schoolYear' and chain.depth < 8
    ),
    year_of_term as (
      select distinct on (term_key) term_key, ancestor from chain where kind = 'schoolYear' order by term_key, depth
    ),
    year_by_number as (
      select coalesce(school_year, extract(year from ends_on)::int) as school_year,
        min(starts_on) as starts_on, max(ends_on) as ends_on
      from latest_term group by 1
    ),
    -- A title that names no year ("School Year") would make one period of all years.
    period_of_term as (
      select t.record_key as term_key,
        case when y.title ~ '[0-9]{4}' then y.title else (n.school_year - 1) || '-' || right(n.school_year::text, 2) end as period,
        coalesce(y.starts_on, n.starts_on) as starts_on, coalesce(y.ends_on, n.ends_on) as ends_on
      from latest_term t
      left join year_of_term a on a.term_key = t.record_key
      left join latest_term y on y.record_key = a.ancestor
      left join year_by_number n on n.school_year = coalesce(y.school_year, t.school_year, extract(year from coalesce(y.ends_on, t.ends_on))::int)
    ),
    section_period as (
      select distinct on (s.record_key) s.record_key as section_key, s.org_key, p.period, p.starts_on, p.ends_on,
        case when cardinality(s.grades) = 1 then s.grades[1] end as grade
      from latest_section s cross join unnest(s.term_keys) as of(term_key) join period_of_term p using (term_key)
      order by s.record_key, p.starts_on
    ),
    stay as (
      select m.person_id, coalesce(m.org_key, p.org_key) as org_key, p.period, min(p.starts_on) as starts_on, max(p.ends_on) as ends_on,
        min(m.entered_on) as entered_on,
        case when bool_and(m.exited_on is not null) and (max(m.exited_on) < max(p.ends_on) or bool_or(m.exit_kind is not null))
          then max(m.exited_on) end as exited_on,
        (array_agg(m.exit_kind order by m.exited_on desc nulls last, m.exit_kind))[1] as exit_kind,
        min(coalesce(m.entry_known_on, m.known_on)) as entry_known_on, max(m.exit_known_on) as exit_known_on,
        mode() within group (order by p.grade) as grade
      from latest_membership m join section_period p using (section_key)
      where m.role = 'student' group by 1, 2, 3
    ),
    student as (
      select person_id, org_key, min(begins_on) as begins_on from latest_role where role = 'student' group by 1, 2
    ),
    grade_now as (
      select distinct on (person_id) person_id, grade from latest_person where grade is not null
      order by person_id, known_on desc, version_id desc
    ),
    said as (
      select stay.person_id, stay.org_key, stay.period, stay.starts_on, stay.ends_on,
        coalesce(stay.grade, case when stay.starts_on = max(stay.starts_on) over (partition by stay.person_id) then g.grade end) as grade,
        coalesce(stay.entered_on, case when r.begins_on between stay.starts_on and stay.ends_on then r.begins_on end) as entered_on,
        stay.exited_on, case when stay.exited_on is not null then stay.exit_kind end as exit_kind, stay.entry_known_on,
        case when stay.exited_on is not null then stay.exit_known_on end as exit_known_on
      from stay left join student r using (person_id, org_key) left join grade_now g using (person_id)
      -- What a source says of the enrolment itself is not derived a second time.
      where not exists (
        select 1 from latest_enrolment e where e.class <> 'derived' and e.person_id = stay.person_id
          and e.org_key is not distinct from stay.org_key and e.period = stay.period
      )
    )
    insert into ${stage.table} (${columns.join(", ")})
    select row_number() over (order by person_id, period, org_key), 'enrollments.csv', 0, '',
      'derived:' || person_id || '/' || coalesce(org_key, '') || '/' || period,
      person_id || '/' || coalesce(org_key, '') || '/' || period,
      md5(row(said.*)::text), null, null, exit_known_on, entry_known_on, entered_on, exited_on, false,
      person_id, org_key, period, starts_on, ends_on, grade, entered_on, exited_on, exit_kind, entry_known_on, exit_known_on
    from said`);
  // A stay that no section enrolment speaks for any more is taken back.
  const gone = await session.tx.sql.unsafe(`
    with ${latest("latest_stay", "enrolment")}
    insert into ${stage.table} (${columns.join(", ")})
    select 0, 'enrollments.csv', 0, '', record_key, source_record_id, 'retracted', null, null, null, null, valid_from, valid_to, true,
      person_id, org_key, period, starts_on, ends_on, grade, entered_on, exited_on, exit_kind, entry_known_on, exit_known_on
    from latest_stay where class = 'derived' and record_key not in (select record_key from ${stage.table})`);
  stage.rows = inserted.count + gone.count;
  await session.merge(derivedEnrolment);
}

/** The newest known version of every record that is not taken back. */
function latest(name: string, table: string): string {
  return `${name} as materialized (
      select * from (
        select distinct on (record_key) * from ${table} order by record_key, known_on desc, version_id desc
      ) newest where retracted_at is null
    )`;
}
