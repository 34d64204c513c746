import type { Classifier } from "../../models/estimator.ts";
import { additive } from "../../models/off-track/additive/additive.ts";
import { baseRate } from "../../models/off-track/base-rate.ts";
import { boostedTrees } from "../../models/off-track/boosted-trees/boosted-trees.ts";
import { logistic } from "../../models/off-track/logistic.ts";
import { rule } from "../../models/off-track/rule.ts";
import { type Criterion, edFiCriteria, fires, ouladWeekCriteria } from "../../models/off-track/rule-criteria.ts";
import type { FeatureMatrix } from "../../numeric/matrix.ts";

// Sixty features and five hundred labelled learners: weights must be held back (docs/decisions/0007-labels.md has the table).
const SMALL_DISTRICT_PENALTY = 100;

/** What a district is warned by today: the ABC of Ed-Fi. */
const schoolRule = edFiCriteria({
  attendanceRate: "attendance_rate",
  stateOffenses: "state_offenses",
  conductOffenses: "conduct_incidents",
  mathematicsGrade: "mathematics_mark",
  englishGrade: "english_mark",
});

/** What a course is warned by where there is no attendance and no report card: work that is missing, and a low mean. */
const courseColumns: Readonly<Record<string, string>> = { missed: "work_missed", mean: "score_mean" };
const courseRule = ouladWeekCriteria.map((criterion) => ({
  ...criterion,
  feature: courseColumns[criterion.feature] ?? criterion.feature,
}));

/**
 * The candidates of early warning, the simpler first: inside the noise the simpler one is shown. The rule is the first of these that
 * can be read from the columns: half a rule is not what a district knows; without any there is none.
 * @param columns - the names of the training columns
 */
export function riskCandidates(columns: readonly string[]): Readonly<Record<string, Classifier>> {
  const criteria = readableRule(columns);
  return {
    baseRate: baseRate(),
    ...(criteria === undefined ? {} : { rule: rule({ criteria }) }),
    logisticShrunk: logistic({ penalty: SMALL_DISTRICT_PENALTY }),
    logistic: logistic(),
    additive: additive(),
    boostedTrees: boostedTrees(),
  };
}

function readableRule(columns: readonly string[]): readonly Criterion[] | undefined {
  const known = new Set(columns);
  return [schoolRule, courseRule].find((criteria) => criteria.every(({ feature }) => known.has(feature)));
}

/**
 * Whom the rule flags, at any level: it needs no learning.
 * @returns shape (rows), 1 for who is flagged; undefined without a rule that can be read from the columns
 */
export function ruleFlags({ rows, columns }: FeatureMatrix): Uint8Array | undefined {
  const criteria = readableRule(columns.map(({ name }) => name));
  if (criteria === undefined) return undefined;
  const flags = new Uint8Array(rows);
  for (const criterion of criteria) {
    const values = columns.find(({ name }) => name === criterion.feature)?.values ?? [];
    for (const [row, value] of values.entries()) if (fires(criterion, value)) flags[row] = 1;
  }
  return flags;
}

/** The recipes that can read back what training stored. */
export function riskRecipes(): readonly Classifier[] {
  return [baseRate(), rule({ criteria: schoolRule }), logistic(), additive(), boostedTrees()];
}
