import type { Random } from "../../../src/numeric/random.ts";
import { dateOf, quarterEnds } from "../calendar.ts";
import type { CourseSeat } from "../coursework.ts";
import { courseId, quarterId, semesterId } from "../district-rows.ts";
import { clamp, parameters } from "../parameters.ts";
import type { Work } from "../roster.ts";
import type { WeekView, YearContext } from "./year-context.ts";

/** What counts for a piece of work that was not handed in. */
const MISSING_MARK = 45;

interface Ledger {
  seat: CourseSeat;
  sum: number;
  works: number;
  /** Marks of the grading periods so far. */
  readonly periods: number[];
}

/** Report cards: a mark each quarter and semester as the teacher's gradebook says, conduct, the final mark, credits. */
export class CourseGrades {
  private readonly context: YearContext;
  private readonly stream: Random;
  private readonly ledgers = new Map<string, Ledger>();
  private readonly ends: readonly number[];

  constructor(context: YearContext, stream: Random) {
    this.context = context;
    this.stream = stream;
    this.ends = quarterEnds(context.year);
  }

  /** A piece of work was marked (NaN: not handed in). */
  marked(seat: CourseSeat, work: Work, score: number): void {
    const { subject } = seat.section;
    const ledger = this.ledgers.get(subject) ?? { seat, sum: 0, works: 0, periods: [] };
    const weight = work.category === "exam" ? 3 : work.category === "quiz" ? 2 : 1;
    ledger.seat = seat; // the class at the present school
    ledger.sum += weight * (Number.isNaN(score) ? MISSING_MARK : score);
    ledger.works += weight;
    this.ledgers.set(subject, ledger);
  }

  /** Writes the report card when a quarter ends. */
  week({ index, week, levels }: WeekView): void {
    const quarter = this.ends.indexOf(index);
    if (quarter < 0) return;
    const { year } = this.context;
    const day = week.days.at(-1)!;
    const semester = quarter < 2 ? 1 : 2;
    for (const ledger of this.ledgers.values()) {
      const recorded = day + 2 + this.stream.integer(6);
      if (ledger.works > 0) {
        ledger.periods.push(ledger.sum / ledger.works);
        this.row(ledger, quarterId(year, quarter + 1), "grading-period", ledger.periods.at(-1)!, day, recorded);
      }
      ledger.sum = 0;
      ledger.works = 0;
      const latest = ledger.periods.slice(-2);
      const conduct = Math.round(clamp(3.1 + 0.5 * levels.engagement + 0.5 * this.stream.normal(), 1, 4));
      if (quarter % 2 === 0 || latest.length === 0) continue;
      const mean = latest.reduce((sum, mark) => sum + mark, 0) / latest.length;
      this.row(ledger, semesterId(year, semester), "semester", mean, day, recorded);
      this.write(ledger, [semesterId(year, semester), "conduct", " DCBA"[conduct]!, "", "", "", ""], day, recorded);
    }
  }

  /** Writes the final marks and credits. */
  end(marks: readonly [mathematics: number, english: number]): void {
    const { year } = this.context;
    for (const [subject, ledger] of this.ledgers) {
      const mark = subject === "english" ? marks[1] : marks[0];
      const earned = mark >= parameters.pass ? 1 : 0;
      const cells = [`sy-${year.ends}`, "final", letterOf(mark), mark, 100, 1, earned];
      this.write(ledger, cells, year.lastDay, year.lastDay);
    }
  }

  private row(ledger: Ledger, term: string, kind: string, mark: number, day: number, recorded: number): void {
    const whole = Math.round(mark);
    this.write(ledger, [term, kind, letterOf(whole), whole, 100, "", ""], day, recorded);
  }

  private write({ seat }: Ledger, cells: readonly (string | number)[], day: number, recorded: number): void {
    const { learner, out, year, plan } = this.context;
    if (recorded > out.cutoff) return;
    const { section } = seat;
    const course = courseId(section.subject, plan.grade, year);
    out.profiles["course-grades"].row([learner.studentId, course, section.id, ...cells, dateOf(day), dateOf(recorded)]);
  }
}

/** A mark as a letter, in steps of ten. */
export function letterOf(mark: number): string {
  if (mark >= 90) return "A";
  if (mark >= 80) return "B";
  if (mark >= 70) return "C";
  return mark >= parameters.pass ? "D" : "F";
}
