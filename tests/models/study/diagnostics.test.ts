import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  benjaminiHochberg,
  holm,
  posterior,
  sampleRatio,
  sequentialMultiple,
} from "../../../src/models/study/diagnostics/multiplicity.ts";
import { detectableEffect } from "../../../src/models/study/diagnostics/power.ts";
import {
  criticalGamma,
  eValue,
  eValueOfDifference,
  leeBounds,
  osterBounds,
  robustnessValue,
  rosenbaumBound,
} from "../../../src/models/study/diagnostics/sensitivity.ts";
import { coxD, mismatchCorrected, oneArmClusterAdjustment } from "../../../src/models/study/effect-size.ts";
import { matchNearest } from "../../../src/models/study/matching/nearest.ts";
import { intercept, linearModel, type Term } from "../../../src/models/study/regression/linear-model.ts";
import { propensity } from "../../../src/models/study/weighting/propensity.ts";
import { attrition, attritionLimit } from "../../../src/models/study/wwc/attrition.ts";
import { equivalence, essaTier, rate } from "../../../src/models/study/wwc/rating.ts";
import { studentTwoSided } from "../../../src/numeric/distributions.ts";
import { chiSquareUpper, fisherUpper, normalQuantile, studentQuantile } from "../../../src/numeric/tail-areas.ts";
import { codeOf } from "../../contracts/estimator-contract.ts";
import { c8, causal, near, survey, why } from "./known.ts";

describe("sensitivity", () => {
  test("SEN-1 to SEN-4: E-values", () => {
    const published = eValue(10.73, [8.02, 14.36]);
    near(published.estimate, 20.94777373);
    near(published.limit, 15.52335925);
    near(eValue(3.9).estimate, 7.263034344);
    near(eValue(0.8).estimate, 1.809016994);
    near(eValueOfDifference(0.2, 0.05).estimate, 1.688960718);
    near(eValueOfDifference(0.2, 0.05).limit, 1.424509935);
    expect(eValueOfDifference(0.2, 0.15).limit).toBe(1);
    near(eValueOfDifference(-0.2, 0.05).limit, 1.424509935); // harm is as hard to explain away as benefit
  });

  test("SEN-5: robustness value", () => {
    const { partialR2, value, valueAtLevel } = robustnessValue(2.605873, 433);
    near(partialR2, 0.0154404721, 1e-6);
    near(value, 0.1176342071, 1e-6);
    near(valueAtLevel, 0.0301999076, 1e-5);
    expect(robustnessValue(1, 433).valueAtLevel).toBe(0);
  });

  test("SEN-8: Oster on mtcars by its moments (robomit)", () => {
    const weight = [
      2.62, 2.875, 2.32, 3.215, 3.44, 3.46, 3.57, 3.19, 3.15, 3.44, 3.44, 4.07, 3.73, 3.78, 5.25, 5.424, 5.345, 2.2,
      1.615, 1.835, 2.465, 3.52, 3.435, 3.84, 3.845, 1.935, 2.14, 1.513, 3.17, 2.77, 3.57, 2.78,
    ];
    const mpg = [
      21, 21, 22.8, 21.4, 18.7, 18.1, 14.3, 24.4, 22.8, 19.2, 17.8, 16.4, 17.3, 15.2, 10.4, 10.4, 14.7, 32.4, 30.4,
      33.9, 21.5, 15.5, 15.2, 13.3, 19.2, 27.3, 26, 30.4, 15.8, 19.7, 15, 21.4,
    ];
    const power = [
      110, 110, 93, 110, 175, 105, 245, 62, 95, 123, 123, 180, 180, 180, 205, 215, 230, 66, 52, 65, 97, 150, 150, 245,
      175, 66, 91, 113, 264, 175, 335, 109,
    ];
    const quarter = [
      16.46, 17.02, 18.61, 19.44, 17.02, 20.22, 15.84, 20, 22.9, 18.3, 18.9, 17.4, 17.6, 18, 17.98, 17.82, 17.42, 19.47,
      18.52, 19.9, 20.01, 16.87, 17.3, 15.41, 17.05, 18.9, 16.7, 16.9, 14.5, 15.5, 14.6, 18.6,
    ];
    const bounds = osterBounds(
      osterInput(
        mpg,
        { name: "wt", values: weight },
        [
          { name: "hp", values: power },
          { name: "qsec", values: quarter },
        ],
        0.9,
      ),
    );
    near(bounds.exact[0], -2.000184939);
    near(bounds.exact[1], -7.014095141);
    near(bounds.deltaForZero, 1.151136331);
    near(bounds.linear, -3.574055995);
  });

  test("Lee's bounds trim the arm with more outcomes", () => {
    const bounds = leeBounds([1, 2, 3, 4], [2, 2], { treatment: 4, comparison: 4 });
    expect(bounds).toEqual({ lower: -0.5, upper: 1.5, trimmed: 2, share: 0.5 });
    const other = leeBounds([2, 2], [1, 2, 3, 4], { treatment: 4, comparison: 4 });
    expect([other.lower, other.upper]).toEqual([-1.5, 0.5]);
  });
});

function osterInput(outcome: ArrayLike<number>, treatment: Term, covariates: readonly Term[], largestR2?: number) {
  const n = outcome.length;
  const moments = (values: ArrayLike<number>): number => {
    const all = Array.from(values);
    const mean = all.reduce((sum, value) => sum + value, 0) / n;
    return all.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1);
  };
  const fitOf = (terms: readonly Term[], y: ArrayLike<number>) => linearModel([intercept(n), ...terms], y).fit;
  const outcomeVariance = moments(outcome);
  const summary = (terms: readonly Term[]) => {
    const fit = fitOf(terms, outcome);
    return { coefficient: fit.coefficients[1]!, r2: 1 - moments(fit.residuals) / outcomeVariance };
  };
  return {
    short: summary([treatment]),
    long: summary([treatment, ...covariates]),
    outcomeVariance,
    treatmentVariance: moments(treatment.values),
    residualTreatmentVariance: moments(fitOf(covariates, treatment.values).residuals),
    ...(largestR2 === undefined ? {} : { largestR2 }),
  };
}

describe.runIf(causal)(`sensitivity of NSW-CPS3${why}`, () => {
  const table = causal ? survey("cps_controls3.csv") : undefined!;

  test("SEN-6: Rosenbaum's bounds of the matched pairs", () => {
    const treatment = table.numbers("treat");
    const scores = propensity([intercept(614), ...c8(table)], treatment);
    const outcome = table.numbers("re78");
    const { sets } = matchNearest(scores.probability, treatment);
    const differences = sets.map(({ treated, compared }) => outcome[treated]! - outcome[compared[0]!]!);
    [
      [1, 0.1773792824],
      [1.1, 0.350995815],
      [1.25, 0.6346512458],
      [1.5, 0.9168209653],
      [2, 0.9988615561],
    ].forEach(([gamma, p]) => {
      near(rosenbaumBound(differences, gamma!).p, p!);
    });
    expect(rosenbaumBound(differences, 1).pairs).toBe(173);
    expect(criticalGamma(differences)).toBe(1);
    expect(criticalGamma(Array.from({ length: 400 }, (_, i) => i + 1))).toBe(20);
  });

  test("SEN-7: Oster", () => {
    const bounds = osterBounds(osterInput(table.numbers("re78"), table.term("treat"), c8(table)));
    near(bounds.linear, 2210.048447);
    near(bounds.exact[0], 2638.283993);
    near(bounds.exact[1], -16044.75092);
    near(bounds.deltaForZero, -1.707322592);
  });
});

describe("the arithmetic of the What Works Clearinghouse", () => {
  test("attrition boundaries: lengths, rows, and the STAR examples WEX-1 to WEX-3", () => {
    expect([attritionLimit(57, "cautious"), attritionLimit(58, "cautious")]).toEqual([0, null]);
    expect([attritionLimit(65, "optimistic"), attritionLimit(66, "optimistic")]).toEqual([0.3, null]);
    for (const [overall, cautious, optimistic] of [
      [0, 5.7, 10],
      [10, 6.3, 10.9],
      [13, 6.1, 10.8],
      [21, 5.3, 9.9],
      [30, 4.1, 8.2],
      [43, 2.1, 5.3],
      [57, 0, 2.1],
    ] as const) {
      expect([attritionLimit(overall, "cautious"), attritionLimit(overall, "optimistic")]).toEqual([
        cautious,
        optimistic,
      ]);
    }
    const small = (analysed: number) => ({ assigned: 1900, analysed });
    const regular = (analysed: number) => ({ assigned: 2194, analysed });
    const kindergarten = attrition(small(1738), regular(2005));
    near(kindergarten.overall, 0.08573522, 1e-6);
    near(kindergarten.differential, 0.088087, 1e-5);
    expect(kindergarten.low).toEqual({ cautious: true, optimistic: true });
    const third = attrition(small(937), regular(1047));
    near(third.differential, 1.594732, 1e-6);
    expect(third.limits).toEqual({ cautious: 0.7, optimistic: 3.2 });
    expect(third.low).toEqual({ cautious: false, optimistic: true });
    expect(attrition(small(1339), regular(1456)).low).toEqual({ cautious: false, optimistic: true });
    expect(codeOf(() => attrition(small(1901), regular(1)))).toBe("BAD_INPUT");
  });

  test("WWC-5, WWC-7, WWC-9: Cox's d, mismatch, one clustered arm", () => {
    near(coxD({ treatment: 0.7, comparison: 0.6 }, 100)!, 0.265722867371, 1e-10);
    expect(coxD({ treatment: 1, comparison: 0.6 }, 100)).toBeNull();
    const { t, df } = mismatchCorrected(2.98326606098, 400, 20, 0.2);
    near(t, 1.34860491205, 1e-10);
    near(studentTwoSided(t, df), 0.178780829402, 1e-9);
    const one = oneArmClusterAdjustment(200, 200, 20, 0.2);
    near(one.shrinkage, 0.890452261307, 1e-11);
    near(one.design, 2.8, 1e-12);
    near(one.degrees, 275.244039271, 1e-11);
  });

  test("WWC-11: Benjamini–Hochberg and Holm, in any order", () => {
    const close = (got: readonly number[], expected: readonly number[]) => {
      got.forEach((value, i) => {
        expect(value).toBeCloseTo(expected[i]!, 12);
      });
    };
    close(benjaminiHochberg([0.001, 0.012, 0.03, 0.04, 0.2]), [0.005, 0.03, 0.05, 0.05, 0.2]);
    close(benjaminiHochberg([0.2, 0.04, 0.001, 0.03, 0.012]), [0.2, 0.05, 0.005, 0.05, 0.03]);
    close(holm([0.001, 0.012, 0.03, 0.04, 0.2]), [0.005, 0.048, 0.09, 0.09, 0.2]);
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 20 }), (p) => {
        const [step, family] = [benjaminiHochberg(p), holm(p)];
        p.forEach((value, i) => {
          expect(step[i]!).toBeGreaterThanOrEqual(value * (1 - 1e-12));
          expect(family[i]!).toBeGreaterThanOrEqual(step[i]! * (1 - 1e-12));
          expect(family[i]!).toBeLessThanOrEqual(1);
        });
      }),
    );
  });

  test("EXP-1, EXP-2, BAY-1", () => {
    near(sampleRatio([5050, 4950], [1, 1]).p, 0.31731050786, 1e-9);
    const broken = sampleRatio([5300, 4700], [1, 1]);
    near(broken.p, 1.97317529e-9, 1e-7);
    expect([broken.alarm, sampleRatio([5050, 4950], [1, 1]).alarm]).toEqual([true, false]);
    near(sequentialMultiple(10_000, 5000, 0.05), 3.06147721887, 1e-10);
    const after = posterior(0.2, 0.1, 0.1, 0.05);
    near(after.mean, 0.1, 1e-12);
    near(after.variance, 0.005, 1e-12);
    near(after.aboveZero, 0.921350396475, 1e-10);
    near(after.aboveThreshold, 0.760249938907, 1e-10);
  });

  const design = {
    boundary: "cautious",
    compromised: false,
    baseline: [],
    units: { treatment: 20, comparison: 20 },
  } as const;
  const low = attrition({ assigned: 100, analysed: 95 }, { assigned: 100, analysed: 94 });
  const high = attrition({ assigned: 100, analysed: 95 }, { assigned: 100, analysed: 60 });
  const apart = (effectSize: number, adjusted: boolean) => [{ covariate: "pretest", effectSize, adjusted }];

  test("the rating follows its path and says why", () => {
    expect(rate({ ...design, design: "randomised", attrition: low }).verdict).toBe("meets without reservations");
    expect(rate({ ...design, design: "randomised", attrition: high }).verdict).toBe("does not meet");
    const clustered = { ...design, design: "randomised", attrition: low } as const;
    expect(rate({ ...clustered, clusterAttrition: low }).verdict).toBe("meets without reservations");
    const lost = rate({ ...clustered, clusterAttrition: high });
    expect(lost.verdict).toBe("does not meet");
    expect(lost.reasons[1]).toContain("Attrition of clusters is high");
    expect(rate({ ...design, design: "randomised", attrition: high, baseline: apart(0.04, false) }).verdict).toBe(
      "meets with reservations",
    );
    expect(rate({ ...design, design: "randomised", attrition: low, compromised: true }).verdict).toBe("does not meet");
    expect(rate({ ...design, design: "comparison", attrition: null, baseline: apart(0.1, false) }).verdict).toBe(
      "does not meet",
    );
    expect(rate({ ...design, design: "comparison", attrition: null, baseline: apart(0.1, true) }).verdict).toBe(
      "meets with reservations",
    );
    expect(rate({ ...design, design: "comparison", attrition: null, baseline: apart(-0.3, true) }).verdict).toBe(
      "does not meet",
    );
    const confounded = rate({
      ...design,
      design: "randomised",
      attrition: low,
      units: { treatment: 1, comparison: 9 },
    });
    expect(confounded.verdict).toBe("does not meet");
    expect(confounded.reasons[0]).toContain("One assigned unit");
    expect(["satisfied", "adjustment required", "failed"]).toEqual([0.05, 0.0701, 0.2501].map(equivalence));
  });

  test("the evidence tier needs size, sites and significance", () => {
    const strong = {
      rating: "meets without reservations",
      effect: 1,
      p: 0.01,
      learners: 350,
      sites: 2,
      controlled: true,
    } as const;
    expect(essaTier(strong).verdict).toBe(1);
    expect(essaTier({ ...strong, rating: "meets with reservations" }).verdict).toBe(2);
    expect(essaTier({ ...strong, learners: 349 }).verdict).toBe(3);
    expect(essaTier({ ...strong, sites: null }).verdict).toBe(3);
    expect(essaTier({ ...strong, effect: -1 }).verdict).toBeNull();
    expect(essaTier({ ...strong, p: null }).verdict).toBeNull();
    expect(essaTier({ ...strong, rating: "does not meet", controlled: false }).verdict).toBeNull();
  });
});

describe("power", () => {
  test.each([
    ["POW-1", { design: "IRA", n: 400, r1: 0.5, covariates: 1 }, 0.198589878226],
    ["POW-1 one-sided", { design: "IRA", n: 400, r1: 0.5, covariates: 1, tails: 1 }, 0.176156451383],
    ["POW-1 without covariates", { design: "IRA", n: 400 }, 0.28084676078],
    ["POW-2", { design: "BIRA2-constant", n: 20, J: 20, r1: 0.5, covariates: 1 }, 0.198614472341],
    ["POW-3", { design: "BIRA2-fixed", n: 20, J: 20, r1: 0.5, covariates: 1 }, 0.198641677627],
    ["POW-4", { design: "BIRA2-random", n: 20, J: 20, rho2: 0.2, omega: 0.2, r1: 0.5, covariates: 1 }, 0.229510724166],
    ["POW-5", { design: "CRA2", n: 60, J: 40, rho2: 0.2, r1: 0.5, r2: 0.5, covariates: 1 }, 0.297201019141],
    [
      "POW-6",
      { design: "CRA3", n: 25, J: 4, K: 20, rho2: 0.1, rho3: 0.1, r1: 0.5, r2: 0.5, r3: 0.5, covariates: 1 },
      0.342873995196,
    ],
    ["POW-7", { design: "BCRA3-fixed", n: 25, J: 8, K: 5, rho2: 0.2, r1: 0.5, r2: 0.5, covariates: 1 }, 0.312277266245],
  ] as const)("%s", (_, input, expected) => {
    near(detectableEffect(input).effect, expected, 1e-10);
  });

  test("learners per school soon stop helping, schools do not; no degree of freedom is refused", () => {
    const effect = (n: number, J: number) => detectableEffect({ design: "CRA2", n, J, rho2: 0.2 }).effect;
    expect(effect(60, 20) - effect(600, 20)).toBeLessThan(0.04);
    expect(effect(60, 80)).toBeLessThan(effect(60, 20) / 1.9);
    expect(codeOf(() => detectableEffect({ design: "CRA2", n: 60, J: 2, rho2: 0.2 }))).toBe("BAD_INPUT");
  });
});

test("tail areas agree with each other", () => {
  near(chiSquareUpper(normalQuantile(0.975) ** 2, 1), 0.05, 1e-12);
  near(chiSquareUpper(7.791236627, 5), 0.1681224949, 1e-9);
  near(fisherUpper(studentQuantile(0.975, 7.3) ** 2, 1, 7.3), 0.05, 1e-11);
  near(chiSquareUpper(60, 2), Math.exp(-30), 1e-12);
  expect(codeOf(() => chiSquareUpper(-1, 2))).toBe("BAD_INPUT");
});
