import type { RosterFile } from "./columns.ts";
import { rosterColumns } from "./columns.ts";

/** What a file of the package is made of. */
interface FileQuery {
  /** Each column's SQL by name; a column that is not named stays empty. */
  readonly cells: Readonly<Record<string, string>>;
  /** What the rows come from: `c` is a table of current records, and every row has an `id`. */
  readonly from: string;
  /** Extension columns, `metadata.*`, after those of the standard. */
  readonly extensions?: Readonly<Record<string, string>>;
  /** The table whose current records these rows are, for counting those that could not be told in the standard. */
  readonly records?: string;
}

const vocabulary = (column: string, words: readonly string[], otherwise: string): string =>
  `case when ${column} in (${words.map((word) => `'${word}'`).join(", ")}) then ${column} else ${otherwise} end`;
const list = (column: string): string => `nullif(array_to_string(${column}, ','), '')`;

const races = {
  americanIndianOrAlaskaNative: "american_indian_or_alaska_native",
  asian: "asian",
  blackOrAfricanAmerican: "black_or_african_american",
  nativeHawaiianOrOtherPacificIslander: "native_hawaiian_or_other_pacific_islander",
  white: "white",
  demographicRaceTwoOrMoreRaces: "two_or_more_races",
  hispanicOrLatinoEthnicity: "hispanic_or_latino",
};

/** A kept file: its cells as they came, of the home source alone, because they name others by its ids. */
function keptFile(name: RosterFile, user = false): FileQuery {
  const cells: Record<string, string> = {};
  for (const column of rosterColumns[name]) cells[column] = `c.cells ->> '${column}'`;
  const from = `(select substr(id, ${name.length + 2}) as id, cells, person_id from x_kept_row where is_home and entity = '${name}') c`;
  if (!user) return { cells, from };
  return { cells: { ...cells, userSourcedId: "u.id" }, from: `${from} join x_user u on u.person_id = c.person_id` };
}

function scaleUse(name: RosterFile, column: string, to: string, key: string): FileQuery {
  return {
    cells: { [column]: "t.id", scoreScaleSourcedId: "s.id" },
    from: `(select case when is_home then substr(id, ${name.length + 2}) else id end as id, ${key}, score_scale_key
      from x_score_scale_use where ${key} is not null) c
      join ${to} t on t.record_key = c.${key} join x_scale s on s.record_key = c.score_scale_key`,
  };
}

const userIds = `(select string_agg('{' || case when i.system like 'other:%' then substr(i.system, 7) else i.system end || ':' || i.value || '}', ',' order by i.system, i.value)
  from x_identifier i where i.person_id = c.person_id and i.system not like 'sourcedId:%' and i.value !~ '[{}]' and i.system !~ '[{}:].*:|[{}]'
    and not (i.system = 'local' and i.value = (${localId()})))`;

/** The school's own number, which has a column of its own. */
function localId(): string {
  return `select min(l.value) from x_identifier l where l.person_id = c.person_id and l.system = 'local'`;
}

const roles =
  "aide,counselor,districtAdministrator,guardian,parent,principal,proctor,relative,siteAdministrator,student,systemAdministrator,teacher".split(
    ",",
  );

/** How each file comes from the current records. */
export const fileQueries: Readonly<Record<RosterFile, FileQuery>> = {
  orgs: {
    cells: {
      name: "coalesce(c.name, c.id)",
      type: vocabulary("c.kind", ["department", "school", "district", "local", "state", "national"], "'local'"),
      identifier: "c.identifier",
      parentSourcedId: "p.id",
    },
    from: "x_org c left join x_org p on p.record_key = c.parent_key",
    records: "x_org",
  },
  academicSessions: {
    cells: {
      title: "coalesce(c.title, c.id)",
      type: vocabulary("c.kind", ["gradingPeriod", "semester", "schoolYear", "term"], "'term'"),
      startDate: "c.starts_on",
      endDate: "c.ends_on",
      parentSourcedId: "p.id",
      schoolYear: "coalesce(c.school_year, extract(year from c.ends_on)::int)",
    },
    from: "(select * from x_term where starts_on is not null and ends_on is not null) c left join x_term p on p.record_key = c.parent_key",
    records: "x_term",
  },
  courses: {
    cells: {
      title: "coalesce(c.title, c.code, c.id)",
      courseCode: "c.code",
      grades: list("c.grades"),
      orgSourcedId: "o.id",
      subjects: list("c.subjects"),
      subjectCodes: list("c.subject_codes"),
    },
    from: "x_course c join x_org o on o.record_key = c.org_key",
    records: "x_course",
  },
  classes: {
    cells: {
      title: "coalesce(c.title, c.code, c.id)",
      grades: list("c.grades"),
      courseSourcedId: "c.course_id",
      classCode: "c.code",
      classType: vocabulary("c.kind", ["homeroom", "scheduled"], "'scheduled'"),
      schoolSourcedId: "c.school_id",
      termSourcedIds: list("c.term_ids"),
      subjects: list("c.subjects"),
    },
    from: "x_class c join x_course k on k.record_key = c.course_key join x_org o on o.record_key = k.org_key",
    records: "x_section",
  },
  users: {
    cells: {
      enabledUser: "coalesce(c.enabled, true)",
      username: "coalesce(c.username, c.id)",
      userIds,
      givenName: "c.given_name",
      familyName: "c.family_name",
      identifier: `(${localId()})`,
      email: "c.email",
      agentSourcedIds: `(select string_agg(distinct g.id, ',') from x_guardianship t join x_user g on g.person_id = t.guardian_id
        where t.person_id = c.person_id and g.id !~ ',')`,
      grades: "coalesce(c.grade_raw, c.grade)",
      preferredGivenName: "c.preferred_given_name",
      preferredFamilyName: "c.preferred_family_name",
    },
    from: "x_user c",
  },
  roles: {
    cells: {
      userSourcedId: "u.id",
      roleType: `case when coalesce(c.primary_role,
        row_number() over (partition by c.person_id order by c.record_key) = 1) then 'primary' else 'secondary' end`,
      role: "c.word",
      beginDate: "c.begins_on",
      endDate: "c.ends_on",
      orgSourcedId: "c.org_id",
    },
    // Before 1.2 there was one word for administrators of schools and districts.
    from: `(select r.*, o.id as org_id, case when r.role <> 'administrator' then r.role
        when o.kind = 'district' then 'districtAdministrator' else 'siteAdministrator' end as word
      from x_person_role r join x_org o on o.record_key = r.org_key) c
      join x_user u on u.person_id = c.person_id where c.word in (${roles.map((role) => `'${role}'`).join(", ")})`,
    records: "x_person_role",
  },
  demographics: {
    cells: {
      birthDate: "c.birth_date",
      sex: vocabulary("c.sex", ["male", "female", "unspecified", "other"], "null"),
      ...Object.fromEntries(Object.entries(races).map(([column, field]) => [column, `c.${field}`])),
    },
    // Several sources, or several organisations of one, may each know a part.
    from: `(select u.id, max(d.birth_date) as birth_date, max(d.sex) as sex,
        ${Object.values(races)
          .map((field) => `bool_or(d.${field}) as ${field}`)
          .join(", ")}
      from x_demographics d join x_user u on u.person_id = d.person_id group by u.id) c`,
  },
  enrollments: {
    cells: {
      classSourcedId: "k.id",
      schoolSourcedId: "coalesce(o.id, k.school_id)",
      userSourcedId: "u.id",
      role: "c.role",
      beginDate: "c.entered_on",
      endDate: "c.exited_on",
    },
    from: `x_section_enrolment c join x_class k on k.record_key = c.section_key
      join x_course ck on ck.record_key = k.course_key join x_org co on co.record_key = ck.org_key
      join x_user u on u.person_id = c.person_id left join x_org o on o.record_key = c.org_key
      where c.role in ('administrator', 'proctor', 'student', 'teacher')`,
    extensions: { "metadata.exitKind": "c.exit_kind" },
    records: "x_section_enrolment",
  },
  categories: {
    cells: { title: "c.title", weight: "c.weight" },
    from: `(select distinct on (category_ref) category_ref as id, coalesce(category, category_ref) as title, weight
      from x_line order by category_ref, known_on desc, version_id desc) c`,
  },
  lineItems: {
    cells: {
      title: "coalesce(c.title, c.id)",
      assignDate: "coalesce(c.assigned_on, c.due_on)",
      dueDate: "coalesce(c.due_on, c.assigned_on)",
      classSourcedId: "c.class_id",
      categorySourcedId: "c.category_ref",
      academicSessionSourcedId: "c.term_id",
      resultValueMin: "c.score_minimum",
      resultValueMax: "c.score_maximum",
      schoolSourcedId: "c.school_id",
    },
    from: "x_line c",
    records: "x_assignment",
  },
  results: {
    cells: {
      lineItemSourcedId: "c.line_id",
      studentSourcedId: "c.user_id",
      scoreStatus: vocabulary(
        "c.status",
        ["exempt", "fully graded", "not submitted", "partially graded", "submitted"],
        "case when c.missing then 'not submitted' when c.score is not null or c.text_score is not null then 'fully graded' else 'submitted' end",
      ),
      score: "c.score",
      scoreDate: "c.day",
      comment: "c.comment",
      textScore: "c.text_score",
      classSourcedId: "c.class_id",
      incomplete: "c.incomplete",
      late: "c.late",
      missing: "c.missing",
    },
    from: "x_mark c",
    records: "x_result",
  },
  resultLearningObjectiveIds: {
    cells: {
      resultSourcedId: "m.id",
      source: vocabulary("c.source", ["case", "unknown"], "'unknown'"),
      learningObjectiveId: "c.standard",
      score: "c.score",
      textScore: "c.text_score",
    },
    from: "x_standard_result c join x_mark m on m.record_key = c.result_key",
    records: "x_standard_result",
  },
  lineItemLearningObjectiveIds: {
    cells: {
      lineItemSourcedId: "l.id",
      source: vocabulary("c.source", ["case", "unknown"], "'unknown'"),
      learningObjectiveId: "c.standard",
    },
    from: "x_assignment_standard c join x_line l on l.record_key = c.assignment_key",
    records: "x_assignment_standard",
  },
  scoreScales: {
    cells: {
      title: "coalesce(c.title, c.id)",
      type: "coalesce(c.kind, 'unknown')",
      orgSourcedId: "c.org_id",
      courseSourcedId: "c.course_id",
      classSourcedId: "c.class_id",
      scoreScaleValue: 'c."values"',
    },
    from: "x_scale c",
    records: "x_score_scale",
  },
  lineItemScoreScales: scaleUse("lineItemScoreScales", "lineItemSourcedId", "x_line", "assignment_key"),
  resultScoreScales: scaleUse("resultScoreScales", "resultSourcedId", "x_mark", "result_key"),
  userProfiles: keptFile("userProfiles", true),
  resources: keptFile("resources"),
  classResources: keptFile("classResources"),
  courseResources: keptFile("courseResources"),
  userResources: keptFile("userResources", true),
};
