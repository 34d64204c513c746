import { dateOf, type SchoolYear, schoolYear } from "./calendar.ts";
import type { Bystander } from "./conduct.ts";
import type { CourseSeat } from "./coursework.ts";
import { modalities, themes } from "./curriculum.ts";
import type { ExportRows } from "./export-rows.ts";
import { type Learner, modalityGain } from "./learner.ts";
import type { YearPlan } from "./learner-path.ts";
import { type Exit, type ToldYear, writeLearnerRows } from "./learner-rows.ts";
import { LearnerYear } from "./learner-year.ts";
import { parameters } from "./parameters.ts";
import type { Passage, Place, Stay } from "./place.ts";
import { Platform } from "./platform.ts";
import { writeLearnerProfile } from "./profiles/learner-profile.ts";
import { planWork, Roster, type Section, type Subject, type Work } from "./roster.ts";
import type { World } from "./world.ts";
import { Mastery } from "./year-state.ts";

const SUMMER_WEEKS = 10;
const BYSTANDERS_KEPT = 24;
const LAST_GRADE = 9;
/** The end of a stay that is not left for another district. */
const FOR_GOOD = Number.POSITIVE_INFINITY;

/** A learner's part of a year at one school. */
interface Seated {
  readonly place: Place;
  readonly sections: Record<Subject, Section>;
}

/** Where a learner spends a year. */
interface Itinerary {
  readonly stays: readonly Stay[];
  /** What this district tells of the year; undefined when it was all spent in another one. */
  readonly told: Seated | undefined;
  /** The first week it tells of. */
  readonly from: number;
}

/** Lives the learners' years, one learner after another, and tells the export what the school would know. */
export class LifeSimulator {
  private readonly world: World;
  private readonly out: ExportRows;
  private readonly roster = new Roster();
  private readonly mastery: Mastery;
  private readonly platform: Platform;
  private readonly work = new Map<string, readonly Work[][]>();
  private readonly bystanders = new Map<number, Bystander[]>();
  /** School year's number → learners enrolled in it whom the export names. */
  readonly enrolled = new Map<number, number>();

  constructor(world: World, out: ExportRows) {
    this.world = world;
    this.out = out;
    this.mastery = new Mastery(world.curriculum);
    this.platform = new Platform(world.curriculum);
  }

  /** The sections that the export names, and the pieces of work of each. */
  sections(): { readonly used: readonly Section[]; workOf(section: Section): Work[] } {
    return { used: this.roster.used(), workOf: (section) => this.weeklyWork(section).flat() };
  }

  /** All years of a learner. */
  live(learner: Learner): void {
    this.liveYears(learner, (seated) => ({ stays: [{ place: seated.place, until: FOR_GOOD }], told: seated, from: 0 }));
  }

  /** The years of a learner who goes to another district in a week of a year. */
  liveUntil(learner: Learner, year: number, week: number): void {
    this.liveYears(learner, (seated, plan) => {
      const until = plan.year === year ? week : FOR_GOOD;
      return { stays: [{ place: seated.place, until }], told: seated, from: 0 };
    });
  }

  /**
   * The years of a learner who came from another district in a week of a year: the time there is lived again, unseen.
   * @param before - the other district, and the learner as it knew them
   */
  liveFrom(learner: Learner, before: { life: LifeSimulator; learner: Learner }, year: number, week: number): void {
    this.liveYears(learner, (seated, plan) => {
      const there = before.life.seat(before.learner, plan).place;
      if (plan.year < year) return { stays: [{ place: there, until: FOR_GOOD }], told: undefined, from: 0 };
      const stays = [
        { place: there, until: week },
        { place: seated.place, until: FOR_GOOD },
      ];
      return { stays, told: seated, from: week };
    });
  }

  private liveYears(learner: Learner, itinerary: (seated: Seated, plan: YearPlan) => Itinerary): void {
    this.mastery.begin(learner);
    const told: ToldYear[] = [];
    let held = 0;
    let lived = 0;
    for (const planned of learner.plans) {
      const plan = { ...planned, grade: planned.grade - held };
      if (plan.grade > LAST_GRADE) break;
      if (lived++ > 0) this.mastery.forget(SUMMER_WEEKS);
      this.mastery.enter(plan);
      const part = itinerary(this.seat(learner, plan), plan);
      const end = new LearnerYear(this.mastery, plan, part.stays, (passage) => this.writePassage(passage, plan)).run();
      if (part.told !== undefined) told.push(this.tell(plan, part.told, part.from, end.exit));
      if (end.exit !== undefined) break; // who left does not come back
      if (end.repeats) held++;
    }
    writeLearnerRows(this.out, learner, told);
    writePreferenceTruth(this.out, learner);
    const arrived = told.filter(({ entryDay }) => entryDay <= this.out.cutoff);
    if (arrived.length > 0) writeConsent(this.out, learner, arrived[0]!.entryDay);
    if (arrived.length > 0 && this.world.options.profiles) writeLearnerProfile(this.out, learner, arrived);
    this.remember(learner, told);
  }

  private tell(plan: YearPlan, { sections }: Seated, from: number, exit: Exit | undefined): ToldYear {
    const year = schoolYear(plan.year);
    const week = Math.max(from, plan.entryWeek);
    const entryDay = week === 0 ? year.firstDay : firstSchoolDay(year, week);
    if (entryDay <= this.out.cutoff) this.enrolled.set(plan.year, (this.enrolled.get(plan.year) ?? 0) + 1);
    return { plan, sections, entryDay, exit };
  }

  private seat(learner: Learner, plan: YearPlan): Seated {
    const { world, out, platform } = this;
    const sections = this.roster.place(learner.school, plan);
    const seats = [sections.mathematics, sections.english].map((section) => courseSeat(learner, plan, section));
    const work = seats.map(({ section }) => this.weeklyWork(section));
    const bystanders = this.bystanders.get(learner.school) ?? [];
    const homeroom = sections.homeroom.id;
    return { place: { world, out, platform, learner, seats, work, bystanders, homeroom }, sections };
  }

  private weeklyWork(section: Section): readonly Work[][] {
    const key = `${section.subject}/${section.year}/${section.grade}`;
    let weeks = this.work.get(key);
    if (weeks === undefined) {
      const year = schoolYear(section.year);
      const all = planWork(section.subject, section.grade, year, this.world.curriculum);
      weeks = year.weeks.map((_, week) => all.filter((work) => work.week === week));
      this.work.set(key, weeks);
    }
    return weeks;
  }

  /** The truth about who moves between districts: the same state in the files of both. */
  private writePassage(passage: Passage, plan: YearPlan): void {
    const { learner, world } = passage.place;
    const year = schoolYear(plan.year);
    const abilities = world.curriculum.standards.map((_, k) => rounded(this.mastery.ability(k)));
    const { swing, shock } = passage.engagement;
    const state = [swing, shock, passage.momentum, passage.persistence].map(rounded);
    this.out.truth.movers.row([
      learner.index - world.options.students,
      learner.studentId,
      dateOf(year.weeks[passage.week]!.monday),
      passage.role,
      year.title,
      ...state,
      abilities.join(" "),
    ]);
  }

  /** Keeps the stays the export tells of, so that an incident never names someone unknown. */
  private remember(learner: Learner, told: readonly ToldYear[]): void {
    const list = this.bystanders.get(learner.school) ?? [];
    const stays = told.map(({ plan, entryDay, exit }) => ({
      from: entryDay,
      to: exit?.day ?? schoolYear(plan.year).lastDay,
    }));
    list.push({ studentId: learner.studentId, stays });
    if (list.length > BYSTANDERS_KEPT) list.shift();
    this.bystanders.set(learner.school, list);
  }
}

function courseSeat(learner: Learner, plan: YearPlan, section: Section): CourseSeat {
  const stream = learner.stream.derive(`teacher/${plan.year}/${section.subject}`);
  const ability = section.subject === "english" ? plan.english : plan.mathematics;
  const teacherView = parameters.teacherSpread * stream.normal();
  const habit = parameters.habitSpread * stream.normal();
  return { learner, section, year: schoolYear(plan.year), ability, teacherView, habit };
}

function firstSchoolDay(year: SchoolYear, week: number): number {
  return year.weeks.slice(week).find(({ days }) => days.length > 0)!.days[0]!;
}

/** What a learner likes, and how much each modality teaches. */
function writePreferenceTruth(out: ExportRows, learner: Learner): void {
  const gains = modalities.map((_, modality) => rounded(modalityGain(learner, modality)));
  const interests = learner.interests.map((interest) => themes[interest]!).join(" ");
  out.truth.preferences.row([learner.studentId, ...gains, interests, rounded(learner.lateness)]);
}

/** What families decided in the first weeks; most say nothing. */
function writeConsent(out: ExportRows, learner: Learner, entryDay: number): void {
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

const rounded = (value: number): number => Math.round(value * 10_000) / 10_000;
