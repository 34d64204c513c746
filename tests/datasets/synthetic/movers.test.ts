import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type DistrictChoices, writeDistrict } from "../../../datasets/synthetic/district.ts";
import { type DistrictTruth, readTruth } from "../../../datasets/synthetic/truth.ts";
import { type Cells, readFlat, readOneRoster, temporaryFolder } from "./read-district.ts";

const MOVERS = 10;
const origin: DistrictChoices = { students: 60, seed: "origin", finishedYears: 2 };
let place: Awaited<ReturnType<typeof temporaryFolder>>;
const districts: { folder: string; truth: DistrictTruth; roster: (name: string) => Cells[] }[] = [];

beforeAll(async () => {
  place = await temporaryFolder();
  const movers = { seed: "shared", learners: MOVERS };
  const options = [
    { ...origin, movers },
    { students: 90, seed: "destination", movers: { ...movers, from: origin } },
  ];
  for (const [index, own] of options.entries()) {
    const folder = join(place.folder, String(index));
    await writeDistrict({ folder, ...own });
    districts.push({ folder, truth: await readTruth(folder), roster: await readOneRoster(folder) });
  }
});
afterAll(() => place.remove());

/** Rows of users.csv that are movers, by the state's number. */
function people(roster: (name: string) => Cells[]): Map<string, Cells> {
  const rows = roster("users").filter((row) => row.userIds!.includes("StateId"));
  return new Map(rows.map((row) => [/StateId:(\d+)/.exec(row.userIds!)![1]!, row]));
}

test("movers have the same latent state in both districts on the day they move", () => {
  const [left, came] = districts.map(({ truth }) => truth.movers);
  expect(left).toHaveLength(MOVERS);
  expect(came).toHaveLength(MOVERS);
  for (const [index, before] of left!.entries()) {
    const { studentId, role, ...after } = came![index]!;
    expect(role).toBe("destination");
    expect(studentId).not.toBe(before.studentId);
    expect({ ...after, studentId: before.studentId, role: "origin" }).toEqual(before);
    expect(before.abilities).toHaveLength(48);
  }
  expect(new Set(left!.map(({ movedOn }) => movedOn)).size).toBeGreaterThan(4);
});

test("they are one person with one state number and two districts' numbers", () => {
  const [left, came] = districts.map(({ roster }) => people(roster));
  expect([...left!.keys()].sort()).toEqual([...came!.keys()].sort());
  expect(left!.size).toBe(MOVERS);
  const born = districts.map(
    ({ roster }) => new Map(roster("demographics").map((row) => [row.sourcedId!, row.birthDate!])),
  );
  for (const [state, before] of left!) {
    const after = came!.get(state)!;
    expect([after.givenName, after.familyName]).toEqual([before.givenName, before.familyName]);
    expect(born[1]!.get(after.sourcedId!)).toBe(born[0]!.get(before.sourcedId!));
    expect([before.enabledUser, after.enabledUser]).toEqual(["false", "true"]);
  }
});

test("one district tells of the time before, the other of the time since", async () => {
  for (const [index, { folder, truth, roster }] of districts.entries()) {
    const movedOn = new Map(truth.movers.map((mover) => [mover.studentId, mover.movedOn]));
    const dated = await Promise.all(
      ["attendance", "observations", "survey", "course-grades"].map((name) => readFlat(folder, `${name}.csv`)),
    );
    const answers = (await readFlat(folder, "responses.csv")).map(
      (row) => ({ ...row, date: row.answered_at! }) as Cells,
    );
    const own = [...dated.flat(), ...answers].filter((row) => movedOn.has(row.student_id!));
    expect(own.length).toBeGreaterThan(100);
    const before = own.filter((row) => row.date! < movedOn.get(row.student_id!)!);
    expect(before.length).toBe(index === 0 ? own.length : 0);
    const idOf = new Map(roster("users").map((row) => [row.sourcedId!, row.identifier!]));
    for (const row of roster("enrollments").filter((one) => movedOn.has(idOf.get(one.userSourcedId!) ?? ""))) {
      const day = movedOn.get(idOf.get(row.userSourcedId!)!)!;
      if (index === 1) expect(row.beginDate! >= day, row.beginDate).toBe(true);
      else if (row.classSourcedId!.startsWith("cls-2026")) {
        expect(row["metadata.exitKind"]).toBe("transfer");
        expect(row.endDate! < day).toBe(true);
      }
    }
  }
});

test("the other learners of a district do not notice: their rows are the same without movers", async () => {
  const alone = join(place.folder, "alone");
  await writeDistrict({ folder: alone, ...origin });
  const others = (rows: Cells[]): Cells[] => rows.filter((row) => Number(row.student_id) < 5_000_000);
  for (const name of ["attendance.csv", "responses.csv", "truth/learners.csv", "assessments.csv"])
    expect(await readFlat(alone, name), name).toEqual(others(await readFlat(districts[0]!.folder, name)));
});

test("a number of movers that cannot be is refused", async () => {
  const folder = join(place.folder, "refused");
  for (const learners of [0, 1.5, 20_000])
    await expect(writeDistrict({ folder, ...origin, movers: { seed: 1, learners } })).rejects.toMatchObject({
      code: "BAD_INPUT",
    });
});
