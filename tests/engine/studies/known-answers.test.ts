import { writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { StudyEstimate } from "../../../src/engine/studies/estimate.ts";
import { parsePlan } from "../../../src/engine/studies/plan.ts";
import type { StudyPlanInput } from "../../../src/engine/studies/plan-shape.ts";
import { runStudy, type StudyReport } from "../../../src/engine/studies/run-study.ts";
import { causal, near, survey, Table, why } from "../../models/study/known.ts";

const B = 1e-6;
const root = `${process.env.CAIRN_DATASETS ?? "../shared/datasets"}/causal`;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cairn-known-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const run = (plan: Omit<StudyPlanInput, "question" | "legalBasis">, path: string): Promise<StudyReport> =>
  runStudy(parsePlan({ question: "Does it work?", legalBasis: "publicly released data", ...plan }), path);
const rowOf = ({ estimates }: StudyReport, estimator: string, part: string | null = null): StudyEstimate => {
  const row = estimates.find((each) => each.estimator === `study/${estimator}` && each.part === part);
  if (row === undefined)
    throw new Error(`expected ${estimator}, got ${estimates.map((each) => each.estimator).join(", ")}`);
  return row;
};

/** A table as a file, with the two indicators of no earnings. */
function saved(table: Table, name: string): string {
  const zero = (column: string) => table.text(column).map((cell) => (Number(cell) === 0 ? "1" : "0"));
  const columns = new Map(table.columns).set("u74", zero("re74")).set("u75", zero("re75"));
  const rows = Array.from({ length: table.rows }, (_, row) =>
    [...columns.values()].map((cells) => cells[row]).join(","),
  );
  const path = join(folder, name);
  writeFileSync(path, [[...columns.keys()].join(","), ...rows].join("\n"));
  return path;
}

const arms = { column: "treat", treated: 1, comparison: 0 } as const;
const covariates8 = ["age", "education", "black", "hispanic", "married", "nodegree", "re74", "re75"];
const covariates10 = [...covariates8, "u74", "u75"];

describe.runIf(causal)(`known answers through a plan and a file${why}`, () => {
  test("NSW: an individual trial with every estimator", async () => {
    const report = await run(
      {
        design: "individual-trial",
        treatment: arms,
        outcome: { column: "re78" },
        covariates: covariates10,
        plannedShare: 185 / 445,
      },
      saved(Table.read("lalonde/nsw_dw.csv"), "nsw.csv"),
    );
    near(rowOf(report, "difference-in-means").se!, 670.9965464, 1e-9);
    near(rowOf(report, "ancova").effect, 1670.708822, 1e-9);
    expect(rowOf(report, "ancova").df).toBe(433);
    near(rowOf(report, "lin").se!, 678.0572464, 1e-9);
    near(rowOf(report, "loop").effect, 1600.056445, 1e-9);
    expect(report.headline).toMatchObject({ status: "estimated", estimator: "study/difference-in-means" });
    expect(report.verdict!.rating.verdict).toBe("meets without reservations");
    expect(report.verdict!.sampleRatio!.alarm).toBe(false);
  });

  test("STAR: pupils assigned within schools; school effects with CR2 by school; blocked difference", async () => {
    const table = Table.read("star/AER_STAR.csv.gz");
    const [read, math] = [table.numbers("readk"), table.numbers("mathk")];
    const path = join(folder, "star.csv");
    const rows = Array.from(read.keys()).map((row) => {
      const total = read[row]! + math[row]!;
      return [
        table.text("stark")[row],
        table.text("schoolidk")[row],
        Number.isFinite(total) ? total : "",
        table.text("gender")[row],
      ].join(",");
    });
    writeFileSync(path, ["stark,school,total,gender", ...rows].join("\n"));
    const report = await run(
      {
        design: "individual-trial",
        treatment: { column: "stark", treated: "small", comparison: "regular" },
        outcome: { column: "total" },
        blocks: { column: "school" },
        clusters: { column: "school" },
        estimators: ["blocked-difference", "ancova", "mixed-model"],
        subgroups: ["gender"],
        sites: { column: "school" },
      },
      path,
    );
    near(rowOf(report, "blocked-difference").effect, 16.19917688, 1e-9);
    near(rowOf(report, "blocked-difference").se!, 2.182410314, 1e-9);
    expect(rowOf(report, "ancova").standardError).toBe("CR2");
    expect(report.notEstimated).toEqual([]);
    expect(report.sample).toMatchObject({ treatment: { assigned: 1900 }, comparison: { assigned: 2194 } });
    near(report.verdict!.attrition!.overall, 0.08573522, 1e-6);
    expect(report.verdict!.essaTier.verdict).toBe(1);
    expect(report.subgroups!.shown.map(({ value }) => value).sort()).toEqual(["female", "male"]);
    expect(report.subgroups!.shown.every(({ estimate, adjustedP }) => adjustedP! >= estimate.p!)).toBe(true);
  }, 60_000);

  test("NSW-CPS3: a comparison group with every estimator", async () => {
    const report = await run(
      {
        design: "comparison-group",
        treatment: arms,
        outcome: { column: "re78" },
        covariates: covariates8,
        estimators: [
          "ipw",
          "overlap-weights",
          "entropy-balancing",
          "matching",
          "matching-regression",
          "matching-g-computation",
          "subclassification",
          "aipw",
          "aipw-cross-fitted",
          "partially-linear",
          "regression",
        ],
      },
      saved(survey("cps_controls3.csv"), "cps3.csv"),
    );
    for (const [estimator, effect, se] of [
      ["ipw", 1214.071223, 798.1546278],
      ["overlap-weights", 1242.200636, 738.7490402],
      ["matching", 894.3674803, 714.7928945],
      ["matching-regression", 1344.935605, 734.3555881],
      ["aipw", 1226.543741, 813.4162356],
      ["aipw-cross-fitted", 1148.478816, 841.3092282],
      ["partially-linear", 1257.338976, 732.5590063],
      ["regression", 1548.243802, 742.1816773],
    ] as const) {
      near(rowOf(report, estimator).effect, effect, B);
      near(rowOf(report, estimator).se!, se, B);
    }
    near(rowOf(report, "entropy-balancing").effect, 1273.261814, B);
    near(rowOf(report, "matching-g-computation").effect, 1121.17723, B);
    near(rowOf(report, "subclassification").effect, 663.8872944, B);
    expect(report.headline.status).toBe("estimated");
    expect(report.diagnostics.sensitivity!.criticalGamma).toBe(1);
    near(report.diagnostics.sensitivity!.oster!.deltaForZero, -1.707322592);
  });

  test("LDW-PSID1: the headline is blocked, not printed", async () => {
    const report = await run(
      { design: "comparison-group", treatment: arms, outcome: { column: "re78" }, covariates: covariates10 },
      saved(survey("psid_controls.csv"), "psid.csv"),
    );
    expect(report.headline.status).toBe("blocked");
    expect(report.headline.reasons[0]).toContain("9.7 compared");
    expect(report.headline.reasons[0]).toContain("27 %");
    const effects = report.estimates.map(({ effect }) => effect);
    expect(Math.max(...effects) - Math.min(...effects)).toBeGreaterThan(15_000); // the spread stands in the report
    expect(report.verdict!.rating.verdict).toBe("does not meet");
  });

  test("RD-20, RD-26: discontinuities with chosen bandwidths", async () => {
    const lee = await run(
      {
        design: "regression-discontinuity",
        outcome: { column: "voteshare" },
        running: { column: "margin", cutoff: 0 },
      },
      `${root}/rdd/lee08.csv.gz`,
    );
    near(rowOf(lee, "robust").effect, 5.912133454, B);
    near(rowOf(lee, "robust").se!, 1.260238446, B);
    near(rowOf(lee, "conventional").effect, 6.345257913, B);
    expect(rowOf(lee, "robust").n).toEqual({ treatment: 804, comparison: 782 });
    const start = await run(
      {
        design: "regression-discontinuity",
        outcome: { column: "mortHS" },
        covariates: ["hs60"],
        running: { column: "povrate", cutoff: 0, bandwidth: 18, kernel: "uniform", residuals: "HC0", curvature: 0.1 },
      },
      `${root}/rdd/headstart_ludwig_miller.csv.gz`,
    );
    near(rowOf(start, "conventional").effect, -1.198258131);
    near(rowOf(start, "honest").ci![0], -7.080979739);
    expect(start.diagnostics.cutoff!.placebos.map(({ covariate }) => covariate)).toEqual(["hs60"]);
    expect(start.diagnostics.cutoff!.curve.length).toBeGreaterThan(3);
  });

  test("MAI-4: two stages; the rule as a column", async () => {
    const table = Table.read("maimonides/final5.csv.gz");
    const size = table.numbers("c_size");
    const path = join(folder, "classes.csv");
    const rule = (value: number): number => value / (Math.floor((value - 1) / 40) + 1);
    const rows = Array.from(size, (value, row) =>
      [
        table.text("avgverb")[row],
        table.text("classize")[row],
        rule(value),
        table.text("tipuach")[row],
        table.text("schlcode")[row],
      ].join(","),
    );
    writeFileSync(path, ["avgverb,classize,f,tipuach,schlcode", ...rows].join("\n"));
    const report = await run(
      {
        design: "instrumental-variable",
        outcome: { column: "avgverb" },
        received: { column: "classize" },
        instruments: ["f"],
        covariates: ["tipuach"],
        clusters: { column: "schlcode" },
      },
      path,
    );
    const row = rowOf(report, "two-stage-least-squares");
    near(row.effect, -0.1584776767);
    near(row.se!, 0.04166709, 1e-6);
    near(row.details.firstStageF as number, 774.58, 1e-5);
    expect(row.n).toEqual({ treatment: null, comparison: null });
  });

  test("CS-5 to CS-15: staggered adoption", async () => {
    const report = await run(
      {
        design: "difference-in-differences",
        outcome: { column: "lemp" },
        panel: { unit: "countyreal", period: "year", firstTreated: "first.treat" },
      },
      `${root}/did/mpdta_callaway_santanna.csv`,
    );
    near(rowOf(report, "group").effect, -0.03101828223);
    near(rowOf(report, "group").se!, 0.01244605932);
    near(rowOf(report, "dynamic", "since start 2").effect, -0.1372587389);
    near(rowOf(report, "simple").se!, 0.01203401277);
    near(rowOf(report, "two-way-fixed-effects").effect, -0.03654893667);
    near(rowOf(report, "two-way-fixed-effects").se!, 0.01483163802);
    expect(rowOf(report, "two-way-fixed-effects").cautions).toEqual(["STAGGERED_TWO_WAY"]);
    near(report.diagnostics.panel!.preTrend!.p, 0.1681224949);
  });
});

describe.runIf(causal)(`two waves${why}`, () => {
  test("DID-2 and DID-3: who was treated and when, three ways of saying it", async () => {
    const path = `${root}/did/cardkrueger1994.csv`;
    const said = [{ firstTreated: "treated" }, { treated: "treated", start: 1 }];
    for (const panel of said) {
      const report = await run(
        {
          design: "difference-in-differences",
          outcome: { column: "fte" },
          panel: { unit: "id", period: "t", ...panel },
        },
        path,
      );
      const row = rowOf(report, "two-by-two");
      near(row.effect, 2.939176165, 1e-9);
      near(row.se!, 1.32328812, 1e-9);
      near(row.df!, 114.0977904);
      near(row.p!, 0.0283174526, 1e-7);
      near(rowOf(report, "group").effect, 2.939176165, 1e-9);
    }
  });
});

test("a cluster trial with few clusters is given its randomisation test and bootstrap", async () => {
  const cluster = [1, 1, 1, 2, 2, 2, 2, 3, 3, 4, 4, 4, 4, 4, 5, 5, 5, 6, 6, 6, 6];
  const y = [2.1, 3, 3.9, 4.2, 5.1, 6.3, 7.2, 1.8, 5.2, 5, 5.4, 6.1, 8.3, 9, 2.7, 3.1, 6.2, 3.3, 8.1, 9.4, 10.2];
  const x = [1, 2, 3, 2, 3, 4, 5, 1, 4, 3, 3, 4, 6, 7, 2, 2, 5, 1, 6, 7, 8];
  const path = join(folder, "six.csv");
  writeFileSync(
    path,
    ["school,arm,pre,score", ...y.map((value, row) => [cluster[row], cluster[row]! % 2, x[row], value].join(","))].join(
      "\n",
    ),
  );
  const report = await run(
    {
      design: "cluster-trial",
      treatment: { column: "arm", treated: 0, comparison: 1 },
      outcome: { column: "score" },
      covariates: ["pre"],
      clusters: { column: "school" },
    },
    path,
  );
  near(rowOf(report, "ancova").effect, 1.176444444, 1e-9);
  near(rowOf(report, "ancova").se!, 0.03606752422);
  near(rowOf(report, "ancova").df!, 4.001902891);
  expect(rowOf(report, "randomization-inference")).toMatchObject({ p: 0.1, se: null, ci: null, df: null });
  expect(rowOf(report, "wild-bootstrap").p).toBe(2 / 64);
  expect(rowOf(report, "cluster-difference/learner").cautions).toEqual(["FEW_CLUSTERS"]);
});
