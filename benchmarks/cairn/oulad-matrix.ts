import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ouladRankedColumns } from "../../src/engine/evaluation-sets/oulad-columns.ts";
import { openSnapshotFolder } from "../../src/engine/evaluation-sets/snapshot-folder.ts";
import { buildFeatures } from "../../src/features/build.ts";
import { selectCohort } from "../../src/features/cohort.ts";
import { takeColumns } from "../../src/numeric/matrix.ts";
import { snapshotTables } from "../../src/records/snapshot/tables.ts";
import { serveSide } from "../side.ts";

await serveSide(
  async (folder) => {
    const { snapshot, day } = JSON.parse(await readFile(join(folder, "case.json"), "utf8")) as {
      snapshot: string;
      day: number;
    };
    const { connection } = await openSnapshotFolder(snapshot);
    // Reading files is outside the timing on both sides: temporary tables stand before the views.
    for (const name of Object.keys(snapshotTables))
      await connection.run(`CREATE TEMP TABLE ${name} AS FROM memory.main.${name}`);
    return { connection, day };
  },
  async ({ connection, day }) => {
    const started = process.hrtime.bigint();
    const asOf = Object.fromEntries(["2013B", "2013J", "2014B", "2014J"].map((period) => [period, day]));
    const cohort = await selectCohort(connection, { asOf });
    // The peers do not say why cells are missing either.
    const { matrix } = await buildFeatures(connection, cohort, { features: ouladRankedColumns, reasons: false });
    const columns = takeColumns(matrix, ouladRankedColumns).columns;
    const seconds = Number(process.hrtime.bigint() - started) / 1e9;
    await connection.run(`DROP TABLE ${cohort.table}`);
    const sum = (name: string): number =>
      columns
        .find((column) => column.name === name)!
        .values.reduce((total, value) => total + (Number.isNaN(value) ? 0 : value), 0);
    return {
      timings: { matrix: seconds },
      figures: {
        rows: matrix.rows,
        scoreMean: sum("score_mean"),
        scoreRank: sum("score_mean_rank"),
        daysLate: sum("days_late_mean"),
      },
    };
  },
);
