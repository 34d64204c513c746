import { CairnError } from "../../errors.ts";
import { logit } from "../../numeric/log-odds.ts";
import type { FeatureMatrix } from "../../numeric/matrix.ts";
import type { Estimator, FittedClassifier, FittedModel, LabelledMatrix } from "../estimator.ts";
import { requireArray, requireJson, requireKind } from "./artifact-fields.ts";
import { checkCancelled, checkQuestion, checkTraining } from "./checks.ts";
import { type Criterion, checkCriteria, fires, isCriterion } from "./rule-criteria.ts";

const KIND = "off-track/rule";

/**
 * What a rule says of a learner, from no answer to the worst one; an answer's code is its place here. `early-warning` and
 * `at-risk` are flags. `unknown` means that every input is missing: it is never taken for "on track".
 */
export const ruleAnswers = ["unknown", "on-track", "early-warning", "at-risk"] as const;

/** The lowest code in {@link ruleAnswers} that is a flag. */
export const FIRST_FLAG = 2;

/** A rule with the outcome rates of its answers. */
export interface FittedRule extends FittedClassifier {
  readonly criteria: readonly Criterion[];
  /**
   * The rule's answer per row.
   * @param out - shape (matrix.rows), overwritten with codes of {@link ruleAnswers}
   */
  answer(matrix: FeatureMatrix, out: Uint8Array): void;
  /**
   * The reasons: which criteria fired.
   * @param out - shape (matrix.rows × criteria.length), row-major, overwritten with 0 and 1
   */
  fired(matrix: FeatureMatrix, out: Uint8Array): void;
}

/** Whether a fitted model is a rule and can be asked for its flags. */
export function isFittedRule(model: FittedModel): model is FittedRule {
  return model.kind === KIND;
}

/** What {@link rule} takes. */
export interface RuleOptions {
  readonly criteria: readonly Criterion[];
  /** Rows of the base rate mixed into each answer's outcome rate, so that a rare answer is not certain; over 0, default 10. */
  readonly shrinkageRows?: number;
}

/**
 * A rule such as a district knows it: criteria combined as the worst of those that fire. It needs no learning to answer;
 * `fit` only measures the outcome rate of each answer, (positives + m·base)/(rows + m), so that the rule gives
 * probabilities and can stand beside the models. Additive reasons share the answer's log-odds among the criteria behind it.
 * @throws CairnError `BAD_INPUT` for criteria that are not well formed
 */
export function rule({ criteria, shrinkageRows = 10 }: RuleOptions): Estimator<LabelledMatrix, FittedRule> {
  checkCriteria(criteria);
  if (!(shrinkageRows > 0 && Number.isFinite(shrinkageRows))) {
    throw new CairnError("BAD_INPUT", `expected shrinkageRows over 0, got ${shrinkageRows}`);
  }
  return {
    kind: KIND,
    parameters: { criteria: criteria.map((criterion) => JSON.stringify(criterion)), shrinkageRows },
    fit(input, context) {
      checkCancelled(context);
      const base = checkTraining(input) / input.labels.length;
      const unfitted = fittedRule(criteria, base, new Float64Array(ruleAnswers.length).fill(base));
      const rates = answerRates(unfitted, input, base, shrinkageRows);
      context.onProgress?.(1);
      return fittedRule(criteria, base, rates);
    },
    decode(tensors) {
      requireKind(tensors, KIND);
      const stored = requireJson(
        tensors,
        "criteria",
        (value): value is Criterion[] => Array.isArray(value) && value.length > 0 && value.every(isCriterion),
      );
      const base = requireArray(tensors, "base", Float64Array, 1)[0]!;
      return fittedRule(stored, base, requireArray(tensors, "rates", Float64Array, ruleAnswers.length));
    },
  };
}

function answerRates(
  model: FittedRule,
  { matrix, labels }: LabelledMatrix,
  base: number,
  shrinkageRows: number,
): Float64Array {
  const answers = new Uint8Array(matrix.rows);
  model.answer(matrix, answers);
  const rows = new Float64Array(ruleAnswers.length);
  const positives = new Float64Array(ruleAnswers.length);
  for (let row = 0; row < answers.length; row++) {
    rows[answers[row]!]! += 1;
    positives[answers[row]!]! += labels[row]!;
  }
  return positives.map((count, code) => (count + shrinkageRows * base) / (rows[code]! + shrinkageRows));
}

function fittedRule(givenCriteria: readonly Criterion[], base: number, rates: Float64Array): FittedRule {
  const criteria = Object.freeze(givenCriteria.map((criterion) => Object.freeze({ ...criterion })));
  const features = Object.freeze([...new Set(criteria.map(({ feature }) => feature))]);
  const columnOf = criteria.map(({ feature }) => features.indexOf(feature));
  const levelOf = criteria.map(({ level }) => ruleAnswers.indexOf(level));

  const columnsOf = (matrix: FeatureMatrix, length: number, width: number): Float64Array[] => {
    const { columns } = checkQuestion(matrix, features, length, width);
    const categorical = columns.find(({ kind }) => kind === "categorical");
    if (categorical !== undefined) {
      throw new CairnError("BAD_INPUT", `expected numbers in column "${categorical.name}", got categories`, {
        hint: "compare a numeric column",
      });
    }
    return columns.map(({ values }) => values);
  };
  const answerOf = (columns: readonly Float64Array[], row: number): number => {
    let worst = columns.every((values) => Number.isNaN(values[row]!)) ? 0 : 1;
    for (let c = 0; c < criteria.length; c++) {
      if (levelOf[c]! > worst && fires(criteria[c]!, columns[columnOf[c]!]![row]!)) worst = levelOf[c]!;
    }
    return worst;
  };
  /** Whether a criterion stands behind an answer: it fired at that level, or could have fired and did not. */
  const supports = (c: number, answer: number, value: number): boolean => {
    if (answer === 0) return true;
    return answer === 1 ? !Number.isNaN(value) : levelOf[c] === answer && fires(criteria[c]!, value);
  };

  return {
    kind: KIND,
    criteria,
    features,
    answer(matrix, out) {
      const columns = columnsOf(matrix, out.length, 1);
      for (let row = 0; row < matrix.rows; row++) out[row] = answerOf(columns, row);
    },
    fired(matrix, out) {
      const columns = columnsOf(matrix, out.length, criteria.length);
      for (let row = 0, offset = 0; row < matrix.rows; row++, offset += criteria.length) {
        for (let c = 0; c < criteria.length; c++) {
          out[offset + c] = fires(criteria[c]!, columns[columnOf[c]!]![row]!) ? 1 : 0;
        }
      }
    },
    predict(matrix, out) {
      const columns = columnsOf(matrix, out.length, 1);
      for (let row = 0; row < matrix.rows; row++) out[row] = rates[answerOf(columns, row)]!;
    },
    explain(matrix, out) {
      const width = features.length + 1;
      const columns = columnsOf(matrix, out.length, width);
      out.fill(0);
      for (let row = 0, offset = 0; row < matrix.rows; row++, offset += width) {
        const answer = answerOf(columns, row);
        const surplus = logit(rates[answer]!) - logit(base);
        let count = 0;
        for (let c = 0; c < criteria.length; c++) if (supports(c, answer, columns[columnOf[c]!]![row]!)) count++;
        for (let c = 0; c < criteria.length; c++) {
          if (supports(c, answer, columns[columnOf[c]!]![row]!)) out[offset + columnOf[c]!]! += surplus / count;
        }
        out[offset + features.length] = logit(base);
      }
    },
    encode: () => ({
      metadata: { kind: KIND, criteria: JSON.stringify(criteria) },
      arrays: { base: Float64Array.of(base), rates: rates.slice() },
    }),
  };
}
