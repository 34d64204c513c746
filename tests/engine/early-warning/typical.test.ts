import { expect, test } from "vitest";
import { peerMedians } from "../../../src/engine/early-warning/typical.ts";

const { NaN: unknown } = Number;
const numeric = (name: string, values: number[]) => ({
  name,
  kind: "numeric" as const,
  values: Float64Array.from(values),
});
const twelve = Array.from({ length: 12 }, (_, i) => i);

test("what is typical is the median of the learner's own peers", () => {
  const rows = 24;
  const matrix = { rows, columns: [numeric("x", [...twelve, ...twelve.map((value) => value + 100)])] };
  const typical = peerMedians(matrix, [...twelve.map(() => "g6"), ...twelve.map(() => "g7")]);
  expect([...typical("g6")]).toEqual([5.5]);
  expect([...typical("g7")]).toEqual([105.5]);
  expect([...typical("nobody's")]).toEqual([55.5]); // everybody's: (11 + 100) / 2
});

test("a median of fewer than ten says something about one of them, so everybody's stands in, or none", () => {
  const matrix = {
    rows: 21,
    columns: [
      numeric("in a small group", [...twelve, ...Array.from({ length: 9 }, () => 1000)]),
      numeric("known of one in the large group", [
        77,
        ...Array.from({ length: 11 }, () => unknown),
        ...Array.from({ length: 9 }, () => 3),
      ]),
      numeric("known of nine in all", [...twelve.map(() => unknown), ...Array.from({ length: 9 }, () => 3)]),
      {
        ...numeric(
          "a label",
          Array.from({ length: 21 }, () => 0),
        ),
        kind: "categorical" as const,
        categories: ["only"],
      },
    ],
  };
  const typical = peerMedians(matrix, [...twelve.map(() => "large"), ...Array.from({ length: 9 }, () => "small")]);
  expect([...typical("large")]).toEqual([5.5, 3, unknown, unknown]);
  expect([...typical("small")]).toEqual([10, 3, unknown, unknown]);
});
