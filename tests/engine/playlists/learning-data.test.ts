import fc from "fast-check";
import { expect, test } from "vitest";
import { observationAt } from "../../../src/engine/mastery/log-of.ts";
import { trackerOf } from "../../../src/engine/mastery/tracker-of.ts";
import { assemblePlaylist } from "../../../src/engine/playlists/assemble.ts";
import type { LearningData } from "../../../src/engine/playlists/learning-data.ts";
import { readCurriculum, readEnrolled, readLearningData } from "../../../src/engine/playlists/learning-data.ts";
import { defaultPlaylistPolicy } from "../../../src/engine/playlists/policy.ts";
import { masteryRecipe, recommenderRecipe } from "../../../src/engine/playlists/recipes.ts";
import { learnerState } from "../../../src/engine/playlists/score.ts";
import { estimateColumns } from "../../../src/models/mastery/online/tracker.ts";
import { contextOf } from "../../contracts/estimator-contract.ts";
import type { Row, Snapshot } from "../../features/snapshot-in-memory.ts";
import { attachRows } from "../../features/snapshot-in-memory.ts";

const asOf = "2025-12-12";
const stay = (person: string, change: Row = {}): Row => ({
  learner: `${person}@2025-26`,
  person,
  period: "2025-26",
  school: "s",
  starts_on: "2025-08-18",
  entered_on: "2025-08-18",
  known_on: "2025-08-18",
  ...change,
});
const lastYear = { period: "2024-25", starts_on: "2024-08-19", entered_on: "2024-08-19" };
const grade = (learner: string, value: number): Row => ({ learner, name: "grade", value, known_on: "2024-08-19" });
const answer = (person: string, standard: string | null, at: string, correct: number | null): Row => ({
  learner: `${person}@2025-26`,
  item: `i-${standard}`,
  standard,
  at,
  correct,
  known_on: at.slice(0, 10),
});
const done = (person: string, activity: string, verb = "completed"): Row => ({
  learner: `${person}@2025-26`,
  activity,
  verb,
  at: "2025-10-01 10:00:00",
  known_on: "2025-10-01",
});

const district: Snapshot = {
  enrolment: [
    stay("a", { ...lastYear, learner: "a@2024-25" }),
    stay("a"),
    stay("b"),
    stay("left", { exited_on: "2025-12-12" }),
    stay("moved", { exited_on: "2025-10-01", school: "old" }),
    stay("moved", { entered_on: "2025-10-02", school: "new" }),
    stay("coming", { entered_on: "2025-12-13" }),
    stay("gone-since-june", { ...lastYear, learner: "gone-since-june@2024-25" }),
  ],
  background: [grade("a@2024-25", 6), grade("a@2025-26", 5)],
  standard: [
    { standard: "S2", label: null, subject: "math", grade: "6" },
    { standard: "S1", label: "one", subject: "math", grade: "5" },
    { standard: "S1", label: "one, of another source", subject: "math", grade: "5" },
  ],
  prerequisite: [
    { standard: "S2", requires: "S1" },
    { standard: "S2", requires: "unknown" },
  ],
  activity: [
    { activity: "A2", title: null, standard: "S2", modality: null, minutes: 10 },
    { activity: "A1", title: "first", standard: "S1", modality: "video", minutes: null },
    { activity: "A1", title: "first", standard: "S1", modality: "video", minutes: 5 },
    { activity: "A1", title: "first, of another source", standard: "S1", modality: "video", minutes: 5 },
    { activity: "endless", title: "no minutes", standard: "S1", modality: "video", minutes: null },
    { activity: "lost", title: "no standard", standard: "unknown", modality: "video", minutes: 5 },
  ],
  response: [
    answer("b", "S1", "2025-10-02 09:00:00", 0),
    answer("b", "S1", "2025-10-01 09:00:00", 1),
    answer("a", "S2", "2025-10-01 09:00:00", 0.5),
    answer("a", "unknown", "2025-10-01 09:00:00", 1),
    answer("a", null, "2025-10-01 09:00:00", 1),
    answer("a", "S1", "2025-10-01 09:00:00", null),
  ],
  standard_result: [
    { learner: "a@2025-26", standard: "S1", score: 0.25, on_date: "2025-09-30", known_on: "2025-10-01" },
    { learner: "a@2025-26", standard: "unknown", score: 1, on_date: "2025-09-30", known_on: "2025-10-01" },
  ],
  observation: [
    {
      learner: "a@2025-26",
      standard: "S2",
      score: 0.75,
      entered_by: "teacher",
      on_date: "2025-10-02",
      known_on: "2025-10-02",
    },
    {
      learner: "b@2025-26",
      standard: "S2",
      score: 0.5,
      entered_by: "computer",
      on_date: "2025-10-03",
      known_on: "2025-10-03",
    },
  ],
  activity_event: [done("b", "A2"), done("b", "A2"), done("b", "A1"), done("a", "A1", "viewed"), done("a", "endless")],
};

test("an id delivered twice is one standard and one activity; what cannot be placed is left out", async () => {
  const curriculum = await readCurriculum(await attachRows(district));
  expect(curriculum.standards.map(({ standard, label }) => [standard, label])).toEqual([
    ["S1", "one"],
    ["S2", "S2"],
  ]);
  expect(curriculum.prerequisites).toEqual([[], [0]]);
  expect(curriculum.activities).toEqual([
    { activity: "A1", title: "first", standard: 0, modality: "video", minutes: 5 },
    { activity: "A2", title: "A2", standard: 1, modality: "other", minutes: 10 },
  ]);
});

test("who is enrolled on the day, in which grade, and what everybody did, in order", async () => {
  const data = await readLearningData(await attachRows(district), asOf);
  expect(data.learners).toEqual(["a", "b", "coming", "gone-since-june", "left", "moved"]);
  expect(data.enrolled.map((position) => data.learners[position])).toEqual(["a", "b", "moved"]);
  expect([...data.grades.slice(0, 2)]).toEqual([5, Number.NaN]); // this year's grade, and none where none is known
  expect([...data.observations.outcome]).toEqual([0.25, 0.5, 0.75, 1, 0, 0.5]);
  expect([...data.observations.source]).toEqual([1, 0, 2, 0, 0, 1]); // test, answer, teacher; answers; the computer's ticket
  expect([...data.observations.learnerStart]).toEqual([0, 3, 6, 6, 6, 6, 6]);
  expect(data.observations.items).toEqual(["i-S2", "i-S1"]);
  expect([...data.interactions.activityIdx]).toEqual([0, 1]);
  expect([...data.interactions.learnerPtr]).toEqual([0, 0, 2, 2, 2, 2, 2]);
});

test("a part is what the whole says of its learners, and all parts together are everybody", async () => {
  const people = Array.from({ length: 1203 }, (_, i) => `p${String((i * 7919) % 10_000).padStart(5, "0")}`);
  const many: Snapshot = {
    ...district,
    enrolment: people.map((person, i) => stay(person, i % 11 === 0 ? { exited_on: "2025-10-01" } : {})),
    background: people.map((person, i) => grade(`${person}@2025-26`, i % 9)),
    response: people.map((person, i) => answer(person, `S${1 + (i % 2)}`, "2025-10-01 09:00:00", i % 2)),
    standard_result: [],
    observation: [],
    activity_event: people.map((person, i) => done(person, `A${1 + (i % 2)}`)),
  };
  const told = (data: LearningData): unknown[] =>
    data.enrolled.map((learner) => {
      const { learnerStart, outcome, standard, item, items, at } = data.observations;
      const [from, to] = [learnerStart[learner]!, learnerStart[learner + 1]!];
      const { learnerPtr, activityIdx } = data.interactions;
      const [first, last] = [learnerPtr[learner]!, learnerPtr[learner + 1]!];
      return {
        person: data.learners[learner],
        grade: data.grades[learner],
        outcomes: [...outcome.slice(from, to)],
        standards: [...standard.slice(from, to)],
        items: Array.from(item.slice(from, to), (own) => items[own]),
        at: [...at.slice(from, to)],
        done: [...activityIdx.slice(first, last)],
        completedAt: [...data.completedAt.slice(first, last)],
      };
    });
  const connection = await attachRows(many);
  const whole = told(await readLearningData(connection, asOf));
  const parts = [];
  for (const part of [0, 1, 2]) parts.push(...told(await readLearningData(connection, asOf, part)));
  expect(parts).toEqual(whole);
  await expect(readLearningData(connection, asOf, 3)).rejects.toMatchObject({ code: "BAD_INPUT" });
});

test("the order in which the records stand in the snapshot changes nothing", async () => {
  const expected = await readLearningData(await attachRows(district), asOf);
  const tables = Object.entries(district) as [keyof Snapshot, readonly Row[]][];
  await fc.assert(
    fc.asyncProperty(fc.infiniteStream(fc.nat()), async (numbers) => {
      const shuffled = tables.map(([name, rows]) => {
        const keyed = rows.map((row) => ({ row, key: numbers.next().value as number }));
        return [name, keyed.sort((a, b) => a.key - b.key).map(({ row }) => row)];
      });
      expect(await readLearningData(await attachRows(Object.fromEntries(shuffled)), asOf)).toEqual(expected);
    }),
    { numRuns: 5 },
  );
});

test("nobody and nothing: an empty snapshot reads as empty data", async () => {
  const connection = await attachRows({});
  expect(await readEnrolled(connection, asOf)).toEqual([]);
  const data = await readLearningData(connection, asOf);
  expect([data.learners, data.enrolled, data.curriculum.activities]).toEqual([[], [], []]);
  expect([...data.observations.learnerStart, ...data.interactions.learnerPtr]).toEqual([0, 0]);
});

const ANSWERED = Date.parse("2025-12-01T09:00:00Z");
const request = { minutes: 30, now: Date.parse(asOf) };
const learner = (names: string[]) => ({
  learners: names,
  grades: Float64Array.from(names, () => 6),
  enrolled: names.map((_, i) => i),
});

/** Data of one learner per sequence of answers, on three standards of which each needs the one before. */
function dataOf(logs: readonly (readonly { skill: number; outcome: number }[])[]): LearningData {
  const rows = logs.flat();
  const starts = [0];
  for (const log of logs) starts.push(starts.at(-1)! + log.length);
  const skills = ["S0", "S1", "S2"];
  const prerequisites = [[], [0], [1]];
  return {
    ...learner(logs.map((_, index) => `p${index}`)),
    curriculum: {
      standards: skills.map((standard) => ({ standard, label: standard, grade: "6" })),
      prerequisites,
      activities: [0, 1, 2, 2].map((standard, index) => ({
        activity: `A${index}`,
        title: `t${index}`,
        standard,
        modality: "game",
        minutes: 10,
      })),
    },
    observations: {
      learnerStart: Int32Array.from(starts),
      standard: Int32Array.from(rows, ({ skill }) => skill),
      item: new Int32Array(rows.length).fill(-1),
      outcome: Float64Array.from(rows, ({ outcome }) => outcome),
      at: Float64Array.from(logs.flatMap((log) => log.map((_, row) => ANSWERED + row * 60_000))),
      source: new Uint8Array(rows.length),
      standards: skills,
      items: [],
      prerequisites,
    },
    interactions: {
      learnerPtr: Int32Array.from(starts, (_, index) => index),
      activityIdx: Int32Array.from(logs, (_, index) => index % 4),
      activities: ["A0", "A1", "A2", "A3"],
    },
    completedAt: Float64Array.from(logs, (_, index) => index),
  };
}

const log = fc.array(fc.record({ skill: fc.nat({ max: 2 }), outcome: fc.constantFrom(0, 1) }), {
  minLength: 1,
  maxLength: 25,
});
const training = dataOf(
  Array.from({ length: 40 }, (_, index) =>
    Array.from({ length: 12 }, (_, row) => ({ skill: row % 3, outcome: (index * 7 + row * row) % 5 < 3 ? 1 : 0 })),
  ),
);
const models = {
  tracker: trackerOf(masteryRecipe({ rounds: 1 }).fit(training.observations, contextOf(1)), training.curriculum),
  recommender: recommenderRecipe().fit(training.interactions, contextOf(1)),
};

test("a log replayed in pieces, stored between them, gives the state of the whole, and the same playlist", () => {
  fc.assert(
    fc.property(log, fc.array(fc.nat({ max: 25 }), { maxLength: 4 }), (answers, cuts) => {
      const data = dataOf([answers]);
      const whole = learnerState(data, models, 0, request.now);
      const { tracker } = models;
      let state = tracker.start();
      for (const index of answers.keys()) {
        if (cuts.includes(index)) state = tracker.restore(tracker.store(state));
        tracker.observe(state, observationAt(data.observations, index));
      }
      const columns = estimateColumns(tracker.standards.length);
      tracker.estimateAll(state, request.now, columns);
      expect(columns).toMatchObject({ mastery: whole.mastery, correctNext: whole.success, evidence: whole.evidence });
      // The same learner among others, wherever they stand, has the same state and the same playlist.
      const among = dataOf([[{ skill: 0, outcome: 1 }], answers, [{ skill: 2, outcome: 0 }]]);
      const there = {
        ...learnerState(among, models, 1, request.now),
        collaborative: whole.collaborative,
        completed: whole.completed,
        modalities: whole.modalities,
      };
      expect(there).toEqual(whole);
      expect(assemblePlaylist(among.curriculum, there, request, defaultPlaylistPolicy)).toEqual(
        assemblePlaylist(data.curriculum, whole, request, defaultPlaylistPolicy),
      );
    }),
  );
});

test("right answers speak for what a standard rests on, until there are answers of the learner's own", () => {
  const right = Array.from({ length: 25 }, () => ({ skill: 2, outcome: 1 }));
  const masteryOf = (answers: typeof right) => learnerState(dataOf([answers]), models, 0, request.now).mastery;
  const nothing = masteryOf([]);
  const raised = masteryOf(right);
  expect(raised[0]).toBeGreaterThan(nothing[0]!);
  expect(raised[1]).toBeGreaterThan(nothing[1]!);
  const contradicted = masteryOf([...right, ...Array.from({ length: 6 }, () => ({ skill: 0, outcome: 0 }))]);
  expect(contradicted[0]).toBeLessThan(raised[0]!);
});

test("one standard, no grade, nothing done before: there is a playlist all the same", async () => {
  const one = {
    enrolment: [stay("a"), stay("b")],
    standard: [{ standard: "S1", label: "one", subject: "math", grade: "12" }],
    activity: [{ activity: "A1", title: "first", standard: "S1", modality: "video", minutes: 5 }],
    response: [answer("b", "S1", "2025-10-01 09:00:00", 0), answer("b", "S1", "2025-10-02 09:00:00", 1)],
    activity_event: [done("b", "A1")],
  };
  const data = await readLearningData(await attachRows(one), asOf);
  const fitted = {
    tracker: trackerOf(masteryRecipe({ rounds: 1 }).fit(data.observations, contextOf(1)), data.curriculum),
    recommender: recommenderRecipe().fit(data.interactions, contextOf(1)),
  };
  const lists = data.enrolled.map((at) =>
    assemblePlaylist(data.curriculum, learnerState(data, fitted, at, request.now), request, defaultPlaylistPolicy),
  );
  expect(lists.map(({ items, rung }) => [items.length, rung])).toEqual([
    [1, "gated"],
    [1, "again"], // b has done all there is, and has not mastered it
  ]);
  expect(lists[0]!.items[0]!.terms.collaborative).toBe(0);
  for (const term of Object.values(lists[0]!.items[0]!.terms)) expect(Number.isFinite(term)).toBe(true);
});
