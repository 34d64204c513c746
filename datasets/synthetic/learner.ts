import type { Random } from "../../src/numeric/random.ts";
import { dayOf } from "./calendar.ts";
import { modalities, themes } from "./curriculum.ts";
import { drawPlans, type YearPlan } from "./learner-path.ts";
import { familyNames, givenNames } from "./names.ts";
import { parameters } from "./parameters.ts";
import { schoolOf } from "./school-groups.ts";

const FIRST_STUDENT_ID = 1_000_000;

/** What is fixed about a learner. */
export interface Learner {
  readonly index: number;
  /** The district's number. */
  readonly studentId: string;
  /** The state's number: only who moves from one district of ours to another has one. */
  readonly stateId?: string;
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
  /** Logarithm of what each modality teaches this learner, beside the preference. */
  readonly modalityNoise: readonly number[];
  /** Positions of two different {@link themes}. */
  readonly interests: readonly [number, number];
  /** How much the learner tends to work after school rather than in it, standard normal. */
  readonly lateness: number;
  readonly plans: readonly YearPlan[];
  /** The stream everything about this learner comes from. */
  readonly stream: Random;
}

/** The race columns of OneRoster demographics that are used, most frequent first. */
export const raceColumns = ["white", "blackOrAfricanAmerican", "asian", "demographicRaceTwoOrMoreRaces"] as const;

/** Which learner of which world. */
export interface LearnerDraw {
  /** The stream everything about the learner comes from. */
  readonly stream: Random;
  /** Number among the district's learners, from 0. */
  readonly index: number;
  /** The district's number. */
  readonly studentId: string;
  readonly school: number;
  /** Number of the district's oldest school year. */
  readonly firstYear: number;
  /** Of a learner who moves between districts. */
  readonly stateId?: string;
}

/** Draws learner `index`; depends on the seed and the index, and only for the school on the number of students. */
export function drawLearner(seed: Random, index: number, students: number, firstYear = 0): Learner {
  const stream = seed.derive("learner").derive(index);
  const studentId = String(FIRST_STUDENT_ID + index);
  return drawPerson({ stream, index, studentId, school: schoolOf(index, students), firstYear });
}

/** Draws a person who is a learner. */
export function drawPerson({ stream, index, studentId, school, firstYear, stateId }: LearnerDraw): Learner {
  const traits = stream.derive("traits");
  const mathematics = traits.normal();
  const { englishCorrelation } = parameters;
  const english =
    englishCorrelation * mathematics + Math.sqrt(1 - englishCorrelation * englishCorrelation) * traits.normal();
  const persistence = 0.3 * mathematics + Math.sqrt(0.91) * traits.normal();
  const engagement = 0.3 * mathematics + 0.4 * persistence + 0.83 * traits.normal();
  const person = stream.derive("person");
  const plans = drawPlans(stream.derive("path"), { mathematics, english, engagement, persistence }, firstYear);
  const first = plans[0]!;
  const age = first.grade + 5 - first.year; // on 1 September 2024
  const habits = stream.derive("habits");
  return {
    index,
    studentId,
    ...(stateId === undefined ? {} : { stateId }),
    sourcedId: `usr-${(Math.imul(index + 1, 0x9e3779b1) >>> 0).toString(16).padStart(8, "0")}`, // odd factor: all differ
    givenName: givenNames[person.integer(givenNames.length)]!,
    familyName: familyNames[person.integer(familyNames.length)]!,
    birthDay: dayOf("2024-09-01") - Math.floor((age + person.next()) * 365.25),
    sex: person.next() < 0.5 ? "female" : "male",
    race: drawRace(person.next()),
    hispanic: person.next() < 0.25,
    school,
    illness: 0.7 * traits.normal(),
    temper: 0.7 * traits.normal(),
    pace: 0.25 * traits.normal(),
    modality: traits.integer(modalities.length),
    modalityPull: 0.5 + 1.6 * traits.next(),
    ...drawHabits(habits),
    plans,
    stream,
  };
}

function drawHabits(stream: Random): Pick<Learner, "interests" | "lateness" | "modalityNoise"> {
  const first = stream.integer(themes.length);
  const second = (first + 1 + stream.integer(themes.length - 1)) % themes.length;
  const lateness = stream.normal();
  return { interests: [first, second], lateness, modalityNoise: modalities.map(() => 0.15 * stream.normal()) };
}

/** How much more or less a completed activity teaches this learner because of its modality; 1 is average. */
export function modalityGain(learner: Learner, modality: number): number {
  const preferred = modality === learner.modality ? parameters.preferredFactor : 1;
  return preferred * Math.exp(learner.modalityNoise[modality]!);
}

function drawRace(u: number): number {
  if (u < 0.55) return 0;
  if (u < 0.8) return 1;
  return u < 0.92 ? 2 : 3;
}
