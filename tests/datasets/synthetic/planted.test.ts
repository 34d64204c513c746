import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeDistrict } from "../../../datasets/synthetic/district.ts";
import { logistic } from "../../../datasets/synthetic/parameters.ts";
import { schoolOf } from "../../../datasets/synthetic/school-groups.ts";
import { type DistrictTruth, readTruth, type TruthAssignment } from "../../../datasets/synthetic/truth.ts";
import { type Cells, readFlat, readOneRoster, temporaryFolder } from "./read-district.ts";

const STUDENTS = 1400;
const SCHOOLS = 3;
let place: Awaited<ReturnType<typeof temporaryFolder>>;
let truth: DistrictTruth;
let abilityOf: Map<string, number>;

beforeAll(async () => {
  place = await temporaryFolder();
  await writeDistrict({ folder: place.folder, students: STUDENTS, seed: "planted", finishedYears: 2 });
  truth = await readTruth(place.folder);
  const { learners } = truth;
  abilityOf = new Map(learners.studentId.map((id, row) => [`${id}/${learners.year[row]}`, learners.ability[row]!]));
});
afterAll(() => place.remove());

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const variance = (values: readonly number[]): number => {
  const middle = mean(values);
  return values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1);
};
const gain = ({ markWith, markWithout }: TruthAssignment): number => markWith - markWithout;
const seen = (one: TruthAssignment): number => (one.treated ? one.markWith : one.markWithout);

/** Participations with a known end. */
function finished(intervention: string, rule?: string): TruthAssignment[] {
  return truth.assignments.filter(
    (one) =>
      one.interventionId === intervention && (rule === undefined || one.rule === rule) && !Number.isNaN(one.markWith),
  );
}

describe("effects", () => {
  test("tutoring gives seven points to who is below the middle and comes to every dose, nothing to the others", () => {
    const all = finished("int-tutoring");
    const weak = all.filter((one) => abilityOf.get(`${one.studentId}/${one.year}`)! < 0);
    const strong = all.filter((one) => abilityOf.get(`${one.studentId}/${one.year}`)! >= 0);
    expect(weak.every(({ effect }) => effect === 7)).toBe(true);
    expect(strong.every((one) => one.effect === 0 && gain(one) === 0)).toBe(true);
    expect(mean(weak.map(gain)) / mean(weak.map(({ doseShare }) => doseShare))).toBeCloseTo(7, 0); // marks are whole
  });

  test("the planner gives nobody anything, and drill costs everybody five points", () => {
    expect(finished("int-planner").every((one) => gain(one) === 0)).toBe(true);
    const drill = finished("int-drill");
    expect(mean(drill.map(gain)) / mean(drill.map(({ doseShare }) => doseShare))).toBeCloseTo(-5, 0);
    expect(truth.planted.filter(({ kind }) => kind === "effect").map(({ what, size }) => [what, size])).toEqual([
      ["int-tutoring", 7],
      ["int-tutoring", 0],
      ["int-planner", 0],
      ["int-drill", -5],
    ]);
  });

  test("the mark on record is the potential mark of what happened", async () => {
    const marks = new Map(
      truth.learners.studentId.map((id, row) => [
        `${id}/${truth.learners.year[row]}`,
        truth.learners.finalMathematics[row]!,
      ]),
    );
    for (const one of truth.assignments)
      if (!Number.isNaN(one.markWith)) expect(seen(one)).toBe(marks.get(`${one.studentId}/${one.year}`));
  });

  test.each([
    ["int-tutoring", "learner-lottery"],
    ["int-planner", "learner-lottery"],
  ])(
    "where lots decide, %s: treated and control differ by the mean effect, within four standard errors",
    (id, rule) => {
      const all = finished(id, rule);
      const treated = all.filter((one) => one.treated);
      const control = all.filter((one) => !one.treated);
      const error = Math.sqrt(
        variance(treated.map(seen)) / treated.length + variance(control.map(seen)) / control.length,
      );
      const difference = mean(treated.map(seen)) - mean(control.map(seen));
      expect(Math.abs(difference - mean(all.map(gain)))).toBeLessThan(4 * error);
      expect(error).toBeLessThan(1);
    },
  );

  test.each(["int-tutoring", "int-drill"])(
    "where need decides, %s: the comparison misleads, the propensity mends it",
    (id) => {
      const all = finished(id, "need");
      const treated = all.filter((one) => one.treated);
      const control = all.filter((one) => !one.treated);
      const effect = mean(all.map(gain));
      expect(mean(treated.map(seen)) - mean(control.map(seen)) - effect).toBeLessThan(-5);
      // overlap weights (Li, Morgan and Zaslavsky 2018, eq. 4): the mean effect where both were likely, with small variance
      const [own, other] = [
        weighted(treated, ({ propensity }) => 1 - propensity),
        weighted(control, ({ propensity }) => propensity),
      ];
      const overlap = all.map(({ propensity }) => propensity * (1 - propensity));
      const truly = all.reduce((sum, one, i) => sum + overlap[i]! * gain(one), 0) / overlap.reduce((a, b) => a + b, 0);
      expect(Math.abs(own.mean - other.mean - truly)).toBeLessThan(4 * Math.hypot(own.error, other.error));
      expect(Math.hypot(own.error, other.error)).toBeLessThan(1.5);
    },
  );
});

/** Weighted mean of the mark on record, with its standard error. */
function weighted(
  list: readonly TruthAssignment[],
  weight: (one: TruthAssignment) => number,
): { mean: number; error: number } {
  const total = list.reduce((sum, one) => sum + weight(one), 0);
  const middle = list.reduce((sum, one) => sum + weight(one) * seen(one), 0) / total;
  const square = list.reduce((sum, one) => sum + (weight(one) * (seen(one) - middle)) ** 2, 0);
  return { mean: middle, error: Math.sqrt(square) / total };
}

describe("assignment", () => {
  test("learners take part as often as their propensity says; where homerooms are drawn, whole homerooms do", () => {
    for (const rule of ["learner-lottery", "need"]) {
      const all = truth.assignments.filter((one) => one.rule === rule);
      const expected = all.reduce((sum, { propensity }) => sum + propensity, 0);
      const noise = Math.sqrt(all.reduce((sum, { propensity: p }) => sum + p * (1 - p), 0));
      expect(Math.abs(all.filter(({ treated }) => treated).length - expected)).toBeLessThan(4 * noise);
    }
    const rooms = new Map<string, { treated: boolean; propensity: number }>();
    for (const one of truth.assignments) {
      if (one.rule !== "homeroom-lottery") continue;
      const key = `${one.interventionId}/${one.cluster}`;
      expect(one.treated).toBe(rooms.get(key)?.treated ?? one.treated);
      rooms.set(key, one);
    }
    expect(rooms.size).toBeGreaterThan(40);
    const expected = [...rooms.values()].reduce((sum, { propensity }) => sum + propensity, 0);
    const drawn = [...rooms.values()].filter(({ treated }) => treated).length;
    expect(Math.abs(drawn - expected)).toBeLessThan(4 * Math.sqrt(0.25 * rooms.size));
  });

  test("the files tell who was assigned, as the truth does, and only of chosen ones where need decides", async () => {
    const key = (student: string, id: string, begins: string): string => `${student}/${id}/${begins.slice(0, 4)}`;
    const rows = await readFlat(place.folder, "intervention-assignments.csv");
    const told = new Map(rows.map((row) => [key(row.student_id!, row.intervention_id!, row.begins_on!), row.group!]));
    expect(told.size).toBe(rows.length);
    const owed = truth.assignments.filter((one) => one.rule !== "need" || one.treated);
    expect(told.size).toBe(owed.length);
    for (const one of owed)
      expect(told.get(key(one.studentId, one.interventionId, one.year))).toBe(one.treated ? "treatment" : "control");
  });

  test("doses are those of the treated, and in a finished year as many as the truth says", async () => {
    const came = new Map<string, number>();
    const planned = new Map<string, number>();
    for (const row of await readFlat(place.folder, "doses.csv")) {
      const starts = Number(row.date!.slice(0, 4)) - (row.date!.slice(5) < "07" ? 1 : 0);
      const key = `${row.student_id}/${row.intervention_id}/${starts}`;
      planned.set(key, (planned.get(key) ?? 0) + 1);
      came.set(key, (came.get(key) ?? 0) + Number(row.attended === "true"));
    }
    for (const one of truth.assignments) {
      const key = `${one.studentId}/${one.interventionId}/${one.year.slice(0, 4)}`;
      if (!one.treated) expect(planned.has(key)).toBe(false);
      else if (one.year !== "2025-26" && !Number.isNaN(one.markWith))
        expect(came.get(key)! / planned.get(key)!).toBeCloseTo(one.doseShare, 3);
    }
  });
});

test("the biased grader takes five points from boys in English at one school, and nowhere else", async () => {
  const roster = await readOneRoster(place.folder);
  const schoolOf = new Map(roster("users").map((row) => [row.sourcedId!, row.primaryOrgSourcedId!]));
  const sexOf = new Map(roster("demographics").map((row) => [row.sourcedId!, row.sex!]));
  const categories = new Map(roster("lineItems").map((row) => [row.sourcedId!, row.categorySourcedId!]));
  const marks = new Map<string, number[]>();
  for (const row of roster("results")) {
    if (row.score === "" || categories.get(row.lineItemSourcedId!) !== "cat-homework") continue;
    const subject = row.classSourcedId!.includes("-ela-") ? "english" : "mathematics";
    const key = `${row.studentSourcedId}/${subject}`;
    marks.set(key, [...(marks.get(key) ?? []), Number(row.score)]);
  }
  const gap = (school: string, subject: string): { size: number; error: number } => {
    const of = (sex: string): number[] =>
      [...marks].flatMap(([key, list]) => {
        const [user, own] = key.split("/");
        return own === subject && sexOf.get(user!) === sex && schoolOf.get(user!) === school ? [mean(list)] : [];
      });
    const [boys, girls] = [of("male"), of("female")];
    const error = Math.sqrt(variance(boys) / boys.length + variance(girls) / girls.length);
    return { size: mean(boys) - mean(girls), error };
  };
  const [biased, english, mathematics] = [
    gap("org-school-2", "english"),
    gap("org-school-1", "english"),
    gap("org-school-2", "mathematics"),
  ];
  expect(Math.abs(biased.size + 5)).toBeLessThan(4 * biased.error);
  expect(biased.size).toBeLessThan(-2);
  for (const fair of [english, mathematics]) expect(Math.abs(fair.size)).toBeLessThan(4 * fair.error);
  const facts = truth.planted.filter(({ kind }) => kind === "bias");
  expect(facts.map(({ schoolId, group, size }) => [schoolId, group, size])).toEqual([
    ["org-school-2", "black", 0.3],
    ["org-school-2", "male", -5],
  ]);
});

test("drift: from October one school codes tardy as absent and marks seven points higher; nothing else changes", async () => {
  const options = { students: 160, seed: "drift" };
  const [calm, drifting] = [join(place.folder, "calm"), join(place.folder, "drifting")];
  await writeDistrict({ folder: calm, ...options });
  await writeDistrict({ folder: drifting, ...options, drift: true });
  const [before, after] = [await readFlat(calm, "attendance.csv"), await readFlat(drifting, "attendance.csv")];
  expect(after).toHaveLength(before.length);
  const changed = after.filter((row, index) => JSON.stringify(row) !== JSON.stringify(before[index]));
  expect(changed.length).toBeGreaterThan(10);
  const roster = await readOneRoster(drifting);
  const schoolOf = new Map(roster("users").map((row) => [row.identifier!, row.primaryOrgSourcedId!]));
  for (const row of changed) {
    expect(row).toMatchObject({ category: "absent" });
    expect(row.date! >= "2025-10-01").toBe(true);
    expect(schoolOf.get(row.student_id!)).toBe("org-school-1");
  }
  const marks = (rows: Cells[]): Map<string, Cells> => new Map(rows.map((row) => [row.sourcedId!, row]));
  const plain = marks((await readOneRoster(calm))("results"));
  const risen: number[] = [];
  for (const [id, row] of marks(roster("results"))) {
    if (row.score === plain.get(id)!.score) continue;
    expect(row.classSourcedId).toMatch(/^cls-2026-s1-/);
    risen.push(Number(row.score) - Number(plain.get(id)!.score));
  }
  expect(risen.length).toBeGreaterThan(500);
  expect(Math.max(...risen)).toBeLessThanOrEqual(8); // rounding
  expect(mean(risen)).toBeGreaterThan(6); // some reach 100
  const facts = (await readTruth(drifting)).planted.filter(({ kind }) => kind === "drift");
  expect(facts.map(({ schoolId, from }) => [schoolId, from])).toEqual([
    ["org-school-1", "2025-10-01"],
    ["org-school-1", "2025-10-01"],
  ]);
  expect((await readTruth(drifting)).learners).toEqual((await readTruth(calm)).learners);
});

test("time of day and lost days are as the equations say", async () => {
  const late = new Map<string, [after: number, all: number]>();
  const perDay = new Map<string, number>();
  const first = new Map<string, string>();
  for (const row of await readFlat(place.folder, "responses.csv")) {
    const session = `${row.student_id}/${row.answered_at!.slice(0, 10)}`;
    const school = schoolOf(Number(row.student_id) - 1_000_000, STUDENTS);
    perDay.set(`${school}/${row.answered_at!.slice(0, 10)}`, 1);
    if (first.has(session)) continue;
    first.set(session, row.answered_at!);
    const pair = late.get(row.student_id!) ?? [0, 0];
    pair[0] += Number(row.answered_at!.slice(11) >= "20:00");
    pair[1]++;
    late.set(row.student_id!, pair);
  }
  const expected = [...late].map(([id, [, all]]) => all * logistic(-1.8 + 0.9 * truth.preferences.get(id)!.lateness));
  const seenLate = [...late.values()].reduce((sum, [after]) => sum + after, 0);
  const total = [...late.values()].reduce((sum, [, all]) => sum + all, 0);
  const said = expected.reduce((sum, value) => sum + value, 0);
  expect(Math.abs(seenLate - said) / total).toBeLessThan(0.02); // a day's second session may be later
  const schoolDays = new Set(
    (await readFlat(place.folder, "calendar.csv")).filter((row) => row.event !== "Holiday").map((row) => row.date!),
  );
  const lost = 1 - perDay.size / (SCHOOLS * schoolDays.size);
  expect(lost).toBeGreaterThan(0);
  expect(Math.abs(lost - 0.01)).toBeLessThan(4 * Math.sqrt(0.01 / (SCHOOLS * schoolDays.size)));
});
