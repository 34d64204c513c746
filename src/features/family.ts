import type { SnapshotTableName } from "../records/snapshot/tables.ts";

/** Which way a feature points: what an increase means for the risk of going off track, everything else equal. */
export type FeatureDirection = "higher is riskier" | "lower is riskier" | "none";

/** Whether a feature is a default input of models (`core`) or built when asked for (`detail`). */
export type FeatureUse = "core" | "detail";

/** One feature of the catalog: everything a page, a model card or a constraint needs to know about a column. */
export interface FeatureDefinition {
  /** The name of the matrix column; unique in the whole catalog. */
  readonly name: string;
  /** What the number says, in one sentence. */
  readonly meaning: string;
  /** Unit of the values, such as `days`, `share`, `score (0 to 100)`; `label` for a categorical column. */
  readonly unit: string;
  /** Categorical columns hold codes into their own list of labels; numeric is the default. */
  readonly kind?: "numeric" | "categorical";
  /** The snapshot tables it is computed from, besides the cohort itself. */
  readonly sources: readonly SnapshotTableName[];
  readonly direction: FeatureDirection;
  /** When the cell is missing, and when it is a real zero. */
  readonly missing: string;
  /** True when somebody at school can change it in the weeks to come. */
  readonly actionable: boolean;
  /** The heading under which a counselor looks for it. */
  readonly group: string;
  /** The catalog version that introduced it. */
  readonly sinceVersion: string;
  /** `core` when left out. */
  readonly use?: FeatureUse;
  /** Whether the family `peers` ranks it among the learner's peers, and whether by default; never when left out. */
  readonly ranked?: FeatureUse;
  /** What of the learner's enrolment a value needs; a cell that is missing for want of it is missing as "not enrolled". */
  readonly needs?: { readonly enrolledDays: number } | "an earlier period";
}

/**
 * The rows features are computed for, as a temporary table of one DuckDB connection. Its columns are
 * `row` BIGINT (0 … rows − 1, the order of the feature table), `learner`, `person`, `period`, `school`, `peer_group`,
 * `grade_band` VARCHAR, `as_of`, `starts_on`, `entered_on` and `first_day` DATE (`first_day` is the later of the period's
 * start and the entry: the first day the learner can be counted on).
 */
export interface Cohort {
  /** The name of the temporary table. */
  readonly table: string;
  /** The number of rows. */
  readonly rows: number;
}

/** What a family's query may read besides the snapshot. */
export interface FamilyContext {
  readonly cohort: Cohort;
  /** Whether a feature is to be built. A family may leave out what nobody wants. */
  readonly wants: (feature: string) => boolean;
}

/** What a family that reads columns instead of records gets: the features it said it reads, and who is compared with whom. */
export interface DerivedContext {
  /** A numeric feature, shape (rows), NaN where missing. */
  readonly column: (feature: string) => Float64Array;
  /** Shape (rows): the peer group and the day as one number from 0; -1 where the learner has no peer group. */
  readonly peers: Int32Array;
}

interface Family {
  readonly name: string;
  /** Raised whenever the same records give different numbers than before. */
  readonly version: string;
  readonly features: readonly FeatureDefinition[];
}

/**
 * Features that are computed together by one query. The query obeys both clocks: a snapshot row counts only when it
 * happened on or before the cohort row's `as_of` and was known on or before it.
 */
export interface QueriedFamily extends Family {
  /** One SELECT that gives `row` and every wanted feature by name, one row per cohort row, NULL where missing. */
  readonly sql: (context: FamilyContext) => string;
}

/** Features that are computed from other features alone, once those are columns. */
export interface DerivedFamily extends Family {
  /** The queried families whose features it reads. */
  readonly requires: readonly string[];
  /** The features that a feature of this family reads. */
  readonly reads: (feature: string) => readonly string[];
  /** The values of one feature, shape (rows), NaN where missing. */
  readonly derive: (feature: string, context: DerivedContext) => Float64Array;
}

/** Features that are computed together. */
export type FeatureFamily = QueriedFamily | DerivedFamily;
