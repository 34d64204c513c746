import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { publishedParts } from "../../../src/engine/studies/disclosure/published.ts";
import { parsePlan } from "../../../src/engine/studies/plan.ts";
import type { StudyPlanInput } from "../../../src/engine/studies/plan-shape.ts";
import { writeReport } from "../../../src/engine/studies/report/write-report.ts";
import { runStudy } from "../../../src/engine/studies/run-study.ts";
import { random } from "../../../src/numeric/random.ts";
import { refusal } from "../district.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cairn-release-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const plan = (more: Partial<StudyPlanInput> = {}) =>
  parsePlan({
    question: "Does it help?",
    legalBasis: "publicly released data",
    design: "individual-trial",
    treatment: { column: "arm", treated: "new", comparison: "old" },
    outcome: { column: "score" },
    ...more,
  });

/** 120 learners per arm; of the compared the first `lost` have no outcome; five of each arm have a rare need. */
function learners(lost: number): string[] {
  const rng = random("release");
  return Array.from({ length: 240 }, (_, row) => {
    const arm = row % 2 === 0 ? "new" : "old";
    const score = arm === "old" && row < 2 * lost ? "" : (rng.normal() + (arm === "new" ? 0.5 : 0)).toFixed(3);
    const rare = row >= 200 && row < 210 ? 1 : 0;
    const language = row >= 220 && row < 228 ? "third" : row % 4 < 2 ? "first" : "second";
    return [arm, score, rare, row % 3 === 0 ? 1 : 0, language].join(",");
  });
}

let files = 0;
async function file(rows: readonly string[]): Promise<string> {
  const path = join(folder, `${++files}.csv`);
  await writeFile(path, ["arm,score,rare,common,language", ...rows].join("\n"));
  return path;
}

test("losses are shown when they are large or nobody was lost, and not when they are few", async () => {
  for (const [lost, shown] of [
    [0, true],
    [4, false],
  ] as const) {
    const report = await runStudy(plan(), await file(learners(lost)));
    expect(publishedParts(report, plan()).losses).toBe(shown);
  }
  const both = learners(20).map((row, i) => (i % 2 === 0 && i < 40 ? row.replace(/,[^,]*/, ",") : row));
  expect(publishedParts(await runStudy(plan(), await file(both)), plan()).losses).toBe(true);
});

test("rare characteristics leave the balance plot, and a second category with the rare one", async () => {
  const own = plan({ covariates: ["rare", "common", "language"] });
  const report = await runStudy(own, await file(learners(0)));
  const { covariates } = publishedParts(report, own);
  expect(covariates.has("common")).toBe(true);
  expect(covariates.has("rare")).toBe(false);
  expect(report.diagnostics.balance!.before.map(({ covariate }) => covariate)).toContain("language=third");
  expect(covariates.has("language=third")).toBe(false);
  expect(covariates.has("language=second")).toBe(false); // or the third would follow by subtraction
  const { page } = await writeReport(report, own, null, join(folder, "rare"));
  const html = await readFile(page, "utf8");
  expect(html).toContain("too rare to be shown");
  expect(html).not.toContain("language=third");
});

test("a report on fewer than the smallest group is refused, and nothing is written", async () => {
  const few = plan();
  const report = await runStudy(few, await file(learners(0).slice(0, 16)));
  const out = join(folder, "few");
  expect(await refusal(writeReport(report, few, null, out))).toMatchObject({ code: "FORBIDDEN" });
  expect(existsSync(out)).toBe(false);
});

test("DIS-5: a second report one learner apart is refused; the same sample and a much larger one are not", async () => {
  const archive = join(folder, "study.releases.json");
  const write = async (rows: readonly string[], own = plan()) => {
    const data = await file(rows);
    return writeReport(await runStudy(own, data), own, null, join(folder, "dis5"), { data, archive });
  };
  const all = learners(0);
  await write(all.slice(0, 200));
  expect((await stat(archive)).mode & 0o077).toBe(0); // its owner's alone
  const first = await readFile(archive, "utf8");
  expect(first).not.toContain("new");
  const { code, message } = await refusal(write(all.slice(0, 199)));
  expect(code).toBe("FORBIDDEN");
  expect(message).toContain("a few rows apart");
  expect(await readFile(archive, "utf8")).toBe(first); // what was refused is no release
  // One left and another came: the counts agree, and the two reports still tell of both.
  expect((await refusal(write([...all.slice(1, 200), all[201]!]))).code).toBe("FORBIDDEN");
  await write(all.slice(0, 200).reverse(), plan({ covariates: ["common"] }));
  await write(all);
  // Too near to the second release, though not to the first.
  expect((await refusal(write(all.slice(0, 235)))).code).toBe("FORBIDDEN");
  const { releases } = JSON.parse(await readFile(archive, "utf8")) as { releases: unknown[] };
  expect(releases).toHaveLength(3);
  await writeFile(archive, "{}");
  expect((await refusal(write(all))).code).toBe("UNREADABLE_FILE");
});
