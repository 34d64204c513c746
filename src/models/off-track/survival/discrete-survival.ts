import { CairnError } from "../../../errors.ts";
import type { FeatureColumn, FeatureMatrix } from "../../../numeric/matrix.ts";
import type { Tensors } from "../../artifact.ts";
import type { Classifier, Estimator, FittedClassifier, FittedModel } from "../../estimator.ts";
import { requireArray, requireKind } from "../artifact-fields.ts";
import { nestedContext, nestedParameters, nestedTensors, nestTensors } from "../calibration/nested.ts";
import { checkCancelled } from "../checks.ts";
import type { PersonPeriods } from "./person-periods.ts";

const KIND = "off-track/discrete-survival";
const WEEK = "week at risk"; // the column that carries the clock

/** What {@link discreteSurvival} takes. */
export interface DiscreteSurvivalOptions {
  /**
   * How the recipe sees the week: `each` week a category of its own (with logistic regression a baseline hazard of any shape),
   * or a `number` (trees cut it where they like; lines draw a straight trend). Default `each`.
   */
  readonly clock?: "each" | "number";
}

/** A fitted model of when. */
export interface FittedSurvival extends FittedModel {
  /** The columns it reads, by name; the week is given beside them. */
  readonly features: readonly string[];
  /** The weeks it learned from; it says nothing beyond them. */
  readonly weeks: { readonly first: number; readonly last: number };
  /**
   * The chance that the event comes in the row's week, given that it has not come before.
   * @param week - shape (matrix.rows)
   * @param out - shape (matrix.rows), overwritten; each in [0, 1]
   * @throws CairnError `UNKNOWN_FEATURE`, `SHAPE_MISMATCH`, `BAD_INPUT` for a week it did not learn from
   */
  hazard(matrix: FeatureMatrix, week: Int32Array, out: Float64Array): void;
  /**
   * The chance to be still without the event after each week, for learners at risk at the start of `from` and as they are then.
   * @param out - shape (matrix.rows × (to − from + 1)), row-major, overwritten; falls along a row
   * @throws CairnError as {@link hazard}
   */
  survival(matrix: FeatureMatrix, from: number, to: number, out: Float64Array): void;
  /**
   * Additive reasons for the hazard of the row's week, in log-odds: one per feature, then the week, then the base.
   * @param out - shape (matrix.rows × (features.length + 2)), row-major, overwritten
   */
  explain(matrix: FeatureMatrix, week: Int32Array, out: Float64Array): void;
}

/**
 * Discrete-time survival: when, not only whether. Any yes/no recipe learns the hazard from one row per learner and week at risk;
 * S(t) = Π(1 − hazard). Learners who transfer, or whose data end, are censored: their rows stop and count for nothing after.
 * Censoring must not depend on the risk beyond the features: who leaves because of it makes the hazard look low.
 * The validation of such a model keeps the rows of a learner together.
 * `fit` throws what the recipe throws, `SINGLE_CLASS` without an event, `SHAPE_MISMATCH` and `BAD_INPUT`.
 * @see Singer and Willett (1993), Journal of Educational Statistics 18(2), equations 7 and 8; Suresh, Severn and Ghosh (2022), BMC
 *   Medical Research Methodology 22
 */
export function discreteSurvival(
  recipe: Classifier,
  { clock = "each" }: DiscreteSurvivalOptions = {},
): Estimator<PersonPeriods, FittedSurvival> {
  return {
    kind: KIND,
    parameters: { clock, ...nestedParameters(recipe.kind, recipe.parameters) },
    fit(input, context) {
      checkCancelled(context);
      checkPeriods(input);
      const weeks = {
        first: input.week.reduce((a, b) => Math.min(a, b), input.week[0]!),
        last: input.week.reduce((a, b) => Math.max(a, b), 0),
      };
      const matrix = withClock(input.matrix, input.week, clock, weeks);
      const model = recipe.fit({ matrix, labels: input.event }, nestedContext(context, "hazard", 0, 1));
      context.onProgress?.(1);
      return fittedSurvival(model, clock, weeks);
    },
    decode(tensors) {
      requireKind(tensors, KIND);
      const [first, last] = requireArray(tensors, "weeks", Int32Array, 2);
      return fittedSurvival(recipe.decode(nestedTensors(tensors, "model")), clock, { first: first!, last: last! });
    },
  };
}

function checkPeriods({ matrix, week, event }: PersonPeriods): void {
  if (week.length !== matrix.rows || event.length !== matrix.rows) {
    throw new CairnError(
      "SHAPE_MISMATCH",
      `expected a week and an event per row, got ${matrix.rows} rows, ${week.length} weeks and ${event.length} events`,
    );
  }
  if (week.some((at) => at < 0)) throw new CairnError("BAD_INPUT", "expected weeks from 0, got a negative one");
  if (matrix.columns.some(({ name }) => name === WEEK))
    throw new CairnError("BAD_INPUT", `expected no column named "${WEEK}", got one: it is the clock's name`);
}

/** The matrix and the clock as one more column. */
function withClock(
  { rows, columns }: FeatureMatrix,
  week: Int32Array,
  clock: "each" | "number",
  { first, last }: FittedSurvival["weeks"],
): FeatureMatrix {
  const column: FeatureColumn =
    clock === "number"
      ? { name: WEEK, kind: "numeric", values: Float64Array.from(week) }
      : {
          name: WEEK,
          kind: "categorical",
          categories: Array.from({ length: last - first + 1 }, (_, at) => String(first + at)),
          values: Float64Array.from(week, (at) => at - first),
        };
  return { rows, columns: [...columns, column] };
}

function fittedSurvival(
  model: FittedClassifier,
  clock: "each" | "number",
  weeks: FittedSurvival["weeks"],
): FittedSurvival {
  const features = Object.freeze(model.features.filter((name) => name !== WEEK));
  const ask = (matrix: FeatureMatrix, week: Int32Array): FeatureMatrix => {
    if (week.length !== matrix.rows)
      throw new CairnError(
        "SHAPE_MISMATCH",
        `expected a week per row, got ${matrix.rows} rows and ${week.length} weeks`,
      );
    const beyond = week.find((at) => at < weeks.first || at > weeks.last);
    if (beyond === undefined) return withClock(matrix, week, clock, weeks);
    throw new CairnError("BAD_INPUT", `expected weeks from ${weeks.first} to ${weeks.last}, got ${beyond}`, {
      hint: "a hazard is known only for weeks in which learners were followed",
    });
  };
  const hazard = (matrix: FeatureMatrix, week: Int32Array, out: Float64Array): void =>
    model.predict(ask(matrix, week), out);
  return {
    kind: KIND,
    features,
    weeks,
    hazard,
    survival(matrix, from, to, out) {
      const width = to - from + 1;
      if (!(width >= 1) || out.length !== matrix.rows * width) {
        throw new CairnError(
          "SHAPE_MISMATCH",
          `expected room for ${matrix.rows} × ${width} numbers, got ${out.length}`,
        );
      }
      const own = new Float64Array(matrix.rows);
      for (let at = 0; at < width; at++) {
        hazard(matrix, new Int32Array(matrix.rows).fill(from + at), own);
        for (let row = 0; row < own.length; row++)
          out[row * width + at] = (at === 0 ? 1 : out[row * width + at - 1]!) * (1 - own[row]!);
      }
    },
    explain(matrix, week, out) {
      const width = features.length + 2;
      if (out.length !== matrix.rows * width)
        throw new CairnError(
          "SHAPE_MISMATCH",
          `expected room for ${matrix.rows} × ${width} numbers, got ${out.length}`,
        );
      const inner = model.features.length + 1;
      const own = new Float64Array(matrix.rows * inner);
      model.explain(ask(matrix, week), own);
      const clockAt = model.features.indexOf(WEEK); // −1 where the recipe left a clock out that never moved
      const places = model.features.map((name) => (name === WEEK ? features.length : features.indexOf(name)));
      out.fill(0);
      for (let row = 0; row < matrix.rows; row++) {
        for (const [feature, place] of places.entries()) out[row * width + place] = own[row * inner + feature]!;
        if (clockAt < 0) out[row * width + features.length] = 0;
        out[row * width + width - 1] = own[row * inner + inner - 1]!;
      }
    },
    encode: (): Tensors => {
      const nested = nestTensors({ kind: KIND }, { model: model.encode() });
      return { ...nested, arrays: { ...nested.arrays, weeks: Int32Array.of(weeks.first, weeks.last) } };
    },
  };
}
