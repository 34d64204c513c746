import { type Random, random } from "../../src/numeric/random.ts";
import { CURRENT_YEAR, dayOf, type SchoolYear, yearsOf } from "./calendar.ts";
import { buildCurriculum, type Curriculum } from "./curriculum.ts";
import { schoolCount } from "./school-groups.ts";

/** Everything that decides what a district is; plain data, so that every thread builds the same world from it. */
export interface WorldOptions {
  readonly seed: string;
  readonly students: number;
  /** Finished school years before the one under way. */
  readonly finishedYears: number;
  /** Day number of the export. */
  readonly cutoff: number;
  readonly profiles: boolean;
  readonly interventions: boolean;
  readonly drift: boolean;
}

/** The month in which the school with the planted drift changes its ways. */
export const DRIFT_FROM: number = dayOf("2025-10-01");
/** The school (its position) with the planted drift. */
export const DRIFTING_SCHOOL = 0;
/** Chance that what the platform records of a school is lost on a day. */
const LOST_DAY_CHANCE = 0.01;

/** A district apart from its learners: what is taught there, how schools work, what befalls whole schools. */
export class World {
  readonly options: WorldOptions;
  readonly seed: Random;
  readonly curriculum: Curriculum;
  readonly schools: number;
  readonly years: readonly SchoolYear[];
  /** Eight hexadecimal digits that differ between seeds. */
  readonly districtCode: string;
  private readonly lots = new Map<string, number>();

  constructor(options: WorldOptions) {
    this.options = options;
    this.seed = random(options.seed);
    this.curriculum = buildCurriculum(this.seed.derive("curriculum"));
    this.schools = schoolCount(options.students);
    this.years = yearsOf(options.finishedYears);
    const code = this.seed.derive("district").integer(2 ** 32);
    this.districtCode = code.toString(16).padStart(8, "0");
  }

  /** The number of the oldest school year. */
  get firstYear(): number {
    return CURRENT_YEAR - this.options.finishedYears;
  }

  /** A lot that a whole class, school or day shares: uniform in [0, 1), the same whoever asks. */
  lot(what: string): number {
    let drawn = this.lots.get(what);
    if (drawn === undefined) {
      drawn = this.seed.derive("lot").derive(what).next();
      this.lots.set(what, drawn);
    }
    return drawn;
  }

  /** Forgets the lots drawn so far, which can be drawn again, so that they do not pile up. */
  forgetLots(): void {
    this.lots.clear();
  }

  /** Whether what the platform recorded of a school on a day was lost. */
  lost(school: number, day: number): boolean {
    return this.lot(`lost/${school}/${day}`) < LOST_DAY_CHANCE;
  }

  /** Whether a school works differently by then than it did: see {@link DRIFT_FROM}. */
  drifted(school: number, day: number): boolean {
    return this.options.drift && school === DRIFTING_SCHOOL && day >= DRIFT_FROM;
  }
}
