import type { Random } from "../../src/numeric/random.ts";
import type { Curriculum } from "./curriculum.ts";
import type { Learner } from "./learner.ts";
import type { YearPlan } from "./learner-path.ts";
import { logistic, parameters } from "./parameters.ts";

/** Ability per standard of the learner at hand; one workspace serves all learners in turn. */
export class Mastery {
  readonly learned: Float64Array;
  private readonly own: Float64Array;
  private readonly curriculum: Curriculum;
  private general = 0;

  constructor(curriculum: Curriculum) {
    this.curriculum = curriculum;
    this.learned = new Float64Array(curriculum.standards.length);
    this.own = new Float64Array(curriculum.standards.length);
  }

  /** Starts a learner: what was taught in earlier grades is partly there, the rest is not. */
  begin(learner: Learner): void {
    const stream = learner.stream.derive("mastery");
    const { grade, mathematics } = learner.plans[0]!;
    const { standards } = this.curriculum;
    for (let k = 0; k < standards.length; k++) {
      this.own[k] = parameters.standardSpread * stream.normal();
      const noise = stream.normal();
      const behind = grade - standards[k]!.grade;
      this.learned[k] =
        behind > 0 ? 1.4 - 0.05 * behind + 0.3 * mathematics + 0.4 * noise : parameters.untaught + 0.1 * noise;
    }
  }

  /** Sets the general ability of the year. */
  enter(plan: YearPlan): void {
    this.general = plan.mathematics;
  }

  /** Ability on a standard, logits. */
  ability(standard: number): number {
    return parameters.generalWeight * this.general + this.own[standard]! + this.learned[standard]!;
  }

  /** How open a standard is to learning, 0.25 to 1: the weakest of its prerequisites decides. */
  gate(standard: number): number {
    let weakest = 1;
    for (const required of this.curriculum.standards[standard]!.requires) {
      weakest = Math.min(weakest, logistic(1.5 * (this.ability(required) + 0.3)));
    }
    return 0.25 + 0.75 * weakest;
  }

  /** Learns a share of what is left to learn. */
  learn(standard: number, share: number): void {
    const left = parameters.learned - this.learned[standard]!;
    if (left > 0) this.learned[standard]! += Math.min(1, share * this.gate(standard)) * left;
  }

  /** Forgets for a number of weeks. */
  forget(weeks: number): void {
    const kept = (1 - parameters.forgetting) ** weeks;
    const floor = parameters.forgettingFloor;
    for (let k = 0; k < this.learned.length; k++) {
      const above = this.learned[k]! - floor;
      if (above > 0) this.learned[k] = floor + above * kept;
    }
  }

  /** Mean learned amount over the standards of a grade. */
  meanLearned(grade: number): number {
    const own = this.curriculum.byGrade.get(grade)!;
    let sum = 0;
    for (const k of own) sum += this.learned[k]!;
    return sum / own.length;
  }
}

/** Weekly engagement: a trait, an AR(1) swing around it, and shocks that fade. */
export interface Engagement {
  swing: number;
  shock: number;
}

/** Engagement at the start of a year. */
export function startEngagement(stream: Random): Engagement {
  return { swing: parameters.engagementSpread * stream.normal(), shock: 0 };
}

const fresh = parameters.engagementSpread * Math.sqrt(1 - parameters.engagementMemory ** 2);

/** One week on: e(w) = trait + swing(w) − shock(w). */
export function stepEngagement(engagement: Engagement, trait: number, stream: Random): number {
  const { engagementMemory, shockMemory, shockChance, shockLeast, shockMost } = parameters;
  engagement.swing = engagementMemory * engagement.swing + fresh * stream.normal();
  engagement.shock *= shockMemory;
  if (stream.next() < shockChance) engagement.shock += shockLeast + (shockMost - shockLeast) * stream.next();
  return trait + engagement.swing - engagement.shock;
}

/** What a year leaves behind for its outcome. */
export interface YearTotals {
  /** Sum of weekly engagement, and the number of weeks in it. */
  engagementSum: number;
  weeks: number;
  absentDays: number;
  /** School days at the present place, and how many of them the learner was absent. */
  daysHere: number;
  absentHere: number;
  /** Absent days of each of the last four weeks, newest last. */
  recent: number[];
}
