import type { DuckDBConnection } from "@duckdb/node-api";
import type { ObservationLog } from "../../models/mastery/online/ability/observation-log.ts";
import type { Interactions } from "../../models/playlist/recommender.ts";
import { partitionRange } from "../batch/inputs.ts";
import { currentPeriod } from "../current-period.ts";
import { readSnapshotObservations } from "../mastery/snapshot-observations.ts";
import { numberNames } from "../number-names.ts";
import type { Curriculum } from "./curriculum.ts";

/** What playlists are made from: the curriculum, every answer in order, who completed what, and in which grade everyone is. */
export interface LearningData {
  readonly curriculum: Curriculum;
  /** Pseudonyms, sorted; the row order of `observations` and `interactions`. */
  readonly learners: readonly string[];
  /** Shape (learners): grade as a number, NaN when unknown. */
  readonly grades: Float64Array;
  /** Those enrolled on the day: positions in `learners`, ascending. */
  readonly enrolled: readonly number[];
  /** Answers, scores and words on the curriculum's standards, by the same index. */
  readonly observations: ObservationLog;
  /** Activities are the curriculum's, by the same index. */
  readonly interactions: Interactions;
  /** The shape of the interactions: when each was completed last, in ms of the wall clock. */
  readonly completedAt: Float64Array;
}

/**
 * Reads the learning data of everybody who left evidence: others' histories are what a recommender learns from.
 * @param connection - a DuckDB connection with a playlist snapshot attached; gets temporary tables
 * @param asOf - the snapshot's day: who is enrolled on it gets a playlist
 * @param part - reads only of some of those enrolled, by their place among them: what a partition needs, and no more
 * @throws CairnError `BAD_INPUT` for a partition that is not there
 */
export async function readLearningData(
  connection: DuckDBConnection,
  asOf: string,
  part?: number,
): Promise<LearningData> {
  const curriculum = await readCurriculum(connection);
  const enrolled = partOf(await readEnrolled(connection, asOf), part);
  // Pseudonyms are sorted, so the learners of a part are all those between its first and its last.
  const between = part === undefined ? "true" : `e.person BETWEEN '${enrolled[0]}' AND '${enrolled.at(-1)}'`;
  const people = await rowsOf<[string, number | null]>(
    connection,
    `SELECT e.person, arg_max(b.value, row(e.starts_on, b.value))
     FROM enrolment e LEFT JOIN background b ON b.learner = e.learner AND b.name = 'grade'
     WHERE ${between} GROUP BY e.person ORDER BY e.person`,
  );
  const learners = people.map(([person]) => person);
  const index = new Map(learners.map((learner, position) => [learner, position]));
  await numberNames(connection, "numbered_person", learners);
  return {
    curriculum,
    learners,
    grades: Float64Array.from(people, ([, grade]) => grade ?? Number.NaN),
    enrolled: enrolled.map((person) => index.get(person)!),
    observations: await readSnapshotObservations(connection, curriculum, learners),
    ...(await readInteractions(connection, curriculum, index)),
  };
}

function partOf(enrolled: string[], part: number | undefined): string[] {
  if (part === undefined) return enrolled;
  const { start, end } = partitionRange(enrolled.length, part);
  return enrolled.slice(start, end);
}

/**
 * Pseudonyms of those enrolled on the day in the period under way, sorted; none before the first period.
 * @param connection - a DuckDB connection with a playlist snapshot attached
 */
export async function readEnrolled(connection: DuckDBConnection, asOf: string): Promise<string[]> {
  const current = await currentPeriod(connection, asOf);
  if (current === undefined) return [];
  const result = await connection.runAndReadAll(
    `SELECT DISTINCT person FROM enrolment
     WHERE period = $1 AND (entered_on IS NULL OR entered_on <= DATE '${asOf}') AND (exited_on IS NULL OR exited_on > DATE '${asOf}')
     ORDER BY person`,
    [current.period],
  );
  return result.getRows().map(([person]) => String(person));
}

async function rowsOf<Row extends unknown[]>(connection: DuckDBConnection, sql: string): Promise<Row[]> {
  return (await connection.runAndReadAll(sql)).getRows() as unknown as Row[];
}

/** The standards, their prerequisites and the content library of a snapshot. */
export async function readCurriculum(connection: DuckDBConnection): Promise<Curriculum> {
  const standards = (
    await rowsOf<[string, string | null, string | null]>(
      connection,
      // Two sources may deliver the same standard, or the same activity: an id has one place.
      "SELECT DISTINCT ON (standard) standard, label, grade FROM standard ORDER BY standard, label, grade",
    )
  ).map(([standard, label, grade]) => ({ standard, label: label ?? standard, grade: grade ?? "" }));
  const position = new Map(standards.map(({ standard }, at) => [standard, at]));
  const prerequisites: number[][] = standards.map(() => []);
  for (const [standard, requires] of await rowsOf<[string, string]>(
    connection,
    "SELECT standard, requires FROM prerequisite ORDER BY ALL",
  )) {
    const from = position.get(standard);
    const to = position.get(requires);
    if (from !== undefined && to !== undefined) prerequisites[from]!.push(to);
  }
  const activities =
    // An activity of unknown length cannot be put into a budget of minutes, one without a standard cannot be gated.
    (
      await rowsOf<[string, string | null, string, string | null, number]>(
        connection,
        `SELECT DISTINCT ON (activity) activity, title, standard, modality, minutes FROM activity
       WHERE standard IN (SELECT standard FROM standard) AND minutes IS NOT NULL
       ORDER BY activity, title, standard, modality, minutes`,
      )
    ).map(([activity, title, standard, modality, minutes]) => ({
      activity,
      title: title ?? activity,
      standard: position.get(standard)!,
      modality: modality ?? "other",
      minutes,
    }));
  return { standards, prerequisites, activities };
}

async function readInteractions(
  connection: DuckDBConnection,
  curriculum: Curriculum,
  index: ReadonlyMap<string, number>,
): Promise<Pick<LearningData, "interactions" | "completedAt">> {
  const position = new Map(curriculum.activities.map(({ activity }, at) => [activity, at]));
  const rows = await rowsOf<[string, string, number | null]>(
    connection,
    `SELECT e.person, a.activity, epoch_ms(max(a."at"))::DOUBLE FROM activity_event a
     JOIN (SELECT DISTINCT learner, person FROM enrolment) e USING (learner)
     JOIN numbered_person p ON p.name = e.person
     WHERE a.verb = 'completed' AND a.activity IS NOT NULL GROUP BY ALL ORDER BY e.person, a.activity`,
  );
  // Activities are numbered in the order of their ids, so rows sorted by id are ascending in index as well.
  const known = rows.filter(([person, activity]) => position.has(activity) && index.has(person));
  const interactions = {
    learnerPtr: startsOf(
      Int32Array.from(known, ([person]) => index.get(person)!),
      index.size,
    ),
    activityIdx: Int32Array.from(known, ([, activity]) => position.get(activity)!),
    activities: curriculum.activities.map(({ activity }) => activity),
  };
  return { interactions, completedAt: Float64Array.from(known, ([, , at]) => at ?? Number.NEGATIVE_INFINITY) };
}

/** Where each learner's rows start, given the learner of every row in ascending order. @returns shape (learners + 1) */
function startsOf(learner: Int32Array, learners: number): Int32Array {
  const starts = new Int32Array(learners + 1);
  for (const id of learner) starts[id + 1]!++;
  for (let id = 0; id < learners; id++) starts[id + 1]! += starts[id]!;
  return starts;
}
