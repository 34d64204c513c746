import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { parse } from "csv-parse/sync";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeDistrict } from "../../../datasets/synthetic/district.ts";
import { readTruth } from "../../../datasets/synthetic/truth.ts";
import type { AuditColumn, FairnessAudit } from "../../../src/engine/fairness/audit.ts";
import { auditFairness } from "../../../src/engine/fairness/audit-fairness.ts";
import { random } from "../../../src/numeric/random.ts";
import { openArchive } from "../../../src/records/import/oneroster/archive.ts";

type Row = Readonly<Record<string, string>>;

const races = ["white", "blackOrAfricanAmerican", "asian", "demographicRaceTwoOrMoreRaces"];
const readRows = (csv: string): Row[] => parse(csv, { columns: true }) as Row[];

let folder = "";
let planted: { schoolId: string; group: string }[] = [];
/** Conduct incidents: who, where, which groups, and whether a suspension followed. */
let incidents: { student: string; school: string; race: string; sex: string; isSuspended: boolean }[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cairn-audit-"));
  await writeDistrict({ folder, students: 2_000, seed: "audit", asOf: "2025-12-12", profiles: false });
  const archive = await openArchive(join(folder, "oneroster.zip"), {
    expected: "a OneRoster zip",
    accepts: () => true,
  });
  const rosters = async (name: string): Promise<Row[]> =>
    readRows(await text(await archive.files.find((file) => file.name === name)!.open()));
  const numberOf = new Map((await rosters("users.csv")).map((user) => [user.sourcedId!, user.identifier!]));
  const people = new Map((await rosters("demographics.csv")).map((row) => [numberOf.get(row.sourcedId!)!, row]));
  archive.close();
  const truth = await readTruth(folder);
  planted = truth.planted.filter(({ kind, what }) => kind === "bias" && what.includes("suspension"));
  const schoolOf = new Map(truth.outcomes.map((one) => [`${one.studentId} ${one.year}`, one.schoolId]));
  const behavior = readRows(await readFile(join(folder, "behavior.csv"), "utf8"));
  incidents = behavior
    .filter(({ severity, participation }) => severity === "conduct" && participation === "perpetrator")
    .map((row) => {
      const [student, year] = [row.student_id!, row.date! < "2025-07" ? "2024-25" : "2025-26"];
      const person = people.get(student)!;
      return {
        student,
        school: schoolOf.get(`${student} ${year}`) ?? "",
        race: races.find((race) => person[race] === "true") ?? "",
        sex: person.sex!,
        isSuspended: row.action === "out-of-school-suspension",
      };
    });
}, 120_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

const column = (name: string, cells: readonly string[]): AuditColumn => {
  const categories = [...new Set(cells)].filter((cell) => cell !== "").sort();
  const values = Float64Array.from(cells, (cell) => (cell === "" ? Number.NaN : categories.indexOf(cell)));
  return { name, categories, values };
};

const auditSuspensions = (raceOf: (row: (typeof incidents)[number]) => string): FairnessAudit =>
  auditFairness({
    flagged: Uint8Array.from(incidents, ({ isSuspended }) => Number(isSuspended)),
    attributes: [
      column("race", incidents.map(raceOf)),
      column(
        "sex",
        incidents.map(({ sex }) => sex),
      ),
    ],
    within: [
      column(
        "school",
        incidents.map(({ school }) => school),
      ),
    ],
    learner: Float64Array.from(incidents, ({ student }) => Number(student)),
    permutations: 0,
    seed: 1,
  });

test("the school that suspends black learners more often for the same conduct is found, and no other", () => {
  const { findings } = auditSuspensions(({ race }) => race);
  const [bias] = planted;
  const places = findings.filter(({ kind }) => kind === "place");
  expect(new Set(places.map(({ place }) => place!.value))).toEqual(new Set([bias!.schoolId]));
  expect(places[0]).toMatchObject({ group: "blackOrAfricanAmerican", measure: "selectionRate" });
  expect(places[0]!.size).toBeGreaterThan(0.15); // planted: 0.3 more in probability
  expect(findings.every(({ attribute }) => attribute === "race")).toBe(true);
});

test("with the groups dealt anew among a school's learners there is nothing to find, but for chance", () => {
  let alarms = 0;
  for (let draw = 0; draw < 40; draw++) {
    const rng = random(draw);
    const dealt = new Map<string, string>();
    for (const school of new Set(incidents.map((row) => row.school))) {
      const own = new Map(incidents.filter((row) => row.school === school).map(({ student, race }) => [student, race]));
      const order = [...own.keys()]
        .map((student) => ({ student, place: rng.next() }))
        .sort((a, b) => a.place - b.place);
      for (const [index, race] of [...own.values()].entries()) dealt.set(`${school} ${order[index]!.student}`, race);
    }
    const { findings } = auditSuspensions(({ school, student }) => dealt.get(`${school} ${student}`)!);
    if (findings.length > 0) alarms += 1;
  }
  expect(alarms).toBeLessThanOrEqual(7); // 2 expected at the level of 0.05; 7 or more in 5 of 1,000 such tests
});
