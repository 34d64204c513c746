import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { twoStage } from "../../../src/models/study/instrument/two-stage.ts";
import {
  matchedDifference,
  matchedRegression,
  matchedSample,
} from "../../../src/models/study/matching/matched-effect.ts";
import { matchNearest } from "../../../src/models/study/matching/nearest.ts";
import { mixedModel } from "../../../src/models/study/mixed/mixed-model.ts";
import { robustMixed } from "../../../src/models/study/mixed/robust-mixed.ts";
import { clusterSandwich } from "../../../src/models/study/regression/cluster-robust.ts";
import {
  contrastOf,
  dummies,
  intercept,
  linearModel,
  type Term,
} from "../../../src/models/study/regression/linear-model.ts";
import { inferContrast, type StandardError } from "../../../src/models/study/regression/robust.ts";
import { ancova, linRegression } from "../../../src/models/study/trials/adjusted.ts";
import { blockedDifference } from "../../../src/models/study/trials/blocks.ts";
import { propensity } from "../../../src/models/study/weighting/propensity.ts";
import { weightedEffect } from "../../../src/models/study/weighting/weights.ts";
import { c8, c10, causal, near, survey, Table, why } from "./known.ts";

interface Effect {
  readonly effect: number;
  readonly se: number;
  readonly df: number;
}

/** What known-answers.R found with the reference packages; the handbook prints ten digits of the same. */
interface KnownAnswers {
  readonly experiment: {
    readonly errors: Readonly<Record<"const" | "HC0" | "HC1" | "HC2" | "HC3", number>>;
    readonly difference: Effect;
    readonly ancova: Effect;
    readonly lin: Effect;
  };
  readonly comparison: {
    readonly coefficients: readonly number[];
    readonly pairs: number;
    readonly matched: number;
    readonly matchedAdjusted: number;
    readonly weighted: number;
    readonly weightedErrors: Readonly<Record<"HC0" | "HC1", number>>;
  };
  readonly kindergarten: {
    readonly rows: number;
    readonly effect: number;
    readonly errors: Readonly<Record<"CR0" | "CR1" | "CR1p" | "CR1S" | "CR2" | "CR3", Omit<Effect, "effect">>>;
    readonly joint: { readonly f: number; readonly denominator: number };
    readonly schoolEffects: Effect;
    readonly blocked: Effect;
    readonly mixed: Effect & { readonly components: readonly number[]; readonly criterion: number };
  };
  readonly multilevel: {
    readonly estimates: readonly number[];
    readonly errors: readonly number[];
    readonly df: readonly number[];
    readonly robust: readonly number[];
    readonly criterion: number;
  };
  readonly instrument: { readonly rows: number; readonly effect: number; readonly se: number };
}

const known = JSON.parse(readFileSync("tests/golden/study/known-answers.json", "utf8")) as KnownAnswers;
const A = 1e-9;
const B = 1e-6;
const C = 1e-4;

describe.runIf(causal)(`what the R packages say of public data, to all their digits${why}`, () => {
  test("sandwich and estimatr on the NSW experiment", () => {
    const { errors, difference, ancova: adjusted, lin } = known.experiment;
    const nsw = Table.read("lalonde/nsw_dw.csv");
    const treat = nsw.term("treat");
    const plain = linearModel([intercept(nsw.rows), treat], nsw.numbers("re78"));
    const inferred = (kind: StandardError) => inferContrast(plain.fit, contrastOf(plain, "treat"), kind);
    near(inferred("HC2").estimate, difference.effect, A);
    near(difference.effect, 1794.342404, A); // as the handbook prints it
    near(inferred("classical").se, errors.const, A);
    for (const kind of ["HC0", "HC1", "HC2", "HC3"] as const) near(inferred(kind).se, errors[kind], A);
    const data = { outcome: nsw.numbers("re78"), treatment: Uint8Array.from(treat.values), covariates: c10(nsw) };
    for (const [got, expected] of [
      [ancova(data), adjusted],
      [linRegression(data), lin],
    ] as const) {
      near(got.estimate, expected.effect, A);
      near(got.se, expected.se, A);
    }
  });

  test("glm, nearest neighbours and sandwich on the treated beside survey controls", () => {
    const { coefficients, pairs, matched, matchedAdjusted, weighted, weightedErrors } = known.comparison;
    const table = survey("cps_controls3.csv");
    const outcome = table.numbers("re78");
    const treatment = Uint8Array.from(table.numbers("treat"));
    const scores = propensity([intercept(table.rows), ...c8(table)], treatment);
    for (const [k, expected] of coefficients.entries()) near(scores.coefficients[k]!, expected, B);
    const matching = matchNearest(scores.probability, treatment);
    expect(matching.sets).toHaveLength(pairs);
    near(matchedDifference(outcome, matching).estimate, matched, A);
    near(matched, 894.3674803, A); // as the handbook prints it
    const sample = matchedSample(matching);
    const adjusted = matchedRegression(outcome, treatment, c8(table), sample, { interacted: false });
    near(adjusted.estimate, matchedAdjusted, A);
    const { estimate, weights } = weightedEffect({ outcome, treatment }, scores, "ATT");
    near(estimate, weighted, B);
    const terms = [intercept(table.rows), { name: "treat", values: treatment }];
    const model = linearModel(terms, outcome, weights);
    for (const kind of ["HC0", "HC1"] as const)
      near(inferContrast(model.fit, contrastOf(model, "treat"), kind).se, weightedErrors[kind], B);
  });

  const kindergarten = () => {
    const star = Table.read("star/AER_STAR.csv.gz");
    const [read, math, kind] = [star.numbers("readk"), star.numbers("mathk"), star.text("stark")];
    const table = star.where(
      (row) => kind[row] !== "" && kind[row] !== "NA" && Number.isFinite(read[row]! + math[row]!),
    );
    const arm = (name: string): Term => ({
      name,
      values: table.text("stark").map((value) => (value === name ? 1 : 0)),
    });
    const total = table.numbers("readk").map((value, row) => value + table.numbers("mathk")[row]!);
    return { table, total, arms: [arm("small"), arm("regular+aide")], school: table.codes("schoolidk") };
  };

  test("clubSandwich and estimatr on STAR's kindergarten", () => {
    const { rows, effect, errors, joint, schoolEffects, blocked } = known.kindergarten;
    const { table, total, arms, school } = kindergarten();
    expect(table.rows).toBe(rows);
    const plain = linearModel([intercept(rows), ...arms], total);
    near(plain.fit.coefficients[1]!, effect, A);
    for (const [kind, { se, df }] of Object.entries(errors)) {
      const got = inferContrast(plain.fit, contrastOf(plain, "small"), kind as StandardError, school);
      near(got.se, se, A);
      near(got.df, df, 1e-8);
    }
    const joined = clusterSandwich(plain.fit, school, "CR2").joint(arms.map(({ name }) => contrastOf(plain, name)));
    near(joined.f, joint.f, 1e-8);
    near(joined.denominator, joint.denominator, 1e-8);
    const fixed = linearModel([intercept(rows), ...arms, ...dummies("school", school)], total);
    const within = inferContrast(fixed.fit, contrastOf(fixed, "small"), "CR2", school);
    near(within.estimate, schoolEffects.effect, A);
    near(within.se, schoolEffects.se, 1e-8);
    near(within.df, schoolEffects.df, 1e-7);
    const two = Array.from(total.keys()).filter((row) => table.text("stark")[row] !== "regular+aide");
    const blocks = blockedDifference({
      outcome: Float64Array.from(two, (row) => total[row]!),
      treatment: two.map((row) => arms[0]!.values[row]!),
      block: two.map((row) => school[row]!),
    });
    near(blocks.estimate, blocked.effect, A);
    near(blocks.se, blocked.se, A);
    near(blocked.effect, 16.19917688, A); // as the handbook prints it
  }, 120_000);

  test("lme4, lmerTest and clubSandwich on STAR and High School and Beyond", () => {
    const { mixed } = known.kindergarten;
    const { table, total, arms, school } = kindergarten();
    const fixed = [intercept(table.rows), ...arms];
    const star = mixedModel(fixed, total, [{ name: "school", group: school }]);
    near(star.infer("small").estimate, mixed.effect, 1e-6);
    near(star.infer("small").se, mixed.se, 1e-6);
    near(star.infer("small").df, mixed.df, 1e-3);
    near(star.components[0]!.covariance[0]!, mixed.components[0]!, C);
    near(star.residualVariance, mixed.components[1]!, C);
    near(star.criterion, mixed.criterion, A);
    const { multilevel } = known;
    const high = Table.read("education_mlm/Hsb82.csv.gz");
    const sector: Term = {
      name: "sector",
      values: high.text("sector").map((value) => (value === "Public" ? 1 : 0)),
    };
    const terms = [intercept(high.rows), high.term("cses"), high.term("meanses"), sector];
    const random = [{ name: "school", group: high.codes("school") }];
    const model = mixedModel(terms, high.numbers("mAch"), random);
    for (const [k, { name }] of terms.entries()) {
      const got = model.infer(name);
      near(got.estimate, multilevel.estimates[k]!, 1e-6);
      near(got.se, multilevel.errors[k]!, 1e-6);
      near(got.df, multilevel.df[k]!, 1e-3);
    }
    near(model.criterion, multilevel.criterion, A);
    const robust = robustMixed(model, terms, high.numbers("mAch"), random, random[0]!.group, "sector");
    near(robust.se, multilevel.robust[3]!, 1e-6);
  }, 240_000);

  test("AER with CR1S on Maimonides' rule", () => {
    const all = Table.read("maimonides/final5.csv.gz");
    const names = ["avgverb", "classize", "c_size", "tipuach"];
    const table = all.where((row) => names.every((name) => Number.isFinite(all.numbers(name)[row]!)));
    expect(table.rows).toBe(known.instrument.rows);
    const { estimate, se } = twoStage({
      outcome: table.numbers("avgverb"),
      received: table.numbers("classize"),
      instruments: [table.term("rule", "c_size", (size) => size / (Math.floor((size - 1) / 40) + 1))],
      covariates: [table.term("tipuach")],
      cluster: table.codes("schlcode"),
    });
    near(estimate, known.instrument.effect, A);
    near(se, known.instrument.se, A);
    near(known.instrument.effect, -0.1584776767, A); // as the handbook prints it
  });
});
