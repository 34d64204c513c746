import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { expect, test } from "vitest";
import { dateOf, dayOf, schoolYear, yearsOf } from "../../../datasets/synthetic/calendar.ts";
import { buildCurriculum } from "../../../datasets/synthetic/curriculum.ts";
import { drawLearner } from "../../../datasets/synthetic/learner.ts";
import { normalBelow, parameters } from "../../../datasets/synthetic/parameters.ts";
import { groupCount, learnersOf, schoolCount, schoolOf } from "../../../datasets/synthetic/school-groups.ts";
import { standardFacts } from "../../../datasets/synthetic/standards-data.ts";
import { Mastery, startEngagement, stepEngagement } from "../../../datasets/synthetic/year-state.ts";
import { random } from "../../../src/numeric/random.ts";

const mapFolder = join(process.env.CAIRN_DATASETS ?? "../shared/datasets", "standards/coherence-map");
const hasMap = existsSync(mapFolder);

test("prerequisites have no cycle: every one comes earlier, and from no later grade", () => {
  const position = new Map(standardFacts.map((fact, index) => [fact.code, index]));
  expect(position.size).toBe(48);
  for (const [index, fact] of standardFacts.entries()) {
    for (const code of fact.requires) {
      expect(position.get(code), `${fact.code} requires ${code}`).toBeLessThan(index);
      expect(standardFacts[position.get(code)!]!.grade).toBeLessThanOrEqual(fact.grade);
    }
  }
});

test.skipIf(!hasMap)(
  `prerequisites are edges of the Coherence Map, all that join two of ours${hasMap ? "" : " (skipped: no data sets)"}`,
  async () => {
    const edges = parse(await readFile(join(mapFolder, "prerequisite_edges.csv")), { columns: true }) as Record<
      string,
      string
    >[];
    const codes = new Set(standardFacts.map((fact) => fact.code));
    const theirs = edges.filter((edge) => codes.has(edge.from_code!) && codes.has(edge.to_code!));
    const ours = standardFacts.flatMap((fact) => fact.requires.map((code) => `${code} > ${fact.code}`));
    expect(ours.sort()).toEqual(theirs.map((edge) => `${edge.from_code} > ${edge.to_code}`).sort());
  },
);

test("every standard has 4 to 8 items and 3 to 5 activities of different modalities", () => {
  const { standards, byGrade } = buildCurriculum(random("any"));
  for (const { items, activities } of standards) {
    expect(items.length).toBeGreaterThanOrEqual(4);
    expect(items.length).toBeLessThanOrEqual(8);
    expect(activities.length).toBeGreaterThanOrEqual(3);
    expect(activities.length).toBeLessThanOrEqual(5);
    expect(new Set(activities.map((activity) => activity.modality)).size).toBe(activities.length);
  }
  for (const grade of [4, 5, 6, 7, 8, 9]) expect(byGrade.get(grade)).toHaveLength(8);
});

test("school years are whole weeks apart: the same weekdays, the same breaks, Christmas always free", () => {
  const [first, second] = [schoolYear(0), schoolYear(1)];
  expect([dateOf(first.firstDay), dateOf(first.lastDay)]).toEqual(["2024-08-19", "2025-06-06"]);
  expect([dateOf(second.firstDay), dateOf(second.lastDay)]).toEqual(["2025-08-18", "2026-06-05"]);
  expect(yearsOf(2).map(({ title }) => title)).toEqual(["2023-24", "2024-25", "2025-26"]);
  const days = first.weeks.flatMap((week) => week.days);
  expect(days.length).toBeGreaterThan(170);
  expect(days.length).toBeLessThan(190);
  for (const { number, ends, firstDay, weeks, holidays } of yearsOf(6)) {
    const shift = firstDay - first.firstDay;
    expect(Math.abs(shift % 7)).toBe(0);
    expect(Math.abs(shift - 365.25 * number)).toBeLessThanOrEqual(3.5);
    const own = weeks.flatMap((week) => week.days);
    expect(own).toEqual(days.map((day) => day + shift));
    expect(own).not.toContain(dayOf(`${ends - 1}-12-25`));
    for (const day of own) expect([1, 2, 3, 4, 5]).toContain(new Date(day * 86_400_000).getUTCDay());
    for (const day of holidays) expect([1, 2, 3, 4, 5]).toContain(new Date(day * 86_400_000).getUTCDay());
  }
});

test("learning never passes its ceiling, forgetting never its floor, and weak prerequisites slow learning down", () => {
  const curriculum = buildCurriculum(random("any"));
  fc.assert(
    fc.property(
      fc.nat(1000),
      fc.integer({ min: 0, max: 47 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (index, k, share) => {
        const learner = drawLearner(random("any"), index, 1000);
        const mastery = new Mastery(curriculum);
        mastery.begin(learner);
        mastery.enter(learner.plans[0]!);
        const gate = mastery.gate(k);
        expect(gate).toBeGreaterThanOrEqual(0.25);
        expect(gate).toBeLessThanOrEqual(1);
        const before = mastery.learned[k]!;
        mastery.learn(k, share);
        expect(mastery.learned[k]!).toBeGreaterThanOrEqual(before);
        expect(mastery.learned[k]!).toBeLessThanOrEqual(Math.max(before, parameters.learned));
        const known = mastery.learned[k]!;
        mastery.forget(40);
        expect(mastery.learned[k]!).toBeLessThanOrEqual(known);
        expect(mastery.learned[k]!).toBeGreaterThanOrEqual(Math.min(known, parameters.forgettingFloor));
        const required = curriculum.standards[k]!.requires[0];
        if (required === undefined) return;
        const open = mastery.gate(k);
        mastery.learned[required]! -= 20; // below every other prerequisite
        expect(mastery.gate(k)).toBeLessThan(open);
      },
    ),
  );
});

test("weekly engagement returns to its trait, with the spread that is documented", () => {
  const stream = random("engagement");
  const [learners, weeks, trait] = [400, 40, 0.5];
  let sum = 0;
  let squares = 0;
  for (let learner = 0; learner < learners; learner++) {
    const state = startEngagement(stream);
    for (let week = 0; week < weeks; week++) {
      stepEngagement(state, trait, stream);
      sum += state.swing;
      squares += state.swing ** 2;
      expect(state.shock).toBeGreaterThanOrEqual(0);
    }
  }
  const n = learners * weeks;
  expect(Math.abs(sum / n)).toBeLessThan(0.06); // standard error about 0.02
  expect(Math.sqrt(squares / n)).toBeCloseTo(parameters.engagementSpread, 1);
});

test("schools of about 450: two for a small district, and learners stay where they are as the district grows", () => {
  expect([100, 1000, 2000, 10_000].map(schoolCount)).toEqual([2, 2, 4, 22]);
  for (const students of [100, 899, 1000, 1234, 5000]) {
    const sizes = new Array<number>(schoolCount(students)).fill(0);
    for (let index = 0; index < students; index++) sizes[schoolOf(index, students)]!++;
    expect(Math.min(...sizes)).toBeGreaterThanOrEqual(students < 900 ? Math.floor(students / 2) : 225);
    expect(Math.max(...sizes)).toBeLessThan(675);
  }
  for (let index = 0; index < 900; index++) expect(schoolOf(index, 1000)).toBe(schoolOf(index, 5000));
});

test("groups of schools share out the learners: everybody once, and a school's learners in one group", () => {
  for (const students of [2, 150, 900, 1000, 1126, 1350, 5000, 10_000]) {
    const groups = Array.from({ length: groupCount(students) }, (_, group) => [...learnersOf(group, students)]);
    expect(groups.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: students }, (_, index) => index));
    const schools = groups.map((group) => new Set(group.map((index) => schoolOf(index, students))));
    expect(schools.reduce((sum, own) => sum + own.size, 0)).toBe(schoolCount(students));
  }
});

test("the normal distribution function, against tabulated values", () => {
  // Abramowitz and Stegun (1964), table 26.1; the approximation is good to 1e-7
  for (const [z, below] of [
    [0, 0.5],
    [1, 0.841344746],
    [1.96, 0.975002105],
    [-1.5, 0.0668072013],
    [-3, 0.001349898],
  ] as const) {
    expect(normalBelow(z)).toBeCloseTo(below, 6);
  }
});
