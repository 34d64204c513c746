import { createReadStream } from "node:fs";
import { join } from "node:path";
import { parse } from "csv-parse";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type DistrictSummary, writeDistrict } from "../../../datasets/synthetic/district.ts";
import { type DistrictTruth, readTruth } from "../../../datasets/synthetic/truth.ts";
import { areaUnderRocScore } from "../../../src/numeric/metrics/area-under-roc.ts";
import { type Cells, readFlat, readOneRoster, temporaryFolder } from "./read-district.ts";

const STUDENTS = 2000;
let place: Awaited<ReturnType<typeof temporaryFolder>>;
let summary: DistrictSummary;
let truth: DistrictTruth;
let heapGrowth = 0;

beforeAll(async () => {
  place = await temporaryFolder();
  const before = process.memoryUsage().heapUsed;
  const onProgress = (): void => {
    heapGrowth = Math.max(heapGrowth, process.memoryUsage().heapUsed - before);
  };
  summary = await writeDistrict({ folder: place.folder, students: STUDENTS, seed: 20_251_212, onProgress });
  truth = await readTruth(place.folder);
});
afterAll(() => place.remove());

/** Rows of a year with a label and an oracle's probability. */
function riskSet(year: string): { labels: Uint8Array; probabilities: Float64Array } {
  const { learners } = truth;
  const rows = learners.year.flatMap((own, row) =>
    own === year && learners.offTrack[row]! >= 0 && !Number.isNaN(learners.probabilityOffTrack[row]!) ? [row] : [],
  );
  return {
    labels: Uint8Array.from(rows, (row) => learners.offTrack[row]!),
    probabilities: Float64Array.from(rows, (row) => learners.probabilityOffTrack[row]!),
  };
}

const mean = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;

test("memory stays flat: the heap grows by a fraction of what is written", () => {
  const written = summary.files.reduce((sum, file) => sum + file.bytes, 0);
  expect(written).toBeGreaterThan(150e6);
  expect(heapGrowth).toBeLessThan(100e6); // garbage included; a district held in memory would need several times `written`
});

test("15 to 25 % are off track in either year", () => {
  const { learners } = truth;
  for (const year of ["2024-25", "2025-26"]) {
    const labels = learners.offTrack.filter((label, row) => learners.year[row] === year && label >= 0);
    expect(mean(labels)).toBeGreaterThan(0.15);
    expect(mean(labels)).toBeLessThan(0.25);
  }
});

test("by mid-December an oracle ranks with an AUC of 0.88 to 0.94, in either year", () => {
  for (const year of ["2024-25", "2025-26"]) {
    const { labels, probabilities } = riskSet(year);
    const area = areaUnderRocScore(labels, probabilities);
    if (area.status !== "defined") throw new Error(area.reason);
    expect(area.value).toBeGreaterThan(0.88);
    expect(area.value).toBeLessThan(0.94);
  }
});

test("the oracle's probabilities are probabilities: outcomes are as frequent as it says, overall and in each fifth", () => {
  const both = ["2024-25", "2025-26"].map(riskSet);
  const pairs = both.flatMap(({ labels, probabilities }) =>
    Array.from(labels, (label, row) => [probabilities[row]!, label] as const),
  );
  pairs.sort((a, b) => a[0] - b[0]);
  const size = Math.floor(pairs.length / 5);
  for (let bin = 0; bin < 5; bin++) {
    const own = pairs.slice(bin * size, (bin + 1) * size);
    const said = mean(own.map(([probability]) => probability));
    const seen = mean(own.map(([, label]) => label));
    const noise = Math.sqrt((said * (1 - said)) / size);
    expect(Math.abs(said - seen), `fifth ${bin + 1}`).toBeLessThan(4 * noise + 0.01);
  }
});

test("answers: 120 to 280 a learner and year, easier items and abler learners are right more often", async () => {
  const { abilities, items } = truth;
  const position = new Map(abilities.studentIds.map((id, index) => [id, index]));
  const strength = abilities.studentIds.map((_, index) =>
    mean(abilities.ability.subarray(index * 48, (index + 1) * 48)),
  );
  const middle = [...strength].sort((a, b) => a - b)[Math.floor(strength.length / 2)]!;
  const right = { strong: [0, 0], weak: [0, 0], easy: [0, 0], hard: [0, 0] };
  let rows = 0;
  const add = (pair: number[], correct: string): void => {
    pair[0]! += Number(correct);
    pair[1]!++;
  };
  const stream = createReadStream(join(place.folder, "responses.csv")).pipe(parse({ columns: true }));
  for await (const row of stream as AsyncIterable<Cells>) {
    rows++;
    const index = position.get(row.student_id!);
    if (index !== undefined) add(strength[index]! > middle ? right.strong : right.weak, row.correct!);
    add(items.get(row.item_id!)!.difficulty < 0 ? right.easy : right.hard, row.correct!);
  }
  const learnerYears = summary.years[0]!.enrolled + summary.years[1]!.enrolled * 0.43; // 18 of 42 weeks
  expect(rows / learnerYears).toBeGreaterThan(120);
  expect(rows / learnerYears).toBeLessThan(280);
  const rate = (pair: number[]): number => pair[0]! / pair[1]!;
  expect(rate(right.strong) - rate(right.weak)).toBeGreaterThan(0.1);
  expect(rate(right.easy) - rate(right.hard)).toBeGreaterThan(0.05);
});

test("learners choose what they prefer: the modality well above one in five, the interests above one in four", async () => {
  const modalityOf = new Map(
    (await readFlat(place.folder, "activities.csv")).map((row) => [row.activity!, row.modality!]),
  );
  const prefers = new Map(truth.learners.studentId.map((id, row) => [id, truth.learners.preferredModality[row]!]));
  let [started, preferred, interesting] = [0, 0, 0];
  const lines = createReadStream(join(place.folder, "caliper.jsonl"), { end: 20_000_000 });
  let text = "";
  for await (const chunk of lines) text += chunk;
  for (const [, student, activity] of text.matchAll(
    /student:(\d+)","type":"Person"\},"action":"Started","object":\{"id":"urn:cairn:activity:([^"]+)"/g,
  )) {
    started++;
    if (modalityOf.get(activity!) === prefers.get(student!)) preferred++;
    if (truth.preferences.get(student!)!.interests.includes(truth.theme.get(activity!)!)) interesting++;
  }
  expect(started).toBeGreaterThan(1000);
  expect(preferred / started).toBeGreaterThan(0.35);
  expect(interesting / started).toBeGreaterThan(0.28);
});

test("the planted biases are in Juniper Hill and nowhere else", async () => {
  const roster = await readOneRoster(place.folder);
  const schoolOf = new Map(roster("users").map((row) => [row.identifier!, row.primaryOrgSourcedId!]));
  const black = new Map<string, boolean>();
  const idOf = new Map(roster("users").map((row) => [row.sourcedId!, row.identifier!]));
  for (const row of roster("demographics")) black.set(idOf.get(row.sourcedId!)!, row.blackOrAfricanAmerican === "true");
  expect(roster("orgs").find((row) => row.sourcedId === "org-school-2")?.name).toBe("Juniper Hill School");
  const incidents = (await readFlat(place.folder, "behavior.csv")).filter(
    (row) => row.participation === "perpetrator" && row.severity === "conduct",
  );
  const suspended = (juniper: boolean, group: boolean): number =>
    mean(
      incidents
        .filter(
          (row) =>
            (schoolOf.get(row.student_id!) === "org-school-2") === juniper && black.get(row.student_id!) === group,
        )
        .map((row) => Number(row.action === "out-of-school-suspension")),
    );
  expect(suspended(true, true) - suspended(true, false)).toBeGreaterThan(0.15);
  expect(Math.abs(suspended(false, true) - suspended(false, false))).toBeLessThan(0.12);
});
