import type { Random } from "../../src/numeric/random.ts";
import { dateOf, type SchoolWeek, type SchoolYear } from "./calendar.ts";
import type { ExportRows } from "./export-rows.ts";
import {
  type AssignmentRule,
  doseWeeks,
  givesDoses,
  type Intervention,
  interventions,
  propensity,
} from "./interventions.ts";
import type { Learner } from "./learner.ts";
import type { YearPlan } from "./learner-path.ts";
import { logistic } from "./parameters.ts";
import { schoolId } from "./user-rows.ts";
import type { World } from "./world.ts";

/** A learner's part in one intervention; learners who do not take part have one as well, for the truth. */
interface Participation {
  readonly intervention: Intervention;
  readonly rule: AssignmentRule;
  /** The homeroom, where its lot decides. */
  readonly cluster: string;
  readonly propensity: number;
  readonly treated: boolean;
  /** Points of the final mark for all doses. */
  readonly effect: number;
  readonly planned: number;
  /** Doses the learner came to, or would have come to. */
  attended: number;
}

/** A place in the world from which a learner is assigned. */
export interface StudyPlace {
  readonly world: World;
  readonly learner: Learner;
  readonly plan: YearPlan;
  readonly year: SchoolYear;
  /** The id of the homeroom. */
  readonly homeroom: string;
  readonly out: ExportRows;
}

/** The interventions of one learner in one year: who takes part, what is given, what it does. */
export class YearStudy {
  private readonly place: StudyPlace;
  private readonly stream: Random;
  private participations: Participation[] = [];

  constructor(place: StudyPlace, stream: Random) {
    this.place = place;
    this.stream = stream;
  }

  /** Gives the places, at the end of the week before the first doses. */
  assign(week: SchoolWeek, engagement: number): void {
    const { learner, plan, year, homeroom, world } = this.place;
    this.participations = interventions.map((intervention) => {
      const rule = intervention.rules[learner.school % 2 === 0 ? 0 : 1];
      const own = this.stream.next();
      const chance = propensity(intervention, rule, plan, engagement);
      const cluster = rule === "homeroom-lottery" ? homeroom : "";
      const u = rule === "homeroom-lottery" ? world.lot(`${intervention.id}/${homeroom}`) : own;
      const planned = intervention.dosesPerWeek * doseWeeks(year.weeks).length;
      const effect = intervention.effect(plan);
      return { intervention, rule, cluster, propensity: chance, treated: u < chance, effect, planned, attended: 0 };
    });
    for (const participation of this.participations) this.assignmentRow(participation, week);
  }

  /** Gives the doses of a week; an absent learner misses some, a disengaged one others. */
  give(index: number, week: SchoolWeek, engagement: number, absentDays: number): void {
    if (!givesDoses(index) || week.days.length === 0) return;
    const { out, learner } = this.place;
    const comes = logistic(2 + 0.6 * engagement) * (1 - absentDays / week.days.length);
    for (const participation of this.participations) {
      const { intervention, treated } = participation;
      for (let dose = 0; dose < intervention.dosesPerWeek; dose++) {
        const day = week.days[Math.min(week.days.length - 1, 2 * dose)]!;
        const attended = this.stream.next() < comes;
        const known = day + (this.stream.next() < 0.15 ? 1 + this.stream.integer(6) : 0);
        if (attended) participation.attended++;
        if (!treated || known > out.cutoff) continue;
        out.profiles.doses.row([
          learner.studentId,
          intervention.id,
          dateOf(day),
          attended ? intervention.minutesPerDose : 0,
          String(attended),
          staffOf(participation, learner.school),
          dateOf(known),
        ]);
      }
    }
  }

  /** Points that the doses so far add to marks in mathematics. */
  points(): number {
    let sum = 0;
    for (const { treated, effect, attended, planned } of this.participations)
      if (treated) sum += (effect * attended) / planned;
    return sum;
  }

  /** Points that all doses of the year will have added, if the learner comes to nine in ten of those that are left. */
  expectedPoints(index: number): number {
    let left = 0;
    const all = doseWeeks(this.place.year.weeks).length;
    for (const [week, { days }] of this.place.year.weeks.entries())
      if (week > index && givesDoses(week) && days.length > 0) left++;
    return this.points() + this.fullPoints() * 0.85 * (left / all);
  }

  /**
   * Writes the truth about the year: both potential final marks of every participation, all else as it was.
   * @param mark - the final mark as a function of the points added to it; null for who left before the end
   */
  tell(mark: ((points: number) => number) | null): void {
    const { learner, year, out } = this.place;
    const points = this.points();
    for (const participation of this.participations) {
      const { intervention, rule, cluster, treated, effect, attended, planned } = participation;
      const own = (effect * attended) / planned;
      const others = points - (treated ? own : 0);
      out.truth.assignments.row([
        learner.studentId,
        year.title,
        intervention.id,
        schoolId(learner.school),
        cluster,
        rule,
        rounded(participation.propensity),
        treated ? 1 : 0,
        effect,
        rounded(attended / planned),
        mark === null ? "" : mark(others),
        mark === null ? "" : mark(others + own),
      ]);
    }
  }

  private fullPoints(): number {
    return this.participations.reduce((sum, { treated, effect }) => sum + (treated ? effect : 0), 0);
  }

  private assignmentRow(participation: Participation, week: SchoolWeek): void {
    const { intervention, rule, treated } = participation;
    const { learner, out, year } = this.place;
    const known = week.days.at(-1) ?? week.monday;
    if (known > out.cutoff || (rule === "need" && !treated)) return; // nobody keeps a list of who was not chosen
    const weeks = doseWeeks(year.weeks);
    out.profiles["intervention-assignments"].row([
      learner.studentId,
      intervention.id,
      dateOf(weeks[0]!.days[0]!),
      dateOf(weeks.at(-1)!.days.at(-1)!),
      rule === "need" ? "needs support in mathematics" : rule,
      "",
      treated ? "treatment" : "control",
      rule === "need" ? `cou-s${learner.school + 1}` : "lottery",
      dateOf(known),
    ]);
  }
}

const staffOf = ({ intervention }: Participation, school: number): string =>
  `${intervention.id.replace("int-", "stf-")}-s${school + 1}`;

const rounded = (value: number): number => Math.round(value * 10_000) / 10_000;
