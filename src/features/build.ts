import type { DuckDBConnection } from "@duckdb/node-api";
import { CairnError } from "../errors.ts";
import { checkMatrix, type FeatureColumn } from "../numeric/matrix.ts";
import { featureCatalog, featureDefinition, featureFamilies } from "./catalog.ts";
import type { Cohort, FeatureDefinition, FeatureFamily, QueriedFamily } from "./family.ts";
import { explainMissing } from "./missing.ts";
import { readFamily, readIdentity } from "./read-columns.ts";
import type { FeatureTable } from "./table.ts";

export { collectColumn } from "./collect-column.ts";
export type { FeatureTable } from "./table.ts";

/** How a build goes; only `families`, `detail`, `features` and `reasons` change what comes out. */
export interface BuildOptions {
  /** Names of the families to build, all of the catalog when left out. Families they require are built and left out. */
  readonly families?: readonly string[];
  /** Also the features that are not inputs of models by default: every window and view. Default false. */
  readonly detail?: boolean;
  /** Exactly these features, of whatever use, and no family but those they need; `families` and `detail` do not count then. */
  readonly features?: readonly string[];
  /** Why cells are missing; default true. For work that only reads numbers: it costs a look at every source. */
  readonly reasons?: boolean;
  readonly signal?: AbortSignal;
  /** Called with the finished share, in [0, 1]. */
  readonly onProgress?: (fraction: number) => void;
}

/** What a build has to do: the families to query in order, the features to read from them, and the features that come out. */
interface Plan {
  readonly queried: readonly QueriedFamily[];
  readonly read: readonly PlannedFeature[];
  readonly features: readonly PlannedFeature[];
  readonly wants: (feature: string) => boolean;
}

interface PlannedFeature {
  readonly family: FeatureFamily;
  readonly feature: FeatureDefinition;
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
  const { queried, read, features, wants } = plan(options);
  const columns: FeatureColumn[] = [];
  for (const [index, family] of queried.entries()) {
    if (options.signal?.aborted)
      throw new CairnError("CANCELLED", "expected to finish the features, got a request to stop");
    const own = read.filter((planned) => planned.family === family).map(({ feature }) => feature);
    columns.push(...(await readFamily(connection, cohort, family.sql({ cohort, wants }), own, family.name)));
    options.onProgress?.((index + 1) / (queried.length + 2));
  }
  const identity = await readIdentity(connection, cohort);
  const matrix = checkMatrix({ rows: cohort.rows, columns: assemble(features, columns, identity) });
  const table = { ...identity, matrix, catalogVersion: featureCatalog.version };
  const definitions = features.map(({ feature }) => feature);
  const reasons = options.reasons === false ? undefined : await explainMissing(connection, cohort, definitions, table);
  options.onProgress?.(1);
  return { ...table, ...(reasons === undefined ? {} : { reasons }) };
}

function plan({ families, detail = false, features: named }: BuildOptions): Plan {
  const chosen = named === undefined ? undefined : new Set(named.map((name) => featureDefinition(name).name));
  const asked = featureFamilies(families ?? featureCatalog.families.map((family) => family.name));
  const all = featureCatalog.families.flatMap((family) => family.features.map((feature) => ({ family, feature })));
  const features = all.filter(
    ({ family, feature }) =>
      chosen?.has(feature.name) ?? (asked.includes(family) && (detail || feature.use !== "detail")),
  );
  const reads = features.flatMap(({ family, feature }) => ("reads" in family ? family.reads(feature.name) : []));
  const wanted = new Set([...features.map(({ feature }) => feature.name), ...reads]);
  const read = all.filter(({ family, feature }) => "sql" in family && wanted.has(feature.name));
  // Of the families a family requires, only those whose features it will read.
  const queried = featureCatalog.families.filter(
    (family): family is QueriedFamily => "sql" in family && read.some((planned) => planned.family === family),
  );
  return { queried, read, features, wants: (feature) => wanted.has(feature) };
}

/** The columns that come out, in their order: read ones as they are, derived ones from those they read. */
function assemble(
  features: Plan["features"],
  read: readonly FeatureColumn[],
  { peerGroup, asOf }: Pick<FeatureTable, "peerGroup" | "asOf">,
): FeatureColumn[] {
  const byName = new Map(read.map((column) => [column.name, column]));
  const column = (name: string): Float64Array => (byName.get(name) as FeatureColumn).values;
  const peers = numberPeers(peerGroup, asOf);
  return features.map(({ family, feature: { name } }) =>
    "derive" in family
      ? { name, kind: "numeric", values: family.derive(name, { column, peers }) }
      : (byName.get(name) as FeatureColumn),
  );
}

/** The peer group and the day of each row as one number from 0; -1 where there is no group. */
function numberPeers(peerGroup: readonly string[], asOf: readonly string[]): Int32Array {
  const peers = new Int32Array(peerGroup.length);
  const numbers = new Map<string, Map<string, number>>();
  let count = 0;
  for (let row = 0; row < peers.length; row++) {
    const group = peerGroup[row]!;
    // Rows of one group and day stand together where there is one day: most need no look-up.
    if (row > 0 && group === peerGroup[row - 1] && asOf[row] === asOf[row - 1]) peers[row] = peers[row - 1]!;
    else if (group === "") peers[row] = -1;
    else {
      const days = numbers.get(group) ?? new Map<string, number>();
      numbers.set(group, days);
      const number = days.get(asOf[row]!) ?? count++;
      days.set(asOf[row]!, number);
      peers[row] = number;
    }
  }
  return peers;
}
