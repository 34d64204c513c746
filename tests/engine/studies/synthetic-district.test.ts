import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeDistrict } from "../../../datasets/synthetic/district.ts";
import { type DistrictTruth, readTruth, type TruthAssignment } from "../../../datasets/synthetic/truth.ts";
import type { StudyEstimate } from "../../../src/engine/studies/estimate.ts";
import { parsePlan } from "../../../src/engine/studies/plan.ts";
import type { StudyPlanInput } from "../../../src/engine/studies/plan-shape.ts";
import { runStudy, type StudyReport } from "../../../src/engine/studies/run-study.ts";

const YEAR = "2025-26";
let folder: string;
let truth: DistrictTruth;
/** Learner and year → the final mark in mathematics of the year before. */
let before: Map<string, number>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cairn-planted-"));
  await writeDistrict({ folder, students: 3000, seed: "studies", profiles: false });
  truth = await readTruth(folder);
  const { learners } = truth;
  before = new Map(
    learners.studentId.flatMap((id, row) =>
      learners.year[row] === "2024-25" ? [[id, learners.finalMathematics[row]!]] : [],
    ),
  );
}, 120_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

const of = (intervention: string, rule: string): TruthAssignment[] =>
  truth.assignments.filter((each) => each.interventionId === intervention && each.rule === rule && each.year === YEAR);

/** What the learner gained, or would have gained, in points of the final mark. */
function meanGain(assignments: readonly TruthAssignment[], keep: (each: TruthAssignment) => boolean): number {
  const gains = assignments.filter((each) => Number.isFinite(each.markWith) && keep(each));
  return gains.reduce((sum, { markWith, markWithout }) => sum + markWith - markWithout, 0) / gains.length;
}

/** A file as a school has it: the mark that happened, the mark of the year before, and nothing of the truth. */
async function study(
  assignments: readonly TruthAssignment[],
  plan: Omit<StudyPlanInput, "question" | "legalBasis" | "treatment" | "outcome">,
): Promise<StudyReport> {
  const cell = (value: number | undefined): string => (value === undefined || Number.isNaN(value) ? "" : String(value));
  const rows = assignments.map(({ studentId, schoolId, cluster, treated, markWith, markWithout }) =>
    [
      schoolId,
      cluster,
      treated ? "yes" : "no",
      cell(before.get(studentId)),
      cell(treated ? markWith : markWithout),
    ].join(","),
  );
  const path = join(folder, "study.csv");
  await writeFile(path, ["school,homeroom,part,before,mark", ...rows].join("\n"));
  return runStudy(
    parsePlan({
      question: "Did it raise the final mark?",
      legalBasis: "synthetic district",
      treatment: { column: "part", treated: "yes", comparison: "no" },
      outcome: { column: "mark" },
      missingCovariates: "indicator",
      attritionBoundary: "optimistic",
      ...plan,
    }),
    path,
  );
}

const rowOf = ({ estimates }: StudyReport, estimator: string): StudyEstimate =>
  estimates.find((row) => row.estimator === `study/${estimator}` && row.part === null)!;
const covers = ({ ci }: StudyEstimate, effect: number): boolean => ci![0] <= effect && effect <= ci![1];

test("a lot of the learner: tutoring is recovered, and rated without reservations", async () => {
  const lot = of("int-tutoring", "learner-lottery");
  const report = await study(lot, {
    design: "individual-trial",
    covariates: ["before"],
    blocks: { column: "school" },
    sites: { column: "school" },
    plannedShare: 0.35,
  });
  const gain = meanGain(lot, () => true);
  expect(gain).toBeGreaterThan(2);
  for (const name of ["blocked-difference", "difference-in-means", "ancova", "lin", "loop"])
    expect(covers(rowOf(report, name), gain), name).toBe(true);
  expect(rowOf(report, "ancova").ci![0]).toBeGreaterThan(0);
  expect(report.verdict!.rating.verdict).toBe("meets without reservations");
  expect(report.verdict!.essaTier.verdict).toBe(1);
});

test("a lot of the homeroom: the drill that harms is found, the planner that does nothing is not", async () => {
  for (const [intervention, harms] of [
    ["int-drill", true],
    ["int-planner", false],
  ] as const) {
    const lot = of(intervention, "homeroom-lottery");
    const clusters = { column: "homeroom" };
    const report = await study(lot, { design: "cluster-trial", covariates: ["before"], clusters });
    for (const name of ["ancova", "cluster-difference/learner", "cluster-difference/cluster", "mixed-model"]) {
      expect(
        covers(
          rowOf(report, name),
          meanGain(lot, () => true),
        ),
        `${intervention} ${name}`,
      ).toBe(true);
      expect(rowOf(report, name).ci![1] < 0, `${intervention} ${name}`).toBe(harms);
    }
    // Learners of a homeroom share its lot: counted one by one they would look surer than they are.
    const alone = await study(lot, { design: "individual-trial" });
    expect(rowOf(alone, "difference-in-means").se!).toBeLessThan(rowOf(report, "cluster-difference/cluster").se!);
  }
});

test("who was chosen by need: the sign is wrong, and every line of it carries a warning", async () => {
  const need = of("int-tutoring", "need");
  const gain = meanGain(need, ({ treated }) => treated);
  expect(gain).toBeGreaterThan(3);
  const bare = await study(need, { design: "comparison-group" });
  const naive = rowOf(bare, "difference-in-means");
  expect(naive.ci![1]).toBeLessThan(0);
  expect(naive).toMatchObject({ estimand: "association", cautions: ["UNADJUSTED"] });
  expect(bare.verdict!.rating.verdict).toBe("does not meet");
  // The mark of the year before is not all that the school saw: engagement by the eighth week is in no file.
  const adjusted = await study(need, { design: "comparison-group", covariates: ["before"] });
  for (const row of adjusted.estimates.filter(({ estimand }) => estimand !== "association")) {
    expect(covers(row, gain), row.estimator).toBe(false);
    expect(row.effect, row.estimator).toBeGreaterThan(naive.effect);
    expect(row.cautions, row.estimator).toEqual(expect.arrayContaining(["NO_LOT", "MOVED_BY_ADJUSTMENT"]));
  }
  expect(Math.abs(adjusted.diagnostics.balance!.before[0]!.difference!)).toBeGreaterThan(0.25);
  expect(adjusted.verdict!.rating.verdict).not.toBe("meets without reservations");
  expect(adjusted.verdict!.essaTier.verdict).toBeNull();
});
