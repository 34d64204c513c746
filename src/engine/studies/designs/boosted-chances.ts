import { boostedTrees } from "../../../models/off-track/boosted-trees/boosted-trees.ts";
import type { Term } from "../../../models/study/regression/linear-model.ts";
import { type FeatureMatrix, takeRows } from "../../../numeric/matrix.ts";
import type { Random } from "../../../numeric/random.ts";

const LEAST = 0.01; // a chance said to be nearer to 0 or 1 would give one learner a weight of over a hundred

/** Chances of treatment learned by boosted trees, kept between .01 and .99: what cross-fitting asks of a learner. */
export function boostedChances(
  treatment: Uint8Array,
  covariates: readonly Term[],
  rng: Random,
): (rows: readonly number[]) => Float64Array {
  const matrix: FeatureMatrix = {
    rows: treatment.length,
    columns: covariates.map(({ name, values }) => ({
      name,
      kind: "numeric" as const,
      values: Float64Array.from(values),
    })),
  };
  return (rows) => {
    const labels = Uint8Array.from(rows, (row) => treatment[row]!);
    const model = boostedTrees({ trees: 100, maximumLeaves: 8 }).fit(
      { matrix: takeRows(matrix, rows), labels },
      { rng },
    );
    const chances = new Float64Array(treatment.length);
    model.predict(matrix, chances);
    return chances.map((chance) => Math.min(1 - LEAST, Math.max(LEAST, chance)));
  };
}
