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
      -- an absence from one class is not a day missed
      select u.learner, a.on_date, a.category, a.excused, a.known_on from ${latest("attendance_event")} a
      join ${unitOn("a.person_id", "a.on_date")} where a.scope is distinct from 'section'`,
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
    activity_setting: `select activity, setting from ${describing("activity")} a where setting is not null`,
    ...laterQueries(asOf),
  };
}

/** A mark on the scale of 0 to 100: the number, else the letter as Ed-Fi's early warning counts it (handbook 1.3). */
const mark = `
  case when g.numeric is not null then 100 * g.numeric / coalesce(nullif(g.numeric_maximum, 0), 100)
       else case left(upper(g.letter), 1) when 'A' then 95 when 'B' then 85 when 'C' then 75 when 'D' then 65 when 'F' then 55 end end`;

/** The tables of help, goals and what a learner brings along. Of a transcript, the person's own code is the key: it is older than any period here. */
function laterQueries(asOf: string): Readonly<Partial<Record<SnapshotTableName, string>>> {
  const { latest, describing, unitOn } = versionsAsOf(asOf);
  const people = "(select distinct person_id, person from unit)";
  const courseSubject = subjectOf("coalesce(nullif(s.subjects, '{}'), c.subjects)");
  return {
    term: `
      select distinct s.org_key, t.starts_on, t.ends_on
      from (select distinct org_key, unnest(term_keys) as term_key from ${describing("section")} every) s
      join ${describing("term")} t on t.record_key = s.term_key where s.org_key is not null and t.starts_on is not null`,
    observation: `
      select u.learner, o.standard, o.score, o.entered_by, o.on_date, o.known_on from ${latest("observation")} o
      join ${unitOn("o.person_id", "o.on_date")} where o.score between 0 and 1`,
    scale_score: `
      select u.learner, s.instrument, s.scale, s.score, s.items, s.reliability, s.on_date, s.known_on from ${latest("scale_score")} s
      join ${unitOn("s.person_id", "s.on_date")}`,
    goal: `
      select u.learner, g.goal, g.set_on, g.due_on, g.achieved_on, ${firstKnown("goal", "g")}, case when g.achieved_on is not null then g.known_on end
      from ${latest("goal")} g join ${unitOn("g.person_id", "g.set_on")}`,
    goal_step: `
      select u.learner, s.goal, s.step, s.due_on, s.done_on, ${firstKnown("goal_step", "s")}, case when s.done_on is not null then s.known_on end
      from ${latest("goal_step")} s join ${unitOn("s.person_id", "coalesce(s.due_on, s.done_on, s.known_on)")}`,
    preference: `
      select u.learner, p.kind, p.value, p.strength, p.on_date, p.known_on from ${latest("preference")} p
      join ${unitOn("p.person_id", "p.on_date")}`,
    intervention_assignment: `
      select u.learner, a.intervention, a.begins_on, case when a.ends_on <= date '${asOf}' then a.ends_on end, ${firstKnown("intervention_assignment", "a")}
      from ${latest("intervention_assignment")} a join ${unitOn("a.person_id", "a.begins_on")}`,
    dose: `
      select u.learner, d.intervention, d.on_date, d.minutes, d.attended, d.known_on from ${latest("dose")} d
      join ${unitOn("d.person_id", "d.on_date")}`,
    course_grade: `
      select u.person, coalesce(g.course_key, s.course_key), ${courseSubject}, g.kind, ${mark}, g.credits_attempted, g.credits_earned,
        g.on_date, g.known_on
      from ${latest("course_grade")} g join ${people} u on u.person_id = g.person_id
      left join ${describing("section")} s on s.record_key = g.section_key
      left join ${describing("course")} c on c.record_key = coalesce(g.course_key, s.course_key)`,
    academic_summary: `
      select u.person, coalesce(a.cumulative_grade_point_average, a.grade_point_average), coalesce(a.cumulative_credits_earned, a.credits_earned),
        coalesce(a.on_date, a.known_on), a.known_on
      from ${latest("academic_summary")} a join ${people} u on u.person_id = a.person_id`,
    assessment_result: `
      select u.person, r.assessment_key, ${subjectOf("array[a.subject]")}, r.percentile, r.validity, r.on_date, r.known_on
      from ${latest("assessment_result")} r join ${describing("assessment")} a on a.record_key = r.assessment_key and not a.sensitive
      join ${people} u on u.person_id = r.person_id`,
    withheld: `
      select distinct u.learner, w.table_name from unit_withheld w join unit_period u using (person_id)`,
  };
}

/** When a record that changes was first known: a goal that is achieved later was set when its first version came. */
const firstKnown = (table: string, alias: string): string =>
  `(select min(first.known_on) from ${table} first where first.record_key = ${alias}.record_key)`;
