import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ItemResponseLog } from "../../../src/models/mastery/item-log.ts";
import { takeLearners } from "../../../src/models/mastery/item-log.ts";
import { walk } from "../../../src/models/mastery/logistic/design.ts";
import { logisticMastery } from "../../../src/models/mastery/logistic/logistic-mastery.ts";
import { timeGapBlock, timeWindowBlock } from "../../../src/models/mastery/logistic/time-blocks.ts";
import { areaUnderRocScore } from "../../../src/numeric/metrics/area-under-roc.ts";
import { random } from "../../../src/numeric/random.ts";
import { codeOf, contextOf } from "../../contracts/estimator-contract.ts";
import { itemLogOf } from "./item-log-of.ts";

const HOUR = 3600;
const WINDOWS = [HOUR, 24 * HOUR, 7 * 24 * HOUR, 30 * 24 * HOUR, Number.POSITIVE_INFINITY];
const vocabulary = { items: 1, skills: 1, rate: 0.5 };

/** The columns of a block for every row of a log of one item and one skill. */
function columnsOf(block: typeof timeWindowBlock, log: ItemResponseLog): Map<number, number>[] {
  const rows: Map<number, number>[] = [];
  const same = { items: Int32Array.of(0), skills: Int32Array.of(0) };
  walk(
    log,
    same,
    () => 0,
    (_row, history, question) => {
      const own = new Map<number, number>();
      block.write(history, question, vocabulary, (column, value) => own.set(column, value));
      rows.push(own);
    },
  );
  return rows;
}

test("time windows count what a look at every earlier response counts", () => {
  const answers = fc.array(fc.tuple(fc.integer({ min: 0, max: 40 * 24 * HOUR }), fc.integer({ min: 0, max: 1 })), {
    minLength: 1,
    maxLength: 25,
  });
  fc.assert(
    fc.property(answers, (drawn) => {
      const rows = drawn.toSorted(([a], [b]) => a - b);
      const log = { ...itemLogOf([rows.map(([, outcome]) => [0, outcome] as const)], [[0]]) };
      const timed = { ...log, time: Float64Array.from(rows, ([time]) => time) };
      for (const [row, columns] of columnsOf(timeWindowBlock, timed).entries()) {
        for (const [window, length] of WINDOWS.entries()) {
          const recent = rows.slice(0, row).filter(([time]) => time >= rows[row]![0] - length);
          const wins = recent.reduce((sum, [, outcome]) => sum + outcome, 0);
          expect(columns.get(1 + 2 * window) ?? 0).toBe(Math.log1p(wins));
          expect(columns.get(2 + 2 * window) ?? 0).toBe(Math.log1p(recent.length));
        }
      }
    }),
  );
});

describe("times in a log", () => {
  // Right within a day of the last answer, wrong after a week: only the clock tells.
  const rng = random("forgetting");
  const learners = Array.from({ length: 80 }, () => {
    let time = 0;
    return Array.from({ length: 15 }, () => {
      const soon = rng.next() < 0.5;
      time += soon ? HOUR * (1 + rng.next()) : 24 * HOUR * (7 + rng.next());
      return { time, outcome: rng.next() < (soon ? 0.9 : 0.2) ? 1 : 0 };
    });
  });
  const plain = itemLogOf(
    learners.map((own) => own.map(({ outcome }) => [0, outcome] as const)),
    [[0]],
  );
  const timed = { ...plain, time: Float64Array.from(learners.flat(), ({ time }) => time) };

  test.each(["das3h", "context"] as const)("%s sees forgetting when it knows the times", (features) => {
    const auc = (log: ItemResponseLog): number => {
      const half = (from: number): ItemResponseLog =>
        takeLearners(
          log,
          Array.from({ length: 40 }, (_, i) => from + i),
        );
      const model = logisticMastery({ features }).fit(half(0), contextOf(1));
      const out = new Float64Array(half(40).outcome.length);
      model.predictNext(half(40), out);
      const score = areaUnderRocScore(half(40).outcome, out);
      return score.status === "undefined" ? Number.NaN : score.value;
    };
    expect(auc(timed)).toBeGreaterThan(0.8);
    expect(auc(plain)).toBeLessThan(0.6);
  });

  test("a gap shorter than five minutes is one bucket: how long the question took cannot be read from it", () => {
    const quick = {
      ...itemLogOf(
        [
          [
            [0, 1],
            [0, 1],
            [0, 1],
          ],
        ],
        [[0]],
      ),
      time: Float64Array.of(0, 10, 290),
    };
    const [, second, third] = columnsOf(timeGapBlock, quick);
    expect(second).toEqual(third);
  });

  test("times that go back, are missing or are no numbers are refused", () => {
    const fitting = (time: Float64Array) => codeOf(() => logisticMastery().fit({ ...plain, time }, contextOf(1)));
    expect(fitting(timed.time.map((time) => -time))).toBe("BAD_INPUT");
    expect(fitting(timed.time.map(() => Number.NaN))).toBe("BAD_INPUT");
    expect(fitting(new Float64Array(3))).toBe("SHAPE_MISMATCH");
  });
});
