import type { Classifier, FittedClassifier, LabelledMatrix } from "../../../models/estimator.ts";
import type { FittedCalibration } from "../../../models/off-track/calibration/calibration.ts";
import { plattCalibration } from "../../../models/off-track/calibration/platt.ts";
import { FIRST_FLAG, isFittedRule } from "../../../models/off-track/rule.ts";
import type { FittedUnfamiliarity } from "../../../models/off-track/similarity/unfamiliarity.ts";
import { unfamiliarity } from "../../../models/off-track/similarity/unfamiliarity.ts";
import { sigmoid } from "../../../numeric/log-odds.ts";
import { takeColumns, takeRows } from "../../../numeric/matrix.ts";
import { topCount } from "../../../numeric/metrics/precision-at-top.ts";
import type { Random } from "../../../numeric/random.ts";
import type { Evaluation } from "../../evaluation/evaluation.ts";
import { evidenceOf, yearlySpread } from "../model/evidence.ts";
import type { FittedRiskModel } from "../model/risk-model.ts";
import { fittedRiskModel, logOddsOf } from "../model/risk-model.ts";
import { riskCandidates } from "../recipes.ts";
import type { TrainingTable } from "../risk-tables.ts";
import { partsOf } from "../words/say.ts";
import type { StoredAudit } from "./audit.ts";
import { auditFlags } from "./audit.ts";
import type { CalibrationCheck, ScoredRows } from "./calibrate.ts";
import { asShown, checkCalibration, join, pool } from "./calibrate.ts";
import { CAPACITY_SHARE, chooseCandidate } from "./choose.ts";
import type { Division, Fold } from "./divisions.ts";
import type { Judged } from "./figures.ts";
import { figuresOf } from "./figures.ts";

/** How one model came about, and how it did on learners it never saw. */
export interface FitMetrics {
  /** The candidate that is shown; `rule` when the district's rules do as well. */
  readonly chosen: string;
  readonly scheme: Division["scheme"];
  /** Every candidate on the rows that judge; the chosen one with its calibration, as it is shown. */
  readonly heldOut: Evaluation;
  readonly calibration: CalibrationCheck;
  /** Learners of earlier years behind the intervals. */
  readonly evidenceRows: number;
  /** Whether the model can say that it has seen nobody like a learner. */
  readonly knowsUnfamiliar: boolean;
  /** Of the list its capacity would have made of the rows that judge; absent without protected attributes or with too few rows. */
  readonly audit?: StoredAudit;
}

/** What {@link fitRisk} takes. */
export interface FitRiskInput {
  /** Rows in the order of their content. */
  readonly table: TrainingTable;
  /** Of `table`, the columns that say something. */
  readonly columns: readonly string[];
  readonly division: Division;
  readonly rng: Random;
  /** The time in seconds, from any start. */
  readonly clock: () => number;
  /** Hears the share that is done, in [0, 1]. */
  readonly onProgress: (fraction: number) => void;
}

/**
 * Fits every candidate, chooses one on the validation rows, measures all on the rows that judge, calibrates on predictions of models that
 * had not seen the rows, and fits the chosen one on everything.
 * @throws CairnError `SINGLE_CLASS` when all ended alike, and whatever a candidate throws
 */
export function fitRisk(input: FitRiskInput): { readonly model: FittedRiskModel; readonly metrics: FitMetrics } {
  const { table, columns, division, rng } = input;
  const all: LabelledMatrix = { matrix: takeColumns(table.matrix, columns), labels: table.labels };
  const recipes = riskCandidates(columns);
  const folds = [...division.choose, division.judge];
  const steps = Object.keys(recipes).length * folds.length + 2;
  let done = 0;
  const step = <T>(work: () => T): T => {
    const result = work();
    input.onProgress(++done / steps);
    return result;
  };
  const trials = new Map(
    Object.entries(recipes).map(([name, recipe]) => {
      const fits = new Map<Fold["train"], Fit>(); // folds that learn from the same rows share a model
      const ask = (fold: Fold): Trial => {
        const fitted = fits.get(fold.train) ?? fitOn(recipe, all, fold.train, rng.derive(name), input.clock);
        fits.set(fold.train, fitted);
        return askAbout(fitted, all, fold, input.clock);
      };
      return [name, folds.map((fold) => step(() => ask(fold)))] as const;
    }),
  );
  const asked = pool(division.choose.map((fold) => labelsOf(all.labels, fold)));
  // The base rate ranks nobody: it stands beside the others as what they must beat, and cannot be what is shown.
  const names = Object.keys(recipes).filter((name) => name !== "baseRate");
  const said = (name: string): Float64Array =>
    asShown({ scores: concatenate(trials.get(name)!.slice(0, -1)).map(logOddsOf), labels: asked }, rng);
  const chosen = names[chooseCandidate(names.map(said), asked, rng.derive("choose"))]!;
  const scored = trials.get(chosen)!.map(
    ({ probabilities }, index): ScoredRows => ({
      scores: probabilities.map(logOddsOf),
      labels: labelsOf(all.labels, folds[index]!),
    }),
  );
  const calibration = checkCalibration(division.scheme, scored.slice(0, -1), rng);
  const judged = step(() => judge(input, trials, chosen, calibration.fitted, all.labels));
  const rows = join(scored);
  const fitted = calibration.check.accepted ? fitPlatt(rows, rng) : undefined;
  const classifier = step(() => recipes[chosen]!.fit(all, { rng: rng.derive(chosen) }));
  const familiar = familiarityOf(classifier, all, rng);
  const model = fittedRiskModel({
    chosen,
    classifier,
    ...(fitted === undefined ? {} : { calibration: fitted }),
    ...(familiar === undefined ? {} : { unfamiliarity: familiar }),
    evidence: evidenceOf(probabilitiesOf(rows.scores, fitted), rows.labels, yearlyOf(division.scheme, scored, fitted)),
  });
  return {
    model,
    metrics: {
      chosen,
      scheme: division.scheme,
      heldOut: judged.evaluation,
      calibration: calibration.check,
      evidenceRows: rows.labels.length,
      knowsUnfamiliar: familiar !== undefined,
      ...(judged.audit === undefined ? {} : { audit: judged.audit }),
    },
  };
}

interface Trial extends Judged {
  readonly classifier: FittedClassifier;
}

interface Fit {
  readonly classifier: FittedClassifier;
  readonly fitSeconds: number;
}

function fitOn(recipe: Classifier, all: LabelledMatrix, rows: Fold["train"], rng: Random, clock: () => number): Fit {
  const started = clock();
  const labels = Uint8Array.from(rows, (row) => all.labels[row]!);
  const classifier = recipe.fit({ matrix: takeRows(all.matrix, rows), labels }, { rng });
  return { classifier, fitSeconds: clock() - started };
}

function askAbout({ classifier, fitSeconds }: Fit, all: LabelledMatrix, { test }: Fold, clock: () => number): Trial {
  const started = clock();
  const matrix = takeRows(all.matrix, test);
  const probabilities = new Float64Array(test.length);
  classifier.predict(matrix, probabilities);
  const said = { classifier, probabilities, fitSeconds, predictSeconds: clock() - started };
  if (!isFittedRule(classifier)) return said;
  const answers = new Uint8Array(test.length);
  classifier.answer(matrix, answers);
  return { ...said, flagged: answers.filter((answer) => answer >= FIRST_FLAG).length };
}

/** Measures every candidate on the rows that judge, and audits the list the chosen one would have made of them. */
function judge(
  { table, division, columns }: FitRiskInput,
  trials: ReadonlyMap<string, readonly Trial[]>,
  chosen: string,
  calibration: FittedCalibration | undefined,
  allLabels: Uint8Array,
): { readonly evaluation: Evaluation; readonly audit: StoredAudit | undefined } {
  const labels = labelsOf(allLabels, division.judge);
  const last = new Map([...trials].map(([name, own]) => [name, own.at(-1)!]));
  const own = last.get(chosen)!;
  const shown = probabilitiesOf(own.probabilities.map(logOddsOf), calibration);
  const ruleCount = last.get("rule")?.flagged;
  const models = Object.fromEntries(
    [...last].map(([name, judged]) => [
      name,
      figuresOf(labels, name === chosen ? { ...judged, probabilities: shown } : judged, ruleCount),
    ]),
  );
  const flagged = topRows(shown, Math.max(1, topCount(CAPACITY_SHARE, labels.length)));
  return {
    evaluation: { rows: { train: division.judge.train.length, test: labels.length }, models, best: chosen },
    audit: columns.length === 0 ? undefined : auditFlags(table, division.judge.test, shown, flagged),
  };
}

/** 1 for the rows with the highest probabilities; of equal ones the first by content. */
function topRows(probabilities: Float64Array, count: number): Uint8Array {
  const order = Array.from(probabilities.keys()).sort((a, b) => probabilities[b]! - probabilities[a]! || a - b);
  const flagged = new Uint8Array(probabilities.length);
  for (const row of order.slice(0, count)) flagged[row] = 1;
  return flagged;
}

const FEWEST_TO_KNOW = 40; // two halves that can tell 1 in 20: see unfamiliarity()

function familiarityOf(
  classifier: FittedClassifier,
  { matrix }: LabelledMatrix,
  rng: Random,
): FittedUnfamiliarity | undefined {
  const features = familiarColumns(classifier.features);
  if (matrix.rows < FEWEST_TO_KNOW || features.length === 0) return undefined;
  return unfamiliarity().fit(takeColumns(matrix, features), { rng: rng.derive("familiar") });
}

/**
 * What familiarity goes by: of a measure that is known since the period began its windows and changes are left out. They are missing for a
 * whole course when nothing was due in the last weeks, which is its calendar and nothing unlike about its learners; that a source or
 * a course lacks the measure shows in the level.
 */
export function familiarColumns(features: readonly string[]): string[] {
  const known = new Set(features);
  return features.filter((name) => {
    const { measure, view, isRank, when } = partsOf(name);
    return isRank || (view === "level" && when === "") || !known.has(measure);
  });
}

function fitPlatt(rows: ScoredRows, rng: Random): FittedCalibration {
  return plattCalibration().fit(rows, { rng });
}

/** How much frequencies move from year to year: the last two folds are halves of one year. */
function yearlyOf(
  scheme: Division["scheme"],
  scored: readonly ScoredRows[],
  fitted: FittedCalibration | undefined,
): number {
  if (scheme !== "rolling origins") return yearlySpread([]);
  const years = [...scored.slice(0, -2), join(scored.slice(-2))];
  return yearlySpread(years.map(({ scores, labels }) => ({ probabilities: probabilitiesOf(scores, fitted), labels })));
}

function probabilitiesOf(scores: Float64Array, calibration: FittedCalibration | undefined): Float64Array {
  const out = scores.slice();
  calibration?.calibrate(out, out);
  return out.map(sigmoid);
}

function labelsOf(labels: Uint8Array, { test }: Fold): Uint8Array {
  return Uint8Array.from(test, (row) => labels[row]!);
}

function concatenate(trials: readonly Trial[]): Float64Array {
  return Float64Array.from(trials.flatMap(({ probabilities }) => [...probabilities]));
}
