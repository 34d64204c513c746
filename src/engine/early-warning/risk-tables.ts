import type { DuckDBConnection } from "@duckdb/node-api";
import { CairnError } from "../../errors.ts";
import type { FeatureTable } from "../../features/build.ts";
import { buildFeatures } from "../../features/build.ts";
import { selectCohort } from "../../features/cohort.ts";
import type { Cohort } from "../../features/family.ts";
import type { FeatureMatrix } from "../../numeric/matrix.ts";
import { takeRows } from "../../numeric/matrix.ts";
import { type CurrentPeriod, currentPeriod } from "../current-period.ts";
import type { OutcomeDefinition } from "./outcomes/definition.ts";
import { defaultOutcome } from "./outcomes/definition.ts";
import { NO_LABEL, readLabels } from "./outcomes/labels.ts";
import type { PeriodDays } from "./outcomes/periods.ts";
import { addDays, readPeriods, ripensOn } from "./outcomes/periods.ts";

/** Rows a risk model learns from; what is beside the features decides who is trained together and is audited, and is no input. */
export interface TrainingTable extends FeatureTable {
  /** Shape (rows), each 0 or 1; 1 is the bad outcome. */
  readonly labels: Uint8Array;
  /** The grade band of each row; "" where it is not known. */
  readonly gradeBand?: readonly string[];
  /** The school of each row, by its key; "" where it is not known. */
  readonly school?: readonly string[];
  /** Protected attributes by name, one value per row; "" where it is not known. Audited only. */
  readonly attributes?: Readonly<Record<string, readonly string[]>>;
  /** The day on which the labels of each period were ripe. */
  readonly ripeOn?: Readonly<Record<string, string>>;
}

/** An outcome with the rows that have a ripe label of it. */
export interface OutcomeTable {
  readonly definition: OutcomeDefinition;
  readonly training: TrainingTable;
  /** Periods that have begun and whose labels are not ripe yet, with the day on which they will be (null: not known). */
  readonly unripe: readonly { readonly period: string; readonly ripensOn: string | null }[];
}

/** What a risk model learns from and what it is asked about, as of the same day of the year. */
export interface RiskTables {
  /** Learners of finished periods, with labels of the first outcome. */
  readonly training: TrainingTable;
  /** Learners of the current period. */
  readonly current: FeatureTable;
  /** Every outcome that was asked for, in that order. */
  readonly outcomes: readonly OutcomeTable[];
  /** The grade band of each peer group of the current period. */
  readonly bandOfPeers: Readonly<Record<string, string>>;
}

/** What {@link buildRiskTables} takes beside the day. */
export interface RiskTableOptions {
  /** The first is the one the district ranks by; off track alone when left out. */
  readonly outcomes?: readonly OutcomeDefinition[];
  /** Days before `asOf` on which finished periods are looked at besides the same day of the year, such as 28; none when left out. */
  readonly earlierBy?: readonly number[];
  readonly signal?: AbortSignal;
}

const EARLIEST_DAY = 14; // before, a year has shown nothing yet

/**
 * Builds the tables: every finished period as of the day that lies as far into it as `asOf` lies into the current one, and as of
 * earlier days where they are asked for. A label counts only when it was ripe by `asOf`.
 * @param asOf - a calendar day
 * @throws CairnError `CONFLICT` when no period has begun. Without a finished period the training tables are empty
 */
export async function buildRiskTables(
  connection: DuckDBConnection,
  asOf: string,
  { outcomes = [defaultOutcome], earlierBy = [], signal }: RiskTableOptions = {},
): Promise<RiskTables> {
  const current = await requirePeriod(connection, asOf);
  const periods = await readPeriods(connection);
  const earlier = periods.slice(
    0,
    periods.findIndex(({ period }) => period === current.period),
  );
  const offsets = [0, ...earlierBy].map((days) => current.offset - days);
  const days = offsets.filter((offset, index) => index === 0 || offset >= EARLIEST_DAY);
  const learnable = earlier.filter((period) =>
    outcomes.some((outcome) => isRipe(outcome, period, current.offset, asOf)),
  );
  const cohort = await selectCohort(connection, {
    asOf: { ...Object.fromEntries(learnable.map(({ period }) => [period, days])), [current.period]: asOf },
  });
  const table = await buildFeatures(connection, cohort, signal === undefined ? {} : { signal });
  const beside = await readBeside(connection, cohort);
  const tables: OutcomeTable[] = [];
  for (const definition of outcomes) {
    const labels = await readLabels(connection, cohort, definition);
    const ripe = new Map(
      learnable
        .filter((period) => isRipe(definition, period, current.offset, asOf))
        .map((period) => [period.period, ripensOn(definition, period, dayOf(period, current.offset))!]),
    );
    const rows = rowsOf(table, (row) => ripe.has(table.period[row]!) && labels[row] !== NO_LABEL);
    const unripe = periods
      .filter(({ period, startsOn }) => startsOn <= asOf && !ripe.has(period))
      .map((period) => ({
        period: period.period,
        ripensOn: ripensOn(definition, period, dayOf(period, current.offset)),
      }));
    tables.push({
      definition,
      training: takeTrainingRows({ ...table, ...beside, labels, ripeOn: Object.fromEntries(ripe) }, rows),
      unripe,
    });
  }
  const now = rowsOf(table, (row) => table.period[row] === current.period);
  return {
    training: tables[0]!.training,
    current: takeTableRows(table, now),
    outcomes: tables,
    bandOfPeers: Object.fromEntries(now.map((row) => [table.peerGroup[row]!, beside.gradeBand[row]!])),
  };
}

/**
 * The table of the learners to score alone, as {@link buildRiskTables} builds it.
 * @throws CairnError `CONFLICT` when no period has begun
 */
export async function buildCurrentTable(connection: DuckDBConnection, asOf: string): Promise<FeatureTable> {
  const { period } = await requirePeriod(connection, asOf);
  return buildFeatures(connection, await selectCohort(connection, { asOf: { [period]: asOf } }));
}

async function requirePeriod(connection: DuckDBConnection, asOf: string): Promise<CurrentPeriod> {
  const current = await currentPeriod(connection, asOf);
  if (current !== undefined) return current;
  throw new CairnError("CONFLICT", `expected a school year that has begun by ${asOf}, got none`, {
    hint: "import the rosters, or choose a later day",
  });
}

const dayOf = ({ startsOn }: PeriodDays, offset: number): string => addDays(startsOn, offset);

function isRipe(outcome: OutcomeDefinition, period: PeriodDays, offset: number, asOf: string): boolean {
  const ripe = ripensOn(outcome, period, dayOf(period, offset));
  return ripe !== null && ripe <= asOf;
}

function rowsOf(table: FeatureTable, keep: (row: number) => boolean): number[] {
  return table.learner.flatMap((_, row) => (keep(row) ? [row] : []));
}

type Beside = Required<Pick<TrainingTable, "gradeBand" | "school" | "attributes">>;

/** What stands beside the features of a cohort's rows. */
async function readBeside(connection: DuckDBConnection, cohort: Cohort): Promise<Beside> {
  const blank = (): string[] => new Array<string>(cohort.rows).fill("");
  const [gradeBand, school] = [blank(), blank()];
  const places = await connection.runAndReadAll(`SELECT "row"::INTEGER, grade_band, school FROM ${cohort.table}`);
  for (const [row, band, at] of places.getRows() as [number, string | null, string | null][]) {
    gradeBand[row] = band ?? "";
    school[row] = at ?? "";
  }
  const attributes: Record<string, string[]> = {};
  const known = await connection.runAndReadAll(
    `SELECT c."row"::INTEGER, p.name, min(p.value) FROM ${cohort.table} c JOIN protected_attribute p USING (learner) GROUP BY ALL ORDER BY 2`,
  );
  for (const [row, name, value] of known.getRows() as [number, string, string | null][]) {
    attributes[name] ??= blank();
    attributes[name][row] = value ?? "";
  }
  return { gradeBand, school, attributes };
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

/** The given rows of a training table, in that order, with everything that stands beside its features. */
export function takeTrainingRows(table: TrainingTable, rows: readonly number[]): TrainingTable {
  const pick = (values: readonly string[]): string[] => rows.map((row) => values[row]!);
  const { gradeBand, school, attributes, ripeOn } = table;
  return {
    ...takeTableRows(table, rows),
    labels: Uint8Array.from(rows, (row) => table.labels[row]!),
    ...(gradeBand === undefined ? {} : { gradeBand: pick(gradeBand) }),
    ...(school === undefined ? {} : { school: pick(school) }),
    ...(attributes === undefined
      ? {}
      : {
          attributes: Object.fromEntries(Object.entries(attributes).map(([name, values]) => [name, pick(values)])),
        }),
    ...(ripeOn === undefined ? {} : { ripeOn }),
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
