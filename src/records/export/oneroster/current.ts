/** Tables that are looked into person by person. */
const ofPeople: ReadonlySet<string> = new Set(["identifier", "guardianship"]);

/**
 * The temporary tables the files are made of: current records that are not taken back, with the ids they are told by.
 * Records of the home source keep the id it gave them; those of another are told by their whole key, so ids never meet.
 */
export function currentRecords(home: string): string {
  const prefix = `'${home.replaceAll("'", "''")}:'`;
  const idOf = `case when starts_with(record_key, ${prefix}) then substr(record_key, length(${prefix}) + 1) else record_key end`;
  const current = (table: string): string => `
    create temp table x_${table} on commit drop as
    select ${idOf} as id, starts_with(record_key, ${prefix}) as is_home, newest.* from (
      select distinct on (record_key) * from ${table} order by record_key, known_on desc, version_id desc
    ) newest where retracted_at is null;
    create index on x_${table} (record_key);
    ${ofPeople.has(table) ? `create index on x_${table} (person_id);` : ""}
    analyze x_${table};`;
  const tables = [
    "org",
    "term",
    "course",
    "section",
    "person",
    "identifier",
    "person_role",
    "demographics",
    "guardianship",
    "section_enrolment",
    "assignment",
    "result",
    "standard_result",
    "assignment_standard",
    "score_scale",
    "score_scale_use",
    "kept_row",
  ];
  return `${tables.map(current).join("")}
    -- One user for one person, however many ids sources gave her: the home source's newest word counts.
    create temp table x_user on commit drop as
    select distinct on (person_id) * from x_person order by person_id, is_home desc, known_on desc, version_id desc;
    create index on x_user (person_id);
    analyze x_user;
    -- Classes that can be told: of a course, in a school, in a term.
    create temp table x_class on commit drop as
    select s.*, c.id as course_id, o.id as school_id, t.ids as term_ids from x_section s
    join x_course c on c.record_key = s.course_key join x_org o on o.record_key = s.org_key
    join lateral (
      select array_agg(t.id order by of.position) as ids from unnest(s.term_keys) with ordinality as of(key, position)
      join x_term t on t.record_key = of.key
    ) t on t.ids is not null;
    create index on x_class (record_key);
    analyze x_class;
    create temp table x_line on commit drop as
    select a.*, k.id as class_id, k.school_id, coalesce(a.category_id, 'cairn-' || coalesce(a.category, a.kind)) as category_ref,
      coalesce(t.id, k.term_ids[1]) as term_id
    from x_assignment a join x_class k on k.record_key = a.section_key left join x_term t on t.record_key = a.term_key
    where coalesce(a.assigned_on, a.due_on) is not null;
    create index on x_line (record_key);
    analyze x_line;
    create temp table x_mark on commit drop as
    select r.*, l.id as line_id, l.class_id, u.id as user_id, coalesce(r.scored_on, l.due_on, l.assigned_on) as day
    from x_result r join x_line l on l.record_key = r.assignment_key join x_user u on u.person_id = r.person_id;
    create index on x_mark (record_key);
    analyze x_mark;
    create temp table x_scale on commit drop as
    select s.*, o.id as org_id, c.id as course_id, k.id as class_id from x_score_scale s
    join x_org o on o.record_key = s.org_key join x_course c on c.record_key = s.course_key
    join x_class k on k.record_key = s.section_key;
    create index on x_scale (record_key);
    analyze x_scale`;
}
