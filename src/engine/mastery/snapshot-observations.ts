import { type DuckDBConnection, type DuckDBDataChunk, DuckDBDoubleVector, DuckDBIntegerVector } from "@duckdb/node-api";
import { CairnError } from "../../errors.ts";
import { streamSql } from "../../features/sql.ts";
import type { ObservationLog } from "../../models/mastery/online/ability/observation-log.ts";
import { observationSources } from "../../models/mastery/online/tracker.ts";
import { numberNames } from "../number-names.ts";
import type { StandardsGraph } from "./tracker-of.ts";

const WHAT = "observations of what learners know";

/**
 * Everything a snapshot says of what learners know, in the order of a replay: answers of practice, scores on standards (tests),
 * and observations (a teacher's word; an exit ticket that a computer marked is a small test). Names become numbers inside the
 * database: a district has tens of millions of observations, and a text each would be most of the memory.
 * @param connection - a DuckDB connection with a playlist snapshot attached; gets temporary tables
 * @param learners - pseudonyms, sorted: the learners of the log by position; others are left out
 */
export async function readSnapshotObservations(
  connection: DuckDBConnection,
  { standards, prerequisites }: StandardsGraph,
  learners: readonly string[],
): Promise<ObservationLog> {
  await numberNames(connection, "numbered_person", learners);
  await numberNames(
    connection,
    "numbered_standard",
    standards.map(({ standard }) => standard),
  );
  await numberNames(connection, "numbered_source", observationSources);
  await connection.run(`
    CREATE OR REPLACE TEMP TABLE observed AS
    WITH told AS (
      SELECT learner, standard, coalesce(item, '') AS item, correct AS outcome, epoch_ms("at") AS at, 'response' AS source
      FROM response WHERE "at" IS NOT NULL
      UNION ALL
      SELECT learner, standard, '', score, epoch_ms(coalesce(on_date, known_on)::TIMESTAMP), 'assessment' FROM standard_result
      UNION ALL
      SELECT learner, standard, '', score, epoch_ms(on_date::TIMESTAMP), if(entered_by = 'computer', 'assessment', 'teacher')
      FROM observation
    )
    SELECT p.position AS person, s.position AS standard, t.item, t.outcome, t.at, t.source
    FROM told t
    JOIN (SELECT DISTINCT learner, person FROM enrolment) e USING (learner)
    JOIN numbered_person p ON p.name = e.person
    JOIN numbered_standard s ON s.name = t.standard
    WHERE t.outcome BETWEEN 0 AND 1 AND t.at IS NOT NULL`);
  const items = await distinctItems(connection);
  await numberNames(connection, "numbered_item", items);
  const rows = await countRows(connection);
  const [person, standard, item] = [new Int32Array(rows), new Int32Array(rows), new Int32Array(rows)];
  const [source, outcome, at] = [new Int32Array(rows), new Float64Array(rows), new Float64Array(rows)];
  let row = 0;
  await streamSql(
    connection,
    `SELECT o.person, o.standard, coalesce(i.position, -1)::INTEGER AS item, n.position AS source, o.outcome::DOUBLE, o.at::DOUBLE
    FROM observed o LEFT JOIN numbered_item i ON i.name = o.item JOIN numbered_source n ON n.name = o.source
    ORDER BY o.person, o.at, o.standard, item, o.source, o.outcome`,
    WHAT,
    (chunk) => {
      for (const [column, into] of [person, standard, item, source].entries()) readIntegers(chunk, column, into, row);
      for (const [column, into] of [outcome, at].entries()) readDoubles(chunk, 4 + column, into, row);
      row += chunk.rowCount;
    },
  );
  await connection.run("DROP TABLE observed");
  const names = inOrderOfAppearance(item, items);
  return {
    learnerStart: startsOf(person, learners.length),
    standard,
    item,
    outcome,
    at,
    source: Uint8Array.from(source),
    standards: standards.map((own) => own.standard),
    items: names,
    prerequisites,
  };
}

async function distinctItems(connection: DuckDBConnection): Promise<string[]> {
  const result = await connection.runAndReadAll("SELECT DISTINCT item FROM observed WHERE item <> '' ORDER BY item");
  return result.getRows().map(([item]) => String(item));
}

async function countRows(connection: DuckDBConnection): Promise<number> {
  const result = await connection.runAndReadAll("SELECT count(*)::INTEGER FROM observed");
  return Number(result.value(0, 0));
}

/** Numbers items as a replay meets them, as a log that is written answer by answer does. @returns their names in that order */
function inOrderOfAppearance(item: Int32Array, names: readonly string[]): string[] {
  const number = new Int32Array(names.length).fill(-1);
  const met: string[] = [];
  for (let row = 0; row < item.length; row++) {
    const own = item[row]!;
    if (own < 0) continue;
    if (number[own]! < 0) number[own] = met.push(names[own]!) - 1;
    item[row] = number[own]!;
  }
  return met;
}

/** Where each learner's rows start, given the learner of every row in ascending order. @returns shape (learners + 1) */
function startsOf(person: Int32Array, learners: number): Int32Array {
  const starts = new Int32Array(learners + 1);
  for (const own of person) starts[own + 1]!++;
  for (let learner = 0; learner < learners; learner++) starts[learner + 1]! += starts[learner]!;
  return starts;
}

function readIntegers(chunk: DuckDBDataChunk, column: number, into: Int32Array, start: number): void {
  const cells = chunk.getColumnVector(column);
  if (!(cells instanceof DuckDBIntegerVector)) throw unexpected(cells.type);
  for (let index = 0; index < chunk.rowCount; index++) into[start + index] = cells.getItem(index)!;
}

function readDoubles(chunk: DuckDBDataChunk, column: number, into: Float64Array, start: number): void {
  const cells = chunk.getColumnVector(column);
  if (!(cells instanceof DuckDBDoubleVector)) throw unexpected(cells.type);
  for (let index = 0; index < chunk.rowCount; index++) into[start + index] = cells.getItem(index)!;
}

const unexpected = (type: unknown): CairnError =>
  new CairnError("INTERNAL", `expected a column of numbers for the ${WHAT}, got ${String(type)}`);
