import fc from "fast-check";
import { expect, test } from "vitest";
import { countsBehind, roundedBy, shownPart, shownShare } from "../../../src/engine/studies/disclosure/coding.ts";
import { feasibleIntervals } from "../../../src/engine/studies/disclosure/intervals.ts";
import { auditTable, suppressTable } from "../../../src/engine/studies/disclosure/suppress.ts";

// Table 1 of the handbook; all row and column totals are published.
const counts = [
  [3, 20, 17],
  [25, 8, 12],
  [30, 22, 9],
];
const pattern = (...cells: readonly string[]) =>
  counts.map((row, r) => row.map((_, c) => cells.includes("ABC"[r]! + "XYZ"[c]!)));
const spans = (hidden: boolean[][]) =>
  Object.fromEntries(
    feasibleIntervals({ counts, hidden }).map(({ row, column, least, most }) => [
      "ABC"[row]! + "XYZ"[column]!,
      [least, most],
    ]),
  );

test("DIS-1 and DIS-2: one hidden cell is recovered, and so are zeros that sum to nothing", () => {
  expect(auditTable({ counts: [[3, 20]], hidden: [[true, false]] }, 10)).toMatchObject({
    passes: false,
    intervals: [{ least: 3, most: 3 }],
  });
  const zeros = { counts: [[0, 0, 12]], hidden: [[true, true, false]] };
  expect(feasibleIntervals(zeros).every(({ least, most }) => least === 0 && most === 0)).toBe(true);
  expect(auditTable(zeros, 10).passes).toBe(false);
});

test("DIS-6: three hidden cells on no cycle are known exactly", () => {
  expect(spans(pattern("AX", "BY", "CZ"))).toEqual({ AX: [3, 3], BY: [8, 8], CZ: [9, 9] });
});

test("DIS-7 and DIS-8: the cheapest pattern, its ranges, and the next", () => {
  expect(suppressTable(counts, 10)!.hidden).toEqual(pattern("AX", "BY", "CZ", "AY", "BZ", "CX"));
  expect(spans(pattern("AX", "BY", "CZ", "AY", "BZ", "CX"))).toEqual({
    AX: [0, 15],
    BY: [5, 20],
    CZ: [6, 21],
    AY: [8, 23],
    BZ: [0, 15],
    CX: [18, 33],
  });
  expect(spans(pattern("AX", "BY", "CZ", "AZ", "BX", "CY"))).toMatchObject({ AX: [0, 20], BY: [5, 25], CZ: [6, 26] });
});

test("whatever is published has passed, every small cell is hidden, and the truth lies in every range", () => {
  const tables = fc.integer({ min: 1, max: 4 }).chain((columns) =>
    fc.array(fc.array(fc.integer({ min: 0, max: 60 }), { minLength: columns, maxLength: columns }), {
      minLength: 1,
      maxLength: 5,
    }),
  );
  fc.assert(
    fc.property(tables, (own) => {
      const table = suppressTable(own, 10);
      if (table === null) return;
      const { passes, intervals } = auditTable(table, 10);
      expect(passes).toBe(true);
      own.forEach((row, r) => {
        row.forEach((count, c) => {
          if (count < 10) expect(table.hidden[r]![c]).toBe(true);
        });
      });
      for (const { row, column, least, most } of intervals) {
        expect(least).toBeLessThanOrEqual(own[row]![column]!);
        expect(most).toBeGreaterThanOrEqual(own[row]![column]!);
      }
    }),
    { numRuns: 60 },
  );
});

test("DIS-3, DIS-4 and DIS-9 to DIS-13: shares and parts", () => {
  expect(countsBehind(21, 14)).toBe(1);
  expect(countsBehind(21, 400)).toBeGreaterThan(1);
  expect(shownPart(27, 31, 10)).toBe("more than 21"); // the four others stay unknown
  expect(shownPart(4, 31, 10)).toBe("fewer than 10");
  expect(shownPart(20, 31, 10)).toBe("20");
  expect(shownPart(31, 31, 10)).toBe("31");
  expect(shownShare(16, 18, 10)).toBe("≥ 80 %");
  expect(shownShare(2, 35, 10)).toBe("≤ 10 %");
  expect(shownShare(87, 90, 10)).toBe("≥ 95 %");
  expect(shownShare(3, 150, 10)).toBe("≤ 2 %");
  expect(shownShare(4, 9, 10)).toBeNull();
  expect(shownShare(200, 400, 10)).toBe("50 %");
});

test("numbers are cut to two digits beyond their error", () => {
  expect(roundedBy(1794.342404, 670.99)).toBe("1794");
  expect(roundedBy(0.0123456, 0.0034)).toBe("0.0123");
});
