import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dayOf } from "../../../datasets/synthetic/calendar.ts";
import { type DistrictSummary, writeDistrict } from "../../../datasets/synthetic/district.ts";
import { flatColumns, profileColumns, truthColumns } from "../../../datasets/synthetic/export-columns.ts";
import { manifestFiles, oneRosterColumns } from "../../../datasets/synthetic/oneroster-columns.ts";
import { readTruth } from "../../../datasets/synthetic/truth.ts";
import { type Cells, readFlat, readOneRoster, temporaryFolder, unzipOneRoster } from "./read-district.ts";

const STUDENTS = 150;
const AS_OF = "2025-12-12";
const flatFiles = Object.keys({ ...flatColumns, ...profileColumns });
const files = [...flatFiles.map((name) => `${name}.csv`), "caliper.jsonl", "oneroster.zip"];
const truthFiles = Object.keys(truthColumns).map((name) => `truth/${name}.csv`);

let place: Awaited<ReturnType<typeof temporaryFolder>>;
let folder: string;
let summary: DistrictSummary;
let roster: (name: string) => Cells[];

beforeAll(async () => {
  place = await temporaryFolder();
  folder = join(place.folder, "district");
  summary = await writeDistrict({ folder, students: STUDENTS, seed: "test" });
  roster = await readOneRoster(folder);
});
afterAll(() => place.remove());

async function hashes(of: string, names: readonly string[]): Promise<Record<string, string>> {
  const pairs = names.map(async (name) => {
    const bytes = await readFile(join(of, name));
    return [name, createHash("sha256").update(bytes).digest("hex")] as const;
  });
  return Object.fromEntries(await Promise.all(pairs));
}

/** Every moment at which the school learned something, by file. */
async function knownDays(of: string): Promise<string[]> {
  const recorded = await Promise.all(["attendance", "behavior", "survey"].map((name) => readFlat(of, `${name}.csv`)));
  const responses = await readFlat(of, "responses.csv");
  const consent = await readFlat(of, "consent.csv");
  const calendar = await readFlat(of, "calendar.csv");
  const caliper = (await readFile(join(of, "caliper.jsonl"), "utf8")).trim().split("\n");
  const sent = caliper.flatMap((line) => {
    const { sendTime, data } = JSON.parse(line) as { sendTime: string; data: { eventTime: string }[] };
    return [sendTime, ...data.map((event) => event.eventTime)];
  });
  return [
    ...recorded.flat().flatMap((row) => [row.recorded_on!, row.date!]),
    ...responses.map((row) => row.answered_at!),
    ...consent.map((row) => row.decided_on!),
    ...calendar.map((row) => row.date!),
    ...sent,
  ].map((moment) => moment.slice(0, 10));
}

describe("the export", () => {
  test("same seed, students and day give the same bytes; another seed gives others", async () => {
    const [again, other] = [join(place.folder, "again"), join(place.folder, "other")];
    await writeDistrict({ folder: again, students: STUDENTS, seed: "test" });
    await writeDistrict({ folder: other, students: STUDENTS, seed: "another" });
    const names = [...files, ...truthFiles];
    expect(await hashes(again, names)).toEqual(await hashes(folder, names));
    const [mine, others] = [await hashes(folder, names), await hashes(other, names)];
    const same = names.filter((name) => mine[name] === others[name]);
    // facts, not draws; nobody moves here
    const facts = ["calendar", "standards", "prerequisites", "interventions", "truth/movers", "truth/planted"];
    expect(same).toEqual(facts.map((name) => `${name}.csv`));
  });

  test("nothing in it is later than the day of the export", async () => {
    const days = await knownDays(folder);
    expect(days.length).toBeGreaterThan(10_000);
    expect(days.filter((day) => day > AS_OF)).toEqual([]);
    const marks = roster("results").map((row) => row.scoreDate!);
    const rest = [
      ...roster("enrollments").flatMap((row) => [row.beginDate!, row.endDate!]),
      ...roster("roles").flatMap((row) => [row.beginDate!, row.endDate!]),
      ...roster("lineItems").map((row) => row.assignDate!), // due dates may lie ahead: the work is known
    ];
    for (const day of [...marks, ...rest]) expect(day <= AS_OF, day).toBe(true);
    expect(roster("lineItems").some((row) => row.dueDate! > AS_OF)).toBe(true);
    const finals = roster("lineItems").filter((row) => row.categorySourcedId === "cat-final");
    expect(new Set(finals.map((row) => row.dueDate))).toEqual(new Set(["2025-06-06"]));
  });

  test("an earlier export is what was known of the later one, and the truth of the finished year is the same", async () => {
    const early = join(place.folder, "early");
    const day = "2025-10-17";
    await writeDistrict({ folder: early, students: STUDENTS, seed: "test", asOf: day });
    for (const name of ["attendance", "behavior", "survey"]) {
      const known = (await readFlat(folder, `${name}.csv`)).filter((row) => row.recorded_on! <= day);
      expect(await readFlat(early, `${name}.csv`), name).toEqual(known);
    }
    const answered = (await readFlat(folder, "responses.csv")).filter((row) => row.answered_at!.slice(0, 10) <= day);
    expect(await readFlat(early, "responses.csv")).toEqual(answered);
    const outcome = (rows: Cells[]): unknown[] => rows.map(({ probability_off_track: _, ...row }) => row);
    expect(outcome(await readFlat(early, "truth/learners.csv"))).toEqual(
      outcome(await readFlat(folder, "truth/learners.csv")),
    );
  });

  test("late work that was not in on the day of the export is reported as not submitted", async () => {
    const early = join(place.folder, "early-marks");
    const day = "2025-11-14";
    await writeDistrict({ folder: early, students: STUDENTS, seed: "test", asOf: day });
    const before = new Map((await readOneRoster(early))("results").map((row) => [row.sourcedId, row]));
    const late = roster("results").filter(
      (row) => row.late === "true" && row.scoreDate! > day && before.has(row.sourcedId!),
    );
    expect(late.length).toBeGreaterThan(0);
    for (const { sourcedId } of late) {
      expect(before.get(sourcedId)).toMatchObject({
        scoreStatus: "not submitted",
        score: "",
        missing: "true",
        late: "false",
      });
    }
  });

  test("every reference resolves", async () => {
    const ids = (name: string): Set<string> => new Set(roster(name).map((row) => row.sourcedId!));
    const references: [string, string, string][] = [
      ["orgs", "parentSourcedId", "orgs"],
      ["academicSessions", "parentSourcedId", "academicSessions"],
      ["courses", "schoolYearSourcedId", "academicSessions"],
      ["courses", "orgSourcedId", "orgs"],
      ["classes", "courseSourcedId", "courses"],
      ["classes", "schoolSourcedId", "orgs"],
      ["classes", "termSourcedIds", "academicSessions"],
      ["users", "primaryOrgSourcedId", "orgs"],
      ["roles", "userSourcedId", "users"],
      ["roles", "orgSourcedId", "orgs"],
      ["enrollments", "classSourcedId", "classes"],
      ["enrollments", "schoolSourcedId", "orgs"],
      ["enrollments", "userSourcedId", "users"],
      ["demographics", "sourcedId", "users"],
      ["lineItems", "classSourcedId", "classes"],
      ["lineItems", "categorySourcedId", "categories"],
      ["lineItems", "academicSessionSourcedId", "academicSessions"],
      ["lineItems", "schoolSourcedId", "orgs"],
      ["results", "lineItemSourcedId", "lineItems"],
      ["results", "studentSourcedId", "users"],
      ["results", "classSourcedId", "classes"],
      ["lineItemLearningObjectiveIds", "lineItemSourcedId", "lineItems"],
      ["resultLearningObjectiveIds", "resultSourcedId", "results"],
    ];
    for (const [file, column, target] of references) {
      const known = ids(target);
      const dangling = roster(file)
        .flatMap((row) => row[column]!.split(","))
        .filter((id) => id !== "" && !known.has(id));
      expect(dangling, `${file}.${column}`).toEqual([]);
    }
    const students = new Set(
      roster("users")
        .map((row) => row.identifier!)
        .filter((id) => id !== ""),
    );
    const schools = ids("orgs");
    const standards = new Set((await readFlat(folder, "standards.csv")).map((row) => row.standard!));
    const activities = await readFlat(folder, "activities.csv");
    for (const name of ["attendance", "behavior", "survey", "responses", "consent"]) {
      const unknown = (await readFlat(folder, `${name}.csv`)).filter((row) => !students.has(row.student_id!));
      expect(unknown, name).toEqual([]);
    }
    const codes = [
      ...roster("lineItemLearningObjectiveIds").map((row) => row.learningObjectiveId!),
      ...roster("resultLearningObjectiveIds").map((row) => row.learningObjectiveId!),
      ...(await readFlat(folder, "responses.csv")).map((row) => row.standard!),
      ...(await readFlat(folder, "prerequisites.csv")).flatMap((row) => [row.standard!, row.requires!]),
      ...activities.map((row) => row.standard!),
    ];
    expect(codes.filter((code) => !standards.has(code))).toEqual([]);
    expect((await readFlat(folder, "calendar.csv")).filter((row) => !schools.has(row.school_id!))).toEqual([]);
    const library = new Set(activities.map((row) => `urn:cairn:activity:${row.activity}`));
    for (const line of (await readFile(join(folder, "caliper.jsonl"), "utf8")).trim().split("\n")) {
      for (const event of (
        JSON.parse(line) as { data: { actor: { id: string }; type: string; object: { id: string } }[] }
      ).data) {
        expect(students.has(event.actor.id.replace("urn:cairn:student:", ""))).toBe(true);
        if (event.type === "AssignableEvent") expect(library.has(event.object.id)).toBe(true);
      }
    }
  });

  test("ids are unique in every file that has them", async () => {
    for (const name of Object.keys(oneRosterColumns)) {
      if (name === "manifest") continue;
      const rows = roster(name);
      expect(new Set(rows.map((row) => row.sourcedId)).size, name).toBe(rows.length);
    }
    const lines = (await readFile(join(folder, "caliper.jsonl"), "utf8")).trim().split("\n");
    const events = lines.flatMap((line) =>
      (JSON.parse(line) as { data: { id: string }[] }).data.map((event) => event.id),
    );
    expect(new Set(events).size).toBe(events.length);
    for (const id of events.slice(0, 1000))
      expect(id).toMatch(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8000-[0-9a-f]{12}$/);
  });

  test("OneRoster: fixed columns, required cells filled, bulk rows without status, vocabularies kept", async () => {
    const archive = await unzipOneRoster(folder);
    expect([...archive.keys()].sort()).toEqual(
      Object.keys(oneRosterColumns)
        .map((name) => `${name}.csv`)
        .sort(),
    );
    for (const [name, columns] of Object.entries(oneRosterColumns)) {
      expect(archive.get(`${name}.csv`)!.toString("utf8").split("\n")[0]).toBe(columns);
    }
    const required: Record<string, string> = {
      orgs: "name type",
      academicSessions: "title type startDate endDate schoolYear",
      courses: "title orgSourcedId",
      classes: "title courseSourcedId classType schoolSourcedId termSourcedIds",
      users: "enabledUser username givenName familyName",
      roles: "userSourcedId roleType role orgSourcedId",
      enrollments: "classSourcedId schoolSourcedId userSourcedId role",
      demographics: "birthDate sex",
      categories: "title",
      lineItems: "title assignDate dueDate classSourcedId categorySourcedId academicSessionSourcedId schoolSourcedId",
      results: "lineItemSourcedId studentSourcedId scoreStatus scoreDate",
      lineItemLearningObjectiveIds: "lineItemSourcedId source learningObjectiveId",
      resultLearningObjectiveIds: "resultSourcedId source learningObjectiveId",
    };
    for (const [name, columns] of Object.entries(required)) {
      const rows = roster(name);
      expect(rows.length, name).toBeGreaterThan(0);
      for (const row of rows) {
        expect([row.status, row.dateLastModified], name).toEqual(["", ""]);
        for (const column of ["sourcedId", ...columns.split(" ")])
          expect(row[column], `${name}.${column}`).not.toBe("");
      }
    }
    const manifest = new Map(roster("manifest").map((row) => [row.propertyName!, row.value!]));
    expect(manifest.get("oneroster.version")).toBe("1.2");
    expect(manifestFiles).toHaveLength(21);
    for (const file of manifestFiles)
      expect(manifest.get(`file.${file}`)).toBe(archive.has(`${file}.csv`) ? "bulk" : "absent");
    expect(new Set(roster("results").map((row) => row.scoreStatus))).toEqual(
      new Set(["fully graded", "not submitted"]),
    );
    for (const row of roster("results")) expect(row.score === "").toBe(row.missing === "true");
    const exits = new Set(roster("enrollments").map((row) => row["metadata.exitKind"]));
    expect([...exits].every((kind) => ["", "transfer", "withdrawal"].includes(kind!))).toBe(true);
  });

  test("all learners of the district are there, and more than one school", () => {
    const students = roster("roles").filter((row) => row.role === "student");
    expect(students.length).toBeGreaterThan(0.97 * STUDENTS); // a few arrive after the day of the export
    expect(students.length).toBeLessThanOrEqual(STUDENTS);
    expect(roster("orgs").filter((row) => row.type === "school")).toHaveLength(summary.schools);
    for (const user of roster("users").filter((row) => row.identifier !== "")) {
      expect(user.userIds).toBe(`{DistrictId:${user.identifier}}`);
    }
  });
});

/** "user/subject" → final mark. */
function finalMarks(results: readonly Cells[]): Map<string, string> {
  const finals = new Map<string, string>();
  for (const row of results) {
    if (!row.lineItemSourcedId!.endsWith("-final")) continue;
    const subject = row.classSourcedId!.includes("-math-") ? "mathematics" : "english";
    finals.set(`${row.studentSourcedId}/${subject}`, row.score!);
  }
  return finals;
}

describe("the truth", () => {
  test("agrees with the export of the finished year: final marks and exits", async () => {
    const { learners } = await readTruth(folder);
    const userOf = new Map(roster("users").map((row) => [row.identifier!, row.sourcedId!]));
    const finals = finalMarks(roster("results"));
    const left = roster("enrollments").filter((row) => row.endDate !== "" && row.endDate! <= "2025-06-06");
    const exits = new Map(left.map((row) => [row.userSourcedId!, row]));
    let finished = 0;
    for (let row = 0; row < learners.studentId.length; row++) {
      if (learners.year[row] !== "2024-25") continue;
      finished++;
      const user = userOf.get(learners.studentId[row]!)!;
      const [mathematics, english] = [learners.finalMathematics[row]!, learners.finalEnglish[row]!];
      const kind = learners.leftKind[row]!;
      const told = (mark: number): string | undefined => (Number.isNaN(mark) ? undefined : String(mark));
      expect(finals.get(`${user}/mathematics`)).toBe(told(mathematics));
      expect(finals.get(`${user}/english`)).toBe(told(english));
      expect(exits.get(user)?.["metadata.exitKind"] ?? "").toBe(kind);
      expect(exits.get(user)?.endDate ?? "").toBe(learners.leftOn[row]);
      const failed = mathematics < 60 || english < 60;
      expect(learners.offTrack[row]).toBe(kind === "transfer" ? -1 : Number(kind === "withdrawal" || failed));
    }
    expect(finished).toBeGreaterThan(STUDENTS / 2);
    expect([...exits.values()].length).toBeGreaterThan(0);
  });

  test("knows the state of every standard on the day, for who is enrolled then", async () => {
    const { learners, abilities, teachingEffect, items } = await readTruth(folder);
    const inRisk = learners.studentId.filter(
      (_, row) => learners.year[row] === "2025-26" && !Number.isNaN(learners.probabilityOffTrack[row]!),
    );
    expect(abilities.studentIds).toEqual(inRisk);
    expect(abilities.standards).toHaveLength(48);
    expect(abilities.ability).toHaveLength(48 * inRisk.length);
    expect(abilities.ability.every(Number.isFinite)).toBe(true);
    const activities = await readFlat(folder, "activities.csv");
    expect(activities.every((row) => (teachingEffect.get(row.activity!) ?? 0) > 0)).toBe(true);
    expect(
      (await readFlat(folder, "responses.csv")).every((row) => items.get(row.item_id!)?.standard === row.standard),
    ).toBe(true);
  });
});

describe("one learner", () => {
  test("is the same whatever the number of students", async () => {
    const small = join(place.folder, "small");
    await writeDistrict({ folder: small, students: 40, seed: "test" });
    const own = (rows: Cells[]): Cells[] => rows.filter((row) => Number(row.student_id) < 1_000_040);
    for (const name of [
      "attendance.csv",
      "survey.csv",
      "responses.csv",
      "consent.csv",
      "truth/learners.csv",
      "truth/abilities.csv",
    ]) {
      expect(await readFlat(small, name), name).toEqual(own(await readFlat(folder, name)));
    }
  });
});

describe("dirt", () => {
  test("is appended and listed; every good row stays", async () => {
    const dirty = join(place.folder, "dirty");
    const { dirt } = await writeDistrict({ folder: dirty, students: STUDENTS, seed: "test", dirt: true });
    expect(summary.dirt).toEqual([]);
    for (const file of ["attendance.csv", "behavior.csv", "survey.csv", "responses.csv"]) {
      const clean = await readFile(join(folder, file));
      const spoiled = await readFile(join(dirty, file));
      expect(spoiled.subarray(0, clean.length).equals(clean)).toBe(true);
      const tail = spoiled.subarray(clean.length).toString("utf8").split("\r\n");
      expect(tail).toHaveLength(4);
      expect(tail[0]).toContain("9999999");
      expect(tail[1]).toContain("2025-02-30");
      expect(clean.toString("utf8").split("\n")[1]).toBe(tail[2]);
      expect(dirt.filter((one) => one.file === file).map((one) => one.kind)).toHaveLength(4);
    }
    const results = (await unzipOneRoster(dirty)).get("results.csv")!.toString("utf8");
    expect(results.endsWith("\r\n")).toBe(true);
  });
});

describe("what is refused", () => {
  test("too few students, days that do not exist or lie outside the second year", async () => {
    const at = join(place.folder, "refused");
    const cases = [
      { students: 1 },
      { students: 10.5 },
      { students: 10, threads: 0 },
      { students: 10, asOf: "2025-02-30" },
      { students: 10, asOf: "2025-08-01" },
      { students: 10, asOf: "2027-01-01" },
    ];
    for (const options of cases)
      await expect(writeDistrict({ folder: at, seed: 1, ...options })).rejects.toMatchObject({ code: "BAD_INPUT" });
    expect(existsSync(at)).toBe(false);
  });

  test("a request to stop ends it, and the unpacked files are gone", async () => {
    const at = join(place.folder, "stopped");
    const stop = new AbortController();
    const onProgress = (): void => stop.abort();
    await expect(
      writeDistrict({ folder: at, students: 200, seed: 1, onProgress, signal: stop.signal }),
    ).rejects.toMatchObject({
      code: "CANCELLED",
    });
    expect(existsSync(join(at, ".oneroster-partial"))).toBe(false);
    expect(existsSync(join(at, "oneroster.zip"))).toBe(false);
  });

  test("a folder that cannot be written", async () => {
    const file = join(folder, "standards.csv");
    await expect(writeDistrict({ folder: join(file, "x"), students: 10, seed: 1 })).rejects.toMatchObject({
      code: "UNREADABLE_FILE",
    });
    await expect(readTruth(join(place.folder, "nowhere"))).rejects.toMatchObject({ code: "UNREADABLE_FILE" });
  });

  test("two learners are a district", async () => {
    const at = join(place.folder, "two");
    const { years } = await writeDistrict({ folder: at, students: 2, seed: 3 });
    expect(years).toHaveLength(2);
    expect(dayOf(AS_OF)).toBe(20_434);
  });
});
