import type { Random } from "../../src/numeric/random.ts";
import { CURRENT_YEAR } from "./calendar.ts";
import { parameters } from "./parameters.ts";

/** A learner's plan and traits in one school year. */
export interface YearPlan {
  /** The school year's number. */
  readonly year: number;
  /** 6 to 9; 10 in a plan that is lived only by who repeats a grade. */
  readonly grade: number;
  /** Week of the year in which the learner arrives; 0 for nearly all. */
  readonly entryWeek: number;
  /** General ability in mathematics and in English, standard normal over learners. */
  readonly mathematics: number;
  readonly english: number;
  /** Where weekly engagement returns to, about standard normal over learners. */
  readonly engagement: number;
  /** Where behavioral persistence returns to, standard normal over learners. */
  readonly persistence: number;
  /** What helps or hinders in the year's end and no record shows, standard normal. */
  readonly unseen: number;
}

/** The traits of 2024-25, from which those of other years drift away. */
export interface Traits {
  readonly mathematics: number;
  readonly english: number;
  readonly engagement: number;
  readonly persistence: number;
}

const FIRST_GRADE = 6;
const LAST_GRADE = 9;

/**
 * Which years a learner is in the district's grades 6 to 9, and the traits of each year.
 * @param firstYear - number of the district's oldest school year; the years 0 and 1 of a learner who was there then do not
 *   depend on it
 */
export function drawPlans(stream: Random, traits: Traits, firstYear: number): YearPlan[] {
  const { youngest, newcomer, leaver, lateFirst, lateSecond } = drawMoves(stream);
  const unseen = [stream.normal(), stream.normal()] as const;
  const drift = { mathematics: 0.2 * stream.normal(), english: 0.2 * stream.normal(), engagement: stream.normal() };
  const past = drawPast(stream.derive("past"), -firstYear);
  const gradeThen = past.graduated > 0 ? LAST_GRADE + past.graduated : youngest; // grade in 2024-25
  const inFirst = gradeThen >= FIRST_GRADE && !(newcomer && gradeThen < LAST_GRADE);
  const [arrives, ends] = drawStay(gradeThen, inFirst, inFirst && leaver, past, firstYear);
  const persistence = stream.derive("persistence").normal();
  const second = {
    mathematics: traits.mathematics + drift.mathematics,
    english: traits.english + drift.english,
    engagement: keep(traits.engagement, drift.engagement),
    persistence: keep(traits.persistence, persistence),
    unseen: unseen[1],
  };
  const plans: YearPlan[] = [];
  for (let year = arrives; year <= ends; year++) {
    const entryWeek = year > arrives ? 0 : year === CURRENT_YEAR ? lateSecond : lateFirst;
    const first = year === 0 ? { ...traits, unseen: unseen[0] } : past.traits(traits, year);
    plans.push({ year, grade: gradeThen + year, entryWeek, ...(year === CURRENT_YEAR ? second : first) });
  }
  return plans;
}

interface Moves {
  /** Grade in 2024-25 of who is at school then or in the year after. */
  readonly youngest: number;
  /** Came from elsewhere in the summer of 2025. */
  readonly newcomer: boolean;
  /** Goes elsewhere in that summer. */
  readonly leaver: boolean;
  /** Week of arrival in the years before and in the one under way. */
  readonly lateFirst: number;
  readonly lateSecond: number;
}

function drawMoves(stream: Random): Moves {
  const u = stream.next();
  const youngest = u < 0.22 ? 5 : u < 0.43 ? 6 : u < 0.64 ? 7 : u < 0.85 ? 8 : 9;
  const newcomer = stream.next() < 0.04;
  const leaver = stream.next() < 0.03;
  const lateFirst = stream.next() < 0.03 ? 3 + stream.integer(28) : 0;
  const lateSecond = stream.next() < 0.03 ? 3 + stream.integer(12) : 0;
  return { youngest, newcomer, leaver, lateFirst, lateSecond };
}

/** The first and the last year for which a learner has a plan, the year after grade 9 included. */
function drawStay(
  gradeThen: number,
  inFirst: boolean,
  leaves: boolean,
  past: Past,
  firstYear: number,
): readonly [arrives: number, ends: number] {
  const wished = Math.max(firstYear, FIRST_GRADE - gradeThen, inFirst ? past.arrives : CURRENT_YEAR);
  const arrives = Math.min(wished, LAST_GRADE - gradeThen); // nobody arrives after grade 9
  const last = Math.min(past.leaves, leaves ? 0 : CURRENT_YEAR, LAST_GRADE + 1 - gradeThen);
  return [arrives, Math.max(arrives, last)];
}

/** One year on: a trait keeps its share and gets fresh spread, so that its variance stays 1. */
function keep(trait: number, z: number): number {
  const { yearMemory } = parameters;
  return yearMemory * trait + Math.sqrt(1 - yearMemory * yearMemory) * z;
}

interface Past {
  /** Years between the end of grade 9 and 2024-25; 0 for who was still at school. */
  readonly graduated: number;
  /** The first year in which the learner may be there. */
  readonly arrives: number;
  /** The last year in which the learner may be there. */
  readonly leaves: number;
  /** Traits of a year before 2024-25; both drifts are reversible, so they are drawn backwards. */
  traits(now: Traits, year: number): Traits & { readonly unseen: number };
}

/** What matters only to a district that tells of more than one finished year. */
function drawPast(stream: Random, earlierYears: number): Past {
  const share = (earlierYears * 0.19) / (1 + earlierYears * 0.19); // a cohort is about a fifth of who is at school
  const graduated = stream.next() < share ? 1 + stream.integer(earlierYears) : 0;
  const arrival = stream.next();
  const when = stream.next();
  const arrives = arrival < 0.04 * earlierYears ? -Math.floor(when * earlierYears) : Number.NEGATIVE_INFINITY;
  const leaves =
    stream.next() < 0.03 * earlierYears ? -1 - Math.floor(stream.next() * earlierYears) : Number.POSITIVE_INFINITY;
  const traits = (now: Traits, year: number): Traits & { readonly unseen: number } => {
    let { mathematics, english, engagement, persistence } = now;
    for (let back = -1; back >= year; back--) {
      const own = stream.derive(back);
      mathematics += 0.2 * own.normal();
      english += 0.2 * own.normal();
      engagement = keep(engagement, own.normal());
      persistence = keep(persistence, own.normal());
    }
    return { mathematics, english, engagement, persistence, unseen: stream.derive(`unseen/${year}`).normal() };
  };
  return { graduated, arrives, leaves, traits };
}
