import type { Classifier } from "../../../models/estimator.ts";
import type { Evaluation, ModelEvaluation } from "../../evaluation/evaluation.ts";
import type { FairnessAudit } from "../../fairness/audit.ts";
import type { MulticlassFigures } from "./measure.ts";
import type { UnreadableLine } from "./profile.ts";
import type { TableColumns } from "./read-table.ts";

/** What `evaluateTable` takes. */
export interface TableEvaluationOptions extends TableColumns {
  /** A delimited file with a header, plain or gzip. */
  readonly data: string;
  /** The label values that are the outcome; see `taskOf` for what holds without them. */
  readonly positive?: readonly string[];
  /** Cross-validation in so many stratified folds, from 2; instead of `split`, `foldColumn` or `periodColumn`. */
  readonly folds?: number;
  /** With a period column: whole periods between training and test, whose outcomes were not known yet; default 0. */
  readonly gap?: number;
  readonly seed: string | number;
  /** Names of the candidates to measure; all when left out. */
  readonly models?: readonly string[];
  /** The candidates by name, the simplest first; `tableModels()` when left out. */
  readonly candidates?: Readonly<Record<string, Classifier>>;
  /** The time in seconds, from any start. */
  readonly clock: () => number;
  /** Called with the finished share, in [0, 1]. */
  readonly onProgress?: (fraction: number) => void;
  readonly signal?: AbortSignal;
}

/** How one model did on a table; accuracy, macro-F1 and figures by class where there are several. */
export type TableModelEvaluation = ModelEvaluation &
  Partial<Pick<MulticlassFigures, "accuracy" | "macroF1" | "macroF1OfMostProbable" | "classes">> & {
    /** Several classes only: per fold, what each class's probability is multiplied by before a row is answered. */
    readonly answerWeights?: readonly (readonly number[])[];
  };

/** How the rows were divided. */
export type TableProtocol =
  | { readonly kind: "split"; readonly column: string; readonly value: string }
  | {
      readonly kind: "folds";
      readonly folds: number;
      readonly seed: string | number;
      readonly isStratified: true;
      /** Rows of one id are in one fold. */
      readonly isGrouped: boolean;
      /** One figure over all out-of-fold predictions, not a mean over folds. */
      readonly figures: "pooled out of fold";
    }
  | {
      /** Each period is foretold from those before it, less the gap. */
      readonly kind: "rolling origin";
      readonly column: string;
      readonly periods: number;
      readonly gap: number;
      readonly figures: "pooled out of fold";
    }
  | {
      readonly kind: "fold column";
      readonly column: string;
      readonly folds: number;
      readonly figures: "pooled out of fold";
    };

/** An audit of the chosen model's predictions for rows it had not seen. */
export interface TableAudit extends FairnessAudit {
  readonly model: string;
  /** Rows with the highest probabilities that count as flagged, as a share; rows equal to the last one are flagged, too. */
  readonly flaggedShare: number;
}

/** What `evaluateTable` prints: the shape of every evaluation, and what was made of the file. */
export interface TableEvaluation extends Evaluation {
  /** With folds every row is in `train` (of the other folds) and in `test` (of its own). */
  readonly rows: {
    readonly train: number;
    readonly test: number;
    /** Kept out because their label cell is empty. */
    readonly withoutLabel: number;
    /** Lines that are no rows. */
    readonly unreadable: number;
  };
  readonly models: Readonly<Record<string, TableModelEvaluation>>;
  /** The model each fold chose on validation rows inside its training rows; one with a split. `best` is the most frequent. */
  readonly choices: readonly string[];
  /** The figures of whoever lets each fold choose: the pooled predictions of `choices`. */
  readonly chosen?: Omit<TableModelEvaluation, "fitSeconds" | "predictSeconds">;
  /** Models that could not be fitted, and why. */
  readonly failed: Readonly<Record<string, { readonly code: string; readonly message: string }>>;
  readonly protocol: TableProtocol;
  readonly label: {
    readonly column: string;
    /** Rows per class, in order; with two classes the second is the outcome. */
    readonly classes: readonly { readonly name: string; readonly rows: number }[];
    /** The label values that are the outcome; absent with several classes. */
    readonly positive?: readonly string[];
  };
  readonly features: {
    readonly numeric: readonly string[];
    readonly categorical: readonly string[];
    readonly leftOut: readonly { readonly column: string; readonly reason: string }[];
  };
  /** The first ten. */
  readonly unreadableLines: readonly UnreadableLine[];
  /** What the chosen model would flag, by protected attribute; where an audit was asked for. */
  readonly fairness?: TableAudit;
}
