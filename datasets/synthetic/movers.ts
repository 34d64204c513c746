import { type Random, random } from "../../src/numeric/random.ts";
import { CURRENT_YEAR } from "./calendar.ts";
import { drawPerson, type Learner } from "./learner.ts";
import type { World, WorldOptions } from "./world.ts";

/** Learners who move from one synthetic district to another in the autumn of the year under way. */
export interface MoverOptions {
  /** Shared by the two districts: who the movers are. */
  readonly seed: string;
  readonly learners: number;
  /** In the district they come to: the options of the district they come from. Absent in that one itself. */
  readonly origin?: WorldOptions;
}

/** A mover as one district knows them, and the week of the year under way in which they move. */
export interface Mover {
  readonly learner: Learner;
  readonly year: number;
  readonly week: number;
}

const FIRST_WEEK = 5;
const WEEKS = 8;
const FIRST_STATE_ID = 880_000;
const FIRST_ORIGIN_ID = 5_000_000;
const FIRST_DESTINATION_ID = 6_000_000;

/**
 * Draws mover `number`: the same person for both districts, only the district's numbers differ.
 * @param origin - the district they come from
 * @param knownTo - the district that gives the numbers
 */
export function drawMover(seed: string, number: number, origin: World, knownTo: World): Mover {
  const stream = random(seed).derive("mover").derive(number);
  const first = knownTo === origin ? FIRST_ORIGIN_ID : FIRST_DESTINATION_ID;
  const draw = (own: Random): Learner =>
    drawPerson({
      stream: own,
      index: knownTo.options.students + number,
      studentId: String(first + number),
      stateId: String(FIRST_STATE_ID + number),
      school: number % 2,
      firstYear: origin.firstYear,
    });
  let learner = draw(stream);
  for (let attempt = 1; !staysLong(learner); attempt++) learner = draw(stream.derive(attempt));
  const plans = learner.plans.map((plan) => ({ ...plan, entryWeek: 0 }));
  return { learner: { ...learner, plans }, year: CURRENT_YEAR, week: FIRST_WEEK + (number % WEEKS) };
}

/** Whether a person is at school in the finished year before and in the one under way, in a grade of the district. */
function staysLong({ plans }: Learner): boolean {
  const now = plans.at(-1)!;
  return plans.length >= 2 && now.year === CURRENT_YEAR && now.grade <= 9;
}
