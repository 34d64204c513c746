import { describe, expect, test } from "vitest";
import { balanceTable } from "../../../src/models/study/diagnostics/balance.ts";
import { crossFit, foldsOf, linearLearner } from "../../../src/models/study/doubly-robust/cross-fit.ts";
import { aipwAverage, aipwTreated, partiallyLinear } from "../../../src/models/study/doubly-robust/estimates.ts";
import { stackedAverage } from "../../../src/models/study/doubly-robust/stacked.ts";
import { bestLinearProjection } from "../../../src/models/study/heterogeneity/effects-by-learner.ts";
import {
  matchedDifference,
  matchedRegression,
  matchedSample,
  subclassification,
} from "../../../src/models/study/matching/matched-effect.ts";
import { type MatchOptions, matchNearest } from "../../../src/models/study/matching/nearest.ts";
import { contrastOf, intercept, linearModel, type Term } from "../../../src/models/study/regression/linear-model.ts";
import { inferContrast } from "../../../src/models/study/regression/robust.ts";
import { ancova } from "../../../src/models/study/trials/adjusted.ts";
import { entropyBalancing } from "../../../src/models/study/weighting/entropy-balancing.ts";
import { type Link, propensity } from "../../../src/models/study/weighting/propensity.ts";
import { propensityWeights, weightedEffect } from "../../../src/models/study/weighting/weights.ts";
import { codeOf } from "../../contracts/estimator-contract.ts";
import { c8, c10, causal, near, nearDecimals, survey, Table, why } from "./known.ts";

const B = 1e-6; // class B of the handbook: convex iteration
const P = 1e-4; // class C, for the badly conditioned PSID sample

const comparisonOf = (table: Table, outcome = "re78", treatment = "treat") => ({
  outcome: table.numbers(outcome),
  treatment: Uint8Array.from(table.numbers(treatment)),
});
const standardDeviation = (values: ArrayLike<number>): number => {
  const all = Array.from(values);
  const mean = all.reduce((sum, value) => sum + value, 0) / all.length;
  return Math.sqrt(all.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (all.length - 1));
};

describe.runIf(causal)(`NSW-CPS3, the lalonde data of MatchIt${why}`, () => {
  const table = causal ? survey("cps_controls3.csv") : undefined!;
  const covariates = causal ? c8(table) : [];
  const data = causal ? comparisonOf(table) : undefined!;
  const scores = causal ? propensity([intercept(614), ...covariates], data.treatment) : undefined!;

  test("ML-2: regression", () => {
    const { estimate, se } = ancova({ ...data, covariates });
    near(estimate, 1548.243802, 1e-9);
    near(se, 742.1816773, 1e-9);
  });

  test("ML-3 and ML-4: logit", () => {
    [
      -4.728649339, 0.01577707102, 0.1613068774, 3.065367741, 0.983633621, -0.8321132754, 0.7072968814, -7.177668644e-5,
      5.344644707e-5,
    ].forEach((expected, k) => {
      near(scores.coefficients[k]!, expected, B);
    });
    const treated = scores.probability.filter((_, row) => data.treatment[row] === 1);
    nearDecimals(Math.min(...treated), 0.02495178, 8);
    nearDecimals(Math.max(...treated), 0.85315285, 8);
    expect(scores.separated).toBe(false);
  });

  test("ML-5, ML-6, ML-8 and ML-9: weighting with stacked standard errors", () => {
    const att = weightedEffect(data, scores, "ATT");
    near(att.estimate, 1214.071223, B);
    near(att.se, 798.1546278, B);
    near(att.support.effectiveSize.comparison, 99.81538592, B);
    const overlap = weightedEffect(data, scores, "ATO");
    near(overlap.estimate, 1242.200636, B);
    near(overlap.se, 738.7490402, B);
    const ate = weightedEffect(data, scores, "ATE");
    near(ate.estimate, 224.6763091, B);
    near(ate.se, 876.1931912, B);
    near(ate.support.effectiveSize.treatment, 58.32666074, B);
    near(ate.support.effectiveSize.comparison, 329.0077591, B);
  });

  test("ML-7: weights taken as known", () => {
    const weights = propensityWeights("ATT", data.treatment, scores.probability);
    const model = linearModel([intercept(614), { name: "treat", values: data.treatment }], data.outcome, weights);
    near(inferContrast(model.fit, contrastOf(model, "treat"), "HC0").se, 824.0517121, B);
    near(inferContrast(model.fit, contrastOf(model, "treat"), "HC1").se, 825.3971036, B);
  });

  test("overlap weights balance the means of the logit's covariates exactly", () => {
    const { weights } = weightedEffect(data, scores, "ATO");
    for (const { means } of balanceTable(covariates, data.treatment, "pooled", weights)) {
      near(means.treatment, means.comparison, 1e-9);
    }
  });

  test("ML-11: entropy balancing, and a target outside the comparison group is not feasible", () => {
    const balanced = entropyBalancing(data, covariates);
    near(balanced.estimate, 1273.261814, B);
    near(balanced.support.effectiveSize.comparison, 98.45783442, B);
    for (const { means } of balanceTable(covariates, data.treatment, "treated", balanced.weights)) {
      near(means.comparison, means.treatment, 1e-6);
    }
    const apart: Term = { name: "apart", values: Array.from(data.treatment, (arm, row) => arm * 10 + (row % 3)) };
    expect(codeOf(() => entropyBalancing(data, [apart]))).toBe("NOT_CONVERGED");
  });

  test("ML-12 to ML-14: outcome regression and AIPW", () => {
    const nuisance = crossFit(linearLearner(data.outcome, data.treatment, covariates), data.treatment);
    const gap = nuisance.treated.map((one, row) => one - nuisance.compared[row]!);
    near(gap.reduce((sum, value) => sum + value, 0) / 614, 1074.908541, 1e-8);
    near(stackedAverage("regression", data, covariates, scores).estimate, 1074.908541, 1e-8);
    const treated = aipwTreated(data, nuisance);
    near(treated.estimate, 1226.543741, B);
    near(treated.se, 813.4162356, B);
    near(aipwTreated(data, nuisance, { normalized: true }).estimate, 1231.044313, B);
    const average = aipwAverage(data, nuisance);
    near(average.estimate, 469.6399736, B);
    near(average.se, 926.1550799, B);
  });

  test("ML-15 and ML-16: five folds, and the best linear projection", () => {
    const folds = foldsOf(614, 5);
    const nuisance = crossFit(linearLearner(data.outcome, data.treatment, covariates), data.treatment, folds);
    const average = aipwAverage(data, nuisance);
    near(average.estimate, 356.6199785, B);
    near(average.se, 1149.400918, B);
    const treated = aipwTreated(data, nuisance);
    near(treated.estimate, 1148.478816, B);
    near(treated.se, 841.3092282, B);
    const partial = partiallyLinear(data, nuisance);
    near(partial.estimate, 1257.338976, B);
    near(partial.se, 732.5590063, B);
    const projection = bestLinearProjection(average.scores, [table.term("age"), table.term("education")]);
    [
      ["(intercept)", -3288.212073, 4471.629871],
      ["age", 67.22457724, 50.72724478],
      ["education", 175.8107477, 467.7677503],
    ].forEach(([name, estimate, se], k) => {
      expect(projection[k]!.name).toBe(name);
      near(projection[k]!.estimate, estimate as number, B);
      near(projection[k]!.se, se as number, B);
    });
  });

  test("ML-18 to ML-22: nearest neighbours without replacement, ties to the lowest row", () => {
    const matching = matchNearest(scores.probability, data.treatment);
    expect(matching.sets.slice(0, 6).map(({ treated, compared }) => [treated, ...compared])).toEqual([
      [177, 302],
      [94, 410],
      [175, 380],
      [78, 572],
      [85, 596],
      [163, 415],
    ]);
    const raw = matchedDifference(data.outcome, matching);
    near(raw.estimate, 894.3674803, B);
    near(raw.se, 714.7928945, B);
    const sample = matchedSample(matching);
    const adjusted = matchedRegression(data.outcome, data.treatment, covariates, sample, { interacted: false });
    near(adjusted.estimate, 1344.935605, B);
    near(adjusted.se, 734.3555881, B);
    near(adjusted.df, 155.3765422, B);
    const computed = matchedRegression(data.outcome, data.treatment, covariates, sample, { interacted: true });
    near(computed.estimate, 1121.17723, B);
    const weights = new Float64Array(614);
    sample.rows.forEach((row, i) => {
      weights[row] = sample.weights[i]!;
    });
    const after = balanceTable(covariates, data.treatment, "treated", weights);
    [0.0718, -0.129, 1.0231, -0.6611, -0.0551, 0.1541, -0.0505, -0.0257].forEach((expected, k) => {
      nearDecimals(after[k]!.difference!, expected, 4);
    });
  });

  const replaced = (options: MatchOptions, score = scores.probability) => matchNearest(score, data.treatment, options);

  test("ML-23: with replacement", () => {
    const matching = replaced({ replacement: true });
    near(matchedDifference(data.outcome, matching).estimate, 1967.939684, B);
    const { rows, weights } = matchedSample(matching);
    const compared = [...weights].filter((_, i) => data.treatment[rows[i]!] === 0);
    expect(compared).toHaveLength(80);
    const total = compared.reduce((sum, weight) => sum + weight, 0);
    near(total ** 2 / compared.reduce((sum, weight) => sum + weight ** 2, 0), 43.48792884, B);
  });

  test("ML-24 and ML-25: calipers of a fifth of a standard deviation", () => {
    const logitWidth = 0.2 * standardDeviation(scores.linear);
    near(logitWidth, 0.3609023941, B);
    const onLogit = replaced({ caliper: logitWidth }, scores.linear);
    expect(onLogit.sets).toHaveLength(117);
    expect(onLogit.unmatched).toHaveLength(68);
    near(matchedDifference(data.outcome, onLogit).estimate, 1770.602906, B);
    const onScore = replaced({ caliper: 0.2 * standardDeviation(scores.probability) });
    expect(onScore.sets).toHaveLength(113);
    near(matchedDifference(data.outcome, onScore).estimate, 1571.744454, B);
  });

  test("ML-26: five subclasses", () => {
    const { estimate, counts } = subclassification(data.outcome, data.treatment, scores.probability);
    near(estimate, 663.8872944, B);
    expect(counts.map(({ comparison }) => comparison)).toEqual([356, 19, 25, 18, 11]);
    expect(counts.map(({ treatment }) => treatment)).toEqual([37, 37, 37, 37, 37]);
  });

  test("ML-27: balance before", () => {
    const before = balanceTable(covariates, data.treatment, "treated");
    // MatchIt and cobalt divide 0/1 columns by √(p(1 − p)), without the n − 1 that other columns have.
    const yesNo = Math.sqrt(185 / 184);
    const printed = [-0.3094, 0.055, 1.7615 / yesNo, -0.3498 / yesNo, -0.8263 / yesNo, 0.245 / yesNo, -0.7211, -0.2903];
    printed.forEach((expected, k) => {
      nearDecimals(before[k]!.difference!, expected, 4);
    });
    nearDecimals(before[0]!.varianceRatio!, 0.44, 4);
    nearDecimals(before[1]!.varianceRatio!, 0.4959, 4);
  });

  test("exact groups are kept, and matches within a group come before nearer ones outside", () => {
    const exact = table.numbers("black");
    for (const { treated, compared } of replaced({ exact }).sets) expect(exact[compared[0]!]).toBe(exact[treated]);
    const score = [0.5, 0.5, 0.9, 0.4];
    const within = matchNearest(score, [1, 0, 0, 0], { preferWithin: [7, 8, 8, 7] });
    expect(within.sets).toEqual([{ treated: 0, compared: [3] }]);
    expect(matchNearest(score, [1, 0, 0, 0], { preferWithin: [7, 8, 8, 9] }).sets[0]!.compared).toEqual([1]);
  });
});

describe.runIf(causal).each([
  [
    "cps_controls.csv.gz",
    B,
    [1066.376369, 628.440526],
    [1377.118811, 258.2222819, 0.009348],
    1093.041771,
    [1494.897215, 677.89644, 1488.881216],
    [1406.304252, 268.8368439],
    [1902.576494, 2090.764642, 639.2367616, 177.9615915, 651.9751896, 2001.381518],
    [1541.060613, 121],
  ],
  [
    "psid_controls.csv",
    P,
    [4.158028217, 856.746734],
    [2796.211669, 9.690769265, 0.268027],
    -116.1960307,
    [4235.414717, 1717.697356, 3090.21404],
    [2424.660765, 23.37645528],
    [-977.0573845, 169.9232538, 935.7319943, 120.8136554, 1021.432625, 2128.789818],
    [925.8151281, 55],
  ],
] as const)(
  `LaLonde with %s${why}`,
  (file, tolerance, ols, ipw, overlap, augmented, entropy, matched, replacedExpected) => {
    const prepare = () => {
      const table = survey(file);
      const covariates = c10(table);
      const data = comparisonOf(table);
      return { table, covariates, data, scores: propensity([intercept(table.rows), ...covariates], data.treatment) };
    };

    test("LDW-2, LDW-4 to LDW-8: regression, weighting, doubly robust, entropy balancing", () => {
      const { covariates, data, scores } = prepare();
      const regression = ancova({ ...data, covariates });
      near(regression.estimate, ols[0], 1e-7);
      near(regression.se, ols[1], 1e-8);
      const att = weightedEffect(data, scores, "ATT");
      near(att.estimate, ipw[0], tolerance);
      near(att.support.effectiveSize.comparison, ipw[1], tolerance);
      nearDecimals(att.support.largestShare.comparison, ipw[2], 6);
      near(weightedEffect(data, scores, "ATO").estimate, overlap, tolerance);
      const nuisance = crossFit(linearLearner(data.outcome, data.treatment, covariates), data.treatment);
      near(aipwTreated(data, nuisance).estimate, augmented[0], tolerance);
      near(aipwTreated(data, nuisance).se, augmented[1], tolerance);
      near(aipwTreated(data, nuisance, { normalized: true }).estimate, augmented[2], tolerance);
      const balanced = entropyBalancing(data, covariates);
      near(balanced.estimate, entropy[0], B);
      near(balanced.support.effectiveSize.comparison, entropy[1], B);
      expect(scores.separated).toBe(file.startsWith("psid"));
    }, 120_000);

    test("LDW-10 to LDW-13: matching", () => {
      const { covariates, data, scores } = prepare();
      const matching = matchNearest(scores.probability, data.treatment);
      near(matchedDifference(data.outcome, matching).estimate, matched[0], B);
      near(matchedDifference(data.outcome, matching).se, matched[4], B);
      const sample = matchedSample(matching);
      const adjusted = matchedRegression(data.outcome, data.treatment, covariates, sample, { interacted: false });
      near(adjusted.estimate, matched[1], B);
      near(adjusted.se, matched[2], B);
      near(adjusted.df, matched[3], B);
      near(
        matchedRegression(data.outcome, data.treatment, covariates, sample, { interacted: true }).estimate,
        matched[5],
        B,
      );
      const again = matchNearest(scores.probability, data.treatment, { replacement: true });
      near(matchedDifference(data.outcome, again).estimate, replacedExpected[0], B);
      expect(new Set(again.sets.map(({ compared }) => compared[0])).size).toBe(replacedExpected[1]);
    }, 120_000);
  },
);

describe.runIf(causal)(`cattaneo2, birth weight and smoking${why}`, () => {
  const table = causal ? Table.read("cattaneo2/cattaneo2.csv") : undefined!;
  const read = () => {
    const data = comparisonOf(table, "bweight", "mbsmoke");
    const outcomeTerms = ["prenatal1", "mmarried", "mage", "fbaby"].map((name) => table.term(name));
    const scores = (link: Link) =>
      propensity(
        [
          intercept(table.rows),
          table.term("mmarried"),
          table.term("mage"),
          table.term("mage2", "mage", (age) => age * age),
          table.term("fbaby"),
          table.term("medu"),
        ],
        data.treatment,
        link,
      );
    return { data, outcomeTerms, scores };
  };

  test("CAT-2 to CAT-5: Stata's teffects with probit", () => {
    const { data, outcomeTerms, scores } = read();
    const probit = scores("probit");
    [-1.558255264, -0.6484821379, 0.1744326968, -0.003255912623, -0.2175961618, -0.08636308699].forEach(
      (expected, k) => {
        near(probit.coefficients[k]!, expected, B);
      },
    );
    const regression = stackedAverage("regression", data, outcomeTerms, probit);
    near(regression.estimate, -239.6392115);
    near(regression.se, 23.824021, 1e-8);
    near(regression.withoutTreatment.estimate, 3403.242272);
    near(regression.withoutTreatment.se, 9.52520718);
    const ipw = weightedEffect(data, probit, "ATE");
    near(ipw.estimate, -230.6886378, B);
    near(ipw.se, 25.8152438, B);
    const augmented = stackedAverage("augmented", data, outcomeTerms, probit);
    near(augmented.estimate, -230.9892011, B);
    near(augmented.se, 26.21056462, B);
    const weighted = stackedAverage("weighted-regression", data, outcomeTerms, probit);
    near(weighted.estimate, -229.9670779, B);
    near(weighted.se, 26.62667572, B);
    near(weighted.withoutTreatment.se, 9.57125961, B);
    const att = weightedEffect(data, probit, "ATT");
    near(att.estimate, -225.1772606, B);
    near(att.support.effectiveSize.comparison, 1834.447707, B);
  }, 60_000);

  test("CAT-7: the same with logit", () => {
    const { data, outcomeTerms, scores } = read();
    const logit = scores("logit");
    const rows = [
      [weightedEffect(data, logit, "ATE"), -231.7202635, 25.17974508],
      [stackedAverage("augmented", data, outcomeTerms, logit), -232.0409359, 25.66973137],
      [stackedAverage("weighted-regression", data, outcomeTerms, logit), -231.0154053, 26.10149466],
    ] as const;
    for (const [got, estimate, se] of rows) {
      near(got.estimate, estimate, B);
      near(got.se, se, B);
    }
  }, 60_000);
});
