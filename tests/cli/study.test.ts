import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import type { StudyReport } from "../../src/engine/studies/run-study.ts";
import { documentOf, runCairn } from "../e2e/cairn-process.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cairn-study-"));
  return () => rm(folder, { recursive: true, force: true });
});

const file = async (name: string, content: string): Promise<string> => {
  await writeFile(join(folder, name), content);
  return join(folder, name);
};

/** The plan that docs/studies.md shows. */
async function documentedPlan(): Promise<string> {
  const page = await readFile("docs/studies.md", "utf8");
  const plan = /```json\n([\s\S]*?)```/.exec(page)?.[1];
  if (plan === undefined) throw new Error("expected docs/studies.md to show a plan in JSON");
  return plan;
}

test("the documented plan gives the difference that was put into the file, with its Welch error", async () => {
  const plan = await file("plan.json", await documentedPlan());
  // Means 7 and 4, variances 20/3 and 2; one outcome is missing, one row is of neither arm.
  const data = await file("data.csv", "treat,re78\n1,4\n1,6\n1,8\n1,10\n0,2\n0,4\n0,4\n0,6\n0,\n2,99\n");
  const report = documentOf<StudyReport>(await runCairn(["study", "run", "--plan", plan, "--data", data, "--json"]));
  expect(report.sample).toEqual({
    rows: 10,
    ofNeitherArm: 1,
    treatment: { assigned: 4, analysed: 4 },
    comparison: { assigned: 5, analysed: 4 },
  });
  const [estimate] = report.estimates;
  const [treated, compared] = [20 / 3 / 4, 8 / 3 / 4]; // s² / n of each arm
  const standardError = Math.sqrt(treated + compared);
  const degrees = (treated + compared) ** 2 / (treated ** 2 / 3 + compared ** 2 / 3); // Satterthwaite
  expect(estimate!.effect).toBeCloseTo(3, 12);
  expect(estimate!.se).toBeCloseTo(standardError, 12);
  expect(estimate!.df).toBeCloseTo(degrees, 9);
  expect(estimate!.ci![0]).toBeLessThan(3);
  expect((estimate!.ci![0] + estimate!.ci![1]) / 2).toBeCloseTo(3, 9);
});

test("a plan's faults are all listed at once, before the data is looked at", async () => {
  const plan = await file(
    "bad.json",
    JSON.stringify({ question: "", design: "cluster-trial", level: 2, outcome: {}, extra: 1 }),
  );
  const run = await runCairn(["study", "run", "--plan", plan, "--data", join(folder, "absent.csv"), "--json"]);
  expect(run.code).toBe(1);
  const { error } = JSON.parse(run.stdout) as {
    error: { code: string; message: string; details: { faults: string[] } };
  };
  expect(error.code).toBe("BAD_INPUT");
  const named = error.details.faults.join("\n");
  for (const field of ["question", "legalBasis", "treatment", "clusters", "outcome.column", "level", "extra"])
    expect(named).toContain(field);
  for (const fault of error.details.faults) expect(error.message).toContain(fault);
});

test("a plan is checked, registered, changed with a reason, and reported", async () => {
  const plan = await file("registered.json", await documentedPlan());
  const rows = Array.from({ length: 24 }, (_, row) => `${row % 2},${(row * 7) % 11}`);
  const data = await file("lock.csv", ["treat,re78", ...rows].join("\n"));
  const lock = join(folder, "registered.lock.json");
  const checked = documentOf<{ hash: string }>(await runCairn(["study", "plan", "--plan", plan, "--json"]));
  const registered = documentOf<{ hash: string; versions: number }>(
    await runCairn(["study", "lock", "--plan", plan, "--lock", lock, "--json"]),
  );
  expect(registered).toMatchObject({ hash: checked.hash, versions: 1 });
  const changed = await file("changed.json", JSON.stringify({ ...JSON.parse(await documentedPlan()), level: 0.9 }));
  const silent = await runCairn(["study", "lock", "--plan", changed, "--lock", lock, "--json"]);
  expect(silent.code).toBe(1);
  const said = documentOf<{ versions: number }>(
    await runCairn(["study", "lock", "--plan", changed, "--lock", lock, "--reason", "a reviewer asked", "--json"]),
  );
  expect(said.versions).toBe(2);
  const written = documentOf<{ page: string; numbers: string }>(
    await runCairn(["study", "report", "--lock", lock, "--data", data, "--out", join(folder, "out"), "--json"]),
  );
  expect(await readFile(written.page, "utf8")).toContain("a reviewer asked (level)");
  expect(await readFile(written.numbers, "utf8")).toContain("study/difference-in-means");
  const fewer = await file("fewer.csv", ["treat,re78", ...rows.slice(1)].join("\n"));
  const again = ["study", "report", "--lock", lock, "--data", fewer, "--out", join(folder, "again"), "--json"];
  const refused = JSON.parse((await runCairn(again)).stdout) as { error: { code: string } };
  expect(refused.error.code).toBe("FORBIDDEN"); // one learner apart from what was reported before
  const neither = await runCairn(["study", "run", "--data", data, "--json"]);
  expect(neither.code).toBe(1);
}, 60_000);

test("the schema of plans is JSON Schema", async () => {
  const schema = documentOf<{ $schema: string; properties: object }>(await runCairn(["study", "schema"]));
  expect(schema.$schema).toContain("json-schema.org");
  expect(Object.keys(schema.properties)).toContain("design");
});
