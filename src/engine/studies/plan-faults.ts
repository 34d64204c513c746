import type { StudyDesign, StudyPlan } from "./plan-shape.ts";

type Part =
  | "treatment"
  | "clusters"
  | "blocks"
  | "received"
  | "instruments"
  | "running"
  | "panel"
  | "matching"
  | "trim";

/** Which parts of a plan a design must have and which mean nothing to it. */
const rules: Readonly<
  Record<StudyDesign, { readonly needed: readonly Part[]; readonly meaningless: readonly Part[] }>
> = {
  "individual-trial": { needed: ["treatment"], meaningless: ["instruments", "running", "panel", "matching", "trim"] },
  "cluster-trial": {
    needed: ["treatment", "clusters"],
    meaningless: ["instruments", "running", "panel", "matching", "trim"],
  },
  "comparison-group": { needed: ["treatment"], meaningless: ["blocks", "received", "instruments", "running", "panel"] },
  "regression-discontinuity": {
    needed: ["running"],
    meaningless: ["treatment", "blocks", "instruments", "panel", "matching", "trim"],
  },
  "instrumental-variable": {
    needed: ["received", "instruments"],
    meaningless: ["treatment", "blocks", "running", "panel", "matching", "trim"],
  },
  "difference-in-differences": {
    needed: ["panel"],
    meaningless: ["treatment", "blocks", "received", "instruments", "running", "matching", "trim"],
  },
};

/** What each estimator needs of a plan beyond its design, said as a reader would. */
const estimatorNeeds: Readonly<Record<string, readonly Part[] | "covariates">> = {
  "blocked-difference": ["blocks"],
  "blocked-cluster-means": ["blocks"],
  "complier-effect": ["received"],
  cuped: "covariates",
  lin: "covariates",
};

const words: Readonly<Record<Part, string>> = {
  treatment: "the arms",
  clusters: "what was assigned as a whole",
  blocks: "within what the lot was drawn",
  received: "the treatment taken up",
  instruments: "what moved the treatment",
  running: "the score and the cutoff",
  panel: "units and periods",
  matching: "how to match",
  trim: "which chances to keep",
};

/** Which parts a design needs and a document lacks, also when the document is no plan yet; empty when its design is not known. */
export function missingParts(document: unknown): string[] {
  if (document === null || typeof document !== "object") return [];
  const written = document as Readonly<Record<string, unknown>>;
  const design = written.design as StudyDesign;
  if (!Object.hasOwn(rules, String(design))) return [];
  return rules[design].needed
    .filter((part) => written[part] === undefined)
    .map((part) => `${part}: needed for ${article(design)} (${words[part]})`);
}

/** What is wrong with a well-formed plan, one sentence each; empty when nothing is. */
export function planFaults(plan: StudyPlan, allowed: readonly string[]): string[] {
  const { meaningless } = rules[plan.design];
  const faults = missingParts(plan);
  for (const part of meaningless) {
    if (plan[part] !== undefined) faults.push(`${part}: means nothing to ${article(plan.design)}`);
  }
  if (plan.treatment !== undefined && plan.treatment.treated === plan.treatment.comparison) {
    faults.push("treatment.comparison: must be another value than treated");
  }
  for (const estimator of plan.estimators ?? []) faults.push(...estimatorFaults(estimator, plan, allowed));
  if (plan.standardErrors?.startsWith("CR") && plan.clusters === undefined) {
    faults.push(`clusters: needed for ${plan.standardErrors}`);
  }
  const { firstTreated, treated, start } = plan.panel ?? {};
  if (plan.panel !== undefined && (firstTreated === undefined) === (treated === undefined)) {
    faults.push("panel: expected one of firstTreated and treated");
  }
  if (start !== undefined && treated === undefined) faults.push("panel.start: means something only beside treated");
  faults.push(...heterogeneityFaults(plan));
  if (plan.trim !== undefined && !(plan.trim.low >= 0 && plan.trim.low < plan.trim.high && plan.trim.high <= 1)) {
    faults.push("trim: expected 0 ≤ low < high ≤ 1");
  }
  return faults;
}

function heterogeneityFaults({ heterogeneity, treatment, design, covariates: named = [] }: StudyPlan): string[] {
  if (heterogeneity === undefined) return [];
  if (treatment === undefined) return [`heterogeneity: means nothing to ${article(design)}`];
  const there = new Set(named.map((covariate) => (typeof covariate === "string" ? covariate : covariate.column)));
  return heterogeneity.along
    .filter((column) => !there.has(column))
    .map((column) => `heterogeneity.along: "${column}" is not among the covariates`);
}

function estimatorFaults(estimator: string, plan: StudyPlan, allowed: readonly string[]): string[] {
  if (!allowed.includes(estimator)) {
    return [`estimators: "${estimator}" is not one of ${article(plan.design)}: ${allowed.join(", ")}`];
  }
  const needs = estimatorNeeds[estimator] ?? [];
  if (needs === "covariates") return covariates(plan) === 0 ? [`covariates: needed for ${estimator}`] : [];
  return (needs as readonly Part[])
    .filter((part) => plan[part] === undefined)
    .map((part) => `${part}: needed for ${estimator} (${words[part]})`);
}

function covariates(plan: StudyPlan): number {
  return plan.covariates?.length ?? 0;
}

function article(design: StudyDesign): string {
  return `a ${design.replaceAll("-", " ")}`.replace("a i", "an i");
}
