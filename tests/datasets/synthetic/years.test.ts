import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type DistrictSummary, writeDistrict } from "../../../datasets/synthetic/district.ts";
import { type DistrictTruth, readTruth, type TruthOutcome } from "../../../datasets/synthetic/truth.ts";
import { type Cells, readFlat, readOneRoster, temporaryFolder } from "./read-district.ts";

const STUDENTS = 600;
const YEARS = ["2022-23", "2023-24", "2024-25", "2025-26"];
let place: Awaited<ReturnType<typeof temporaryFolder>>;
let summary: DistrictSummary;
let truth: DistrictTruth;
let roster: (name: string) => Cells[];
/** Learner → outcomes by year. */
const lives = new Map<string, TruthOutcome[]>();

beforeAll(async () => {
  place = await temporaryFolder();
  summary = await writeDistrict({ folder: place.folder, students: STUDENTS, seed: "years", finishedYears: 3 });
  truth = await readTruth(place.folder);
  roster = await readOneRoster(place.folder);
  for (const outcome of truth.outcomes)
    lives.set(outcome.studentId, [...(lives.get(outcome.studentId) ?? []), outcome]);
});
afterAll(() => place.remove());

test("learners go up a grade each year, or repeat it, and nobody skips a year", () => {
  let [up, again] = [0, 0];
  for (const life of lives.values()) {
    for (const [index, outcome] of life.slice(1).entries()) {
      const before = life[index]!;
      expect(YEARS.indexOf(outcome.year)).toBe(YEARS.indexOf(before.year) + 1);
      expect(outcome.grade).toBe(before.grade + (before.repeats ? 0 : 1));
      if (before.repeats) again++;
      else up++;
      expect(before.completes || before.droppedOut !== 0).toBe(false); // who has completed or left does not come back
    }
  }
  expect(up).toBeGreaterThan(300);
  expect(again).toBeGreaterThan(3);
});

test("every year has learners of every grade, newcomers, leavers and completers", () => {
  expect(summary.years.map(({ year }) => year)).toEqual(YEARS);
  expect(lives.size).toBe(STUDENTS);
  for (const [position, year] of YEARS.entries()) {
    const own = truth.outcomes.filter((outcome) => outcome.year === year);
    expect(new Set(own.map(({ grade }) => grade))).toEqual(new Set([6, 7, 8, 9]));
    expect(own.length).toBeGreaterThan(STUDENTS / 4);
    expect(own.some(({ completes }) => completes)).toBe(true);
    expect(own.some(({ droppedOut }) => droppedOut === 1)).toBe(true);
    if (position === 0) continue;
    const newcomers = own.filter(({ studentId, grade }) => lives.get(studentId)![0]!.year === year && grade > 6);
    expect(newcomers.length).toBeGreaterThan(0);
  }
  const enrolled = Object.fromEntries(summary.years.map(({ year, enrolled: learners }) => [year, learners]));
  const counted = (year: string): number => truth.outcomes.filter((outcome) => outcome.year === year).length;
  for (const year of YEARS.slice(0, 3)) expect(enrolled[year]).toBe(counted(year));
  expect(enrolled["2025-26"]).toBeLessThanOrEqual(counted("2025-26")); // some arrive after the day of the export
});

/** "learner/year" → days with an absence on record. */
async function absencesOnRecord(): Promise<Map<string, number>> {
  const absent = new Map<string, number>();
  for (const row of await readFlat(place.folder, "attendance.csv")) {
    if (row.category !== "absent") continue;
    const ends = Number(row.date!.slice(0, 4)) + (row.date!.slice(5) > "07" ? 1 : 0);
    const key = `${row.student_id}/${ends - 1}-${String(ends).slice(2)}`;
    absent.set(key, (absent.get(key) ?? 0) + 1);
  }
  return absent;
}

test("outcomes follow from what is on record: marks, absences, exits, credits", async () => {
  const { learners } = truth;
  const rowOf = new Map(learners.studentId.map((id, row) => [`${id}/${learners.year[row]}`, row]));
  const absent = await absencesOnRecord();
  for (const outcome of truth.outcomes) {
    const key = `${outcome.studentId}/${outcome.year}`;
    const row = rowOf.get(key)!;
    const marks = [learners.finalMathematics[row]!, learners.finalEnglish[row]!];
    const failed = marks.map((mark) => Number(mark < 60));
    const kind = learners.leftKind[row]!;
    const expected =
      kind === ""
        ? { droppedOut: 0, failedMathematics: failed[0], failedEnglish: failed[1] }
        : { droppedOut: kind === "withdrawal" ? 1 : -1, failedMathematics: -1, failedEnglish: -1 };
    const creditsEarned = kind === "" ? failed.filter((course) => course === 0).length : 0;
    const chronicallyAbsent = Number(outcome.daysAbsent / outcome.daysEnrolled >= 0.1);
    expect(outcome).toMatchObject({ ...expected, creditsEarned, chronicallyAbsent });
    if (outcome.repeats) expect(failed).toEqual([1, 1]);
    if (outcome.year !== "2025-26") expect(absent.get(key) ?? 0).toBe(outcome.daysAbsent);
  }
});

test("the roster of each year is the truth's: grades, sessions, no enrolment of who has left", () => {
  const sessions = new Set(roster("academicSessions").map((row) => row.title));
  for (const year of YEARS) expect(sessions.has(year)).toBe(true);
  const idOf = new Map(roster("users").map((row) => [row.sourcedId!, row.identifier!]));
  const seats = new Map<string, Set<number>>();
  for (const row of roster("enrollments")) {
    if (row.role !== "student") continue;
    const [, ends, , grade] = /^cls-(\d+)-(s\d+)-g(\d+)-/.exec(row.classSourcedId!)!;
    const key = `${idOf.get(row.userSourcedId!)}/${Number(ends) - 1}-${ends!.slice(2)}`;
    seats.set(key, (seats.get(key) ?? new Set()).add(Number(grade)));
  }
  for (const outcome of truth.outcomes) {
    const grades = seats.get(`${outcome.studentId}/${outcome.year}`);
    if (grades === undefined)
      expect(outcome.year).toBe("2025-26"); // arrives after the day of the export
    else expect([...grades]).toEqual([outcome.grade]);
  }
  expect([...seats.keys()].every((key) => lives.has(key.split("/")[0]!))).toBe(true);
});

test("traits drift from year to year as documented: ability by 0.2, engagement and persistence keep 0.9", () => {
  const { learners } = truth;
  const pairs: [number, number][] = [];
  for (let row = 1; row < learners.studentId.length; row++)
    if (learners.studentId[row] === learners.studentId[row - 1]) pairs.push([row - 1, row]);
  const steps = (values: Float64Array, kept: number): number[] =>
    pairs.map(([before, after]) => values[after]! - kept * values[before]!);
  const spread = (values: number[]): number => Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length);
  // the standard error of a spread of n values is about 1/√(2n) of it: 2.5 % here
  expect(pairs.length).toBeGreaterThan(600);
  expect(Math.abs(spread(steps(learners.ability, 1)) / 0.2 - 1)).toBeLessThan(0.1);
  expect(Math.abs(spread(steps(learners.engagement, 0.9)) / Math.sqrt(0.19) - 1)).toBeLessThan(0.1);
  expect(Math.abs(spread(steps(learners.persistence, 0.9)) / Math.sqrt(0.19) - 1)).toBeLessThan(0.1);
});

test("one finished year or four: the number is checked", async () => {
  const folder = join(place.folder, "refused");
  for (const finishedYears of [0, 7, 1.5])
    await expect(writeDistrict({ folder, students: 10, seed: 1, finishedYears })).rejects.toMatchObject({
      code: "BAD_INPUT",
    });
});
