import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parsePlan } from "../../../src/engine/studies/plan.ts";
import type { StudyPlanInput } from "../../../src/engine/studies/plan-shape.ts";
import { runStudy, type StudyReport } from "../../../src/engine/studies/run-study.ts";
import { CairnError } from "../../../src/errors.ts";
import { random } from "../../../src/numeric/random.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cairn-unseen-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let files = 0;
type Plan = Omit<StudyPlanInput, "question" | "legalBasis">;
async function run(plan: Plan, lines: readonly string[]): Promise<StudyReport> {
  const path = join(folder, `${++files}.csv`);
  await writeFile(path, lines.join("\n"));
  return runStudy(parsePlan({ question: "Does it work?", legalBasis: "simulated", ...plan }), path);
}
async function refused(plan: Plan, lines: readonly string[]): Promise<CairnError> {
  const error = await run(plan, lines).catch((reason: unknown) => reason);
  if (!(error instanceof CairnError)) throw new Error("expected a refusal, got a report");
  return error;
}

const treatment = { column: "arm", treated: "new", comparison: "old" };
const outcome = { column: "score" };
const lot: Plan = { design: "individual-trial", treatment, outcome };
/** 240 learners of three arms, the effect 2 for those with an early score below zero and 0 for others. */
function learners(): string[] {
  const rng = random("unseen");
  const rows = Array.from({ length: 240 }, (_, row) => {
    const early = Number(rng.normal().toFixed(3));
    const arm = ["new", "old", "third"][row % 3]!;
    const score = early + (arm === "new" && early < 0 ? 2 : 0) + rng.normal() / 2;
    return `${(row * 97) % 241},s${row % 12},${arm},${early},${Math.round(early)},${score.toFixed(3)}`;
  });
  return ["id,school,arm,early,rounded,score", ...rows];
}

test("one arm, an arm without outcomes and an outcome of one value are refused by name", async () => {
  const rows = learners();
  const absent = await refused({ ...lot, treatment: { ...treatment, comparison: "other" } }, rows);
  expect([absent.code, absent.message]).toEqual([
    "SINGLE_CLASS",
    'expected rows whose "arm" says "other" (comparison), got none',
  ]);
  const lost = rows.map((line) => (line.includes(",new,") ? line.replace(/[^,]*$/, "") : line));
  expect((await refused(lot, lost)).message).toBe(
    'expected rows of "arm" = "new" with an outcome and covariates, got none of 80',
  );
  const flat = rows.map((line, i) => (i === 0 ? line : line.replace(/[^,]*$/, "5")));
  const instrument: Plan = { design: "instrumental-variable", outcome, instruments: ["early"] };
  for (const plan of [
    lot,
    { ...lot, covariates: ["early"] },
    { ...instrument, received: { column: "rounded" } },
    { design: "regression-discontinuity", outcome, running: { column: "early", cutoff: 0 } },
  ] satisfies Plan[]) {
    expect((await refused(plan, flat)).message).toMatch(/an outcome that varies, got one value/);
  }
});

test("columns of one name are refused, and names that differ in case are two columns", async () => {
  const rows = ["arm,score,score", "new,1,2", "old,2,3", "new,4,5", "old,3,9"];
  expect((await refused(lot, rows)).message).toBe('expected one column "score", got two of that name');
  const cased = await run(lot, ["Score,arm,score", "9,new,1", "9,old,2", "7,new,4", "6,old,3"]);
  expect(cased.estimates[0]!.effect).toBeCloseTo(0, 12); // (1 + 4) / 2 − (2 + 3) / 2: the column in lower case
});

test("arms that covariates tell apart have no chances of treatment, and the reason is said", async () => {
  const rows = ["arm,x,score", ...Array.from({ length: 60 }, (_, i) => `${i < 30 ? "new" : "old"},${i},${i % 7}`)];
  const { code, hint } = await refused({ ...lot, design: "comparison-group", covariates: ["x"] }, rows);
  expect(code).toBe("NOT_CONVERGED");
  expect(hint).toMatch(/tell the arms apart perfectly/);
});

test("a headline that could not be estimated is not handed on to the next line", async () => {
  const rows = ["z,d,y", ...Array.from({ length: 40 }, (_, i) => `1,${i % 2},${i % 5}`)];
  const { headline, estimates } = await run(
    { design: "instrumental-variable", outcome: { column: "y" }, received: { column: "d" }, instruments: ["z"] },
    rows,
  );
  expect(estimates.map(({ estimand }) => estimand)).toEqual(["association"]);
  expect(headline.status).toBe("blocked");
  expect(headline.reasons.join()).toMatch(/two-stage-least-squares could not be estimated.*instruments that vary/);
});

test("clusters that are named are counted and held together by every line that can", async () => {
  const rows = learners();
  const plan: Plan = { ...lot, design: "comparison-group", covariates: ["early"], clusters: { column: "school" } };
  const report = await run({ ...plan, estimators: ["difference-in-means", "matching"] }, rows);
  const without = await run({ ...plan, clusters: undefined, estimators: ["difference-in-means", "matching"] }, rows);
  report.estimates.forEach((row, i) => {
    expect(row.standardError).toBe("CR2");
    expect(row.effect).toBeCloseTo(without.estimates[i]!.effect, 10);
    expect(row.se).not.toBeCloseTo(without.estimates[i]!.se!, 4);
  });
  const bought = rows.map((line, i) => `${line},${i === 0 ? "taken" : line.includes(",new,") ? 1 : 0}`);
  const instrument = await run(
    {
      design: "instrumental-variable",
      outcome,
      received: { column: "taken" },
      instruments: ["early"],
      clusters: { column: "school" },
    },
    bought,
  );
  expect(instrument.estimates[0]!.clusters).toEqual({ treatment: 4, comparison: 8 });
});

test("rows ordered by a column give one report whatever the order of the file", async () => {
  const rows = learners();
  const plan: Plan = {
    ...lot,
    design: "comparison-group",
    covariates: ["rounded"],
    estimand: "ATT",
    orderBy: "id",
    heterogeneity: { along: ["rounded"], groups: 2 },
    estimators: ["ipw", "matching", "aipw-cross-fitted", "partially-linear"],
  };
  const straight = await run(plan, rows);
  const turned = [rows[0]!, ...rows.slice(1).reverse()];
  expect(await run(plan, turned)).toEqual(straight);
  // The order matters here: learners with equal chances are matched by it.
  const { orderBy: _, ...asFiled } = plan;
  expect((await run(asFiled, turned)).estimates).not.toEqual((await run(asFiled, rows)).estimates);
  const broken = rows.map((line, i) => (i === 5 ? line.replace(/^\d+/, rows[9]!.split(",")[0]!) : line));
  expect((await refused(plan, broken)).message).toMatch(/its own "id", got a second of its kind in line (6|10)/);
  const wrong = turned.map((line, i) => (i === 3 ? line.replace(/[^,]*$/, "much") : line));
  expect((await refused(plan, wrong)).message).toMatch(/line 4/);
});

test("for whom it worked: a planted slope is found, groups that are too small are not shown, and what is meaningless is refused", async () => {
  const rows = learners();
  const plan: Plan = { ...lot, covariates: ["early"], heterogeneity: { along: ["early"], groups: 4 } };
  const found = (await run(plan, rows)).heterogeneity!;
  if (found.status !== "explored") throw new Error(found.reason);
  expect(found.projection.map(({ name }) => name)).toEqual(["(intercept)", "early"]);
  expect(found.projection[1]!.ci![1]).toBeLessThan(0);
  expect(found.mostMinusLeast.ci![0]).toBeGreaterThan(0);
  expect(found.groups.map(({ group }) => group)).toEqual([1, 2, 3, 4]);
  expect(found.groups.reduce((sum, { n }) => sum + n.treatment + n.comparison, 0)).toBe(160);
  for (const { p, adjustedP } of found.groups) expect(adjustedP!).toBeGreaterThanOrEqual(p!);
  const small = (await run({ ...plan, minimumGroup: 40 }, rows)).heterogeneity!;
  expect(small).toMatchObject({ status: "undefined" });
  expect((await run(lot, rows)).heterogeneity).toBeNull();
  expect((await refused({ ...plan, heterogeneity: { along: ["rounded"] } }, rows)).message).toMatch(
    /"rounded" is not among the covariates/,
  );
  expect(
    (
      await refused(
        {
          design: "regression-discontinuity",
          outcome,
          running: { column: "early", cutoff: 0 },
          heterogeneity: { along: ["early"] },
        },
        rows,
      )
    ).message,
  ).toMatch(/heterogeneity: means nothing to a regression discontinuity/);
});
