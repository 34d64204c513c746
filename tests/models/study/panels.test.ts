import { describe, expect, test } from "vitest";
import { aggregate, preTrendTest, simultaneousCritical } from "../../../src/models/study/did/aggregate.ts";
import { groupTimeEffects } from "../../../src/models/study/did/group-time.ts";
import { balancedPanel } from "../../../src/models/study/did/panel.ts";
import { twoStage } from "../../../src/models/study/instrument/two-stage.ts";
import {
  contrastOf,
  dummies,
  intercept,
  linearModel,
  type Term,
} from "../../../src/models/study/regression/linear-model.ts";
import { inferContrast } from "../../../src/models/study/regression/robust.ts";
import { random } from "../../../src/numeric/random.ts";
import { codeOf } from "../../contracts/estimator-contract.ts";
import { causal, near, Table, why } from "./known.ts";

const B = 1e-6;

describe.runIf(causal)(`minimum wages and youth employment (mpdta)${why}`, () => {
  const table = causal ? Table.read("did/mpdta_callaway_santanna.csv") : undefined!;
  const panel = (covariates: readonly string[] = []) =>
    balancedPanel({
      outcome: table.numbers("lemp"),
      unit: table.numbers("countyreal"),
      period: table.numbers("year"),
      firstTreated: table.numbers("first.treat"),
      covariates: covariates.map((name) => table.term(name)),
    });
  const cellOf = (effects: ReturnType<typeof groupTimeEffects>, group: number, period: number) =>
    effects.find((effect) => effect.group === group && effect.period === period)!;

  test("CS-1 to CS-4: group-time effects", () => {
    const effects = groupTimeEffects(panel(), { control: "never" });
    expect(effects).toHaveLength(12);
    for (const [group, period, estimate, se] of [
      [2004, 2004, -0.01050324622, 0.02325103637],
      [2004, 2005, -0.0704231581, 0.03098476676],
      [2004, 2006, -0.1372587389, 0.03643566429],
      [2004, 2007, -0.1008113631, 0.03435922583],
      [2006, 2004, 0.006520112424, 0.02332680514],
      [2006, 2005, -0.002750818751, 0.01955856104],
      [2006, 2006, -0.004594606953, 0.01775519666],
      [2006, 2007, -0.04122447155, 0.0202291807],
      [2007, 2004, 0.03050665558, 0.01503356028],
      [2007, 2005, -0.002725892886, 0.0163958329],
      [2007, 2006, -0.03108711939, 0.01787751131],
      [2007, 2007, -0.02605441072, 0.01665543535],
    ] as const) {
      const cell = cellOf(effects, group, period);
      near(cell.estimate, estimate);
      near(cell.se, se);
    }
  });

  test("CS-5 to CS-10: aggregates and the pre-trend test", () => {
    const own = panel();
    const effects = groupTimeEffects(own, { control: "never" });
    const dynamic = aggregate(own, effects, "dynamic");
    expect(dynamic.detail.map(({ at }) => at)).toEqual([-3, -2, -1, 0, 1, 2, 3]);
    [
      [0.03050665558, 0.01503356028],
      [-0.0005630846264, 0.01329164474],
      [-0.02445874497, 0.01423640221],
      [-0.01993181679, 0.01182636406],
      [-0.05095736707, 0.01689347627],
      [-0.1372587389, 0.03643566429],
      [-0.1008113631, 0.03435922583],
    ].forEach(([estimate, se], k) => {
      near(dynamic.detail[k]!.estimate, estimate!);
      near(dynamic.detail[k]!.se, se!);
    });
    near(dynamic.overall.estimate, -0.07723982146);
    near(dynamic.overall.se, 0.01996498906);
    const group = aggregate(own, effects, "group");
    near(group.detail[0]!.se, 0.02636779944);
    near(group.overall.estimate, -0.03101828223);
    near(group.overall.se, 0.01244605932);
    const simple = aggregate(own, effects, "simple").overall;
    near(simple.estimate, -0.03995127516);
    near(simple.se, 0.01203401277);
    near(aggregate(own, effects, "calendar").overall.estimate, -0.04170043213);
    const trend = preTrendTest(own, effects)!;
    near(trend.statistic, 7.791236627);
    expect(trend.df).toBe(5);
    near(trend.p, 0.1681224949);
    const critical = simultaneousCritical(own, dynamic.detail, random(1), 0.95);
    expect(critical).toBeGreaterThan(2);
    expect(critical).toBeLessThan(3.2);
  });

  test("CS-11: compared with those not treated yet", () => {
    const own = panel();
    const effects = groupTimeEffects(own, { control: "not-yet" });
    near(cellOf(effects, 2004, 2004).estimate, -0.01937236368);
    near(cellOf(effects, 2004, 2006).estimate, -0.1362743463);
    near(cellOf(effects, 2006, 2004).estimate, -0.002562550943);
    near(cellOf(effects, 2007, 2005).estimate, -0.0024106128);
    near(aggregate(own, effects, "simple").overall.estimate, -0.03976362562);
    near(aggregate(own, effects, "dynamic").overall.estimate, -0.07739931397);
    near(aggregate(own, effects, "group").overall.estimate, -0.03046222811);
  });

  test("CS-12 to CS-14: doubly robust with population", () => {
    const own = panel(["lpop"]);
    const effects = groupTimeEffects(own, { control: "never" });
    for (const [period, estimate, se] of [
      [2004, -0.0145296683, 0.02212915724],
      [2005, -0.07642188173, 0.02867131416],
      [2006, -0.1404483368, 0.03537815471],
      [2007, -0.1069038981, 0.032886493],
    ] as const) {
      near(cellOf(effects, 2004, period).estimate, estimate, B);
      near(cellOf(effects, 2004, period).se, se, B);
    }
    near(cellOf(effects, 2007, 2007).estimate, -0.02878136104, B);
    near(aggregate(own, effects, "simple").overall.se, 0.01150283815, B);
    near(aggregate(own, effects, "dynamic").overall.estimate, -0.08035394974, B);
    near(aggregate(own, effects, "group").overall.se, 0.01189817873, B);
    near(preTrendTest(own, effects)!.p, 0.2326722806, B);
  });
});

describe.runIf(causal)(`Card and Krueger's restaurants${why}`, () => {
  test("DID-2 and DID-3: one start and two waves are the plain difference of changes", () => {
    const table = Table.read("did/cardkrueger1994.csv");
    const [t, treated] = [table.numbers("t"), table.numbers("treated")];
    const panel = balancedPanel({
      outcome: table.numbers("fte"),
      unit: table.numbers("id"),
      period: t,
      firstTreated: treated.map((value) => value),
    });
    const effects = groupTimeEffects(panel, { control: "never" });
    near(effects[0]!.estimate, 2.939176165, 1e-9);
    const both: Term = { name: "both", values: t.map((value, row) => value * treated[row]!) };
    const model = linearModel([intercept(780), table.term("t"), table.term("treated"), both], table.numbers("fte"));
    near(inferContrast(model.fit, contrastOf(model, "both"), "classical").se, 1.640645924, 1e-9);
    near(inferContrast(model.fit, contrastOf(model, "both"), "HC1").se, 1.774154384, 1e-9);
    const units = table.numbers("id");
    const reduced = inferContrast(model.fit, contrastOf(model, "both"), "CR2", units);
    near(reduced.se, 1.32328812, 1e-9);
    near(reduced.df, 114.0977904, 1e-8);
    near(inferContrast(model.fit, contrastOf(model, "both"), "CR1S", units).se, 1.319607245, 1e-9);
  });
});

test("a panel that contradicts itself is refused", () => {
  const rows = {
    outcome: Float64Array.of(1, 2, 3, 4),
    unit: [1, 1, 2, 2],
    period: [1, 2, 1, 2],
    firstTreated: [2, 2, 0, 0],
  };
  expect(balancedPanel(rows).groups).toEqual([2]);
  expect(codeOf(() => balancedPanel({ ...rows, period: [1, 1, 1, 2] }))).toBe("BAD_INPUT");
  expect(codeOf(() => balancedPanel({ ...rows, firstTreated: [2, 0, 0, 0] }))).toBe("BAD_INPUT");
  expect(codeOf(() => balancedPanel({ ...rows, period: [1, 1, 1, 1], unit: [1, 2, 3, 4] }))).toBe("BAD_INPUT");
  expect(balancedPanel({ ...rows, firstTreated: [1, 1, 0, 0] }).leftOut).toEqual({ unbalanced: 0, alwaysTreated: 1 });
  expect(
    codeOf(() => groupTimeEffects(balancedPanel({ ...rows, firstTreated: [2, 2, 2, 2] }), { control: "never" })),
  ).toBe("BAD_INPUT");
});

describe.runIf(causal)(`Maimonides' rule${why}`, () => {
  const table = causal ? Table.read("maimonides/final5.csv.gz") : undefined!;
  const predicted = (): Term => table.term("f", "c_size", (size) => size / (Math.floor((size - 1) / 40) + 1));
  const squared = (): Term => table.term("c_size2", "c_size", (size) => size ** 2 / 100);

  test("MAI-1 to MAI-3: least squares with CR1S", () => {
    const sets: [string[], number, number][] = [
      [[], 0.2210125825, 0.03352945],
      [["tipuach"], -0.03138795145, 0.02617701],
      [["tipuach", "c_size"], -0.02519773707, 0.03290304],
    ];
    for (const [names, estimate, se] of sets) {
      const model = linearModel(
        [intercept(table.rows), table.term("classize"), ...names.map((name) => table.term(name))],
        table.numbers("avgverb"),
      );
      const got = inferContrast(model.fit, contrastOf(model, "classize"), "CR1S", table.codes("schlcode"));
      near(got.estimate, estimate);
      near(got.se, se, 1e-6);
    }
  });

  test("MAI-4 to MAI-9: two stages", () => {
    const run = (own: Table, covariates: Term[], instrument: Term) =>
      twoStage({
        outcome: own.numbers("avgverb"),
        received: own.numbers("classize"),
        instruments: [instrument],
        covariates,
        cluster: own.codes("schlcode"),
      });
    const [disadvantaged, size] = [table.term("tipuach"), table.term("c_size")];
    const one = run(table, [disadvantaged], predicted());
    near(one.estimate, -0.1584776767);
    near(one.se, 0.04166709, 1e-6);
    near(one.onTreatment!.estimate, 0.703534142);
    near(one.onTreatment!.se, 0.02527863, 1e-6);
    near(one.firstStage.f, 774.58, 1e-5);
    near(one.onOutcome!.estimate, -0.1114944563);
    near(one.onOutcome!.se, 0.02864245, 1e-6);
    const two = run(table, [disadvantaged, size], predicted());
    near(two.estimate, -0.277019758);
    near(two.se, 0.07594303, 1e-6);
    const three = run(table, [disadvantaged, size, squared()], predicted());
    near(three.estimate, -0.2631278155);
    near(three.se, 0.09385593, 1e-6);
    const enrolment = table.numbers("c_size");
    const near40 = table.where((row) =>
      [36, 76, 116].some((from) => enrolment[row]! >= from && enrolment[row]! <= from + 9),
    );
    expect(near40.rows).toBe(471);
    const f = near40.term("f", "c_size", (value) => value / (Math.floor((value - 1) / 40) + 1));
    near(run(near40, [near40.term("tipuach")], f).estimate, -0.4101679763);
    const classical = twoStage(
      {
        outcome: table.numbers("avgverb"),
        received: table.numbers("classize"),
        instruments: [predicted()],
        covariates: [disadvantaged],
      },
      "classical",
    );
    near(classical.se, 0.03340966972);
  });
});

test("a lottery with one-sided take-up: two stages are the ratio of the two differences, and several instruments have one F", () => {
  const rng = random("lottery");
  const lot = Array.from({ length: 200 }, (_, row) => row % 2);
  const received = Float64Array.from(lot, (won) => (won === 1 && rng.next() < 0.6 ? 1 : 0));
  const outcome = received.map((value) => 3 * value + rng.normal());
  const mean = (values: ArrayLike<number>, of: number) =>
    lot.reduce((sum, won, row) => sum + (won === of ? values[row]! : 0), 0) / 100;
  const data = { outcome, received, instruments: [{ name: "lot", values: lot }], covariates: [] };
  near(twoStage(data).estimate, (mean(outcome, 1) - mean(outcome, 0)) / (mean(received, 1) - mean(received, 0)), 1e-10);
  const parts = dummies(
    "part",
    Array.from(lot, (won, row) => won * (1 + (row % 3))),
  );
  const several = twoStage({ ...data, instruments: parts });
  expect(several.firstStage.numerator).toBe(3);
  expect(several.firstStage.f).toBeGreaterThan(10);
  expect(several.onTreatment).toBeNull();
  expect(codeOf(() => twoStage({ ...data, instruments: [] }))).toBe("BAD_INPUT");
  expect(
    codeOf(() => twoStage({ ...data, instruments: [{ name: "ones", values: new Array<number>(200).fill(1) }] })),
  ).toBe("SINGULAR");
  expect(codeOf(() => twoStage(data, "CR2"))).toBe("BAD_INPUT");
});
