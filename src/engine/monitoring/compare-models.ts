import { CairnError } from "../../errors.ts";
import type { Measured } from "../../numeric/measured.ts";
import { areaUnderRocScore } from "../../numeric/metrics/area-under-roc.ts";
import { brierLoss } from "../../numeric/metrics/brier.ts";
import { logLoss } from "../../numeric/metrics/log-loss.ts";
import { precisionAtTop } from "../../numeric/metrics/precision-at-top.ts";
import { random } from "../../numeric/random.ts";

/** What two models said of the same learners. */
export interface ComparedScores {
  /** Shape (n), each 0 or 1. */
  readonly labels: Uint8Array;
  /** Shape (n), each in [0, 1]. */
  readonly champion: Float64Array;
  readonly challenger: Float64Array;
  /** Learners somebody has room for, from 1. */
  readonly capacity: number;
  readonly seed: string;
  /** Default 1000. */
  readonly resamples?: number;
}

/** One line of a champion/challenger table. */
export interface ComparedFigure {
  readonly figure: "auc" | "brier" | "logLoss" | "precisionAtCapacity";
  readonly better: "higher" | "lower";
  readonly champion: number;
  readonly challenger: number;
  /** Challenger − champion, with the 95 % interval of the paired bootstrap. */
  readonly difference: { readonly value: number; readonly low: number; readonly high: number };
  /** Which one is better, as far as the interval says. */
  readonly verdict: "challenger" | "champion" | "no difference shown";
}

const LEVEL = 0.95;
const FEWEST = 50;

/**
 * The champion/challenger table: both models on the same learners, each figure with the paired bootstrap interval of the difference
 * (learners drawn with replacement, both models judged on the same draw). Draws in which a figure does not exist are drawn again.
 * @throws CairnError `SHAPE_MISMATCH`; `CONFLICT` with fewer than 50 learners; `SINGLE_CLASS` when all ended alike
 * @see Efron and Tibshirani (1993), An Introduction to the Bootstrap, 13.3
 */
export function compareModels(scores: ComparedScores): ComparedFigure[] {
  const { labels, champion, challenger, seed, resamples = 1000 } = scores;
  const rows = labels.length;
  if (champion.length !== rows || challenger.length !== rows) {
    throw new CairnError(
      "SHAPE_MISMATCH",
      `expected ${rows} scores of each model, got ${champion.length} and ${challenger.length}`,
    );
  }
  if (rows < FEWEST)
    throw new CairnError("CONFLICT", `expected at least ${FEWEST} learners whose end is known, got ${rows}`);
  const positives = labels.reduce((sum, label) => sum + label, 0);
  if (positives === 0 || positives === rows)
    throw new CairnError("SINGLE_CLASS", `expected both ends among ${rows} learners, got one`);
  const figures = figuresOf(Math.min(scores.capacity, rows));
  const rng = random(seed).derive("champion and challenger");
  const draws = figures.map(() => new Float64Array(resamples));
  for (let draw = 0; draw < resamples; ) {
    const picked = Int32Array.from({ length: rows }, () => rng.integer(rows));
    const own = Uint8Array.from(picked, (row) => labels[row]!);
    if (own.every((label) => label === own[0])) continue;
    const [a, b] = [champion, challenger].map((all) => Float64Array.from(picked, (row) => all[row]!)) as [
      Float64Array,
      Float64Array,
    ];
    for (const [index, { of }] of figures.entries()) draws[index]![draw] = of(own, b) - of(own, a);
    draw++;
  }
  return figures.map(({ figure, better, of }, index) => {
    const [was, would] = [of(labels, champion), of(labels, challenger)];
    const sorted = draws[index]!.sort();
    const at = (share: number): number => sorted[Math.round(share * (resamples - 1))]!;
    const [low, high] = [at((1 - LEVEL) / 2), at((1 + LEVEL) / 2)];
    const sign = low > 0 ? 1 : high < 0 ? -1 : 0;
    const gain = better === "higher" ? sign : -sign;
    return {
      ...{ figure, better, champion: was, challenger: would },
      difference: { value: would - was, low, high },
      verdict: gain > 0 ? "challenger" : gain < 0 ? "champion" : "no difference shown",
    };
  });
}

interface Figure extends Pick<ComparedFigure, "figure" | "better"> {
  readonly of: (labels: Uint8Array, scores: Float64Array) => number;
}

function figuresOf(capacity: number): Figure[] {
  return [
    {
      figure: "precisionAtCapacity",
      better: "higher",
      of: (labels, scores) => numberOf(precisionAtTop(labels, scores, capacity)),
    },
    { figure: "auc", better: "higher", of: (labels, scores) => numberOf(areaUnderRocScore(labels, scores)) },
    { figure: "brier", better: "lower", of: (labels, scores) => numberOf(brierLoss(labels, scores)) },
    { figure: "logLoss", better: "lower", of: (labels, scores) => numberOf(logLoss(labels, scores)) },
  ];
}

function numberOf(measured: Measured | ReturnType<typeof precisionAtTop>): number {
  if (measured.status === "defined") return measured.value;
  throw new CairnError("INTERNAL", `expected a figure of both ends, got none: ${measured.reason}`);
}
