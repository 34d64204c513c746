import type { DuckDBConnection, DuckDBDataChunk } from "@duckdb/node-api";
import { CairnError } from "../errors.ts";
import type { FeatureColumn } from "../numeric/matrix.ts";
import { collectColumn } from "./collect-column.ts";
import type { Cohort, FeatureDefinition } from "./family.ts";
import type { FeatureTable } from "./table.ts";

/** Whose the rows of a cohort are, and as of when; see {@link FeatureTable}. */
export async function readIdentity(
  connection: DuckDBConnection,
  cohort: Cohort,
): Promise<Pick<FeatureTable, "learner" | "person" | "period" | "peerGroup" | "asOf">> {
  const texts = (): string[] => new Array<string>(cohort.rows);
  const [learner, person, period, peerGroup, asOf] = [texts(), texts(), texts(), texts(), texts()];
  const days = new Map<unknown, string>();
  await eachChunk(
    connection,
    // A day as a number and back: few days, and reading a text costs more than reading a number.
    `SELECT coalesce(learner, ''), coalesce(person, ''), as_of - DATE '1970-01-01' FROM ${cohort.table} ORDER BY "row"`,
    (chunk, start) => {
      chunk.visitColumnValues(0, (value, row) => {
        learner[start + row] = value as string;
      });
      chunk.visitColumnValues(1, (value, row) => {
        person[start + row] = value as string;
      });
      chunk.visitColumnValues(2, (value, row) => {
        const day = days.get(value) ?? new Date(Number(value) * 86_400_000).toISOString().slice(0, 10);
        days.set(value, day);
        asOf[start + row] = day;
      });
    },
  );
  // Rows are ordered by period and peer group, so each pair is one run of rows.
  const runs = await connection.runAndReadAll(
    `SELECT min("row")::INTEGER, coalesce(period, ''), coalesce(peer_group, '') FROM ${cohort.table}
    GROUP BY period, peer_group ORDER BY 1`,
  );
  for (const [first, ofPeriod, group] of runs.getRowsJS() as [number, string, string][]) {
    period.fill(ofPeriod, first);
    peerGroup.fill(group, first);
  }
  return { learner, person, period, peerGroup, asOf };
}

/** Columns of built families, in the order given. */
export async function readColumns(
  connection: DuckDBConnection,
  cohort: Cohort,
  features: readonly { readonly table: string; readonly feature: FeatureDefinition }[],
): Promise<FeatureColumn[]> {
  if (features.length === 0) return [];
  // A vector without NULL is read without looking at its validity, cell by cell; NaN stands for missing here anyway.
  const cells = features.map(({ table, feature: { name, kind } }) =>
    kind === "categorical" ? `${table}.${name}::VARCHAR` : `coalesce(${table}.${name}::DOUBLE, 'NaN'::DOUBLE)`,
  );
  const collectors = features.map(({ feature }) => collectColumn(feature, cohort.rows));
  const tables = [...new Set(features.map(({ table }) => table))];
  const rows = await eachChunk(
    connection,
    `SELECT ${cells.join(", ")} FROM ${cohort.table} c ${tables.map((table) => `JOIN ${table} USING ("row")`).join(" ")}
    ORDER BY c."row"`,
    (chunk, start) => {
      for (const [index, collector] of collectors.entries()) {
        chunk.visitColumnValues(index, (value, row) => {
          if (value !== null) collector.set(start + row, value);
        });
      }
    },
  );
  if (rows !== cohort.rows) {
    throw new CairnError("INTERNAL", `expected ${cohort.rows} rows of features, got ${rows}`, {
      hint: "report this: a family must give one row per cohort row",
    });
  }
  return collectors.map((collector) => collector.finish());
}

/** Streams a result through a visitor; gives the number of rows. */
async function eachChunk(
  connection: DuckDBConnection,
  sql: string,
  visit: (chunk: DuckDBDataChunk, start: number) => void,
): Promise<number> {
  const result = await connection.stream(sql);
  let start = 0;
  for (;;) {
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) return start;
    visit(chunk, start);
    start += chunk.rowCount;
  }
}
