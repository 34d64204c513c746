import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { LotSpecification } from "../../../src/engine/studies/assignment/allocation.ts";
import { assignUnits, checkAllocation, writeAllocation } from "../../../src/engine/studies/assignment/assign.ts";
import { studyPower } from "../../../src/engine/studies/power.ts";
import { codeOf } from "../../contracts/estimator-contract.ts";
import { refusal } from "../district.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cairn-assign-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const now = new Date("2026-08-20T08:00:00Z");
/** 96 learners in 12 schools of two districts; grade five or six. */
const rows = Array.from({ length: 96 }, (_, row) => {
  const school = row % 12;
  return `l${row},s${school},${school < 5 ? "north" : "south"},${row % 5 < 2 ? "five" : "six"}`;
});
let files = 0;
async function file(lines: readonly string[]): Promise<string> {
  const path = join(folder, `${++files}.csv`);
  await writeFile(path, ["id,school,district,grade", ...lines].join("\n"));
  return path;
}
const learners: LotSpecification = { method: "complete", unit: "id", clusters: false, factors: [], share: 0.5 };

test("the same units and seed give the same arms whatever the order of the rows; another seed gives others", async () => {
  const first = await assignUnits(await file(rows), learners, now, "seed");
  expect(first.units.filter(({ arm }) => arm === "treatment")).toHaveLength(48);
  expect(await assignUnits(await file([...rows].reverse()), learners, now, "seed")).toEqual(first);
  expect((await assignUnits(await file(rows), learners, now, "other")).units).not.toEqual(first.units);
  expect((await assignUnits(await file(rows), learners, now)).seed).toHaveLength(64);
});

test("strata hold their share, clusters go as a whole, minimisation keeps the margins", async () => {
  const data = await file(rows);
  const cellsOf = new Map(rows.map((row) => [row.split(",")[0]!, row.split(",")]));
  const strata = await assignUnits(
    data,
    { ...learners, method: "stratified", factors: ["district", "grade"] },
    now,
    "a",
  );
  const even = await assignUnits(data, { ...learners, method: "minimised", factors: ["school", "grade"] }, now, "a");
  const apart = (units: typeof strata.units, column: number, value: string): number =>
    units
      .filter(({ unit }) => cellsOf.get(unit)![column] === value)
      .reduce((difference, { arm }) => difference + (arm === "treatment" ? 1 : -1), 0);
  for (const grade of ["five", "six"]) {
    expect(Math.abs(apart(strata.units, 3, grade))).toBeLessThanOrEqual(4); // two strata, each within one unit of half
    expect(Math.abs(apart(even.units, 3, grade))).toBeLessThanOrEqual(6);
  }
  const clusters: LotSpecification = {
    ...learners,
    method: "stratified",
    unit: "school",
    clusters: true,
    factors: ["district"],
  };
  const schools = await assignUnits(data, clusters, now, "a");
  expect(schools.units).toHaveLength(12);
  expect(schools.units.filter(({ arm }) => arm === "treatment")).toHaveLength(6);
});

test("a commitment fixes the allocation and tells nobody's arm; what was changed, or not drawn, is found", async () => {
  const data = await file(rows);
  const out = join(folder, "lot");
  const allocation = await assignUnits(data, learners, now);
  const { allocation: told, commitment, fixed } = await writeAllocation(allocation, out);
  expect((await stat(told)).mode & 0o077).toBe(0); // its owner's alone
  const published = await readFile(commitment, "utf8");
  expect(published).not.toContain(allocation.seed);
  expect(published).not.toMatch(/"l\d+"/);
  expect(await checkAllocation(told, commitment, data)).toEqual(fixed);
  expect((await refusal(writeAllocation(await assignUnits(data, learners, now), out))).code).toBe("CONFLICT");
  expect((await refusal(checkAllocation(told, commitment, await file(rows.slice(1))))).code).toBe("ARTIFACT_CORRUPT");
  // Arms that no lot gave, committed to all the same.
  const chosen = {
    ...allocation,
    units: allocation.units.map(({ unit }, i) => ({ unit, arm: i < 48 ? "treatment" : "comparison" })),
  };
  const liked = await writeAllocation(chosen as typeof allocation, join(folder, "chosen"));
  expect((await refusal(checkAllocation(liked.allocation, liked.commitment, data))).code).toBe("ARTIFACT_CORRUPT");
  await writeFile(told, JSON.stringify(chosen));
  expect((await refusal(checkAllocation(told, commitment, data))).code).toBe("ARTIFACT_CORRUPT");
  await writeFile(told, "{}");
  expect((await refusal(checkAllocation(told, commitment, data))).code).toBe("UNREADABLE_FILE");
});

test("a list that is not clean is refused by its line, and nobody is named", async () => {
  const twice = await refusal(assignUnits(await file([...rows, rows[3]!]), learners, now));
  expect(twice.message).toContain("line 98");
  expect(twice.message).not.toContain("l3");
  const strata: LotSpecification = { ...learners, method: "stratified", factors: ["grade"] };
  expect((await refusal(assignUnits(await file(["a,s1,north,"]), strata, now))).message).toContain("line 2");
  const clusters = { ...strata, unit: "school", clusters: true };
  expect((await refusal(assignUnits(await file(rows), clusters, now))).message).toContain("one value of each factor");
});

test("power: the detectable effect is found with the asked power, and the units needed are the fewest", () => {
  for (const design of [
    { design: "IRA", n: 400, r1: 0.5, covariates: 1 },
    { design: "CRA2", n: 60, J: 40, rho2: 0.2, r1: 0.5, r2: 0.5, covariates: 1 },
    { design: "BCRA3-fixed", n: 25, J: 8, K: 5, rho2: 0.2 },
  ] as const) {
    const { detectable } = studyPower(design);
    expect(studyPower({ ...design, target: detectable }).power).toBeCloseTo(0.8, 9);
    const { needed, power } = studyPower({ ...design, target: 0.2 });
    expect(power! < 0.8).toBe(detectable > 0.2);
    const size = design.design === "IRA" ? "n" : design.design === "CRA2" ? "J" : "K";
    expect(studyPower({ ...design, [size]: needed! }).detectable).toBeLessThanOrEqual(0.2);
    expect(studyPower({ ...design, [size]: needed! - 1 }).detectable).toBeGreaterThan(0.2);
  }
  // Far below the detectable effect the chance is that of an error of the first kind, and no more.
  expect(studyPower({ design: "IRA", n: 50, target: 0.1 }).power!).toBeLessThan(0.1);
  expect(codeOf(() => studyPower({ design: "IRA", n: 50, share: 1.2, rho2: 1, target: -1 }))).toBe("BAD_INPUT");
});
