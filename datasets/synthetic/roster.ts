import { type SchoolYear, schoolYear } from "./calendar.ts";
import type { Curriculum } from "./curriculum.ts";
import type { YearPlan } from "./learner-path.ts";

/** The three kinds of class every learner has. */
export const subjects = ["homeroom", "mathematics", "english"] as const;

/** One of {@link subjects}. */
export type Subject = (typeof subjects)[number];

/** A class in one school year. */
export interface Section {
  readonly id: string;
  readonly subject: Subject;
  /** Number of the school year. */
  readonly year: number;
  readonly school: number;
  readonly grade: number;
  /** Number within school, grade and subject, from 0. */
  readonly group: number;
  /** The OneRoster id of who teaches it; a homeroom teacher also teaches its mathematics. */
  readonly teacher: string;
  /** Whether the export names a learner in it. */
  used: boolean;
}

/** A piece of work every learner of a course and grade gets. */
export interface Work {
  /** What follows the section's id in the id of the line item, such as hw03. */
  readonly suffix: string;
  readonly title: string;
  readonly category: "homework" | "quiz" | "exam" | "final";
  readonly assignDay: number;
  readonly dueDay: number;
  /** Week of the year in which it is due. */
  readonly week: number;
  readonly semester: 1 | 2;
  /** The standard a mathematics quiz is on; −1 otherwise. */
  readonly standard: number;
}

const LEARNERS_PER_SECTION = 25;

/** Puts learners into sections as they come, so that a section depends only on the learners before. */
export class Roster {
  private readonly ranks = new Map<string, number>();
  private readonly sections = new Map<string, Section>();

  /** The homeroom, mathematics and English section of the next learner of a school, year and grade. */
  place(school: number, plan: YearPlan): Record<Subject, Section> {
    const key = `${plan.year}/${school}/${plan.grade}`;
    const rank = this.ranks.get(key) ?? 0;
    this.ranks.set(key, rank + 1);
    const straight = Math.floor(rank / LEARNERS_PER_SECTION);
    const mixed = 2 * Math.floor(rank / (2 * LEARNERS_PER_SECTION)) + (rank % 2); // other classmates in English
    return {
      homeroom: this.section("homeroom", school, plan, straight),
      mathematics: this.section("mathematics", school, plan, straight),
      english: this.section("english", school, plan, mixed),
    };
  }

  /** Every section the export names, in the order of their first learner. */
  used(): Section[] {
    return [...this.sections.values()].filter((section) => section.used);
  }

  private section(subject: Subject, school: number, plan: YearPlan, group: number): Section {
    const code = subject === "homeroom" ? "home" : subject === "mathematics" ? "math" : "ela";
    const id = `cls-${schoolYear(plan.year).ends}-s${school + 1}-g${plan.grade}-${code}-${group + 1}`;
    let section = this.sections.get(id);
    if (section === undefined) {
      const role = subject === "english" ? "e" : "m";
      const teacher = `tch-s${school + 1}-g${plan.grade}-${role}${group + 1}`;
      section = { id, subject, year: plan.year, school, grade: plan.grade, group, teacher, used: false };
      this.sections.set(id, section);
    }
    return section;
  }
}

/** The standard taught in lesson week `lesson`: the grade's standards in order, about equally long each. */
export function topicOf(curriculum: Curriculum, grade: number, lesson: number, lessons: number): number {
  const own = curriculum.byGrade.get(grade)!;
  return own[Math.floor((lesson * own.length) / lessons)]!;
}

/** The year's work of a course: homework every week, quizzes, an exam each semester, the final mark at the end. */
export function planWork(subject: Subject, grade: number, year: SchoolYear, curriculum: Curriculum): Work[] {
  if (subject === "homeroom") return [];
  const work: Work[] = [];
  for (const [week, { monday, lesson }] of year.weeks.entries()) {
    const semester = monday <= year.semesterEnd ? 1 : 2;
    if (lesson >= 0) work.push(...planWeek(subject, grade, year, week, semester, curriculum));
    const dueDay = examDay(year, monday);
    const names = { suffix: `ex${semester}`, title: `Exam, semester ${semester}`, category: "exam" } as const;
    if (dueDay > 0) work.push({ ...names, assignDay: dueDay - 14, dueDay, week, semester, standard: -1 });
  }
  const names = { suffix: "final", title: "Final mark", category: "final" } as const;
  const when = { assignDay: year.lastDay, dueDay: year.lastDay, week: year.weeks.length - 1, semester: 2 } as const;
  work.push({ ...names, ...when, standard: -1 });
  return work;
}

/** Homework of a lesson week, and a quiz every second week in mathematics, every third in English. */
function planWeek(
  subject: Subject,
  grade: number,
  year: SchoolYear,
  week: number,
  semester: 1 | 2,
  curriculum: Curriculum,
): Work[] {
  const { days, lesson } = year.weeks[week]!;
  const number = String(lesson + 1).padStart(2, "0");
  const common = { assignDay: days[0]!, week, semester } as const;
  const homework = { suffix: `hw${number}`, title: `Homework ${lesson + 1}`, category: "homework" } as const;
  const work: Work[] = [{ ...common, ...homework, dueDay: days.at(-1)!, standard: -1 }];
  const quiz = { ...common, suffix: `qz${number}`, category: "quiz", dueDay: days.at(-2)! } as const;
  if (subject === "mathematics" && lesson % 2 === 1) {
    const standard = topicOf(curriculum, grade, lesson, year.lessons);
    work.push({ ...quiz, title: `Quiz: ${curriculum.standards[standard]!.label}`, standard });
  } else if (subject === "english" && lesson % 3 === 2) {
    work.push({ ...quiz, title: `Reading quiz ${lesson + 1}`, standard: -1 });
  }
  return work;
}

/** The day of the exam in the week that begins on `monday`, two days before the semester's last; 0 in other weeks. */
function examDay(year: SchoolYear, monday: number): number {
  for (const end of [year.semesterEnd, year.lastDay]) if (end >= monday && end < monday + 7) return end - 2;
  return 0;
}
