import type { Random } from "../../../src/numeric/random.ts";
import { dateOf } from "../calendar.ts";
import { clamp, logistic, normalBelow } from "../parameters.ts";
import type { Row } from "../row-buffer.ts";
import type { WeekView, YearContext } from "./year-context.ts";

/**
 * Weeks of the benchmark test with the scale score of the middle learner, and the ability (logits, on the standards of
 * the grade and the one before) that learner has by then; abilities measured with 3,000 learners of four years.
 */
const windows = new Map([
  [3, { name: "fall", middle: 200, ability: -0.27 }],
  [21, { name: "winter", middle: 206, ability: 0.14 }],
  [36, { name: "spring", middle: 212, ability: 0.47 }],
]);
const spring = { middle: 212, ability: 0.47 };
const STATE_TEST_WEEK = 38;
/** Scale points of a logit, and of the spread between learners. */
const POINTS_PER_LOGIT = 20;
const SPREAD = 25;
const STANDARD_ERROR = 5;
/** Scale points of one point of the final mark that an intervention gives. */
const POINTS_PER_MARK = 1.2;
const STANDARDS_TESTED = 4;

interface Test {
  readonly id: string;
  readonly title: string;
  readonly subject: "math" | "english";
  readonly family: "interim" | "summative";
  readonly middle: number;
  /** Ability of the middle learner, logits. */
  readonly ability: number;
  readonly day: number;
  readonly recorded: number;
}

/** Benchmark tests three times a year with skill areas and standards, and a state test whose results come in summer. */
export class Assessments {
  private readonly context: YearContext;
  private readonly stream: Random;

  constructor(context: YearContext, stream: Random) {
    this.context = context;
    this.stream = stream;
  }

  /** The tests of a week. */
  week(view: WeekView): void {
    const { year, plan } = this.context;
    const window = windows.get(view.index);
    if (window === undefined && view.index !== STATE_TEST_WEEK) return;
    const day = view.week.days[this.stream.integer(view.week.days.length)]!;
    for (const subject of ["math", "english"] as const) {
      const name = subject === "math" ? "Mathematics" : "English";
      const missed = this.stream.next() < 0.04 + 0.1 * view.absent;
      const lag = this.stream.integer(8);
      if (missed) continue;
      if (window === undefined) {
        const recorded = year.lastDay + 30 + lag;
        const title = `State test ${name} grade ${plan.grade}`;
        const id = `state-${year.ends}-${subject}-${plan.grade}`;
        this.take({ id, title, subject, family: "summative", ...spring, day, recorded }, view);
      } else {
        const id = `bench-${year.ends}-${window.name}-${subject}-${plan.grade}`;
        const title = `Benchmark ${name} ${window.name}`;
        const { middle, ability } = window;
        this.take({ id, title, subject, family: "interim", middle, ability, day, recorded: day + lag }, view);
      }
    }
  }

  private take(test: Test, { levels, points }: WeekView): void {
    const rushed = this.stream.next() < logistic(-3.4 - 0.9 * levels.engagement);
    const ability =
      test.subject === "math"
        ? this.mathematics(test) + (POINTS_PER_MARK * points) / POINTS_PER_LOGIT
        : this.context.plan.english;
    const noise = STANDARD_ERROR * (rushed ? 2 : 1) * this.stream.normal();
    const score = Math.round(test.middle + POINTS_PER_LOGIT * ability + noise - (rushed ? 15 : 0));
    this.row(test, "", score, rushed ? 2 * STANDARD_ERROR : STANDARD_ERROR, rushed, ["", "", ""]);
    if (test.subject === "math" && test.family === "interim") this.parts(test, rushed);
  }

  /** Ability as the test sees it, logits from the middle learner of that week. */
  private mathematics(test: Test): number {
    const { world, plan, mastery } = this.context;
    const own = [...world.curriculum.byGrade.get(plan.grade - 1)!, ...world.curriculum.byGrade.get(plan.grade)!];
    let sum = 0;
    for (const k of own) sum += mastery.ability(k);
    return sum / own.length - test.ability;
  }

  private parts(test: Test, rushed: boolean): void {
    const { world, plan, mastery } = this.context;
    const { standards, byGrade } = world.curriculum;
    const own = byGrade.get(plan.grade)!;
    const areas = new Map<string, number[]>();
    for (const k of own) {
      const area = standards[k]!.code.split(".")[1]!;
      areas.set(area, [...(areas.get(area) ?? []), k]);
    }
    for (const [area, list] of areas) {
      const mean = list.reduce((sum, k) => sum + mastery.ability(k), 0) / list.length;
      const score = Math.round(200 + POINTS_PER_LOGIT * mean + 2 * STANDARD_ERROR * this.stream.normal());
      this.row(test, "", score, 2 * STANDARD_ERROR, rushed, [area, "skill-area", ""]);
    }
    for (let index = 0; index < STANDARDS_TESTED; index++) {
      const k = own[Math.floor(((index + 0.5) * own.length) / STANDARDS_TESTED)]!;
      let right = 0;
      for (let item = 0; item < 6; item++)
        if (this.stream.next() < (rushed ? 0.25 : 0.15 + 0.8 * logistic(mastery.ability(k)))) right++;
      const { code } = standards[k]!;
      this.row(test, "percent", Math.round((100 * right) / 6), "", rushed, [code, "standard", code]);
    }
  }

  private row(test: Test, kind: string, score: number, error: number | "", rushed: boolean, part: Row): void {
    const { learner, out } = this.context;
    if (test.recorded > out.cutoff) return;
    const percentile = Math.round(clamp(100 * normalBelow((score - test.middle) / SPREAD), 1, 99));
    const whole = part[0] === "";
    const level = percentile >= 75 ? "4" : percentile >= 50 ? "3" : percentile >= 25 ? "2" : "1";
    out.profiles.assessments.row([
      learner.studentId,
      test.id,
      test.title,
      test.subject,
      test.family,
      dateOf(test.day),
      score,
      kind === "" ? "scale" : kind,
      error,
      whole ? percentile : "",
      whole ? level : "",
      rushed ? "rushed" : "valid",
      ...part,
      dateOf(test.recorded),
    ]);
  }
}
