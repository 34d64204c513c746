import { describe, expect, test } from "vitest";
import { mixedModel } from "../../../src/models/study/mixed/mixed-model.ts";
import { robustMixed } from "../../../src/models/study/mixed/robust-mixed.ts";
import { intercept, type Term } from "../../../src/models/study/regression/linear-model.ts";
import { codeOf } from "../../contracts/estimator-contract.ts";
import { causal, near, Table, why } from "./known.ts";
import { sleep } from "./sleep.ts";

const C = 1e-4; // class C of the handbook: likelihood optimisation
const reactions = Object.values(sleep).flat();
const subject = Object.keys(sleep).flatMap((_, i) => new Array<number>(10).fill(i));
const days: Term = { name: "days", values: reactions.map((_, row) => row % 10) };
const fixed = [intercept(180), days];

describe("sleepstudy (lme4 1.1-31, lmerTest 3.1-3, clubSandwich 0.5.8)", () => {
  test("MIX-1: correlated intercepts and slopes", () => {
    const model = mixedModel(fixed, reactions, [{ name: "subject", group: subject, slopes: [days] }]);
    const [start, slope] = [model.infer("(intercept)"), model.infer("days")];
    near(start.estimate, 251.4051048, 1e-8);
    near(slope.estimate, 10.46728596, 1e-8);
    near(start.se, 6.824596695, 1e-5);
    near(slope.se, 1.545789644, 1e-5);
    near(start.df, 17, 1e-3);
    near(slope.df, 17, 1e-3);
    const { covariance, boundary } = model.components[0]!;
    near(covariance[0]!, 612.100158, C);
    near(covariance[3]!, 35.07171445, C);
    near(covariance[1]!, 9.604408951, 1e-3); // nearly zero beside the variances
    near(model.residualVariance, 654.9400083, C);
    near(model.criterion, 1743.628272, 1e-8);
    expect(boundary).toBe(false);
  });

  test("MIX-2: intercepts, with CR2 on top", () => {
    const random = [{ name: "subject", group: subject }];
    const model = mixedModel(fixed, reactions, random);
    near(model.infer("(intercept)").se, 9.746716269, 1e-5);
    near(model.infer("days").se, 0.8042214289, 1e-5);
    near(model.infer("(intercept)").df, 22.81019896, 1e-3);
    near(model.infer("days").df, 161, 1e-3);
    near(model.components[0]!.covariance[0]!, 1378.178514, C);
    near(model.residualVariance, 960.4565786, C);
    near(model.criterion, 1786.465085, 1e-8);
    near(model.theta[0]!, 1.197881533, C);
    const robust = (name: string) => robustMixed(model, fixed, reactions, random, subject, name);
    near(robust("(intercept)").se, 6.824556532, C);
    near(robust("days").se, 1.545788896, C);
    near(robust("days").df, 17, 1e-3);
  });

  test("a grouping that groups nothing is refused", () => {
    expect(codeOf(() => mixedModel(fixed, reactions, []))).toBe("BAD_INPUT");
    const each = reactions.map((_, row) => row);
    expect(codeOf(() => mixedModel(fixed, reactions, [{ name: "row", group: each }]))).toBe("BAD_INPUT");
  });
});

describe.runIf(causal)(`public multilevel data${why}`, () => {
  const hsb = causal ? Table.read("education_mlm/Hsb82.csv.gz") : undefined;

  test("MIX-3: High School and Beyond, null model", () => {
    const model = mixedModel([intercept(7185)], hsb!.numbers("mAch"), [
      { name: "school", group: hsb!.codes("school") },
    ]);
    const { estimate, se } = model.infer("(intercept)");
    near(estimate, 12.63697381, 1e-7);
    near(se, 0.2443935608, 1e-5);
    near(model.components[0]!.covariance[0]!, 8.614024837, C);
    near(model.residualVariance, 39.14832189, C);
    near(model.criterion, 47116.79348, 1e-9);
  });

  const catholic = (table: Table): Term => ({
    name: "cath",
    values: table.text("sector").map((value) => (value === "Catholic" ? 1 : 0)),
  });

  test("MIX-4: with covariates and CR2", () => {
    const terms = [intercept(7185), hsb!.term("cses"), hsb!.term("meanses"), catholic(hsb!)];
    const random = [{ name: "school", group: hsb!.codes("school") }];
    const outcome = hsb!.numbers("mAch");
    const model = mixedModel(terms, outcome, random);
    const expected = [
      [12.12821191, 0.1991983439, 160.07, 0.1755085779, 83.109],
      [2.191171965, 0.1086730173, 7020.29, 0.129849484, 140.826],
      [5.336260796, 0.3689445288, 151.07, 0.3391214016, 56.009],
      [1.224620126, 0.3060807585, 149.69, 0.3114587047, 100.126],
    ];
    terms.forEach(({ name }, k) => {
      const [estimate, se, df, robust, robustDf] = expected[k]!;
      const got = model.infer(name);
      near(got.estimate, estimate!, 1e-5);
      near(got.se, se!, 1e-5);
      near(got.df, df!, 1e-3);
      if (k === 0 || k === 3) {
        const cr2 = robustMixed(model, terms, outcome, random, hsb!.codes("school"), name);
        near(cr2.se, robust!, C);
        near(cr2.df, robustDf!, C);
      }
    });
    near(model.criterion, 46553.83231, 1e-9);
  }, 120_000);

  test("MIX-5: slopes as outcomes", () => {
    const [cses, meanses, cath] = [hsb!.term("cses"), hsb!.term("meanses"), catholic(hsb!)];
    const times = (a: Term, b: Term, name: string): Term => ({
      name,
      values: Array.from(a.values, (value, row) => value * b.values[row]!),
    });
    const terms = [intercept(7185), meanses, cses, cath, times(meanses, cses, "mc"), times(cath, cses, "cc")];
    const model = mixedModel(terms, hsb!.numbers("mAch"), [
      { name: "school", group: hsb!.codes("school"), slopes: [cses] },
    ]);
    [12.12793076, 5.332874311, 2.945040525, 1.226578683, 1.039232073, -1.642674356].forEach((expected, k) => {
      near(model.coefficients[k]!, expected, 1e-5);
    });
    const { covariance } = model.components[0]!;
    near(covariance[0]!, 2.3795802, C);
    near(covariance[3]!, 0.1012158, 1e-3);
    near(covariance[1]!, 0.1918266, 1e-3);
    near(model.residualVariance, 36.7211553, C);
    near(model.criterion, 46503.66287, 1e-9);
  }, 120_000);

  test("MIX-6 and MIX-7: growth, children in schools", () => {
    const eg = Table.read("education_mlm/egsingle.csv.gz");
    const year = eg.term("year");
    const terms = [intercept(eg.rows), year];
    const outcome = eg.numbers("math");
    const groups = { child: eg.codes("childid"), school: eg.codes("schoolid") };
    const nested = mixedModel(terms, outcome, [
      { name: "child", group: groups.child },
      { name: "school", group: groups.school },
    ]);
    near(nested.coefficients[0]!, -0.7804817928, 1e-5);
    near(nested.coefficients[1]!, 0.746123309, 1e-5);
    near(nested.components[0]!.covariance[0]!, 0.6699212401, C);
    near(nested.components[1]!.covariance[0]!, 0.1869270842, C);
    near(nested.residualVariance, 0.3470012249, C);
    near(nested.criterion, 16759.41175, 1e-8);
    const slopes = mixedModel(terms, outcome, [
      { name: "child", group: groups.child, slopes: [year] },
      { name: "school", group: groups.school, slopes: [year] },
    ]);
    near(slopes.coefficients[0]!, -0.7791601515, 1e-5);
    near(slopes.coefficients[1]!, 0.7631245996, 1e-5);
    near(slopes.components[0]!.covariance[3]!, 0.011257958, 1e-3);
    near(slopes.components[1]!.covariance[0]!, 0.168557462, 1e-3);
    near(slopes.criterion, 16336.7394, 1e-7);
  }, 240_000);

  test("MIX-8: chemistry scores, schools crossed with authorities", () => {
    const chem = Table.read("education_mlm/Chem97.csv.gz");
    const model = mixedModel([intercept(chem.rows), chem.term("gcsecnt")], chem.numbers("score"), [
      { name: "school", group: chem.codes("school") },
      { name: "lea", group: chem.codes("lea") },
    ]);
    near(model.coefficients[0]!, 5.635454331, 1e-5);
    near(model.coefficients[1]!, 2.47255687, 1e-5);
    near(model.components[0]!.covariance[0]!, 1.166202229, C);
    near(model.components[1]!.covariance[0]!, 0.01476566653, 1e-3);
    near(model.criterion, 141696.9881, 1e-9);
  }, 240_000);

  test("STAR-E: schools and classes", () => {
    const all = Table.read("star/mlmRev_star.csv.gz");
    const [gr, read, math] = [all.text("gr"), all.numbers("read"), all.numbers("math")];
    const table = all.where((row) => gr[row] === "K" && Number.isFinite(read[row]! + math[row]!));
    const arm = (name: string): Term => ({
      name,
      values: table.text("cltype").map((value) => (value === name ? 1 : 0)),
    });
    const model = mixedModel(
      [intercept(table.rows), arm("small"), arm("reg+A")],
      table.numbers("read").map((value, row) => value + table.numbers("math")[row]!),
      [
        { name: "school", group: table.codes("sch") },
        { name: "class", group: table.codes("tch") },
      ],
    );
    const small = model.infer("small");
    near(small.estimate, 14.66498967, 1e-5);
    near(small.se, 4.071268738, 1e-5);
    near(model.components[0]!.covariance[0]!, 1013.6746, C);
    near(model.components[1]!.covariance[0]!, 673.6798, C);
    near(model.criterion, 64625.47243, 1e-8);
  }, 240_000);
});
