import { CairnError } from "../../errors.ts";
import { dummies, type Term } from "../../models/study/regression/linear-model.ts";
import type { Columns } from "./columns.ts";
import type { PlannedCovariate, StudyPlan } from "./plan-shape.ts";

/** The columns a list of covariates reads. */
export function columnsOf(covariates: readonly PlannedCovariate[] = []): string[] {
  return covariates.flatMap((covariate) =>
    typeof covariate === "string"
      ? [covariate]
      : [covariate.column, ...(covariate.times === undefined ? [] : [covariate.times])],
  );
}

/** Covariates of the whole file: NaN where a cell is missing, categories as 0/1 columns of all values but the first. */
export function plannedTerms(columns: Columns, covariates: readonly PlannedCovariate[] = []): Term[] {
  return covariates.flatMap((covariate): Term[] => {
    const { column, as, power, times } =
      typeof covariate === "string" ? ({ column: covariate } as Exclude<PlannedCovariate, string>) : covariate;
    if (as === "category" || (as === undefined && !columns.isNumeric(column))) {
      if (power !== undefined || times !== undefined) {
        throw new CairnError(
          "BAD_INPUT",
          `expected numbers in "${column}" to take powers or products of, got a category`,
          {
            hint: "name the category by itself",
          },
        );
      }
      return category(columns, column);
    }
    const values = columns.numbers(column);
    if (power !== undefined) return [{ name: `${column}^${power}`, values: values.map((value) => value ** power) }];
    if (times !== undefined) {
      const other = columns.numbers(times);
      return [{ name: `${column}:${times}`, values: values.map((value, row) => value * other[row]!) }];
    }
    return [{ name: column, values }];
  });
}

function category(columns: Columns, column: string): Term[] {
  const { codes, labels } = columns.codes(column);
  // Levels in alphabetical order, as R's factors: which one is left out does not depend on the order of the rows.
  const order = labels.map((_, code) => code).sort((a, b) => (labels[a]! < labels[b]! ? -1 : 1));
  const rank = new Int32Array(labels.length);
  order.forEach((code, place) => {
    rank[code] = place;
  });
  const ranked = Int32Array.from(codes, (code) => (code < 0 ? 0 : rank[code]!));
  const sorted = order.map((code) => labels[code]!);
  return dummies(column, ranked, sorted).map(({ name, values }) => ({
    name,
    values: Float64Array.from(values, (value, row) => (codes[row]! < 0 ? Number.NaN : value)),
  }));
}

/** Terms of the kept rows, after the plan's rule for missing cells, and how many rows the rule left out. */
export function completeTerms(
  plan: StudyPlan,
  lists: readonly (readonly Term[])[],
  rows: readonly number[],
): { readonly rows: readonly number[]; readonly lists: readonly (readonly Term[])[]; readonly dropped: number } {
  const complete = (row: number): boolean =>
    lists.every((terms) => terms.every(({ values }) => Number.isFinite(values[row]!)));
  const kept = plan.missingCovariates === "drop" ? rows.filter(complete) : rows;
  return {
    rows: kept,
    lists: lists.map((terms) => terms.flatMap((term) => filled(term, kept))),
    dropped: rows.length - kept.length,
  };
}

/** The values of the kept rows; missing ones become the mean, with an indicator column beside. */
function filled({ name, values }: Term, rows: readonly number[]): Term[] {
  const own = Float64Array.from(rows, (row) => values[row]!);
  const there = own.filter(Number.isFinite);
  if (there.length === own.length) return [{ name, values: own }];
  const mean = there.reduce((sum, value) => sum + value, 0) / Math.max(1, there.length);
  return [
    { name, values: own.map((value) => (Number.isFinite(value) ? value : mean)) },
    { name: `${name} missing`, values: own.map((value) => (Number.isFinite(value) ? 0 : 1)) },
  ];
}
