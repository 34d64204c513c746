import { CairnError } from "../../../errors.ts";
import { checkMatrix, type FeatureMatrix, takeColumns, takeRows } from "../../../numeric/matrix.ts";
import { random } from "../../../numeric/random.ts";
import { contentKeys, splitRows } from "../../../numeric/splits.ts";
import type { Tensors } from "../../artifact.ts";
import type { Estimator, FittedModel } from "../../estimator.ts";
import { requireArray, requireJson, requireKind } from "../artifact-fields.ts";
import { checkCancelled, checkQuestion } from "../checks.ts";
import { encodeRows, type FeatureEncoding, featureDistance, planEncoding } from "./encoding.ts";

const KIND = "off-track/unfamiliarity";
const NEIGHBOURS = 5; // one neighbour may be a stray row; more blur small groups
const FEWEST_ROWS = 40; // two halves that can tell 1 in 20

/** What {@link unfamiliarity} takes. */
export interface UnfamiliarityOptions {
  /** Training rows that stand for all, from 20; as many others judge what is far. Default 1,500. */
  readonly references?: number;
}

/** Why a row is unlike the training data: one feature's part of its distance. */
export interface UnfamiliarReason {
  readonly feature: string;
  /** Of the squared distance to the nearest training rows, in (0, 1]. */
  readonly share: number;
  /** `outside` the training range, a `category` never seen, `missing` (or `present`) where training rarely was, or an unusual `combination`. */
  readonly kind: "outside" | "category" | "missing" | "present" | "combination";
  /** The training range of a number; of missing cells the share in training. */
  readonly training: { readonly least: number; readonly most: number; readonly missingShare: number };
}

/** Knows the rows a model was trained on well enough to say that others are unlike them. */
export interface FittedUnfamiliarity extends FittedModel {
  /** The columns it reads, by name. */
  readonly features: readonly string[];
  /**
   * Conformal p-values: the share of training rows at least as far from the others as this one. Rows like those of training
   * fall to or below ε in about a share ε of all cases, whatever the distribution; a model should abstain below a chosen ε.
   * @param out - shape (matrix.rows), overwritten; each in (0, 1]
   * @throws CairnError `UNKNOWN_FEATURE`, `SHAPE_MISMATCH`, `BAD_INPUT`
   */
  measure(matrix: FeatureMatrix, out: Float64Array): void;
  /** What makes a row far from its nearest training rows, the most first; features at no distance are left out. */
  explain(matrix: FeatureMatrix, row: number): UnfamiliarReason[];
}

interface Memory {
  readonly plans: readonly FeatureEncoding[];
  /** Rows the plans were made from. */
  readonly rows: number;
  /** Shape (references × 2·features). */
  readonly references: Float64Array;
  /** Distances of training rows that are no references, ascending. */
  readonly usual: Float64Array;
}

/**
 * Learns what is familiar: a row's distance is the mean over its five nearest of the training rows kept as references, and other
 * training rows say how far is far (inductive conformal anomaly detection). A course where nothing is due yet, a school whose
 * data lack a column, a new grade band: models are sure there and wrong, and this says so before any outcome is known.
 * It draws what it keeps by what rows hold: their order does not matter. It cannot see that the outcome now follows other rules.
 * `fit` throws `BAD_INPUT` under 40 rows, `NOT_FINITE`, `SHAPE_MISMATCH` and `CANCELLED`.
 * @throws CairnError `BAD_INPUT` for options out of range
 * @see Laxhammar and Falkman (2015), Annals of Mathematics and AI 74; Vovk, Gammerman and Shafer (2005), 4.2
 */
export function unfamiliarity({
  references = 1_500,
}: UnfamiliarityOptions = {}): Estimator<FeatureMatrix, FittedUnfamiliarity> {
  if (!(Number.isInteger(references) && references >= 20))
    throw new CairnError("BAD_INPUT", `expected references from 20, got ${references}`);
  return {
    kind: KIND,
    parameters: { references },
    fit(matrix, context) {
      checkCancelled(context);
      checkMatrix(matrix);
      if (matrix.rows < FEWEST_ROWS) {
        throw new CairnError(
          "BAD_INPUT",
          `expected at least ${FEWEST_ROWS} rows to know what is usual, got ${matrix.rows}`,
        );
      }
      const plans = planEncoding(matrix);
      const [kept, judges] = drawRows(matrix, references, context.rng.integer(0x1_0000_0000));
      const memory = { plans, rows: matrix.rows, references: encodeRows(plans, kept), usual: new Float64Array(0) };
      const usual = distancesOf(memory, encodeRows(plans, judges), () => checkCancelled(context)).sort();
      context.onProgress?.(1);
      return fittedUnfamiliarity({ ...memory, usual });
    },
    decode: decodeUnfamiliarity,
  };
}

/** Two parts of the rows, of equal size and at most `most` each, in the order of what they hold. */
function drawRows(matrix: FeatureMatrix, most: number, seed: number): [FeatureMatrix, FeatureMatrix] {
  const keys = contentKeys(matrix);
  const parts = Math.max(2, Math.ceil(matrix.rows / most));
  const labels = new Uint8Array(matrix.rows);
  const splits = splitRows({ kind: "stratified", labels, classes: 1, folds: parts, keys }, random(seed));
  const inOrder = ({ test }: { readonly test: Int32Array }): FeatureMatrix =>
    takeRows(
      matrix,
      [...test].sort((a, b) => keys[a]! - keys[b]!),
    );
  return [inOrder(splits[0]!), inOrder(splits[1]!)];
}

/** Root of the mean squared distance to the nearest references, per row. */
function distancesOf(memory: Memory, rows: Float64Array, onRow: () => void): Float64Array {
  const width = 2 * memory.plans.length;
  const distances = new Float64Array(width === 0 ? 0 : rows.length / width);
  for (let row = 0; row < distances.length; row++) {
    if (row % 256 === 0) onRow();
    const { squares } = nearestOf(memory, rows, row * width);
    distances[row] = Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / squares.length);
  }
  return distances;
}

/** The nearest references of one row, and their squared distances; of equally near ones the first. */
function nearestOf({ plans, rows: trained, references }: Memory, rows: Float64Array, offset: number) {
  const width = 2 * plans.length;
  const count = Math.min(NEIGHBOURS, references.length / width);
  const squares = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
  const offsets = new Int32Array(count);
  for (let reference = 0; reference < references.length; reference += width) {
    let square = 0;
    for (let feature = 0; feature < plans.length && square < squares[count - 1]!; feature++)
      square += featureDistance(
        plans[feature]!,
        rows,
        offset + 2 * feature,
        references,
        reference + 2 * feature,
        trained,
      );
    if (square >= squares[count - 1]!) continue;
    let place = count - 1;
    for (; place > 0 && squares[place - 1]! > square; place--) {
      squares[place] = squares[place - 1]!;
      offsets[place] = offsets[place - 1]!;
    }
    squares[place] = square;
    offsets[place] = reference;
  }
  return { squares, offsets };
}

function fittedUnfamiliarity(memory: Memory): FittedUnfamiliarity {
  const { plans, rows, references, usual } = memory;
  const features = Object.freeze(plans.map(({ name }) => name));
  return {
    kind: KIND,
    features,
    measure(matrix, out) {
      const asked = encodeRows(plans, checkQuestion(matrix, features, out.length, 1));
      const distances = distancesOf(memory, asked, () => undefined);
      for (let row = 0; row < out.length; row++)
        out[row] = (1 + usual.length - firstAtLeast(usual, distances[row]!)) / (usual.length + 1);
    },
    explain(matrix, row) {
      const columns = takeColumns(matrix, features);
      const asked = encodeRows(plans, takeRows(checkMatrix(columns), [row]));
      const { squares, offsets } = nearestOf(memory, asked, 0);
      const total = squares.reduce((sum, square) => sum + square, 0);
      return plans
        .map((plan, feature): UnfamiliarReason => {
          const own = offsets.reduce(
            (sum, offset) => sum + featureDistance(plan, asked, 2 * feature, references, offset + 2 * feature, rows),
            0,
          );
          const { least, most, missingShare } = plan;
          const kind = reasonOf(plan, asked, 2 * feature);
          return { feature: plan.name, share: own / total, kind, training: { least, most, missingShare } };
        })
        .filter(({ share }) => share > 0)
        .sort((a, b) => b.share - a.share);
    },
    encode: () => ({
      metadata: { kind: KIND, features: JSON.stringify(plans), rows: String(rows) },
      arrays: { references: references.slice(), usual: usual.slice() },
    }),
  };
}

function reasonOf(plan: FeatureEncoding, asked: Float64Array, at: number): UnfamiliarReason["kind"] {
  if (asked[at + 1] === 1) return plan.missingShare < 0.05 ? "missing" : "combination";
  if (plan.missingShare > 0.95) return "present";
  if (plan.kind === "categorical") return asked[at]! < 0 ? "category" : "combination";
  const value = asked[at]! * plan.scale + plan.mean;
  const slack = 1e-9 * Math.max(1, Math.abs(value)); // the value went through its standardised form
  return value < plan.least - slack || value > plan.most + slack ? "outside" : "combination";
}

/** The number of sorted values below the given one. */
function firstAtLeast(sorted: Float64Array, value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

const areEncodings = (value: unknown): value is FeatureEncoding[] =>
  Array.isArray(value) &&
  value.every(
    (one) =>
      typeof one?.name === "string" &&
      ["numeric", "categorical"].includes(one.kind) &&
      [one.mean, one.scale, one.least, one.most, one.missingScale, one.missingShare].every(Number.isFinite) &&
      Array.isArray(one.categories) &&
      Array.isArray(one.shares) &&
      one.shares.length === one.categories.length,
  );

function decodeUnfamiliarity(tensors: Tensors): FittedUnfamiliarity {
  requireKind(tensors, KIND);
  const plans = requireJson(tensors, "features", areEncodings);
  const rows = requireJson(tensors, "rows", (value): value is number => Number.isInteger(value));
  const references = requireArray(tensors, "references", Float64Array);
  const usual = requireArray(tensors, "usual", Float64Array);
  if (plans.length > 0 && references.length % (2 * plans.length) !== 0) {
    throw new CairnError("ARTIFACT_CORRUPT", "expected whole reference rows, got a part of one", {
      hint: "train the model again",
    });
  }
  return fittedUnfamiliarity({ plans, rows, references, usual });
}
