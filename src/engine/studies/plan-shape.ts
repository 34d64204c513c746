import { z } from "zod";

const name = z.string().min(1);
const column = z.strictObject({ column: name });
/** A value of a column; `1` stands for every cell that says one, such as 1.0. */
const cellValue = z.union([z.string(), z.number()]).transform(String);

const covariate = z.union([
  name,
  z.strictObject({
    column: name,
    as: z.enum(["number", "category"]).optional().describe("Default: a number when every cell is one"),
    power: z.int().min(2).max(5).optional().describe("The column to this power, such as age squared"),
    times: name.optional().describe("The column times this other one"),
  }),
]);

/** The estimators of each design, the default ones first; what `estimators` of a plan may name. */
export const designEstimators = {
  "individual-trial": [
    "difference-in-means",
    "blocked-difference",
    "ancova",
    "lin",
    "cuped",
    "loop",
    "mixed-model",
    "randomization-inference",
    "complier-effect",
  ],
  "cluster-trial": [
    "cluster-difference/learner",
    "cluster-difference/cluster",
    "ancova",
    "lin",
    "blocked-cluster-means",
    "mixed-model",
    "wild-bootstrap",
    "randomization-inference",
    "complier-effect",
  ],
  "comparison-group": [
    "difference-in-means",
    "regression",
    "regression-adjustment",
    "ipw",
    "overlap-weights",
    "entropy-balancing",
    "matching",
    "matching-regression",
    "matching-g-computation",
    "subclassification",
    "aipw",
    "aipw-stacked",
    "ipwra",
    "aipw-cross-fitted",
    "partially-linear",
  ],
  "regression-discontinuity": ["robust", "conventional", "honest"],
  "instrumental-variable": ["two-stage-least-squares", "least-squares"],
  "difference-in-differences": [
    "group",
    "dynamic",
    "simple",
    "calendar",
    "group-time",
    "two-way-fixed-effects",
    "two-by-two",
  ],
} as const;

/** How the answer was made possible. */
export type StudyDesign = keyof typeof designEstimators;

/** The published form of a plan; `z.toJSONSchema` of it is what `cairn study schema` prints. */
export const planShape = z.strictObject({
  question: name.describe("What the study asks, in one sentence"),
  legalBasis: name.describe("Why the data may be used: a studies agreement, consent, or publicly released data"),
  design: z
    .enum(Object.keys(designEstimators) as [StudyDesign, ...StudyDesign[]])
    .describe("How the answer was made possible: by lot (learners, or whole classes), by comparison, by a cutoff, …"),
  treatment: z
    .strictObject({ column: name, treated: cellValue, comparison: cellValue })
    .optional()
    .describe(
      "Trials and comparison groups: the column of the arms and its two values; other rows are not of the sample",
    ),
  outcome: column.describe("A numeric column; empty means the outcome is missing (attrition)"),
  covariates: z.array(covariate).optional().describe("Measured before the start; adjusted for and checked for balance"),
  treatmentCovariates: z.array(covariate).optional().describe("Of the chance of treatment; default the covariates"),
  missingCovariates: z
    .enum(["drop", "indicator"])
    .default("drop")
    .describe("Rows that lack a covariate: left out and counted, or kept with the mean and an indicator"),
  clusters: column.optional().describe("What was assigned as a whole, or what standard errors must hold together"),
  blocks: column.optional().describe("Within whose values the lot was drawn: schools, cohorts, pairs"),
  received: column
    .optional()
    .describe("The treatment taken up (0/1 or a dose): complier effects, fuzzy cutoffs, instruments"),
  instruments: z.array(name).optional().describe("Instrumental variables: numeric columns that moved the treatment"),
  running: z
    .strictObject({
      column: name,
      cutoff: z.number(),
      treated: z
        .enum(["above", "below"])
        .default("above")
        .describe("Which side was treated; `above` includes the cutoff"),
      kernel: z.enum(["triangular", "uniform", "epanechnikov"]).default("triangular"),
      order: z.int().min(1).max(2).default(1).describe("Of the local polynomial"),
      bandwidth: z
        .union([z.number().gt(0), z.enum(["mserd", "msetwo", "msesum", "cerrd", "certwo", "cersum", "ik"])])
        .default("mserd")
        .describe("A width in the units of the score, or the rule that chooses it"),
      biasBandwidth: z.number().gt(0).optional().describe("With a bandwidth given as a number; default the same"),
      residuals: z.enum(["NN", "HC0", "HC1", "HC2", "HC3"]).default("NN"),
      massPoints: z.boolean().default(true).describe("Whether repeated scores count once in the bandwidth"),
      curvature: z.number().min(0).optional().describe("Largest second derivative: asks for the honest interval"),
      donut: z.number().min(0).default(0).describe("Rows this near to the cutoff, or nearer, are left out"),
    })
    .optional()
    .describe("Regression discontinuity: the score and the cutoff that decided"),
  panel: z
    .strictObject({
      unit: name,
      period: name.describe("A numeric column: year, term, wave"),
      firstTreated: name.optional().describe("A column with the first period of treatment; 0 or empty for never"),
      treated: name.optional().describe("Instead: a 0/1 column; with `start` of ever, without of now"),
      start: z.number().optional().describe("The first period of treatment of those who are ever treated"),
      control: z.enum(["never", "not-yet"]).default("never"),
      anticipation: z.int().min(0).default(0),
    })
    .optional()
    .describe("Difference in differences: one row per unit and period"),
  randomEffects: z
    .array(z.strictObject({ column: name, slopes: z.array(name).default([]) }))
    .optional()
    .describe("Mixed models: groupings whose intercepts (and slopes) differ; default the clusters"),
  estimand: z.enum(["ATE", "ATT", "ATC", "ATO"]).default("ATT").describe("Comparison groups: whose effect"),
  link: z.enum(["logit", "probit"]).default("logit").describe("Of the chance of treatment"),
  matching: z
    .strictObject({
      distance: z.enum(["probability", "linear"]).default("probability").describe("On the chance itself or its link"),
      replacement: z.boolean().default(false),
      ratio: z.int().min(1).default(1),
      caliper: z.number().gt(0).optional().describe("Largest distance, in its standard deviations"),
      exact: z.array(name).default([]).describe("Only learners alike in these columns are matched"),
      preferWithin: name.optional().describe("Matches within the same value come first (school)"),
    })
    .optional(),
  trim: z
    .strictObject({ low: z.number(), high: z.number() })
    .optional()
    .describe("Keep chances of treatment between these"),
  folds: z.int().min(2).default(5).describe("Of cross-fitting; units go to folds in the order of the file"),
  learner: z.enum(["linear", "boosted-trees"]).default("linear").describe("What cross-fitting learns chances with"),
  estimators: z.array(name).optional().describe("Default: those the plan's columns allow; the first is the headline"),
  standardErrors: z
    .enum(["classical", "HC0", "HC1", "HC2", "HC3", "CR0", "CR1", "CR1p", "CR1S", "CR2", "CR3"])
    .optional()
    .describe("Of regressions; default CR2 with clusters, HC2 without; CR1S or HC1 for two stages"),
  subgroups: z.array(name).default([]).describe("Columns, registered before outcomes were seen"),
  heterogeneity: z
    .strictObject({
      along: z.array(name).min(1).describe("Columns among the covariates that may move the effect"),
      groups: z.int().min(2).max(10).default(4).describe("Of learners sorted by the effect foretold for them"),
    })
    .optional()
    .describe("Trials and comparison groups: for whom it worked, explored beyond the subgroups"),
  sites: column.optional().describe("School or district of each learner, for the evidence tier"),
  attritionBoundary: z.enum(["cautious", "optimistic"]).default("cautious"),
  compromised: z.boolean().default(false).describe("Whether joiners, swaps or a broken lot undid the randomisation"),
  plannedShare: z.number().gt(0).lt(1).optional().describe("Share the lot was to treat; checked against the counts"),
  meaningfulEffect: z.number().optional().describe("The least effect that would matter, in standard deviations"),
  intraclassCorrelation: z
    .number()
    .min(0)
    .max(1)
    .default(0.2)
    .describe("For effect sizes of cluster trials: .2 achievement, .1 other"),
  prior: z
    .number()
    .gt(0)
    .optional()
    .describe("Standard deviation of effects of comparable studies: asks for probabilities"),
  orderBy: name
    .optional()
    .describe("A column that tells rows apart: folds, ties and draws follow it; default the order of the file"),
  minimumGroup: z.int().min(1).default(10).describe("Groups smaller than this are not shown"),
  seed: z.string().default("cairn").describe("Of everything drawn at random"),
  level: z.number().gt(0.5).lt(1).default(0.95).describe("Confidence level of the intervals"),
});

/** A study plan: what is asked of which columns, and by which design the answer was made possible. */
export type StudyPlan = z.infer<typeof planShape>;

/** What may be written of a plan: the rest has defaults. */
export type StudyPlanInput = z.input<typeof planShape>;

/** A plan's covariate: a column, perhaps as a category, to a power, or times another. */
export type PlannedCovariate = z.infer<typeof covariate>;
