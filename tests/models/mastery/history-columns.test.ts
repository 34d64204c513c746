import { expect, test } from "vitest";
import { HISTORY_WIDTH, historyColumnNames } from "../../../src/models/mastery/history/history-columns.ts";
import { historyReader } from "../../../src/models/mastery/history/history-reader.ts";
import { logit } from "../../../src/numeric/log-odds.ts";
import { itemLogOf } from "./item-log-of.ts";

// One learner on item 0 of skill 0 (right, wrong), then item 1 of skills 0 and 1, then item 1 again.
const log = itemLogOf(
  [
    [
      [0, 1],
      [0, 0],
      [1, 1],
      [1, 0],
    ],
    [[0, 1]],
  ],
  [[0], [0, 1]],
);
const columns = historyReader(log).ofTraining();
const cell = (row: number, name: string): number => columns[row * HISTORY_WIDTH + historyColumnNames.indexOf(name)]!;

test("every column has its name", () => {
  const counted = (count: number): number => Math.log1p(count) / 3;
  expect(columns).toHaveLength(5 * HISTORY_WIDTH);
  expect(cell(1, "responses")).toBeCloseTo(counted(1), 6);
  expect(cell(1, "responses on the item")).toBeCloseTo(counted(1), 6);
  expect(cell(1, "right responses on the item")).toBeCloseTo(counted(1), 6);
  expect(cell(1, "run on the skills")).toBeCloseTo(1 / 3, 6);
  expect(cell(2, "run on the skills")).toBeCloseTo(-0.5 / 3, 6); // half of the skills, one wrong answer
  expect(cell(2, "share of new skills")).toBeCloseTo(0.5, 6);
  expect(cell(2, "responses on the item")).toBe(0);
  expect([cell(0, "last outcome"), cell(1, "last outcome"), cell(2, "last outcome")]).toEqual([0, 1, -1]);
  expect([cell(1, "last outcome but one"), cell(2, "last outcome but one")]).toEqual([0, 1]);
  expect([1, 2, 3].map((row) => cell(row, "same skills as before"))).toEqual([1, 0, 1]);
  expect([1, 2, 3].map((row) => cell(row, "same item as before"))).toEqual([1, 0, 1]);
  expect(cell(1, "streak on these skills")).toBeCloseTo(counted(1), 6);
  expect(cell(2, "responses since the skills")).toBeCloseTo(counted(1) / 2, 6);
});

test("a learner's own answers are left out of the easiness the learner sees", () => {
  // The second learner's only answer leaves the first's two to item 0: one right of two, drawn towards the skill and all.
  const rate = 3 / 5;
  const skill = (2 + 10 * rate) / (4 + 10);
  expect(cell(4, "easiness")).toBeCloseTo(logit((1 + 6 * skill) / (2 + 6)), 6);
});
