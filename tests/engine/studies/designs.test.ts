import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parsePlan } from "../../../src/engine/studies/plan.ts";
import type { StudyPlanInput } from "../../../src/engine/studies/plan-shape.ts";
import { runStudy, type StudyReport } from "../../../src/engine/studies/run-study.ts";
import { random } from "../../../src/numeric/random.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cairn-designs-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let files = 0;
async function run(
  plan: Omit<StudyPlanInput, "question" | "legalBasis">,
  rows: readonly object[],
): Promise<StudyReport> {
  const path = join(folder, `${++files}.csv`);
  const names = Object.keys(rows[0]!);
  await writeFile(path, [names.join(","), ...rows.map((row) => Object.values(row).join(","))].join("\n"));
  return runStudy(parsePlan({ question: "Does it work?", legalBasis: "simulated", ...plan }), path);
}
const rowOf = ({ estimates }: StudyReport, estimator: string) =>
  estimates.find((row) => row.estimator === `study/${estimator}` && row.part === null)!;

/** 400 learners in 20 schools; those with a low score before are likelier to be tutored; tutoring is worth 2. */
function tutored(seed: string) {
  const rng = random(seed);
  return Array.from({ length: 400 }, (_, row) => {
    const before = rng.normal();
    const lot = row % 2;
    const taken = lot === 1 && before < 0.8 ? 1 : 0;
    const chosen = rng.next() < 1 / (1 + Math.exp(1.2 * before)) ? "yes" : "no";
    const own = 3 * before + rng.normal();
    return {
      lot: lot === 1 ? "won" : "lost",
      taken,
      chosen,
      before: before.toFixed(4),
      school: `s${row % 20}`,
      grade: row % 3 === 0 ? "six" : "five",
      afterLot: (own + 2 * taken).toFixed(4),
      afterChoice: (own + (chosen === "yes" ? 2 : 0)).toFixed(4),
    };
  });
}

test("a planted effect is recovered by the designs that should, and missed with a caution by the one that should not", async () => {
  const rows = tutored("planted");
  const choice = await run(
    {
      design: "comparison-group",
      treatment: { column: "chosen", treated: "yes", comparison: "no" },
      outcome: { column: "afterChoice" },
      covariates: ["before", "grade"],
      matching: { caliper: 0.2, exact: ["grade"], preferWithin: "school" },
    },
    rows,
  );
  for (const name of ["ipw", "entropy-balancing", "matching-g-computation", "aipw", "overlap-weights", "regression"]) {
    expect(Math.abs(rowOf(choice, name).effect - 2), name).toBeLessThan(0.5);
  }
  const naive = rowOf(choice, "difference-in-means");
  expect(naive.effect).toBeLessThan(0.5);
  expect(naive).toMatchObject({ estimand: "association", cautions: ["UNADJUSTED"] });
  expect(choice.diagnostics.balance!.before[0]!.difference!).toBeLessThan(-0.25);
  expect(Math.abs(choice.diagnostics.balance!.weighted![0]!.difference!)).toBeLessThan(0.25);
  const lot = await run(
    {
      design: "individual-trial",
      treatment: { column: "lot", treated: "won", comparison: "lost" },
      outcome: { column: "afterLot" },
      covariates: ["before"],
      received: { column: "taken" },
    },
    rows,
  );
  expect(Math.abs(rowOf(lot, "complier-effect").effect - 2)).toBeLessThan(0.4);
  expect(rowOf(lot, "cuped").se!).toBeLessThan(rowOf(lot, "difference-in-means").se! / 2);
});

test("a comparison without covariates is an association and no rating is given for it", async () => {
  const report = await run(
    {
      design: "comparison-group",
      treatment: { column: "chosen", treated: "yes", comparison: "no" },
      outcome: { column: "afterChoice" },
    },
    tutored("bare"),
  );
  expect(report.estimates.map(({ estimand }) => estimand)).toEqual(["association"]);
  expect(report.verdict!.rating.verdict).toBe("does not meet");
  expect(report.verdict!.essaTier.verdict).toBeNull();
});

test("missing covariates: left out and counted, or kept with an indicator", async () => {
  const rows = tutored("gaps").map((row, i) => ({ ...row, before: i % 10 === 0 ? "" : row.before }));
  const plan = {
    design: "individual-trial",
    treatment: { column: "lot", treated: "won", comparison: "lost" },
    outcome: { column: "afterLot" },
  } as const;
  const adjusted = { covariates: ["before"], estimators: ["ancova"] };
  const dropped = await run({ ...plan, ...adjusted }, rows);
  expect(dropped.sample).toMatchObject({ withoutCovariates: 40 });
  expect(rowOf(dropped, "ancova").n).toEqual({ treatment: 200, comparison: 160 });
  const kept = await run({ ...plan, ...adjusted, missingCovariates: "indicator" }, rows);
  expect(kept.sample).toMatchObject({ withoutCovariates: 0 });
  expect(kept.diagnostics.balance!.before.map(({ covariate }) => covariate)).toEqual(["before", "before missing"]);
});

test("summer school below a cutoff, fuzzy: the sign is that of the treated", async () => {
  const rng = random("cutoff");
  const rows = Array.from({ length: 1500 }, () => {
    const score = 100 * rng.next();
    const went = score <= 60 && rng.next() < 0.8 ? 1 : 0;
    return { score: score.toFixed(4), went, after: (score / 20 + 3 * went + rng.normal()).toFixed(4) };
  });
  const running = { column: "score", cutoff: 60, treated: "below", bandwidth: 25 } as const;
  const sharp = await run({ design: "regression-discontinuity", outcome: { column: "after" }, running }, rows);
  const fuzzy = await run(
    { design: "regression-discontinuity", outcome: { column: "after" }, running, received: { column: "went" } },
    rows,
  );
  expect(Math.abs(rowOf(sharp, "conventional").effect - 2.4)).toBeLessThan(0.6);
  expect(Math.abs(rowOf(fuzzy, "conventional").effect - 3)).toBeLessThan(0.7);
  expect(rowOf(fuzzy, "conventional").details.firstStage as number).toBeGreaterThan(0.6);
  expect(sharp.diagnostics.cutoff!.density.p).toBeGreaterThan(0.001);
});

test("a cluster trial in blocks, with a school lost to one arm", async () => {
  const rng = random("blocks");
  const rows = Array.from({ length: 480 }, (_, row) => {
    const school = Math.floor(row / 20);
    const arm = school % 2 === 0 ? "programme" : "usual";
    const effect = arm === "programme" ? 4 : 0;
    return {
      school,
      district: Math.floor(school / 6),
      arm,
      score: school === 1 ? "" : (effect + rng.normal()).toFixed(4),
    };
  });
  const report = await run(
    {
      design: "cluster-trial",
      treatment: { column: "arm", treated: "programme", comparison: "usual" },
      outcome: { column: "score" },
      clusters: { column: "school" },
      blocks: { column: "district" },
    },
    rows,
  );
  for (const name of ["ancova", "cluster-difference/learner", "blocked-cluster-means", "mixed-model"]) {
    expect(Math.abs(rowOf(report, name).effect - 4), name).toBeLessThan(0.5);
  }
  expect(rowOf(report, "ancova").clusters).toEqual({ treatment: 12, comparison: 11 });
  // One of twelve clusters is lost, and nobody of those that are left.
  expect(report.verdict!.clusterAttrition!.differential).toBeCloseTo(100 / 12, 6);
  expect(report.verdict!.attrition!).toMatchObject({ overall: 0, differential: 0 });
  expect(report.verdict!.rating.verdict).toBe("does not meet"); // 8.3 points, and the cautious boundary allows 6.0
  expect(report.sample).toMatchObject({
    clusters: {
      treatment: { assigned: 12, analysed: 12 },
      comparison: { assigned: 12, analysed: 11 },
      withinLeft: { comparison: { assigned: 220, analysed: 220 } },
    },
  });
  expect(report.diagnostics.attritionBounds!.trimmed).toBeGreaterThan(0);
});

test("one school as a whole arm has no answer but a reason", async () => {
  const rows = Array.from({ length: 40 }, (_, row) => ({
    arm: row < 10 ? "a" : "b",
    school: Math.floor(row / 10),
    score: row % 7,
  }));
  const plan = {
    design: "cluster-trial",
    treatment: { column: "arm", treated: "a", comparison: "b" },
    outcome: { column: "score" },
    clusters: { column: "school" },
  } as const;
  await expect(run({ ...plan, estimators: ["ancova", "mixed-model"] }, rows)).rejects.toThrow(
    /two clusters or more per arm/,
  );
});
