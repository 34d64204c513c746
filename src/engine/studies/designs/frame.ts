import { adjustedHedgesG, clusterAdjustment, clusteredHedgesG } from "../../../models/study/effect-size.ts";
import { summarizeArm } from "../../../models/study/trial.ts";
import type { ArmsSample } from "../arms.ts";
import type { EstimateFrame } from "../estimate.ts";
import type { StudyPlan } from "../plan-shape.ts";

/** What all estimates of a sample with two arms share; `clustered` when whole clusters were assigned. */
export function armsFrame(plan: StudyPlan, sample: ArmsSample, clustered: boolean): EstimateFrame {
  const arm = (which: 0 | 1) => summarizeArm(sample.outcome.filter((_, row) => sample.treatment[row] === which));
  const [compared, treated] = [arm(0), arm(1)];
  const learners = treated.n + compared.n;
  const clusters = sample.clusters;
  return {
    level: plan.level,
    n: sample.n,
    clusters,
    effectSize: (effect, se) => {
      if (!(treated.squares + compared.squares > 0)) return null;
      if (!clustered || clusters === null) return adjustedHedgesG(treated, compared, effect, se, plan.level);
      const size = learners / (clusters.treatment + clusters.comparison);
      const adjustment = clusterAdjustment(learners, size, plan.intraclassCorrelation);
      return clusteredHedgesG(treated, compared, effect, se, adjustment, plan.level);
    },
  };
}
