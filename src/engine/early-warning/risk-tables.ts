import type { DuckDBConnection } from "@duckdb/node-api";
import { CairnError } from "../../errors.ts";
import type { FeatureTable } from "../../features/build.ts";
import { buildFeatures } from "../../features/build.ts";
import { selectCohort } from "../../features/cohort.ts";
import type { FeatureMatrix } from "../../numeric/matrix.ts";
import { takeRows } from "../../numeric/matrix.ts";
import { currentPeriod } from "../current-period.ts";
import { readOutcomes } from "./outcomes.ts";

/** What a risk model learns from and what it is asked about, as of the same day of the year. */
export interface RiskTables {
  /** Learners of finished periods, with labels. */
  readonly training: FeatureTable & { readonly labels: Uint8Array };
  /** Learners of the current period. */
  readonly current: FeatureTable;
}

/**
 * Builds the two tables: every finished period as of the day that lies as far into it as `asOf` lies into the current one.
 * @param asOf - a calendar day
 * @throws CairnError `CONFLICT` when no period has begun. Without a finished period the training table is empty
 */
export async function buildRiskTables(
  connection: DuckDBConnection,
  asOf: string,
  options: { signal?: AbortSignal } = {},
): Promise<RiskTables> {
  const current = await currentPeriod(connection, asOf);
  if (current === undefined) {
    throw new CairnError("CONFLICT", `expected a school year that has begun by ${asOf}, got none`, {
      hint: "import the rosters, or choose a later day",
    });
  }
  const outcomes = await readOutcomes(connection);
  const finished = outcomes.periods.filter((period) => period !== current.period);
  const asOfByPeriod = Object.fromEntries([
    ...finished.map((period) => [period, current.offset] as const),
    [current.period, asOf],
  ]);
  const cohort = await selectCohort(connection, { asOf: asOfByPeriod });
  const table = await buildFeatures(connection, cohort, options);
  const rowsOf = (keep: (row: number) => boolean): number[] =>
    table.learner.flatMap((_, row) => (keep(row) ? [row] : []));
  const labelled = rowsOf((row) => table.period[row] !== current.period && outcomes.offTrack.has(table.learner[row]!));
  const training = takeTableRows(table, labelled);
  return {
    training: { ...training, labels: Uint8Array.from(training.learner, (learner) => outcomes.offTrack.get(learner)!) },
    current: takeTableRows(
      table,
      rowsOf((row) => table.period[row] === current.period),
    ),
  };
}

/** The given rows of a feature table, in that order, with the reasons of their missing cells where the table has them. */
export function takeTableRows(table: FeatureTable, rows: readonly number[]): FeatureTable {
  const pick = (values: readonly string[]): string[] => rows.map((row) => values[row]!);
  const reasons = table.reasons?.map((codes) => Uint8Array.from(rows, (row) => codes[row]!));
  return {
    learner: pick(table.learner),
    person: pick(table.person),
    period: pick(table.period),
    peerGroup: pick(table.peerGroup),
    asOf: pick(table.asOf),
    matrix: takeRows(table.matrix, rows),
    ...(reasons === undefined ? {} : { reasons }),
    catalogVersion: table.catalogVersion,
  };
}

/**
 * Drops columns that say nothing in training: all missing, or one value throughout. They would only add reasons without
 * content.
 */
export function informativeColumns(matrix: FeatureMatrix): string[] {
  return matrix.columns
    .filter(({ values }) => {
      const known = values.filter((value) => !Number.isNaN(value));
      return known.length > 0 && (known.length < values.length || known.some((value) => value !== known[0]));
    })
    .map((column) => column.name);
}
