import type { SnapshotTableName } from "../../records/snapshot/tables.ts";
import type { FamilyContext, FeatureFamily } from "../family.ts";
import { featuresOf, type Measure } from "./measure.ts";
import { measuredSql } from "./measured-sql.ts";

/** Measures over the same facts, declared once: catalog, SQL and page follow. */
export interface MeasuredFamily {
  readonly name: string;
  readonly version: string;
  /** The counselor's heading. */
  readonly group: string;
  readonly sources: readonly SnapshotTableName[];
  readonly measures: readonly Measure[];
  /** From which day facts count: the period's first day, or the learner's first day in the school. */
  readonly since: "starts_on" | "first_day";
  /**
   * CTEs (without WITH) of which the last is `fact`: learner, on_date DATE, visible DATE (the later of happened and known) and
   * the measures' columns, integers or decimals. Several rows per day are added up.
   */
  readonly facts: (context: FamilyContext) => string;
  /**
   * SQL of every dated row by which the source has spoken: learner, on_date, known_on. A total is missing until one is known
   * for the learner's school; `scope` says whether it must be of the same period.
   */
  readonly spoken: string;
  readonly scope: "school" | "school and period";
  /** When totals are missing, as a clause. */
  readonly silence: string;
}

/** A family of the catalog, built by the algebra of measures, windows and views. */
export function measuredFamily(declared: MeasuredFamily): FeatureFamily {
  const features = featuresOf(declared.measures, declared);
  return {
    name: declared.name,
    version: declared.version,
    features: features.map(({ definition }) => definition),
    sql: (context) => {
      const wanted = features.filter(({ definition }) => context.wants(definition.name));
      return measuredSql(declared, wanted, context);
    },
  };
}
