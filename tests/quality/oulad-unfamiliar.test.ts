import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { writeOuladSnapshot } from "../../datasets/oulad/snapshot.ts";
import { ouladRows } from "../../src/engine/evaluation-sets/oulad-rows.ts";
import { openSnapshotFolder } from "../../src/engine/evaluation-sets/snapshot-folder.ts";
import { unfamiliarity } from "../../src/models/off-track/similarity/unfamiliarity.ts";
import { takeColumns, takeRows } from "../../src/numeric/matrix.ts";
import { random } from "../../src/numeric/random.ts";

const dir = join(process.env.CAIRN_DATASETS ?? "../shared/datasets", "oulad");
const absent = !existsSync(dir);
const scratch = mkdtempSync(join(tmpdir(), "cairn-oulad-unfamiliar-"));
const LEVEL = 0.01;

describe.skipIf(absent)(
  `OULAD, week 8: who is unlike the training rows${absent ? " (skipped: the data set is not beside the checkout)" : ""}`,
  () => {
    afterAll(() => rmSync(scratch, { recursive: true, force: true }));

    test("all of the unseen course GGG, few of the seen courses a year later", { timeout: 240_000 }, async () => {
      const { folder } = await writeOuladSnapshot({ dir, folder: scratch, clicks: false });
      const snapshot = await openSnapshotFolder(folder);
      try {
        const rows = await ouladRows(snapshot.connection, 56, "default");
        const matrix = takeColumns(
          rows.matrix,
          rows.features.filter((name) => name !== "course"),
        );
        const courseOf = rows.table.peerGroup.map((group) => group.slice(0, group.indexOf("/")));
        const fitted = unfamiliarity().fit(
          takeRows(
            matrix,
            rows.train.filter((row) => courseOf[row] !== "GGG"),
          ),
          { rng: random(1) },
        );
        const shareOf = (asked: ArrayLike<number>): number => {
          const p = new Float64Array(asked.length);
          fitted.measure(takeRows(matrix, asked), p);
          return p.filter((value) => value <= LEVEL).length / p.length;
        };
        const unseen = [...courseOf.keys()].filter((row) => courseOf[row] === "GGG");
        expect(unseen.length).toBe(2407);
        expect(shareOf(unseen)).toBe(1);
        const reasons = fitted.explain(matrix, unseen[0]!);
        expect(reasons[0]).toMatchObject({ kind: "missing", training: { missingShare: 0 } }); // nothing was due yet
        const of = (course: string): Int32Array => rows.test.filter((row) => courseOf[row] === course);
        for (const course of ["AAA", "CCC", "DDD", "EEE", "FFF"])
          expect(shareOf(of(course)), course).toBeLessThan(0.015);
        expect(shareOf(of("BBB"))).toBeGreaterThan(0.08); // its plan of work changed in 2014J (handbook 2.2.11)
        expect(shareOf(rows.test.filter((row) => courseOf[row] !== "GGG"))).toBeLessThan(0.04);
      } finally {
        snapshot.close();
      }
    });
  },
);
