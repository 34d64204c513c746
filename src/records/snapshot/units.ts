import type { SettledConsent } from "./consented.ts";
import { snapshotClasses } from "./purposes.ts";
import { versionsAsOf } from "./versions.ts";

/** Entries count from the day they were known, also when the same record later says that the learner has left. */
const entryKnown = "coalesce(entry_known_on, known_on)";

/**
 * Makes `unit` (one row per learner, period and school), `unit_period` (one row per learner and period) and `unit_withheld`
 * (which tables are kept back for which learner): the learners of the tenant as of the day under their pseudonyms, less those
 * whose family said no to the purpose (or, where it needs a yes, did not say yes). Runs after `showConsented`, so that
 * `enrolment` holds nobody else: who they are stands in `snapshot_left_out`.
 */
export function unitTable(purpose: string, asOf: string, consent: SettledConsent): string {
  const { stays } = versionsAsOf(asOf);
  return `
    create temp table snapshot_enrolment on commit drop as
      select * from ${stays("enrolment")} e where starts_on <= date '${asOf}';

    create temp table snapshot_left_out on commit drop as
      select distinct coalesce(i.canonical, e.person_id) as person_id
      from ${stays("public.enrolment")} e left join snapshot_identity i using (person_id)
      where starts_on <= date '${asOf}' and coalesce(i.canonical, e.person_id) not in (select person_id from snapshot_enrolment);

    insert into pseudonym (tenant_id, purpose, person_id, code)
      select distinct on (person_id) tenant_id, '${purpose}', person_id, replace(gen_random_uuid()::text, '-', '')
      from snapshot_enrolment
      on conflict do nothing;

    create temp table unit on commit drop as
      select e.person_id, p.code as person, p.code || '@' || e.period as learner, e.period, e.org_key, e.grade, e.starts_on,
        coalesce(e.ends_on, (e.starts_on + interval '1 year' - interval '1 day')::date) as ends_on, e.entered_on,
        ${entryKnown} as entry_known_on,
        case when coalesce(e.exit_known_on, e.exited_on) <= date '${asOf}' then e.exited_on end as exited_on,
        case when coalesce(e.exit_known_on, e.exited_on) <= date '${asOf}' then e.exit_kind end as exit_kind,
        case when coalesce(e.exit_known_on, e.exited_on) <= date '${asOf}' then coalesce(e.exit_known_on, e.exited_on) end as exit_known_on
      from snapshot_enrolment e join pseudonym p on p.person_id = e.person_id and p.purpose = '${purpose}';

    -- Evidence between two school years belongs to the one before.
    create temp table unit_period on commit drop as
      select person_id, person, learner, starts_on,
        coalesce(lead(starts_on) over (partition by person_id order by starts_on) - 1, date '9999-12-31') as until
      from (select person_id, person, learner, min(starts_on) as starts_on from unit group by 1, 2, 3) periods;
    create index on unit_period (person_id);
    analyze unit; analyze unit_period;

    ${withheldTable(consent)}`;
}

/**
 * `unit_withheld` (person_id, learner, table_name, data_class): one row per learner and table that a decision keeps back. Of
 * an open kind of data only those who said no are looked at: for most districts a handful.
 */
function withheldTable({ openClasses }: SettledConsent): string {
  const pairs = (open: boolean): string => {
    const rows = Object.entries(snapshotClasses).filter(([, dataClass]) => openClasses.has(dataClass) === open);
    const values = rows.map(([table, dataClass]) => `('${table}', '${dataClass}')`);
    return `(${values.length === 0 ? "select null::text, null::text where false" : `values ${values.join(", ")}`}) c(table_name, data_class)`;
  };
  const columns = "u.person_id, u.learner, c.table_name, c.data_class";
  return `
    create temp table unit_withheld on commit drop as
      select ${columns} from snapshot_exception x join ${pairs(true)} using (data_class) join unit_period u using (person_id)
      union all
      select ${columns} from unit_period u cross join ${pairs(false)}
      where not exists (select 1 from snapshot_exception x where x.person_id = u.person_id and x.data_class = c.data_class)`;
}
