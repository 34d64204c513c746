import type { Random } from "../../src/numeric/random.ts";
import { dateOf, type SchoolYear, schoolYears, YEAR_SHIFT } from "./calendar.ts";
import { answerSurvey, attendWeek, type Bystander, misbehave, surveyWeeks } from "./conduct.ts";
import { type CourseSeat, doWork, reportFinal } from "./coursework.ts";
import { type Curriculum, modalities } from "./curriculum.ts";
import type { ExportFiles } from "./export-files.ts";
import type { Learner, YearPlan } from "./learner.ts";
import { type Exit, type ToldYear, writeLearnerRows } from "./oneroster-rows.ts";
import { drawFinal, expectedFinal, mathematicsStanding, probabilityOffTrack, withdrawalHazard } from "./outcome.ts";
import { logistic, parameters } from "./parameters.ts";
import { Platform } from "./platform.ts";
import { planWork, type Roster, type Section, topicOf, type Work } from "./roster.ts";
import { type Engagement, Mastery, startEngagement, stepEngagement, type YearTotals } from "./year-state.ts";

const SUMMER_WEEKS = 10;
const BYSTANDERS_KEPT = 24;

/** Lives the learners' two years, one learner after another, and tells the export what the school would know. */
export class LifeSimulator {
  private readonly curriculum: Curriculum;
  private readonly out: ExportFiles;
  private readonly roster: Roster;
  private readonly mastery: Mastery;
  private readonly platform: Platform;
  private readonly work = new Map<string, readonly Work[][]>();
  private readonly bystanders = new Map<number, Bystander[]>();
  /** Learners enrolled in each year whom the export names. */
  readonly enrolled: [number, number] = [0, 0];

  constructor(curriculum: Curriculum, out: ExportFiles, roster: Roster) {
    this.curriculum = curriculum;
    this.out = out;
    this.roster = roster;
    this.mastery = new Mastery(curriculum);
    this.platform = new Platform(curriculum);
  }

  /** The pieces of work of a section. */
  workOf(section: Section): Work[] {
    return this.weeklyWork(section).flat();
  }

  /** Both years of a learner. */
  live(learner: Learner): void {
    this.mastery.begin(learner);
    const told: ToldYear[] = [];
    for (const plan of learner.plans) {
      if (told.at(-1)?.exit !== undefined) break; // who left does not come back
      if (told.length > 0) this.mastery.forget(SUMMER_WEEKS);
      this.mastery.enter(plan);
      const sections = this.roster.place(learner.school, plan);
      const year = schoolYears[plan.year];
      const entryDay = plan.entryWeek === 0 ? year.firstDay : firstSchoolDay(year, plan.entryWeek);
      const exit = new LearnerYear(this.curriculum, this.out, this.mastery, this.platform, learner, plan).run(
        [this.seat(learner, plan, sections.mathematics), this.seat(learner, plan, sections.english)],
        (section) => this.weeklyWork(section),
        this.bystanders.get(learner.school) ?? [],
      );
      told.push({ plan, sections, entryDay, exit });
      if (entryDay <= this.out.cutoff) this.enrolled[plan.year]++;
    }
    writeLearnerRows(this.out, learner, told);
    if (told[0]!.entryDay <= this.out.cutoff) writeConsent(this.out, learner, told[0]!.entryDay);
    this.remember(learner, told);
  }

  private seat(learner: Learner, plan: YearPlan, section: Section): CourseSeat {
    const stream = learner.stream.derive(`teacher/${plan.year}/${section.subject}`);
    const ability = section.subject === "english" ? plan.english : plan.mathematics;
    const teacherView = parameters.teacherSpread * stream.normal();
    const habit = parameters.habitSpread * stream.normal();
    return { learner, section, year: schoolYears[plan.year], ability, teacherView, habit };
  }

  private weeklyWork(section: Section): readonly Work[][] {
    const key = `${section.subject}/${section.year}/${section.grade}`;
    let weeks = this.work.get(key);
    if (weeks === undefined) {
      const year = schoolYears[section.year];
      const all = planWork(section.subject, section.grade, year, this.curriculum);
      weeks = year.weeks.map((_, week) => all.filter((work) => work.week === week));
      this.work.set(key, weeks);
    }
    return weeks;
  }

  /** Keeps the stays the export tells of, so that an incident never names someone unknown. */
  private remember(learner: Learner, told: readonly ToldYear[]): void {
    const list = this.bystanders.get(learner.school) ?? [];
    const stays = told.map(({ plan, entryDay, exit }) => ({
      from: entryDay,
      to: exit?.day ?? schoolYears[plan.year].lastDay,
    }));
    list.push({ studentId: learner.studentId, stays });
    if (list.length > BYSTANDERS_KEPT) list.shift();
    this.bystanders.set(learner.school, list);
  }
}

function firstSchoolDay(year: SchoolYear, week: number): number {
  return year.weeks.slice(week).find(({ days }) => days.length > 0)!.days[0]!;
}

/** What families decided in the first weeks; most say nothing. */
function writeConsent(out: ExportFiles, learner: Learner, entryDay: number): void {
  const stream = learner.stream.derive("consent");
  const u = stream.next();
  const day = entryDay + stream.integer(21);
  const decide = (purpose: string, decision: string, on: number): void => {
    if (on <= out.cutoff) out.consent.row([learner.studentId, purpose, decision, dateOf(on), "parent"]);
  };
  if (u < 0.025) decide("early-warning", "deny", day);
  else if (u < 0.045) decide("playlist", "deny", day);
  else if (u < 0.05) for (const purpose of ["early-warning", "playlist"]) decide(purpose, "deny", day);
  else if (u < 0.06) {
    decide("early-warning", "deny", day);
    decide("early-warning", "permit", day + 20);
  } else if (u < 0.1) for (const purpose of ["early-warning", "playlist"]) decide(purpose, "permit", day);
}

/** One learner in one year. */
class LearnerYear {
  private readonly curriculum: Curriculum;
  private readonly out: ExportFiles;
  private readonly mastery: Mastery;
  private readonly platform: Platform;
  private readonly learner: Learner;
  private readonly plan: YearPlan;
  private readonly year: SchoolYear;
  private readonly totals: YearTotals = { engagementSum: 0, weeks: 0, absentDays: 0, recent: [0, 0, 0, 0] };
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
  }

  run(
    seats: readonly CourseSeat[],
    workOf: (section: Section) => readonly Work[][],
    bystanders: readonly Bystander[],
  ): Exit | undefined {
    const { learner, plan, year, out } = this;
    const base = learner.stream.derive(`year/${plan.year}`);
    const topics = [
      "engagement",
      "attendance",
      "coursework",
      "platform",
      "behavior",
      "survey",
      "exit",
      "outcome",
    ] as const;
    const streams = Object.fromEntries(topics.map((topic) => [topic, base.derive(topic)])) as Record<
      (typeof topics)[number],
      Random
    >;
    const engagement = startEngagement(streams.engagement);
    const work = seats.map((seat) => workOf(seat.section));
    const reference = referenceWeek(year, out.cutoff - (plan.year === 0 ? YEAR_SHIFT : 0));
    let exit: Exit | undefined;
    for (const [index, week] of year.weeks.entries()) {
      const level = stepEngagement(engagement, plan.engagement, streams.engagement);
      if (index >= plan.entryWeek && week.days.length > 0) {
        const absent = attendWeek(learner, week, level, streams.attendance, out);
        this.count(level, absent);
        if (week.lesson >= 0) this.teach(week.lesson, level, absent / week.days.length);
        for (const [course, seat] of seats.entries()) {
          for (const piece of work[course]![index]!) {
            if (piece.category !== "final") doWork(seat, piece, level, absent, this.mastery, streams.coursework, out);
          }
        }
        const topic = topicOf(this.curriculum, plan.grade, Math.max(0, week.lesson), year.lessons);
        this.platform.useWeek(
          { learner, grade: plan.grade, week, topic, engagement: level, mastery: this.mastery, out },
          streams.platform,
        );
        misbehave(learner, week, level, streams.behavior, out, bystanders);
        if (surveyWeeks.includes(index))
          answerSurvey(learner, week, { trait: plan.engagement, engagement: level }, streams.survey, out);
        exit = this.leave(level, week.days.at(-1)!, streams.exit);
      }
      this.mastery.forget(1);
      if (exit !== undefined) break;
      if (index === reference && index >= plan.entryWeek) this.look(index, engagement, base.derive("oracle"));
    }
    this.finish(seats, exit, streams.outcome);
    return exit;
  }

  private count(level: number, absent: number): void {
    const { totals } = this;
    totals.engagementSum += level;
    totals.weeks++;
    totals.absentDays += absent;
    totals.recent.shift();
    totals.recent.push(absent);
  }

  private teach(lesson: number, level: number, absentShare: number): void {
    const topic = topicOf(this.curriculum, this.plan.grade, lesson, this.year.lessons);
    this.mastery.learn(topic, parameters.classTeaching * (1 - absentShare) * logistic(0.5 + 0.7 * level));
  }

  private leave(level: number, day: number, stream: Random): Exit | undefined {
    const absent = this.totals.recent.reduce((sum, days) => sum + days, 0);
    const [u, v] = [stream.next(), stream.next()];
    if (u < withdrawalHazard(level, absent, this.plan.grade)) return { day, kind: "withdrawal" };
    return v < parameters.transferChance ? { day, kind: "transfer" } : undefined;
  }

  /** The reference day has come: what an oracle would say, and, in the second year, what the learner can do. */
  private look(index: number, engagement: Engagement, stream: Random): void {
    const { learner, plan, totals, year } = this;
    const expectedLearned = this.expectedLearned(index);
    this.probability = probabilityOffTrack(
      { learner, plan, engagement, totals, expectedLearned, rest: year.weeks.slice(index + 1) },
      stream,
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

  private finish(seats: readonly CourseSeat[], exit: Exit | undefined, stream: Random): void {
    const { learner, plan, totals } = this;
    const standing = mathematicsStanding(plan.mathematics, this.mastery.meanLearned(plan.grade));
    const mean = totals.engagementSum / Math.max(1, totals.weeks);
    const marks = [standing, plan.english].map((ability) =>
      drawFinal(expectedFinal(ability, plan.unseen, mean, totals.absentDays), stream),
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
