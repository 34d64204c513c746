import { describe, expect, test } from "vitest";
import { drawAnswer, poisson, rightChance } from "../../../datasets/synthetic/answering.ts";
import { buildCurriculum, modalities } from "../../../datasets/synthetic/curriculum.ts";
import { logistic } from "../../../datasets/synthetic/parameters.ts";
import { SimulatedLearner } from "../../../datasets/synthetic/simulated-learner.ts";
import { random } from "../../../src/numeric/random.ts";

const curriculum = buildCurriculum(random("bank").derive("curriculum"));
const fractions = "4.NF.A.2";
const learner = (options: object = {}): SimulatedLearner =>
  new SimulatedLearner({ seed: "someone", districtSeed: "bank", grade: 5, ...options });

describe("answers are as frequent as the equations say", () => {
  const draws = 20_000; // standard error of a share at most 0.0035, bounds are four of them
  const item = curriculum.standards[10]!.items[0]!;
  test.each([-2, 0, 1.5])("ability %f: right answers, hints, attempts, rapid guesses", (ability) => {
    const state = { ability, engagement: -0.5, persistence: 0.4, pace: 0 };
    const stream = random("answers");
    const answers = Array.from({ length: draws }, () => drawAnswer(item, state, stream));
    const rapidChance = logistic(-3.2 + 0.45);
    const right = rapidChance * item.guess + (1 - rapidChance) * rightChance(item, ability);
    const share = (of: (answer: (typeof answers)[number]) => boolean): number => answers.filter(of).length / draws;
    expect(Math.abs(share((answer) => answer.right) - right)).toBeLessThan(0.014);
    expect(Math.abs(share((answer) => answer.rapid) - rapidChance)).toBeLessThan(0.014);
    const wrong = answers.filter((answer) => !answer.right);
    const again = wrong.filter((answer) => answer.attempts > 1).length / wrong.length;
    expect(Math.abs(again - logistic(0.8 + 0.24))).toBeLessThan(4 * Math.sqrt(0.25 / wrong.length));
    expect(answers.every((answer) => answer.attempts === 1 || !answer.right)).toBe(true);
    const slow = answers.filter((answer) => !answer.rapid);
    const mean = Math.exp(-1.1 - 0.6 * (ability - item.difficulty) + 0.08);
    const none = slow.filter((answer) => answer.hints === 0).length / slow.length;
    expect(Math.abs(none - Math.exp(-mean))).toBeLessThan(0.014);
    expect(answers.filter((answer) => answer.rapid).every((answer) => answer.seconds <= 4)).toBe(true);
  });

  test("a Poisson draw has its mean", () => {
    const stream = random("poisson");
    let sum = 0;
    for (let draw = 0; draw < draws; draw++) sum += poisson(0.7, stream);
    expect(Math.abs(sum / draws - 0.7)).toBeLessThan(4 * Math.sqrt(0.7 / draws));
  });
});

describe("a simulated learner", () => {
  test("gives the same answers to the same questions, and others with another seed", () => {
    const answers = (seed: string): unknown[] => {
      const one = learner({ seed });
      return Array.from({ length: 20 }, () => one.ask(fractions));
    };
    expect(answers("a")).toEqual(answers("a"));
    expect(answers("a")).not.toEqual(answers("b"));
  });

  test("learns from what it is given: answers a little, activities as much as the truth says, more where preferred", () => {
    const activity = curriculum.standards.find(({ code }) => code === fractions)!.activities[0]!;
    const options = { knows: { [fractions]: -1 }, engagement: 3, persistence: 3 };
    const gained = (preferred: boolean): number => {
      const preferredModality = modalities[(activity.modality + (preferred ? 0 : 1)) % modalities.length]!;
      const one = learner({ ...options, preferredModality });
      const before = one.ability(fractions);
      while (!one.work(activity.id).completed);
      return one.ability(fractions) - before;
    };
    expect(gained(false)).toBeGreaterThan(0);
    expect(gained(true) / gained(false)).toBeCloseTo(1.6, 2);
    const one = learner(options);
    const before = one.chance(curriculum.standards.find(({ code }) => code === fractions)!.items[0]!.id);
    for (let answer = 0; answer < 30; answer++) one.ask(fractions);
    expect(one.chance(curriculum.standards.find(({ code }) => code === fractions)!.items[0]!.id)).toBeGreaterThan(
      before,
    );
    const known = one.ability(fractions);
    one.forget(20);
    expect(one.ability(fractions)).toBeLessThan(known);
  });

  test("knows what it is said to know", () => {
    const one = learner({ knows: { [fractions]: 1.2, "4.NF.A.1": -1.5 } });
    expect(one.ability(fractions)).toBeCloseTo(1.2, 10);
    expect([one.mastered(fractions), one.mastered("4.NF.A.1")]).toEqual([true, false]);
  });

  test("Tyler misses four of five on comparing fractions", () => {
    const tyler = learner({ knows: { [fractions]: -1.2 } });
    const before = tyler.ability(fractions);
    const answers = tyler.struggle(fractions, 5, 4);
    expect(answers).toHaveLength(5);
    expect(answers.filter(({ right }) => !right)).toHaveLength(4);
    expect(answers.every(({ standard }) => standard === fractions)).toBe(true);
    expect(tyler.ability(fractions)).toBe(before);
  });

  test("what it cannot do or does not know is refused", () => {
    const one = learner({ knows: { [fractions]: 12 } });
    expect(() => one.struggle(fractions, 20, 20)).toThrow(expect.objectContaining({ code: "BAD_INPUT" }));
    expect(() => one.struggle(fractions, 0, 0)).toThrow(expect.objectContaining({ code: "BAD_INPUT" }));
    for (const call of [() => one.ask("9.X"), () => one.answer("item-9"), () => one.work("act-9")])
      expect(call).toThrow(expect.objectContaining({ code: "NOT_FOUND" }));
    expect(() => learner({ grade: 4 })).toThrow(expect.objectContaining({ code: "BAD_INPUT" }));
  });
});
