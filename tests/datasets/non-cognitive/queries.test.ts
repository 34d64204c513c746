import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { assistmentsAffect, type NonCognitiveQueries, uci697Signals } from "../../../datasets/non-cognitive/queries.ts";
import { buildFeatures, type FeatureTable } from "../../../src/features/build.ts";
import { selectCohort } from "../../../src/features/cohort.ts";
import { attachRows } from "../../features/snapshot-in-memory.ts";

const datasets = process.env.CAIRN_DATASETS ?? "../shared/datasets";
const affect = join(datasets, "non_cognitive/student_level_affect_mcas_stem.csv");
const uci = join(datasets, "student_dropout_uci697/data.csv");
const skipped = (path: string): string =>
  existsSync(path) ? "" : " (skipped: the data set is not beside the checkout)";

async function build(queries: NonCognitiveQueries): Promise<FeatureTable> {
  const connection = await attachRows({});
  await connection.run(`INSERT INTO enrolment BY NAME ${queries.enrolment}`);
  await connection.run(`INSERT INTO scale_score BY NAME ${queries.scale_score}`);
  const cohort = await selectCohort(connection, { asOf: { "the year": 30 } });
  return buildFeatures(connection, cohort, { families: ["survey"], detail: true });
}

const known = (table: FeatureTable, name: string): number[] =>
  [...table.matrix.columns.find((column) => column.name === name)!.values].filter((value) => !Number.isNaN(value));

test.skipIf(!existsSync(affect))(`the affect detectors come through the family survey${skipped(affect)}`, async () => {
  const table = await build(assistmentsAffect(affect));
  expect(table.matrix.rows).toBe(449);
  for (const scale of ["boredom", "concentration", "confusion", "frustration", "off_task", "gaming", "carelessness"]) {
    const values = known(table, `scale_${scale}`);
    expect(values.length, scale).toBe(table.matrix.rows);
    expect(Math.min(...values), scale).toBeGreaterThanOrEqual(0);
    expect(Math.max(...values), scale).toBeLessThanOrEqual(1);
  }
  // the first row of the file
  const row = table.learner.indexOf("9");
  expect(table.matrix.columns.find((column) => column.name === "scale_boredom")!.values[row]).toBeCloseTo(
    0.277149083,
    12,
  );
});

test.skipIf(!existsSync(uci))(
  `effort and choice of UCI 697 come through the family survey${skipped(uci)}`,
  async () => {
    const table = await build(uci697Signals(uci));
    expect(table.matrix.rows).toBe(4_424);
    expect(known(table, "scale_choice").length).toBe(4_424);
    expect(known(table, "scale_effort").length).toBe(4_424 - 180); // 180 students of course 171 enrolled in no unit
  },
);

test("a path where nothing is, is refused by code", () => {
  expect(() => assistmentsAffect("nowhere.csv")).toThrow(expect.objectContaining({ code: "UNREADABLE_FILE" }));
  expect(() => uci697Signals("nowhere.csv")).toThrow(expect.objectContaining({ code: "UNREADABLE_FILE" }));
});
