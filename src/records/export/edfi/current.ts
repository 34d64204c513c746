const tables = [
  "identifier",
  "org",
  "enrolment",
  "assessment",
  "assessment_result",
  "sub_result",
  "assignment",
  "result",
];

/** The temporary tables the bodies are made of: current records that are not taken back, and the students' unique ids. */
export const currentRecords = `${tables
  .map(
    (table) => `
    create temp table x_${table} on commit drop as select * from (
      select distinct on (record_key) * from ${table} order by record_key, known_on desc, version_id desc
    ) newest where retracted_at is null;
    create index on x_${table} (record_key);`,
  )
  .join("")}
  create index on x_sub_result (result_key);
  create temp table x_unique (person_id text primary key, value text) on commit drop`;
