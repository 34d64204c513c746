import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { expect, test } from "vitest";
import type { RunRecord } from "../../../src/engine/batch/inputs.ts";
import { evidenceOf } from "../../../src/engine/early-warning/model/evidence.ts";
import { loadRiskPanel, riskPanel } from "../../../src/engine/early-warning/model/panel.ts";
import { fittedRiskModel } from "../../../src/engine/early-warning/model/risk-model.ts";
import { defaultOutcome } from "../../../src/engine/early-warning/outcomes/definition.ts";
import { riskMatrixPath } from "../../../src/engine/early-warning/prepare.ts";
import type { RiskReason } from "../../../src/engine/early-warning/reasons.ts";
import { informativeColumns } from "../../../src/engine/early-warning/risk-tables.ts";
import { LEAST_COVERAGE, scoreRiskPartition } from "../../../src/engine/early-warning/score.ts";
import { trainRisk } from "../../../src/engine/early-warning/train.ts";
import { readArtifact } from "../../../src/engine/registry/artifact-store.ts";
import { readModelRecord, registerModel } from "../../../src/engine/registry/models.ts";
import type { FeatureTable } from "../../../src/features/build.ts";
import { featureCatalog, featureDefinition } from "../../../src/features/catalog.ts";
import { writeFeatureTable } from "../../../src/features/table-file.ts";
import { logistic } from "../../../src/models/off-track/logistic.ts";
import { logit } from "../../../src/numeric/log-odds.ts";
import { takeRows } from "../../../src/numeric/matrix.ts";
import { random } from "../../../src/numeric/random.ts";
import { riskScore } from "../../../src/records/schema/index.ts";
import { contextOf } from "../../contracts/estimator-contract.ts";
import { look, refusal, useCairn } from "../district.ts";

const cairn = useCairn();
const names = ["attendance_rate", "mathematics_mark", "english_mark", "conduct_incidents", "state_offenses"];
const unknown = Number.NaN;

/** Learners whose outcome follows their attendance; each person has one row per period. */
function table(persons: number, periods = 1, seed = "a"): FeatureTable & { labels: Uint8Array } {
  const rng = random(seed);
  const rows = persons * periods;
  const attendance = Float64Array.from({ length: rows }, () => 0.7 + 0.3 * rng.next());
  const columns = names.map((name, index) => ({
    name,
    kind: "numeric" as const,
    values: index === 0 ? attendance : Float64Array.from({ length: rows }, () => rng.integer(index < 3 ? 100 : 3)),
  }));
  const each = (text: (person: number, period: number) => string) =>
    Array.from({ length: rows }, (_, row) => text(row % persons, Math.floor(row / persons)));
  return {
    learner: each((person, period) => `code${person}@p${period}`),
    person: each((person) => `code${person}`),
    period: each((_, period) => `p${period}`),
    peerGroup: each((person) => `g${person % 2}`),
    asOf: each(() => "2024-12-12"),
    matrix: { rows, columns },
    catalogVersion: featureCatalog.version,
    labels: Uint8Array.from(attendance, (rate) => (rng.next() < 1 / (1 + Math.exp(30 * (rate - 0.82))) ? 1 : 0)),
  };
}

const origin = { snapshotId: "snap", asOf: "2025-12-12" };
const train = (data: ReturnType<typeof table>, from = origin) => trainRisk(cairn(), "north", data, from);

test("the model is the same for any order of the rows, and its record names no learner", async () => {
  const data = table(160);
  const id = await train(data);
  const record = await readModelRecord(cairn(), "north", id);
  expect(record).toMatchObject({
    kind: "early-warning/panel",
    metrics: { chosen: "logistic", heldOut: { best: "logistic" } },
  });
  expect(record.lineage).toMatchObject({
    ...origin,
    rows: 160,
    periods: ["p0"],
    catalogVersion: featureCatalog.version,
  });
  expect(JSON.stringify(record)).not.toContain("code");
  const { metrics } = record as {
    metrics: { heldOut: { rows: { train: number; test: number }; models: object; best: string } };
  };
  expect(metrics.heldOut.rows.train + metrics.heldOut.rows.test).toBe(160);
  expect(Object.keys(metrics.heldOut.models)).toEqual(expect.arrayContaining(["baseRate", "rule", "logistic"]));

  const backwards = Array.from({ length: 160 }, (_, row) => 159 - row);
  const turned = {
    ...data,
    labels: Uint8Array.from(backwards, (row) => data.labels[row]!),
    matrix: takeRows(data.matrix, backwards),
  };
  for (const key of ["learner", "person", "period", "peerGroup", "asOf"] as const) {
    Object.assign(turned, { [key]: backwards.map((row) => data[key][row]!) });
  }
  const again = await train(turned, { ...origin, snapshotId: "the same in another order" });
  const bytes = await Promise.all([id, again].map((one) => readArtifact(cairn().folders.artifacts, one)));
  expect(again).not.toBe(id);
  expect(bytes[1]).toEqual(bytes[0]);
});

test("features of another catalog make another model, though the snapshot is the same", async () => {
  const data = table(160);
  expect(await train({ ...data, catalogVersion: "another" })).not.toBe(await train(data));
});

test("what cannot be learned from is refused: few people however many rows, one outcome, nothing known", async () => {
  expect(await refusal(train(table(49)))).toEqual({
    code: "CONFLICT",
    message: "expected at least 50 learners with a known outcome, got 49",
  });
  expect((await refusal(train(table(12, 10)))).message).toContain("got 12");
  expect((await refusal(train({ ...table(60), labels: new Uint8Array(60) }))).code).toBe("SINGLE_CLASS");
  const data = table(60);
  const blank = data.matrix.columns.map((column, index) => ({
    ...column,
    values: column.values.map(() => (index % 2 ? unknown : 1)),
  }));
  expect(await refusal(train({ ...data, matrix: { rows: 60, columns: blank } }))).toMatchObject({
    code: "CONFLICT",
    message: "expected features that tell learners apart, got none in the finished periods",
  });
});

test("a column that says nothing is left out: all unknown, or one value throughout; a value or nothing is kept", () => {
  const column = (name: string, values: number[]) => ({
    name,
    kind: "numeric" as const,
    values: Float64Array.from(values),
  });
  const columns = [
    column("unknown", [unknown, unknown]),
    column("same", [1, 1]),
    column("some", [1, unknown]),
    column("two", [1, 2]),
  ];
  expect(informativeColumns({ rows: 2, columns })).toEqual(["some", "two"]);
  expect(informativeColumns({ rows: 0, columns: [column("none", [])] })).toEqual([]);
});

/** Scores a matrix with a model fitted on the training table, through the run's own files and tables. */
async function scored(rows: readonly (readonly number[])[]) {
  const training = table(200);
  const classifier = logistic().fit(training, contextOf(1));
  const said = new Float64Array(training.labels.length);
  classifier.predict(training.matrix, said);
  const own = fittedRiskModel({ chosen: "logistic", classifier, evidence: evidenceOf(said, training.labels) });
  const panel = riskPanel([{ definition: defaultOutcome, bands: [{ band: null, model: own }] }], {});
  const identity = { kind: panel.kind, parameters: {}, dataHash: "score", seed: "s" };
  const modelId = await registerModel(cairn(), "north", panel, identity, {
    purpose: "early-warning",
    metrics: {},
    lineage: {},
  });
  const runId = `run of ${rows.length}`;
  const run: RunRecord = {
    tenantId: "north",
    runId,
    asOf: origin.asOf,
    status: "running",
    partitions: 1,
    publishedAt: null,
    parts: {
      risk: { status: "made", inputs: { snapshotId: `snapshot ${rows.length}`, modelId } },
      playlist: { status: "absent", code: "CONFLICT", reason: "none", hint: "none" },
    },
  };
  const columns = names.map((name, index) => ({
    name,
    kind: "numeric" as const,
    values: Float64Array.from(rows, (row) => row[index]!),
  }));
  const texts = (text: string) => rows.map((_, row) => `${text}${row}`);
  const current: FeatureTable = {
    learner: texts("l"),
    person: texts("p"),
    period: texts("now"),
    peerGroup: rows.map(() => "g"),
    asOf: rows.map(() => origin.asOf),
    matrix: { rows: rows.length, columns },
    catalogVersion: featureCatalog.version,
  };
  const path = riskMatrixPath(cairn(), `snapshot ${rows.length}`, origin.asOf);
  await mkdir(dirname(path), { recursive: true });
  await writeFeatureTable(current, path, { snapshotId: `snapshot ${rows.length}` });
  const write = await scoreRiskPartition(cairn(), run, 0);
  const stored = await look(cairn(), "north", async ({ orm }) => {
    await write.insert(orm);
    return (await orm.select().from(riskScore)).filter((score) => score.runId === runId);
  });
  const model = (await loadRiskPanel(cairn(), "north", modelId)).outcomes[0]!.bands[0]!.model;
  return { stored: stored.sort((a, b) => Number(a.pseudonym.slice(1)) - Number(b.pseudonym.slice(1))), model, current };
}

test("below a quarter of the inputs there is no number: the learner is told apart by what is missing", async () => {
  const { stored } = await scored([
    [0.75, 50, 50, 1, 0],
    [0.75, unknown, 50, unknown, unknown],
    [0.75, unknown, unknown, unknown, unknown],
    [unknown, unknown, unknown, unknown, unknown],
  ]);
  expect(stored.map(({ coverage }) => coverage)).toEqual([1, 0.4, 0.2, 0]);
  expect(stored.map(({ probability }) => probability === null)).toEqual([false, false, true, true]);
  expect(stored.map(({ abstained }) => abstained)).toEqual([
    null,
    null,
    "only 1 of 5 inputs are known for this learner",
    "only 0 of 5 inputs are known for this learner",
  ]);
  for (const { coverage, reasons } of stored) if (coverage! < LEAST_COVERAGE) expect(reasons).toEqual([]);
});

test("reasons add up: every group is the sum of its features, and all of them with the base are the probability", async () => {
  const rng = random("rows");
  const rows = Array.from({ length: 30 }, () => [
    0.6 + 0.4 * rng.next(),
    rng.integer(100),
    rng.integer(100),
    rng.integer(3),
    rng.integer(3),
  ]);
  const { stored, model, current } = await scored(rows);
  const width = model.features.length + 1;
  const contributions = new Float64Array(rows.length * width);
  model.explain(current.matrix, contributions);
  let told = 0;
  for (const [row, score] of stored.entries()) {
    const own = contributions.subarray(row * width, (row + 1) * width);
    expect(own.reduce((sum, part) => sum + part, 0)).toBeCloseTo(logit(score.probability!), 9);
    const groups = new Map<string, number>();
    for (const [index, name] of model.features.entries()) {
      const { group } = featureDefinition(name);
      groups.set(group, (groups.get(group) ?? 0) + own[index]!);
    }
    for (const { group, contribution } of score.reasons as RiskReason[]) {
      expect(contribution).toBeCloseTo(groups.get(group)!, 12);
      expect(contribution).toBeGreaterThan(0);
      told++;
    }
    const raising = [...groups.values()].filter((sum) => sum > 0.05);
    expect(score.reasons as RiskReason[]).toHaveLength(raising.length);
  }
  expect(told).toBeGreaterThan(20);
});
