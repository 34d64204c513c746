import type { Classifier } from "../../models/estimator.ts";
import { baseRate } from "../../models/off-track/base-rate.ts";
import { boostedTrees } from "../../models/off-track/boosted-trees/boosted-trees.ts";
import { logistic } from "../../models/off-track/logistic.ts";
import { rule } from "../../models/off-track/rule.ts";
import { edFiCriteria } from "../../models/off-track/rule-criteria.ts";

// Sixty features and five hundred labelled learners: weights must be held back (docs/decisions/0007-labels.md has the table).
const SMALL_DISTRICT_PENALTY = 100;

/** The candidates of early warning, the simpler first: inside the noise the simpler one is shown. */
export function riskCandidates(): {
  readonly baseRate: Classifier;
  readonly rule: Classifier;
  readonly logisticShrunk: Classifier;
  readonly logistic: Classifier;
  readonly boostedTrees: Classifier;
} {
  const criteria = edFiCriteria({
    attendanceRate: "attendance_rate",
    stateOffenses: "state_offenses",
    conductOffenses: "conduct_incidents",
    mathematicsGrade: "mathematics_mark",
    englishGrade: "english_mark",
  });
  return {
    baseRate: baseRate(),
    rule: rule({ criteria }),
    logisticShrunk: logistic({ penalty: SMALL_DISTRICT_PENALTY }),
    logistic: logistic(),
    boostedTrees: boostedTrees(),
  };
}

/** The recipes that can read back what training stored. */
export function riskRecipes(): readonly Classifier[] {
  return Object.values(riskCandidates());
}
