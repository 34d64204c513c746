import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeDistrict } from "../../../datasets/synthetic/district.ts";
import { profileColumns } from "../../../datasets/synthetic/export-columns.ts";
import { type DistrictTruth, readTruth } from "../../../datasets/synthetic/truth.ts";
import { type Cells, readFlat, readOneRoster, temporaryFolder } from "./read-district.ts";

const AS_OF = "2025-12-12";
const STUDENTS = 400;
const names = Object.keys(profileColumns) as (keyof typeof profileColumns)[];
let place: Awaited<ReturnType<typeof temporaryFolder>>;
let truth: DistrictTruth;
const files = new Map<string, Cells[]>();
const rows = (name: keyof typeof profileColumns): Cells[] => files.get(name)!;

beforeAll(async () => {
  place = await temporaryFolder();
  await writeDistrict({ folder: place.folder, students: STUDENTS, seed: "whole learners" });
  truth = await readTruth(place.folder);
  for (const name of names) files.set(name, await readFlat(place.folder, `${name}.csv`));
});
afterAll(() => place.remove());

test("every file has rows, of known learners, recorded after they happened and before the day of the export", async () => {
  const users = (await readOneRoster(place.folder))("users");
  const known = new Set(users.map((row) => row.identifier!));
  for (const name of names) {
    expect(rows(name).length, name).toBeGreaterThan(0);
    if (name === "interventions") continue;
    const days = (row: Cells): string[] => ["date", "set_on", "achieved_on", "done_on"].map((day) => row[day] ?? "");
    expect(
      rows(name).filter((row) => !known.has(row.student_id!)),
      name,
    ).toEqual([]);
    expect(
      rows(name).filter((row) => row.recorded_on! > AS_OF),
      name,
    ).toEqual([]);
    expect(
      rows(name).filter((row) => days(row).some((day) => day > row.recorded_on!)),
      name,
    ).toEqual([]);
  }
});

test("a part of what happens is known only later, and a part never", () => {
  for (const name of ["supports", "course-grades", "assessments", "observations", "doses"] as const) {
    const late = rows(name).filter((row) => row.recorded_on! > (row.date ?? row.begins_on!));
    expect(late.length / rows(name).length, name).toBeGreaterThan(0.05);
  }
  const state = rows("assessments").filter((row) => row.family === "summative");
  expect(state.length).toBeGreaterThan(0);
  expect(state.every((row) => row.recorded_on! > "2025-07-01")).toBe(true); // results of spring come in summer
  const enrolled = truth.learners.year.filter((year) => year === "2024-25").length;
  const fall = rows("assessments").filter(
    (row) => row.assessment_id!.startsWith("bench-2025-fall-math") && row.part === "",
  );
  expect(fall.length / enrolled).toBeGreaterThan(0.85);
  expect(fall.length / enrolled).toBeLessThan(1);
});

test("vocabularies are those of the importer's profiles", () => {
  const vocabularies: [keyof typeof profileColumns, string, string][] = [
    ["supports", "kind", "iep 504 english-learner meals homeless gifted"],
    ["course-grades", "kind", "grading-period semester final conduct"],
    ["course-grades", "letter", "A B C D F"],
    ["assessments", "family", "interim summative"],
    ["assessments", "validity", "valid rushed"],
    ["goals", "status", "open achieved dropped"],
    ["goal-steps", "status", "open done dropped"],
    ["doses", "attended", "true false"],
    ["preferences", "kind", "interest modality setting time-of-day"],
    ["preferences", "said_by", "learner family"],
    ["narratives", "kind", "asset challenge"],
    ["milestones", "status", "open met missed"],
  ];
  for (const [file, column, words] of vocabularies)
    expect([...new Set(rows(file).map((row) => row[column]!))].sort(), `${file}.${column}`).toEqual(
      words.split(" ").sort(),
    );
  for (const row of rows("preferences")) expect(Math.abs(Number(row.strength))).toBeLessThanOrEqual(1);
  for (const row of rows("observations")) expect([0, 0.25, 0.5, 0.75, 1]).toContain(Number(row.score));
});

test("report cards: final marks and credits are the truth's, quarters stay in its neighbourhood", () => {
  const { learners } = truth;
  const finals = new Map<string, number>();
  for (const row of rows("course-grades")) {
    if (row.kind !== "final") continue;
    const mark = Number(row.numeric);
    expect(row).toMatchObject({ credits_attempted: "1", credits_earned: mark >= 60 ? "1" : "0", term: "sy-2025" });
    finals.set(`${row.student_id}/${row.course_id!.includes("-eng-") ? "english" : "mathematics"}`, mark);
  }
  let finished = 0;
  for (const [row, id] of learners.studentId.entries()) {
    if (learners.year[row] !== "2024-25" || learners.leftKind[row] !== "") continue;
    finished++;
    expect(finals.get(`${id}/mathematics`)).toBe(learners.finalMathematics[row]);
    expect(finals.get(`${id}/english`)).toBe(learners.finalEnglish[row]);
  }
  expect(finals.size).toBe(2 * finished);
  const quarters = rows("course-grades").filter(
    (row) => row.kind === "grading-period" && row.term!.startsWith("gp-2025-"),
  );
  const pairs = quarters.map((row) => {
    const subject = row.course_id!.includes("-eng-") ? "english" : "mathematics";
    return [Number(row.numeric), finals.get(`${row.student_id}/${subject}`)] as const;
  });
  expect(correlation(pairs.filter((pair): pair is readonly [number, number] => pair[1] !== undefined))).toBeGreaterThan(
    0.4,
  );
});

test("tests measure: benchmark scores follow ability, rushed ones lie lower", () => {
  const { abilities } = truth;
  const strength = new Map(
    abilities.studentIds.map((id, row) => [id, mean(Array.from(abilities.ability.subarray(row * 48, row * 48 + 48)))]),
  );
  const whole = rows("assessments").filter(
    (row) => row.part === "" && row.subject === "math" && row.family === "interim",
  );
  const pairs = whole.flatMap((row) => {
    const ability = strength.get(row.student_id!);
    return ability === undefined || row.validity !== "valid" ? [] : [[Number(row.score), ability] as const];
  });
  expect(correlation(pairs)).toBeGreaterThan(0.75);
  const percentile = (validity: string): number =>
    mean(whole.filter((row) => row.validity === validity).map((row) => Number(row.percentile)));
  expect(Math.abs(percentile("valid") - 50)).toBeLessThan(6);
  expect(percentile("valid") - percentile("rushed")).toBeGreaterThan(15);
});

test("what learners say they like is near the truth", () => {
  for (const row of rows("preferences")) {
    const own = truth.preferences.get(row.student_id!)!;
    if (row.kind === "interest") expect(own.interests).toContain(row.value);
    if (row.kind === "modality" && row.said_by === "learner") {
      const best = truth.learners.studentId.indexOf(row.student_id!);
      expect(row.value).toBe(truth.learners.preferredModality[best]);
    }
  }
});

test("without the files of the whole learner everything else is the same", async () => {
  const bare = join(place.folder, "bare");
  await writeDistrict({ folder: bare, students: STUDENTS, seed: "whole learners", profiles: false });
  for (const name of ["attendance.csv", "responses.csv", "truth/learners.csv", "doses.csv"])
    expect((await readFile(join(bare, name))).equals(await readFile(join(place.folder, name))), name).toBe(true);
  expect(await readFlat(bare, "assessments.csv")).toEqual([]);
});

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function correlation(pairs: readonly (readonly [number, number])[]): number {
  const [x, y] = [mean(pairs.map(([own]) => own)), mean(pairs.map(([, own]) => own))];
  let [xy, xx, yy] = [0, 0, 0];
  for (const [a, b] of pairs) {
    xy += (a - x) * (b - y);
    xx += (a - x) ** 2;
    yy += (b - y) ** 2;
  }
  return xy / Math.sqrt(xx * yy);
}
