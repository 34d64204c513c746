import fc from "fast-check";
import { expect, test } from "vitest";
import { midRanks } from "../../src/features/mid-ranks.ts";

/** The definition, by counting. */
function counted(values: readonly number[], groups: readonly number[]): number[] {
  return values.map((value, row) => {
    if (groups[row]! < 0 || Number.isNaN(value)) return Number.NaN;
    const others = values.filter((other, at) => groups[at] === groups[row] && !Number.isNaN(other));
    const smaller = others.filter((other) => other < value).length;
    const upTo = others.filter((other) => other <= value).length;
    return (smaller + upTo) / (2 * others.length);
  });
}

const cell = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double({ noDefaultInfinity: true }), fc.constant(-0));
const rows = fc.array(fc.record({ value: cell, group: fc.integer({ min: -1, max: 4 }) }), { maxLength: 60 });

test("a mid-rank counts who is below and who is equal within the group, whatever is missing", () => {
  fc.assert(
    fc.property(rows, (given) => {
      const values = given.map(({ value }) => value);
      const groups = given.map(({ group }) => group);
      expect([...midRanks(Float64Array.from(values), Int32Array.from(groups))]).toEqual(counted(values, groups));
    }),
  );
});

test("the ranks of a group have mean one half; one alone stands in the middle", () => {
  const ranks = midRanks(Float64Array.of(5, 1, 1, 9, 2), Int32Array.of(0, 0, 0, 0, 7));
  expect([...ranks]).toEqual([0.625, 0.25, 0.25, 0.875, 0.5]);
});
