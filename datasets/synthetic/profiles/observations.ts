import type { Random } from "../../../src/numeric/random.ts";
import { dateOf } from "../calendar.ts";
import { clamp, logistic } from "../parameters.ts";
import type { WeekView, YearContext } from "./year-context.ts";

const levels = ["not yet", "beginning", "developing", "secure", "extending"] as const;
const CHECK_IN_EVERY = 4; // weeks
const CHECK_IN_ITEMS = 3;

/** What teachers and the computer note about this week's standard, and the monthly check-in. */
export class Observations {
  private readonly context: YearContext;
  private readonly stream: Random;

  constructor(context: YearContext, stream: Random) {
    this.context = context;
    this.stream = stream;
  }

  /** One week of notes. */
  week(view: WeekView): void {
    if (view.absent < view.week.days.length && this.stream.next() < 0.25) this.observe(view);
    if (view.index % CHECK_IN_EVERY === 1) this.checkIn(view);
  }

  private observe({ week, topic }: WeekView): void {
    const { learner, mastery, out } = this.context;
    const teacher = this.stream.next() < 0.8;
    const seen = logistic(mastery.ability(topic)) + 0.14 * this.stream.normal();
    const step = Math.round(4 * clamp(seen, 0, 1));
    const day = week.days[this.stream.integer(week.days.length)]!;
    const recorded = day + (teacher ? this.stream.integer(5) : 0);
    if (recorded > out.cutoff) return;
    out.profiles.observations.row([
      learner.studentId,
      out.standardCode(topic),
      dateOf(day),
      step / 4,
      levels[step]!,
      teacher ? "teacher" : "computer",
      teacher ? "class observation" : "exit ticket",
      dateOf(recorded),
    ]);
  }

  private checkIn({ week, levels: { engagement, persistence } }: WeekView): void {
    const { learner, out } = this.context;
    const day = week.days[0]!;
    const answers = this.stream.next() < logistic(1.6 + 0.6 * engagement);
    const mood = this.stream.normal();
    const scales = [
      ["motivation", 3.3 + 0.7 * engagement],
      ["effort", 3.3 + 0.4 * engagement + 0.4 * persistence],
      ["mood", 3.4 + 0.3 * engagement + 0.5 * mood],
    ] as const;
    for (const [scale, latent] of scales) {
      const score = clamp(latent + 0.4 * this.stream.normal(), 1, 5);
      const thirds = Math.round(score * CHECK_IN_ITEMS) / CHECK_IN_ITEMS;
      if (!answers || day > out.cutoff) continue;
      const cells = ["check-in", scale, Math.round(thirds * 100) / 100, CHECK_IN_ITEMS, 0.8];
      out.profiles["scale-scores"].row([learner.studentId, dateOf(day), ...cells, dateOf(day)]);
    }
  }
}
