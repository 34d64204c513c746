import { CairnError } from "../../../errors.ts";
import { type FeatureMatrix, takeRows } from "../../../numeric/matrix.ts";
import type { Random } from "../../../numeric/random.ts";
import type { LabelledMatrix } from "../../estimator.ts";
import { contentFolds, groupFolds } from "../calibration/content-folds.ts";
import { periodRows, periodsOf, takeOut } from "../calibration/periods.ts";

/** How training rows are held out from the models that are asked about them. */
export interface HoldOut {
  /** Parts that are held out in turn, 2 to 20; not used with `period`. */
  readonly folds: number;
  /** A column whose rows of one value stay together, such as the person; no feature. */
  readonly group?: string;
  /** A column that orders rows in time: each period is asked of models of the earlier ones; no feature. */
  readonly period?: string;
}

/** Rows to fit on, and rows to ask about. */
export interface HeldOutPart {
  readonly fit: LabelledMatrix;
  readonly asked: LabelledMatrix;
}

/** The parts, and all rows without the columns that are no features. */
export interface HeldOutParts {
  readonly all: LabelledMatrix;
  readonly parts: readonly HeldOutPart[];
}

/**
 * Divides training rows into rows to fit on and rows to ask about. Who is in which part depends on what rows hold, never on
 * their order. Parts whose rows to fit on hold one outcome only are left out.
 * @throws CairnError `UNKNOWN_FEATURE`, `SINGLE_CLASS` when no part is left, or those left ask about one outcome only
 */
export function holdOut(input: LabelledMatrix, { folds, group, period }: HoldOut, rng: Random): HeldOutParts {
  const salt = rng.derive("held out").integer(0x1_0000_0000);
  const { labels } = input;
  let parts: readonly HeldOutPart[];
  let matrix: FeatureMatrix = input.matrix;
  if (period !== undefined) {
    const timed = periodRows(input.matrix, period);
    matrix = timed.matrix;
    parts = periodsOf(timed.when)
      .slice(1)
      // a row whose period is not told is taken as early: it may teach, and is never asked about
      .map((now) => divide({ matrix, labels }, (row) => whenOf(timed.when[row]!, now)));
  } else if (group !== undefined) {
    const taken = takeOut(input.matrix, group);
    matrix = taken.matrix;
    parts = inTurn({ matrix, labels }, groupFolds(taken.column, { matrix, labels }, folds, salt), folds);
  } else {
    const fewest = Math.min(folds, ...countsOf(labels));
    parts = inTurn(input, contentFolds(input, Math.max(2, fewest), salt), Math.max(2, fewest));
  }
  const usable = parts.filter(({ fit, asked }) => Math.min(...countsOf(fit.labels)) > 0 && asked.labels.length > 0);
  const outcomes = new Set(usable.flatMap(({ asked }) => [...asked.labels]));
  if (outcomes.size < 2) {
    throw new CairnError("SINGLE_CLASS", "expected both outcomes among rows held out from both, got one or none", {
      hint: "use one of the models on its own, or more rows",
    });
  }
  return { all: { matrix, labels }, parts: usable };
}

type Side = "fit" | "asked" | "later";

const whenOf = (when: number, now: number): Side => (when === now ? "asked" : when > now ? "later" : "fit");

function inTurn(input: LabelledMatrix, fold: Uint8Array, folds: number): HeldOutPart[] {
  return Array.from({ length: folds }, (_, held) => divide(input, (row) => (fold[row] === held ? "asked" : "fit")));
}

function divide({ matrix, labels }: LabelledMatrix, sideOf: (row: number) => Side): HeldOutPart {
  const take = (side: Side): LabelledMatrix => {
    const rows = Int32Array.from(labels.keys()).filter((row) => sideOf(row) === side);
    return { matrix: takeRows(matrix, rows), labels: Uint8Array.from(rows, (row) => labels[row]!) };
  };
  return { fit: take("fit"), asked: take("asked") };
}

/** Rows of the one outcome and of the other. */
function countsOf(labels: Uint8Array): [number, number] {
  const positives = labels.reduce((sum, label) => sum + label, 0);
  return [positives, labels.length - positives];
}
