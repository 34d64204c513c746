import { performance } from "node:perf_hooks";
import { CairnError } from "../../errors.ts";
import type { FeatureTable } from "../../features/build.ts";
import type { LabelledMatrix } from "../../models/estimator.ts";
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
  const all: LabelledMatrix = {
    matrix: takeColumns(training.matrix, informativeColumns(training.matrix)),
    labels: training.labels,
  };
  if (all.matrix.columns.length === 0) {
    throw new CairnError("CONFLICT", "expected features that tell learners apart, got none in the finished periods", {
      hint: "import attendance, marks or behavior of the finished years",
    });
  }
  const candidates = riskCandidates();
  const usable = Object.fromEntries(
    Object.entries(candidates).filter(([name]) => name !== "rule" || hasRuleColumns(all)),
  );
  const heldOut = evaluateHeldOut(usable, all, training.person, (fraction) =>
    onProgress("training and choosing a model", fraction),
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

function evaluateHeldOut(
  models: Parameters<typeof evaluateClassifiers>[0]["models"],
  all: LabelledMatrix,
  person: readonly string[],
  onProgress: (fraction: number) => void,
): Evaluation {
  // A hash of the person decides the fold: all rows of a person fall into one, whatever the order of the rows.
  const fold = person.map((code) => Number.parseInt(contentHash(`${SEED} ${code}`).slice(0, 8), 16) % FOLDS);
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
