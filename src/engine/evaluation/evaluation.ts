import { type BrierParts, brierParts } from "../../numeric/metrics/brier-parts.ts";
import type { PrecisionAtTop } from "../../numeric/metrics/precision-at-top.ts";
import { type Reliability, reliability } from "../../numeric/metrics/reliability.ts";

/** A figure of an evaluation: a number, or the statement that it does not exist and why. */
export type Figure = number | { readonly status: "undefined"; readonly reason: string };

/** How one model did on the test rows. */
export interface ModelEvaluation {
  /** Area under the ROC curve. */
  readonly auc: Figure;
  readonly averagePrecision: Figure;
  readonly brier: Figure;
  readonly logLoss: Figure;
  /** Expected calibration error, ten equal-mass bins. */
  readonly ece: Figure;
  /** What `ece` would be on average if the probabilities were exactly right. */
  readonly eceNoiseFloor: Figure;
  /** The Brier loss taken apart; of one yes/no outcome. */
  readonly brierParts?: BrierParts | Exclude<Figure, number>;
  /** The reliability curve and what is said in a number about it; of one yes/no outcome. */
  readonly reliability?: Reliability | Exclude<Figure, number>;
  /** Expected precision of the highest-scored share of rows, by share ("0.05", "0.1"). */
  readonly precisionAtTop: Readonly<Record<string, Figure>>;
  /** A rule only: how many test rows it flags. */
  readonly flagged?: number;
  /** Precision at the number of rows the first rule flags; present when a rule is among the models. */
  readonly precisionAtRuleCount?: Figure;
  readonly fitSeconds: number;
  readonly predictSeconds: number;
}

/** What every evaluation prints. */
export interface Evaluation {
  readonly rows: { readonly train: number; readonly test: number };
  readonly models: Readonly<Record<string, ModelEvaluation>>;
  /** The model chosen on the validation rows; the test rows have no say. */
  readonly best: string;
}

/** A measurement as an evaluation prints it. */
export function figureOf(
  measured: PrecisionAtTop | Exclude<Figure, number> | { readonly status: "defined"; readonly value: number },
): Figure {
  return measured.status === "defined" ? measured.value : measured;
}

/**
 * What is said about the probabilities of a yes/no outcome besides single figures.
 * @param labels - shape (n), each 0 or 1
 * @param probabilities - shape (n), each in [0, 1]
 */
export function probabilityFigures(
  labels: Uint8Array,
  probabilities: Float64Array,
): Required<Pick<ModelEvaluation, "brierParts" | "reliability">> {
  return { brierParts: brierParts(labels, probabilities), reliability: reliability(labels, probabilities) };
}
