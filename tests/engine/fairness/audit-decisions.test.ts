import { describe, expect, test } from "vitest";
import type { DecisionInput } from "../../../src/engine/fairness/audit-decisions.ts";
import { auditDecisions, holmOfChains } from "../../../src/engine/fairness/audit-decisions.ts";
import { contrast } from "../../../src/engine/fairness/contrast.ts";
import { random } from "../../../src/numeric/random.ts";

interface Decision {
  readonly learner: number;
  readonly school: string;
  readonly race: string;
  readonly sex: string;
  readonly kind: number;
  readonly value: number;
}

const inputOf = (rows: readonly Decision[]): DecisionInput => {
  const groups = (attribute: "race" | "sex") =>
    [...new Set(rows.map((row) => row[attribute]))].sort().map((group) => ({
      ...{ attribute, group },
      isMember: Int8Array.from(rows, (row) => Number(row[attribute] === group)),
    }));
  return {
    measure: "selectionRate",
    values: Float64Array.from(rows, ({ value }) => value),
    ...{ stratum: Int32Array.from(rows, ({ kind }) => kind), strata: 2 },
    ...{
      unit: Int32Array.from(rows, ({ learner }) => learner),
      units: 1 + Math.max(...rows.map((row) => row.learner)),
    },
    groups: [...groups("race"), ...groups("sex")],
    places: [...new Set(rows.map(({ school }) => school))].sort().map((value) => ({
      ...{ column: "school", value },
      isInside: Uint8Array.from(rows, ({ school }) => Number(school === value)),
    })),
  };
};

/** Two schools, incidents of two severities, some learners with several; the second suspends one group more often by `more`. */
function incidentsOf(seed: number, learners: number, more: number): Decision[] {
  const rng = random(`decisions ${seed}`);
  return Array.from({ length: learners }, (_, learner) => {
    const school = rng.next() < 0.5 ? "s1" : "s2";
    const race = ["a", "a", "b", "c"][rng.integer(4)]!;
    const sex = rng.next() < 0.5 ? "f" : "m";
    const strictness = 0.1 * rng.next(); // decisions about one learner go together
    return Array.from({ length: 1 + rng.integer(3) }, (): Decision => {
      const kind = rng.integer(2);
      const chance = [0.05, 0.25][kind]! + strictness + (school === "s2" && race === "b" ? more : 0);
      return { learner, school, race, sex, kind, value: Number(rng.next() < chance) };
    });
  }).flat();
}

test("Holm over chains: the second question waits for the first, a finished chain leaves its level to the others", () => {
  expect(holmOfChains([[0.01, 0.04], [0.03]])).toEqual([[0.02, 0.06], [0.06]]);
  expect(holmOfChains([[0.01], [0.02], [0.5]])).toEqual([[0.03], [0.04], [0.5]]); // one question each: Holm
  expect(holmOfChains([[0.6, 0.001]])).toEqual([[0.6, 0.6]]); // no gap, so nothing to be unlike others
});

test("like is compared with like: a group with more grave incidents is not treated unlike others", () => {
  const rows = (race: string, kind: number, count: number, hits: number, from: number): Decision[] =>
    Array.from({ length: count }, (_, index) => ({
      ...{ learner: from + index, school: "s1", race, sex: "f", kind, value: Number(index < hits) },
    }));
  // half of the grave and a tenth of the light incidents end in a suspension, of either group; b has more grave ones
  const all = [
    ...rows("a", 0, 90, 9, 0),
    ...rows("a", 1, 10, 5, 90),
    ...rows("b", 0, 10, 1, 100),
    ...rows("b", 1, 90, 45, 110),
  ];
  const input = inputOf(all);
  const side = Int8Array.from(all, ({ race }) => Number(race === "b"));
  const stratified = contrast(input, side, 0.95)!;
  expect(stratified.gap).toBeCloseTo(0, 12);
  expect(stratified.p).toBeCloseTo(1, 6);
  const raw = contrast({ ...input, stratum: new Int32Array(all.length), strata: 1 }, side, 0.95)!;
  expect(raw.gap).toBeCloseTo(0.32, 12);
  expect(raw.p).toBeLessThan(1e-5);
});

describe("a district in which one school suspends one group more often", () => {
  const audits = Array.from({ length: 20 }, (_, seed) => auditDecisions(inputOf(incidentsOf(seed, 500, 0.3))));
  const at = (audit: (typeof audits)[number], group: string) =>
    audit.findings.filter((finding) => finding.group === group && finding.place?.value === "s2");

  test("it is found there, and by how it differs from the other school", () => {
    expect(audits.filter((audit) => at(audit, "b").length > 0).length).toBeGreaterThanOrEqual(18);
    const places = audits.flatMap((audit) => audit.findings.filter(({ kind }) => kind === "place"));
    expect(new Set(places.map(({ place }) => place!.value))).toEqual(new Set(["s2"]));
  });

  test("the others of that group are its shadow: they are not told besides", () => {
    expect(audits.filter((audit) => at(audit, "a").length > 0 && at(audit, "b").length > 0)).toEqual([]);
  });

  test("the two groups of one attribute are one question", () => {
    // race: three groups, sex: one question; each over all and in two schools
    expect(audits[0]!.tests).toBe(12);
    const gap = (group: string) =>
      audits[0]!.groups.find((one) => one.group === group && one.place === undefined)!.gaps[0]!;
    expect(gap("m").gap).toBeCloseTo(-gap("f").gap, 12);
    expect(gap("m").adjustedP).toBe(gap("f").adjustedP);
  });
});

test("where nobody is treated unlike anybody, one audit of twenty speaks, or fewer", () => {
  const alarms = Array.from({ length: 200 }, (_, seed) => auditDecisions(inputOf(incidentsOf(1_000 + seed, 300, 0))));
  // 10 expected at the level of 0.05; 17 or more in 3 of 100 such tests
  expect(alarms.filter(({ findings }) => findings.length > 0).length).toBeLessThanOrEqual(16);
});

test("cells below the minimum are withheld, whatever they say", () => {
  const rows = incidentsOf(7, 100, 0).map((row) => (row.learner < 4 ? { ...row, race: "rare", value: 1 } : row));
  const { groups, findings } = auditDecisions(inputOf(rows));
  expect(groups.filter(({ group, gaps }) => group === "rare" && gaps.length > 0)).toEqual([]);
  expect(findings.filter(({ group }) => group === "rare")).toEqual([]);
});
