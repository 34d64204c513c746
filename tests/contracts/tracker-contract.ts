import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compareObservations, isInOrder, replay } from "../../src/models/mastery/online/replay.ts";
import type { MasteryTracker, Observation, TrackerState } from "../../src/models/mastery/online/tracker.ts";
import { estimateAt, estimateColumns } from "../../src/models/mastery/online/tracker.ts";
import { codeOf } from "./estimator-contract.ts";

export const DAY = 86_400_000;
const MONDAY = Date.UTC(2026, 0, 5, 12);

/** An observation with what does not matter filled in. */
export function observed(standard: number, outcome: number, rest: Partial<Observation> = {}): Observation {
  return { standard, outcome, at: MONDAY, source: "response", ...rest };
}

/** Logs of one learner in no particular order, ties in time included. */
function logs(standards: number): fc.Arbitrary<Observation[]> {
  return fc.array(
    fc.record({
      standard: fc.integer({ min: 0, max: standards - 1 }),
      item: fc.constantFrom("a", "b", "c"),
      outcome: fc.constantFrom(0, 0.5, 1),
      at: fc.integer({ min: 0, max: 60 }).map((quarterDays) => MONDAY + (quarterDays * DAY) / 4),
      source: fc.constantFrom("response" as const, "assessment" as const, "teacher" as const),
    }),
    { maxLength: 40 },
  );
}

/**
 * The promises every tracker keeps: replaying a log gives the same bytes whatever order it arrived in, live and replayed are the
 * same, storing loses nothing, asking changes nothing, one standard's estimate is its row of all of them, every number is in
 * its range, and bad observations are refused by code.
 */
export function describeTrackerContract(name: string, make: () => MasteryTracker): void {
  const columnsOf = (tracker: MasteryTracker, state: TrackerState, at: number) => {
    const columns = estimateColumns(tracker.standards.length);
    tracker.estimateAll(state, at, columns);
    return columns;
  };

  describe(`${name} keeps the tracker contract`, () => {
    const tracker = make();
    const count = tracker.standards.length;

    test("late and corrected answers: a replay gives the bytes of arrival in order", () => {
      fc.assert(
        fc.property(logs(count), fc.integer(), (log, seed) => {
          const shuffled = log
            .map((observation, i) => ({ observation, key: Math.sin(seed + i * 7.1) }))
            .sort((a, b) => a.key - b.key)
            .map(({ observation }) => observation);
          const live = tracker.start();
          for (const observation of [...log].sort(compareObservations)) tracker.observe(live, observation);
          expect(tracker.store(replay(tracker, shuffled))).toEqual(tracker.store(live));
        }),
      );
    });

    test("what is in order may be observed at once, all else is replayed: live and replayed are the same bytes", () => {
      fc.assert(
        fc.property(logs(count), (log) => {
          let state = tracker.start();
          for (const [i, observation] of log.entries()) {
            if (isInOrder(state, observation)) tracker.observe(state, observation);
            else state = replay(tracker, log.slice(0, i + 1));
          }
          expect(tracker.store(state)).toEqual(tracker.store(replay(tracker, log)));
        }),
      );
    });

    test("a stored state goes on as the live one does, and asking changes nothing", () => {
      fc.assert(
        fc.property(logs(count), fc.integer({ min: 0, max: 400 }), (log, days) => {
          const sorted = [...log].sort(compareObservations);
          const half = Math.floor(sorted.length / 2);
          const live = replay(tracker, sorted.slice(0, half));
          const restored = tracker.restore(tracker.store(live));
          columnsOf(tracker, live, MONDAY + 30 * DAY);
          for (const state of [live, restored])
            for (const observation of sorted.slice(half)) tracker.observe(state, observation);
          expect(tracker.store(restored)).toEqual(tracker.store(live));
          const at = MONDAY + days * DAY;
          expect(columnsOf(tracker, restored, at)).toEqual(columnsOf(tracker, live, at));
        }),
      );
    });

    test("one standard's estimate is its row of all; every number is in its range", () => {
      fc.assert(
        fc.property(logs(count), fc.integer({ min: 0, max: 1000 }), (log, days) => {
          const state = replay(tracker, log);
          const at = MONDAY + days * DAY;
          const columns = columnsOf(tracker, state, at);
          for (let standard = 0; standard < count; standard++) {
            const row = estimateAt(columns, standard);
            expect(tracker.estimate(state, standard, at)).toEqual(row);
            const { correctNext, mastery, low, high, retrievability } = row;
            for (const chance of [correctNext, mastery, low, high, retrievability ?? 0]) {
              expect(chance).toBeGreaterThanOrEqual(0);
              expect(chance).toBeLessThanOrEqual(1);
            }
            expect(low).toBeLessThanOrEqual(high);
            expect(row.evidence).toBe(log.filter((observation) => observation.standard === standard).length);
            expect(row.basis === "own").toBe(row.evidence > 0);
          }
        }),
      );
    });

    test("right answers raise what is known, wrong ones lower it", () => {
      for (let standard = 0; standard < count; standard++) {
        const following = (outcome: number) => {
          const log = Array.from({ length: 6 }, (_, i) => observed(standard, outcome, { at: MONDAY + i * 60_000 }));
          return tracker.estimate(replay(tracker, log), standard, MONDAY + DAY);
        };
        expect(following(1).correctNext).toBeGreaterThan(following(0.5).correctNext);
        expect(following(0.5).correctNext).toBeGreaterThan(following(0).correctNext);
        expect(following(1).mastery).toBeGreaterThan(following(0).mastery);
      }
    });

    test("ten opportunities without three right in a row are wheel-spinning, nine are not", () => {
      const spin = (opportunities: number) =>
        replay(
          tracker,
          Array.from({ length: opportunities }, (_, i) =>
            observed(0, i % 5 === 4 ? 1 : 0, { at: MONDAY + i * 60_000 }),
          ),
        );
      expect(tracker.estimate(spin(9), 0, MONDAY).wheelSpinning).toBe(false);
      expect(tracker.estimate(spin(10), 0, MONDAY).wheelSpinning).toBe(true);
    });

    test("a mastered standard has a day of review, and is recalled less and less", () => {
      const log = Array.from({ length: 30 }, (_, i) => observed(0, 1, { at: MONDAY + i * DAY }));
      const state = replay(tracker, log);
      const last = MONDAY + 29 * DAY;
      const { reviewDue } = tracker.estimate(state, 0, last);
      expect(reviewDue).toBeGreaterThan(last);
      expect(tracker.estimate(state, 0, last).retrievability).toBe(1);
      expect(tracker.estimate(state, 0, reviewDue!).retrievability).toBeCloseTo(0.9, 2);
      expect(tracker.estimate(state, 0, reviewDue! + 90 * DAY).retrievability).toBeLessThan(0.9);
      expect(tracker.estimate(tracker.start(), 0, last).reviewDue).toBeNull();
    });

    test("bad observations are refused and leave the state as it was", () => {
      const state = replay(tracker, [observed(0, 1)]);
      const before = tracker.store(state);
      const codes = [
        observed(0, Number.NaN),
        observed(0, 1, { at: Number.NaN }),
        observed(0, 1.2),
        observed(count, 1),
        observed(0, 1, { at: MONDAY - 1 }),
      ].map((observation) => codeOf(() => tracker.observe(state, observation)));
      expect(codes).toEqual(["NOT_FINITE", "NOT_FINITE", "BAD_INPUT", "BAD_INPUT", "CONFLICT"]);
      expect(tracker.store(state)).toEqual(before);
    });

    test("bytes that are not a state are refused", () => {
      const bytes = tracker.store(replay(tracker, [observed(0, 1)]));
      const spoiled = [new Uint8Array(0), bytes.subarray(0, 20), bytes.subarray(0, bytes.length - 1)];
      const otherFormat = bytes.slice();
      otherFormat[0] = 99;
      const otherStandard = bytes.slice();
      const first = 24 + 8 * tracker.start().whole.length; // the position of the first standard comes after the header
      otherStandard.fill(255, first, first + 4);
      for (const wrong of [...spoiled, otherFormat, otherStandard])
        expect(codeOf(() => tracker.restore(wrong))).toBe("ARTIFACT_CORRUPT");
    });
  });
}
