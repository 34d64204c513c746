import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { changedFields, lockPlan, planHash, readLock } from "../../../src/engine/studies/lock.ts";
import { parsePlan, planSchema } from "../../../src/engine/studies/plan.ts";
import type { StudyPlanInput } from "../../../src/engine/studies/plan-shape.ts";
import { escapeHtml } from "../../../src/engine/studies/report/charts.ts";
import { writeReport } from "../../../src/engine/studies/report/write-report.ts";
import { runStudy } from "../../../src/engine/studies/run-study.ts";
import { random } from "../../../src/numeric/random.ts";
import { codeOf } from "../../contracts/estimator-contract.ts";
import { refusal } from "../district.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cairn-report-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const base: StudyPlanInput = {
  question: "Does <it> help?",
  legalBasis: "publicly released data",
  design: "individual-trial",
  treatment: { column: "arm", treated: "new", comparison: "old" },
  outcome: { column: "score" },
  covariates: ["before"],
  subgroups: ["club"],
  prior: 0.2,
  meaningfulEffect: 0.1,
};

/** 240 learners, an effect of half a standard deviation, four lost of one arm, and a club of three. */
async function data(): Promise<string> {
  const rng = random("report");
  const rows = Array.from({ length: 240 }, (_, row) => {
    const before = rng.normal();
    const arm = row % 2 === 0 ? "new" : "old";
    const score = row < 8 && arm === "old" ? "" : (before + (arm === "new" ? 0.7 : 0) + rng.normal()).toFixed(3);
    const club = row < 6 ? "chess" : row % 3 === 0 ? "choir" : row % 3 === 1 ? "none" : "football";
    return `Zoe Quillfeather,${arm},${before.toFixed(3)},${club},${score}`;
  });
  const path = join(folder, "data.csv");
  await writeFile(path, ["name,arm,before,club,score", ...rows].join("\n"));
  return path;
}

test("the page answers in words, names nobody, hides small groups, and is what the lock says", async () => {
  const plan = parsePlan(base);
  const lock = lockPlan(plan, new Date("2026-09-01T00:00:00Z"));
  const report = await runStudy(plan, await data());
  const { page, numbers } = await writeReport(report, plan, lock, join(folder, "out"));
  const html = await readFile(page, "utf8");
  expect(html).toContain(escapeHtml("Does <it> help?"));
  expect(html).not.toContain("<it>");
  expect(html).not.toMatch(/Quillfeather|<script/);
  expect(html).toContain("higher");
  expect(html).toContain(planHash(plan));
  expect(html).toContain("So few were lost"); // four of 120 compared: the analysed are not counted, nor the share lost
  expect(html).not.toMatch(/116|lost overall/);
  expect(html).not.toContain("chess");
  expect(html).toContain("too small to be shown");
  expect(html.match(/<svg/g)!.length).toBeGreaterThanOrEqual(2);
  const table = await readFile(numbers, "utf8");
  expect(table.split("\n")[0]).toBe("estimator,part,estimand,effect,se,df,low,high,p,g,standardError,cautions");
  expect(report.headline.posterior!.aboveZero).toBeGreaterThan(0.9);
  // Chess has three learners per arm; the next smallest club goes too, or its size would follow by subtraction.
  expect(report.subgroups!.shown).toHaveLength(2);
  expect(report.subgroups!.tooSmall).toBe(2);
});

test("a blocked study says that it cannot answer", async () => {
  const plan = parsePlan({ ...base, plannedShare: 0.9, subgroups: [] });
  const report = await runStudy(plan, await data());
  expect(report.headline).toMatchObject({ status: "blocked" });
  const { page } = await writeReport(report, plan, null, join(folder, "blocked"));
  const html = await readFile(page, "utf8");
  expect(html).toContain("cannot answer");
  expect(html).toContain("was not registered");
});

test("a plan is one hash whatever the order of its fields; a lock keeps versions and refuses edits", async () => {
  const plan = parsePlan(base);
  const turned = parsePlan(Object.fromEntries(Object.entries(base).reverse()));
  expect(planHash(turned)).toBe(planHash(plan));
  const changed = parsePlan({ ...base, level: 0.9, covariates: [] });
  expect(planHash(changed)).not.toBe(planHash(plan));
  expect(changedFields(plan, changed).sort()).toEqual(["covariates", "level"]);
  const now = new Date("2026-09-01T00:00:00Z");
  const lock = lockPlan(plan, now);
  expect(codeOf(() => lockPlan(plan, now, lock, "no reason"))).toBe("CONFLICT");
  expect(codeOf(() => lockPlan(changed, now, lock))).toBe("BAD_INPUT");
  const both = lockPlan(changed, now, lock, "the covariate was measured after the start");
  expect(both.versions.map(({ reason }) => reason)).toEqual([
    "registered",
    "the covariate was measured after the start",
  ]);
  const path = join(folder, "plan.lock.json");
  await writeFile(path, JSON.stringify(both));
  expect(await readLock(path)).toEqual(both);
  await writeFile(path, JSON.stringify(both).replace('"level":0.9', '"level":0.8'));
  expect((await refusal(readLock(path))).code).toBe("ARTIFACT_CORRUPT");
  await writeFile(path, "{}");
  expect((await refusal(readLock(path))).code).toBe("UNREADABLE_FILE");
  expect((await refusal(readLock(join(folder, "nowhere.json")))).code).toBe("UNREADABLE_FILE");
});

test("every plan of the page is valid, every design has one, and the schema says what a plan is", async () => {
  const page = await readFile("docs/studies.md", "utf8");
  const plans = [...page.matchAll(/```json\n([\s\S]*?)```/g)].map(([, text]) => parsePlan(JSON.parse(text!)));
  expect(new Set(plans.map(({ design }) => design)).size).toBe(6);
  const schema = planSchema() as { required: string[]; properties: Record<string, unknown> };
  expect(schema.required).toEqual(["question", "legalBasis", "design", "outcome"]);
  expect(Object.keys(schema.properties)).toContain("running");
});

test("what means nothing to a design, or is missing for an estimator, is a fault", () => {
  const faultsOf = (plan: object): string => {
    try {
      parsePlan({ ...base, ...plan });
    } catch (error) {
      return (error as Error).message;
    }
    return "";
  };
  expect(faultsOf({ running: { column: "x", cutoff: 1 } })).toContain("running: means nothing to an individual trial");
  expect(faultsOf({ design: "difference-in-differences" })).toContain("panel: needed");
  expect(faultsOf({ estimators: ["ipw"] })).toContain('"ipw" is not one of an individual trial');
  expect(faultsOf({ estimators: ["blocked-difference"] })).toContain("blocks: needed for blocked-difference");
  expect(faultsOf({ covariates: undefined, estimators: ["lin"] })).toContain("covariates: needed for lin");
  expect(faultsOf({ standardErrors: "CR2" })).toContain("clusters: needed for CR2");
  expect(faultsOf({ design: "comparison-group", trim: { low: 0.9, high: 0.1 } })).toContain("trim: expected");
});
