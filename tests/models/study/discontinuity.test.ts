import { describe, expect, test } from "vitest";
import { type BandwidthRule, selectBandwidth } from "../../../src/models/study/discontinuity/bandwidth.ts";
import { classicBandwidth } from "../../../src/models/study/discontinuity/classic-bandwidth.ts";
import { densityTest } from "../../../src/models/study/discontinuity/density.ts";
import { discontinuity } from "../../../src/models/study/discontinuity/estimate.ts";
import { biasedCriticalValue, honestInterval } from "../../../src/models/study/discontinuity/honest.ts";
import type { Kernel, Residual, Side } from "../../../src/models/study/discontinuity/side.ts";
import { random } from "../../../src/numeric/random.ts";
import { fairCoinTwoSided } from "../../../src/numeric/tail-areas.ts";
import { causal, near, Table, why } from "./known.ts";

const B = 1e-6;

function sidesOf(x: Float64Array, y: Float64Array, received?: Float64Array, cluster?: Int32Array): [Side, Side] {
  const rows = Array.from(x.keys()).filter((row) => Number.isFinite(x[row]! + y[row]!));
  rows.sort((a, b) => x[a]! - x[b]! || a - b);
  const side = (keep: (value: number) => boolean): Side => {
    const own = rows.filter((row) => keep(x[row]!));
    return {
      x: Float64Array.from(own, (row) => x[row]!),
      y: Float64Array.from(own, (row) => y[row]!),
      ...(received === undefined ? {} : { received: Float64Array.from(own, (row) => received[row]!) }),
      ...(cluster === undefined ? {} : { cluster: Int32Array.from(own, (row) => cluster[row]!) }),
    };
  };
  return [side((value) => value < 0), side((value) => value >= 0)];
}

describe.runIf(causal)(`regression discontinuity${why}`, () => {
  const read = (file: string, x: string, y: string) => {
    const table = Table.read(`rdd/${file}`);
    return sidesOf(table.numbers(x), table.numbers(y));
  };
  const lee = causal ? read("lee08.csv.gz", "margin", "voteshare") : undefined!;
  const headStart = causal ? read("headstart_ludwig_miller.csv.gz", "povrate", "mortHS") : undefined!;
  const at = ([left, right]: [Side, Side], kernel: Kernel, h: number, b: number, residual: Residual = "HC0") =>
    discontinuity(left, right, { kernel, order: 1, h: [h, h], b: [b, b], residual });

  test.each([
    ["lee", "uniform", 5, 4.861298606, 1.589927501],
    ["lee", "uniform", 10, 6.056773533, 1.260621838],
    ["lee", "uniform", 15, 7.726924924, 1.06420486],
    ["lee", "uniform", 25, 8.234587494, 0.8380764616],
    ["lee", "uniform", 50, 8.967163265, 0.6223170285],
    ["lee", "triangular", 5, 6.811580271, 1.474228688],
    ["lee", "triangular", 10, 5.936725956, 1.290607718],
    ["lee", "triangular", 20, 7.399677488, 0.9916668813],
    ["lee", "triangular", 25, 7.706648366, 0.8988407238],
    ["head start", "uniform", 9, -1.895234221, 0.9801414664],
    ["head start", "uniform", 18, -1.198258131, 0.6608206598],
    ["head start", "uniform", 36, -1.113938949, 0.5001394599],
    ["head start", "triangular", 9, -2.181736554, 1.036052222],
    ["head start", "triangular", 36, -1.201451196, 0.5298366048],
  ] as const)("RD-1 to RD-15: %s, %s kernel, bandwidth %d", (set, kernel, h, jump, error) => {
    const { conventional } = at(set === "lee" ? lee : headStart, kernel, h, h);
    near(conventional.estimate, jump, 1e-8);
    near(conventional.se, error, 1e-8);
  });

  test.each([
    [
      "lee",
      15,
      15,
      6.64094554,
      5.452979518,
      [1.053349653, 1.11774253, 1.119009575, 1.119756285, 1.12177465],
      [1.446322464, 1.481696934, 1.484216739, 1.486434928, 1.491198722],
    ],
    ["lee", 15, 22.5, 6.64094554, 5.994870424, [1.053349648, 1.11774253], [1.262305674, 1.329727705]],
    [
      "head start",
      18,
      18,
      -1.56651367,
      -2.410112366,
      [0.7898482437, 0.7434852134, 0.7449992998, 0.7459795249, 0.7484839764],
      [1.141078586, 1.074896731, 1.077896041, 1.080669271, 1.086482112],
    ],
    ["head start", 18, 27, -1.56651367, -2.028539203, [0.7898482378, 0.7434852134], [0.9653933827, 0.9080690187]],
  ] as const)(
    "RD-31 to RD-34: %s, h %d and b %d with every residual",
    (set, h, b, plain, corrected, errors, robust) => {
      (["NN", "HC0", "HC1", "HC2", "HC3"] as const).slice(0, errors.length).forEach((residual, k) => {
        const got = at(set === "lee" ? lee : headStart, "triangular", h, b, residual);
        near(got.conventional.estimate, plain);
        near(got.robust.estimate, corrected);
        near(got.conventional.se, errors[k]!);
        near(got.robust.se, robust[k]!);
      });
    },
  );

  test.each([
    [
      "lee",
      "triangular",
      "mserd",
      true,
      [13.43770818, 13.43770818],
      [23.9054082, 23.9054082],
      [6.345257913, 1.102309752, 5.912133454, 1.260238446],
      [782, 804],
    ],
    [
      "lee",
      "triangular",
      "mserd",
      false,
      [13.36398864, 13.36398864],
      [23.82600047, 23.82600047],
      [6.331030319, 1.104779721, 5.898346784, 1.262343229],
      [780, 803],
    ],
    [
      "lee",
      "uniform",
      "mserd",
      true,
      [12.49138964, 12.49138964],
      [25.08580955, 25.08580955],
      [6.778164418, 1.099011443, 6.408389011, 1.241449251],
      [723, 747],
    ],
    [
      "lee",
      "epanechnikov",
      "mserd",
      true,
      [12.48578909, 12.48578909],
      [22.99635494, 22.99635494],
      [6.22869438, 1.12695453, 5.804695867, 1.28946443],
      [722, 746],
    ],
    [
      "lee",
      "triangular",
      "msetwo",
      true,
      [12.67930431, 19.26283329],
      [21.50590985, 31.03537899],
      [7.02101404, 1.011720488, 6.59328173, 1.183307234],
      [734, 1108],
    ],
    [
      "lee",
      "triangular",
      "cerrd",
      true,
      [8.659376746, 8.659376746],
      [23.9054082, 23.9054082],
      [5.908882518, 1.306050667, 5.723049674, 1.377721432],
      [504, 557],
    ],
    [
      "head start",
      "triangular",
      "mserd",
      true,
      [6.950756583, 6.950756583],
      [10.90660085, 10.90660085],
      [-2.382381391, 1.197698405, -2.752736294, 1.362338582],
      [239, 184],
    ],
    [
      "head start",
      "uniform",
      "mserd",
      true,
      [5.538197945, 5.538197945],
      [9.40433454, 9.40433454],
      [-1.971688897, 1.267486235, -2.257270372, 1.452487644],
      [184, 155],
    ],
    [
      "head start",
      "epanechnikov",
      "mserd",
      true,
      [7.307373684, 7.307373684],
      [11.8513247, 11.8513247],
      [-2.110444661, 1.183014317, -2.387692189, 1.361941197],
      [255, 190],
    ],
    [
      "head start",
      "triangular",
      "msetwo",
      true,
      [18.77837861, 4.762446147],
      [25.89815627, 9.168526046],
      [-2.724246472, 0.8053765925, -3.018117401, 0.9944093239],
      [709, 135],
    ],
    [
      "head start",
      "triangular",
      "cerrd",
      true,
      [4.649893338, 4.649893338],
      [10.90660085, 10.90660085],
      [-3.248035753, 1.273430384, -3.421013824, 1.363029183],
      [153, 134],
    ],
  ] as const)("RD-20 to RD-30: %s, %s, %s, mass points %s", (set, kernel, rule, massPoints, h, b, expected, rows) => {
    const [left, right] = set === "lee" ? lee : headStart;
    const chosen = selectBandwidth(left, right, { rule: rule as BandwidthRule, kernel, order: 1, massPoints });
    for (const side of [0, 1] as const) {
      near(chosen.h[side], h[side], B);
      near(chosen.b[side], b[side], B);
    }
    const got = discontinuity(left, right, { kernel, order: 1, ...chosen, residual: "NN" });
    near(got.conventional.estimate, expected[0], B);
    near(got.conventional.se, expected[1], B);
    near(got.robust.estimate, expected[2], B);
    near(got.robust.se, expected[3], B);
    expect([got.rows.left, got.rows.right]).toEqual(rows);
  });

  test("the pilots of the selector", () => {
    const { pilot } = selectBandwidth(...lee, { rule: "mserd", kernel: "triangular", order: 1 });
    near(pilot.c, 20.5301319);
    near(pilot.d[0], 44.51026288, B);
  });

  test("MAI-10: fuzzy, class size at the 40-pupil rule", () => {
    const table = Table.read("maimonides/final5.csv.gz");
    const x = table.numbers("c_size").map((size) => size - 40.5);
    const columns = [x, table.numbers("avgverb"), table.numbers("classize")] as const;
    const fuzzy = (sides: [Side, Side]) => at(sides, "triangular", 20, 20);
    const plain = fuzzy(sidesOf(...columns));
    near(plain.reducedForm!.estimate, 4.866733706, 1e-8);
    near(plain.firstStage!.estimate, -8.967043247, 1e-8);
    near(plain.conventional.estimate, -0.5427356121);
    near(plain.robust.estimate, -0.6907999266);
    near(plain.conventional.se, 0.2400924595);
    near(plain.robust.se, 0.3337697468);
    expect(plain.rows).toEqual({ left: 214, right: 467 });
    const clustered = fuzzy(sidesOf(...columns, table.codes("schlcode")));
    near(clustered.conventional.se, 0.2881863266);
    near(clustered.robust.se, 0.3969776354);
  });
});

describe("without data", () => {
  test("RD-45: critical values of a biased normal", () => {
    [
      [0, 1.9599639845],
      [0.5, 2.1814774423],
      [1, 2.6461455482],
      [2, 3.6448537071],
    ].forEach(([bias, value]) => {
      near(biasedCriticalValue(bias!, 0.95), value!, 1e-9);
    });
  });

  test("a jump put into straight lines is found exactly, wherever the bandwidths are", () => {
    const rng = random("jump");
    const x = Float64Array.from({ length: 400 }, () => 2 * rng.next() - 1).sort();
    const y = x.map((value) => 3 + 2 * value + (value >= 0 ? 5 - value : 0));
    const got = discontinuity(...sidesOf(x, y), {
      kernel: "triangular",
      order: 1,
      h: [0.4, 0.6],
      b: [0.7, 0.5],
      residual: "HC0",
    });
    near(got.conventional.estimate, 5, 1e-10);
    near(got.robust.estimate, 5, 1e-9);
    expect(got.conventional.se).toBeLessThan(1e-9);
  });
});

describe.runIf(causal)(`bandwidths, honest intervals and the density${why}`, () => {
  const lee = () => {
    const table = Table.read("rdd/lee08.csv.gz");
    return { x: table.numbers("margin"), sides: sidesOf(table.numbers("margin"), table.numbers("voteshare")) };
  };
  const headStart = () => {
    const table = Table.read("rdd/headstart_ludwig_miller.csv.gz");
    const [x, y] = [table.numbers("povrate"), table.numbers("mortHS")];
    return { x: x.filter((_, row) => Number.isFinite(y[row]!)), sides: sidesOf(x, y) };
  };

  test("RD-40 and RD-41: Imbens and Kalyanaraman", () => {
    near(classicBandwidth(...lee().sides, "triangular"), 29.387264996, B);
    near(classicBandwidth(...lee().sides, "uniform"), 23.098480964, B);
    near(classicBandwidth(...headStart().sides, "triangular"), 17.084606993, B);
  });

  test("RD-42 to RD-44: honest intervals of RDHonest", () => {
    const own = honestInterval(...headStart().sides, {
      kernel: "uniform",
      h: 18,
      curvature: 0.1,
      level: 0.95,
      residual: "HC0",
    });
    near(own.worstBias, 4.795768349);
    near(own.ci[0], -7.080979739);
    near(own.ci[1], 4.684463478);
    const uniform = { kernel: "uniform", h: 10, curvature: 0.1, level: 0.95 } as const;
    const lower = honestInterval(...lee().sides, { ...uniform, residual: "HC0" });
    near(lower.worstBias, 1.723768252);
    near(lower.lower, 2.259466879);
    near(honestInterval(...lee().sides, { ...uniform, residual: "NN" }).lower, 2.3747626508);
    const triangular = honestInterval(...lee().sides, { ...uniform, kernel: "triangular", residual: "HC0" });
    near(triangular.worstBias, 1.056064245);
    near(triangular.ci[0], 2.751424286);
    near(triangular.ci[1], 9.122027626);
  });

  test("RD-46 and RD-47: McCrary's density test", () => {
    const ten = densityTest(lee().x, 10);
    near(ten.binWidth, 1.124347101);
    near(ten.left, 0.00839907657);
    near(ten.right, 0.009281274045);
    near(ten.logDifference, 0.099877059);
    near(ten.se, 0.1288429859);
    near(ten.p, 0.4382307677);
    near(densityTest(lee().x, 20).p, 0.1740544023);
    near(densityTest(headStart().x, 18).logDifference, 0.01472365734);
  });

  test("RD-48: counts near the cutoff", () => {
    const { x } = lee();
    [
      [0.5, 27, 30, 0.7913664],
      [1, 50, 56, 0.627431],
      [2, 101, 130, 0.0652034],
      [5, 288, 322, 0.1814597],
    ].forEach(([width, left, right, p]) => {
      const inside = x.filter((value) => Math.abs(value) <= width!);
      const above = inside.filter((value) => value >= 0).length;
      expect([inside.length - above, above]).toEqual([left, right]);
      expect(Math.abs(fairCoinTwoSided(above, inside.length) - p!)).toBeLessThan(1e-7);
    });
  });
});
