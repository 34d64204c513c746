import { expect, test } from "vitest";
import { takeTableRows } from "../../../src/engine/early-warning/risk-tables.ts";
import type { FeatureTable } from "../../../src/features/build.ts";

const values = Float64Array.of(1, Number.NaN, 3);
const table: FeatureTable = {
  learner: ["a", "b", "c"],
  person: ["pa", "pb", "pc"],
  period: ["this", "this", "last"],
  peerGroup: ["g", "", "h"],
  asOf: ["2025-12-12", "2025-12-12", "2024-12-12"],
  matrix: { rows: 3, columns: [{ name: "absences", kind: "numeric", values }] },
  reasons: [Uint8Array.of(0, 3, 0)],
  catalogVersion: "2",
};

test("rows keep why their cells are missing, also in another order", () => {
  const taken = takeTableRows(table, [2, 1]);
  expect(taken.learner).toEqual(["c", "b"]);
  expect(taken.peerGroup).toEqual(["h", ""]);
  expect(taken.matrix.columns[0]!.values).toEqual(Float64Array.of(3, Number.NaN));
  expect(taken.reasons).toEqual([Uint8Array.of(0, 3)]);
});

test("a table that never had reasons gets none", () => {
  const { reasons: _, ...without } = table;
  expect(takeTableRows(without, [0])).not.toHaveProperty("reasons");
});
