/** The column types of a snapshot, as DuckDB and Parquet name them. */
export type ColumnType = "VARCHAR" | "DOUBLE" | "INTEGER" | "BIGINT" | "BOOLEAN" | "DATE" | "TIMESTAMP";

/** One table of a snapshot. */
export interface SnapshotTable {
  /** What one row is. */
  readonly meaning: string;
  readonly columns: Readonly<Record<string, ColumnType>>;
}

const table = (meaning: string, columns: Readonly<Record<string, ColumnType>>): SnapshotTable => ({ meaning, columns });

/**
 * The shape of a snapshot: what features and models may see of the learner record. `learner` is a pseudonym everywhere.
 *
 * Two clocks: `…_on` / `at` say when a thing was true, `known_on` when the school knew it. A feature row as of a day may use
 * a row only when both are on or before that day. A table may be empty (a source that does not report it).
 *
 * `enrolment` is the unit of a feature row: one learner in one period (a school year, or one presentation of a course).
 * Where a person has several at once (OULAD), `learner` names the enrolment and `person` the human being behind it.
 */
export const snapshotTables = {
  enrolment: table("a learner's time in one period: the unit of a feature row", {
    learner: "VARCHAR",
    person: "VARCHAR",
    period: "VARCHAR", // such as 2025-26, or 2013J
    school: "VARCHAR",
    peer_group: "VARCHAR", // whom the learner is compared with: school and grade, or one course presentation
    grade_band: "VARCHAR", // such as 6-8; partitions and models go by it
    starts_on: "DATE", // day 0 of the period
    entered_on: "DATE", // null: before anything we know
    exited_on: "DATE", // null: still there
    exit_kind: "VARCHAR", // transfer, withdrawal; null when not said
    known_on: "DATE",
    exit_known_on: "DATE",
  }),
  section: table("a learner in one section of a course", {
    learner: "VARCHAR",
    section: "VARCHAR",
    course: "VARCHAR",
    subject: "VARCHAR", // math, english, other
    entered_on: "DATE",
    exited_on: "DATE",
    known_on: "DATE",
  }),
  background: table("a number known about a learner from before, such as earlier attempts", {
    learner: "VARCHAR",
    name: "VARCHAR",
    value: "DOUBLE",
    known_on: "DATE",
  }),
  protected_attribute: table(
    "an attribute that is audited and never a model input (sex, race, disability, meals, language)",
    {
      learner: "VARCHAR",
      name: "VARCHAR",
      value: "VARCHAR",
    },
  ),
  calendar: table("one instructional day of a school", { school: "VARCHAR", on_date: "DATE" }),
  attendance: table("one exception from being there: sources list exceptions only", {
    learner: "VARCHAR",
    on_date: "DATE",
    category: "VARCHAR", // absent, tardy, partial
    excused: "BOOLEAN",
    known_on: "DATE",
  }),
  behavior: table("a learner's part in one incident as the one who did it", {
    learner: "VARCHAR",
    on_date: "DATE",
    severity: "VARCHAR", // state-offense, conduct, minor
    action: "VARCHAR", // such as out-of-school-suspension
    known_on: "DATE",
  }),
  survey: table("one scale score of a non-cognitive survey", {
    learner: "VARCHAR",
    scale: "VARCHAR", // such as persistence
    value: "DOUBLE", // mean of the items, 1 to 5
    items: "INTEGER",
    on_date: "DATE",
    known_on: "DATE",
  }),
  assignment: table("a piece of work that is due", {
    assignment: "VARCHAR",
    section: "VARCHAR",
    kind: "VARCHAR", // assignment, exam, final-mark
    due_on: "DATE",
    weight: "DOUBLE",
    known_on: "DATE",
  }),
  result: table("what a learner handed in, or a mark", {
    assignment: "VARCHAR",
    learner: "VARCHAR",
    submitted_on: "DATE", // null: not handed in
    score: "DOUBLE", // 0 to 100; null when not marked
    carried_over: "BOOLEAN", // a result kept from an earlier attempt
    source_row: "BIGINT", // position in the source, where order is the only clock
    known_on: "DATE",
  }),
  standard_result: table("a score on one standard", {
    learner: "VARCHAR",
    standard: "VARCHAR",
    score: "DOUBLE", // 0 to 1
    on_date: "DATE",
    known_on: "DATE",
  }),
  response: table("an answer to one item", {
    learner: "VARCHAR",
    item: "VARCHAR",
    standard: "VARCHAR",
    at: "TIMESTAMP",
    correct: "DOUBLE", // 0 to 1
    attempts: "INTEGER",
    hints: "INTEGER",
    seconds: "DOUBLE",
    known_on: "DATE",
  }),
  activity_event: table("something a learner did on a platform", {
    learner: "VARCHAR",
    activity: "VARCHAR", // null for a session
    verb: "VARCHAR", // viewed, completed, logged-in, logged-out
    kind: "VARCHAR", // the kind of content, where known
    at: "TIMESTAMP",
    seconds: "DOUBLE",
    clicks: "INTEGER",
    known_on: "DATE",
  }),
  outcome: table("how a period ended for a learner, as the source says: labels only, never features", {
    learner: "VARCHAR",
    name: "VARCHAR",
    value: "VARCHAR",
    known_on: "DATE",
  }),
  standard: table("a standard of the framework", {
    standard: "VARCHAR",
    label: "VARCHAR",
    subject: "VARCHAR",
    grade: "VARCHAR",
  }),
  prerequisite: table("standard needs requires first", { standard: "VARCHAR", requires: "VARCHAR" }),
  activity: table("a learning activity of the content library", {
    activity: "VARCHAR",
    title: "VARCHAR",
    standard: "VARCHAR",
    modality: "VARCHAR", // video, practice, game, reading, project
    minutes: "INTEGER",
    difficulty: "DOUBLE", // logits; 0 is average
  }),
  activity_setting: table("how many learn together in an activity", {
    activity: "VARCHAR",
    setting: "VARCHAR", // such as alone, pair, small-group, whole-class
  }),
  term: table("a term, semester or grading period of a school", {
    school: "VARCHAR",
    starts_on: "DATE",
    ends_on: "DATE",
  }),
  observation: table("what somebody saw a learner do on one standard, outside marked work", {
    learner: "VARCHAR",
    standard: "VARCHAR",
    score: "DOUBLE", // 0 to 1
    entered_by: "VARCHAR", // teacher, computer
    on_date: "DATE",
    known_on: "DATE",
  }),
  scale_score: table("the score of a whole scale, with its reliability where the source gives it", {
    learner: "VARCHAR",
    instrument: "VARCHAR",
    scale: "VARCHAR",
    score: "DOUBLE", // on the instrument's own scale
    items: "INTEGER",
    reliability: "DOUBLE", // 0 to 1
    on_date: "DATE",
    known_on: "DATE",
  }),
  goal: table("what a learner wants to reach", {
    learner: "VARCHAR",
    goal: "VARCHAR",
    set_on: "DATE",
    due_on: "DATE",
    achieved_on: "DATE", // null: not yet, or not known to be
    known_on: "DATE", // of the setting
    achieved_known_on: "DATE",
  }),
  goal_step: table("a step towards a goal", {
    learner: "VARCHAR",
    goal: "VARCHAR",
    step: "VARCHAR",
    due_on: "DATE",
    done_on: "DATE",
    known_on: "DATE",
    done_known_on: "DATE",
  }),
  preference: table("what somebody said a learner likes", {
    learner: "VARCHAR",
    kind: "VARCHAR", // interest, modality, setting, time-of-day, other
    value: "VARCHAR",
    strength: "DOUBLE", // −1 (not at all) to 1; null when only the liking was said
    on_date: "DATE",
    known_on: "DATE",
  }),
  intervention_assignment: table("that a learner is to get an intervention", {
    learner: "VARCHAR",
    intervention: "VARCHAR",
    begins_on: "DATE",
    ends_on: "DATE", // null: open
    known_on: "DATE",
  }),
  dose: table("one time a learner got, or missed, an intervention", {
    learner: "VARCHAR",
    intervention: "VARCHAR",
    on_date: "DATE",
    minutes: "DOUBLE",
    attended: "BOOLEAN",
    known_on: "DATE",
  }),
  course_grade: table("a mark of a course for a term, from any school the person went to", {
    person: "VARCHAR",
    course: "VARCHAR",
    subject: "VARCHAR", // math, english, other
    kind: "VARCHAR", // final, semester, grading-period, midterm, progress, exam, conduct
    score: "DOUBLE", // 0 to 100; a letter counts as Ed-Fi counts it: A 95, B 85, C 75, D 65, F 55
    credits_attempted: "DOUBLE",
    credits_earned: "DOUBLE",
    on_date: "DATE",
    known_on: "DATE",
  }),
  academic_summary: table("what a transcript says of all years so far", {
    person: "VARCHAR",
    grade_point_average: "DOUBLE", // 0 to 4
    credits_earned: "DOUBLE",
    on_date: "DATE",
    known_on: "DATE",
  }),
  assessment_result: table("one sitting of a test that counts (no screener of feelings)", {
    person: "VARCHAR",
    assessment: "VARCHAR",
    subject: "VARCHAR", // math, english, other
    percentile: "DOUBLE", // 0 to 100; null where the source gives none
    validity: "VARCHAR", // valid, rushed, invalid; null when not said
    on_date: "DATE",
    known_on: "DATE",
  }),
  withheld: table("a table that a family's decision keeps from this purpose, for one learner", {
    learner: "VARCHAR",
    table_name: "VARCHAR",
  }),
} as const satisfies Record<string, SnapshotTable>;

/** The name of a snapshot table. */
export type SnapshotTableName = keyof typeof snapshotTables;
