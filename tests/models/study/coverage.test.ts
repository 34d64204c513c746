import { expect, test } from "vitest";
import { aggregate } from "../../../src/models/study/did/aggregate.ts";
import { groupTimeEffects } from "../../../src/models/study/did/group-time.ts";
import { balancedPanel } from "../../../src/models/study/did/panel.ts";
import { selectBandwidth } from "../../../src/models/study/discontinuity/bandwidth.ts";
import { discontinuity } from "../../../src/models/study/discontinuity/estimate.ts";
import { crossFit, foldsOf, linearLearner } from "../../../src/models/study/doubly-robust/cross-fit.ts";
import { aipwAverage, aipwTreated, partiallyLinear } from "../../../src/models/study/doubly-robust/estimates.ts";
import { twoStage } from "../../../src/models/study/instrument/two-stage.ts";
import { mixedModel } from "../../../src/models/study/mixed/mixed-model.ts";
import type { Inference } from "../../../src/models/study/regression/inference.ts";
import { intercept, type Term } from "../../../src/models/study/regression/linear-model.ts";
import { ancova, cuped, linRegression, loop } from "../../../src/models/study/trials/adjusted.ts";
import { blockedDifference } from "../../../src/models/study/trials/blocks.ts";
import { entropyBalancing } from "../../../src/models/study/weighting/entropy-balancing.ts";
import { propensity } from "../../../src/models/study/weighting/propensity.ts";
import { weightedEffect } from "../../../src/models/study/weighting/weights.ts";
import { normalTwoSidedQuantile, studentTwoSidedQuantile } from "../../../src/numeric/distributions.ts";
import { type Random, random } from "../../../src/numeric/random.ts";

/** Trials per method: CAIRN_SLOW=1 gives the figures that are quoted, the rest a check that nothing broke. */
const TRIALS = process.env.CAIRN_SLOW === "1" ? 4000 : 300;
/** 93 to 97 %; with few trials three binomial standard errors around 95 %. */
const SLACK = process.env.CAIRN_SLOW === "1" ? 0.02 : 3 * Math.sqrt((0.95 * 0.05) / TRIALS);

const normals = (rng: Random, n: number): Float64Array => Float64Array.from({ length: n }, () => rng.normal());
const arms = (n: number): Uint8Array => Uint8Array.from({ length: n }, (_, row) => row % 2);
const chance = (x: number): number => 1 / (1 + Math.exp(-x));

/** An individual trial of 60 with a covariate, unequal spreads and an effect that grows with the covariate. */
function trial(rng: Random) {
  const x = normals(rng, 60);
  const treatment = arms(60);
  const mean = x.reduce((sum, value) => sum + value, 0) / 60;
  const outcome = x.map(
    (value, row) => value + treatment[row]! * (0.5 + 0.4 * (value - mean)) + (1 + treatment[row]!) * rng.normal(),
  );
  return { outcome, treatment, covariates: [{ name: "x", values: x }] };
}

/** Ten schools of 8 to 26, five of them treated, intraclass correlation about .2. */
function schools(rng: Random) {
  const cluster = Int32Array.from(Array.from({ length: 10 }, (_, g) => new Array<number>(8 + 2 * g).fill(g)).flat());
  const shared = normals(rng, 10);
  const x = normals(rng, cluster.length);
  const treatment = Uint8Array.from(cluster, (g) => g % 2);
  const outcome = x.map(
    (value, row) => 0.5 * value + 0.5 * treatment[row]! + 0.5 * shared[cluster[row]!]! + rng.normal(),
  );
  return { outcome, treatment, covariates: [{ name: "x", values: x }], cluster };
}

/** A comparison group of 400: who is treated depends on two covariates that also move the outcome; the effect is .5 for everybody. */
function comparison(rng: Random) {
  const [a, b] = [normals(rng, 400), normals(rng, 400)];
  const treatment = Uint8Array.from(a, (value, row) =>
    rng.next() < chance(0.6 * value - 0.4 * b[row]! - 0.4) ? 1 : 0,
  );
  const outcome = a.map((value, row) => value + b[row]! + 0.5 * treatment[row]! + rng.normal());
  const covariates: Term[] = [
    { name: "a", values: a },
    { name: "b", values: b },
  ];
  return { data: { outcome, treatment }, covariates, scores: propensity([intercept(400), ...covariates], treatment) };
}

const covers = ({ estimate, se, df }: Inference, truth = 0.5): boolean =>
  Math.abs(estimate - truth) <=
  se * (Number.isFinite(df) ? studentTwoSidedQuantile(0.05, df) : normalTwoSidedQuantile(0.05));

const methods: Readonly<Record<string, (rng: Random) => Inference>> = {
  "analysis of covariance, HC2, 60 learners": (rng) => ancova(trial(rng)),
  "Lin, HC2, 60 learners": (rng) => linRegression(trial(rng)),
  "CUPED, 60 learners": (rng) => cuped(trial(rng)),
  "covariance with CR2, 10 clusters of unequal size": (rng) => ancova(schools(rng)),
  "mixed model, 10 clusters of unequal size": (rng) => {
    const { outcome, treatment, covariates, cluster } = schools(rng);
    const fixed = [intercept(outcome.length), { name: "t", values: treatment }, ...covariates];
    return mixedModel(fixed, outcome, [{ name: "school", group: cluster }]).infer("t");
  },
  "blocked difference, 8 blocks of 8": (rng) => {
    const block = Int32Array.from({ length: 64 }, (_, row) => Math.floor(row / 8));
    const shared = normals(rng, 8);
    const treatment = arms(64);
    const outcome = normals(rng, 64).map((e, row) => e + 2 * shared[block[row]!]! + 0.5 * treatment[row]!);
    return blockedDifference({ outcome, treatment, block });
  },
  "weighting for the treated, 400": (rng) => {
    const { data, scores } = comparison(rng);
    return weightedEffect(data, scores, "ATT");
  },
  "weighting for all, 400": (rng) => {
    const { data, scores } = comparison(rng);
    return weightedEffect(data, scores, "ATE");
  },
  "overlap weights, 400": (rng) => {
    const { data, scores } = comparison(rng);
    return weightedEffect(data, scores, "ATO");
  },
  "entropy balancing, 400": (rng) => {
    const { data, covariates } = comparison(rng);
    return entropyBalancing(data, covariates);
  },
  "AIPW for all, five folds, 400": (rng) => {
    const { data, covariates } = comparison(rng);
    return aipwAverage(
      data,
      crossFit(linearLearner(data.outcome, data.treatment, covariates), data.treatment, foldsOf(400, 5)),
    );
  },
  "AIPW for the treated, 400": (rng) => {
    const { data, covariates } = comparison(rng);
    return aipwTreated(data, crossFit(linearLearner(data.outcome, data.treatment, covariates), data.treatment));
  },
  "partially linear, five folds, 400": (rng) => {
    const { data, covariates } = comparison(rng);
    return partiallyLinear(
      data,
      crossFit(linearLearner(data.outcome, data.treatment, covariates), data.treatment, foldsOf(400, 5)),
    );
  },
  "two stages, take-up of 60 %, 300": (rng) => {
    const lot = arms(300);
    const hidden = normals(rng, 300);
    const received = Float64Array.from(lot, (won, row) => (won === 1 && hidden[row]! < 0.25 ? 1 : 0));
    const outcome = received.map((taken, row) => 0.5 * taken + hidden[row]! + rng.normal());
    return twoStage({ outcome, received, instruments: [{ name: "lot", values: lot }], covariates: [] });
  },
  "discontinuity, chosen bandwidth, 600": (rng) => {
    const x = Float64Array.from({ length: 600 }, () => 2 * rng.next() - 1).sort();
    const y = x.map((value) => Math.sin(2 * value) + (value >= 0 ? 0.5 : 0) + 0.5 * rng.normal());
    const cut = x.findIndex((value) => value >= 0);
    const sides = [
      { x: x.slice(0, cut), y: y.slice(0, cut) },
      { x: x.slice(cut), y: y.slice(cut) },
    ] as const;
    const bandwidths = selectBandwidth(...sides, { rule: "mserd", kernel: "triangular", order: 1 });
    const { robust } = discontinuity(...sides, { kernel: "triangular", order: 1, ...bandwidths, residual: "NN" });
    return { ...robust, df: Number.POSITIVE_INFINITY };
  },
  "staggered starts, overall by group, 120 units": (rng) => {
    const units = 120;
    const first = (unit: number): number => [0, 3, 4][unit % 3]!;
    const rows = Array.from({ length: units * 4 }, (_, row) => ({ unit: Math.floor(row / 4), period: (row % 4) + 1 }));
    const own = normals(rng, units);
    const outcome = Float64Array.from(rows, ({ unit, period }) => {
      const start = first(unit);
      return own[unit]! + 0.2 * period + (start > 0 && period >= start ? 0.5 : 0) + 0.7 * rng.normal();
    });
    const panel = balancedPanel({
      outcome,
      unit: rows.map(({ unit }) => unit),
      period: rows.map(({ period }) => period),
      firstTreated: rows.map(({ unit }) => first(unit)),
    });
    const { estimate, se } = aggregate(panel, groupTimeEffects(panel, { control: "never" }), "group").overall;
    return { estimate, se, df: Number.POSITIVE_INFINITY };
  },
};

test.each(Object.keys(methods))(
  "intervals at .95 cover the truth: %s",
  (name) => {
    const rng = random(`coverage of ${name}`);
    let covered = 0;
    let width = 0;
    let error = 0;
    for (let each = 0; each < TRIALS; each++) {
      const inference = methods[name]!(rng.derive(each));
      if (covers(inference)) covered++;
      width += inference.se / TRIALS;
      error += (inference.estimate - 0.5) / TRIALS;
    }
    const share = covered / TRIALS;
    if (process.env.CAIRN_SLOW === "1") {
      process.stdout.write(`${name}: covered ${(100 * share).toFixed(1)} %, bias ${(error / width).toFixed(2)} SE\n`);
    }
    expect(share).toBeGreaterThanOrEqual(0.95 - SLACK);
    expect(share).toBeLessThanOrEqual(0.95 + SLACK);
    expect(Math.abs(error / width)).toBeLessThan(0.25); // hardly a quarter of a standard error
  },
  300_000,
);

test("the conservative LOOP variance covers at least as often as it says", () => {
  const rng = random("coverage of loop");
  let covered = 0;
  for (let each = 0; each < 400; each++) if (covers(loop(trial(rng.derive(each))))) covered++;
  expect(covered / 400).toBeGreaterThan(0.92);
});
