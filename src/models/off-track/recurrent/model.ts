import { CairnError } from "../../../errors.ts";
import { sigmoid } from "../../../numeric/log-odds.ts";
import type { FeatureMatrix } from "../../../numeric/matrix.ts";
import { networkRunner } from "../../../numeric/network/forward.ts";
import { arraysOf, type NetworkWeights, zeroWeights } from "../../../numeric/network/shape.ts";
import type { Tensors } from "../../artifact.ts";
import type { FittedClassifier } from "../../estimator.ts";
import { requireArray, requireKind } from "../artifact-fields.ts";
import { nestedTensors, nestTensors } from "../calibration/nested.ts";
import { checkQuestion } from "../checks.ts";
import { designTensors, readDesign } from "../design-artifact.ts";
import type { RecurrentSettings } from "./options.ts";
import { columnsOf, encodeRows, type RowPlan, shapeOf, stepNumbers, writeStep } from "./rows.ts";

/** The kind of a recurrent model. */
export const RECURRENT = "off-track/recurrent";

/**
 * Puts a plan and the weights of its networks together as a model: the mean of their log-odds.
 * @param networks - at least one
 */
export function fittedRecurrent(
  plan: RowPlan,
  networks: readonly NetworkWeights[],
  { hidden, head }: Pick<RecurrentSettings, "hidden" | "head">,
): FittedClassifier {
  const features = Object.freeze(columnsOf(plan));
  const asked = asker(plan, networks, hidden, head);
  return {
    kind: RECURRENT,
    features,
    predict(matrix, out) {
      const { statics, cells } = encodeRows(plan, ask(plan, matrix, features, out.length, 1));
      const terms = plan.design.terms.length;
      const perRow = plan.seriesColumns.length;
      for (let row = 0; row < matrix.rows; row++) {
        asked.follow(cells, row * perRow);
        out[row] = sigmoid(asked.answer(statics.subarray(row * terms, (row + 1) * terms)));
      }
    },
    explain(matrix, out) {
      const rows = encodeRows(plan, ask(plan, matrix, features, out.length, features.length + 1));
      for (let row = 0; row < matrix.rows; row++) explainRow(plan, asked, rows, row, out);
    },
    encode: () => encodeRecurrent(plan, networks),
  };
}

/** Checks a question and that every column is of the kind it was in training. */
function ask(
  { design }: RowPlan,
  matrix: FeatureMatrix,
  features: readonly string[],
  length: number,
  width: number,
): FeatureMatrix {
  const question = checkQuestion(matrix, features, length, width);
  for (const [index, { name, kind }] of question.columns.entries()) {
    const expected = design.features[index]?.kind ?? "numeric";
    if (kind !== expected) {
      throw new CairnError("BAD_INPUT", `expected column "${name}" to be ${expected}, got ${kind}`, {
        hint: "build the matrix with the catalog version the model was trained on",
      });
    }
  }
  return question;
}

/** Answers for one row at a time: first the weeks, then as many static rows as one likes. */
interface Asker {
  /** Walks the weeks of a row. */
  follow(cells: Float32Array, first: number): void;
  /** Log-odds after those weeks. @param statics - shape (terms) */
  answer(statics: Float32Array): number;
}

function asker(plan: RowPlan, networks: readonly NetworkWeights[], hidden: number, head: number): Asker {
  const runners = networks.map((weights) => networkRunner(shapeOf(plan, hidden, head), weights));
  const states = runners.map((runner) => runner.newState());
  const indexes = new Int32Array(0);
  const step = { rows: 1, values: new Float32Array(stepNumbers(plan.means.length)), indexes };
  return {
    follow(cells, first) {
      for (const state of states) state.fill(0);
      let lastStep = -1;
      for (let week = 0; week < plan.weeks; week++) {
        if (!writeStep(plan, cells, first, week, lastStep, step.values, 0)) continue;
        lastStep = week;
        for (const [index, runner] of runners.entries()) runner.observe(states[index]!, step, 0);
      }
    },
    answer(statics) {
      const target = { rows: 1, values: statics, indexes };
      let sum = 0;
      for (const [index, runner] of runners.entries()) sum += runner.answer(states[index]!, target, 0);
      return sum / runners.length;
    },
  };
}

/**
 * Reasons of one row: starting from a row that is average in everything in every week, its columns become those of the learner
 * one after the other, and each gets what the log-odds then change by. Weeks before static columns and, backwards, static
 * columns before weeks; the mean of both walks. Each walk ends at the prediction, so the sums are exact.
 */
function explainRow(
  plan: RowPlan,
  { follow, answer }: Asker,
  rows: { readonly statics: Float32Array; readonly cells: Float32Array },
  row: number,
  out: Float64Array,
): void {
  const features = plan.design.features.length;
  const terms = plan.design.terms.length;
  const places = plan.seriesColumns.length;
  const offset = row * (features + places + 1);
  const own = rows.cells.subarray(row * places, (row + 1) * places);
  const ownStatics = rows.statics.subarray(row * terms, (row + 1) * terms);
  const cells = new Float32Array(places);
  const statics = new Float32Array(terms);
  out.fill(0, offset, offset + features + places);
  follow(cells, 0);
  const base = answer(statics);
  let before = base;
  const credit = (column: number): void => {
    const now = answer(statics);
    out[offset + column]! += (now - before) / 2;
    before = now;
  };
  const takeStatic = (feature: number): void => {
    for (let term = 0; term < terms; term++)
      if (plan.design.terms[term]!.feature === feature) statics[term] = ownStatics[term]!;
    credit(feature);
  };
  const takeCell = (place: number): void => {
    if (cells[place] !== own[place]) {
      cells[place] = own[place]!;
      follow(cells, 0);
    }
    credit(features + place);
  };
  for (let place = 0; place < places; place++) takeCell(place);
  for (let feature = 0; feature < features; feature++) takeStatic(feature);
  cells.fill(0);
  statics.fill(0);
  follow(cells, 0);
  before = base;
  for (let feature = features - 1; feature >= 0; feature--) takeStatic(feature);
  for (let place = places - 1; place >= 0; place--) takeCell(place);
  out[offset + features + places] = base;
}

function encodeRecurrent(plan: RowPlan, networks: readonly NetworkWeights[]): Tensors {
  const { design, seriesColumns, weeks, means, scales } = plan;
  const network = (weights: NetworkWeights): Tensors => ({
    metadata: {},
    arrays: Object.fromEntries(arraysOf(weights).map((values, index) => [String(index), values.slice()])),
  });
  return nestTensors(
    { kind: RECURRENT },
    {
      statics: designTensors(design),
      series: {
        metadata: {},
        arrays: { means: means.slice(), scales: scales.slice(), weeks: Int32Array.of(weeks) },
      },
      columns: { metadata: Object.fromEntries(seriesColumns.map((name, place) => [String(place), name])), arrays: {} },
      ...Object.fromEntries(networks.map((weights, index) => [`network ${index}`, network(weights)])),
    },
  );
}

/**
 * Reads a recurrent model back from its arrays.
 * @throws CairnError `ARTIFACT_CORRUPT` when they do not fit together
 */
export function decodeRecurrent(tensors: Tensors, settings: RecurrentSettings): FittedClassifier {
  requireKind(tensors, RECURRENT);
  const series = nestedTensors(tensors, "series");
  const [weeks = 0] = requireArray(series, "weeks", Int32Array, 1);
  const means = requireArray(series, "means", Float64Array);
  const names = Object.entries(nestedTensors(tensors, "columns").metadata);
  if (weeks < 0 || names.length !== means.length * weeks) {
    throw new CairnError("ARTIFACT_CORRUPT", `expected ${means.length * weeks} series columns, got ${names.length}`, {
      hint: "train the model again",
    });
  }
  const plan: RowPlan = {
    design: readDesign(nestedTensors(tensors, "statics")),
    seriesColumns: names.sort(([a], [b]) => Number(a) - Number(b)).map(([, name]) => name),
    weeks,
    means,
    scales: requireArray(series, "scales", Float64Array, means.length),
  };
  const networks = Array.from({ length: settings.starts }, (_, index) => {
    const own = nestedTensors(tensors, `network ${index}`);
    const weights = zeroWeights(shapeOf(plan, settings.hidden, settings.head));
    for (const [place, values] of arraysOf(weights).entries())
      values.set(requireArray(own, String(place), Float32Array, values.length));
    return weights;
  });
  return fittedRecurrent(plan, networks, settings);
}
