import type { Random } from "../../src/numeric/random.ts";
import { dateOf, type SchoolWeek, type SchoolYear, schoolYears, YEAR_SHIFT } from "./calendar.ts";
import { answerSurvey, attendWeek, type Bystander, misbehave, surveyWeeks } from "./conduct.ts";
import { type CourseSeat, doWork, reportFinal } from "./coursework.ts";
import { type Curriculum, modalities } from "./curriculum.ts";
import type { ExportFiles } from "./export-files.ts";
import type { Learner, YearPlan } from "./learner.ts";
import type { Exit } from "./learner-rows.ts";
import { drawFinal, expectedFinal, mathematicsStanding, probabilityOffTrack, withdrawalHazard } from "./outcome.ts";
import { logistic, parameters } from "./parameters.ts";
import type { Platform } from "./platform.ts";
import { topicOf, type Work } from "./roster.ts";
import { type Engagement, type Mastery, startEngagement, stepEngagement, type YearTotals } from "./year-state.ts";

const topics = [
  "engagement",
  "attendance",
  "coursework",
  "platform",
  "behavior",
  "survey",
  "exit",
  "outcome",
  "oracle",
] as const;

/** One learner in one year. */
export class LearnerYear {
  private readonly curriculum: Curriculum;
  private readonly out: ExportFiles;
  private readonly mastery: Mastery;
  private readonly platform: Platform;
  private readonly learner: Learner;
  private readonly plan: YearPlan;
  private readonly year: SchoolYear;
  private readonly totals: YearTotals = { engagementSum: 0, weeks: 0, absentDays: 0, recent: [0, 0, 0, 0] };
  /** One stream per topic, so that a change in one leaves the others as they were. */
  private readonly streams: Readonly<Record<(typeof topics)[number], Random>>;
  private probability = Number.NaN;

  constructor(
    curriculum: Curriculum,
    out: ExportFiles,
    mastery: Mastery,
    platform: Platform,
    learner: Learner,
    plan: YearPlan,
  ) {
    this.curriculum = curriculum;
    this.out = out;
    this.mastery = mastery;
    this.platform = platform;
    this.learner = learner;
    this.plan = plan;
    this.year = schoolYears[plan.year];
    const base = learner.stream.derive(`year/${plan.year}`);
    this.streams = Object.fromEntries(topics.map((topic) => [topic, base.derive(topic)])) as typeof this.streams;
  }

  /** Lives the year; returns how it ended early, if it did. */
  run(
    seats: readonly CourseSeat[],
    work: readonly (readonly Work[][])[],
    bystanders: readonly Bystander[],
  ): Exit | undefined {
    const { plan, year } = this;
    const engagement = startEngagement(this.streams.engagement);
    const reference = referenceWeek(year, this.out.cutoff - (plan.year === 0 ? YEAR_SHIFT : 0));
    let exit: Exit | undefined;
    for (const [index, week] of year.weeks.entries()) {
      const level = stepEngagement(engagement, plan.engagement, this.streams.engagement);
      if (index < plan.entryWeek)
        this.teach(week, level, 0); // at another school
      else if (week.days.length > 0) exit = this.week(index, level, seats, work, bystanders);
      this.mastery.forget(1);
      if (exit !== undefined) break;
      if (index === reference && index >= plan.entryWeek) this.look(index, engagement);
    }
    this.finish(seats, exit);
    return exit;
  }

  private week(
    index: number,
    level: number,
    seats: readonly CourseSeat[],
    work: readonly (readonly Work[][])[],
    bystanders: readonly Bystander[],
  ): Exit | undefined {
    const { learner, plan, out, mastery, streams } = this;
    const week = this.year.weeks[index]!;
    const absent = attendWeek(learner, week, level, streams.attendance, out);
    this.count(level, absent);
    this.teach(week, level, absent / week.days.length);
    for (const [course, seat] of seats.entries()) {
      for (const piece of work[course]![index]!) {
        if (piece.category !== "final") doWork(seat, piece, level, absent, mastery, streams.coursework, out);
      }
    }
    const topic = topicOf(this.curriculum, plan.grade, Math.max(0, week.lesson), this.year.lessons);
    this.platform.useWeek(
      { learner, grade: plan.grade, week, topic, engagement: level, mastery, out },
      streams.platform,
    );
    misbehave(learner, week, level, streams.behavior, out, bystanders);
    const levels = { trait: plan.engagement, engagement: level };
    if (surveyWeeks.includes(index)) answerSurvey(learner, week, levels, streams.survey, out);
    return this.leave(level, week.days.at(-1)!);
  }

  private count(level: number, absent: number): void {
    const { totals } = this;
    totals.engagementSum += level;
    totals.weeks++;
    totals.absentDays += absent;
    totals.recent.shift();
    totals.recent.push(absent);
  }

  private teach(week: SchoolWeek, level: number, absentShare: number): void {
    if (week.lesson < 0) return;
    const topic = topicOf(this.curriculum, this.plan.grade, week.lesson, this.year.lessons);
    this.mastery.learn(topic, parameters.classTeaching * (1 - absentShare) * logistic(0.5 + 0.7 * level));
  }

  private leave(level: number, day: number): Exit | undefined {
    const absent = this.totals.recent.reduce((sum, days) => sum + days, 0);
    const [u, v] = [this.streams.exit.next(), this.streams.exit.next()];
    if (u < withdrawalHazard(level, absent, this.plan.grade)) return { day, kind: "withdrawal" };
    return v < parameters.transferChance ? { day, kind: "transfer" } : undefined;
  }

  /** The reference day has come: what an oracle would say, and, in the second year, what the learner can do. */
  private look(index: number, engagement: Engagement): void {
    const { learner, plan, totals, year } = this;
    const expectedLearned = this.expectedLearned(index);
    this.probability = probabilityOffTrack(
      { learner, plan, engagement, totals, expectedLearned, rest: year.weeks.slice(index + 1) },
      this.streams.oracle,
    );
    if (plan.year === 0) return;
    for (const [k, standard] of this.curriculum.standards.entries()) {
      const ability = this.mastery.ability(k);
      const mastered = ability >= parameters.masteredFrom ? 1 : 0;
      this.out.truth.abilities.row([learner.studentId, standard.code, rounded(ability), mastered]);
    }
  }

  /** Mean learned amount at the year's end, if class goes on as the learner's engagement trait lets expect. */
  private expectedLearned(index: number): number {
    const { year, plan } = this;
    const own = this.curriculum.byGrade.get(plan.grade)!;
    const share = parameters.classTeaching * 0.95 * logistic(0.5 + 0.7 * plan.engagement) + 0.06; // 0.06: the platform
    const kept = (1 - parameters.forgetting) ** (year.weeks.length - index - 1);
    let sum = 0;
    for (const [position, k] of own.entries()) {
      let lessons = 0;
      for (const week of year.weeks.slice(index + 1)) {
        if (week.lesson >= 0 && Math.floor((week.lesson * own.length) / year.lessons) === position) lessons++;
      }
      const now = this.mastery.learned[k]!;
      const taught = parameters.learned - (parameters.learned - now) * (1 - share * this.mastery.gate(k)) ** lessons;
      const floor = parameters.forgettingFloor;
      sum += lessons === 0 && taught > floor ? floor + (taught - floor) * kept : taught;
    }
    return sum / own.length;
  }

  private finish(seats: readonly CourseSeat[], exit: Exit | undefined): void {
    const { learner, plan, totals } = this;
    const standing = mathematicsStanding(plan.mathematics, this.mastery.meanLearned(plan.grade));
    const mean = totals.engagementSum / Math.max(1, totals.weeks);
    const marks = [standing, plan.english].map((ability) =>
      drawFinal(expectedFinal(ability, plan.unseen, mean, totals.absentDays), this.streams.outcome),
    );
    if (exit === undefined) for (const [course, seat] of seats.entries()) reportFinal(seat, marks[course]!, this.out);
    const failed = marks.some((mark) => mark < parameters.pass);
    const offTrack = exit === undefined ? Number(failed) : exit.kind === "withdrawal" ? 1 : "";
    const known = exit === undefined ? marks : ["", ""];
    const probability = Number.isNaN(this.probability) ? "" : rounded(this.probability);
    const traits = [rounded(plan.mathematics), rounded(plan.engagement), rounded(learner.persistence)];
    const left = [exit?.kind ?? "", exit === undefined ? "" : dateOf(exit.day)];
    this.out.truth.learners.row([
      learner.studentId,
      this.year.title,
      ...traits,
      probability,
      offTrack,
      ...left,
      modalities[learner.modality]!,
      ...known,
    ]);
  }
}

/** The last week that is over by a day (its Friday has passed); −1 before the first. */
function referenceWeek(year: SchoolYear, day: number): number {
  return year.weeks.findLastIndex((week) => week.monday + 4 <= day);
}

const rounded = (value: number): number => Math.round(value * 10_000) / 10_000;
