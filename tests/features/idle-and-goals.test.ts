import { expect, test } from "vitest";
import { buildFeatures, type FeatureTable } from "../../src/features/build.ts";
import { selectCohort } from "../../src/features/cohort.ts";
import { describeMotivation } from "../../src/features/describe-motivation.ts";
import { attachRows, day, type Row, type Snapshot } from "./snapshot-in-memory.ts";

const AS_OF = 60;

const ann: Row = {
  learner: "ann",
  person: "ann",
  period: "this",
  school: "north",
  peer_group: "north/7",
  starts_on: day(0),
  entered_on: day(0),
  known_on: day(0),
};

async function build(rows: Snapshot, families: readonly string[]): Promise<FeatureTable> {
  const connection = await attachRows({ enrolment: [ann], ...rows });
  const cohort = await selectCohort(connection, { asOf: { this: AS_OF } });
  return buildFeatures(connection, cohort, { families, detail: true });
}

function cell(table: FeatureTable, name: string): number {
  return table.matrix.columns.find((column) => column.name === name)!.values[0]!;
}

test("idle is the time inside a session that what stands at its end did not take", async () => {
  const answer = (time: string, seconds: number | null, on = 50): Row => ({
    learner: "ann",
    item: time,
    at: `${day(on)} ${time}`,
    seconds,
    correct: 1,
    known_on: day(on),
  });
  const table = await build(
    {
      response: [
        answer("10:00:00", 600), // begins a session: nothing is known of before
        answer("10:10:00", 240), // 10 minutes, 4 of them at work: 6 idle
        answer("10:12:00", 300), // 2 minutes, said to have taken 5: none idle
        answer("10:20:00", null), // no time told: says nothing
        answer("11:20:00", 60), // an hour later: another session
        answer("11:50:00", 0), // 30 minutes still are one session: all idle
        answer("12:00:00", 0, 20), // weeks before: 10 idle minutes outside the last 28 days
        answer("12:10:00", 0, 20),
      ],
    },
    ["platform-habits"],
  );
  expect(cell(table, "idle_minutes")).toBeCloseTo(46, 9);
  expect(cell(table, "idle_minutes_28_days")).toBeCloseTo(36, 9);
  expect(cell(table, "idle_share_28_days")).toBeCloseTo(36 / 42, 9);
  expect(cell(table, "sessions")).toBe(3);
});

test("clicks are added up over windows and sessions; events without a count add none", async () => {
  const event = (on: number, clicks: number | null): Row => ({
    learner: "ann",
    activity: "a",
    verb: "viewed",
    at: `${day(on)} 09:00:00`,
    clicks,
    known_on: day(on),
  });
  const table = await build({ activity_event: [event(10, 7), event(55, 4), event(58, null), event(59, 2)] }, [
    "platform-habits",
  ]);
  expect(cell(table, "clicks")).toBe(13);
  expect(cell(table, "clicks_7_days")).toBe(6);
  expect(cell(table, "clicks_14_days")).toBe(6);
  expect(cell(table, "clicks_per_session")).toBe(13 / 4);
});

test("steps done are milestones reached; a goal long past its day without a step lies", async () => {
  const goal = (name: string, due: number, achieved: number | null = null): Row => ({
    learner: "ann",
    goal: name,
    set_on: day(0),
    due_on: day(due),
    achieved_on: achieved === null ? null : day(achieved),
    known_on: day(0),
    achieved_known_on: achieved === null ? null : day(achieved),
  });
  const step = (name: string, done: number | null, known = done): Row => ({
    learner: "ann",
    goal: name,
    step: `${name} ${done}`,
    due_on: day(100),
    done_on: done === null ? null : day(done),
    known_on: day(1),
    done_known_on: known === null ? null : day(known),
  });
  const table = await build(
    {
      goal: [
        goal("lies", 20),
        goal("worked on", 20),
        goal("reached", 20, 25),
        goal("late", 40),
        goal("told too late", 20),
      ],
      goal_step: [step("lies", 10), step("worked on", 50), step("late", null), step("told too late", 55, 61)],
    },
    ["goals"],
  );
  expect(cell(table, "goals_let_lie")).toBe(2); // the step told on day 61 is not known yet
  expect(cell(table, "goal_steps_done")).toBe(2);
  expect(cell(table, "goal_steps_done_28_days")).toBe(1);
});

test("the interval as features is the one the text gives, and is missing where the share is", async () => {
  const tries = (item: string, right: number, wrong: number): Row[] =>
    Array.from({ length: right + wrong }, (_, index) => ({
      learner: "ann",
      item,
      at: `${day(index % 50)} 10:00:0${Math.floor(index / 50)}`,
      correct: index < right ? 1 : 0,
      known_on: day(index % 50),
    }));
  const table = await build(
    {
      activity: ["game", "reading"].map((modality) => ({ activity: modality, modality })),
      response: [...tries("game", 50, 10), ...tries("reading", 12, 20)],
    },
    ["motivation", "motivation-intervals"],
  );
  const { findings } = describeMotivation(table, 0);
  expect(findings).toHaveLength(2);
  for (const { kind, what, low, high, estimate } of findings) {
    expect(cell(table, `${what}_modality_${kind.value}_low`)).toBe(low);
    expect(cell(table, `${what}_modality_${kind.value}_high`)).toBe(high);
    expect(low).toBeLessThan(estimate);
    expect(high).toBeGreaterThan(estimate);
  }
  expect(cell(table, "success_modality_video_low")).toBeNaN();
});
