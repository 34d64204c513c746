import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  advance,
  COUNTS,
  chainWorkspace,
  expectedCounts,
  FORGET,
  GUESS,
  LEARN,
  PARAMETERS,
  PRIOR,
  SLIP,
  successProbability,
} from "../../../src/models/mastery/chain.ts";
import {
  CLAMP,
  LARGEST_GUESS_PLUS_SLIP,
  logPrior,
  maximize,
  priorCounts,
} from "../../../src/models/mastery/maximization.ts";
import { groupBySkill, type SkillSequences } from "../../../src/models/mastery/sequences.ts";
import { logOf } from "./sequences-of.ts";

// An independent hidden Markov model in log space; see tests/golden/bkt/generate.py
const golden = JSON.parse(readFileSync(new URL("../../golden/bkt/bkt.json", import.meta.url), "utf8")) as {
  sequences: string[];
  probe: number[];
  counts: number[];
  logLikelihood: number;
  predictions: number[][];
};

const group = (sequences: readonly (readonly number[])[]): SkillSequences =>
  groupBySkill(
    logOf(
      sequences.map((outcomes) => outcomes.map((outcome) => [0, outcome] as const)),
      1,
    ),
  )[0]!;

/** Adds one event of parameter k to the counts, and one occasion of it. */
function tally(counts: Float64Array, k: number, event: boolean): void {
  counts[2 * k] = counts[2 * k]! + (event ? 1 : 0);
  counts[2 * k + 1] = counts[2 * k + 1]! + 1;
}

/** Probability of one path of hidden states with the outcomes; `counts` receives the path's events and occasions. */
function followPath(path: number, outcomes: readonly number[], parameters: Float64Array, counts: Float64Array): number {
  const known = (t: number): boolean => ((path >> t) & 1) === 1;
  const chance = (k: number, event: boolean): number => {
    tally(counts, k, event);
    return event ? parameters[k]! : 1 - parameters[k]!;
  };
  let weight = chance(PRIOR, known(0));
  for (const [t, outcome] of outcomes.entries()) {
    weight *= known(t) ? chance(SLIP, outcome === 0) : chance(GUESS, outcome === 1);
    if (t + 1 < outcomes.length) weight *= chance(known(t) ? FORGET : LEARN, known(t) !== known(t + 1));
  }
  return weight;
}

/** Expected counts and likelihood by adding up all 2ⁿ paths of hidden states. */
function enumerate(
  outcomes: readonly number[],
  parameters: Float64Array,
): { counts: Float64Array; logLikelihood: number } {
  const counts = new Float64Array(COUNTS);
  let total = 0;
  for (let path = 0; path < 2 ** outcomes.length; path++) {
    const seen = new Float64Array(COUNTS);
    const weight = followPath(path, outcomes, parameters, seen);
    total += weight;
    for (let i = 0; i < COUNTS; i++) counts[i] = counts[i]! + weight * seen[i]!;
  }
  return { counts: counts.map((count) => count / total), logLikelihood: Math.log(total) };
}

const probability = fc.double({ min: 0.001, max: 0.999, noNaN: true });
const chains = fc
  .tuple(probability, probability, probability, probability, probability)
  .map((p) => Float64Array.from(p));
const outcomes = fc.array(fc.constantFrom(0, 1), { minLength: 1, maxLength: 8 });

test("forward–backward equals the enumeration of all hidden paths", () => {
  fc.assert(
    fc.property(outcomes, chains, fc.boolean(), (sequence, parameters, forgetting) => {
      if (!forgetting) parameters[FORGET] = 0;
      const workspace = chainWorkspace(8);
      const logLikelihood = expectedCounts(group([sequence]), parameters, workspace);
      const expected = enumerate(sequence, parameters);
      expect(logLikelihood).toBeCloseTo(expected.logLikelihood, 10);
      for (let i = 0; i < COUNTS; i++) expect(workspace.counts[i]!).toBeCloseTo(expected.counts[i]!, 10);
    }),
  );
});

test("forward–backward agrees with an independent log-space implementation on 250 sequences", () => {
  const sequences = golden.sequences.map((row) => Array.from(row, Number));
  const workspace = chainWorkspace(Math.max(...sequences.map(({ length }) => length)));
  const logLikelihood = expectedCounts(group(sequences), Float64Array.from(golden.probe), workspace);
  expect(Math.abs(logLikelihood / golden.logLikelihood - 1)).toBeLessThan(1e-9);
  for (const [i, count] of golden.counts.entries())
    expect(Math.abs(workspace.counts[i]! / count - 1)).toBeLessThan(1e-9);
});

test("one response at a time gives the reference's predictions", () => {
  const parameters = Float64Array.from(golden.probe);
  for (const [i, expected] of golden.predictions.entries()) {
    let known = parameters[PRIOR]!;
    for (const [t, prediction] of expected.entries()) {
      expect(successProbability(known, parameters, 0)).toBeCloseTo(prediction, 12);
      known = advance(known, Number(golden.sequences[i]![t]), parameters, 0);
    }
  }
});

test("partial credit follows the odds form L·((1−S)/G)^s·(S/(1−G))^(1−s)", () => {
  fc.assert(
    fc.property(chains, probability, fc.double({ min: 0, max: 1, noNaN: true }), (parameters, known, credit) => {
      const [, learn, forget, guess, slip] = parameters as unknown as [number, number, number, number, number];
      const odds = (known / (1 - known)) * ((1 - slip) / guess) ** credit * (slip / (1 - guess)) ** (1 - credit);
      const after = (odds * (1 - forget) + learn) / (odds * forget + 1 - learn);
      expect(advance(known, credit, parameters, 0)).toBeCloseTo(after / (1 + after), 9);
    }),
  );
});

test("long sequences neither underflow nor lose likelihood", () => {
  const parameters = Float64Array.of(0.5, 1e-4, 1e-4, 1e-4, 1e-4);
  const sequence = Array.from({ length: 4000 }, (_, t) => t % 2);
  const workspace = chainWorkspace(sequence.length);
  const twice = expectedCounts(group([sequence, sequence]), parameters, workspace);
  const once = expectedCounts(group([sequence]), parameters, workspace);
  expect(Number.isFinite(once) && once < -10_000).toBe(true);
  expect(twice).toBeCloseTo(2 * once, 6);
  expect(workspace.counts.every((count) => Number.isFinite(count) && count >= -1e-9)).toBe(true);
});

test("EM never lowers the penalised likelihood, and guess + slip stays below its limit", () => {
  const many = fc.array(fc.array(fc.constantFrom(0, 0.5, 1), { minLength: 1, maxLength: 9 }), {
    minLength: 1,
    maxLength: 25,
  });
  const start = fc.tuple(
    ...Array.from({ length: PARAMETERS }, () => fc.double({ min: CLAMP, max: 0.47, noNaN: true })),
  );
  fc.assert(
    fc.property(many, start, fc.constantFrom(0, 5), fc.boolean(), (lists, from, strength, forgetting) => {
      const sequences = group(lists);
      const prior = priorCounts(strength);
      const parameters = Float64Array.from(from);
      if (!forgetting) parameters[FORGET] = 0;
      const workspace = chainWorkspace(sequences.longest);
      let before = Number.NEGATIVE_INFINITY;
      for (let iteration = 0; iteration < 25; iteration++) {
        const objective = expectedCounts(sequences, parameters, workspace) + logPrior(parameters, prior);
        expect(objective).toBeGreaterThanOrEqual(
          before - 1e-10 * Math.abs(before === Number.NEGATIVE_INFINITY ? 0 : before),
        );
        before = objective;
        maximize(workspace.counts, prior, parameters);
        expect(parameters[GUESS]! + parameters[SLIP]!).toBeLessThanOrEqual(LARGEST_GUESS_PLUS_SLIP + 1e-12);
        expect(
          parameters.every((value, k) => (k === FORGET && !forgetting ? value === 0 : value >= CLAMP && value < 1)),
        ).toBe(true);
      }
    }),
  );
});

test("grouping keeps every learner's order and merges equal sequences whatever the order of learners", () => {
  const learners = [
    [
      [0, 1],
      [1, 0],
      [0, 0],
    ],
    [
      [1, 0],
      [0, 1],
      [0, 0],
    ],
    [
      [0, 0],
      [0, 1],
    ],
  ] as const;
  const [first, second, third] = groupBySkill(logOf(learners));
  expect([...first!.outcome]).toEqual([0, 1, 1, 0]);
  expect([...first!.weight]).toEqual([1, 2]);
  expect([first!.responses, first!.longest]).toEqual([6, 2]);
  expect([...second!.weight]).toEqual([2]);
  expect(third!.responses).toBe(0);
  expect(groupBySkill(logOf(learners.toReversed()))).toEqual([first, second, third]);
});
