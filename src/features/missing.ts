import type { DuckDBConnection } from "@duckdb/node-api";
import type { FeatureMatrix } from "../numeric/matrix.ts";
import { type SnapshotTableName, snapshotTables } from "../records/snapshot/tables.ts";
import type { Cohort, FeatureDefinition } from "./family.ts";
import { runSql } from "./sql.ts";
import type { FeatureTable } from "./table.ts";

/**
 * Why a cell is missing, by code; a later reason outweighs an earlier one where several sources feed a feature.
 * - `known`: it is not missing
 * - `no data yet`: the source speaks of the school, and there is not enough of this learner
 * - `not enrolled`: the learner was not here when it would have happened (newcomers: see what came along)
 * - `source silent`: nothing of this kind is known of anybody in the learner's school and period
 * - `no consent`: a decision keeps the source from this purpose
 */
export const missingReasons = ["known", "no data yet", "not enrolled", "source silent", "no consent"] as const;

/** One of {@link missingReasons}. */
export type MissingReason = (typeof missingReasons)[number];

const code = (reason: MissingReason): number => missingReasons.indexOf(reason);

/**
 * The reason of every missing cell: one array per matrix column, 0 where the value is known.
 * @param definitions - of the matrix columns, in their order
 */
export async function explainMissing(
  connection: DuckDBConnection,
  cohort: Cohort,
  definitions: readonly FeatureDefinition[],
  table: Pick<FeatureTable, "learner" | "period" | "asOf" | "matrix">,
): Promise<Uint8Array[]> {
  const gaps = definitions.filter((_, column) => table.matrix.columns[column]!.values.some(Number.isNaN));
  const sources = [...new Set(gaps.flatMap((definition) => definition.sources))];
  const facts = await readFacts(connection, cohort, sources, table);
  return table.matrix.columns.map(({ values }, column) => {
    const { sources: own, needs } = definitions[column] as FeatureDefinition;
    const reasons = new Uint8Array(values.length);
    // A column without a gap may have sources nobody looked at.
    const feeding = own.flatMap((source) => facts.bySource.get(source) ?? []);
    for (let row = 0; row < values.length; row++) {
      if (!Number.isNaN(values[row]!)) continue;
      const isNew =
        (needs === "an earlier period" && facts.hasEarlier[row] === 0) ||
        (typeof needs === "object" && facts.enrolledDays[row]! < needs.enrolledDays);
      const worst = feeding.reduce((most, source) => Math.max(most, source[row]!), code("no data yet"));
      // A source that is silent of a time the learner was not here for is no news.
      reasons[row] = isNew && worst !== code("no consent") ? code("not enrolled") : worst;
    }
    return reasons;
  });
}

/** How much is known of each row: the share of its cells that hold a value, in [0, 1]. */
export function shareKnown(matrix: FeatureMatrix): Float64Array {
  const known = new Float64Array(matrix.rows);
  for (const { values } of matrix.columns) {
    for (let row = 0; row < values.length; row++) if (!Number.isNaN(values[row]!)) known[row]! += 1;
  }
  return known.map((count) => count / matrix.columns.length);
}

/** What the reasons are made of, per row. */
interface Facts {
  readonly enrolledDays: ArrayLike<number>;
  /** 1 when an earlier period of the person is known. */
  readonly hasEarlier: ArrayLike<number>;
  readonly bySource: ReadonlyMap<SnapshotTableName, Uint8Array>;
}

async function readFacts(
  connection: DuckDBConnection,
  cohort: Cohort,
  sources: readonly SnapshotTableName[],
  { learner, period, asOf }: Pick<FeatureTable, "learner" | "period" | "asOf">,
): Promise<Facts> {
  const read = async (sql: string): Promise<readonly unknown[][]> => {
    const result = await runSql(connection, sql, "reasons of missing cells");
    return (await result.getColumnsJS()) as unknown[][];
  };
  const [school = [], days = [], earlier = []] = await read(`
    SELECT c.school, (c.as_of - c.first_day + 1)::INTEGER, (p.since <= c.as_of)::INTEGER
    FROM ${cohort.table} c
    LEFT JOIN (
      SELECT r.person, r.starts_on, min(e.known_on) AS since
      FROM (SELECT DISTINCT person, starts_on FROM ${cohort.table}) r
      JOIN enrolment e ON e.person = r.person AND e.starts_on < r.starts_on GROUP BY ALL
    ) p ON p.person = c.person AND p.starts_on = c.starts_on
    ORDER BY c."row"`);
  const [withheldFrom = [], withheldTables = []] = await read("SELECT learner, table_name FROM withheld");
  const bySource = new Map<SnapshotTableName, Uint8Array>();
  for (const source of sources) {
    const withheld = new Set(withheldFrom.filter((_, index) => withheldTables[index] === source));
    const spoken = await spokenSince(source, read);
    const codes = Uint8Array.from(learner, (who, row) => {
      if (withheld.has(who)) return code("no consent");
      const since = spoken(school[row] as string | null, period[row]!);
      return since !== undefined && since <= asOf[row]! ? 0 : code("source silent");
    });
    bySource.set(source, codes);
  }
  const numbers = (column: readonly unknown[]): Int32Array => Int32Array.from(column, (value) => Number(value ?? 0));
  return { enrolledDays: numbers(days), hasEarlier: numbers(earlier), bySource };
}

/** The columns that say when a thing happened or was known, in any table; a step of a goal happens when it is due. */
const clockColumns = ["on_date", "at", "submitted_on", "set_on", "begins_on", "known_on"];

/** The day from which a source has spoken of a school in a period; undefined when it never has. */
type SpokenSince = (school: string | null, period: string) => string | undefined;

async function spokenSince(
  source: SnapshotTableName,
  read: (sql: string) => Promise<readonly unknown[][]>,
): Promise<SpokenSince> {
  if (source === "enrolment") return () => ""; // every row of a cohort is an enrolment
  const names = Object.keys(snapshotTables[source].columns);
  const clocks = [...clockColumns, ...(source === "goal_step" ? ["due_on"] : [])]
    .filter((name) => names.includes(name))
    .map((name) => `"${name}"::DATE`);
  const since = clocks.length === 0 ? "DATE '0001-01-01'" : `min(greatest(${clocks.join(", ")}))`;
  const key = ["learner", "person", "section", "school"].find((name) => names.includes(name));
  if (key === undefined) {
    const [found = []] = await read(`SELECT (${since})::VARCHAR FROM ${source} HAVING count(*) > 0`);
    return () => found[0] as string | undefined;
  }
  // By learner first: what is left to join is one row each.
  const first = `SELECT ${key}, ${since} AS since FROM ${source} GROUP BY ${key}`;
  if (key === "school") {
    const [schools = [], days = []] = await read(
      `SELECT school, since::VARCHAR FROM (${first}) WHERE since IS NOT NULL`,
    );
    const known = new Map(schools.map((school, index) => [school, days[index] as string]));
    return (school) => known.get(school);
  }
  // Work hangs on sections, and so on whoever takes them.
  const taken = `SELECT t.learner, min(greatest(s.since, t.known_on, t.entered_on)) AS since
    FROM (${first}) s JOIN section t USING (section) GROUP BY t.learner`;
  const [schools = [], periods = [], days = []] = await read(`
    SELECT e.school, e.period, min(greatest(s.since, e.known_on, e.entered_on))::VARCHAR
    FROM (${key === "section" ? taken : first}) s JOIN enrolment e USING (${key === "section" ? "learner" : key})
    WHERE e.known_on IS NOT NULL AND s.since IS NOT NULL GROUP BY ALL`);
  const known = new Map(schools.map((school, index) => [`${school}\n${periods[index]}`, days[index] as string]));
  return (school, period) => known.get(`${school}\n${period}`);
}
