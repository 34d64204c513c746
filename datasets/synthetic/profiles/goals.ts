import type { Random } from "../../../src/numeric/random.ts";
import { dateOf } from "../calendar.ts";
import { logistic, parameters } from "../parameters.ts";
import type { WeekView, YearContext } from "./year-context.ts";

const SET_WEEK = 6;
const DUE_WEEK = 30;
const steps = [
  { week: 10, title: "Name what is hard about it" },
  { week: 15, title: "Practise with a partner" },
  { week: 22, title: "Explain it to somebody" },
] as const;

interface Goal {
  readonly standard: number;
  readonly setOn: number;
  achievedOn: number;
  readonly doneOn: number[];
}

/** A goal that a third of the learners set in autumn: to master a standard of the year. */
export class Goals {
  private readonly context: YearContext;
  private readonly stream: Random;
  private goal: Goal | undefined;

  constructor(context: YearContext, stream: Random) {
    this.context = context;
    this.stream = stream;
  }

  /** Sets the goal, ticks off steps, notices that the standard is mastered. */
  week({ index, week, levels }: WeekView): void {
    const { world, plan, mastery } = this.context;
    const today = week.days.at(-1)!;
    if (index === SET_WEEK && this.stream.next() < 0.35) {
      const open = world.curriculum.byGrade
        .get(plan.grade)!
        .filter((k) => mastery.ability(k) < parameters.masteredFrom);
      const standard = open[this.stream.integer(Math.max(1, open.length))];
      if (standard !== undefined) this.goal = { standard, setOn: today, achievedOn: 0, doneOn: [] };
    }
    const { goal } = this;
    if (goal === undefined) return;
    if (goal.achievedOn === 0 && mastery.ability(goal.standard) >= parameters.masteredFrom) goal.achievedOn = today;
    for (const [position, step] of steps.entries()) {
      if (step.week !== index) continue;
      const does = logistic(0.8 + 0.6 * levels.engagement + 0.3 * levels.persistence);
      goal.doneOn[position] = this.stream.next() < does ? today : 0;
    }
  }

  /** Writes the goal as it stands on the day of the export. */
  end(): void {
    const { learner, out, year } = this.context;
    const { goal } = this;
    if (goal === undefined || goal.setOn > out.cutoff) return;
    const due = year.weeks[DUE_WEEK]!.monday + 4;
    const dropped = this.stream.next() < 0.5 && due <= out.cutoff;
    const achieved = goal.achievedOn > 0 && goal.achievedOn <= Math.min(out.cutoff, due);
    const status = achieved ? "achieved" : dropped ? "dropped" : "open";
    const changed = achieved ? goal.achievedOn : dropped ? due : goal.setOn;
    const id = `goal-${learner.studentId}-${year.ends}`;
    const { label, code } = this.context.world.curriculum.standards[goal.standard]!;
    out.profiles.goals.row([
      learner.studentId,
      id,
      label,
      "math",
      code,
      status,
      dateOf(goal.setOn),
      dateOf(due),
      achieved ? dateOf(goal.achievedOn) : "",
      dateOf(changed),
    ]);
    this.stepRows(goal, id, status, changed);
  }

  private stepRows(goal: Goal, id: string, status: string, changed: number): void {
    const { learner, out, year } = this.context;
    for (const [position, step] of steps.entries()) {
      const day = goal.doneOn[position] ?? 0;
      const done = day > 0 && day <= out.cutoff;
      out.profiles["goal-steps"].row([
        learner.studentId,
        id,
        `${id}-${position + 1}`,
        step.title,
        position + 1,
        done ? "done" : status === "dropped" ? "dropped" : "open",
        dateOf(year.weeks[step.week]!.monday + 4),
        done ? dateOf(day) : "",
        dateOf(done ? day : changed),
      ]);
    }
  }
}
