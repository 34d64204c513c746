import type { SnapshotTableName } from "./tables.ts";
import { versionsAsOf } from "./versions.ts";

const subjectOf = (subjects: string): string => `
  case when array_to_string(${subjects}, ' ') ~* 'math' then 'math'
       when array_to_string(${subjects}, ' ') ~* '(english|language arts|\\mela\\M|reading|writing|literacy)' then 'english'
       else 'other' end`;

/**
 * A result handed in on time keeps the due day as its day at the latest: sources give the day of marking, not of handing in.
 * Work a learner is exempt from counts as handed in without a score: it is not missing.
 */
const submittedOn = `
  case when r.status = 'exempt' then coalesce(a.due_on, r.scored_on)
       when r.missing or r.status = 'not submitted' or r.scored_on is null then null
       when r.late then greatest(r.scored_on, a.due_on + 1)
       else least(r.scored_on, coalesce(a.due_on, r.scored_on)) end`;

const share = `
  case when coalesce(a.score_maximum, 100) > coalesce(a.score_minimum, 0)
       then 100 * (r.score - coalesce(a.score_minimum, 0)) / (coalesce(a.score_maximum, 100) - coalesce(a.score_minimum, 0)) end`;

/**
 * The SELECT of each table as of a day, run in one transaction of one tenant; columns in the order of the contract
 * (tables.ts). `unit` and `unit_period` are temporary tables made by `unitTable`: nothing below them holds a person's id or
 * name.
 */
export function snapshotQueries(asOf: string): Readonly<Partial<Record<SnapshotTableName, string>>> {
  const { latest, describing, stays, unitOn } = versionsAsOf(asOf);
  return {
    enrolment: `
      select learner, person, period, org_key, concat_ws('/', org_key, grade, period),
        case when grade is null then null when grade !~ '^\\d+$' then 'K-5' when grade::int <= 5 then 'K-5' when grade::int <= 8 then '6-8' else '9-12' end,
        starts_on, entered_on, exited_on, exit_kind, entry_known_on, exit_known_on
      from unit`,
    section: `
      select distinct u.learner, m.section_key, s.course_key, ${subjectOf("coalesce(nullif(s.subjects, '{}'), c.subjects)")},
        m.entered_on, case when coalesce(m.exit_known_on, m.exited_on) <= date '${asOf}' then m.exited_on end,
        coalesce(m.entry_known_on, m.known_on)
      from ${stays("section_enrolment")} m
      join ${describing("section")} s on s.record_key = m.section_key
      left join ${describing("course")} c on c.record_key = s.course_key
      left join (
        select of.record_key, min(t.starts_on) as starts_on
        from (select record_key, unnest(term_keys) as term_key from ${describing("section")} every) of
        join ${describing("term")} t on t.record_key = of.term_key group by of.record_key
      ) begins on begins.record_key = m.section_key
      -- The term says which year it is: people are put into sections in the summer before.
      join ${unitOn("m.person_id", "greatest(m.entered_on, begins.starts_on)")}
      where m.role = 'student'`,
    background: `
      select learner, 'grade', max(grade::double precision), min(entry_known_on) from unit where grade ~ '^\\d+$' group by learner`,
    protected_attribute: `
      select u.learner, v.name, v.value from ${describing("demographics")} d
      join unit_period u on u.person_id = d.person_id
      cross join lateral (values ('sex', d.sex), ('race', nullif(concat_ws('+',
        case when d.american_indian_or_alaska_native then 'american indian or alaska native' end,
        case when d.asian then 'asian' end, case when d.black_or_african_american then 'black or african american' end,
        case when d.native_hawaiian_or_other_pacific_islander then 'native hawaiian or other pacific islander' end,
        case when d.white then 'white' end, case when d.hispanic_or_latino then 'hispanic or latino' end), ''))) v(name, value)
      where v.value is not null`,
    calendar: `
      select distinct org_key, on_date from ${latest("calendar_day")} c where instructional and on_date <= date '${asOf}'`,
    attendance: `
      select u.learner, a.on_date, a.category, a.excused, a.known_on from ${latest("attendance_event")} a
      join ${unitOn("a.person_id", "a.on_date")}`,
    behavior: `
      select u.learner, b.on_date, b.severity, b.action, b.known_on from ${latest("behavior_incident")} b
      join ${unitOn("b.person_id", "b.on_date")} where b.participation = 'perpetrator'`,
    survey: `
      select u.learner, s.scale, avg(s.answer), count(*)::int, s.on_date, max(s.known_on) from ${latest("survey_answer")} s
      join ${unitOn("s.person_id", "s.on_date")} where s.answer is not null group by u.learner, s.instrument, s.scale, s.on_date`,
    assignment: `
      select record_key, section_key, kind, due_on, weight, known_on from ${latest("assignment")} a`,
    result: `
      select r.assignment_key, u.learner, ${submittedOn}, ${share}, false, row_number() over (order by r.record_key), r.known_on
      from ${latest("result")} r
      join ${latest("assignment")} a on a.record_key = r.assignment_key
      join ${unitOn("r.person_id", "coalesce(a.due_on, r.scored_on, r.known_on)")}`,
    standard_result: `
      select u.learner, s.standard, s.score, r.scored_on, s.known_on from ${latest("standard_result")} s
      join ${latest("result")} r on r.record_key = s.result_key
      join ${unitOn("r.person_id", "r.scored_on")} where s.score between 0 and 1`,
    response: `
      select u.learner, i.item, i.standard, i.answered_at, i.correct, i.attempts, i.hints, i.seconds, i.known_on
      from ${latest("item_response")} i join ${unitOn("i.person_id", "i.answered_at::date")}`,
    activity_event: `
      select u.learner, e.activity, e.verb, e.kind, e.at, e.seconds, e.clicks, e.known_on
      from ${latest("activity_event")} e join ${unitOn("e.person_id", "e.at::date")}`,
    standard: `select standard, label, subject, grade from ${describing("standard")} s`,
    prerequisite: `select distinct standard, requires from ${describing("prerequisite")} p`,
    activity: `select activity, title, standard, modality, minutes, difficulty from ${describing("activity")} a`,
  };
}
