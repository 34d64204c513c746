import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { random } from "../../src/numeric/random.ts";
import type { BenchmarkCase } from "../case.ts";

const trainRows = 200_000;
const testRows = 50_000;
const columns = 64;

/** Off-track risk at the size of a state's grade: the fit, its predictions and its reasons. */
export const boostedTreesCase: BenchmarkCase = {
  name: "boosted-trees",
  work: `${trainRows.toLocaleString("en")} × ${columns}, 100 trees of depth 6, 256 bins; reasons for 2,000 rows`,
  compared: [
    { timing: "fit", goal: 1.5 },
    { timing: "predict", goal: 1 },
    { timing: "reasons", goal: 1 },
  ],
  figures: ["auc"],
  async prepare(folder) {
    const rows = trainRows + testRows;
    const { values, labels } = draw(rows);
    await writeFile(join(folder, "shape.json"), JSON.stringify({ rows, trainRows, columns }));
    await writeFile(join(folder, "values.f64"), new Uint8Array(values.buffer)); // column by column
    await writeFile(join(folder, "labels.u8"), labels);
    return undefined;
  },
  cairn: "boosted-trees.js",
  peers: { LightGBM: { script: "trees.py" }, XGBoost: { script: "trees.py" }, "scikit-learn": { script: "trees.py" } },
  runs: 5,
};

/** Rows whose outcome follows from a fifth of the columns: sums, thresholds, products, some cells missing. */
function draw(rows: number): { values: Float64Array; labels: Uint8Array } {
  const rng = random("benchmark:boosted-trees");
  const values = new Float64Array(rows * columns);
  for (let i = 0; i < values.length; i++) values[i] = rng.normal();
  for (let column = 40; column < columns; column++) {
    for (let row = 0; row < rows; row++) if (rng.next() < 0.1) values[column * rows + row] = Number.NaN;
  }
  const at = (row: number, column: number): number => {
    const value = values[column * rows + row]!;
    return Number.isNaN(value) ? 0 : value;
  };
  const labels = new Uint8Array(rows);
  for (let row = 0; row < rows; row++) {
    let logit = -1.2;
    for (let column = 0; column < 8; column++) logit += 0.3 * at(row, column);
    logit += at(row, 8) > 0.5 ? 0.9 : 0;
    logit += 0.7 * at(row, 9) * at(row, 10);
    logit += 0.5 * Math.sin(2 * at(row, 41));
    labels[row] = rng.next() < 1 / (1 + Math.exp(-logit)) ? 1 : 0;
  }
  return { values, labels };
}
