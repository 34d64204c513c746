import { describe, expect, test } from "vitest";
import { aggregate } from "../../../src/models/study/did/aggregate.ts";
import { groupTimeEffects } from "../../../src/models/study/did/group-time.ts";
import { balancedPanel } from "../../../src/models/study/did/panel.ts";
import { densityTest } from "../../../src/models/study/discontinuity/density.ts";
import { improvementIndex } from "../../../src/models/study/effect-size.ts";
import { mixedModel } from "../../../src/models/study/mixed/mixed-model.ts";
import {
  contrastOf,
  dummies,
  intercept,
  linearModel,
  type Term,
} from "../../../src/models/study/regression/linear-model.ts";
import { inferContrast } from "../../../src/models/study/regression/robust.ts";
import { causal, near, nearDecimals, Table, why } from "./known.ts";
import { sleep } from "./sleep.ts";

const B = 1e-6;
const C = 1e-4;

describe.runIf(causal)(`minimum wages, every aggregate${why}`, () => {
  const table = causal ? Table.read("did/mpdta_callaway_santanna.csv") : undefined!;
  const panel = (covariates: readonly string[] = []) =>
    balancedPanel({
      outcome: table.numbers("lemp"),
      unit: table.numbers("countyreal"),
      period: table.numbers("year"),
      firstTreated: table.numbers("first.treat"),
      covariates: covariates.map((name) => table.term(name)),
    });

  test("CS-7 and CS-9: by group and by calendar year", () => {
    const own = panel();
    const effects = groupTimeEffects(own, { control: "never" });
    const group = aggregate(own, effects, "group").detail;
    [-0.07974912657, -0.02290953925, -0.02605441072].forEach((estimate, k) => {
      near(group[k]!.estimate, estimate);
    });
    near(group[1]!.se, 0.01670333026);
    const calendar = aggregate(own, effects, "calendar").detail;
    [-0.01050324622, -0.0704231581, -0.04881598427, -0.03705933994].forEach((estimate, k) => {
      near(calendar[k]!.estimate, estimate);
    });
  });

  test("CS-11: the other cells beside those not treated yet", () => {
    const effects = groupTimeEffects(panel(), { control: "not-yet" });
    for (const [group, period, estimate] of [
      [2004, 2005, -0.07831909906],
      [2004, 2007, -0.1008113631],
      [2006, 2005, -0.001939246096],
      [2006, 2006, 0.00466087632],
      [2007, 2004, 0.02975936476],
    ] as const) {
      near(effects.find((cell) => cell.group === group && cell.period === period)!.estimate, estimate);
    }
  });

  test("CS-13 and CS-14: doubly robust, the other groups and aggregates", () => {
    const own = panel(["lpop"]);
    const effects = groupTimeEffects(own, { control: "never" });
    for (const [group, expected] of [
      [2006, [-0.0004721460885, -0.00620252458, 0.0009605737467, -0.04129386559]],
      [2007, [0.0267277962, -0.004576570764, -0.0284474872, -0.02878136104]],
    ] as const) {
      expected.forEach((estimate, k) => {
        near(effects.find((cell) => cell.group === group && cell.period === 2004 + k)!.estimate, estimate, B);
      });
    }
    near(aggregate(own, effects, "simple").overall.estimate, -0.04175177206, B);
    near(aggregate(own, effects, "dynamic").overall.se, 0.01895755724, B);
    near(aggregate(own, effects, "group").overall.estimate, -0.03281959716, B);
  });
});

test("MIX-1: correlation and Cholesky factor of intercepts and slopes", () => {
  const reactions = Object.values(sleep).flat();
  const subject = Object.keys(sleep).flatMap((_, i) => new Array<number>(10).fill(i));
  const days: Term = { name: "days", values: reactions.map((_, row) => row % 10) };
  const model = mixedModel([intercept(180), days], reactions, [{ name: "subject", group: subject, slopes: [days] }]);
  const [start, both, , slope] = model.components[0]!.covariance;
  nearDecimals(both! / Math.sqrt(start! * slope!), 0.06555123824, 4);
  [0.966741774, 0.0151690589, 0.2309099532].forEach((expected, k) => {
    near(model.theta[k]!, expected, k === 1 ? 1e-3 : C); // the second is nearly zero beside the others
  });
});

describe.runIf(causal)(`multilevel data, errors and variances${why}`, () => {
  const product = (a: Term, b: Term, name: string): Term => ({
    name,
    values: Array.from(a.values, (value, row) => value * b.values[row]!),
  });

  test("MIX-3 to MIX-5: High School and Beyond", () => {
    const hsb = Table.read("education_mlm/Hsb82.csv.gz");
    const [outcome, group] = [hsb.numbers("mAch"), hsb.codes("school")];
    const nothing = mixedModel([intercept(7185)], outcome, [{ name: "school", group }]);
    const between = nothing.components[0]!.covariance[0]!;
    near(between / (between + nothing.residualVariance), 0.1803517923, C);
    const sector = hsb.text("sector");
    const cath: Term = { name: "cath", values: sector.map((value) => (value === "Catholic" ? 1 : 0)) };
    const [cses, meanses] = [hsb.term("cses"), hsb.term("meanses")];
    const terms = [intercept(7185), cses, meanses, cath];
    const means = mixedModel(terms, outcome, [{ name: "school", group }]);
    near(means.components[0]!.covariance[0]!, 2.368722409, C);
    near(means.residualVariance, 37.02296512, C);
    const all = [intercept(7185), meanses, cses, cath, product(meanses, cses, "mc"), product(cath, cses, "cc")];
    const slopes = mixedModel(all, outcome, [{ name: "school", group, slopes: [cses] }]);
    [0.19929, 0.36916, 0.1556, 0.30627, 0.29889, 0.23978].forEach((se, k) => {
      nearDecimals(slopes.infer(all[k]!.name).se, se, 5);
    });
  }, 120_000);

  test("MIX-6 to MIX-8: growth of children in schools, chemistry", () => {
    const eg = Table.read("education_mlm/egsingle.csv.gz");
    const year = eg.term("year");
    const groups = { child: eg.codes("childid"), school: eg.codes("schoolid") };
    const nested = mixedModel([intercept(eg.rows), year], eg.numbers("math"), [
      { name: "child", group: groups.child },
      { name: "school", group: groups.school },
    ]);
    nearDecimals(nested.infer("(intercept)").se, 0.0610879, 6);
    nearDecimals(nested.infer("year").se, 0.00539635, 7);
    const slopes = mixedModel([intercept(eg.rows), year], eg.numbers("math"), [
      { name: "child", group: groups.child, slopes: [year] },
      { name: "school", group: groups.school, slopes: [year] },
    ]);
    nearDecimals(slopes.infer("(intercept)").se, 0.0583016, 5);
    nearDecimals(slopes.infer("year").se, 0.0153992, 5);
    near(slopes.components[0]!.covariance[0]!, 0.640474536, 1e-3);
    near(slopes.components[0]!.covariance[1]!, 0.046787048, 1e-3);
    near(slopes.components[1]!.covariance[3]!, 0.011263906, 1e-3);
    near(slopes.components[1]!.covariance[1]!, 0.017339555, 1e-3);
    near(slopes.residualVariance, 0.301432575, C);
    const chem = Table.read("education_mlm/Chem97.csv.gz");
    const crossed = mixedModel([intercept(chem.rows), chem.term("gcsecnt")], chem.numbers("score"), [
      { name: "school", group: chem.codes("school") },
      { name: "lea", group: chem.codes("lea") },
    ]);
    nearDecimals(crossed.infer("(intercept)").se, 0.0312346, 6);
    nearDecimals(crossed.infer("gcsecnt").se, 0.0169041, 6);
    near(crossed.residualVariance, 5.154201476, C);
  }, 240_000);

  test("STAR-M and STAR-E: the intercept and the aides", () => {
    const star = Table.read("star/AER_STAR.csv.gz");
    const [read, math, kind] = [star.numbers("readk"), star.numbers("mathk"), star.text("stark")];
    const table = star.where((row) => !["", "NA"].includes(kind[row]!) && Number.isFinite(read[row]! + math[row]!));
    const arm = (own: Table, column: string, name: string): Term => ({
      name,
      values: own.text(column).map((value) => (value === name ? 1 : 0)),
    });
    const sum = (own: Table, a: string, b: string) => own.numbers(a).map((value, row) => value + own.numbers(b)[row]!);
    const terms = [intercept(table.rows), arm(table, "stark", "small"), arm(table, "stark", "regular+aide")];
    const one = mixedModel(terms, sum(table, "readk", "mathk"), [{ name: "school", group: table.codes("schoolidk") }]);
    near(one.infer("(intercept)").estimate, 917.0053186, 1e-5);
    near(one.infer("(intercept)").se, 4.157659989, 1e-5);
    near(one.infer("regular+aide").estimate, 1.645972116, 1e-5);
    near(one.infer("regular+aide").se, 2.083321049, 1e-5);
    const all = Table.read("star/mlmRev_star.csv.gz");
    const [gr, reading, maths] = [all.text("gr"), all.numbers("read"), all.numbers("math")];
    const kindergarten = all.where((row) => gr[row] === "K" && Number.isFinite(reading[row]! + maths[row]!));
    const two = mixedModel(
      [intercept(kindergarten.rows), arm(kindergarten, "cltype", "small"), arm(kindergarten, "cltype", "reg+A")],
      sum(kindergarten, "read", "math"),
      [
        { name: "school", group: kindergarten.codes("sch") },
        { name: "class", group: kindergarten.codes("tch") },
      ],
    );
    near(two.infer("(intercept)").estimate, 917.7182841, 1e-5);
    near(two.infer("(intercept)").se, 4.671873609, 1e-5);
    near(two.infer("reg+A").estimate, 1.057870741, 1e-5);
    near(two.infer("reg+A").se, 4.208380975, 1e-5);
    near(two.residualVariance, 3756.5215, C);
  }, 240_000);

  test.each([
    ["k", 5874, 4.737420267, 5.357808538, 1.447983119],
    ["1", 6617, 8.657502908, 8.363405253, 1.369013451],
    ["2", 6093, 5.96966802, 6.547662335, 1.568254968],
    ["3", 6110, 5.603922829, 5.620825322, 1.343463983],
  ] as const)("STAR-P: percentiles of grade %s, as Krueger scored them", (g, rows, plain, fixed, se) => {
    const star = Table.read("star/AER_STAR.csv.gz");
    const kind = star.text(`star${g}`);
    const percentile = (subject: string) => {
      const score = star.numbers(subject);
      const among = score.filter((value, row) => kind[row]!.startsWith("regular") && Number.isFinite(value)).sort();
      return score.map((value) => {
        if (!Number.isFinite(value)) return Number.NaN;
        let [low, high] = [0, among.length];
        while (low < high) {
          const middle = (low + high) >> 1;
          if (among[middle]! <= value) low = middle + 1;
          else high = middle;
        }
        return (100 * low) / among.length;
      });
    };
    const [read, math] = [percentile(`read${g}`), percentile(`math${g}`)];
    const own = Array.from(kind.keys()).filter(
      (row) => !["", "NA"].includes(kind[row]!) && (Number.isFinite(read[row]!) || Number.isFinite(math[row]!)),
    );
    expect(own).toHaveLength(rows);
    const outcome = own.map((row) => {
      const both = [read[row]!, math[row]!].filter(Number.isFinite);
      return both.reduce((sum, value) => sum + value, 0) / both.length;
    });
    const arms = ["small", "regular+aide"].map(
      (name): Term => ({ name, values: own.map((row) => (kind[row] === name ? 1 : 0)) }),
    );
    const model = linearModel([intercept(rows), ...arms], outcome);
    near(inferContrast(model.fit, contrastOf(model, "small"), "classical").estimate, plain);
    const codes = star.codes(`schoolid${g}`);
    const school = Int32Array.from(own, (row) => codes[row]!);
    const within = linearModel([intercept(rows), ...arms, ...dummies("school", school)], outcome);
    // The published errors carry Stata's factor for the school dummies too.
    const got = inferContrast(within.fit, contrastOf(within, "small"), "CR1S", school);
    near(got.estimate, fixed);
    near(got.se, se);
  });

  test("RD-47: McCrary's test at other widths", () => {
    const lee = densityTest(Table.read("rdd/lee08.csv.gz").numbers("margin"), 20);
    near(lee.logDifference, 0.1200110851);
    near(lee.se, 0.08828947383);
    const table = Table.read("rdd/headstart_ludwig_miller.csv.gz");
    const died = table.numbers("mortHS");
    const poor = densityTest(
      table.numbers("povrate").filter((_, row) => Number.isFinite(died[row]!)),
      18,
    );
    near(poor.se, 0.1293985111);
    near(poor.p, 0.909407937);
  });
});

test("WWC-10: improvement indices", () => {
  for (const [g, index] of [
    [0.05, 1.993881],
    [0.1, 3.982784],
    [0.5, 19.146246],
  ] as const) {
    nearDecimals(improvementIndex(g), index, 6);
  }
});
