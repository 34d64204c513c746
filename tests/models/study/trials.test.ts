import { describe, expect, test } from "vitest";
import { interactions, intercept, type Term } from "../../../src/models/study/regression/linear-model.ts";
import { wildBootstrap } from "../../../src/models/study/regression/wild-bootstrap.ts";
import { ancova, cuped, linRegression, loop } from "../../../src/models/study/trials/adjusted.ts";
import { blockedDifference, clusterMeans } from "../../../src/models/study/trials/blocks.ts";
import { randomizationTest } from "../../../src/models/study/trials/randomization.ts";
import { random } from "../../../src/numeric/random.ts";
import { codeOf } from "../../contracts/estimator-contract.ts";
import { c10, causal, near, Table, why } from "./known.ts";

const clusters = [1, 1, 1, 2, 2, 2, 2, 3, 3, 4, 4, 4, 4, 4, 5, 5, 5, 6, 6, 6, 6];
const t: Term = { name: "t", values: [0, 0, 0, 1, 1, 1, 1, 0, 0, 1, 1, 1, 1, 1, 0, 0, 0, 1, 1, 1, 1] };
const x: Term = { name: "x", values: [1, 2, 3, 2, 3, 4, 5, 1, 4, 3, 3, 4, 6, 7, 2, 2, 5, 1, 6, 7, 8] };
const y = [2.1, 3, 3.9, 4.2, 5.1, 6.3, 7.2, 1.8, 5.2, 5, 5.4, 6.1, 8.3, 9, 2.7, 3.1, 6.2, 3.3, 8.1, 9.4, 10.2];

describe("few clusters", () => {
  test("CR-14: all 20 assignments of three of six clusters", () => {
    const { observed, twoSided, oneSided, assignments, exact } = randomizationTest(
      clusterMeans(y, t.values, clusters),
      random(1),
    );
    near(observed, 3.236666667, 1e-9);
    expect([twoSided, oneSided, assignments, exact]).toEqual([0.1, 0.05, 20, true]);
  });

  test("CR-16: all 64 sign vectors", () => {
    const plain = wildBootstrap([intercept(21), t], y, "t", clusters, random(1));
    near(plain.t, 6.239933658);
    expect([plain.p, plain.draws, plain.exact]).toEqual([2 / 64, 64, true]);
    const adjusted = wildBootstrap([intercept(21), t, x], y, "t", clusters, random(1));
    near(adjusted.t, 36.80054623);
    expect(adjusted.p).toBe(2 / 64);
  });

  test("drawn assignments agree with all assignments, and the seed decides them", () => {
    const units = { outcome: y, treatment: Array.from(t.values), block: new Array<number>(21).fill(0) };
    const drawn = randomizationTest(units, random("a"), 4999);
    expect(drawn.exact).toBe(false);
    expect(randomizationTest(units, random("a"), 4999)).toEqual(drawn);
    expect(drawn.twoSided).toBeGreaterThan(0);
    expect(drawn.twoSided).toBeLessThan(0.01); // the plain t statistic is 4.1 on 19 degrees of freedom
  });

  test("blocks keep their lot: with one treated of two in three pairs there are eight assignments", () => {
    const units = { outcome: [1, 2, 1, 3, 2, 5], treatment: [0, 1, 0, 1, 0, 1], block: [0, 0, 1, 1, 2, 2] };
    const { twoSided, oneSided, assignments } = randomizationTest(units, random(1));
    expect([twoSided, oneSided, assignments]).toEqual([2 / 8, 1 / 8, 8]);
    near(blockedDifference(units).estimate, 2, 1e-12);
    near(blockedDifference(units).se, Math.sqrt(1 / 3), 1e-12);
    expect(blockedDifference(units).df).toBe(2);
  });

  test("what cannot be estimated is refused", () => {
    expect(codeOf(() => blockedDifference({ outcome: [1, 2], treatment: [0, 1], block: [0, 1] }))).toBe("BAD_INPUT");
    expect(codeOf(() => blockedDifference({ outcome: [1, 2, 3], treatment: [0, 1, 1], block: [0, 0, 0] }))).toBe(
      "BAD_INPUT",
    );
    expect(codeOf(() => blockedDifference({ outcome: [1, 2], treatment: [0, 1], block: [0, 0] }))).toBe("BAD_INPUT");
    expect(codeOf(() => clusterMeans([1, 2], [0, 1], [7, 7]))).toBe("BAD_INPUT");
  });
});

describe.runIf(causal)(`the NSW experiment, adjusted${why}`, () => {
  const nsw = causal ? Table.read("lalonde/nsw_dw.csv") : undefined;
  const data = (covariates: readonly Term[]) => ({
    outcome: nsw!.numbers("re78"),
    treatment: Uint8Array.from(nsw!.numbers("treat")),
    covariates,
  });

  test("NSW-3 and NSW-4: analysis of covariance and Lin", () => {
    const plain = ancova(data(c10(nsw!)));
    near(plain.estimate, 1670.708822, 1e-9);
    near(plain.se, 682.318744, 1e-9);
    expect(plain.df).toBe(433);
    const lin = linRegression(data(c10(nsw!)));
    near(lin.estimate, 1583.467337, 1e-9);
    near(lin.se, 678.0572464, 1e-9);
  });

  test("NSW-5: CUPED with earnings of 1975", () => {
    const { estimate, se, theta } = cuped(data([nsw!.term("re75")]));
    near(theta[0]!, 0.1780465895, 1e-9);
    near(estimate, 1747.134008, 1e-9);
    near(se, 668.9619094, 1e-9);
  });

  test("NSW-6 and NSW-7: LOOP", () => {
    near(loop(data([])).estimate, 1794.342404, 1e-9);
    const { estimate, se } = loop(data(c10(nsw!)), 185 / 445);
    near(estimate, 1600.056445, 1e-9);
    near(se, 675.1799415, 1e-9);
  });
});

describe.runIf(causal)(`Tennessee STAR, blocked${why}`, () => {
  const star = causal ? Table.read("star/AER_STAR.csv.gz") : undefined;
  const kindergarten = () => {
    const [read, math, kind] = [star!.numbers("readk"), star!.numbers("mathk"), star!.text("stark")];
    return star!.where(
      (row) => (kind[row] === "small" || kind[row] === "regular") && Number.isFinite(read[row]! + math[row]!),
    );
  };
  const total = (table: Table) => table.numbers("readk").map((read, row) => read + table.numbers("mathk")[row]!);
  const small = (table: Table) => Uint8Array.from(table.text("stark"), (kind) => (kind === "small" ? 1 : 0));

  test("STAR-B: schools as blocks, the one without regular pupils left out", () => {
    const table = kindergarten();
    const { estimate, se, df, blocks, leftOut } = blockedDifference({
      outcome: total(table),
      treatment: small(table),
      block: table.codes("schoolidk"),
    });
    near(estimate, 16.19917688, 1e-9);
    near(se, 2.182410314, 1e-9);
    expect([df, blocks, leftOut]).toEqual([3574, 78, 1]);
  });

  test("STAR-L: Lin with one covariate", () => {
    const all = kindergarten();
    const [school, lunch] = [all.text("schoolidk"), all.text("lunchk")];
    const lone = new Set(school.filter((_, row) => all.text("stark")[row] === "regular"));
    const table = all.where((row) => lone.has(school[row]!) && lunch[row] !== "");
    expect(table.rows).toBe(3721);
    const free: Term = { name: "free", values: table.text("lunchk").map((value) => (value === "free" ? 1 : 0)) };
    const { estimate, se } = linRegression({ outcome: total(table), treatment: small(table), covariates: [free] });
    near(estimate, 14.04827264, 1e-9);
    near(se, 2.373431061, 1e-9);
  });

  test("STAR-F: class means", () => {
    const all = Table.read("star/mlmRev_star.csv.gz");
    const [gr, kind, read, math] = [all.text("gr"), all.text("cltype"), all.numbers("read"), all.numbers("math")];
    const table = all.where(
      (row) => gr[row] === "K" && kind[row] !== "reg+A" && Number.isFinite(read[row]! + math[row]!),
    );
    const sums = table.numbers("read").map((value, row) => value + table.numbers("math")[row]!);
    const units = clusterMeans(
      sums,
      table.text("cltype").map((value) => (value === "small" ? 1 : 0)),
      table.codes("tch"),
    );
    expect(Array.from(units.outcome)).toHaveLength(234);
  });
});

test("interactions multiply row by row", () => {
  expect(Array.from(interactions(t, [x])[0]!.values)).toEqual(
    Array.from(x.values, (value, row) => value * t.values[row]!),
  );
});
