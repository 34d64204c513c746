import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import type { Allocation } from "../../src/engine/studies/assignment/allocation.ts";
import type { PowerAnswer } from "../../src/engine/studies/power.ts";
import { documentOf, runCairn } from "../e2e/cairn-process.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cairn-design-"));
  return () => rm(folder, { recursive: true, force: true });
});

test("power of a cluster trial: the handbook's detectable effect, and the schools it takes", async () => {
  const sizes = "--design cluster --learners 60 --units 40 --rho2 0.2 --r1 0.5 --r2 0.5 --covariates 1".split(" ");
  const answer = documentOf<PowerAnswer>(await runCairn(["study", "power", ...sizes, "--target", "0.25", "--json"]));
  expect(answer.detectable).toBeCloseTo(0.297201019141, 10); // POW-5
  expect(answer.power!).toBeLessThan(0.8);
  expect(answer.needed!).toBeGreaterThan(40);
  const wrong = await runCairn(["study", "power", ...sizes, "--share", "half", "--json"]);
  expect(wrong.code).toBe(1);
  expect(wrong.stdout).toContain("expected a number such as 0.2");
}, 60_000);

test("a lot is drawn once, checked later, and refused when it was changed", async () => {
  const data = join(folder, "schools.csv");
  const rows = Array.from({ length: 12 }, (_, school) => `s${school},${school < 6 ? "north" : "south"}`);
  await writeFile(data, ["school,district", ...rows].join("\n"));
  const out = join(folder, "lot");
  const lot = ["--data", data, "--unit", "school", "--strata", "district", "--out", out, "--json"];
  const written = documentOf<{ allocation: string; commitment: string; fixed: { treatment: number } }>(
    await runCairn(["study", "assign", ...lot]),
  );
  expect(written.fixed.treatment).toBe(6);
  expect((await runCairn(["study", "assign", ...lot])).code).toBe(1); // no second draw
  const both = ["--allocation", written.allocation, "--commitment", written.commitment, "--data", data, "--json"];
  documentOf(await runCairn(["study", "check-allocation", ...both]));
  const told = JSON.parse(await readFile(written.allocation, "utf8")) as Allocation;
  const swapped = told.units.map(({ unit, arm }) => ({ unit, arm: arm === "treatment" ? "comparison" : "treatment" }));
  await writeFile(written.allocation, JSON.stringify({ ...told, units: swapped }));
  const changed = await runCairn(["study", "check-allocation", ...both]);
  expect(changed.stdout).toContain("ARTIFACT_CORRUPT");
}, 60_000);
