import { CairnError } from "../../src/errors.ts";
import { type Random, random } from "../../src/numeric/random.ts";
import { type Answer, completionChance, drawAnswer, rightChance } from "./answering.ts";
import { CURRENT_YEAR } from "./calendar.ts";
import { type Activity, buildCurriculum, type Curriculum, type Item, modalities } from "./curriculum.ts";
import { drawPerson, type Learner, modalityGain } from "./learner.ts";
import { parameters } from "./parameters.ts";
import { Mastery } from "./year-state.ts";

/** Who is simulated. What is not said is drawn from the seed. */
export interface SimulatedLearnerOptions {
  readonly seed: string | number;
  /** 5 to 9. */
  readonly grade: number;
  /** The seed of the district whose items and activities are given; default `seed`. */
  readonly districtSeed?: string | number;
  /** General ability in mathematics, standard normal over learners. */
  readonly ability?: number;
  /** Standard normal over learners. */
  readonly engagement?: number;
  readonly persistence?: number;
  readonly preferredModality?: (typeof modalities)[number];
  /** Standard → ability on it at the start, logits; what is not named follows from grade and ability. */
  readonly knows?: Readonly<Record<string, number>>;
}

/** An answer of a simulated learner, as responses.csv has it. */
export interface SimulatedAnswer extends Answer {
  readonly itemId: string;
  readonly standard: string;
}

/** What came of an activity that was given. */
export interface SimulatedActivity {
  readonly completed: boolean;
  /** Minutes spent. */
  readonly minutes: number;
}

/**
 * A learner who answers what it is given and learns from it, by the equations of the synthetic district: for playlists,
 * whose recommendations change what is known, and for alerts. Same options and same calls, same answers.
 */
export class SimulatedLearner {
  private readonly learner: Learner;
  private readonly curriculum: Curriculum;
  private readonly mastery: Mastery;
  private readonly stream: Random;
  private readonly positions: ReadonlyMap<string, number>;
  private readonly items: ReadonlyMap<string, readonly [standard: number, item: Item]>;
  private readonly activities: ReadonlyMap<string, readonly [standard: number, activity: Activity]>;

  /** @throws CairnError `BAD_INPUT` for a grade outside 5 to 9, `NOT_FOUND` for a standard the curriculum does not have */
  constructor(options: SimulatedLearnerOptions) {
    this.curriculum = buildCurriculum(random(options.districtSeed ?? options.seed).derive("curriculum"));
    const { standards } = this.curriculum;
    this.positions = new Map(standards.map(({ code }, position) => [code, position]));
    this.items = new Map(standards.flatMap(({ items }, k) => items.map((item) => [item.id, [k, item] as const])));
    this.activities = new Map(
      standards.flatMap(({ activities }, k) => activities.map((activity) => [activity.id, [k, activity] as const])),
    );
    this.learner = person(options);
    this.stream = this.learner.stream.derive("simulated");
    this.mastery = new Mastery(this.curriculum);
    this.mastery.begin(this.learner);
    this.mastery.enter(this.learner.plans[0]!);
    for (const [code, ability] of Object.entries(options.knows ?? {})) {
      const position = this.position(code);
      this.mastery.learned[position]! += ability - this.mastery.ability(position);
    }
  }

  /** Ability on a standard, logits. @throws CairnError `NOT_FOUND` */
  ability(standard: string): number {
    return this.mastery.ability(this.position(standard));
  }

  /** Whether a standard is mastered: ability ≥ 0.85, so that σ ≥ 0.70. @throws CairnError `NOT_FOUND` */
  mastered(standard: string): boolean {
    return this.ability(standard) >= parameters.masteredFrom;
  }

  /** The true chance of a right answer to an item when not guessing in haste. @throws CairnError `NOT_FOUND` */
  chance(itemId: string): number {
    const [standard, item] = found(this.items, itemId, "an item");
    return rightChance(item, this.mastery.ability(standard));
  }

  /** Answers an item and learns from it. @throws CairnError `NOT_FOUND` */
  answer(itemId: string): SimulatedAnswer {
    const [standard, item] = found(this.items, itemId, "an item");
    const answer = this.draw(standard, item);
    this.mastery.learn(standard, answer.rapid ? 0 : parameters.itemTeaching);
    return answer;
  }

  /** Answers an item of a standard chosen by lot, and learns from it. @throws CairnError `NOT_FOUND` */
  ask(standard: string): SimulatedAnswer {
    const { items } = this.curriculum.standards[this.position(standard)]!;
    return this.answer(items[this.stream.integer(items.length)]!.id);
  }

  /** Does an activity, to its end or not, and learns from it in the first case. @throws CairnError `NOT_FOUND` */
  work(activityId: string): SimulatedActivity {
    const [standard, activity] = found(this.activities, activityId, "an activity");
    const { engagement, persistence } = this.learner.plans[0]!;
    const ability = this.mastery.ability(standard);
    const chance = completionChance(this.learner, activity, { ability, engagement, persistence });
    const completed = this.stream.next() < chance;
    const share = completed ? 1 : 0.1 + 0.6 * this.stream.next();
    const minutes = activity.minutes * (0.6 + 0.6 * this.stream.next()) * share;
    if (completed)
      this.mastery.learn(standard, activity.teachingEffect * modalityGain(this.learner, activity.modality));
    return { completed, minutes: Math.round(minutes * 10) / 10 };
  }

  /** Lets weeks go by without practice. */
  forget(weeks: number): void {
    this.mastery.forget(weeks);
  }

  /**
   * Answers to items of one standard of which a given number is wrong, as this learner could have given them: answers are
   * drawn, without learning, until as many are wrong. Tyler, who misses 4 of 5 on comparing fractions, is
   * `learner.struggle("4.NF.A.2", 5, 4)`.
   * @param questions - 1 to 20
   * @throws CairnError `BAD_INPUT` when a learner of this ability would all but never miss that many, `NOT_FOUND`
   */
  struggle(standard: string, questions: number, missed: number): SimulatedAnswer[] {
    const position = this.position(standard);
    const { items } = this.curriculum.standards[position]!;
    for (let attempt = 0; attempt < MOST_DRAWS && questions >= 1 && questions <= 20; attempt++) {
      const answers = Array.from({ length: questions }, (_, question) =>
        this.draw(position, items[question % items.length]!),
      );
      if (answers.filter(({ right }) => !right).length === missed) return answers;
    }
    throw new CairnError(
      "BAD_INPUT",
      `expected a learner who can miss ${missed} of ${questions} questions on ${standard}, got an ability of ${this.ability(standard).toFixed(2)}`,
      { hint: "give the learner another ability on the standard with `knows`, or ask for fewer or more wrong answers" },
    );
  }

  private draw(standard: number, item: Item): SimulatedAnswer {
    const { engagement, persistence } = this.learner.plans[0]!;
    const state = { ability: this.mastery.ability(standard), engagement, persistence, pace: this.learner.pace };
    const { code } = this.curriculum.standards[standard]!;
    return { itemId: item.id, standard: code, ...drawAnswer(item, state, this.stream) };
  }

  private position(standard: string): number {
    return found(this.positions, standard, "a standard");
  }
}

const MOST_DRAWS = 10_000; // a sequence rarer than one in a thousand is not this learner's

function person(options: SimulatedLearnerOptions): Learner {
  const { grade, seed, preferredModality } = options;
  if (!Number.isInteger(grade) || grade < 5 || grade > 9) {
    throw new CairnError("BAD_INPUT", `expected a grade from 5 to 9, got ${grade}`, {
      hint: "the curriculum has standards of grades 4 to 9, and a learner needs some to build on",
    });
  }
  const stream = random(seed).derive("simulated learner");
  const drawn = drawPerson({ stream, index: 0, studentId: "simulated", school: 0, firstYear: 0 });
  const first = drawn.plans[0]!;
  const plan = {
    ...first,
    year: CURRENT_YEAR,
    grade,
    mathematics: options.ability ?? first.mathematics,
    engagement: options.engagement ?? first.engagement,
    persistence: options.persistence ?? first.persistence,
  };
  const modality = preferredModality === undefined ? drawn.modality : modalities.indexOf(preferredModality);
  return { ...drawn, modality, plans: [plan] };
}

function found<T>(map: ReadonlyMap<string, T>, id: string, what: string): T {
  const value = map.get(id);
  if (value !== undefined) return value;
  throw new CairnError("NOT_FOUND", `expected ${what} of the synthetic curriculum, got "${id.slice(0, 40)}"`, {
    hint: "take ids from the files of a district with the same seed",
  });
}
