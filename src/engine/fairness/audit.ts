import type { Interval } from "../../numeric/metrics/wilson.ts";
import type { Figure } from "../evaluation/evaluation.ts";

/** A protected attribute, or a place such as the school or the course, of every row. */
export interface AuditColumn {
  readonly name: string;
  /** Shape (rows): an index into `categories`; NaN where it is not known. */
  readonly values: Float64Array;
  readonly categories: readonly string[];
}

/** What `auditFairness` takes; arrays have shape (rows). */
export interface AuditInput {
  /** 1 where somebody is, or would be, flagged: by a model at its capacity, by a rule, or by people (a sanction). */
  readonly flagged: Uint8Array;
  /** What then came: 1 is the bad outcome. Without it only flags can be compared. */
  readonly labels?: Uint8Array;
  /** In [0, 1]; with labels, their calibration within groups is audited. */
  readonly probabilities?: Float64Array;
  /** Protected attributes: audited, never inputs of a model. */
  readonly attributes: readonly AuditColumn[];
  /** Places within which everything is audited once more, such as the school and the course. */
  readonly within?: readonly AuditColumn[];
  /** Equal for rows of one learner, whose rows say less together than apart; NaN for a learner with one row. */
  readonly learner?: Float64Array;
  /** Rows, and learners, a group and the others must have for a figure to be shown; default 10. */
  readonly minimumCell?: number;
  /** Of the intervals, and of the whole audit against any false finding; in (0, 1), default 0.95. */
  readonly confidence?: number;
  /** Permutations of the groups behind the area between ROC curves; from 0, default 199. */
  readonly permutations?: number;
  readonly seed: string | number;
}

/**
 * What is compared between a group and the others.
 *
 * - `selectionRate` share of flagged rows
 * - `truePositiveRate` share flagged of those with the bad outcome: below the others' it is help that does not come
 * - `falsePositiveRate` share flagged of those without it
 * - `positivePredictiveValue` share with the bad outcome of the flagged
 * - `marks` points of a mark beyond what other evidence of the same learner says
 * - `calibration` mean probability − share with the bad outcome: over 0 the group is thought to be worse than it is
 */
export type AuditMeasure =
  | "selectionRate"
  | "truePositiveRate"
  | "falsePositiveRate"
  | "positivePredictiveValue"
  | "calibration"
  | "marks";

/** A group's figure beside that of all others in the same place. */
export interface AuditGap {
  readonly measure: AuditMeasure;
  readonly group: number;
  readonly groupInterval: Interval;
  readonly others: number;
  readonly othersInterval: Interval;
  /** Group less others. */
  readonly gap: number;
  readonly interval: Interval;
  /** Rows that count: of the group, of the others. */
  readonly rows: readonly [number, number];
  /** Two-sided; adjusted by Holm over every test of the audit. */
  readonly p: number;
  readonly adjustedP: number;
  /** In a place: the same gap in all other places, and whether this place is unlike them. */
  readonly elsewhere?: { readonly gap: number; readonly p: number; readonly adjustedP: number };
}

/** A figure that is not shown, and why. */
export interface Withheld {
  readonly measure: AuditMeasure | "everything";
  readonly reason: string;
}

/** One group of one attribute in one place. */
export interface GroupAudit {
  readonly attribute: string;
  readonly group: string;
  /** Absent for all rows. */
  readonly place?: { readonly column: string; readonly value: string };
  /** Rows of the group; absent below the minimum cell size. */
  readonly rows?: number;
  readonly gaps: readonly AuditGap[];
  readonly withheld: readonly Withheld[];
  /** Expected calibration error of the group (ten equal-mass bins) and what chance makes of it. */
  readonly ece?: { readonly value: Figure; readonly noiseFloor: Figure };
  /** Area between the ROC curves of the group and the others; `chance` is the 95 % point when groups are permuted. */
  readonly abroca?: { readonly value: Figure; readonly chance: Figure };
}

/** A gap that chance does not explain. */
export interface AuditFinding {
  readonly attribute: string;
  readonly group: string;
  readonly place?: { readonly column: string; readonly value: string };
  readonly measure: AuditMeasure;
  /** What the decisions were about, such as the subject of marks; absent where there is one kind. */
  readonly topic?: string;
  /** `gap`: the group is unlike the others here. `place`: besides, it is wider than in the other places. */
  readonly kind: "gap" | "place";
  /** Group less others; for `place` less the gap elsewhere. */
  readonly size: number;
  readonly adjustedP: number;
}

/** What an audit says. Findings are reasons to look, not verdicts: groups may differ in need, and labels carry a bias of their own. */
export interface FairnessAudit {
  readonly rows: number;
  readonly flagged: number;
  readonly minimumCell: number;
  readonly confidence: number;
  /** How many tests Holm's adjustment is for. */
  readonly tests: number;
  readonly groups: readonly GroupAudit[];
  /** The least likely to be chance first. */
  readonly findings: readonly AuditFinding[];
}
