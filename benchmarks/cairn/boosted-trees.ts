import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { boostedTrees } from "../../src/models/off-track/boosted-trees/boosted-trees.ts";
import type { FeatureMatrix } from "../../src/numeric/matrix.ts";
import { areaUnderRocScore } from "../../src/numeric/metrics/area-under-roc.ts";
import { random } from "../../src/numeric/random.ts";
import { serveSide, timed } from "../side.ts";

const recipe = boostedTrees({ trees: 100, learningRate: 0.1, maximumLeaves: 64, maximumDepth: 6 });
const explained = 2_000;

interface Data {
  readonly train: FeatureMatrix;
  readonly test: FeatureMatrix;
  readonly reasoned: FeatureMatrix;
  readonly trainLabels: Uint8Array;
  readonly testLabels: Uint8Array;
}

await serveSide(prepare, ({ train, test, reasoned, trainLabels, testLabels }) => {
  const fitted = timed(() => recipe.fit({ matrix: train, labels: trainLabels }, { rng: random(1) }));
  const everybody = new Float64Array(train.rows);
  const predicted = timed(() => fitted.result.predict(train, everybody));
  const contributions = new Float64Array(reasoned.rows * (fitted.result.features.length + 1));
  const reasons = timed(() => fitted.result.explain(reasoned, contributions));
  const scores = new Float64Array(test.rows);
  fitted.result.predict(test, scores);
  const auc = areaUnderRocScore(testLabels, scores);
  return {
    timings: { fit: fitted.seconds, predict: predicted.seconds, reasons: reasons.seconds },
    figures: { auc: auc.status === "defined" ? auc.value : Number.NaN },
  };
});

async function prepare(folder: string): Promise<Data> {
  const shape = JSON.parse(await readFile(join(folder, "shape.json"), "utf8")) as Record<
    "rows" | "trainRows" | "columns",
    number
  >;
  const bytes = await readFile(join(folder, "values.f64"));
  const values = new Float64Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 8);
  const labels = new Uint8Array(await readFile(join(folder, "labels.u8")));
  const part = (from: number, to: number): FeatureMatrix => ({
    rows: to - from,
    columns: Array.from({ length: shape.columns }, (_, column) => ({
      name: `x${column}`,
      kind: "numeric",
      values: values.slice(column * shape.rows + from, column * shape.rows + to),
    })),
  });
  return {
    train: part(0, shape.trainRows),
    test: part(shape.trainRows, shape.rows),
    reasoned: part(0, explained),
    trainLabels: labels.slice(0, shape.trainRows),
    testLabels: labels.slice(shape.trainRows),
  };
}
