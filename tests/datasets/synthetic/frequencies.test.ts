import { parse } from "csv-parse/sync";
import { expect, test } from "vitest";
import { schoolYear } from "../../../datasets/synthetic/calendar.ts";
import { answerSurvey, attendWeek, misbehave } from "../../../datasets/synthetic/conduct.ts";
import { flatColumns } from "../../../datasets/synthetic/export-columns.ts";
import { openRows } from "../../../datasets/synthetic/export-rows.ts";
import { drawLearner, type Learner, modalityGain } from "../../../datasets/synthetic/learner.ts";
import { logistic } from "../../../datasets/synthetic/parameters.ts";
import { Platform } from "../../../datasets/synthetic/platform.ts";
import { World } from "../../../datasets/synthetic/world.ts";
import { Mastery } from "../../../datasets/synthetic/year-state.ts";
import { random } from "../../../src/numeric/random.ts";
import type { Cells } from "./read-district.ts";

// Each rule of conduct is drawn many times in one state; every share is held against its equation, with a bound of four
// standard errors, so that one of these tests fails by chance about once in 15,000 changes of the seed.
const WEEKS = 6000;
const options = {
  seed: "frequencies",
  students: 1000,
  finishedYears: 1,
  profiles: true,
  interventions: true,
  drift: false,
};
const world = new World({ ...options, cutoff: schoolYear(1).lastDay + 60 });
const week = schoolYear(0).weeks[3]!;
const learner: Learner = {
  ...drawLearner(world.seed, 7, 1000),
  illness: 0.4,
  temper: 0.9,
  school: 0,
  race: 0,
  lateness: 0.5,
};
const engagement = -0.8;

function rowsOf(file: keyof typeof flatColumns, act: (out: ReturnType<typeof openRows>) => void): Cells[] {
  const out = openRows(world.options.cutoff, world.districtCode, world.curriculum);
  for (let index = 0; index < WEEKS; index++) act(out);
  const text = Buffer.from(out[file].take().bytes).toString("utf8");
  return parse(`${flatColumns[file]}\n${text}`, { columns: true });
}

const share = (rows: readonly Cells[], of: (row: Cells) => boolean, all: number): number =>
  rows.filter(of).length / all;
const bound = (chance: number, n: number): number => 4 * Math.sqrt((chance * (1 - chance)) / n);

test("attendance: absent, tardy, partial, excused and late entries", () => {
  const stream = random("attendance");
  const days = WEEKS * week.days.length;
  let absent = 0;
  const rows = rowsOf("attendance", (out) => {
    absent += attendWeek(world, learner, week, engagement, stream, out);
  });
  const chances = { absent: -3.3 + 0.6 + 0.4, tardy: -3.9 + 0.48, partial: -4.8 + 0.24 };
  for (const [category, logit] of Object.entries(chances)) {
    const chance = logistic(logit);
    expect(Math.abs(share(rows, (row) => row.category === category, days) - chance), category).toBeLessThan(
      bound(chance, days),
    );
  }
  expect(absent).toBe(rows.filter((row) => row.category === "absent").length);
  const excused = logistic(0.9 - 0.56);
  expect(Math.abs(share(rows, (row) => row.excused === "true", rows.length) - excused)).toBeLessThan(
    bound(excused, rows.length),
  );
  const late = share(rows, (row) => row.recorded_on! > row.date!, rows.length);
  expect(Math.abs(late - 0.08)).toBeLessThan(bound(0.08, rows.length));
});

test("incidents: as many as the rate says, a fifth of conduct suspended, half for the group in the biased school", () => {
  const act = (one: Learner): Cells[] => {
    const stream = random("behavior");
    return rowsOf("behavior", (out) => misbehave(one, week, engagement, stream, out, [])).filter(
      (row) => row.participation === "perpetrator",
    );
  };
  const chance = 1 - Math.exp(-Math.exp(-4.1 + 0.6 + 0.9));
  const rows = act(learner);
  expect(Math.abs(rows.length / WEEKS - chance)).toBeLessThan(bound(chance, WEEKS));
  const suspended = (of: Cells[]): [rate: number, n: number] => {
    const conduct = of.filter((row) => row.severity === "conduct");
    return [share(conduct, (row) => row.action === "out-of-school-suspension", conduct.length), conduct.length];
  };
  for (const [one, expected] of [
    [learner, 0.2],
    [{ ...learner, race: 1 }, 0.2],
    [{ ...learner, school: 1 }, 0.2],
    [{ ...learner, school: 1, race: 1 }, 0.5],
  ] as const) {
    const [rate, n] = suspended(act(one));
    expect(Math.abs(rate - expected)).toBeLessThan(bound(expected, n));
  }
});

test("surveys: answers centre on 3.3 + 0.7·trait, and are given as often as said", () => {
  const stream = random("survey");
  const levels = { trait: 0.5, engagement, persistence: -1 };
  const rows = rowsOf("survey", (out) => answerSurvey(learner, week, levels, stream, out));
  const given = 0.97 * logistic(2 + 0.5 * engagement);
  expect(Math.abs(rows.length / (12 * WEEKS) - given)).toBeLessThan(bound(given, WEEKS)); // items of a day go together
  for (const [scale, trait] of [
    ["persistence", -1],
    ["self-management", 0.5],
  ] as const) {
    const answers = rows.filter((row) => row.scale === scale).map((row) => Number(row.answer));
    const mean = answers.reduce((sum, answer) => sum + answer, 0) / answers.length;
    expect(Math.abs(mean - (3.3 + 0.7 * trait)), scale).toBeLessThan(0.06); // clamping to 1 … 5 takes a little
  }
});

test("the platform: sessions a week, and right answers counted as they are written", () => {
  const platform = new Platform(world.curriculum);
  const mastery = new Mastery(world.curriculum);
  const stream = random("platform");
  const plan = { ...learner.plans[0]!, grade: 7 };
  const topic = world.curriculum.byGrade.get(7)![2]!;
  const visits = 400;
  const out = openRows(world.options.cutoff, world.districtCode, world.curriculum);
  let [answers, right] = [0, 0];
  for (let visit = 0; visit < visits; visit++) {
    mastery.begin({ ...learner, plans: [plan] }); // the same state each week
    mastery.enter(plan);
    const state = { world, learner, grade: 7, week, topic, engagement, persistence: 0, mastery, out };
    const totals = platform.useWeek(state, stream);
    answers += totals.answers;
    right += totals.right;
  }
  const mean = Math.exp(-0.1 + 0.35 * engagement);
  const { bytes, rows: sessions } = out.caliper.take();
  expect(Math.abs(sessions / visits - mean)).toBeLessThan(4 * Math.sqrt(mean / visits) + 0.01); // at most four a week
  const written = Buffer.from(out.responses.take().bytes).toString("utf8").trim().split("\n");
  expect(written).toHaveLength(answers);
  expect(written.filter((line) => line.split(",")[4] === "1")).toHaveLength(right);
  const seconds = [
    ...Buffer.from(bytes)
      .toString("utf8")
      .matchAll(/"duration":"PT(\d+)S"/g),
  ].map((match) => Number(match[1]));
  expect(seconds.length).toBeGreaterThan(visits * 0.2);
});

test("what a modality teaches: 1.6 times as much when preferred, with a spread of 0.15 of its logarithm", () => {
  const logs = Array.from({ length: 800 }, (_, index) => {
    const one = drawLearner(world.seed, index, 1000);
    return [0, 1, 2, 3, 4].map(
      (modality) => [modality === one.modality, Math.log(modalityGain(one, modality))] as const,
    );
  }).flat();
  for (const preferred of [true, false]) {
    const own = logs.filter(([is]) => is === preferred).map(([, log]) => log - (preferred ? Math.log(1.6) : 0));
    const middle = own.reduce((sum, log) => sum + log, 0) / own.length;
    const spread = Math.sqrt(own.reduce((sum, log) => sum + log * log, 0) / own.length);
    expect(Math.abs(middle)).toBeLessThan((4 * 0.15) / Math.sqrt(own.length));
    expect(Math.abs(spread - 0.15)).toBeLessThan((4 * 0.15) / Math.sqrt(2 * own.length));
  }
});
