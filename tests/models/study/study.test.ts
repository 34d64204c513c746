import { existsSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { clusterDifference } from "../../../src/models/study/cluster-difference.ts";
import { differenceInMeans } from "../../../src/models/study/difference-in-means.ts";
import { clusterAdjustment, improvementIndex } from "../../../src/models/study/effect-size.ts";
import type { FittedStudy } from "../../../src/models/study/fitted-study.ts";
import type { EffectRow, Trial } from "../../../src/models/study/trial.ts";
import { random } from "../../../src/numeric/random.ts";
import { codeOf, contextOf, describeEstimatorContract } from "../../contracts/estimator-contract.ts";

interface Golden {
  readonly individual: readonly (Record<"effect" | "se" | "df" | "p" | "g" | "gSe" | "improvementIndex", number> & {
    outcome: number[];
    treatment: number[];
    ci: number[];
    gCi: number[];
  })[];
  readonly clustered: readonly (Record<"outcome" | "treatment" | "cluster", number[]> &
    Record<"learner" | "cluster_", Record<"effect" | "se" | "df" | "p" | "g" | "gSe", number>>)[];
}
const golden = JSON.parse(readFileSync(new URL("../../golden/study/study.json", import.meta.url), "utf8")) as Golden;

const trialOf = (outcome: readonly number[], treatment: readonly number[], cluster?: readonly number[]): Trial => ({
  outcome: Float64Array.from(outcome),
  treatment: Uint8Array.from(treatment),
  ...(cluster === undefined ? {} : { cluster: Int32Array.from(cluster) }),
});
const run = (trial: Trial): EffectRow => differenceInMeans().fit(trial, contextOf(1)).row;
const near = (got: number, expected: number, tolerance = 1e-8): void =>
  expect(Math.abs(got - expected) / Math.max(1e-12, Math.abs(expected))).toBeLessThan(tolerance);

const numbersOf = ({ row }: FittedStudy): number[] => [
  row.effect,
  row.se,
  row.df,
  ...row.ci,
  row.p,
  row.n.treatment,
  row.n.comparison,
  row.clusters?.treatment ?? 0,
  row.means.treatment,
  row.means.comparison,
  row.effectSize.g,
  row.effectSize.se,
  ...row.effectSize.ci,
  row.effectSize.improvementIndex,
  row.cautions.length,
];

// Handbook, appendix A.1: twenty-one rows in six clusters
const printed = trialOf(
  [2.1, 3, 3.9, 4.2, 5.1, 6.3, 7.2, 1.8, 5.2, 5, 5.4, 6.1, 8.3, 9, 2.7, 3.1, 6.2, 3.3, 8.1, 9.4, 10.2],
  [0, 0, 0, 1, 1, 1, 1, 0, 0, 1, 1, 1, 1, 1, 0, 0, 0, 1, 1, 1, 1],
  [1, 1, 1, 2, 2, 2, 2, 3, 3, 4, 4, 4, 4, 4, 5, 5, 5, 6, 6, 6, 6],
);
const reversed = (trial: Trial): Trial => ({
  outcome: trial.outcome.toReversed(),
  treatment: trial.treatment.toReversed(),
  ...(trial.cluster === undefined ? {} : { cluster: trial.cluster.toReversed() }),
});
const refused = {
  "one arm": { input: () => trialOf([1, 2, 3], [1, 1, 1], [1, 1, 2]), code: "SINGLE_CLASS" },
  "no rows": { input: () => trialOf([], [], []), code: "SINGLE_CLASS" },
  "one learner in an arm": { input: () => trialOf([1, 2, 3], [1, 0, 0], [1, 2, 3]), code: "BAD_INPUT" },
  "a constant outcome": { input: () => trialOf([2, 2, 2, 2], [1, 1, 0, 0], [1, 2, 3, 4]), code: "BAD_INPUT" },
  "a missing outcome": { input: () => trialOf([2, Number.NaN, 2, 3], [1, 1, 0, 0], [1, 2, 3, 4]), code: "NOT_FINITE" },
  "unequal lengths": { input: () => trialOf([2, 3, 2, 3], [1, 1, 0], [1, 2, 3, 4]), code: "SHAPE_MISMATCH" },
  "a third arm": { input: () => trialOf([2, 3, 2, 3], [1, 2, 0, 0], [1, 2, 3, 4]), code: "BAD_INPUT" },
} as const;

describeEstimatorContract("difference in means", {
  estimator: () => differenceInMeans(),
  input: () => structuredClone({ outcome: printed.outcome, treatment: printed.treatment }),
  answers: numbersOf,
  reordered: reversed,
  reorderedTolerance: 0,
  refused,
  survived: { "two learners per arm": () => trialOf([1, 2, 2, 4], [1, 1, 0, 0]) },
});

for (const weighting of ["learner", "cluster"] as const) {
  describeEstimatorContract(`difference of clusters, weighted by ${weighting}`, {
    estimator: () => clusterDifference({ weighting }),
    input: () => structuredClone(printed),
    answers: numbersOf,
    reordered: reversed,
    reorderedTolerance: 0,
    refused: {
      ...refused,
      "no clusters": { input: () => trialOf([1, 2, 3, 4], [1, 1, 0, 0]), code: "BAD_INPUT" },
      "a cluster in both arms": {
        input: () => trialOf([1, 2, 3, 4, 5], [1, 1, 1, 0, 0], [1, 2, 3, 3, 4]),
        code: "BAD_INPUT",
      },
      "one cluster as an arm": { input: () => trialOf([1, 2, 3, 4], [1, 1, 0, 0], [1, 1, 3, 4]), code: "BAD_INPUT" },
    },
    survived: { "clusters of one": () => trialOf([1, 2, 2, 4], [1, 1, 0, 0], [9, 8, 7, 6]) },
  });
}

describe("golden", () => {
  test("individual assignment: statsmodels' HC2, scipy's Welch test, the WWC's g", () => {
    for (const expected of golden.individual) {
      const row = run(trialOf(expected.outcome, expected.treatment));
      // The third case has a mean of 1e7: the deviations themselves carry 1e-9 of rounding in the reference.
      for (const key of ["effect", "se", "df", "p"] as const) near(row[key], expected[key], 1e-7);
      near(row.effectSize.g, expected.g, 1e-7);
      near(row.effectSize.se, expected.gSe);
      near(row.effectSize.improvementIndex, expected.improvementIndex, 1e-7);
      for (const i of [0, 1] as const) {
        near(row.ci[i], expected.ci[i]!, 1e-7);
        near(row.effectSize.ci[i], expected.gCi[i]!, 1e-7);
      }
    }
  });

  test("clusters: CR2 and Satterthwaite from dense matrices, pooled test of cluster means", () => {
    for (const expected of golden.clustered) {
      const trial = trialOf(expected.outcome, expected.treatment, expected.cluster);
      const { effectSize } = clusterDifference().fit(trial, contextOf(1)).row;
      near(effectSize.g, expected.learner.g);
      near(effectSize.se, expected.learner.gSe);
      for (const key of ["effect", "se", "df", "p"] as const) {
        near(clusterDifference().fit(trial, contextOf(1)).row[key], expected.learner[key]);
        near(clusterDifference({ weighting: "cluster" }).fit(trial, contextOf(1)).row[key], expected.cluster_[key]);
      }
    }
  });

  test("known answers: CR-15, CR-14's difference, WWC-6, WWC-10", () => {
    const learner = clusterDifference().fit(printed, contextOf(1)).row;
    near(learner.effect, 3.238461538, 1e-9);
    near(learner.se, 0.6324646279, 1e-9);
    near(learner.df, 3.666595499, 1e-9);
    near(learner.p, 0.008673363092, 1e-9);
    expect(learner.cautions).toEqual(["FEW_CLUSTERS"]);
    near(clusterDifference({ weighting: "cluster" }).fit(printed, contextOf(1)).row.effect, 3.236666667, 1e-9);
    const { shrinkage, design, degrees } = clusterAdjustment(400, 20, 0.2);
    near(shrinkage, 0.980904522613, 1e-11);
    near(design, 4.8, 1e-12);
    near(degrees, 231.657587549, 1e-11);
    near(improvementIndex(0.25), 9.870633, 1e-7);
    near(improvementIndex(-0.25), -9.870633, 1e-7);
  });

  test("WWC-2: g of means 5 apart, standard deviations 10 and 12, 50 per arm", () => {
    const arm = (mean: number, deviation: number): number[] =>
      Array.from({ length: 50 }, (_, i) => mean + (i % 2 === 0 ? 1 : -1) * deviation * Math.sqrt(49 / 50));
    const row = run(
      trialOf([...arm(5, 10), ...arm(0, 12)], [...Array<number>(50).fill(1), ...Array<number>(50).fill(0)]),
    );
    near(row.effectSize.g, 0.449205491873, 1e-10);
    near(row.effectSize.se, 0.202506611916, 1e-10);
  });
});

describe("properties", () => {
  const trials = fc
    .array(fc.tuple(fc.integer({ min: -500, max: 500 }), fc.integer({ min: 0, max: 1 })), {
      minLength: 6,
      maxLength: 40,
    })
    .map((rows) => trialOf([...rows.map(([y]) => y / 8), 1, 2, 4, 8], [...rows.map(([, t]) => t), 0, 0, 1, 1]));

  test("shifting the outcome moves the means and nothing else", () => {
    fc.assert(
      fc.property(trials, fc.integer({ min: -1000, max: 1000 }), (trial, shift) => {
        const before = run(trial);
        const after = run({ ...trial, outcome: trial.outcome.map((y) => y + shift) });
        expect(after.means.treatment).toBeCloseTo(before.means.treatment + shift, 8);
        expect(after.effect).toBeCloseTo(before.effect, 8);
        for (const key of ["se", "df", "p"] as const) near(after[key], before[key], 1e-6);
        expect(after.effectSize.g).toBeCloseTo(before.effectSize.g, 8);
      }),
    );
  });

  test("scaling the outcome scales effect and interval and leaves p and g", () => {
    fc.assert(
      fc.property(trials, fc.constantFrom(0.01, 3, 1e5), (trial, factor) => {
        const before = run(trial);
        const after = run({ ...trial, outcome: trial.outcome.map((y) => y * factor) });
        for (const i of [0, 1] as const) expect(after.ci[i] / factor).toBeCloseTo(before.ci[i], 8);
        near(after.p, before.p, 1e-8);
        expect(after.effectSize.g).toBeCloseTo(before.effectSize.g, 10);
      }),
    );
  });

  test("swapping the arms flips the signs, exactly", () => {
    fc.assert(
      fc.property(trials, (trial) => {
        const straight = run(trial);
        const swapped = run({ ...trial, treatment: trial.treatment.map((t) => 1 - t) });
        expect(swapped.effect).toBe(straight.effect === 0 ? 0 : -straight.effect);
        expect(swapped.ci.map((end) => end + 0)).toEqual([0 - straight.ci[1], 0 - straight.ci[0]]);
        expect([swapped.se, swapped.p]).toEqual([straight.se, straight.p]);
        near(swapped.df, straight.df, 1e-13);
        expect(swapped.effectSize.g + straight.effectSize.g).toBe(0);
        expect(swapped.n).toEqual({ treatment: straight.n.comparison, comparison: straight.n.treatment });
      }),
    );
  });

  test("clusters of one learner give the individual answer", () => {
    fc.assert(
      fc.property(trials, (trial) => {
        const alone = { ...trial, cluster: Int32Array.from(trial.outcome, (_, row) => row) };
        const clustered = clusterDifference().fit(alone, contextOf(1)).row;
        near(clustered.se, run(trial).se, 1e-10);
      }),
    );
  });
});

test("95 % intervals cover the truth in 93–97 % of simulated trials with unequal arms and spreads", () => {
  const rng = random("coverage");
  const treatment = Uint8Array.from({ length: 36 }, (_, row) => (row < 12 ? 1 : 0));
  let covered = 0;
  for (let trial = 0; trial < 2000; trial++) {
    const outcome = Float64Array.from(treatment, (t) => (t === 1 ? 0.4 + 2 * rng.normal() : rng.normal()));
    const { ci } = run({ outcome, treatment });
    if (ci[0] <= 0.4 && 0.4 <= ci[1]) covered++;
  }
  expect(covered / 2000).toBeGreaterThanOrEqual(0.93);
  expect(covered / 2000).toBeLessThanOrEqual(0.97);
});

test("95 % CR2 intervals cover the truth in 93–97 % of simulated cluster trials", () => {
  const rng = random("clusters");
  const cluster = Int32Array.from({ length: 160 }, (_, row) => Math.floor(Math.sqrt(row)));
  const treatment = Uint8Array.from(cluster, (id) => id % 2);
  let covered = 0;
  for (let trial = 0; trial < 2000; trial++) {
    const shared = Float64Array.from({ length: 13 }, () => rng.normal());
    const outcome = Float64Array.from(cluster, (id, row) => 0.3 * treatment[row]! + 0.5 * shared[id]! + rng.normal());
    const { ci } = clusterDifference().fit({ outcome, treatment, cluster }, contextOf(trial)).row;
    if (ci[0] <= 0.3 && 0.3 <= ci[1]) covered++;
  }
  expect(covered / 2000).toBeGreaterThanOrEqual(0.93);
  expect(covered / 2000).toBeLessThanOrEqual(0.97);
});

test("a recipe out of range is refused", () => {
  expect(codeOf(() => differenceInMeans({ level: 1 }))).toBe("BAD_INPUT");
  expect(codeOf(() => clusterDifference({ intraclassCorrelation: 2 }))).toBe("BAD_INPUT");
});

const lalonde = `${process.env.CAIRN_DATASETS ?? "../shared/datasets"}/causal/lalonde`;
const reason = existsSync(lalonde) ? "" : " (skipped: no causal/lalonde in CAIRN_DATASETS)";

describe.runIf(existsSync(lalonde))(`the NSW experiment${reason}`, () => {
  const read = (file: string): Trial => {
    const [header, ...rows] = readFileSync(`${lalonde}/${file}`, "utf8").trimEnd().split(/\r?\n/);
    const names = header!.split(",").map((name) => name.replaceAll('"', ""));
    const column = (name: string): number[] => rows.map((row) => Number(row.split(",")[names.indexOf(name)]));
    return trialOf(column("re78"), column("treat"));
  };

  test("NSW-1 and NSW-2: 1,794.34 with its Neyman standard error and Welch interval", () => {
    const row = run(read("nsw_dw.csv"));
    expect(row.n).toEqual({ treatment: 185, comparison: 260 });
    near(row.effect, 1794.342404, 1e-9);
    near(row.se, 670.9965464, 1e-9);
    near(row.df, 307.1324931, 1e-9);
    near(row.p, 0.007892977715, 1e-9);
    near(row.ci[0], 474.0104698, 1e-9);
    near(row.ci[1], 3114.674339, 1e-9);
    near(row.means.treatment, 6349.14353, 1e-9);
  });

  test("NSW-8: the whole sample", () => {
    const row = run(read("nsw.csv"));
    near(row.effect, 886.3037307, 1e-9);
    near(row.se, 488.2045295, 1e-9);
  });
});
