import { performance } from "node:perf_hooks";
import { CairnError } from "../../errors.ts";
import type { FeatureTable } from "../../features/build.ts";
import type { LabelledMatrix } from "../../models/estimator.ts";
import type { FeatureMatrix } from "../../numeric/matrix.ts";
import { takeColumns, takeRows } from "../../numeric/matrix.ts";
import { random } from "../../numeric/random.ts";
import { evaluateClassifiers } from "../evaluation/evaluate-classifiers.ts";
import type { Evaluation } from "../evaluation/evaluation.ts";
import type { ReportProgress } from "../progress.ts";
import { silent } from "../progress.ts";
import { contentHash } from "../registry/artifact-store.ts";
import { registerModel } from "../registry/models.ts";
import type { Cairn } from "../runtime.ts";
import { riskCandidates } from "./recipes.ts";
import { informativeColumns } from "./risk-tables.ts";

const SEED = "early-warning";
const FOLDS = 5; // of persons: one measures, the other four choose in turn
const FEWEST_LEARNERS = 50; // fewer with a known outcome cannot tell a model from luck, nor fill five folds

/** What the registry keeps of an early-warning model's quality: how it was chosen and how it did on learners it never saw. */
export interface RiskMetrics {
  /** The candidate that is shown. */
  readonly chosen: string;
  /** On held-out persons of the finished periods. */
  readonly heldOut: Evaluation;
}

/**
 * Trains every candidate on finished periods, chooses by Brier loss on held-out persons, measures on others, and stores the
 * chosen one, fitted on all. @returns the model's id
 * @throws CairnError `CONFLICT` with too few labelled learners or nothing known of them, `SINGLE_CLASS` when all ended alike
 */
export async function trainRisk(
  cairn: Cairn,
  tenantId: string,
  training: FeatureTable & { readonly labels: Uint8Array },
  origin: { snapshotId: string; asOf: string },
  onProgress: ReportProgress = silent,
): Promise<string> {
  const learners = new Set(training.person).size; // a learner with several finished periods is still one
  if (learners < FEWEST_LEARNERS) {
    throw new CairnError(
      "CONFLICT",
      `expected at least ${FEWEST_LEARNERS} learners with a known outcome, got ${learners}`,
      {
        hint: "import a finished school year with its final marks",
      },
    );
  }
  const informative = takeColumns(training.matrix, informativeColumns(training.matrix));
  if (informative.columns.length === 0) {
    throw new CairnError("CONFLICT", "expected features that tell learners apart, got none in the finished periods", {
      hint: "import attendance, marks or behavior of the finished years",
    });
  }
  const keys = rowKeys(informative);
  // Rows lie in the order of random codes; in the order of their content, the same records give the same model everywhere.
  const order = Array.from(keys.keys()).sort((a, b) =>
    keys[a] === keys[b] ? training.labels[a]! - training.labels[b]! : keys[a]! < keys[b]! ? -1 : 1,
  );
  const all: LabelledMatrix = {
    matrix: takeRows(informative, order),
    labels: Uint8Array.from(order, (row) => training.labels[row]!),
  };
  const fold = personFolds(training.person, keys);
  const candidates = riskCandidates();
  const usable = Object.fromEntries(
    Object.entries(candidates).filter(([name]) => name !== "rule" || hasRuleColumns(all)),
  );
  const heldOut = evaluateHeldOut(
    usable,
    all,
    order.map((row) => fold[row]!),
    (fraction) => onProgress("training and choosing a model", fraction),
  );
  const recipe = candidates[heldOut.best as keyof typeof candidates];
  const fitted = recipe.fit(all, { rng: random(SEED).derive(heldOut.best) });
  onProgress("training and choosing a model", 1);
  const metrics: RiskMetrics = { chosen: heldOut.best, heldOut };
  return registerModel(
    cairn,
    tenantId,
    fitted,
    // Timings are no part of what the model is: the identity leaves them out.
    {
      kind: recipe.kind,
      parameters: recipe.parameters,
      dataHash: contentHash(JSON.stringify([origin, training.catalogVersion])),
      seed: SEED,
    },
    {
      purpose: "early-warning",
      metrics,
      lineage: {
        ...origin,
        catalogVersion: training.catalogVersion,
        rows: training.labels.length,
        periods: [...new Set(training.period)],
        validation: "held-out persons of the finished periods",
      },
    },
  );
}

/** The rule can stand beside the models only where the district delivers what it reads. */
function hasRuleColumns({ matrix }: LabelledMatrix): boolean {
  const names = new Set(matrix.columns.map((column) => column.name));
  return ["attendance_rate", "state_offenses", "conduct_incidents", "mathematics_mark", "english_mark"].every((name) =>
    names.has(name),
  );
}

/** A hash of each row's content. */
function rowKeys(matrix: FeatureMatrix): string[] {
  const row = new Float64Array(matrix.columns.length);
  return Array.from({ length: matrix.rows }, (_, index) => {
    for (const [column, { values }] of matrix.columns.entries()) row[column] = values[index]!;
    return contentHash(new Uint8Array(row.buffer));
  });
}

/**
 * The fold of each row: all rows of a person fall into one. What decides is a hash of the person's own rows, not of the
 * person's code, which is random: the same records give the same folds in every installation.
 */
function personFolds(person: readonly string[], keys: readonly string[]): number[] {
  const smallest = new Map<string, string>();
  for (const [row, code] of person.entries()) {
    const known = smallest.get(code);
    if (known === undefined || keys[row]! < known) smallest.set(code, keys[row]!);
  }
  return person.map((code) => Number.parseInt(smallest.get(code)!.slice(0, 8), 16) % FOLDS);
}

function evaluateHeldOut(
  models: Parameters<typeof evaluateClassifiers>[0]["models"],
  all: LabelledMatrix,
  fold: readonly number[],
  onProgress: (fraction: number) => void,
): Evaluation {
  const rowsWhere = (keep: (fold: number) => boolean): number[] =>
    fold.flatMap((value, row) => (keep(value) ? [row] : []));
  const take = (rows: number[]): LabelledMatrix => ({
    matrix: takeRows(all.matrix, rows),
    labels: Uint8Array.from(rows, (row) => all.labels[row]!),
  });
  const trainRows = rowsWhere((value) => value !== 0);
  const indexes = (keep: (fold: number) => boolean): number[] =>
    trainRows.flatMap((row, index) => (keep(fold[row]!) ? [index] : []));
  return evaluateClassifiers({
    models,
    // The base rate ranks nobody: it stands beside the others as what they must beat, and cannot be what is shown.
    eligible: Object.keys(models).filter((name) => name !== "baseRate"),
    train: take(trainRows),
    // Every learner that is not held out judges once: one fifth alone would be too few to tell the candidates apart.
    validation: Array.from({ length: FOLDS - 1 }, (_, index) => ({
      train: indexes((value) => value !== index + 1),
      test: indexes((value) => value === index + 1),
    })),
    test: take(rowsWhere((value) => value === 0)),
    seed: SEED,
    clock: () => performance.now() / 1000,
    onProgress,
  });
}
