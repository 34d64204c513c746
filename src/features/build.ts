import type { DuckDBConnection } from "@duckdb/node-api";
import { CairnError } from "../errors.ts";
import { checkMatrix, type FeatureColumn, type FeatureMatrix } from "../numeric/matrix.ts";
import { featureCatalog, featureDefinition, featureFamilies } from "./catalog.ts";
import type { Cohort, FeatureDefinition, FeatureFamily } from "./family.ts";
import { explainMissing } from "./missing.ts";
import { runSql } from "./sql.ts";

/** Features of a cohort, row by row: whose they are, as of when, and the matrix a model reads. */
export interface FeatureTable {
  /** Shape (rows): the unit of a row, one learner in one period. */
  readonly learner: readonly string[];
  /** Shape (rows): the human being behind it, for splits that must not part a person. */
  readonly person: readonly string[];
  readonly period: readonly string[];
  /** Shape (rows); empty where the learner has no peer group. */
  readonly peerGroup: readonly string[];
  /** Shape (rows): the as-of day as `YYYY-MM-DD`. */
  readonly asOf: readonly string[];
  readonly matrix: FeatureMatrix;
  /**
   * Why cells are missing: one array of shape (rows) per matrix column, codes into `missingReasons`, 0 where the value is
   * known. Every built table has it; one that was made otherwise need not.
   */
  readonly reasons?: readonly Uint8Array[];
  /** The catalog version the columns were built with. */
  readonly catalogVersion: string;
}

/** How a build goes; only `families`, `detail` and `features` change what comes out. */
export interface BuildOptions {
  /** Names of the families to build, all of the catalog when left out. Families they require are built and left out. */
  readonly families?: readonly string[];
  /** Also the features that are not inputs of models by default: every window and view. Default false. */
  readonly detail?: boolean;
  /** Exactly these features, of whatever use, and no family but those they need; `families` and `detail` do not count then. */
  readonly features?: readonly string[];
  readonly signal?: AbortSignal;
  /** Called with the finished share, in [0, 1]. */
  readonly onProgress?: (fraction: number) => void;
}

/** What a build has to do: the families in order, and the features that come out. */
interface Plan {
  readonly built: readonly FeatureFamily[];
  readonly features: readonly { readonly family: string; readonly feature: FeatureDefinition }[];
  readonly wants: (feature: string) => boolean;
}

/**
 * Builds the feature matrix of a cohort, one query per family whatever the number of rows and days.
 * @param connection - the connection the cohort was selected on
 * @throws CairnError `UNKNOWN_FEATURE` for an unknown family, `CANCELLED`, `NOT_FINITE` when a source holds ±∞,
 * `UNREADABLE_FILE` when the snapshot is not attached
 */
export async function buildFeatures(
  connection: DuckDBConnection,
  cohort: Cohort,
  options: BuildOptions = {},
): Promise<FeatureTable> {
  const { built, features, wants } = plan(options);
  const tableOf = (family: string): string => `${cohort.table}_${family.replaceAll("-", "_")}`;
  try {
    for (const [index, family] of built.entries()) {
      if (options.signal?.aborted)
        throw new CairnError("CANCELLED", "expected to finish the features, got a request to stop");
      const sql = family.sql({ cohort, tableOf, wants });
      await runSql(
        connection,
        `CREATE TEMP TABLE ${tableOf(family.name)} AS ${sql}`,
        `features of the family "${family.name}"`,
      );
      options.onProgress?.((index + 1) / (built.length + 2));
    }
    const table = await readTable(connection, cohort, features, tableOf);
    const definitions = features.map(({ feature }) => feature);
    const reasons = await explainMissing(connection, cohort, definitions, table.matrix);
    options.onProgress?.(1);
    return { ...table, reasons };
  } finally {
    for (const family of built) await connection.run(`DROP TABLE IF EXISTS ${tableOf(family.name)}`);
  }
}

function plan({ families, detail = false, features: named }: BuildOptions): Plan {
  const chosen = named === undefined ? undefined : new Set(named.map((name) => featureDefinition(name).name));
  const asked = featureFamilies(families ?? featureCatalog.families.map((family) => family.name));
  const features = (chosen === undefined ? asked : featureCatalog.families).flatMap((family) =>
    family.features
      .filter((feature) => chosen?.has(feature.name) ?? (detail || feature.use !== "detail"))
      .map((feature) => ({ family: family.name, feature })),
  );
  const names = new Set(features.map(({ feature }) => feature.name));
  const reads = featureCatalog.families.flatMap((family) =>
    family.features.filter(({ name }) => names.has(name)).flatMap(({ name }) => family.reads?.(name) ?? []),
  );
  const wanted = new Set([...names, ...reads]);
  // Of the families a family requires, only those whose features it will read.
  const built = featureCatalog.families.filter((family) => family.features.some(({ name }) => wanted.has(name)));
  return { built, features, wants: (feature) => wanted.has(feature) };
}

const identity = ["learner", "person", "period", "peer_group", "as_of"] as const;

async function readTable(
  connection: DuckDBConnection,
  cohort: Cohort,
  features: Plan["features"],
  tableOf: (family: string) => string,
): Promise<FeatureTable> {
  const columns = features.map(
    ({ family, feature: { name, kind } }) =>
      `${tableOf(family)}.${name}::${kind === "categorical" ? "VARCHAR" : "DOUBLE"}`,
  );
  const families = [...new Set(features.map(({ family }) => family))];
  const result = await connection.stream(
    `SELECT ${[...identity.map((name) => `coalesce(c.${name}::VARCHAR, '')`), ...columns].join(", ")}
    FROM ${cohort.table} c ${families.map((family) => `JOIN ${tableOf(family)} USING ("row")`).join(" ")}
    ORDER BY c."row"`,
  );
  const texts = identity.map(() => new Array<string>(cohort.rows));
  const collectors = features.map(({ feature }) => collectColumn(feature, cohort.rows));
  let start = 0;
  for (;;) {
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) break;
    for (const [index, text] of texts.entries()) {
      chunk.visitColumnValues(index, (value, row) => {
        text[start + row] = value as string;
      });
    }
    for (const [index, collector] of collectors.entries()) {
      chunk.visitColumnValues(identity.length + index, (value, row) => {
        if (value !== null) collector.set(start + row, value);
      });
    }
    start += chunk.rowCount;
  }
  if (start !== cohort.rows) {
    throw new CairnError("INTERNAL", `expected ${cohort.rows} rows of features, got ${start}`, {
      hint: "report this: a family must give one row per cohort row",
    });
  }
  const [learner, person, period, peerGroup, asOf] = texts as [string[], string[], string[], string[], string[]];
  const matrix = checkMatrix({ rows: cohort.rows, columns: collectors.map((collector) => collector.finish()) });
  return { learner, person, period, peerGroup, asOf, matrix, catalogVersion: featureCatalog.version };
}

/** Fills one column cell by cell; cells never set stay missing. */
export interface ColumnCollector {
  /** Writes one cell; a label for a categorical column. */
  set(row: number, value: unknown): void;
  /** The column; codes of a categorical one follow the sorted labels, so they do not depend on row order. */
  finish(): FeatureColumn;
}

/** A collector for a feature's column of the given number of rows. */
export function collectColumn(feature: Pick<FeatureDefinition, "name" | "kind">, rows: number): ColumnCollector {
  const values = new Float64Array(rows).fill(Number.NaN);
  if (feature.kind !== "categorical") {
    return {
      set: (row, value) => {
        values[row] = value as number;
      },
      finish: () => ({ name: feature.name, kind: "numeric", values }),
    };
  }
  const codes = new Map<string, number>();
  return {
    set: (row, value) => {
      const label = value as string;
      let code = codes.get(label);
      if (code === undefined) {
        code = codes.size;
        codes.set(label, code);
      }
      values[row] = code;
    },
    finish: () => {
      const categories = [...codes.keys()].sort();
      const sorted = new Map(categories.map((label, index) => [codes.get(label) as number, index]));
      return {
        name: feature.name,
        kind: "categorical",
        values: values.map((code) => sorted.get(code) ?? Number.NaN),
        categories,
      };
    },
  };
}
