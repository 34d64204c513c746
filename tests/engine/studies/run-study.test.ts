import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { stringify } from "yaml";
import { parsePlan, readPlan } from "../../../src/engine/studies/plan.ts";
import type { StudyPlan } from "../../../src/engine/studies/plan-shape.ts";
import { runStudy } from "../../../src/engine/studies/run-study.ts";
import { refusal } from "../district.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cairn-study-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let files = 0;
async function file(content: string | Buffer, extension = "csv"): Promise<string> {
  const path = join(folder, `it's ${++files}.${extension}`); // a quote in a path is no SQL
  await writeFile(path, content);
  return path;
}

const plan: StudyPlan = parsePlan({
  question: "Does it help?",
  legalBasis: "publicly released data",
  design: "individual-trial",
  treatment: { column: "arm", treated: "new", comparison: "old" },
  outcome: { column: "score" },
  level: 0.95,
});
const clustered: StudyPlan = { ...plan, design: "cluster-trial", clusters: { column: "school" } };

const trial = [
  "name,school,arm,score",
  "Ada,s1,new,12",
  "Ben,s1,new,14",
  "Cleo,s2,new,16",
  "Dan,s2,new,", // attrition
  "Eve,s3,old,10",
  "Fay,s3,old,11",
  "Gus,s4,old,NA", // attrition
  "Hal,s4,old,NULL", // attrition
  "Ivy,s4,old,12",
  "Jon,s5,waiting,99", // neither arm
  "Kim,s5,,98", // neither arm
];

test("the difference of those who were measured; who was not is counted in its arm, who is of no arm apart", async () => {
  const report = await runStudy(plan, await file(trial.join("\n")));
  expect(report.sample).toEqual({
    rows: 11,
    ofNeitherArm: 2,
    treatment: { assigned: 4, analysed: 3 },
    comparison: { assigned: 5, analysed: 3 },
  });
  expect(report.estimates).toHaveLength(1);
  const [row] = report.estimates;
  expect(row!.effect).toBeCloseTo(14 - 11, 12);
  expect(row!.se).toBeCloseTo(Math.sqrt(4 / 3 + 1 / 3), 12); // Welch: variances 4 and 1, three learners each
  expect(row!.n).toEqual({ treatment: 3, comparison: 3 });
  expect(report).toMatchObject({ question: plan.question, legalBasis: plan.legalBasis, design: "individual-trial" });
});

test("a gzipped file gives the same report as the plain one, and so does another order of rows", async () => {
  const plain = await runStudy(plan, await file(trial.join("\n")));
  expect(await runStudy(plan, await file(gzipSync(trial.join("\n")), "csv.gz"))).toEqual(plain);
  expect(await runStudy(plan, await file([trial[0], ...trial.slice(1).reverse()].join("\r\n")))).toEqual(plain);
});

test("a cluster trial counts its clusters, and an empty cluster is refused by its line, where it matters", async () => {
  const report = await runStudy(clustered, await file(trial.join("\n")));
  expect(report.estimates[0]).toMatchObject({ clusters: { treatment: 2, comparison: 2 }, cautions: ["FEW_CLUSTERS"] });
  for (const empty of ["", '""', '" "']) {
    const broken = trial.map((line) => (line.startsWith("Cleo") ? `Cleo,${empty},new,16` : line));
    const { code, message } = await refusal(runStudy(clustered, await file(broken.join("\n"))));
    expect([empty, code, message]).toEqual([
      empty,
      "BAD_INPUT",
      "expected every analysed row to name its cluster, got an empty cell in line 4",
    ]);
  }
  const elsewhere = trial.map((line) => line.replace("Kim,s5", "Kim,").replace("Dan,s2", "Dan,"));
  expect((await runStudy(clustered, await file(elsewhere.join("\n")))).estimates).toEqual(report.estimates);
});

test("what is refused is said without a word of anybody's row", async () => {
  const refused = async (given: StudyPlan, content: string | Buffer, extension?: string) =>
    refusal(runStudy(given, await file(content, extension)));
  const wrong = { ...plan, outcome: { column: "mark" } };
  const long = `${trial[0]}\n${"Zoe,s1,new,1\n".repeat(30_000)}"Ada Quillfeather,s1,new,12\n`;
  const answers = [
    await refused(wrong, trial.join("\n")),
    await refused(plan, trial.slice(1).join("\n")), // no header
    await refused(plan, trial.join("\n").replace("Ada,s1,new,12", "Ada,s1,new,Quillfeather")),
    await refused(plan, Buffer.from("not gzip, Ada Quillfeather"), "csv.gz"),
    await refused(plan, long), // a quote that never ends, far behind what is looked at first
    await refused(plan, `${trial.join("\n")}\nAda Quillfeather,s1,new,12,5\n`), // a cell too many
    await refused(plan, trial.join("\n").replaceAll(",", ";")),
    await refused(plan, trial.slice(0, 5).join("\n")), // one arm
    await refusal(runStudy(plan, join(folder, "nowhere.csv"))),
  ];
  expect(answers.map(({ code }) => code)).toEqual([
    "BAD_INPUT",
    "BAD_INPUT",
    "BAD_INPUT",
    "UNREADABLE_FILE",
    "UNREADABLE_FILE",
    "UNREADABLE_FILE",
    "BAD_INPUT",
    "SINGLE_CLASS",
    "UNREADABLE_FILE",
  ]);
  expect(answers[0]!.message).toBe('expected a column "mark", got 4 columns without it');
  expect(answers[2]!.message).toMatch(/line 2/);
  for (const { message } of answers) expect(message).not.toMatch(/Ada|Quillfeather|Ben/);
});

test("a plan's faults are listed at once", async () => {
  const written = async (document: unknown) => refusal(readPlan(await file(JSON.stringify(document), "json")));
  const { code, message } = await written({ ...plan, design: "lottery", level: 2, outcome: {}, extra: 1 });
  expect(code).toBe("BAD_INPUT");
  for (const field of ["design", "level", "outcome.column", "extra"]) expect(message).toContain(field);
  expect((await written({ ...plan, design: "cluster-trial" })).message).toContain("clusters: needed");
  expect((await written({ ...plan, treatment: { column: "arm", treated: "1", comparison: "1" } })).message).toContain(
    "treatment.comparison",
  );
  expect((await refusal(readPlan(await file("{", "json")))).code).toBe("UNREADABLE_FILE");
  expect((await refusal(readPlan(join(folder, "nowhere.json")))).code).toBe("UNREADABLE_FILE");
  const { level: _, ...short } = plan;
  expect(await readPlan(await file(JSON.stringify(short), "json"))).toEqual(plan);
  expect(await readPlan(await file(stringify(short), "yaml"))).toEqual(plan);
  expect((await refusal(readPlan(await file("design: [", "yaml")))).message).toMatch(/line 1/);
});
