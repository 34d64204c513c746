import type { FeatureFamily } from "../family.ts";
import { featuresOf, type MeasuredFamily } from "./measure.ts";
import { measuredSql } from "./measured-sql.ts";

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
