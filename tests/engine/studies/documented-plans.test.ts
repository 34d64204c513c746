import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parsePlan, planSchema } from "../../../src/engine/studies/plan.ts";
import { runStudy } from "../../../src/engine/studies/run-study.ts";
import { random } from "../../../src/numeric/random.ts";

const either = <T>(flag: boolean | number, yes: T, no: T): T => (flag ? yes : no);
const page = await readFile("docs/studies.md", "utf8");
const documents = [...page.matchAll(/```json\n([\s\S]*?)```/g)].map(([, text]) => JSON.parse(text!));
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cairn-documented-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Rows with every column that a page's plan names: whole schools of an arm for cluster trials, two classes of a period for panels. */
function rowsOf(design: string): Record<string, string | number>[] {
  const rng = random(`documented ${design}`);
  const panel = design === "difference-in-differences";
  return Array.from({ length: panel ? 300 : 600 }, (_, row) => {
    const unit = either(panel, Math.floor(row / 5), row);
    const school = unit % 24;
    const before = rng.normal();
    const lot = either(design === "cluster-trial", school % 2, Number(rng.next() < 0.5));
    const chosen = Number(rng.next() < 1 / (1 + Math.exp(before / 2)));
    const score = 60 + 12 * rng.normal();
    const first = [0, 2004, 2006][unit % 3]!;
    const year = 2003 + (row % 5);
    const after = before + rng.normal();
    return {
      treat: lot,
      re78: 5000 + 1000 * lot + 900 * after,
      stark: either(lot, "small", "regular"),
      attendedSmall: Number(rng.next() < 0.1 + 0.8 * lot),
      total: 900 + 10 * lot + 30 * after,
      lunch: either(before < 0, "free", "non-free"),
      age: 5 + rng.next(),
      ethnicity: ["a", "b", "c"][row % 3]!,
      gender: either(row % 2, "m", "f"),
      pupil: row,
      arm: either(lot, "programme", "usual"),
      reading: after + lot / 2,
      readingBefore: before,
      school: `s${school}`,
      district: `d${Math.floor(school / 8)}`,
      tutored: either(chosen, "yes", "no"),
      mathBefore: before,
      mathAfter: after + chosen / 2,
      attendance: rng.next(),
      grade: row % 2,
      testBefore: score,
      testAfter: score / 10 + 2 * Number(score < 60) + rng.normal(),
      predictedSize: 20 + 15 * rng.next(),
      classize: 25 + before + 4 * lot,
      avgverb: 70 - before + rng.normal(),
      tipuach: rng.next(),
      schlcode: school,
      countyreal: unit,
      year,
      "first.treat": first,
      lpop: (unit % 7) + 1,
      lemp: (unit % 7) + either(first > 0 && year >= first, 0.5, 0) + rng.normal() / 4,
    };
  });
}

test("the published schema accepts every documented plan and refuses what is none", () => {
  const valid = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(planSchema());
  for (const document of documents)
    expect([document.question, valid(document), valid.errors]).toEqual([document.question, true, null]);
  const [plan] = documents;
  for (const wrong of [
    { ...plan, covariats: [] },
    { ...plan, design: "lottery" },
    { ...plan, level: 2 },
    { ...plan, outcome: "re78" },
    { ...plan, heterogeneity: { along: [] } },
    { question: plan.question },
  ]) {
    expect(valid(wrong), JSON.stringify(wrong)).toBe(false);
    expect(() => parsePlan(wrong)).toThrow(/expected a valid study plan/);
  }
});

describe("every documented plan runs, and each of its lines has every field", () => {
  test.each(documents.map((document) => [`${document.design}: ${document.question}`, document] as const))(
    "%s",
    async (_, document) => {
      const rows = rowsOf(document.design);
      const path = join(folder, "rows.csv");
      const lines = [Object.keys(rows[0]!), ...rows.map((row) => Object.values(row))].map((cells) => cells.join(","));
      await writeFile(path, lines.join("\n"));
      const report = await runStudy(parsePlan(document), path);
      expect(report.headline.status).toBe("estimated");
      expect(report.notEstimated).toEqual([]);
      for (const { estimator, estimand, effect, se, ci, p, n, df, clusters } of report.estimates) {
        expect(Number.isFinite(effect), estimator).toBe(true);
        expect(estimand.length).toBeGreaterThan(0);
        if (ci !== null) expect(ci[0]).toBeLessThan(ci[1]);
        if (se !== null) expect(se).toBeGreaterThan(0);
        if (p !== null) expect(p >= 0 && p <= 1).toBe(true);
        if (df !== null) expect(df).toBeGreaterThan(0);
        expect(Object.keys(n)).toEqual(["treatment", "comparison"]);
        expect(clusters === null).toBe(document.clusters === undefined);
      }
      if (document.heterogeneity !== undefined) expect(report.heterogeneity).toMatchObject({ status: "explored" });
      // What is written as JSON is what is meant: no NaN or infinity became null on the way.
      expect(JSON.parse(JSON.stringify(report))).toEqual(report);
    },
  );
});
