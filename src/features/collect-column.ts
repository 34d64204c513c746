import type { FeatureColumn } from "../numeric/matrix.ts";
import type { FeatureDefinition } from "./family.ts";

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
