import { versionsAsOf } from "./versions.ts";

/** Entries count from the day they were known, also when the same record later says that the learner has left. */
const entryKnown = "coalesce(entry_known_on, known_on)";

/**
 * Makes `unit` (one row per learner, period and school) and `unit_period` (one row per learner and period): the learners of
 * the tenant as of the day, less those whose family's latest decision for the purpose is "deny", under their pseudonyms. A
 * decision counts from the moment it is recorded, also for days before it.
 */
export function unitTable(purpose: string, asOf: string): string {
  const { stays } = versionsAsOf(asOf);
  return `
    create temp table snapshot_denied on commit drop as
      select person_id from (
        select distinct on (person_id) person_id, decision from (
          select distinct on (record_key) * from consent_decision order by record_key, known_on desc, version_id desc
        ) newest
        where retracted_at is null and purpose = '${purpose}'
        order by person_id, decided_on desc, known_on desc, version_id desc
      ) last where decision = 'deny';

    create temp table snapshot_enrolment on commit drop as
      select * from ${stays("enrolment")} e where starts_on <= date '${asOf}';

    create temp table snapshot_left_out on commit drop as
      select distinct person_id from snapshot_enrolment where person_id in (select person_id from snapshot_denied);

    insert into pseudonym (tenant_id, purpose, person_id, code)
      select distinct on (person_id) tenant_id, '${purpose}', person_id, replace(gen_random_uuid()::text, '-', '')
      from snapshot_enrolment where person_id not in (select person_id from snapshot_denied)
      on conflict do nothing;

    create temp table unit on commit drop as
      select e.person_id, p.code as person, p.code || '@' || e.period as learner, e.period, e.org_key, e.grade, e.starts_on,
        coalesce(e.ends_on, (e.starts_on + interval '1 year' - interval '1 day')::date) as ends_on, e.entered_on,
        ${entryKnown} as entry_known_on,
        case when coalesce(e.exit_known_on, e.exited_on) <= date '${asOf}' then e.exited_on end as exited_on,
        case when coalesce(e.exit_known_on, e.exited_on) <= date '${asOf}' then e.exit_kind end as exit_kind,
        case when coalesce(e.exit_known_on, e.exited_on) <= date '${asOf}' then coalesce(e.exit_known_on, e.exited_on) end as exit_known_on
      from snapshot_enrolment e join pseudonym p on p.person_id = e.person_id and p.purpose = '${purpose}'
      where e.person_id not in (select person_id from snapshot_denied);

    -- Evidence between two school years belongs to the one before.
    create temp table unit_period on commit drop as
      select person_id, person, learner, starts_on,
        coalesce(lead(starts_on) over (partition by person_id order by starts_on) - 1, date '9999-12-31') as until
      from (select person_id, person, learner, min(starts_on) as starts_on from unit group by 1, 2, 3) periods;
    create index on unit_period (person_id);
    analyze unit; analyze unit_period`;
}
