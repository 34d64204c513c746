import type { Classifier } from "../../models/estimator.ts";
import { baseRate } from "../../models/off-track/base-rate.ts";
import { boostedTrees } from "../../models/off-track/boosted-trees/boosted-trees.ts";
import { logistic } from "../../models/off-track/logistic.ts";
import { rule } from "../../models/off-track/rule.ts";
import { edFiCriteria } from "../../models/off-track/rule-criteria.ts";

/** The candidates of early warning, the simpler first: inside the noise the simpler one is shown. */
export function riskCandidates(): {
  readonly baseRate: Classifier;
  readonly rule: Classifier;
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
  return { baseRate: baseRate(), rule: rule({ criteria }), logistic: logistic(), boostedTrees: boostedTrees() };
}

/** The recipes that can read back what training stored. */
export function riskRecipes(): readonly Classifier[] {
  return Object.values(riskCandidates());
}
