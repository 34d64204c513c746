import type { DuckDBConnection } from "@duckdb/node-api";
import type { FeatureMatrix } from "../numeric/matrix.ts";
import { type SnapshotTableName, snapshotTables } from "../records/snapshot/tables.ts";
import type { Cohort, FeatureDefinition } from "./family.ts";
import { literal, runSql } from "./sql.ts";

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
  matrix: FeatureMatrix,
): Promise<Uint8Array[]> {
  const sources = [...new Set(definitions.flatMap((definition) => definition.sources))];
  const facts = await readFacts(connection, cohort, sources);
  return matrix.columns.map(({ values }, column) => {
    const { sources: own, needs } = definitions[column] as FeatureDefinition;
    const feeding = own.map((source) => facts.bySource.get(source) as Uint8Array);
    const reasons = new Uint8Array(values.length);
    for (let row = 0; row < values.length; row++) {
      if (!Number.isNaN(values[row]!)) continue;
      let reason = code("no data yet");
      if (needs === "an earlier period" && facts.hasEarlier[row] === 0) reason = code("not enrolled");
      if (typeof needs === "object" && facts.enrolledDays[row]! < needs.enrolledDays) reason = code("not enrolled");
      for (const source of feeding) reason = Math.max(reason, source[row]!);
      reasons[row] = reason;
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
): Promise<Facts> {
  const joins = sources.map((source, index) => spokenJoin(source, `t${index}`));
  const result = await runSql(
    connection,
    `SELECT (c.as_of - c.first_day + 1)::INTEGER, (p.since <= c.as_of)::INTEGER${joins.map(({ silent }) => `, ${silent}`).join("")}
    FROM ${cohort.table} c
    LEFT JOIN (
      SELECT c.person, c.period, min(e.known_on) AS since FROM ${cohort.table} c
      JOIN enrolment e ON e.person = c.person AND e.starts_on < c.starts_on GROUP BY ALL) p USING (person, period)
    ${joins.map(({ join }) => join).join("\n    ")}
    ORDER BY c."row"`,
    "reasons of missing cells",
  );
  const columns = await result.getColumnsJS();
  const numbers = (index: number): Uint8Array | Int32Array =>
    Int32Array.from(columns[index] ?? [], (value) => Number(value ?? 0));
  const bySource = new Map<SnapshotTableName, Uint8Array>();
  for (const [index, source] of sources.entries()) bySource.set(source, Uint8Array.from(numbers(index + 2)));
  return { enrolledDays: numbers(0), hasEarlier: numbers(1), bySource };
}

/** The columns that say when a thing happened or was known, in any table; a step of a goal happens when it is due. */
const clockColumns = ["on_date", "at", "submitted_on", "set_on", "begins_on", "known_on"];

/** SQL by which a source is found to have spoken of a row's school and period by the as-of day, and whether it may. */
function spokenJoin(source: SnapshotTableName, alias: string): { readonly join: string; readonly silent: string } {
  if (source === "enrolment") return { join: "", silent: "0" };
  const names = Object.keys(snapshotTables[source].columns);
  const clocks = [...clockColumns, ...(source === "goal_step" ? ["due_on"] : [])]
    .filter((name) => names.includes(name))
    .map((name) => `s."${name}"::DATE`);
  const of = (by: readonly string[], from: string, more: readonly string[] = []): { join: string; silent: string } => {
    const dates = [...clocks, ...more];
    const since = dates.length === 0 ? "DATE '0001-01-01'" : `min(greatest(${dates.join(", ")}))`;
    const select = [...by.map((key) => `${key} AS ${key.slice(2)}`), `${since} AS since`].join(", ");
    const on = by.map((key) => `${alias}.${key.slice(2)} = c.${key.slice(2)}`).join(" AND ") || "true";
    return {
      join: `LEFT JOIN (SELECT ${select} FROM ${from} GROUP BY ALL) ${alias} ON ${on}`,
      silent: silentUnless(`${alias}.since <= c.as_of`, source),
    };
  };
  const enrolled = ["e.known_on", "e.entered_on"];
  for (const key of ["learner", "person"]) {
    if (names.includes(key))
      return of(
        ["e.school", "e.period"],
        `${source} s JOIN enrolment e USING (${key}) WHERE e.known_on IS NOT NULL`,
        enrolled,
      );
  }
  if (names.includes("school")) return of(["s.school"], `${source} s`);
  if (names.includes("section")) {
    // Work hangs on sections, and so on whoever takes them.
    const from = `${source} s JOIN section t USING (section) JOIN enrolment e ON e.learner = t.learner WHERE e.known_on IS NOT NULL`;
    return of(["e.school", "e.period"], from, ["t.known_on", "t.entered_on", ...enrolled]);
  }
  return of([], `${source} s`);
}

function silentUnless(hasSpoken: string, source: SnapshotTableName): string {
  const withheld = `EXISTS (FROM withheld w WHERE w.learner = c.learner AND w.table_name = ${literal(source)})`;
  return `CASE WHEN ${withheld} THEN ${code("no consent")} WHEN ${hasSpoken} THEN 0 ELSE ${code("source silent")} END`;
}
