import { CairnError } from "../../errors.ts";
import { benjaminiHochberg } from "../../models/study/diagnostics/multiplicity.ts";
import { foldsOf } from "../../models/study/doubly-robust/cross-fit.ts";
import { aipwAverage } from "../../models/study/doubly-robust/estimates.ts";
import {
  bestLinearProjection,
  foretoldEffects,
  type SortedEffects,
  sortedEffects,
} from "../../models/study/heterogeneity/effects-by-learner.ts";
import type { Inference } from "../../models/study/regression/inference.ts";
import type { Random } from "../../numeric/random.ts";
import type { ArmsSample } from "./arms.ts";
import { nuisanceOf } from "./designs/comparison.ts";
import { intervalOf, type StudyEstimate } from "./estimate.ts";
import type { StudyPlan } from "./plan-shape.ts";

type Line = Pick<StudyEstimate, "effect" | "se" | "df" | "ci" | "p">;

/** For whom the intervention worked, beyond registered subgroups: explored, never the headline. */
export type Heterogeneity =
  | {
      readonly status: "explored";
      /** How the effect leans with each covariate, the others held. */
      readonly projection: readonly (Line & { readonly name: string })[];
      /** Learners sorted by the effect foretold for them, least first; p adjusted for their number. */
      readonly groups: readonly (Line & {
        readonly group: number;
        readonly n: { readonly treatment: number; readonly comparison: number };
        readonly adjustedP: number | null;
      })[];
      /** The group with the most foretold minus the one with the least. */
      readonly mostMinusLeast: Line;
      /** 1 when forecasts of the effect are right; an interval around 0 says that effects were not found to differ. */
      readonly calibration: Line;
      readonly folds: number;
    }
  | { readonly status: "undefined"; readonly reason: string };

/**
 * Effects by learner: doubly robust scores by cross-fitting, their best linear projection, and sorted groups by a DR-learner's forecasts
 * of the other folds. Undefined, with the reason, where it cannot be said or a group is smaller than the plan's least.
 * @throws CairnError only what is no fault of the sample
 */
export function heterogeneityOf(plan: StudyPlan, sample: ArmsSample, rng: Random): Heterogeneity {
  const { along, groups } = plan.heterogeneity!;
  const terms = sample.covariates.filter(({ name }) =>
    along.some((column) => name === column || name.startsWith(`${column}=`)),
  );
  try {
    const { scores } = aipwAverage(sample, nuisanceOf({ plan, sample }, rng));
    const folds = foldsOf(sample.outcome.length, plan.folds, sample.cluster);
    const sorted = sortedEffects(scores, foretoldEffects(scores, terms, folds), folds, groups, sample.cluster);
    const line = (inference: Inference): Line => intervalOf(inference, plan.level);
    return {
      status: "explored",
      projection: bestLinearProjection(scores, terms, sample.cluster).map(({ name, ...slope }) => ({
        name,
        ...line(slope),
      })),
      groups: shownGroups(plan, sample, sorted, line),
      mostMinusLeast: line(sorted.difference),
      calibration: line(sorted.calibration),
      folds: plan.folds,
    };
  } catch (error) {
    if (!(error instanceof CairnError) || error.code === "INTERNAL" || error.code === "CANCELLED") throw error;
    return { status: "undefined", reason: error.message };
  }
}

function shownGroups(
  { minimumGroup }: StudyPlan,
  { treatment }: ArmsSample,
  { group, effects }: SortedEffects,
  line: (inference: Inference) => Line,
) {
  const rows = effects.map(({ group: own, n: whole, ...inference }) => {
    const treated = treatment.reduce((sum, arm, row) => sum + (group[row] === own ? arm : 0), 0);
    return { group: own + 1, n: { treatment: treated, comparison: whole - treated }, ...line(inference) };
  });
  if (rows.some(({ n }) => Math.min(n.treatment, n.comparison) < minimumGroup)) {
    // All or none: one group left out would follow from the others.
    throw new CairnError(
      "BAD_INPUT",
      `expected ${minimumGroup} learners or more of each arm in every group, got fewer`,
      {
        hint: "ask for fewer groups",
      },
    );
  }
  const p = rows.map((row) => row.p).filter((value) => value !== null);
  const adjusted = benjaminiHochberg(p);
  let next = 0;
  return rows.map((row) => ({ ...row, adjustedP: row.p === null ? null : adjusted[next++]! }));
}
