import { performance } from "node:perf_hooks";
import { CairnError } from "../../errors.ts";
import type { FeatureMatrix } from "../../numeric/matrix.ts";
import { takeColumns } from "../../numeric/matrix.ts";
import { random } from "../../numeric/random.ts";
import type { Evaluation } from "../evaluation/evaluation.ts";
import type { ReportProgress } from "../progress.ts";
import { silent } from "../progress.ts";
import { contentHash } from "../registry/artifact-store.ts";
import { registerModel } from "../registry/models.ts";
import type { Cairn } from "../runtime.ts";
import type { BandModel, OutcomeModels, RiskPanel } from "./model/panel.ts";
import { riskPanel } from "./model/panel.ts";
import type { OutcomeDefinition } from "./outcomes/definition.ts";
import { defaultOutcome } from "./outcomes/definition.ts";
import type { OutcomeTable, TrainingTable } from "./risk-tables.ts";
import { informativeColumns, takeTrainingRows } from "./risk-tables.ts";
import type { StoredAudit } from "./training/audit.ts";
import { divideRows } from "./training/divisions.ts";
import type { FitMetrics } from "./training/fit-risk.ts";
import { fitRisk } from "./training/fit-risk.ts";

const SEED = "early-warning";
const FEWEST_LEARNERS = 50; // fewer with a known outcome cannot tell a model from luck, nor fill five folds
const FEWEST_OF_END = 5; // of learners who ended well, and of those who did not: one for each fold
const FEWEST_OF_BAND = 1000; // learners: with fewer, what a band has of its own is less than what all grades teach it
const FEWEST_ENDS_OF_BAND = 100; // of each end

/** How the model of a grade band came about. */
export interface BandMetrics extends FitMetrics {
  /** Null: all grade bands, and those that have no model of their own. */
  readonly band: string | null;
  readonly rows: number;
  readonly learners: number;
  /** Rows with the bad outcome. */
  readonly positives: number;
}

/** How an outcome was learned. */
export interface OutcomeMetrics {
  readonly definition: OutcomeDefinition;
  readonly periods: readonly string[];
  readonly unripe: OutcomeTable["unripe"];
  /** The one of all grade bands first; none when the outcome could not be learned. */
  readonly bands: readonly BandMetrics[];
  /** Grade bands that use the model of all grades, and why. */
  readonly fallbacks: readonly { readonly band: string; readonly reason: string }[];
  /** Why the outcome could not be learned. */
  readonly absent?: { readonly reason: string; readonly hint: string };
}

/** What the registry keeps of a panel's quality: how it was chosen and how it did on learners it never saw. */
export interface RiskMetrics {
  /** The candidate that is shown: of the outcome the district ranks by, all grades. */
  readonly chosen: string;
  /** The same on rows that had no say in the choice. */
  readonly heldOut: Evaluation;
  readonly outcomes: readonly OutcomeMetrics[];
  /** Who was suspended for the same conduct; absent where there is nothing to audit. */
  readonly sanctions?: StoredAudit;
  /** Whose marks are unlike what other evidence says, by subject; absent in models of before this was audited. */
  readonly marks?: readonly StoredAudit[];
}

/** What a panel is trained from. */
export interface PanelTraining {
  /** The first is the one the district ranks by. */
  readonly outcomes: readonly OutcomeTable[];
  readonly bandOfPeers: Readonly<Record<string, string>>;
  readonly sanctions?: StoredAudit;
  readonly marks?: readonly StoredAudit[];
}

/** A panel in memory, with its quality. */
export interface TrainedPanel {
  readonly panel: RiskPanel;
  readonly metrics: RiskMetrics;
}

/**
 * Trains every outcome, for all grade bands together and for each that has enough learners of its own.
 * @throws CairnError of the first outcome: `CONFLICT` with too few labelled learners, nothing known of them or no ripe labels,
 * `SINGLE_CLASS` when all ended alike. Another outcome that cannot be learned is left out, and the metrics say why
 */
export function fitPanel(
  { outcomes, bandOfPeers, sanctions, marks = [] }: PanelTraining,
  onProgress: ReportProgress = silent,
): TrainedPanel {
  const models: OutcomeModels[] = [];
  const metrics: OutcomeMetrics[] = [];
  for (const [index, table] of outcomes.entries()) {
    const about = { definition: table.definition, periods: periodsOf(table.training), unripe: table.unripe };
    try {
      const fitted = fitOutcome(table, (fraction) =>
        onProgress("training and choosing a model", (index + fraction) / outcomes.length),
      );
      models.push({ definition: table.definition, bands: fitted.models });
      metrics.push({ ...about, bands: fitted.metrics, fallbacks: fitted.fallbacks });
    } catch (error) {
      const isMissing = error instanceof CairnError && (error.code === "CONFLICT" || error.code === "SINGLE_CLASS");
      if (index === 0 || !isMissing) throw error;
      const absent = { reason: error.message, hint: error.hint ?? "import what is missing, and train again" };
      metrics.push({ ...about, bands: [], fallbacks: [], absent });
    }
  }
  const { chosen, heldOut } = metrics[0]!.bands[0]!;
  return {
    panel: riskPanel(models, bandOfPeers),
    metrics: { chosen, heldOut, outcomes: metrics, marks, ...(sanctions === undefined ? {} : { sanctions }) },
  };
}

/**
 * Trains a panel and stores it.
 * @returns its id
 * @throws CairnError as {@link fitPanel}
 */
export async function trainPanel(
  cairn: Cairn,
  tenantId: string,
  training: PanelTraining,
  origin: { snapshotId: string; asOf: string },
  onProgress: ReportProgress = silent,
): Promise<string> {
  const { panel, metrics } = fitPanel(training, onProgress);
  onProgress("training and choosing a model", 1);
  const { catalogVersion, labels } = training.outcomes[0]!.training;
  return registerModel(
    cairn,
    tenantId,
    panel,
    // Timings are no part of what the model is: the identity leaves them out.
    {
      kind: panel.kind,
      parameters: { outcomes: training.outcomes.map(({ definition }) => JSON.stringify(definition)) },
      dataHash: contentHash(JSON.stringify([origin, catalogVersion])),
      seed: SEED,
    },
    {
      purpose: "early-warning",
      metrics,
      lineage: {
        ...origin,
        catalogVersion,
        rows: labels.length,
        periods: periodsOf(training.outcomes[0]!.training),
        validation: metrics.outcomes[0]!.bands[0]!.scheme,
      },
    },
  );
}

/**
 * {@link trainPanel} for one outcome, off track, of learners of whom nothing else is known.
 * @returns the panel's id
 */
export function trainRisk(
  cairn: Cairn,
  tenantId: string,
  training: TrainingTable,
  origin: { snapshotId: string; asOf: string },
  onProgress: ReportProgress = silent,
): Promise<string> {
  const outcomes = [{ definition: defaultOutcome, training, unripe: [] }];
  return trainPanel(cairn, tenantId, { outcomes, bandOfPeers: {} }, origin, onProgress);
}

const periodsOf = ({ period }: TrainingTable): string[] => [...new Set(period)];

interface FittedOutcome {
  readonly models: BandModel[];
  readonly metrics: BandMetrics[];
  readonly fallbacks: { readonly band: string; readonly reason: string }[];
}

function fitOutcome(table: OutcomeTable, onProgress: (fraction: number) => void): FittedOutcome {
  requireLearners(table);
  const { training } = table;
  const bands = [...new Set(training.gradeBand ?? [])].filter((band) => band !== "").sort();
  const parts = bands.map((band) => ({
    band,
    rows: training.gradeBand!.flatMap((own, row) => (own === band ? [row] : [])),
  }));
  const [own, fallbacks] = [[] as typeof parts, [] as FittedOutcome["fallbacks"]];
  for (const part of parts) {
    const reason = parts.length === 1 ? undefined : tooFew(training, part.rows);
    if (parts.length === 1) continue; // all grades are this one
    if (reason === undefined) own.push(part);
    else fallbacks.push({ band: part.band, reason });
  }
  const jobs = [
    { band: null, training },
    ...own.map(({ band, rows }) => ({ band, training: takeTrainingRows(training, rows) })),
  ];
  const fitted = jobs.map((job, index) =>
    fitBand(table, job.training, job.band, (fraction) => onProgress((index + fraction) / jobs.length)),
  );
  return { models: fitted.map(({ model }) => model), metrics: fitted.map(({ metrics }) => metrics), fallbacks };
}

function requireLearners({ definition, training, unripe }: OutcomeTable): void {
  const learners = new Set(training.person).size; // a learner with several finished periods is still one
  if (learners >= FEWEST_LEARNERS) {
    requireBothEnds(training);
    return;
  }
  const next = unripe.find(({ ripensOn }) => ripensOn !== null);
  throw new CairnError(
    "CONFLICT",
    `expected at least ${FEWEST_LEARNERS} learners with a known outcome, got ${learners}`,
    {
      hint:
        next === undefined
          ? "import a finished school year with its final marks"
          : `labels of "${definition.outcome}" for ${next.period} ripen on ${next.ripensOn}; or import a finished school year with its final marks`,
    },
  );
}

function requireBothEnds({ person, labels }: TrainingTable): void {
  const failing = new Set(person.filter((_, row) => labels[row] === 1));
  const others = new Set(person.filter((code) => !failing.has(code)));
  if (Math.min(failing.size, others.size) >= FEWEST_OF_END) return;
  throw new CairnError(
    "SINGLE_CLASS",
    `expected at least ${FEWEST_OF_END} learners of each end, got ${failing.size} to whom it happened and ${others.size} others`,
    { hint: "import more finished school years: so few cannot teach a model who is next" },
  );
}

function tooFew(training: TrainingTable, rows: readonly number[]): string | undefined {
  const learners = new Set(rows.map((row) => training.person[row]!)).size;
  const positives = rows.reduce((sum, row) => sum + training.labels[row]!, 0);
  if (learners < FEWEST_OF_BAND) return `${learners} learners with a known outcome, of ${FEWEST_OF_BAND} it would take`;
  const fewer = Math.min(positives, rows.length - positives);
  return fewer < FEWEST_ENDS_OF_BAND ? `${fewer} of the rarer end, of ${FEWEST_ENDS_OF_BAND} it would take` : undefined;
}

function fitBand(
  { definition }: OutcomeTable,
  given: TrainingTable,
  band: string | null,
  onProgress: (fraction: number) => void,
): { readonly model: BandModel; readonly metrics: BandMetrics } {
  const columns = informativeColumns(given.matrix);
  if (columns.length === 0) {
    throw new CairnError("CONFLICT", "expected features that tell learners apart, got none in the finished periods", {
      hint: "import attendance, marks or behavior of the finished years",
    });
  }
  const informative = takeColumns(given.matrix, columns);
  const content = rowKeys(informative);
  // Rows lie in the order of random codes; in the order of their content, the same records give the same model everywhere.
  const order = Array.from(content.keys()).sort((a, b) =>
    content[a] === content[b] ? given.labels[a]! - given.labels[b]! : content[a]! < content[b]! ? -1 : 1,
  );
  const table = takeTrainingRows({ ...given, matrix: informative }, order);
  const { model, metrics } = fitRisk({
    table,
    columns,
    division: divideRows(
      table,
      order.map((row) => content[row]!),
    ),
    rng: random(SEED).derive(`${definition.outcome} ${band ?? "all"}`),
    clock: () => performance.now() / 1000,
    onProgress,
  });
  return {
    model: { band, model },
    metrics: {
      band,
      rows: table.labels.length,
      learners: new Set(table.person).size,
      positives: table.labels.reduce((sum, label) => sum + label, 0),
      ...metrics,
    },
  };
}

/** A hash of each row's content. */
function rowKeys(matrix: FeatureMatrix): string[] {
  const row = new Float64Array(matrix.columns.length);
  return Array.from({ length: matrix.rows }, (_, index) => {
    for (const [column, { values }] of matrix.columns.entries()) row[column] = values[index]!;
    return contentHash(new Uint8Array(row.buffer));
  });
}
