import { describe, expect, test } from "vitest";
import { leeBounds } from "../../../src/models/study/diagnostics/sensitivity.ts";
import { discontinuity } from "../../../src/models/study/discontinuity/estimate.ts";
import type { Side } from "../../../src/models/study/discontinuity/side.ts";
import { crossFit, linearLearner } from "../../../src/models/study/doubly-robust/cross-fit.ts";
import { aipwAverage } from "../../../src/models/study/doubly-robust/estimates.ts";
import { coxD, hedgesG } from "../../../src/models/study/effect-size.ts";
import { matchedDifference } from "../../../src/models/study/matching/matched-effect.ts";
import { matchNearest } from "../../../src/models/study/matching/nearest.ts";
import { mixedModel } from "../../../src/models/study/mixed/mixed-model.ts";
import { robustMixed } from "../../../src/models/study/mixed/robust-mixed.ts";
import {
  contrastOf,
  dummies,
  intercept,
  linearModel,
  type Term,
} from "../../../src/models/study/regression/linear-model.ts";
import { inferContrast } from "../../../src/models/study/regression/robust.ts";
import { summarizeArm } from "../../../src/models/study/trial.ts";
import { ancova } from "../../../src/models/study/trials/adjusted.ts";
import { propensity } from "../../../src/models/study/weighting/propensity.ts";
import { propensityWeights, weightedEffect } from "../../../src/models/study/weighting/weights.ts";
import { c8, c10, causal, near, survey, Table, why } from "./known.ts";

const B = 1e-6;
const C = 1e-4;

describe.runIf(causal)(`NHEFS, quitting smoking and weight${why}`, () => {
  const table = causal ? Table.read("causaldata/nhefs_complete.csv.gz") : undefined!;
  const factor = (name: string): Term[] => dummies(name, table.numbers(name));
  const squared = (name: string): Term[] => [table.term(name), table.term(`${name}^2`, name, (value) => value * value)];
  const covariates = (): Term[] => [
    table.term("sex"),
    table.term("race"),
    ...squared("age"),
    ...factor("education"),
    ...squared("smokeintensity"),
    ...squared("smokeyrs"),
    ...factor("exercise"),
    ...factor("active"),
    ...squared("wt71"),
  ];
  const data = () => ({ outcome: table.numbers("wt82_71"), treatment: Uint8Array.from(table.numbers("qsmk")) });

  test("NH-1, NH-2, NH-3: difference and weighting", () => {
    const { outcome, treatment } = data();
    near(ancova({ outcome, treatment, covariates: [] }).estimate, 2.540581455, 1e-9);
    const scores = propensity([intercept(table.rows), ...covariates()], treatment);
    const weighted = weightedEffect(data(), scores, "ATE");
    near(weighted.estimate, 3.44053543, B);
    near(weighted.se, 0.4870726071, B);
    const weights = propensityWeights("ATE", treatment, scores.probability);
    near(weights.reduce((sum, weight) => sum + weight, 0) / weights.length, 1.996284062, B);
    near(Math.max(...weights), 16.70009435, B);
    const model = linearModel([intercept(table.rows), { name: "qsmk", values: treatment }], outcome, weights);
    near(inferContrast(model.fit, contrastOf(model, "qsmk"), "HC0").se, 0.525493553, B);
  });

  test("NH-4, NH-5, NH-6: regression and AIPW", () => {
    const qsmk = table.term("qsmk");
    const dose: Term = {
      name: "dose",
      values: table.numbers("smokeintensity").map((value, row) => value * qsmk.values[row]!),
    };
    const both = linearModel([intercept(table.rows), qsmk, dose, ...covariates()], data().outcome);
    near(inferContrast(both.fit, contrastOf(both, "qsmk"), "classical").estimate, 2.559594093);
    near(inferContrast(both.fit, contrastOf(both, "dose"), "classical").estimate, 0.04666283949);
    const plain = ancova({ ...data(), covariates: covariates() }, "classical");
    near(plain.estimate, 3.462621829);
    near(plain.se, 0.4384542551);
    const nuisance = crossFit(linearLearner(data().outcome, data().treatment, covariates()), data().treatment);
    near(aipwAverage(data(), nuisance).estimate, 3.373264632, B);
    near(aipwAverage(data(), nuisance).se, 0.4728443931, B);
  });
});

describe.runIf(causal)(`LaLonde, what is left${why}`, () => {
  test("NSW-9: the treated against every file of controls", () => {
    for (const [file, expected] of [
      ["cps_controls.csv.gz", -8497.516143],
      ["cps_controls2.csv", -3821.96743],
      ["cps_controls3.csv", -635.026212],
      ["psid_controls.csv", -15204.77736],
      ["psid_controls2.csv", -3646.806414],
      ["psid_controls3.csv", 1069.849915],
    ] as const) {
      const table = survey(file);
      const treatment = Uint8Array.from(table.numbers("treat"));
      near(ancova({ outcome: table.numbers("re78"), treatment, covariates: [] }).estimate, expected, 1e-8);
    }
  });

  test("LDW-3, LDW-9, LDW-14 and ML-10: coefficients, trimming, calipers on the logit", () => {
    for (const [file, kept, width, pairs, raw] of [
      ["cps_controls.csv.gz", [452, 144], 0.4819074534, 185, 1902.576494],
      ["psid_controls.csv", [237, 104], 1.012425873, 103, -228.0772421],
    ] as const) {
      const table = survey(file);
      const treatment = Uint8Array.from(table.numbers("treat"));
      const { probability, linear, coefficients } = propensity([intercept(table.rows), ...c10(table)], treatment);
      near(coefficients[3]!, file.startsWith("cps") ? 4.28583234 : 2.61126003, C);
      const inside = Array.from(probability.keys()).filter(
        (row) => probability[row]! >= 0.1 && probability[row]! <= 0.9,
      );
      expect([inside.length, inside.filter((row) => treatment[row] === 1).length]).toEqual(kept);
      // R says a chance of 2.2e-16 of every linear predictor below -30, and the printed logits are of its chances.
      const logits = linear.map((eta) => (eta < -30 ? Math.log(Number.EPSILON) : eta));
      const { squares, n } = summarizeArm(logits);
      const caliper = 0.2 * Math.sqrt(squares / (n - 1));
      near(caliper, width, C);
      const matching = matchNearest(logits, treatment, { caliper });
      expect(matching.sets).toHaveLength(pairs);
      near(matchedDifference(table.numbers("re78"), matching).estimate, raw, B);
    }
    const small = survey("cps_controls3.csv");
    const treatment = Uint8Array.from(small.numbers("treat"));
    const { probability } = propensity([intercept(614), ...c8(small)], treatment);
    expect(probability.filter((e) => e >= 0.1 && e <= 0.9)).toHaveLength(341);
  }, 60_000);
});

describe.runIf(causal)(`STAR, what is left${why}`, () => {
  const star = causal ? Table.read("star/AER_STAR.csv.gz") : undefined!;
  const values = (column: string, of: readonly number[]) => Float64Array.from(of, (row) => star.numbers(column)[row]!);
  const rowsOf = (kind: string, g: string, ...scores: readonly string[]): number[] => {
    const own = scores.map((score) => star.numbers(score));
    return Array.from({ length: star.rows }, (_, row) => row).filter(
      (row) => star.text(`star${g}`)[row] === kind && own.every((score) => Number.isFinite(score[row]!)),
    );
  };

  test("effect sizes of small classes in four grades", () => {
    for (const [g, reading, maths] of [
      ["k", 0.1836546287, 0.1668814501],
      ["1", 0.2995615847, 0.3138308717],
      ["2", 0.2339128215, 0.19612829],
      ["3", 0.2263034868, 0.1731683495],
    ] as const) {
      const both = [`read${g}`, `math${g}`] as const;
      const [small, regular] = [rowsOf("small", g, ...both), rowsOf("regular", g, ...both)];
      const effect = (column: string) =>
        hedgesG(summarizeArm(values(column, small)), summarizeArm(values(column, regular)), 0.95).g;
      near(effect(both[0]), reading);
      near(effect(both[1]), maths);
    }
  });

  test("WEX-4 to WEX-6: grade three by kindergarten assignment", () => {
    const [small, regular] = [rowsOf("small", "k", "read3", "math3"), rowsOf("regular", "k", "read3", "math3")];
    expect([small.length, regular.length]).toEqual([937, 1047]);
    const total = (of: readonly number[]) => values("read3", of).map((read, i) => read + values("math3", of)[i]!);
    const [one, zero] = [total(small), total(regular)];
    const effect = hedgesG(summarizeArm(one), summarizeArm(zero), 0.95);
    near(effect.g, 0.1628161925);
    near(effect.se, 0.04504471579);
    near(effect.improvementIndex, 6.466842, 1e-6);
    const free = (of: readonly number[]): [number, number] => {
      const there = of.filter((row) => !["", "NA"].includes(star.text("lunchk")[row]!));
      return [there.filter((row) => star.text("lunchk")[row] === "free").length, there.length];
    };
    const [a, b] = [free(small), free(regular)];
    near(Math.abs(coxD({ treatment: a[0] / a[1], comparison: b[0] / b[1] }, a[1] + b[1])!), 0.07006580655);
    const bounds = leeBounds(one, zero, { treatment: 1900, comparison: 2194 });
    near(bounds.lower, 6.136453289);
    near(bounds.upper, 16.76710378);
    near(bounds.share, 0.03233714924);
    expect(bounds.trimmed).toBe(30);
  });

  test("STAR-I and STAR-M: schools as a random intercept", () => {
    const rows = ["small", "regular", "regular+aide"].flatMap((kind) => rowsOf(kind, "k", "readk", "mathk"));
    const schools = star.codes("schoolidk");
    const school = Int32Array.from(rows, (row) => schools[row]!);
    const random = [{ name: "school", group: school }];
    const readers = ["small", "regular", "regular+aide"].flatMap((kind) => rowsOf(kind, "k", "readk"));
    const group = Int32Array.from(readers, (row) => schools[row]!);
    const read = mixedModel([intercept(readers.length)], values("readk", readers), [{ name: "school", group }]);
    const between = read.components[0]!.covariance[0]!;
    near(between, 200.9922201, C);
    near(read.residualVariance, 812.0153388, C);
    near(between / (between + read.residualVariance), 0.1984113725, C);
    const arm = (kind: string): Term => ({
      name: kind,
      values: rows.map((row) => (star.text("stark")[row] === kind ? 1 : 0)),
    });
    const fixed = [intercept(rows.length), arm("small"), arm("regular+aide")];
    const total = values("readk", rows).map((value, i) => value + values("mathk", rows)[i]!);
    const model = mixedModel(fixed, total, random);
    const small = model.infer("small");
    near(small.estimate, 15.92840387, 1e-5);
    near(small.se, 2.167624445, 1e-5);
    near(small.df, 5720.787, 1e-3);
    near(model.components[0]!.covariance[0]!, 1188.222031, C);
    near(model.criterion, 64975.17329, 1e-8);
    const robust = robustMixed(model, fixed, total, random, school, "small");
    expect(robust.se).toBeCloseTo(4.08, 2);
    expect(robust.df).toBeCloseTo(69.2, 1);
  }, 120_000);
});

describe.runIf(causal)(`discontinuities, what is left${why}`, () => {
  const sides = (x: Float64Array, y: Float64Array, donut = -1): [Side, Side] => {
    const rows = Array.from(x.keys()).filter((row) => Number.isFinite(x[row]! + y[row]!) && Math.abs(x[row]!) > donut);
    rows.sort((a, b) => x[a]! - x[b]! || a - b);
    const side = (keep: (value: number) => boolean): Side => {
      const own = rows.filter((row) => keep(x[row]!));
      return { x: Float64Array.from(own, (row) => x[row]!), y: Float64Array.from(own, (row) => y[row]!) };
    };
    return [side((value) => value < 0), side((value) => value >= 0)];
  };

  test("RD-16, RD-17 and RD-18: placebo outcome, placebo covariate, donut", () => {
    const table = Table.read("rdd/headstart_ludwig_miller.csv.gz");
    const jump = (y: string) => {
      return discontinuity(...sides(table.numbers("povrate"), table.numbers(y)), {
        kernel: "uniform",
        order: 1,
        h: [18, 18],
        b: [18, 18],
        residual: "HC0",
      }).conventional.estimate;
    };
    near(jump("mortInj"), 2.426038135);
    near(jump("hs60"), 0.6801529586);
    const lee = Table.read("rdd/lee08.csv.gz");
    const donut = discontinuity(...sides(lee.numbers("margin"), lee.numbers("voteshare"), 1), {
      kernel: "triangular",
      order: 1,
      h: [15, 15],
      b: [15, 15],
      residual: "HC0",
    });
    near(donut.conventional.estimate, 5.827465054);
    expect(donut.rows.left + donut.rows.right).toBe(1659);
  });
});
