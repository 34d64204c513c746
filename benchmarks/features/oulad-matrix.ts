import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { writeOuladSnapshot } from "../../datasets/oulad/snapshot.ts";
import type { BenchmarkCase } from "../case.ts";
import { datasetsFolder, missingFiles } from "../cases/shared-datasets.ts";

/** The day features are taken as of: week 8, the handbook's main protocol. */
const DAY = 56;

/** The feature matrix of one day: from the tables in memory to the 22 default columns, peer ranks included. */
export const ouladMatrixCase: BenchmarkCase = {
  name: "oulad-matrix",
  work: `OULAD as of day ${DAY}: 26,513 learners at risk of 32,593 × 22 columns with peer ranks, from tables in memory`,
  compared: [{ timing: "matrix", goal: 1 }],
  figures: ["rows", "scoreMean", "scoreRank", "daysLate"],
  async prepare(folder) {
    const obstacle = missingFiles("oulad/studentInfo.csv.gz", "oulad/studentAssessment.csv.gz");
    if (obstacle !== undefined) return obstacle;
    const { folder: snapshot } = await writeOuladSnapshot({
      dir: join(datasetsFolder(), "oulad"),
      folder,
      clicks: false,
    });
    await writeFile(join(folder, "case.json"), JSON.stringify({ snapshot, day: DAY }));
    return undefined;
  },
  cairn: "oulad-matrix.js",
  peers: {
    pandas: { script: "features/pandas_matrix.py", requirements: "features/requirements.txt" },
    Polars: { script: "features/polars_matrix.py", requirements: "features/requirements.txt" },
  },
  runs: 7,
};
