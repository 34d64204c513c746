import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nextActivity } from "../../../src/models/playlist/next-activity.ts";
import type { FittedRecommender, Interactions } from "../../../src/models/playlist/recommender.ts";
import { timelineOf, visitPredecessors } from "../../../src/models/playlist/timeline.ts";
import { codeOf, contextOf } from "../../contracts/estimator-contract.ts";

/** Learners' events, [activity, time] in any order, as the input of a recommender. */
function eventsOf(rows: readonly (readonly (readonly [number, number])[])[], activities: number): Interactions {
  const sorted = rows.map((row) => row.toSorted(([a], [b]) => a - b));
  const learnerPtr = Int32Array.from([0, ...sorted.map((row) => row.length)]);
  for (let i = 1; i < learnerPtr.length; i++) learnerPtr[i]! += learnerPtr[i - 1]!;
  return {
    learnerPtr,
    activityIdx: Int32Array.from(sorted.flat(), ([activity]) => activity),
    time: Float64Array.from(sorted.flat(), ([, time]) => time),
    activities: Array.from({ length: activities }, (_, i) => `activity-${i}`),
  };
}

const scores = (model: FittedRecommender, events: readonly (readonly [number, number])[]): number[] => {
  const out = new Float64Array(model.activities.length);
  model.score(
    {
      activityIdx: Int32Array.from(events, ([activity]) => activity),
      time: Float64Array.from(events, ([, time]) => time),
    },
    out,
  );
  return [...out];
};

test("decayed steps by hand: direction, decay, half for one moment, recency of the history", () => {
  const interactions = eventsOf(
    [
      [
        [0, 0],
        [1, 10],
        [2, 10],
      ],
      [
        [1, 5],
        [0, 25],
      ],
    ],
    3,
  );
  const model = nextActivity({ timeScale: 10, shrink: 1 }).fit(interactions, contextOf(1));
  const e = Math.exp;
  // 0 → 1 and 0 → 2 after one time scale, 1 → 0 after two, 1 and 2 at one moment; 0 and 1 were done by two learners each
  expect(scores(model, [[0, 0]])).toEqual([0, e(-1) / 3, e(-1) / (Math.SQRT2 + 1)]);
  expect(scores(model, [[1, 0]])).toEqual([e(-2) / 3, 0, 0.5 / (Math.SQRT2 + 1)]);
  const both = scores(model, [
    [0, 0],
    [1, 20],
  ]);
  expect(both[2]).toBeCloseTo((e(-2) * e(-1) + 0.5) / (Math.SQRT2 + 1), 12);
});

test("a chain: the learner's last moment foretells the next one, in one direction only", () => {
  const chain = eventsOf(
    Array.from({ length: 12 }, (_, learner) =>
      Array.from({ length: 4 }, (__, step): [number, number] => [(learner + step) % 6, 100 * step]),
    ),
    6,
  );
  const model = nextActivity({ succession: "direct", shrink: 0 }).fit(chain, contextOf(1));
  const next = scores(model, [
    [2, 0],
    [3, 100],
  ]);
  // eight learners did activity 3, two of them as their last
  expect(next).toEqual([0, 0, 0, 0, 6 / 8, 0]);
});

const logs = fc.array(
  fc.uniqueArray(fc.tuple(fc.nat(7), fc.nat(5)), { selector: ([activity]) => activity, maxLength: 8 }),
  { minLength: 1, maxLength: 6 },
);

test("direct steps of one entry share at most one successor; the decay is bounded by one a pair", () => {
  fc.assert(
    fc.property(logs, fc.constantFrom("direct" as const, "decayed" as const), (rows, succession) => {
      const interactions = eventsOf(rows, 8);
      const timeline = timelineOf(interactions);
      const { learnerPtr, activityIdx, time } = interactions;
      const given = new Float64Array(activityIdx.length);
      const owner = (entry: number): number => learnerPtr.findLastIndex((from) => from <= entry);
      for (let entry = 0; entry < activityIdx.length; entry++) {
        visitPredecessors(timeline, entry, succession, 3, (other, share) => {
          expect(owner(other)).toBe(owner(entry));
          expect(time![other]! <= time![entry]!).toBe(true);
          expect(share).toBeGreaterThan(0);
          expect(share).toBeLessThanOrEqual(1);
          given[other]! += share;
        });
      }
      if (succession === "direct") for (const sum of given) expect(sum).toBeLessThanOrEqual(1 + 1e-12);
    }),
  );
});

test("the unit of time does not matter, nor when it began", () => {
  fc.assert(
    fc.property(logs, fc.integer({ min: 1, max: 1000 }), (rows, scale) => {
      const moved = rows.map((row) => row.map(([activity, time]): [number, number] => [activity, 7 + scale * time]));
      const model = nextActivity({ timeScale: 2 }).fit(eventsOf(rows, 8), contextOf(1));
      const other = nextActivity({ timeScale: 2 * scale }).fit(eventsOf(moved, 8), contextOf(1));
      const straight = scores(model, rows[0]!);
      for (const [i, score] of scores(other, moved[0]!).entries()) expect(score).toBeCloseTo(straight[i]!, 10);
    }),
  );
});

describe("what cannot be used is refused by code", () => {
  const good = eventsOf([[[0, 1]]], 2);
  test("interactions without times, with too few or with none that is a number", () => {
    const { time: _, ...timeless } = good;
    expect(codeOf(() => nextActivity().fit(timeless, contextOf(1)))).toBe("BAD_INPUT");
    expect(codeOf(() => nextActivity().fit({ ...good, time: new Float64Array(2) }, contextOf(1)))).toBe(
      "SHAPE_MISMATCH",
    );
    expect(codeOf(() => nextActivity().fit({ ...good, time: Float64Array.of(Number.NaN) }, contextOf(1)))).toBe(
      "NOT_FINITE",
    );
  });
  test("options out of range", () => {
    for (const options of [{ timeScale: 0 }, { neighbors: 0 }, { shrink: -1 }, { succession: "later" as "direct" }])
      expect(codeOf(() => nextActivity(options))).toBe("BAD_INPUT");
  });
});
