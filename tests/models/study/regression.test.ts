import { describe, expect, test } from "vitest";
import { clusterSandwich } from "../../../src/models/study/regression/cluster-robust.ts";
import {
  centred,
  contrastOf,
  dummies,
  interactions,
  intercept,
  type LinearModel,
  linearModel,
  type Term,
} from "../../../src/models/study/regression/linear-model.ts";
import { inferContrast, type StandardError } from "../../../src/models/study/regression/robust.ts";
import { fisherUpper } from "../../../src/numeric/tail-areas.ts";
import { c10, causal, near, Table, why } from "./known.ts";

// Handbook, appendix A.1: twenty-one rows in six clusters
const clusters = [1, 1, 1, 2, 2, 2, 2, 3, 3, 4, 4, 4, 4, 4, 5, 5, 5, 6, 6, 6, 6];
const t: Term = { name: "t", values: [0, 0, 0, 1, 1, 1, 1, 0, 0, 1, 1, 1, 1, 1, 0, 0, 0, 1, 1, 1, 1] };
const x: Term = { name: "x", values: [1, 2, 3, 2, 3, 4, 5, 1, 4, 3, 3, 4, 6, 7, 2, 2, 5, 1, 6, 7, 8] };
const y = [2.1, 3, 3.9, 4.2, 5.1, 6.3, 7.2, 1.8, 5.2, 5, 5.4, 6.1, 8.3, 9, 2.7, 3.1, 6.2, 3.3, 8.1, 9.4, 10.2];
const printed = linearModel([intercept(21), t, x], y);
const weights = Float64Array.from({ length: 21 }, (_, row) => 1 + ((row + 1) % 3));
const weighted = linearModel([intercept(21), t, x], y, weights);

const inferAll = (model: LinearModel, kind: StandardError, cluster?: ArrayLike<number>) =>
  model.names.map((name) => inferContrast(model.fit, contrastOf(model, name), kind, cluster));

describe("cluster-robust variance on printed data (clubSandwich 0.5.8)", () => {
  test("CR-1: coefficients", () => {
    [0.9711111111, 1.176444444, 1.011555556].forEach((expected, k) => {
      near(printed.fit.coefficients[k]!, expected, 1e-9);
    });
  });

  test.each<[StandardError, number[], number[]]>([
    ["CR0", [0.0373700026, 0.03196812452, 0.01425019827], [3.676064927, 4.113853537, 3.381107038]],
    ["CR1", [0.04093678679, 0.03501932585, 0.01561031008], [3.676064927, 4.113853537, 3.381107038]],
    ["CR1p", [0.0528491645, 0.04520975526, 0.02015282366], [3.676064927, 4.113853537, 3.381107038]],
    ["CR1S", [0.04315116212, 0.0369136106, 0.01645471161], [3.676064927, 4.113853537, 3.381107038]],
    ["CR2", [0.0407234819, 0.03606752422, 0.01561561154], [3.560163682, 4.001902891, 2.725383657]],
    ["CR3", [0.0451529502, 0.04143493718, 0.01741443329], [3.42326965, 3.893769215, 2.144616641]],
    ["HC2", [0.07816322366, 0.08469858751, 0.01898057709], [18, 18, 18]],
  ])("CR-2 to CR-10: %s and its degrees of freedom", (kind, errors, degrees) => {
    const rows = inferAll(printed, kind, clusters);
    rows.forEach(({ se, df }, k) => {
      near(se, errors[k]!, 1e-8);
      near(df, degrees[k]!, 1e-8);
    });
  });

  test("CR-11: joint test of t and x", () => {
    const joint = clusterSandwich(printed.fit, clusters, "CR2").joint([
      contrastOf(printed, "t"),
      contrastOf(printed, "x"),
    ]);
    near(joint.q, 18960.63952);
    near(joint.eta, 3.574873379);
    near(joint.f, 6828.388138);
    near(joint.denominator, 2.574873379);
    near(fisherUpper(joint.f, joint.numerator, joint.denominator), 1.60220391e-5);
  });

  test("CR-12: weighted, identity working variance", () => {
    [0.9727938834, 1.151396411, 1.016289689].forEach((expected, k) => {
      near(weighted.fit.coefficients[k]!, expected, 1e-9);
    });
    const [errors, degrees] = [
      [0.06851089757, 0.05986783895, 0.02214524798],
      [3.268868676, 2.98577771, 3.399634145],
    ];
    inferAll(weighted, "CR2", clusters).forEach(({ se, df }, k) => {
      near(se, errors![k]!);
      near(df, degrees![k]!);
    });
  });

  test("CR-13: weighted, working variance 1/w", () => {
    const sandwich = clusterSandwich(
      weighted.fit,
      clusters,
      "CR2",
      weights.map((weight) => 1 / weight),
    );
    const [errors, degrees] = [
      [0.06568894446, 0.05523002246, 0.02135022295],
      [3.531237328, 3.479802169, 3.372367057],
    ];
    weighted.names.forEach((name, k) => {
      const { se, df } = sandwich.infer(contrastOf(weighted, name));
      near(se, errors![k]!);
      near(df, degrees![k]!);
    });
  });

  test("a working variance of ones, said, is the working variance of ones, unsaid; one weight for all is none", () => {
    const said = clusterSandwich(printed.fit, clusters, "CR2", new Float64Array(21).fill(1)).infer(
      contrastOf(printed, "t"),
    );
    const sevens = linearModel([intercept(21), t, x], y, new Float64Array(21).fill(7));
    const scaled = inferContrast(sevens.fit, contrastOf(sevens, "t"), "CR2", clusters);
    const plain = inferContrast(printed.fit, contrastOf(printed, "t"), "CR2", clusters);
    for (const other of [said, scaled]) {
      near(other.se, plain.se, 1e-12);
      near(other.df, plain.df, 1e-11);
    }
  });

  test("a column that repeats others is dropped by name, the later one", () => {
    const twice: Term = {
      name: "twice x less t",
      values: Array.from(x.values, (value, row) => 2 * value - t.values[row]!),
    };
    const model = linearModel([intercept(21), t, x, twice], y);
    expect(model.dropped).toEqual(["twice x less t"]);
    near(model.fit.coefficients[1]!, printed.fit.coefficients[1]!, 1e-12);
  });
});

describe.runIf(causal)(`regressions of public data${why}`, () => {
  test("NSW-2 to NSW-4: the experiment with HC0 to HC3, covariates, Lin", () => {
    const nsw = Table.read("lalonde/nsw_dw.csv");
    const treat = nsw.term("treat");
    const plain = linearModel([intercept(nsw.rows), treat], nsw.numbers("re78"));
    const errorOf = (model: LinearModel, kind: StandardError) =>
      inferContrast(model.fit, contrastOf(model, "treat"), kind).se;
    near(errorOf(plain, "classical"), 632.8533936, 1e-9);
    near(errorOf(plain, "HC0"), 669.3153243, 1e-9);
    near(errorOf(plain, "HC1"), 670.8244927, 1e-9);
    near(errorOf(plain, "HC2"), 670.9965464, 1e-9);
    near(errorOf(plain, "HC3"), 672.682149, 1e-9);
    const adjusted = linearModel([intercept(nsw.rows), treat, ...c10(nsw)], nsw.numbers("re78"));
    near(inferContrast(adjusted.fit, contrastOf(adjusted, "treat"), "HC2").estimate, 1670.708822, 1e-9);
    near(errorOf(adjusted, "classical"), 641.1321046, 1e-9);
    near(errorOf(adjusted, "HC1"), 680.2009863, 1e-9);
    near(errorOf(adjusted, "HC2"), 682.318744, 1e-9);
    near(errorOf(adjusted, "HC3"), 694.1700089, 1e-9);
    const around = centred(c10(nsw));
    const lin = linearModel(
      [intercept(nsw.rows), treat, ...around, ...interactions(treat, around)],
      nsw.numbers("re78"),
    );
    const { estimate, se, df } = inferContrast(lin.fit, contrastOf(lin, "treat"), "HC2");
    near(estimate, 1583.467337, 1e-9);
    near(se, 678.0572464, 1e-9);
    expect(df).toBe(423);
  });

  const star = causal ? Table.read("star/AER_STAR.csv.gz") : undefined;
  const grade = (g: string) => {
    const [read, math] = [star!.numbers(`read${g}`), star!.numbers(`math${g}`)];
    const kind = star!.text(`star${g}`);
    return star!.where((row) => kind[row] !== "" && kind[row] !== "NA" && Number.isFinite(read[row]! + math[row]!));
  };
  const armTerm = (table: Table, column: string, name: string): Term => ({
    name,
    values: table.text(column).map((value) => (value === name ? 1 : 0)),
  });

  test.each([
    [
      "k",
      5786,
      [13.89899446, 2.454093315, 0.3139354258, 2.270975875],
      [16.02230683, 4.117436096, 1.699275317, 3.730931315],
      [4.091687654, 69.20007692, 3.705657594, 69.78579456],
      [4.242286382, 69.10319963],
    ],
    [
      "1",
      6379,
      [29.78077009, 2.831141243, 11.95872073, 2.652010377],
      [29.00909765, 4.650626053, 7.239911736, 3.858494584],
      [4.627973184, 65.73451042, 3.843794327, 62.09389226],
      [4.796117327, 65.88795986],
    ],
    [
      "2",
      6049,
      [19.39436721, 2.711666111, 3.479138156, 2.544725312],
      [21.23177127, 4.851422162, 4.236096866, 4.29305122],
      [4.826876842, 65.46411784, 4.270930295, 62.21675187],
      [5.13469863, 66.20010747],
    ],
    [
      "3",
      5967,
      [15.58659805, 2.39604221, -0.2909386075, 2.272708362],
      [15.47456505, 3.722105104, 0.4496260403, 3.71792784],
      [3.701844275, 64.45677834, 3.697922136, 63.17552884],
      [4.216402732, 66.27203267],
    ],
  ] as const)(
    "STAR-%s: plain, with school effects, CR1S and CR2",
    (g, rows, plainExpected, fixedExpected, cr2Expected, plainCr2) => {
      const table = grade(g);
      expect(table.rows).toBe(rows);
      const total = table.numbers(`read${g}`).map((read, row) => read + table.numbers(`math${g}`)[row]!);
      const arms = [armTerm(table, `star${g}`, "small"), armTerm(table, `star${g}`, "regular+aide")];
      const school = table.codes(`schoolid${g}`);
      const plain = linearModel([intercept(rows), ...arms], total);
      const fixed = linearModel([intercept(rows), ...arms, ...dummies("school", school)], total);
      arms.forEach(({ name }, k) => {
        const hc1 = inferContrast(plain.fit, contrastOf(plain, name), "HC1");
        near(hc1.estimate, plainExpected[2 * k]!, 1e-9);
        near(hc1.se, plainExpected[2 * k + 1]!, 1e-9);
        const stata = inferContrast(fixed.fit, contrastOf(fixed, name), "CR1S", school);
        near(stata.estimate, fixedExpected[2 * k]!);
        near(stata.se, fixedExpected[2 * k + 1]!, 1e-9);
        const reduced = inferContrast(fixed.fit, contrastOf(fixed, name), "CR2", school);
        near(reduced.se, cr2Expected[2 * k]!, 1e-9);
        near(reduced.df, cr2Expected[2 * k + 1]!, 1e-9);
      });
      const clustered = inferContrast(plain.fit, contrastOf(plain, "small"), "CR2", school);
      near(clustered.se, plainCr2[0], 1e-9);
      near(clustered.df, plainCr2[1], 1e-9);
    },
    120_000,
  );

  test("STAR-W: every CR and the joint test of the clubSandwich vignette", () => {
    const [school, math, kind] = [star!.text("schoolidk"), star!.numbers("math1"), star!.text("stark")];
    const table = star!.where((row) => school[row] !== "" && kind[row] !== "" && Number.isFinite(math[row]!));
    expect(table.rows).toBe(4424);
    const arms = [armTerm(table, "stark", "small"), armTerm(table, "stark", "regular+aide")];
    const model = linearModel([intercept(table.rows), ...arms], table.numbers("math1"));
    const cluster = table.codes("schoolidk");
    const small = (kindOf: StandardError) => inferContrast(model.fit, contrastOf(model, "small"), kindOf, cluster);
    near(small("CR0").se, 2.280643127);
    near(small("CR1").se, 2.295216075);
    near(small("CR1p").se, 2.325220173);
    near(small("CR1S").se, 2.295735178);
    near(small("CR2").se, 2.301616643);
    near(small("CR2").df, 65.58206769);
    near(small("CR3").se, 2.322864896);
    const joint = clusterSandwich(model.fit, cluster, "CR2").joint(arms.map(({ name }) => contrastOf(model, name)));
    near(joint.f, 10.18217642);
    near(joint.denominator, 65.34236405);
  }, 120_000);

  test("STAR-C and STAR-D: classes as clusters, without and with schools", () => {
    const all = Table.read("star/mlmRev_star.csv.gz");
    const [gr, read, math] = [all.text("gr"), all.numbers("read"), all.numbers("math")];
    const table = all.where((row) => gr[row] === "K" && Number.isFinite(read[row]! + math[row]!));
    const total = table.numbers("read").map((value, row) => value + table.numbers("math")[row]!);
    const arms = [armTerm(table, "cltype", "small"), armTerm(table, "cltype", "reg+A")];
    const teacher = table.codes("tch");
    const plain = linearModel([intercept(table.rows), ...arms], total);
    const fixed = linearModel([intercept(table.rows), ...arms, ...dummies("school", table.codes("sch"))], total);
    const small = inferContrast(plain.fit, contrastOf(plain, "small"), "CR2", teacher);
    near(small.se, 5.901350622);
    near(small.df, 218.5401469);
    const aide = inferContrast(fixed.fit, contrastOf(fixed, "reg+A"), "CR2", teacher);
    near(aide.estimate, 1.699275317);
    near(aide.se, 3.903364672);
    near(aide.df, 149.6563698);
  }, 120_000);
});
