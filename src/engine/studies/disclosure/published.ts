import { CairnError } from "../../../errors.ts";
import type { BalanceRow } from "../../../models/study/diagnostics/balance.ts";
import type { StudyPlan } from "../plan-shape.ts";
import type { StudyReport } from "../run-study.ts";
import type { SubgroupEstimate } from "../subgroups.ts";
import { auditTable, suppressTable } from "./suppress.ts";

/** What of a report's counts may be shown; the rest is left out of the page and of the numbers. */
export interface Published {
  /** Whether the analysed of each arm may stand beside the assigned: with them the losses are known. */
  readonly losses: boolean;
  /** Covariates whose difference between the arms may be drawn. */
  readonly covariates: ReadonlySet<string>;
  readonly subgroups: readonly SubgroupEstimate[];
}

/**
 * Puts every table of counts that a report shows, or lets a reader derive, through primary and complementary suppression: assigned and
 * lost by arm, the values of each yes/no covariate and category by arm, each subgroup column by arm.
 * @throws CairnError `FORBIDDEN` when an arm is smaller than the plan's `minimumGroup`, or a table cannot be protected
 * @see handbook privacy 2.2 and 2.3
 */
export function publishedParts(report: StudyReport, plan: StudyPlan): Published {
  const { sample, diagnostics } = report;
  const k = plan.minimumGroup;
  if (!("treatment" in sample)) {
    refuseSmall(Math.min(sample.rows, ...headlineCounts(report)), "in the analysis", k);
    return { losses: false, covariates: new Set(), subgroups: [] };
  }
  const { treatment, comparison } = sample;
  refuseSmall(Math.min(treatment.analysed, comparison.analysed), "analysed in each arm", k);
  const analysed = { treatment: treatment.analysed, comparison: comparison.analysed };
  const balance = diagnostics.balance?.before ?? [];
  const covariates = new Set(shownCovariates(balance, analysed, k));
  const subgroups = shownSubgroups(report, analysed, k);
  const losses = lossesMayBeShown([treatment, comparison], k);
  return { losses, covariates, subgroups };
}

function headlineCounts({ estimates }: StudyReport): number[] {
  return Object.values(estimates[0]!.n).filter((count) => count !== null);
}

function refuseSmall(count: number, where: string, k: number): void {
  if (count >= k) return;
  throw new CairnError("FORBIDDEN", `expected ${k} learners or more ${where}, got fewer: the report would show them`, {
    hint: "wait for a larger sample; `study run` prints the estimates for those who may see the rows",
  });
}

/** Nobody lost in either arm gives nobody away; else the table of assigned and lost must pass as it stands. */
function lossesMayBeShown(arms: readonly { readonly assigned: number; readonly analysed: number }[], k: number) {
  const counts = arms.map(({ assigned, analysed }) => [analysed, assigned - analysed]);
  if (counts.every(([, lost]) => lost === 0)) return true;
  return auditTable({ counts, hidden: counts.map((row) => row.map(() => false)) }, k).passes;
}

interface Analysed {
  readonly treatment: number;
  readonly comparison: number;
}

/** Counts by arm of the values of something, the values that are not named as one more row. */
function byArm(named: readonly Analysed[], { treatment, comparison }: Analysed): number[][] {
  const rest = named.reduce(
    (left, row) => [left[0]! - row.treatment, left[1]! - row.comparison],
    [treatment, comparison],
  );
  const rows = named.map((row) => [row.treatment, row.comparison]);
  return rest.every((count) => count === 0) ? rows : [...rows, rest];
}

/** Which of the named rows stay after suppression; all totals of the table count as known. */
function staying(named: readonly Analysed[], analysed: Analysed, k: number): boolean[] {
  const table = suppressTable(byArm(named, analysed), k);
  // No pattern of hidden cells protects it: nothing of it is shown, and no total of it either.
  if (table === null) return named.map(() => false);
  if (!auditTable(table, k).passes) {
    throw new CairnError("FORBIDDEN", "expected a table that passes the audit after suppression, got one that leaks", {
      hint: "leave the smallest covariate or subgroup out of the plan",
    });
  }
  return named.map((_, row) => !table.hidden[row]!.includes(true));
}

/** Measures are shown; yes/no columns and categories only where nobody could count the few of a kind from the difference. */
function shownCovariates(balance: readonly BalanceRow[], analysed: Analysed, k: number): string[] {
  const families = new Map<string, { covariate: string; yes: Analysed }[]>();
  const shown: string[] = [];
  for (const { covariate, yes } of balance) {
    if (yes === null) shown.push(covariate);
    else {
      const family = covariate.split("=", 1)[0]!;
      families.set(family, [...(families.get(family) ?? []), { covariate, yes }]);
    }
  }
  for (const family of families.values()) {
    const stays = staying(
      family.map(({ yes }) => yes),
      analysed,
      k,
    );
    shown.push(...family.filter((_, i) => stays[i]).map(({ covariate }) => covariate));
  }
  return shown;
}

function shownSubgroups({ subgroups }: StudyReport, analysed: Analysed, k: number): SubgroupEstimate[] {
  const all = subgroups?.shown ?? [];
  return [...new Set(all.map(({ column }) => column))].flatMap((column) => {
    const own = all.filter((each) => each.column === column);
    const counts = own.map(({ estimate: { n } }) => ({ treatment: n.treatment ?? 0, comparison: n.comparison ?? 0 }));
    const stays = staying(counts, analysed, k);
    return own.filter((_, i) => stays[i]);
  });
}
