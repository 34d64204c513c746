import { describe, expect, test } from "vitest";
import { balanceTable } from "../../../src/models/study/diagnostics/balance.ts";
import { eValueOfDifference } from "../../../src/models/study/diagnostics/sensitivity.ts";
import { stackedAverage } from "../../../src/models/study/doubly-robust/stacked.ts";
import { twoStage } from "../../../src/models/study/instrument/two-stage.ts";
import { matchedSample } from "../../../src/models/study/matching/matched-effect.ts";
import { matchNearest } from "../../../src/models/study/matching/nearest.ts";
import { mixedModel } from "../../../src/models/study/mixed/mixed-model.ts";
import { contrastOf, intercept, linearModel, type Term } from "../../../src/models/study/regression/linear-model.ts";
import { inferContrast, type StandardError } from "../../../src/models/study/regression/robust.ts";
import { propensity } from "../../../src/models/study/weighting/propensity.ts";
import { propensityWeights, weightedEffect } from "../../../src/models/study/weighting/weights.ts";
import { attrition } from "../../../src/models/study/wwc/attrition.ts";
import { c8, c10, causal, near, nearDecimals, survey, Table, why } from "./known.ts";

const B = 1e-6;
const C = 1e-4;

/** The coefficient of one term with its error of one kind. */
const fitted = (terms: Term[], outcome: ArrayLike<number>, name: string, kind: StandardError, cluster?: Int32Array) => {
  const model = linearModel(terms, outcome);
  return inferContrast(model.fit, contrastOf(model, name), kind, cluster);
};

describe.runIf(causal)(`LaLonde, figures beside the headline${why}`, () => {
  test("NSW-8, LDW-1, ML-1: differences with their errors", () => {
    const nsw = Table.read("lalonde/nsw.csv");
    const plain = (table: Table, kind: StandardError) =>
      fitted([intercept(table.rows), table.term("treat")], table.numbers("re78"), "treat", kind);
    near(plain(nsw, "classical").se, 472.0862583);
    near(plain(nsw, "HC2").estimate, 886.3037307);
    near(plain(nsw, "HC2").se, 488.2045295);
    near(plain(survey("cps_controls.csv.gz"), "HC2").se, 583.4320771);
    near(plain(survey("psid_controls.csv"), "HC2").se, 657.0763144);
    near(plain(survey("cps_controls3.csv"), "HC2").se, 677.1953724);
  });

  test.each([
    ["cps_controls.csv.gz", 626.8479132, [0.0005118768, 0.6333636, 0.637511], 1133.275443, 68.31337325],
    ["psid_controls.csv", 854.1488687, [0.0002812062, 0.9902271, 0.9865269], 687.820506, 19.23833614],
  ] as const)(
    "LDW-2, LDW-3, LDW-6, LDW-13 with %s",
    (file, hc1, range, regression, size) => {
      const table = survey(file);
      const treatment = Uint8Array.from(table.numbers("treat"));
      const outcome = table.numbers("re78");
      near(fitted([intercept(table.rows), table.term("treat"), ...c10(table)], outcome, "treat", "HC1").se, hc1);
      const { probability } = propensity([intercept(table.rows), ...c10(table)], treatment);
      const of = (arm: number) => [...probability].filter((_, row) => treatment[row] === arm);
      near(Math.min(...of(1)), range[0], C);
      near(Math.max(...of(1)), range[1], C);
      near(Math.max(...of(0)), range[2], C);
      const controls = table.where((row) => treatment[row] === 0);
      const model = linearModel([intercept(controls.rows), ...c10(controls)], controls.numbers("re78"));
      expect(model.dropped).toEqual([]);
      const terms = [intercept(table.rows), ...c10(table)];
      let gap = 0;
      for (let row = 0; row < table.rows; row++) {
        if (treatment[row] !== 1) continue;
        const expected = terms.reduce((sum, { values }, k) => sum + values[row]! * model.fit.coefficients[k]!, 0);
        gap += (outcome[row]! - expected) / 185;
      }
      near(gap, regression, 1e-7);
      const { rows, weights } = matchedSample(matchNearest(probability, treatment, { replacement: true }));
      const used = [...weights].filter((_, i) => treatment[rows[i]!] === 0);
      near(used.reduce((a, b) => a + b, 0) ** 2 / used.reduce((a, b) => a + b ** 2, 0), size, B);
    },
    120_000,
  );

  test("ML-2, ML-4, ML-6, ML-9, ML-27: what is printed beside the estimates", () => {
    const table = survey("cps_controls3.csv");
    const treatment = Uint8Array.from(table.numbers("treat"));
    const outcome = table.numbers("re78");
    near(
      fitted([intercept(614), table.term("treat"), ...c8(table)], outcome, "treat", "classical").se,
      781.2792975,
      1e-9,
    );
    const scores = propensity([intercept(614), ...c8(table)], treatment);
    const controls = [...scores.probability].filter((_, row) => treatment[row] === 0);
    nearDecimals(Math.min(...controls), 0.00908019, 8);
    nearDecimals(Math.max(...controls), 0.78917283, 8);
    const att = weightedEffect({ outcome, treatment }, scores, "ATT");
    near(att.estimate - 1.959963985 * att.se, -350.2831, B);
    near(att.estimate + 1.959963985 * att.se, 2778.4256, B);
    const weights = propensityWeights("ATE", treatment, scores.probability);
    const thompson = weights.reduce((sum, w, row) => sum + w * outcome[row]! * (treatment[row] === 1 ? 1 : -1), 0);
    near(thompson / 614, -449.7868754, B);
    const before = balanceTable(c8(table), treatment, "treated");
    nearDecimals(before[6]!.varianceRatio!, 0.5181, 4);
    nearDecimals(before[7]!.varianceRatio!, 0.9563, 4);
  });
});

describe.runIf(causal)(`cattaneo2 and NHEFS, means of both worlds${why}`, () => {
  const cattaneo = () => {
    const table = Table.read("cattaneo2/cattaneo2.csv");
    const data = { outcome: table.numbers("bweight"), treatment: Uint8Array.from(table.numbers("mbsmoke")) };
    const squared = table.term("mage2", "mage", (age) => age * age);
    const causes = ["mmarried", "mage", "fbaby", "medu"].map((name) => table.term(name));
    const terms = [intercept(table.rows), causes[0]!, causes[1]!, squared, causes[2]!, causes[3]!];
    const covariates = ["prenatal1", "mmarried", "mage", "fbaby"].map((name) => table.term(name));
    return { table, data, terms, covariates };
  };

  test("CAT-1, CAT-4, CAT-5, CAT-7, CAT-9", () => {
    const { table, data, terms, covariates } = cattaneo();
    near(fitted([intercept(table.rows), table.term("mbsmoke")], data.outcome, "mbsmoke", "HC2").estimate, -275.2518712);
    for (const [link, augmented, weighted] of [
      ["probit", 3403.355253, 3403.335639],
      ["logit", 3403.456757, 3403.434008],
    ] as const) {
      const scores = propensity(terms, data.treatment, link);
      near(stackedAverage("augmented", data, covariates, scores).withoutTreatment.estimate, augmented, B);
      near(stackedAverage("weighted-regression", data, covariates, scores).withoutTreatment.estimate, weighted, B);
    }
    const att = weightedEffect(data, propensity(terms, data.treatment, "logit"), "ATT");
    near(att.estimate, -225.6991893, B);
    near(att.support.effectiveSize.comparison, 1803.321571, B);
  }, 120_000);
});

describe.runIf(causal)(`Tennessee, the arms beside the headline${why}`, () => {
  test("STAR-C, STAR-F, STAR-W: aides, classes as units, the reference arm", () => {
    const all = Table.read("star/mlmRev_star.csv.gz");
    const [gr, read, math] = [all.text("gr"), all.numbers("read"), all.numbers("math")];
    const table = all.where((row) => gr[row] === "K" && Number.isFinite(read[row]! + math[row]!));
    const total = table.numbers("read").map((value, row) => value + table.numbers("math")[row]!);
    const kind = table.text("cltype");
    const arm = (name: string): Term => ({ name, values: kind.map((value) => (value === name ? 1 : 0)) });
    const aide = fitted([intercept(table.rows), arm("small"), arm("reg+A")], total, "reg+A", "CR2", table.codes("tch"));
    near(aide.se, 6.076755591);
    near(aide.df, 192.6132369);

    const sums = new Map<number, { sum: number; n: number; small: number }>();
    const teacher = table.codes("tch");
    for (let row = 0; row < table.rows; row++) {
      if (kind[row] === "reg+A") continue;
      const own = sums.get(teacher[row]!) ?? { sum: 0, n: 0, small: kind[row] === "small" ? 1 : 0 };
      sums.set(teacher[row]!, { ...own, sum: own.sum + total[row]!, n: own.n + 1 });
    }
    const classes = [...sums.values()];
    const small: Term = { name: "small", values: classes.map((own) => own.small) };
    const means = classes.map(({ sum, n }) => sum / n);
    const pooled = fitted([intercept(classes.length), small], means, "small", "classical");
    near(pooled.estimate, 10.52918861);
    near(pooled.se, 6.023804482);
    expect(pooled.df).toBe(232);

    const star = Table.read("star/AER_STAR.csv.gz");
    const [school, grade1, own] = [star.text("schoolidk"), star.numbers("math1"), star.text("stark")];
    const first = star.where((row) => school[row] !== "" && own[row] !== "" && Number.isFinite(grade1[row]!));
    const armOf = (name: string): Term => ({
      name,
      values: first.text("stark").map((value) => (value === name ? 1 : 0)),
    });
    const terms = [intercept(first.rows), armOf("small"), armOf("regular+aide")];
    const cr2 = (name: string) => fitted(terms, first.numbers("math1"), name, "CR2", first.codes("schoolidk"));
    near(cr2("small").estimate, 9.468506021);
    near(cr2("regular+aide").estimate, -0.4827424827);
    near(cr2("regular+aide").se, 1.860772109);
    near(cr2("(intercept)").estimate, 531.7272727);
    near(cr2("(intercept)").se, 2.776559192);
  }, 120_000);

  test("STAR-I: intraclass correlations of reading and mathematics in four grades", () => {
    const star = Table.read("star/AER_STAR.csv.gz");
    for (const [g, reading, maths] of [
      ["k", 0.1984113725, 0.2000985627],
      ["1", 0.2067288476, 0.2074899566],
      ["2", 0.1771337278, 0.1965871638],
      ["3", 0.136908766, 0.1847848738],
    ] as const) {
      for (const [subject, expected] of [
        [`read${g}`, reading],
        [`math${g}`, maths],
      ] as const) {
        const [score, kind] = [star.numbers(subject), star.text(`star${g}`)];
        const table = star.where((row) => kind[row] !== "" && kind[row] !== "NA" && Number.isFinite(score[row]!));
        const group = table.codes(`schoolid${g}`);
        const model = mixedModel([intercept(table.rows)], table.numbers(subject), [{ name: "school", group }]);
        const between = model.components[0]!.covariance[0]!;
        near(between / (between + model.residualVariance), expected, C);
      }
    }
  }, 120_000);

  test("WEX-1 to WEX-3: attrition of either arm", () => {
    for (const [small, regular, overall, ofSmall, ofRegular] of [
      [1738, 2005, 8.573522, 8.526316, 8.614403],
      [937, 1047, 51.538837, 50.684211, 52.278943],
      [1339, 1456, 31.72936, undefined, undefined],
    ] as const) {
      const got = attrition({ assigned: 1900, analysed: small }, { assigned: 2194, analysed: regular });
      nearDecimals(100 * got.overall, overall, 6);
      if (ofSmall === undefined) nearDecimals(got.differential, 4.110877, 6);
      else nearDecimals(100 * (1 - small / 1900), ofSmall, 6);
      if (ofRegular !== undefined) nearDecimals(100 * (1 - regular / 2194), ofRegular, 6);
    }
  });
});

describe.runIf(causal)(`Maimonides' rule, every grade and subject${why}`, () => {
  // columns: estimate and error of MAI-1 … MAI-6, then MAI-8 and MAI-9
  test.each([
    [
      "final5.csv.gz",
      "avgmath",
      [0.3217141368, 0.04015039, 0.07582518996, 0.03576417, 0.01853505844, 0.04213944],
      [-0.0130465333, 0.05772648, -0.2311483684, 0.09860295, -0.264421837, 0.12327801],
      [0.7027388407, -0.009168305687, 0.04051887, -0.1854642643, 0.15529329, 471],
    ],
    [
      "final4.csv.gz",
      "avgverb",
      [0.1414598921, 0.03474964, -0.05298331531, 0.02763541, -0.0404513107, 0.03203086],
      [-0.1100296864, 0.04045255, -0.1328693282, 0.06092344, -0.0739078719, 0.06835423],
      [0.77165332, -0.08490477281, 0.03109287, -0.0979544242, 0.09532017, 415],
    ],
    [
      "final4.csv.gz",
      "avgmath",
      [0.2205578215, 0.03888561, 0.05484798509, 0.03554802, 0.009104863379, 0.03961329],
      [0.04873098869, 0.0520659, -0.04969512721, 0.0747769, -0.03282457249, 0.08459849],
      [0.77165332, 0.03760342921, 0.04022733, 0.0948009181, 0.12663222, 415],
    ],
  ] as const)("MAI-1 to MAI-9: %s, %s", (file, subject, least, stages, rest) => {
    const whole = Table.read(`maimonides/${file}`);
    // A class nobody of which sat the test has a mean of 0 in the file.
    const sat = whole.numbers(subject === "avgmath" ? "mathsize" : "verbsize");
    const table = whole.where((row) => sat[row]! > 0);
    const predicted = (own: Table) => own.term("f", "c_size", (size) => size / (Math.floor((size - 1) / 40) + 1));
    const [disadvantaged, size] = [table.term("tipuach"), table.term("c_size")];
    const squared = table.term("c_size2", "c_size", (value) => value ** 2 / 100);
    [[], [disadvantaged], [disadvantaged, size]].forEach((covariates, k) => {
      const terms = [intercept(table.rows), table.term("classize"), ...covariates];
      const got = fitted(terms, table.numbers(subject), "classize", "CR1S", table.codes("schlcode"));
      near(got.estimate, least[2 * k]!);
      near(got.se, least[2 * k + 1]!, 1e-6);
    });
    const run = (own: Table, covariates: Term[]) =>
      twoStage({
        outcome: own.numbers(subject),
        received: own.numbers("classize"),
        instruments: [predicted(own)],
        covariates,
        cluster: own.codes("schlcode"),
      });
    [[disadvantaged], [disadvantaged, size], [disadvantaged, size, squared]].forEach((covariates, k) => {
      const got = run(table, covariates);
      near(got.estimate, stages[2 * k]!, 1e-7);
      near(got.se, stages[2 * k + 1]!, 1e-6);
    });
    const one = run(table, [disadvantaged]);
    near(one.onTreatment!.estimate, rest[0], 1e-7);
    near(one.onOutcome!.estimate, rest[1], 1e-7);
    near(one.onOutcome!.se, rest[2], 1e-6);
    const enrolment = table.numbers("c_size");
    const near40 = table.where((row) =>
      [36, 76, 116].some((from) => enrolment[row]! >= from && enrolment[row]! <= from + 9),
    );
    expect(near40.rows).toBe(rest[5]);
    const sample = run(near40, [near40.term("tipuach")]);
    near(sample.estimate, rest[3], 1e-7);
    near(sample.se, rest[4], 1e-6);
  });
});

describe.runIf(causal)(`the two designs of two periods and of two sides${why}`, () => {
  test("DID-1 and DID-4: cell means, and with the chains", () => {
    const table = Table.read("did/cardkrueger1994.csv");
    const [after, treated, fte] = [table.numbers("t"), table.numbers("treated"), table.numbers("fte")];
    for (const [arm, time, expected] of [
      [0, 0, 20.01315789],
      [0, 1, 17.52302632],
      [1, 0, 17.06926752],
      [1, 1, 17.5183121],
    ] as const) {
      const cell = fte.filter((value, row) => treated[row] === arm && after[row] === time && Number.isFinite(value));
      near(cell.reduce((sum, value) => sum + value, 0) / cell.length, expected);
    }
    const both: Term = { name: "both", values: after.map((value, row) => value * treated[row]!) };
    const chains = ["bk", "kfc", "roys"].map((name) => table.term(name));
    const terms = [intercept(table.rows), table.term("t"), table.term("treated"), both, ...chains];
    const got = fitted(terms, fte, "both", "HC1");
    near(got.estimate, 2.939176165);
    near(got.se, 1.572988865);
  });

  test.each([
    ["lee", "uniform", [5, 10, 15, 25, 50], [1.595166156, 1.262712423, 1.065412811, 0.8386837634, 0.6225711911]],
    ["lee", "triangular", [5, 10, 15, 20, 25], [1.479086127, 1.292748031, 1.119011251, 0.9925436869, 0.8994920577]],
    ["mortHS", "uniform", [9, 18, 36], [0.9839040194, 0.6622103998, 0.5006029813]],
    ["mortHS", "triangular", [9, 18, 36], [1.040029404, 0.7450488013, 0.530327649]],
    ["mortInj", "uniform", [18], [2.429419344]],
    ["hs60", "uniform", [18], [0.5863056914]],
  ] as const)(
    "RD-1 to RD-17: %s, %s kernel, errors of the weighted regression (HC1)",
    (set, kernel, widths, errors) => {
      const table = Table.read(set === "lee" ? "rdd/lee08.csv.gz" : "rdd/headstart_ludwig_miller.csv.gz");
      const [x, y] = set === "lee" ? ["margin", "voteshare"] : ["povrate", set];
      const known = table.where((row) => Number.isFinite(table.numbers(x)[row]! + table.numbers(y)[row]!));
      widths.forEach((h, k) => {
        const own = known.where((row) => Math.abs(known.numbers(x)[row]!) <= h);
        const at = own.numbers(x);
        const right: Term = { name: "right", values: at.map((value) => (value >= 0 ? 1 : 0)) };
        const slope: Term = { name: "right x", values: at.map((value) => Math.max(value, 0)) };
        const weights = at.map((value) => (kernel === "uniform" ? 1 : 1 - Math.abs(value) / h));
        const model = linearModel([intercept(own.rows), right, own.term(x), slope], own.numbers(y), weights);
        near(inferContrast(model.fit, contrastOf(model, "right"), "HC1").se, errors[k]!);
      });
    },
  );

  test("RD-11: global polynomials on both sides", () => {
    const lee = Table.read("rdd/lee08.csv.gz");
    const x = lee.numbers("margin").map((value) => value / 100);
    const y = lee.numbers("voteshare").map((value) => value / 100);
    const right: Term = { name: "right", values: x.map((value) => (value >= 0 ? 1 : 0)) };
    [
      [0.1182333413, 0.0056157],
      [0.0518684606, 0.0071052],
      [0.1114956453, 0.0092868],
      [0.07658521562, 0.01132388],
      [0.0433171796, 0.0131894],
    ].forEach(([estimate, se], k) => {
      const powers = Array.from({ length: k + 1 }, (_, p): Term[] => {
        const values = x.map((value) => value ** (p + 1));
        return [
          { name: `x${p}`, values },
          { name: `right x${p}`, values: values.map((value, row) => value * right.values[row]!) },
        ];
      }).flat();
      const got = fitted([intercept(lee.rows), right, ...powers], y, "right", "HC1");
      near(got.estimate, estimate!, 1e-7);
      nearDecimals(got.se, se!, k === 3 ? 8 : 7);
    });
  });
});

test("SEN-3 and SEN-4: limits of the risk ratio behind an E-value", () => {
  for (const [se, limit] of [
    [0.05, 1.097461735],
    [0.15, 0.918512],
  ] as const) {
    const lower = Math.exp(0.91 * 0.2 - 1.78 * se);
    near(lower, limit, 1e-6);
    const expected = lower <= 1 ? 1 : lower + Math.sqrt(lower * (lower - 1));
    near(eValueOfDifference(0.2, se).limit, expected, 1e-6);
  }
});
