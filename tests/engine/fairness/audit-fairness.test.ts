import { describe, expect, test } from "vitest";
import type { AuditColumn, AuditInput, FairnessAudit } from "../../../src/engine/fairness/audit.ts";
import { auditFairness } from "../../../src/engine/fairness/audit-fairness.ts";
import { CairnError } from "../../../src/errors.ts";
import { studentTwoSided } from "../../../src/numeric/distributions.ts";
import { sigmoid } from "../../../src/numeric/log-odds.ts";
import { wilsonInterval } from "../../../src/numeric/metrics/wilson.ts";
import { random } from "../../../src/numeric/random.ts";

const column = (name: string, cells: readonly string[]): AuditColumn => {
  const categories = [...new Set(cells)].filter((cell) => cell !== "").sort();
  const values = Float64Array.from(cells, (cell) => (cell === "" ? Number.NaN : categories.indexOf(cell)));
  return { name, categories, values };
};

const choose = (n: number, k: number): number => (k === 0 ? 1 : (choose(n - 1, k - 1) * n) / k);

interface Bias {
  readonly school: number;
  readonly group: string;
  /** Log-odds added to the score without any difference in what comes. */
  readonly size: number;
}

/** A district of four schools: groups differ in need (base rate), and nobody is treated unlike anybody, but for the bias. */
function districtOf(seed: number, learners: number, bias?: Bias): Omit<AuditInput, "permutations"> {
  const rng = random(seed);
  const rows = Array.from({ length: learners }, () => {
    const school = rng.integer(4);
    const group = rng.next() < 0.35 ? "b" : "a";
    const sex = rng.next() < 0.5 ? "f" : "m";
    const need = rng.normal() - 1;
    const isBiased = bias !== undefined && bias.school === school && bias.group === group;
    const score = need + 0.4 * rng.normal() + (isBiased ? bias.size : 0);
    return { school: `s${school}`, group, sex, label: Number(rng.next() < sigmoid(need)), p: sigmoid(score) };
  });
  const threshold = rows.map(({ p }) => p).sort((a, b) => b - a)[Math.floor(learners / 4)]!;
  return {
    flagged: Uint8Array.from(rows, ({ p }) => Number(p > threshold)),
    labels: Uint8Array.from(rows, ({ label }) => label),
    probabilities: Float64Array.from(rows, ({ p }) => p),
    attributes: [
      column(
        "group",
        rows.map(({ group }) => group),
      ),
      column(
        "sex",
        rows.map(({ sex }) => sex),
      ),
    ],
    within: [
      column(
        "school",
        rows.map(({ school }) => school),
      ),
    ],
    seed,
  };
}

test("figures and gaps, by hand", () => {
  // ten of a and twenty of b: a has 6 bad outcomes of which 3 are flagged, and 4 good ones of which 1 is
  const cells = (flagged: number, label: number, count: number) =>
    Array.from({ length: count }, () => ({ flagged, label }));
  const a = [...cells(1, 1, 3), ...cells(0, 1, 3), ...cells(1, 0, 1), ...cells(0, 0, 3)];
  const b = [...cells(1, 1, 2), ...cells(0, 1, 6), ...cells(1, 0, 3), ...cells(0, 0, 9)];
  const rows = [...a, ...b];
  const audit = auditFairness({
    flagged: Uint8Array.from(rows, ({ flagged }) => flagged),
    labels: Uint8Array.from(rows, ({ label }) => label),
    attributes: [
      column(
        "group",
        rows.map((_, row) => (row < a.length ? "a" : "b")),
      ),
    ],
    minimumCell: 2,
    seed: 1,
  });
  const [first, second] = audit.groups;
  const of = (measure: string) => first!.gaps.find((gap) => gap.measure === measure)!;
  expect(of("selectionRate")).toMatchObject({ group: 0.4, others: 0.25, rows: [10, 20] });
  expect(of("selectionRate").groupInterval.low).toBeCloseTo(wilsonInterval(4, 10).low, 12);
  expect(of("truePositiveRate")).toMatchObject({ group: 0.5, others: 0.25, gap: 0.25, rows: [6, 8] });
  expect(of("falsePositiveRate")).toMatchObject({ group: 0.25, others: 0.25, gap: 0, p: 1 });
  expect(of("positivePredictiveValue")).toMatchObject({ group: 0.75, others: 0.4 });
  expect(second!.gaps[0]!.gap).toBeCloseTo(-first!.gaps[0]!.gap, 12); // the others of one group are the other group
  expect(audit).toMatchObject({ rows: 30, flagged: 9, tests: 8, findings: [] });
  // the score test by hand: residuals from the pooled 9/30 give z² = (3/20)²/(21/100·3/20) = 5/7, and Student's t with 9 degrees
  // its p-value; Fisher's exact test is more careful: twice P(X ≥ 4) of 9 hits among 30 rows, 10 of them the group's
  const fisher = [4, 5, 6, 7, 8, 9].reduce((sum, k) => sum + (choose(10, k) * choose(20, 9 - k)) / choose(30, 9), 0);
  expect(studentTwoSided(Math.sqrt(5 / 7), 9)).toBeLessThan(2 * fisher);
  expect(of("selectionRate").p).toBeCloseTo(2 * fisher, 12);
});

test("a group whose score is raised in one school is found there, and only there", () => {
  const audit = auditFairness({ ...districtOf(3, 2_000, { school: 2, group: "b", size: 1.5 }), permutations: 0 });
  const places = new Set(audit.findings.filter(({ kind }) => kind === "place").map(({ place }) => place?.value));
  expect(places).toEqual(new Set(["s2"]));
  const measures = audit.findings
    .filter(({ place, group }) => place?.value === "s2" && group === "b")
    .map(({ measure }) => measure);
  expect(measures).toEqual(expect.arrayContaining(["selectionRate", "falsePositiveRate", "calibration"]));
  expect(audit.findings.every(({ attribute }) => attribute === "group")).toBe(true);
});

test("districts without any bias raise a false alarm in about one of twenty audits, or fewer", () => {
  const audits = Array.from({ length: 100 }, (_, seed) => auditFairness({ ...districtOf(seed, 500), permutations: 0 }));
  const alarms = audits.filter(({ findings }) => findings.length > 0).length;
  expect(alarms).toBeLessThanOrEqual(11); // 5 expected at the level of 0.05; 12 or more in 4 of 1,000 such tests
  expect(audits[0]!.tests).toBeGreaterThan(60);
});

test("rare flags and small groups raise no more false alarms: none of thirty is no finding", () => {
  let alarms = 0;
  for (let seed = 0; seed < 60; seed++) {
    const rng = random(`rare ${seed}`);
    const rows = Array.from({ length: 1_500 }, (_, row) => ({
      group: row < 30 ? "few" : row < 90 ? "some" : "most",
      school: `s${rng.integer(4)}`,
      flagged: Number(rng.next() < 0.02),
      label: Number(rng.next() < 0.3),
    }));
    const { findings } = auditFairness({
      flagged: Uint8Array.from(rows, ({ flagged }) => flagged),
      labels: Uint8Array.from(rows, ({ label }) => label),
      attributes: [
        column(
          "group",
          rows.map(({ group }) => group),
        ),
      ],
      within: [
        column(
          "school",
          rows.map(({ school }) => school),
        ),
      ],
      seed,
    });
    if (findings.length > 0) alarms += 1;
  }
  expect(alarms).toBeLessThanOrEqual(8); // 3 expected at the level of 0.05; 9 or more in 4 of 1,000 such tests
});

describe("cells too small to be shown", () => {
  const district = districtOf(5, 400);
  const few = { ...district, attributes: [column("group", [...Array(4).fill("rare"), ...Array(396).fill("usual")])] };
  const audit: FairnessAudit = auditFairness({ ...few, minimumCell: 5 });

  test("say so, and say nothing else, for the group and for its complement", () => {
    for (const group of audit.groups) {
      expect(group.rows).toBeUndefined();
      expect(group.gaps).toEqual([]);
      expect(group.withheld).toEqual([{ measure: "everything", reason: expect.stringContaining("fewer than 5") }]);
      expect(group.abroca).toBeUndefined();
    }
    expect(audit.tests).toBe(0);
  });

  test("many rows of few learners are few learners", () => {
    const attributes = [
      column(
        "group",
        Array.from({ length: 400 }, (_, row) => (row < 200 ? "a" : "b")),
      ),
    ];
    const learner = Float64Array.from({ length: 400 }, (_, row) => (row < 200 ? row % 4 : row));
    const { groups } = auditFairness({ ...district, within: [], attributes, learner, minimumCell: 5 });
    expect(groups[0]!.withheld[0]).toMatchObject({ measure: "everything" });
  });
});

test("rows of one learner say less together: intervals widen, p-values grow", () => {
  const once = districtOf(7, 400, { school: 1, group: "b", size: 1 });
  const twice = <Values extends Uint8Array | Float64Array>(values: Values): Values =>
    (values as Float64Array).constructor === Float64Array
      ? (Float64Array.from([...values, ...values]) as Values)
      : (Uint8Array.from([...values, ...values]) as Values);
  const doubled = {
    ...once,
    flagged: twice(once.flagged),
    labels: twice(once.labels!),
    probabilities: twice(once.probabilities!),
    attributes: once.attributes.map((one) => ({ ...one, values: twice(one.values) })),
    within: once.within!.map((one) => ({ ...one, values: twice(one.values) })),
    permutations: 0,
  };
  const learner = Float64Array.from({ length: 800 }, (_, row) => row % 400);
  const [plain, together, naive] = [{ ...once, permutations: 0 }, { ...doubled, learner }, doubled].map(
    (input) => auditFairness(input).groups[0]!.gaps[0]!,
  );
  expect(together!.p).toBeCloseTo(plain!.p, 3); // without pairs of rows the more careful of two tests counts
  expect(together!.interval.low).toBeCloseTo(plain!.interval.low, 10);
  expect(together!.groupInterval.low).toBeCloseTo(plain!.groupInterval.low, 2);
  expect(naive!.p).toBeLessThan(plain!.p);
});

test("the area between ROC curves stands beside its chance level; equal seeds give equal audits", () => {
  const district = districtOf(11, 600);
  const audit = auditFairness({ ...district, permutations: 39 });
  const all = audit.groups.find(({ place }) => place === undefined)!;
  expect(all.abroca!.value).toBeGreaterThan(0);
  expect(all.abroca!.value).toBeLessThan(all.abroca!.chance as number); // both groups are ranked alike
  expect(all.ece!.value).toBeGreaterThan(0);
  expect(auditFairness({ ...district, permutations: 39 })).toEqual(audit);
  expect(JSON.parse(JSON.stringify(audit))).toEqual(audit);
});

test.each<[string, Partial<AuditInput>, string]>([
  ["no attribute", { attributes: [] }, "BAD_INPUT"],
  ["an attribute of other length", { attributes: [column("group", ["a"])] }, "SHAPE_MISMATCH"],
  ["a cell size of one", { minimumCell: 1 }, "BAD_INPUT"],
  ["certainty", { confidence: 1 }, "BAD_INPUT"],
  ["half a permutation", { permutations: 0.5 }, "BAD_INPUT"],
  ["flags that are no flags", { flagged: new Uint8Array(60).fill(2) }, "BAD_INPUT"],
])("refused: %s", (_, change, code) => {
  expect(() => auditFairness({ ...districtOf(1, 60), ...change })).toThrow(CairnError);
  try {
    auditFairness({ ...districtOf(1, 60), ...change });
  } catch (error) {
    expect((error as CairnError).code).toBe(code);
  }
});
