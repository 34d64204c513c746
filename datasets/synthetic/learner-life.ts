import { dateOf, type SchoolYear, schoolYears } from "./calendar.ts";
import type { Bystander } from "./conduct.ts";
import type { CourseSeat } from "./coursework.ts";
import type { Curriculum } from "./curriculum.ts";
import type { ExportFiles } from "./export-files.ts";
import type { Learner, YearPlan } from "./learner.ts";
import { type ToldYear, writeLearnerRows } from "./learner-rows.ts";
import { LearnerYear } from "./learner-year.ts";
import { parameters } from "./parameters.ts";
import { Platform } from "./platform.ts";
import { planWork, type Roster, type Section, type Work } from "./roster.ts";
import { Mastery } from "./year-state.ts";

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
      const seats = [sections.mathematics, sections.english].map((section) => this.seat(learner, plan, section));
      const work = seats.map((seat) => this.weeklyWork(seat.section));
      const { curriculum, out, mastery, platform } = this;
      const bystanders = this.bystanders.get(learner.school) ?? [];
      const exit = new LearnerYear(curriculum, out, mastery, platform, learner, plan).run(seats, work, bystanders);
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
