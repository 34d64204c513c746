import { CairnError } from "../../errors.ts";
import type { Tensors } from "../artifact.ts";
import { requireArray, requireJson } from "./artifact-fields.ts";
import type { Design, FeatureDesign } from "./design.ts";

/** A design as named arrays and strings; whoever keeps one adds its own. */
export function designTensors({ features, terms }: Design): Tensors {
  const columns = features.map(({ name, kind, categories }) => ({ name, kind, categories }));
  return {
    metadata: { features: JSON.stringify(columns), terms: JSON.stringify(terms.map(({ name }) => name)) },
    arrays: {
      means: Float64Array.from(terms, ({ mean }) => mean),
      scales: Float64Array.from(terms, ({ scale }) => scale),
      termFeatures: Int32Array.from(terms, ({ feature }) => feature),
      medians: Float64Array.from(features, ({ median }) => median),
      valueTerms: Int32Array.from(features, ({ valueTerm }) => valueTerm),
      missingTerms: Int32Array.from(features, ({ missingTerm }) => missingTerm),
      categoryTerms: Int32Array.from(features.flatMap(({ categoryTerms }) => categoryTerms)),
    },
  };
}

type StoredFeature = Pick<FeatureDesign, "name" | "kind" | "categories">;

const areStrings = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((item) => typeof item === "string");
const areFeatures = (value: unknown): value is StoredFeature[] =>
  Array.isArray(value) &&
  value.every(
    (item) =>
      typeof item?.name === "string" && ["numeric", "categorical"].includes(item?.kind) && areStrings(item?.categories),
  );

/**
 * Reads what {@link designTensors} wrote.
 * @throws CairnError `ARTIFACT_CORRUPT` when the arrays do not fit together
 */
export function readDesign(tensors: Tensors): Design {
  const stored = requireJson(tensors, "features", areFeatures);
  const names = requireJson(tensors, "terms", areStrings);
  const count = names.length;
  const means = requireArray(tensors, "means", Float64Array, count);
  const scales = requireArray(tensors, "scales", Float64Array, count);
  const termFeatures = requireIndices(tensors, "termFeatures", count, stored.length, 0);
  const medians = requireArray(tensors, "medians", Float64Array, stored.length);
  const valueTerms = requireIndices(tensors, "valueTerms", stored.length, count);
  const missingTerms = requireIndices(tensors, "missingTerms", stored.length, count);
  const codes = stored.reduce((sum, { categories }) => sum + categories.length, 0);
  const categoryTerms = requireIndices(tensors, "categoryTerms", codes, count);
  let code = 0;
  const features = stored.map((feature, index): FeatureDesign => {
    const terms = Array.from(categoryTerms.subarray(code, code + feature.categories.length));
    code += feature.categories.length;
    return {
      ...feature,
      median: medians[index]!,
      valueTerm: valueTerms[index]!,
      missingTerm: missingTerms[index]!,
      categoryTerms: terms,
    };
  });
  const terms = names.map((name, term) => ({
    feature: termFeatures[term]!,
    name,
    mean: means[term]!,
    scale: scales[term]!,
  }));
  return { features, terms };
}

/** Indices from `lowest` (−1 says none) to below a bound. */
function requireIndices(tensors: Tensors, name: string, length: number, bound: number, lowest = -1): Int32Array {
  const indices = requireArray(tensors, name, Int32Array, length);
  if (indices.some((index) => index < lowest || index >= bound)) {
    throw new CairnError("ARTIFACT_CORRUPT", `expected indices below ${bound} in "${name}", got others`, {
      hint: "train the model again",
    });
  }
  return indices;
}
