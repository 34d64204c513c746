import type { FittedCalibration } from "../../../models/off-track/calibration/calibration.ts";
import { plattCalibration } from "../../../models/off-track/calibration/platt.ts";
import { sigmoid } from "../../../numeric/log-odds.ts";
import type { Random } from "../../../numeric/random.ts";
import type { Division } from "./divisions.ts";

/** Log-odds of a model on rows it was not fitted on, and how they ended. */
export interface ScoredRows {
  readonly scores: Float64Array;
  readonly labels: Uint8Array;
}

/** Whether calibration paid, and on what that was seen. */
export interface CalibrationCheck {
  /** Only where the Brier loss on rows that the calibration had not seen got no worse. */
  readonly accepted: boolean;
  /** What it was seen on: a later period than the one it was fitted on, or other persons of the same one. */
  readonly seenOn: "a later period" | "other persons" | "nothing: too few rows";
  readonly brierBefore: number | null;
  readonly brierAfter: number | null;
}

const FEWEST_ROWS = 50; // two numbers are fitted to at least 25 rows and looked at on as many
const FEWEST_OF_EACH = 5;

/**
 * Fits Platt's calibration to what the chosen candidate said of the validation rows, and says whether it pays: fitted on the earlier
 * validation periods and looked at on the last; where there is one, fitted on half of the rows and looked at on the other, in turn.
 * The rows that judge have no say.
 * @param scored - the validation rows, fold by fold, oldest first; rows of a fold in the order of their content
 * @returns the check, and the calibration of all validation rows where it was accepted
 * @see handbook early-warning 1.2 (G11), 3.6.1
 */
export function checkCalibration(
  scheme: Division["scheme"],
  scored: readonly ScoredRows[],
  rng: Random,
): { readonly check: CalibrationCheck; readonly fitted: FittedCalibration | undefined } {
  const all = join(scored);
  const later = scheme === "rolling origins" && scored.length > 1;
  const pairs = later ? [[join(scored.slice(0, -1)), scored.at(-1)!] as const] : halves(all);
  if (!pairs.every(([fit, look]) => hasEnough(fit) && look.labels.length > 0)) {
    const check = { accepted: false, seenOn: "nothing: too few rows", brierBefore: null, brierAfter: null } as const;
    return { check, fitted: undefined };
  }
  let [before, after, rows] = [0, 0, 0];
  for (const [fit, look] of pairs) {
    const fitted = plattCalibration().fit(fit, { rng });
    const calibrated = look.scores.slice();
    fitted.calibrate(calibrated, calibrated);
    before += squaredError(look.scores, look.labels);
    after += squaredError(calibrated, look.labels);
    rows += look.labels.length;
  }
  const check: CalibrationCheck = {
    accepted: after <= before,
    seenOn: later ? "a later period" : "other persons",
    brierBefore: before / rows,
    brierAfter: after / rows,
  };
  return { check, fitted: check.accepted ? plattCalibration().fit(all, { rng }) : undefined };
}

function hasEnough({ labels }: ScoredRows): boolean {
  const positives = labels.reduce((sum, label) => sum + label, 0);
  return labels.length >= FEWEST_ROWS / 2 && Math.min(positives, labels.length - positives) >= FEWEST_OF_EACH;
}

function halves({ scores, labels }: ScoredRows): (readonly [ScoredRows, ScoredRows])[] {
  const part = (odd: number): ScoredRows => ({
    scores: scores.filter((_, row) => row % 2 === odd),
    labels: labels.filter((_, row) => row % 2 === odd),
  });
  return [
    [part(0), part(1)],
    [part(1), part(0)],
  ];
}

function squaredError(scores: Float64Array, labels: Uint8Array): number {
  return scores.reduce((sum, score, row) => sum + (sigmoid(score) - labels[row]!) ** 2, 0);
}

/**
 * What a candidate would say of validation rows if it were shown: with Platt's calibration fitted to the other half of them, where that
 * lowers the Brier loss. A model that ranks well and is a little off in level, as one of autumn courses is about a February course, would
 * otherwise lose to one that says the same of everybody; what is shown is calibrated all the same.
 * @returns shape (rows), probabilities in the order of the rows
 */
export function asShown(rows: ScoredRows, rng: Random): Float64Array {
  const raw = rows.scores.map(sigmoid);
  const [even, odd] = halves(rows);
  if (![even!, odd!].every(([fit]) => hasEnough(fit))) return raw;
  const shown = new Float64Array(raw.length);
  for (const [offset, [fit, look]] of [odd!, even!].entries()) {
    const calibrated = look.scores.slice();
    plattCalibration().fit(fit, { rng }).calibrate(calibrated, calibrated);
    for (const [at, score] of calibrated.entries()) shown[2 * at + offset] = sigmoid(score);
  }
  const loss = (said: Float64Array): number => said.reduce((sum, p, row) => sum + (p - rows.labels[row]!) ** 2, 0);
  return loss(shown) < loss(raw) ? shown : raw;
}

/** Labels of several folds as one. */
export function pool(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/**
 * Rows of several folds as one. All folds of a division, the judging one included, are what the shown model's calibration and intervals
 * rest on: each was asked of a model that had not seen it, of a later period wherever there are two.
 */
export function join(parts: readonly ScoredRows[]): ScoredRows {
  return {
    scores: Float64Array.from(parts.flatMap(({ scores }) => [...scores])),
    labels: pool(parts.map(({ labels }) => labels)),
  };
}
