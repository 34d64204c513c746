import { benjaminiHochberg } from "../../models/study/diagnostics/multiplicity.ts";
import { type ArmsSample, restrict } from "./arms.ts";
import type { StudyEstimate } from "./estimate.ts";
import type { StudyPlan } from "./plan-shape.ts";

/** An effect in one registered subgroup. */
export interface SubgroupEstimate {
  readonly column: string;
  readonly value: string;
  readonly estimate: StudyEstimate;
  /** p adjusted for all subgroups of the study (Benjamini and Hochberg); null without a p. */
  readonly adjustedP: number | null;
}

/** The registered subgroups: those with enough learners in each arm, and how many were too small to be shown. */
export interface Subgroups {
  readonly shown: readonly SubgroupEstimate[];
  readonly tooSmall: number;
  /** Subgroups large enough whose effect could not be estimated. */
  readonly notEstimated: number;
}

/**
 * The effect in each registered subgroup, by the given estimator. When a subgroup of a column is too small, so is the next smallest of that
 * column hidden if it is the only one: its size would follow by subtraction.
 */
export function subgroupEffects(
  plan: StudyPlan,
  sample: ArmsSample,
  estimate: (part: ArmsSample) => StudyEstimate | null,
): Subgroups {
  const found: Omit<SubgroupEstimate, "adjustedP">[] = [];
  let tooSmall = 0;
  let notEstimated = 0;
  for (const column of plan.subgroups) {
    const { codes, labels } = sample.groups.get(column)!;
    const parts = labels.map((value, code) => ({ value, part: restrict(sample, (row) => codes[row] === code) }));
    for (const { value, part } of visible(parts, plan.minimumGroup, (count) => (tooSmall += count))) {
      const row = estimate(part);
      if (row === null) notEstimated++;
      else found.push({ column, value, estimate: { ...row, part: `${column} = ${value}` } });
    }
  }
  const p = found.map((each) => each.estimate.p).filter((value) => value !== null);
  const adjusted = benjaminiHochberg(p);
  let next = 0;
  return {
    shown: found.map((each) => ({ ...each, adjustedP: each.estimate.p === null ? null : adjusted[next++]! })),
    tooSmall,
    notEstimated,
  };
}

function visible<T extends { readonly part: ArmsSample }>(
  parts: readonly T[],
  least: number,
  hide: (count: number) => void,
): T[] {
  const size = ({ part }: T): number => Math.min(part.n.treatment, part.n.comparison);
  const there = parts.filter(({ part }) => part.outcome.length > 0);
  const large = there.filter((part) => size(part) >= least);
  const small = there.length - large.length;
  if (small === 1 && large.length > 0) {
    const next = large.reduce((a, b) => (size(b) < size(a) ? b : a));
    hide(2);
    return large.filter((part) => part !== next);
  }
  hide(small);
  return large;
}
