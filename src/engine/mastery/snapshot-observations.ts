import type { DuckDBConnection } from "@duckdb/node-api";
import { type ObservationLog, sourceNumber } from "../../models/mastery/online/ability/observation-log.ts";
import type { ObservationSource } from "../../models/mastery/online/tracker.ts";
import type { StandardsGraph } from "./tracker-of.ts";

type Row = [person: string, standard: string, item: string, outcome: number, at: number, source: ObservationSource];

/**
 * Everything a snapshot says of what learners know, in the order of a replay: answers of practice, scores on standards (tests),
 * and observations (a teacher's word; an exit ticket that a computer marked is a small test).
 * @param connection - a DuckDB connection with a playlist snapshot attached
 * @param learners - pseudonyms, sorted: the learners of the log by position
 */
export async function readSnapshotObservations(
  connection: DuckDBConnection,
  { standards, prerequisites }: StandardsGraph,
  learners: readonly string[],
): Promise<ObservationLog> {
  const position = new Map(standards.map(({ standard }, at) => [standard, at]));
  const index = new Map(learners.map((learner, at) => [learner, at]));
  const result = await connection.runAndReadAll(`
    WITH observed AS (
      SELECT learner, standard, coalesce(item, '') AS item, correct AS outcome, epoch_ms("at") AS at, 'response' AS source
      FROM response WHERE "at" IS NOT NULL
      UNION ALL
      SELECT learner, standard, '', score, epoch_ms(coalesce(on_date, known_on)::TIMESTAMP), 'assessment' FROM standard_result
      UNION ALL
      SELECT learner, standard, '', score, epoch_ms(on_date::TIMESTAMP), if(entered_by = 'computer', 'assessment', 'teacher')
      FROM observation
    )
    SELECT e.person, o.standard, o.item, o.outcome, o.at::DOUBLE, o.source FROM observed o
    JOIN (SELECT DISTINCT learner, person FROM enrolment) e USING (learner)
    WHERE o.outcome BETWEEN 0 AND 1 AND o.at IS NOT NULL AND o.standard IS NOT NULL
    ORDER BY e.person, o.at, o.standard, o.item, o.source, o.outcome`);
  const rows = (result.getRows() as unknown as Row[]).filter(
    ([person, standard]) => position.has(standard) && index.has(person),
  );
  const items = new Map<string, number>();
  for (const [, , item] of rows) if (item !== "" && !items.has(item)) items.set(item, items.size);
  const learnerStart = new Int32Array(learners.length + 1);
  for (const [person] of rows) learnerStart[index.get(person)! + 1]!++;
  for (let learner = 0; learner < learners.length; learner++) learnerStart[learner + 1]! += learnerStart[learner]!;
  return {
    learnerStart,
    standard: Int32Array.from(rows, ([, standard]) => position.get(standard)!),
    item: Int32Array.from(rows, ([, , item]) => items.get(item) ?? -1),
    outcome: Float64Array.from(rows, ([, , , outcome]) => outcome),
    at: Float64Array.from(rows, ([, , , , at]) => at),
    source: Uint8Array.from(rows, ([, , , , , source]) => sourceNumber(source)),
    standards: standards.map(({ standard }) => standard),
    items: [...items.keys()],
    prerequisites,
  };
}
