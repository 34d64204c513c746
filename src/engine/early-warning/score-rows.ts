import type { FeatureTable } from "../../features/build.ts";
import type { FeatureMatrix } from "../../numeric/matrix.ts";
import { takeColumns, takeRows } from "../../numeric/matrix.ts";
import type { OutcomeModels, RiskPanel } from "./model/panel.ts";
import { modelFor } from "./model/panel.ts";
import type { FittedRiskModel } from "./model/risk-model.ts";
import type { FeatureWords, RiskReason } from "./reasons.ts";
import { riskReasons, riskStrengths } from "./reasons.ts";
import type { Thriving } from "./thriving.ts";
import { thrivingOf } from "./thriving.ts";
import { peerMedians } from "./typical.ts";

/** Below this share of known inputs a number would be a guess about the school's paperwork, not about the learner. */
export const LEAST_COVERAGE = 0.25;

/** At or below this share of training rows as unlike the others as this one, a number would be about somebody else. */
export const LEAST_FAMILIAR = 0.01;

/** What is said of one learner, or why nothing is. */
export interface Score {
  readonly pseudonym: string;
  /** In [0, 1]; null where the model abstains. */
  readonly probability: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly abstained: string | null;
  /** Share of the model's inputs that are known, in [0, 1]. */
  readonly coverage: number;
  readonly reasons: readonly RiskReason[];
  readonly strengths: readonly RiskReason[];
  readonly thriving: Thriving | null;
}

/** The scores of one outcome, in the order of the rows. */
export interface OutcomeScores {
  readonly outcome: string;
  readonly scores: readonly Score[];
}

/**
 * Scores rows of a feature table by a panel. What is said of a row depends on its own cells, on the panel and, for what is typical of
 * the peers, on the table; never on which rows are asked about together.
 * @param rows - row numbers of the table
 * @param wordsOf - what a reason needs to know of a feature, by its name
 * @returns one list per outcome, the one the district ranks by first
 * @throws CairnError `UNKNOWN_FEATURE` for a table without a model's column
 */
export function scoreRows(
  panel: RiskPanel,
  table: FeatureTable,
  rows: readonly number[],
  wordsOf: (feature: string) => FeatureWords,
): OutcomeScores[] {
  const thriving = thrivingOf(table.matrix);
  return panel.outcomes.map((models, index) => ({
    outcome: models.definition.outcome,
    scores: scoreOutcome(panel, models, table, rows, wordsOf).map((score, place) => ({
      ...score,
      thriving: index === 0 ? thriving(rows[place]!) : null,
    })),
  }));
}

type Plain = Omit<Score, "thriving">;

function scoreOutcome(
  { bandOfPeers }: RiskPanel,
  models: OutcomeModels,
  table: FeatureTable,
  rows: readonly number[],
  wordsOf: (feature: string) => FeatureWords,
): Plain[] {
  const groups = new Map<FittedRiskModel, number[]>();
  for (const [place, row] of rows.entries()) {
    const model = modelFor(models, bandOfPeers[table.peerGroup[row]!]);
    groups.set(model, [...(groups.get(model) ?? []), place]);
  }
  const scores = new Array<Plain>(rows.length);
  for (const [model, places] of groups) {
    const typical = peerMedians(takeColumns(table.matrix, model.features), table.peerGroup);
    const own = places.map((place) => rows[place]!);
    const matrix = takeRows(takeColumns(table.matrix, model.features), own);
    const said = scoreMatrix(model, matrix, model.features.map(wordsOf), (index) =>
      typical(table.peerGroup[own[index]!]!),
    );
    for (const [index, place] of places.entries()) {
      scores[place] = { pseudonym: table.person[own[index]!]!, ...said[index]! };
    }
  }
  return scores;
}

function scoreMatrix(
  model: FittedRiskModel,
  matrix: FeatureMatrix,
  words: readonly FeatureWords[],
  typicalOf: (row: number) => Float64Array,
): Omit<Plain, "pseudonym">[] {
  const width = words.length + 1;
  const probability = new Float64Array(matrix.rows);
  const contributions = new Float64Array(matrix.rows * width);
  const familiar = new Float64Array(matrix.rows).fill(1);
  model.predict(matrix, probability);
  model.explain(matrix, contributions);
  model.parts.unfamiliarity?.measure(matrix, familiar);
  return Array.from({ length: matrix.rows }, (_, row) => {
    const values = Float64Array.from(matrix.columns, (column) => column.values[row]!);
    const known = values.reduce((total, value) => total + (Number.isNaN(value) ? 0 : 1), 0);
    const coverage = values.length === 0 ? 1 : known / values.length;
    const silent = { probability: null, low: null, high: null, coverage, reasons: [], strengths: [] };
    if (coverage < LEAST_COVERAGE) {
      return { ...silent, abstained: `only ${known} of ${values.length} inputs are known for this learner` };
    }
    if (familiar[row]! <= LEAST_FAMILIAR) return { ...silent, abstained: strangeness(model, matrix, row, words) };
    const parts = contributions.subarray(row * width, row * width + width - 1);
    const typical = typicalOf(row);
    return {
      probability: probability[row]!,
      ...model.interval(probability[row]!),
      abstained: null,
      coverage,
      reasons: riskReasons(words, parts, values, typical),
      strengths: riskStrengths(words, parts, values, typical),
    };
  });
}

const MOST_NAMED = 3;

/** Why there is no number for somebody unlike everybody in training: what makes the difference, by its heading. */
function strangeness(
  model: FittedRiskModel,
  matrix: FeatureMatrix,
  row: number,
  words: readonly FeatureWords[],
): string {
  const reasons = model.parts.unfamiliarity?.explain(matrix, row) ?? [];
  const groupOf = new Map(words.map(({ name, group }) => [name, group]));
  const groups = [...new Set(reasons.slice(0, 2 * MOST_NAMED).map(({ feature }) => groupOf.get(feature) ?? feature))];
  return `unlike the learners of earlier years (${groups.slice(0, MOST_NAMED).join(", ")}): a number would be about somebody else`;
}
