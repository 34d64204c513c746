import type { Random } from "../../../src/numeric/random.ts";
import { dateOf } from "../calendar.ts";
import type { CourseSeat } from "../coursework.ts";
import { parameters } from "../parameters.ts";
import type { Work } from "../roster.ts";
import type { YearEnd } from "../year-end.ts";
import { Assessments } from "./assessments.ts";
import { CourseGrades } from "./course-grades.ts";
import { Goals } from "./goals.ts";
import { Observations } from "./observations.ts";
import type { WeekView, YearContext } from "./year-context.ts";

const PATHWAY = "ready-for-high-school";

/** Everything the files about the whole learner say of one year. */
export class YearProfile {
  private readonly context: YearContext;
  private readonly grades: CourseGrades;
  private readonly assessments: Assessments;
  private readonly observations: Observations;
  private readonly goals: Goals;

  constructor(context: YearContext, stream: Random) {
    this.context = context;
    this.grades = new CourseGrades(context, stream.derive("grades"));
    this.assessments = new Assessments(context, stream.derive("assessments"));
    this.observations = new Observations(context, stream.derive("observations"));
    this.goals = new Goals(context, stream.derive("goals"));
  }

  /** A piece of work was marked. */
  marked(seat: CourseSeat, work: Work, score: number): void {
    this.grades.marked(seat, work, score);
  }

  /** A week is over. */
  week(view: WeekView): void {
    this.grades.week(view);
    this.assessments.week(view);
    this.observations.week(view);
    this.goals.week(view);
  }

  /** The year is over. */
  end({ marks }: YearEnd): void {
    if (marks !== undefined) this.grades.end(marks);
    this.goals.end();
    this.milestones(marks);
  }

  /** Passing each course of each year is a step on the way. */
  private milestones(marks: YearEnd["marks"]): void {
    const { learner, out, plan, year } = this.context;
    if (year.weeks[plan.entryWeek]!.monday > out.cutoff) return;
    const over = year.lastDay <= out.cutoff;
    if (over && marks === undefined) return; // left before the end
    for (const [course, subject] of ["mathematics", "English"].entries()) {
      const met = marks !== undefined && marks[course]! >= parameters.pass;
      out.profiles.milestones.row([
        learner.studentId,
        PATHWAY,
        `Pass ${subject} of grade ${plan.grade} in ${year.title}`,
        over ? (met ? "met" : "missed") : "open",
        over ? dateOf(year.lastDay) : "",
        dateOf(year.lastDay),
        dateOf(over ? year.lastDay : Math.max(year.firstDay, year.weeks[plan.entryWeek]!.monday)),
      ]);
    }
  }
}
