import type { Random } from "../../src/numeric/random.ts";
import { CURRENT_YEAR, type SchoolWeek, type SchoolYear, sameDayIn, schoolYear } from "./calendar.ts";
import { answerSurvey, attendWeek, misbehave, surveyWeeks } from "./conduct.ts";
import { doWork } from "./coursework.ts";
import { ASSIGNMENT_WEEK } from "./interventions.ts";
import type { YearPlan } from "./learner-path.ts";
import type { Exit } from "./learner-rows.ts";
import { mathematicsAtYearEnd, probabilityOffTrack, withdrawalHazard } from "./outcome.ts";
import { logistic, parameters } from "./parameters.ts";
import type { Passage, Place, Stay } from "./place.ts";
import type { SessionTotals } from "./platform.ts";
import { YearProfile } from "./profiles/year-profile.ts";
import { topicOf } from "./roster.ts";
import { finishYear, type YearEnd } from "./year-end.ts";
import { type Engagement, type Mastery, startEngagement, stepEngagement, type YearTotals } from "./year-state.ts";
import { YearStudy } from "./year-study.ts";

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
  "study",
  "promotion",
] as const;

/** One learner in one year. */
export class LearnerYear {
  private readonly mastery: Mastery;
  private readonly plan: YearPlan;
  private readonly year: SchoolYear;
  private readonly stays: readonly Stay[];
  private readonly onPassage: (passage: Passage) => void;
  private readonly totals: YearTotals = {
    engagementSum: 0,
    weeks: 0,
    absentDays: 0,
    recent: [0, 0, 0, 0],
    daysHere: 0,
    absentHere: 0,
  };
  /** One stream per topic, so that a change in one leaves the others as they were. */
  private readonly streams: Readonly<Record<(typeof topics)[number], Random>>;
  private readonly study: YearStudy | undefined;
  private readonly profile: YearProfile | undefined;
  private place: Place;
  private momentum = 0;
  private probability = Number.NaN;

  /**
   * @param stays - in the order of their weeks; a learner who stays to the end has one that goes beyond the last week
   * @param onPassage - told when the learner moves between districts
   */
  constructor(mastery: Mastery, plan: YearPlan, stays: readonly Stay[], onPassage: (passage: Passage) => void) {
    this.mastery = mastery;
    this.plan = plan;
    this.stays = stays;
    this.onPassage = onPassage;
    this.year = schoolYear(plan.year);
    this.place = stays[0]!.place;
    const { world, learner, homeroom } = stays.at(-1)!.place;
    const base = learner.stream.derive(`year/${plan.year}`);
    this.streams = Object.fromEntries(topics.map((topic) => [topic, base.derive(topic)])) as typeof this.streams;
    const { out } = stays.at(-1)!.place;
    const { interventions, profiles } = world.options;
    if (interventions && learner.stateId === undefined)
      this.study = new YearStudy({ world, learner, plan, year: this.year, homeroom, out }, this.streams.study);
    if (profiles)
      this.profile = new YearProfile({ world, learner, plan, year: this.year, mastery, out }, base.derive("profile"));
  }

  /** Lives the year; returns how it ended. */
  run(): YearEnd {
    const { plan, year, stays } = this;
    const engagement = startEngagement(this.streams.engagement);
    const reference = referenceWeek(year, this.place.out.cutoff);
    let exit: Exit | undefined;
    for (const [index, week] of year.weeks.entries()) {
      const stay = stays.find(({ until }) => index < until);
      if (stay?.place !== this.place) this.pass(index, engagement, stay);
      if (stay === undefined) {
        exit = { day: lastSchoolDay(year, index), kind: "transfer" };
        break;
      }
      this.place = stay.place;
      const level = stepEngagement(engagement, plan.engagement, this.streams.engagement);
      if (index < plan.entryWeek)
        this.teach(week, level, 0); // at another school
      else if (week.days.length > 0) exit = this.week(index, level);
      this.mastery.forget(1);
      if (exit !== undefined) break;
      if (index === reference && index >= plan.entryWeek && stay === stays.at(-1)) this.look(index, engagement);
    }
    const { mastery, totals, place, probability, study, streams } = this;
    const end = finishYear({ plan, year, mastery, totals, place, probability, study, exit, streams });
    this.profile?.end(end);
    return end;
  }

  private pass(week: number, { swing, shock }: Engagement, next: Stay | undefined): void {
    const { momentum, plan } = this;
    const [place, role] = next === undefined ? [this.place, "origin" as const] : [next.place, "destination" as const];
    this.onPassage({ place, role, week, engagement: { swing, shock }, momentum, persistence: plan.persistence });
    this.totals.daysHere = 0;
    this.totals.absentHere = 0;
  }

  private week(index: number, level: number): Exit | undefined {
    const { plan, mastery, streams, place } = this;
    const { learner, world, out, platform, bystanders } = place;
    const week = this.year.weeks[index]!;
    const absent = attendWeek(world, learner, week, level, streams.attendance, out);
    this.count(level, absent, week.days.length);
    this.teach(week, level, absent / week.days.length);
    const persistence = plan.persistence + this.momentum;
    this.study?.give(index, week, level, absent);
    this.work(index, level, persistence, absent);
    const topic = topicOf(world.curriculum, plan.grade, Math.max(0, week.lesson), this.year.lessons);
    const visit = { world, learner, grade: plan.grade, week, topic, engagement: level, persistence, mastery, out };
    const sessions = platform.useWeek(visit, streams.platform);
    misbehave(learner, week, level, streams.behavior, out, bystanders);
    const levels = { trait: plan.engagement, engagement: level, persistence };
    if (surveyWeeks.includes(index)) answerSurvey(learner, week, levels, streams.survey, out);
    if (index === ASSIGNMENT_WEEK && plan.entryWeek <= index) this.study?.assign(week, level);
    if (place === this.stays.at(-1)!.place)
      this.profile?.week({ index, week, topic, levels, absent, points: this.study?.points() ?? 0 });
    this.learnToPersist(sessions);
    return this.leave(level, week.days.at(-1)!);
  }

  private work(index: number, engagement: number, persistence: number, absentDays: number): void {
    const { place, mastery, streams } = this;
    const points = this.study?.points() ?? 0;
    const state = { engagement, persistence, absentDays, points };
    for (const [course, seat] of place.seats.entries()) {
      for (const piece of place.work[course]![index]!) {
        if (piece.category === "final") continue;
        const score = doWork(place.world, seat, piece, state, mastery, streams.coursework, place.out);
        this.profile?.marked(seat, piece, score);
      }
    }
  }

  private count(level: number, absent: number, days: number): void {
    const { totals } = this;
    totals.engagementSum += level;
    totals.weeks++;
    totals.absentDays += absent;
    totals.daysHere += days;
    totals.absentHere += absent;
    totals.recent.shift();
    totals.recent.push(absent);
  }

  /** Success this week makes persisting more likely next week, failure less. */
  private learnToPersist({ answers, right }: SessionTotals): void {
    const { momentumMemory, momentumGain, momentumReference } = parameters;
    const surprise = answers < 5 ? 0 : right / answers - momentumReference;
    this.momentum = momentumMemory * this.momentum + momentumGain * surprise;
  }

  private teach(week: SchoolWeek, level: number, absentShare: number): void {
    if (week.lesson < 0) return;
    const topic = topicOf(this.place.world.curriculum, this.plan.grade, week.lesson, this.year.lessons);
    this.mastery.learn(topic, parameters.classTeaching * (1 - absentShare) * logistic(0.5 + 0.7 * level));
  }

  private leave(level: number, day: number): Exit | undefined {
    const absent = this.totals.recent.reduce((sum, days) => sum + days, 0);
    const [u, v] = [this.streams.exit.next(), this.streams.exit.next()];
    if (this.place.learner.stateId !== undefined) return undefined; // who moves between two districts leaves in no other way
    if (u < withdrawalHazard(level, absent, this.plan.grade)) return { day, kind: "withdrawal" };
    return v < parameters.transferChance ? { day, kind: "transfer" } : undefined;
  }

  /** The reference day has come: what an oracle would say, and, in the year under way, what the learner can do. */
  private look(index: number, engagement: Engagement): void {
    const { plan, totals, year, mastery, place } = this;
    const { learner, world, out } = place;
    const expectedLearned = mathematicsAtYearEnd(world.curriculum, mastery, plan, year, index);
    const expectedPoints = this.study?.expectedPoints(index) ?? 0;
    const rest = year.weeks.slice(index + 1);
    this.probability = probabilityOffTrack(
      { learner, plan, engagement, totals, expectedLearned, expectedPoints, rest },
      this.streams.oracle,
    );
    if (plan.year < CURRENT_YEAR) return;
    for (const [k, standard] of world.curriculum.standards.entries()) {
      const ability = mastery.ability(k);
      const mastered = ability >= parameters.masteredFrom ? 1 : 0;
      out.truth.abilities.row([learner.studentId, standard.code, rounded(ability), mastered]);
    }
  }
}

/** The last week of a year that is over by the day of the export, or by the same day of that year; −1 before the first. */
function referenceWeek(year: SchoolYear, cutoff: number): number {
  const day = sameDayIn(year.number, cutoff);
  return year.weeks.findLastIndex((week) => week.monday + 4 <= day);
}

function lastSchoolDay(year: SchoolYear, before: number): number {
  return year.weeks
    .slice(0, before)
    .findLast(({ days }) => days.length > 0)!
    .days.at(-1)!;
}

const rounded = (value: number): number => Math.round(value * 10_000) / 10_000;
