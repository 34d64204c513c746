import type { Random } from "../../src/numeric/random.ts";
import { dayOf } from "./calendar.ts";
import { modalities } from "./curriculum.ts";
import { familyNames, givenNames } from "./names.ts";
import { parameters } from "./parameters.ts";

/** A learner's plan and traits in one of the two years. */
export interface YearPlan {
  /** 0 for 2024-25, 1 for 2025-26. */
  readonly year: 0 | 1;
  readonly grade: number;
  /** Week of the year in which the learner arrives; 0 for nearly all. */
  readonly entryWeek: number;
  /** General ability in mathematics and in English, standard normal over learners. */
  readonly mathematics: number;
  readonly english: number;
  /** Where weekly engagement returns to, about standard normal over learners. */
  readonly engagement: number;
  /** What helps or hinders in the year's end and no record shows, standard normal. */
  readonly unseen: number;
}

/** What is fixed about a learner. */
export interface Learner {
  readonly index: number;
  /** The district's number. */
  readonly studentId: string;
  /** The id in OneRoster, which is another one, as in life. */
  readonly sourcedId: string;
  readonly givenName: string;
  readonly familyName: string;
  readonly birthDay: number;
  readonly sex: "female" | "male";
  /** Position in {@link raceColumns}. */
  readonly race: number;
  readonly hispanic: boolean;
  /** Position of the school. */
  readonly school: number;
  readonly persistence: number;
  /** Added to the logit of absence. */
  readonly illness: number;
  /** Added to the log rate of incidents. */
  readonly temper: number;
  /** Added to the log of seconds per item. */
  readonly pace: number;
  /** Position in {@link modalities}. */
  readonly modality: number;
  /** How much the preferred modality attracts, logits. */
  readonly modalityPull: number;
  readonly plans: readonly YearPlan[];
  /** The stream everything about this learner comes from. */
  readonly stream: Random;
}

/** The race columns of OneRoster demographics that are used, most frequent first. */
export const raceColumns = ["white", "blackOrAfricanAmerican", "asian", "demographicRaceTwoOrMoreRaces"] as const;

const LEARNERS_PER_SCHOOL = 450;

/** Number of schools of a district. */
export function schoolCount(students: number): number {
  return Math.max(2, Math.round(students / LEARNERS_PER_SCHOOL));
}

/** The school of a learner: the first 900 learners, and what does not fill a school, alternate between the first two. */
export function schoolOf(index: number, students: number): number {
  const block = Math.floor(index / LEARNERS_PER_SCHOOL);
  return index < 2 * LEARNERS_PER_SCHOOL || block >= schoolCount(students) ? index % 2 : block;
}

/** Draws learner `index`; depends on the seed and the index, and only for the school on the number of students. */
export function drawLearner(seed: Random, index: number, students: number): Learner {
  const stream = seed.derive("learner").derive(index);
  const traits = stream.derive("traits");
  const mathematics = traits.normal();
  const { englishCorrelation } = parameters;
  const english =
    englishCorrelation * mathematics + Math.sqrt(1 - englishCorrelation * englishCorrelation) * traits.normal();
  const persistence = 0.3 * mathematics + Math.sqrt(0.91) * traits.normal();
  const engagement = 0.3 * mathematics + 0.4 * persistence + 0.83 * traits.normal();
  const person = stream.derive("person");
  const plans = drawPlans(stream.derive("path"), { mathematics, english, engagement });
  const first = plans[0]!;
  const age = first.grade + 5 + (first.year === 0 ? 0 : -1); // on 1 September 2024
  return {
    index,
    studentId: String(1_000_000 + index),
    sourcedId: `usr-${(Math.imul(index + 1, 0x9e3779b1) >>> 0).toString(16).padStart(8, "0")}`, // odd factor: all differ
    givenName: givenNames[person.integer(givenNames.length)]!,
    familyName: familyNames[person.integer(familyNames.length)]!,
    birthDay: dayOf("2024-09-01") - Math.floor((age + person.next()) * 365.25),
    sex: person.next() < 0.5 ? "female" : "male",
    race: drawRace(person.next()),
    hispanic: person.next() < 0.25,
    school: schoolOf(index, students),
    persistence,
    illness: 0.7 * traits.normal(),
    temper: 0.7 * traits.normal(),
    pace: 0.25 * traits.normal(),
    modality: traits.integer(modalities.length),
    modalityPull: 0.5 + 1.6 * traits.next(),
    plans,
    stream,
  };
}

function drawRace(u: number): number {
  if (u < 0.55) return 0;
  if (u < 0.8) return 1;
  return u < 0.92 ? 2 : 3;
}

interface Traits {
  readonly mathematics: number;
  readonly english: number;
  readonly engagement: number;
}

/** Which years the learner is in the district's grades 6 to 9, and the traits of each year. */
function drawPlans(stream: Random, traits: Traits): YearPlan[] {
  const u = stream.next();
  const firstGrade = u < 0.22 ? 5 : u < 0.43 ? 6 : u < 0.64 ? 7 : u < 0.85 ? 8 : 9; // grade in 2024-25
  const newcomer = stream.next() < 0.04; // came from elsewhere in the summer of 2025
  const leaver = stream.next() < 0.03; // goes elsewhere in that summer
  const lateFirst = stream.next() < 0.03 ? 3 + stream.integer(28) : 0;
  const lateSecond = stream.next() < 0.03 ? 3 + stream.integer(12) : 0;
  const { yearMemory } = parameters;
  const fresh = Math.sqrt(1 - yearMemory * yearMemory);
  const unseen = [stream.normal(), stream.normal()] as const;
  const drift = { mathematics: 0.2 * stream.normal(), english: 0.2 * stream.normal(), engagement: stream.normal() };
  const plans: YearPlan[] = [];
  const inFirst = firstGrade >= 6 && !(newcomer && firstGrade < 9);
  if (inFirst) plans.push({ year: 0, grade: firstGrade, entryWeek: lateFirst, unseen: unseen[0], ...traits });
  if (firstGrade < 9 && !(inFirst && leaver)) {
    plans.push({
      year: 1,
      grade: firstGrade + 1,
      entryWeek: inFirst ? 0 : lateSecond,
      mathematics: traits.mathematics + drift.mathematics,
      english: traits.english + drift.english,
      engagement: yearMemory * traits.engagement + fresh * drift.engagement,
      unseen: unseen[1],
    });
  }
  return plans;
}
