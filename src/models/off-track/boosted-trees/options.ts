import { CairnError } from "../../../errors.ts";
import type { Parameters } from "../../estimator.ts";

/** What `boostedTrees` takes. */
export interface BoostedTreesOptions {
  /** Trees at most; fewer when none gains any more. Default 200. */
  readonly trees?: number;
  /** Share of each leaf's weight that is added, in (0, 1]; default 0.05. */
  readonly learningRate?: number;
  /** From 2; default 15. */
  readonly maximumLeaves?: number;
  /** Splits from the root to a leaf, 1 to 64; default 14. */
  readonly maximumDepth?: number;
  /** Training rows each leaf must keep; default 20. */
  readonly minimumLeafRows?: number;
  /** Σ p·(1 − p) each leaf must keep, over 0; default 0.001. */
  readonly minimumLeafHessian?: number;
  /** λ in Σ log loss + (λ/2)·Σ leaf²; from 0, default 1. */
  readonly penalty?: number;
  /** What a split must gain in penalised log loss (with the factor ½ of the paper); from 0, default 0. */
  readonly minimumGain?: number;
  /** Value bins per feature, 2 to 255; missing cells have one more. Default 255. */
  readonly maximumBins?: number;
  /** Categories with fewer training rows are treated as missing; default 10. */
  readonly minimumCategoryRows?: number;
  /** Share of rows each tree learns from, in (0, 1]; default 1, which draws nothing. */
  readonly rowShare?: number;
  /** Share of features each tree may split, in (0, 1]; default 1, which draws nothing. */
  readonly columnShare?: number;
  /** Numeric columns whose larger values may only raise the risk, all else equal; between values that are not missing. */
  readonly increasing?: readonly string[];
  /** Numeric columns whose larger values may only lower the risk. */
  readonly decreasing?: readonly string[];
}

/** Every option, with a value: a model's parameters. */
export type BoostedTreesParameters = Required<BoostedTreesOptions> & Parameters;

const defaults: Required<BoostedTreesOptions> = {
  trees: 200,
  learningRate: 0.05,
  maximumLeaves: 15,
  maximumDepth: 14,
  minimumLeafRows: 20,
  minimumLeafHessian: 0.001,
  penalty: 1,
  minimumGain: 0,
  maximumBins: 255,
  minimumCategoryRows: 10,
  rowShare: 1,
  columnShare: 1,
  increasing: [],
  decreasing: [],
};

type NumberName = Exclude<keyof BoostedTreesOptions, "increasing" | "decreasing">;

/** Least, greatest, whether whole; the least itself is not allowed where `isOpen`. */
const ranges: Readonly<Record<NumberName, { least: number; most: number; isWhole?: true; isOpen?: true }>> = {
  trees: { least: 1, most: 100_000, isWhole: true },
  learningRate: { least: 0, most: 1, isOpen: true },
  maximumLeaves: { least: 2, most: 65_536, isWhole: true },
  maximumDepth: { least: 1, most: 64, isWhole: true },
  minimumLeafRows: { least: 1, most: Number.MAX_SAFE_INTEGER, isWhole: true },
  minimumLeafHessian: { least: 0, most: Number.MAX_VALUE, isOpen: true },
  penalty: { least: 0, most: Number.MAX_VALUE },
  minimumGain: { least: 0, most: Number.MAX_VALUE },
  maximumBins: { least: 2, most: 255, isWhole: true },
  minimumCategoryRows: { least: 1, most: Number.MAX_SAFE_INTEGER, isWhole: true },
  rowShare: { least: 0, most: 1, isOpen: true },
  columnShare: { least: 0, most: 1, isOpen: true },
};

/**
 * Fills in the defaults and checks the ranges.
 * @throws CairnError `BAD_INPUT`
 */
export function checkOptions(options: BoostedTreesOptions): BoostedTreesParameters {
  const parameters = { ...defaults, ...options };
  for (const [name, { least, most, isWhole, isOpen }] of Object.entries(ranges)) {
    const value = parameters[name as NumberName];
    const isInside = value >= least && value <= most && !(isOpen && value === least);
    if (isInside && (!isWhole || Number.isInteger(value))) continue;
    const range = `${isWhole ? "a whole number " : ""}${isOpen ? "over" : "from"} ${least} to ${most}`;
    throw new CairnError("BAD_INPUT", `expected ${name} to be ${range}, got ${value}`);
  }
  const { increasing, decreasing } = parameters;
  const both = increasing.find((name) => decreasing.includes(name));
  if (both !== undefined) {
    throw new CairnError("BAD_INPUT", `expected each constrained column in one direction, got "${both}" in both`);
  }
  return { ...parameters, increasing: [...increasing], decreasing: [...decreasing] };
}
