import { CairnError } from "../../errors.ts";
import type { BalanceRow } from "../../models/study/diagnostics/balance.ts";
import { balanceTable } from "../../models/study/diagnostics/balance.ts";
import { type Posterior, posterior } from "../../models/study/diagnostics/multiplicity.ts";
import type { LeeBounds } from "../../models/study/diagnostics/sensitivity.ts";
import type { Support } from "../../models/study/weighting/weights.ts";
import { type Random, random } from "../../numeric/random.ts";
import { version } from "../../version.ts";
import type { ReportProgress } from "../progress.ts";
import { type ArmsSample, armColumns, armsSample, type SampleFlow } from "./arms.ts";
import { type Columns, readColumns } from "./columns.ts";
import { comparisonEstimators, estimateComparison } from "./designs/comparison.ts";
import { analyticWeights, comparisonBalance, prepareComparison, thin } from "./designs/comparison-sample.ts";
import {
  type CutoffDiagnostics,
  type CutoffFlow,
  cutoffColumns,
  cutoffDiagnostics,
  cutoffEstimators,
  estimateCutoff,
  prepareCutoff,
} from "./designs/discontinuity.ts";
import { estimateInstrument, type InstrumentFlow, instrumentColumns, prepareInstrument } from "./designs/instrument.ts";
import {
  estimatePanel,
  type PanelDiagnostics,
  type PanelFlow,
  panelColumns,
  panelDiagnostics,
  panelEstimators,
  preparePanel,
} from "./designs/panel.ts";
import { estimateTrial, trialEstimators } from "./designs/trial.ts";
import { estimateAll, type NotEstimated, type StudyEstimate } from "./estimate.ts";
import { type Heterogeneity, heterogeneityOf } from "./heterogeneity.ts";
import { planHash } from "./lock.ts";
import { designEstimators, type StudyPlan } from "./plan-shape.ts";
import { attritionBounds, comparisonSensitivity, type StudySensitivity } from "./sensitivity.ts";
import { type Subgroups, subgroupEffects } from "./subgroups.ts";
import { type StudyVerdict, verdictOf } from "./verdict.ts";

/** What the study says first, or why it says nothing. */
export interface Headline {
  readonly status: "estimated" | "blocked";
  /** The estimator whose first line is the answer. */
  readonly estimator: string;
  /** Why nothing is said; empty when something is. */
  readonly reasons: readonly string[];
  /** Probabilities under the plan's prior, of the effect in standard deviations; null without a prior or an effect size. */
  readonly posterior: Posterior | null;
}

/** Checks of a study; null where a design has none of a kind. */
export interface StudyDiagnostics {
  /** Before adjustment, weighted for the estimand, matched (the love plot's data). */
  readonly balance: {
    readonly before: readonly BalanceRow[];
    readonly weighted: readonly BalanceRow[] | null;
    readonly matched: readonly BalanceRow[] | null;
  } | null;
  readonly overlap: (Support & { readonly separated: boolean; readonly trimmed: number }) | null;
  readonly attritionBounds: LeeBounds | null;
  readonly sensitivity: StudySensitivity | null;
  readonly cutoff: CutoffDiagnostics | null;
  readonly panel: PanelDiagnostics | null;
}

/** What a study found: estimates, what became of the rows, and how far it can be trusted. */
export interface StudyReport {
  readonly question: string;
  readonly design: StudyPlan["design"];
  readonly legalBasis: string;
  readonly headline: Headline;
  readonly estimates: readonly StudyEstimate[];
  readonly notEstimated: readonly NotEstimated[];
  readonly subgroups: Subgroups | null;
  /** For whom it worked beyond the subgroups; null when the plan does not ask. */
  readonly heterogeneity: Heterogeneity | null;
  /** What became of the rows: by arm where there are arms. */
  readonly sample: SampleFlow | CutoffFlow | InstrumentFlow | PanelFlow;
  readonly diagnostics: StudyDiagnostics;
  /** Attrition, rating and evidence tier; null for designs that a reviewer must rate. */
  readonly verdict: StudyVerdict | null;
  readonly provenance: { readonly planHash: string; readonly version: string; readonly seed: string };
}

const none: StudyDiagnostics = {
  balance: null,
  overlap: null,
  attritionBounds: null,
  sensitivity: null,
  cutoff: null,
  panel: null,
};

/** A design's answer before the parts all designs share. */
type Answer = Pick<StudyReport, "estimates" | "notEstimated" | "subgroups" | "sample" | "diagnostics" | "verdict"> & {
  readonly blocked: readonly string[];
  readonly heterogeneity?: Heterogeneity | null;
};

type Tick = (done: number) => void;

/**
 * Runs a plan on a file. Learners without an outcome are left out of the estimates and counted as attrition of their arm; estimators that
 * cannot answer say why; a headline that the diagnostics do not allow is blocked.
 * @param path - CSV separated by commas, with a header; also gzipped, when its name ends in .gz
 * @throws CairnError `UNREADABLE_FILE`, `BAD_INPUT` for columns that are not there or cells that are not numbers, and what the estimators
 * throw when none of them could answer
 */
export async function runStudy(plan: StudyPlan, path: string, onProgress?: ReportProgress): Promise<StudyReport> {
  const read = await readColumns(path, [...columnsOf(plan), ...(plan.orderBy === undefined ? [] : [plan.orderBy])]);
  const columns = plan.orderBy === undefined ? read : read.orderedBy(plan.orderBy);
  const rng = random(plan.seed);
  const tick: Tick = (done) => onProgress?.("estimating", done);
  const { blocked: distrusted, heterogeneity = null, ...answer } = answerOf(plan, columns, rng, tick);
  const blocked = [...distrusted, ...headlineLost(plan, answer)];
  const first = answer.estimates[0]!;
  const effect = first.effectSize;
  return {
    question: plan.question,
    design: plan.design,
    legalBasis: plan.legalBasis,
    headline: {
      status: blocked.length > 0 ? "blocked" : "estimated",
      estimator: first.estimator,
      reasons: blocked,
      posterior:
        plan.prior === undefined || effect === null
          ? null
          : posterior(effect.g, effect.se, plan.prior, plan.meaningfulEffect ?? 0),
    },
    ...answer,
    heterogeneity,
    provenance: { planHash: planHash(plan), version, seed: plan.seed },
  };
}

/** A headline that could not be estimated is not handed on to the next line: what was registered, or an effect, is asked for. */
function headlineLost(
  { estimators }: StudyPlan,
  { estimates, notEstimated }: Pick<Answer, "estimates" | "notEstimated">,
): string[] {
  const registered = notEstimated.find(({ estimator }) => estimator === `study/${estimators?.[0]}`);
  const lost = registered ?? (estimates[0]!.estimand === "association" ? notEstimated[0] : undefined);
  return lost === undefined ? [] : [`The headline ${lost.estimator} could not be estimated: ${lost.reason}.`];
}

function columnsOf(plan: StudyPlan): string[] {
  if (plan.running !== undefined) return cutoffColumns(plan);
  if (plan.panel !== undefined) return panelColumns(plan);
  return plan.design === "instrumental-variable" ? instrumentColumns(plan) : armColumns(plan);
}

function answerOf(plan: StudyPlan, columns: Columns, rng: Random, tick: Tick): Answer {
  switch (plan.design) {
    case "regression-discontinuity": {
      const prepared = prepareCutoff(plan, columns);
      const found = estimateAll(
        plan.estimators ?? cutoffEstimators(plan),
        (name) => estimateCutoff(name, prepared),
        tick,
      );
      const diagnostics = { ...none, cutoff: cutoffDiagnostics(prepared) };
      return { ...found, subgroups: null, sample: prepared.flow, diagnostics, verdict: null, blocked: [] };
    }
    case "instrumental-variable": {
      const prepared = prepareInstrument(plan, columns);
      const wanted = plan.estimators ?? designEstimators[plan.design];
      const found = estimateAll(wanted, (name) => estimateInstrument(name, prepared), tick);
      return { ...found, subgroups: null, sample: prepared.flow, diagnostics: none, verdict: null, blocked: [] };
    }
    case "difference-in-differences": {
      const prepared = preparePanel(plan, columns);
      const found = estimateAll(
        plan.estimators ?? panelEstimators(prepared),
        (name) => estimatePanel(name, prepared),
        tick,
      );
      const diagnostics = { ...none, panel: panelDiagnostics(prepared, rng) };
      return { ...found, subgroups: null, sample: prepared.flow, diagnostics, verdict: null, blocked: [] };
    }
    case "comparison-group":
      return answerComparison(plan, armsSample(plan, columns), rng, tick);
    default:
      return answerTrial(plan, armsSample(plan, columns), rng, tick);
  }
}

function answerTrial(plan: StudyPlan, sample: ArmsSample, rng: Random, tick: Tick): Answer {
  const wanted = plan.estimators ?? trialEstimators(plan, sample);
  const found = estimateAll(wanted, (name) => estimateTrial(name, plan, sample, rng), tick);
  const headline = found.estimates[0]!;
  const verdict = verdictOf(plan, sample, headline);
  const name = headline.estimator.slice("study/".length);
  return {
    ...found,
    subgroups: subgroupsOf(plan, sample, (part) => estimateTrial(name, plan, part, rng)[0]!),
    heterogeneity: exploredIn(plan, sample, rng),
    sample: sample.flow,
    diagnostics: {
      ...none,
      balance: { before: balanceTable(sample.covariates, sample.treatment, "pooled"), weighted: null, matched: null },
      attritionBounds: attritionBounds(sample),
    },
    verdict,
    blocked:
      verdict.sampleRatio?.alarm === true
        ? ["The arms do not have the sizes the lot was to give them: the assignment or its record is broken."]
        : [],
  };
}

function answerComparison(plan: StudyPlan, whole: ArmsSample, rng: Random, tick: Tick): Answer {
  const prepared = prepareComparison(plan, whole);
  const wanted = plan.estimators ?? comparisonEstimators(plan);
  const found = estimateAll(wanted, (name) => estimateComparison(name, prepared, rng), tick);
  const headline = found.estimates[0]!;
  const { sample, support, scores, trimmed } = prepared;
  const name = headline.estimator.slice("study/".length);
  return {
    ...found,
    subgroups: subgroupsOf(plan, sample, (part) => estimateComparison(name, prepareComparison(plan, part), rng)[0]!),
    heterogeneity: exploredIn(plan, sample, rng),
    sample: whole.flow,
    diagnostics: {
      ...none,
      balance: comparisonBalance(prepared),
      overlap: { ...support, separated: scores.separated, trimmed },
      sensitivity: comparisonSensitivity(prepared, headline),
    },
    verdict: verdictOf(plan, sample, headline, analyticWeights(name, prepared)),
    blocked: blockedComparison(prepared),
  };
}

function exploredIn(plan: StudyPlan, sample: ArmsSample, rng: Random): Heterogeneity | null {
  return plan.heterogeneity === undefined ? null : heterogeneityOf(plan, sample, rng.derive("heterogeneity"));
}

/** Why a comparison group's headline may not be said. */
function blockedComparison({ support, sample, scores, plan }: ReturnType<typeof prepareComparison>): string[] {
  const reasons: string[] = [];
  if (thin(support, sample.n)) {
    const { treatment, comparison } = support.effectiveSize;
    const share = 100 * Math.max(support.largestShare.treatment, support.largestShare.comparison);
    reasons.push(
      `The weights for ${plan.estimand} leave an effective ${treatment.toFixed(1)} treated and ${comparison.toFixed(1)} compared learners; ` +
        `one carries ${share.toFixed(0)} % of an arm. Look at the spread of the estimates instead.`,
    );
  }
  if (scores.separated)
    reasons.push("Some learners were certain to be in one arm: nobody in the other can stand for them.");
  return reasons;
}

function subgroupsOf(
  plan: StudyPlan,
  sample: ArmsSample,
  estimate: (part: ArmsSample) => StudyEstimate,
): Subgroups | null {
  if (plan.subgroups.length === 0) return null;
  return subgroupEffects(plan, sample, (part) => {
    try {
      return estimate(part);
    } catch (error) {
      if (error instanceof CairnError && error.code !== "INTERNAL") return null;
      throw error;
    }
  });
}
