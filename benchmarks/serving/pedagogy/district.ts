import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { writeDistrict } from "../../../datasets/synthetic/district.ts";
import type { ActivityEffects } from "../../../src/engine/playlists/activity-effects.ts";
import { activityEffects, readEffectSums } from "../../../src/engine/playlists/activity-effects.ts";
import type { LearningData } from "../../../src/engine/playlists/learning-data.ts";
import { readLearningData } from "../../../src/engine/playlists/learning-data.ts";
import { snapshotTables } from "../../../src/records/snapshot/tables.ts";

/** The day of the district's export. */
const AS_OF = "2025-12-12";

/** What a district's own learners left behind: what every policy learns from. */
export interface PastLearners {
  readonly data: LearningData;
  readonly effects: ActivityEffects;
}

/**
 * Writes a synthetic district and reads it as a playlist snapshot would hold it: the same queries as the nightly batch, without
 * the record store. Nothing of the truth is read.
 * @param folder - where the files go
 */
export async function pastLearners(folder: string, seed: string, students: number): Promise<PastLearners> {
  await writeDistrict({ folder, students, seed, asOf: AS_OF, profiles: false, interventions: false, threads: 1 });
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  const csv = (file: string): string => `read_csv('${join(folder, file)}', header = true, all_varchar = true)`;
  const filled: Readonly<Record<string, string>> = {
    enrolment: `SELECT student_id AS learner, student_id AS person, '2025-26' AS period, 's' AS school, NULL, NULL,
      DATE '2025-08-18', NULL, NULL, NULL, DATE '2025-08-18', NULL
      FROM (SELECT DISTINCT student_id FROM ${csv("truth/outcomes.csv")})`,
    background: `SELECT student_id, 'grade', max(grade::DOUBLE), DATE '2025-08-18' FROM ${csv("truth/outcomes.csv")} GROUP BY 1`,
    response: `SELECT student_id, item_id, standard, answered_at::TIMESTAMP, correct::DOUBLE, attempts::INTEGER, hints::INTEGER,
      seconds::DOUBLE, answered_at::TIMESTAMP::DATE FROM ${csv("responses.csv")}`,
    activity_event: `SELECT replace(e.actor.id, 'urn:cairn:student:', ''), replace(e.object.id, 'urn:cairn:activity:', ''),
      'completed', NULL, e.eventTime::TIMESTAMP, NULL, NULL, e.eventTime::TIMESTAMP::DATE
      FROM (SELECT unnest(data) AS e FROM read_json('${join(folder, "caliper.jsonl")}', format = 'newline_delimited', columns = {
        data: 'STRUCT(action VARCHAR, eventTime VARCHAR, actor STRUCT(id VARCHAR), object STRUCT(id VARCHAR))[]'}))
      WHERE e.action = 'Completed'`,
    standard: `SELECT standard, label, subject, grade FROM ${csv("standards.csv")}`,
    prerequisite: `SELECT standard, requires FROM ${csv("prerequisites.csv")}`,
    activity: `SELECT activity, title, standard, modality, minutes::INTEGER, difficulty::DOUBLE FROM ${csv("activities.csv")}`,
  };
  try {
    for (const [name, { columns }] of Object.entries(snapshotTables)) {
      const types = Object.entries(columns).map(([column, type]) => `"${column}" ${type}`);
      await connection.run(`CREATE TABLE "${name}" (${types.join(", ")})`);
      if (filled[name] !== undefined) await connection.run(`INSERT INTO "${name}" ${filled[name]}`);
    }
    const data = await readLearningData(connection, AS_OF);
    return { data, effects: activityEffects(data.curriculum, await readEffectSums(connection, data.curriculum)) };
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
