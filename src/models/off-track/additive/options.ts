import { CairnError } from "../../../errors.ts";
import type { Parameters } from "../../estimator.ts";

/** What `additive` takes. */
export interface AdditiveOptions {
  /** Rounds over all features at most; fewer when rows held out stop to gain. Default 2,000. */
  readonly rounds?: number;
  /** Share of each step that is taken, in (0, 1]; default 0.02. */
  readonly learningRate?: number;
  /** Pairs of features with a term of their own at most, 0 to 200; default 10. Fewer when chance explains the rest. */
  readonly pairs?: number;
  /** Models whose shapes are averaged, each with other rows held out, 1 to 100; default 4. */
  readonly bags?: number;
  /** Share of rows each bag holds out to know when to stop, in [0, 0.5]; default 0.15. With 0 every round is gone. */
  readonly heldOut?: number;
  /** Rounds without gain on the rows held out before a bag stops; default 50. */
  readonly patience?: number;
  /** λ, above 0: added to the hessian of every level; default 1. */
  readonly penalty?: number;
  /** λ of a pair's levels, above 0; default 5. */
  readonly pairPenalty?: number;
  /** Rows a level of a number must have; default 4. */
  readonly minimumRows?: number;
  /** Value bins per feature, 2 to 255; default 255. */
  readonly maximumBins?: number;
  /** Categories with fewer training rows are treated as missing; default 10. */
  readonly minimumCategoryRows?: number;
}

/** Every option, with a value: a model's parameters. */
export type AdditiveParameters = Required<AdditiveOptions> & Parameters;

const defaults: Required<AdditiveOptions> = {
  rounds: 2_000,
  learningRate: 0.02,
  pairs: 10,
  bags: 4,
  heldOut: 0.15,
  patience: 50,
  penalty: 1,
  pairPenalty: 5,
  minimumRows: 4,
  maximumBins: 255,
  minimumCategoryRows: 10,
};

const ranges: Readonly<Record<keyof AdditiveOptions, { least: number; most: number; isWhole?: true; isOpen?: true }>> =
  {
    rounds: { least: 1, most: 100_000, isWhole: true },
    learningRate: { least: 0, most: 1, isOpen: true },
    pairs: { least: 0, most: 200, isWhole: true },
    bags: { least: 1, most: 100, isWhole: true },
    heldOut: { least: 0, most: 0.5 },
    patience: { least: 1, most: 100_000, isWhole: true },
    penalty: { least: 0, most: Number.MAX_VALUE, isOpen: true },
    pairPenalty: { least: 0, most: Number.MAX_VALUE, isOpen: true },
    minimumRows: { least: 1, most: Number.MAX_SAFE_INTEGER, isWhole: true },
    maximumBins: { least: 2, most: 255, isWhole: true },
    minimumCategoryRows: { least: 1, most: Number.MAX_SAFE_INTEGER, isWhole: true },
  };

/**
 * Fills in the defaults and checks the ranges.
 * @throws CairnError `BAD_INPUT`
 */
export function checkAdditiveOptions(options: AdditiveOptions): AdditiveParameters {
  const parameters = { ...defaults, ...options };
  for (const [name, { least, most, isWhole, isOpen }] of Object.entries(ranges)) {
    const value = parameters[name as keyof AdditiveOptions];
    const isInside = value >= least && value <= most && !(isOpen && value === least);
    if (isInside && (!isWhole || Number.isInteger(value))) continue;
    const range = `${isWhole ? "a whole number " : ""}${isOpen ? "over" : "from"} ${least} to ${most}`;
    throw new CairnError("BAD_INPUT", `expected ${name} to be ${range}, got ${value}`);
  }
  return parameters;
}
