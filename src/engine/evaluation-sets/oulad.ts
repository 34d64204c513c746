import { CairnError } from "../../errors.ts";
import { featureCatalog } from "../../features/catalog.ts";
import type { Classifier, LabelledMatrix } from "../../models/estimator.ts";
import { baseRate } from "../../models/off-track/base-rate.ts";
import { boostedTrees } from "../../models/off-track/boosted-trees/boosted-trees.ts";
import { calibrated } from "../../models/off-track/calibration/calibrated.ts";
import { atExpectedRates } from "../../models/off-track/calibration/expected-rates.ts";
import { logistic } from "../../models/off-track/logistic.ts";
import { rule } from "../../models/off-track/rule.ts";
import { ouladWeekCriteria } from "../../models/off-track/rule-criteria.ts";
import { takeRows } from "../../numeric/matrix.ts";
import { evaluateClassifiers } from "../evaluation/evaluate-classifiers.ts";
import type { Evaluation } from "../evaluation/evaluation.ts";
import { useTensors } from "../tensors.ts";
import { onColumns } from "./on-columns.ts";
import { ouladBlend, ouladRecurrent } from "./oulad-blend.ts";
import {
  type OuladColumns,
  ouladPeerRanks,
  ouladRankedColumns,
  presentationColumn,
  seasonColumn,
} from "./oulad-columns.ts";
import { type OuladRows, ouladRows } from "./oulad-rows.ts";
import { evaluateUnseenCourses, type UnseenCourse } from "./oulad-unseen.ts";
import { openSnapshotFolder } from "./snapshot-folder.ts";

/** What {@link evaluateOuladAsOf} takes. */
export interface OuladEvaluationOptions {
  /** The snapshot's own folder, as `writeOuladSnapshot` returns it. */
  readonly snapshot: string;
  /** Days after the start of the presentation, each evaluated on its own, such as 56 for week 8. */
  readonly asOf: readonly number[];
  readonly seed: string | number;
  /** The columns models get; `default` when left out. */
  readonly columns?: OuladColumns;
  /** Recipes by name, the simplest first; base rate, rule, logistic regression and boosted trees when left out. */
  readonly models?: Readonly<Record<string, Classifier>>;
  /**
   * Also fit the recurrent network on the weekly series up to the day, on the default columns; default false. Its products run
   * on the registered tensors (`useTensors`).
   */
  readonly recurrent?: boolean;
  /** Also judge each course by models that never saw it, on the default columns; default false. */
  readonly unseenCourses?: boolean;
  /** The time in seconds, from any start. */
  readonly clock: () => number;
  /** Called with the finished share, in [0, 1]. */
  readonly onProgress?: (fraction: number) => void;
  readonly signal?: AbortSignal;
}

/** What {@link evaluateOuladAsOf} prints. */
export interface OuladEvaluation {
  readonly columns: OuladColumns;
  readonly snapshotId: string;
  readonly catalogVersion: string;
  /** One evaluation per day, by the day. */
  readonly asOf: Readonly<Record<string, Evaluation>>;
  /** By day and course, where it was asked for. */
  readonly unseenCourses?: Readonly<Record<string, Readonly<Record<string, UnseenCourse>>>>;
}

/**
 * Evaluates off-track models on OULAD as of given days: learners still enrolled on the day, train 2013B, 2013J and 2014B,
 * test 2014J, label Fail or Withdrawn; the best model is chosen on 2014B after fitting on 2013B and 2013J. It goes the way
 * of a district's records: snapshot, cohort, features, models. Clicks are left out because the public log is partial.
 * @throws CairnError `NOT_FOUND` when there is no snapshot in the folder, `BAD_INPUT` for days before or after the courses,
 * `CANCELLED`
 * @see handbook early-warning 2.2
 */
export async function evaluateOuladAsOf(options: OuladEvaluationOptions): Promise<OuladEvaluation> {
  const columns = options.columns ?? "default";
  const asksUnseen = options.unseenCourses === true && columns === "default";
  const asksWeeks = options.recurrent === true && columns === "default";
  checkDays(options.asOf);
  if (asksWeeks) await useTensors();
  const snapshot = await openSnapshotFolder(options.snapshot);
  try {
    const evaluations: Record<string, Evaluation> = {};
    const unseen: Record<string, Record<string, UnseenCourse>> = {};
    for (const [index, day] of options.asOf.entries()) {
      if (options.signal?.aborted)
        throw new CairnError("CANCELLED", "expected to finish the evaluation, got a request to stop");
      const rows = await ouladRows(snapshot.connection, day, columns, asksWeeks);
      const onProgress = (fraction: number): void => options.onProgress?.((index + fraction) / options.asOf.length);
      evaluations[day] = evaluateDay(rows, columns, { ...options, onProgress });
      if (asksUnseen) unseen[day] = evaluateUnseenCourses(rows, options.seed);
    }
    return {
      columns,
      snapshotId: snapshot.id,
      catalogVersion: featureCatalog.version,
      asOf: evaluations,
      ...(asksUnseen ? { unseenCourses: unseen } : {}),
    };
  } finally {
    snapshot.close();
  }
}

function evaluateDay(rows: OuladRows, columns: OuladColumns, options: OuladEvaluationOptions): Evaluation {
  const { seed, clock, onProgress, signal } = options;
  const part = (numbers: Int32Array): LabelledMatrix => ({
    matrix: takeRows(rows.matrix, numbers),
    labels: Uint8Array.from(numbers, (row) => rows.labels[row]!),
  });
  return evaluateClassifiers({
    models: options.models ?? defaultModels(rows, columns),
    train: part(rows.train),
    validation: rows.validation,
    test: part(rows.test),
    seed,
    clock,
    ...(onProgress === undefined ? {} : { onProgress }),
    ...(signal === undefined ? {} : { signal }),
  });
}

/**
 * Base rate, the weekly rule once work is due, logistic regression; on the default columns also logistic regression with the
 * peer ranks, boosted trees with them (both of handbook 2.2.9), and the blend of both kinds on all columns.
 */
function defaultModels(rows: OuladRows, columns: OuladColumns): Record<string, Classifier> {
  const ours: Readonly<Record<string, string>> = { missed: "work_missed", mean: "score_mean" };
  const criteria = ouladWeekCriteria.map((criterion) =>
    columns === "handbook" ? criterion : { ...criterion, feature: ours[criterion.feature] ?? criterion.feature },
  );
  const names = new Set(rows.matrix.columns.map((column) => column.name));
  const applies = criteria.every((criterion) => names.has(criterion.feature));
  const simple = { baseRate: baseRate(), ...(applies ? { rule: rule({ criteria }) } : {}) };
  if (columns === "handbook") return { ...simple, logistic: logistic() }; // its missing cells are filled for this one model
  const ranked = ouladRankedColumns.filter((name) => names.has(name));
  const weeks = Object.values(rows.series).flat();
  const withoutRanks = ranked.filter((name) => !ouladPeerRanks.includes(name));
  return {
    ...simple,
    logistic: onColumns(logistic(), withoutRanks),
    logisticWithRanks: onColumns(logistic(), ranked),
    boostedTrees: onColumns(boostedTrees(), ranked),
    ...(weeks.length === 0 ? {} : { recurrent: onColumns(ouladRecurrent(rows.series), [...rows.features, ...weeks]) }),
    blend: onColumns(ouladBlend(), rows.features),
    // Fitted on all presentations but the last, calibrated on the last: what a year later does to the probabilities.
    blendCalibrated: onColumns(calibrated(ouladBlend(), "platt", { period: presentationColumn }), [
      ...rows.features,
      presentationColumn,
    ]),
    blendAtExpectedRates: onColumns(atExpectedRates(ouladBlend(), { group: "course", season: seasonColumn }), [
      ...rows.features,
      seasonColumn,
    ]),
  };
}

function checkDays(days: readonly number[]): void {
  if (days.length === 0 || days.some((day) => !Number.isInteger(day) || day < 0 || day > 269)) {
    throw new CairnError(
      "BAD_INPUT",
      `expected as-of days from 0 to 269, got ${days.length === 0 ? "none" : days.join(", ")}`,
      {
        hint: "week 8 is day 56",
      },
    );
  }
}
