import { describe, expect, test } from "vitest";
import { bayesianKnowledgeTracing } from "../../../../../src/models/mastery/bayesian-knowledge-tracing.ts";
import { abilityTracking } from "../../../../../src/models/mastery/online/ability/ability-tracking.ts";
import { type AbilityDynamics, startingDynamics } from "../../../../../src/models/mastery/online/ability/dynamics.ts";
import type { FittedAbility } from "../../../../../src/models/mastery/online/ability/fitted-ability.ts";
import type { ObservationLog } from "../../../../../src/models/mastery/online/ability/observation-log.ts";
import { chainTracker } from "../../../../../src/models/mastery/online/chain-tracker.ts";
import {
  estimateAt,
  estimateColumns,
  type MasteryTracker,
  observationSources,
  type TrackerState,
} from "../../../../../src/models/mastery/online/tracker.ts";
import { sigmoid } from "../../../../../src/numeric/log-odds.ts";
import { codeOf, contextOf, describeEstimatorContract } from "../../../../contracts/estimator-contract.ts";
import { describeTrackerContract } from "../../../../contracts/tracker-contract.ts";
import { reordered, simulateWorld, type World } from "./simulate.ts";

const truth: AbilityDynamics = {
  ...startingDynamics,
  practiceGain: 0.15,
  practiceVariance: 0.01,
  fadePerDay: 0.01,
  guess: 0.1,
  slip: 0.03,
};
const small = simulateWorld({ seed: "contract", learners: 30, dynamics: truth, standards: 3, teacherEvery: 3 });
const graph = [[], [0], [1]];
const contractLog = (): ObservationLog => structuredClone({ ...small.log, prerequisites: graph });
const quick = () => abilityTracking({ rounds: 1, walks: 2 });

const predictions = (model: FittedAbility, log: ObservationLog): Float64Array => {
  const out = new Float64Array(log.outcome.length);
  model.predictNext(log, out);
  return out;
};
const only = (log: ObservationLog, rows: number): ObservationLog => ({
  ...log,
  learnerStart: Int32Array.of(0, rows),
  standard: log.standard.slice(0, rows),
  item: log.item.slice(0, rows),
  outcome: log.outcome.slice(0, rows),
  at: log.at.slice(0, rows),
  source: log.source.slice(0, rows),
});

describeEstimatorContract("ability tracking", {
  estimator: quick,
  input: contractLog,
  answers: (model: FittedAbility) => [
    ...predictions(model, contractLog()),
    ...Object.values(model.dynamics),
    model.itemSpread,
    ...model.standards.map(({ easiness }) => easiness),
  ],
  reordered: (log) =>
    reordered(
      log,
      Array.from({ length: 30 }, (_, i) => 29 - i),
    ),
  refused: {
    "a log without practice": {
      input: () => ({ ...contractLog(), source: new Uint8Array(small.log.outcome.length).fill(2) }),
      code: "BAD_INPUT",
    },
    "no observations": {
      input: () => ({ ...only(contractLog(), 0), learnerStart: Int32Array.of(0) }),
      code: "BAD_INPUT",
    },
    "an outcome above 1": {
      input: () => ({ ...only(contractLog(), 1), outcome: Float64Array.of(1.5) }),
      code: "BAD_INPUT",
    },
    "an outcome that is no number": {
      input: () => ({ ...only(contractLog(), 1), outcome: Float64Array.of(Number.NaN) }),
      code: "NOT_FINITE",
    },
    "an unnamed standard": {
      input: () => ({ ...only(contractLog(), 1), standard: Int32Array.of(3) }),
      code: "BAD_INPUT",
    },
    "time that goes back": {
      input: () => ({ ...only(contractLog(), 2), at: Float64Array.of(5, 4) }),
      code: "BAD_INPUT",
    },
    "unequal lengths": { input: () => ({ ...contractLog(), at: new Float64Array(1) }), code: "SHAPE_MISMATCH" },
    "a standard named twice": {
      input: () => ({ ...contractLog(), standards: ["same", "same", "other"] }),
      code: "BAD_INPUT",
    },
  },
  survived: {
    "one answer": () => only(contractLog(), 1),
    "no items": () => ({ ...contractLog(), items: [], item: new Int32Array(small.log.outcome.length).fill(-1) }),
    "all right": () => ({ ...contractLog(), outcome: new Float64Array(small.log.outcome.length).fill(1) }),
    "all at one moment": () => ({ ...contractLog(), at: new Float64Array(small.log.outcome.length) }),
    "prerequisites in a circle": () => ({ ...contractLog(), prerequisites: [[2], [0], [1]] }),
  },
});

const fittedSmall = quick().fit(contractLog(), contextOf(1));
describeTrackerContract("the tracker of abilities", () => fittedSmall.tracker(small.log.standards, graph));

/** Follows one simulated learner to the end. */
function follow(tracker: MasteryTracker, { log }: World, learner: number, sources = observationSources): TrackerState {
  const state = tracker.start();
  for (let row = log.learnerStart[learner]!; row < log.learnerStart[learner + 1]!; row++) {
    const source = observationSources[log.source[row]!]!;
    if (!sources.includes(source)) continue;
    const item = log.items[log.item[row]!];
    tracker.observe(state, {
      standard: log.standard[row]!,
      ...(item === undefined ? {} : { item }),
      outcome: log.outcome[row]!,
      at: log.at[row]!,
      source,
    });
  }
  return state;
}

describe("simulated learners", () => {
  const train = simulateWorld({ seed: "training", learners: 1000, dynamics: truth });
  const fitted = abilityTracking().fit(train.log, contextOf(1));
  const fresh = { ...simulateWorld({ seed: "training", learners: 1400, dynamics: truth }) }; // the first 1,000 are those above
  const tracker = fitted.tracker(fresh.log.standards);
  const standards = fresh.log.standards.length;
  const scale = 1 / Math.sqrt(1 + (Math.PI * fitted.itemSpread ** 2) / 8);
  const chanceOf = (ability: number): number => truth.guess + (1 - truth.guess - truth.slip) * sigmoid(scale * ability);

  test("easiness, difficulties and dynamics are found again", () => {
    const error = (found: readonly number[], real: Float64Array): number => {
      const shift = found.reduce((sum, value, i) => sum + value - real[i]!, 0) / found.length;
      return Math.max(...found.map((value, i) => Math.abs(value - shift - real[i]!)));
    };
    expect(
      error(
        fitted.standards.map(({ easiness }) => easiness),
        fresh.easiness,
      ),
    ).toBeLessThan(0.35);
    expect(Math.abs(fitted.dynamics.generalSpread - truth.generalSpread)).toBeLessThan(0.25);
    expect(Math.abs(fitted.dynamics.standardSpread - truth.standardSpread)).toBeLessThan(0.25);
    expect(Math.abs(fitted.dynamics.guess - truth.guess)).toBeLessThan(0.08);
    expect(Math.abs(fitted.itemSpread - 0.6)).toBeLessThan(0.2);
  });

  /** What the tracker said of every standard that learners never seen had answered, and the true chance. */
  const told = Array.from({ length: 400 }, (_, i) => 1000 + i).flatMap((learner) => {
    const state = follow(tracker, fresh, learner);
    const out = estimateColumns(standards);
    tracker.estimateAll(state, state.latest, out);
    return Array.from({ length: standards }, (_, k) => ({
      ...estimateAt(out, k),
      chance: chanceOf(fresh.ability[learner * standards + k]!),
    })).filter(({ evidence }) => evidence > 0);
  });
  const shareOf = <T>(list: readonly T[], holds: (entry: T) => boolean): number =>
    list.filter(holds).length / list.length;

  test("of learners never seen, nine in ten intervals hold the truth", () => {
    const covered = shareOf(told, ({ chance, low, high }) => chance >= low && chance <= high);
    expect(covered).toBeGreaterThan(0.86);
    expect(covered).toBeLessThan(0.94);
  });

  test("mastery is as sure as it says", () => {
    const likely = told.filter(({ mastery }) => mastery >= 0.6);
    const mean = likely.reduce((sum, { mastery }) => sum + mastery, 0) / likely.length;
    expect(Math.abs(shareOf(likely, ({ chance }) => chance >= 0.7) - mean)).toBeLessThan(0.05);
    const sure = told.filter(({ mastery }) => mastery >= 0.95);
    expect(sure.length).toBeGreaterThan(100);
    expect(shareOf(sure, ({ chance }) => chance >= 0.7)).toBeGreaterThan(0.93);
  });

  test("says more surely who knows a standard than chains do", () => {
    const { log } = train;
    const learner = new Int32Array(log.outcome.length);
    for (let unit = 0; unit + 1 < log.learnerStart.length; unit++)
      learner.fill(unit, log.learnerStart[unit]!, log.learnerStart[unit + 1]!);
    const chains = chainTracker(
      bayesianKnowledgeTracing().fit(
        { learner, skill: log.standard, outcome: log.outcome, learnerStart: log.learnerStart, skills: log.standards },
        contextOf(1),
      ),
      log.standards,
    );
    const brier = (by: MasteryTracker): number => {
      const out = estimateColumns(standards);
      let sum = 0;
      for (let unit = 1000; unit < 1400; unit++) {
        const state = follow(by, fresh, unit);
        by.estimateAll(state, state.latest, out);
        for (let k = 0; k < standards; k++) {
          const real = chanceOf(fresh.ability[unit * standards + k]!) >= 0.7 ? 1 : 0;
          sum += (out.mastery[k]! - real) ** 2 / (400 * standards);
        }
      }
      return sum;
    };
    expect(brier(tracker)).toBeLessThan(0.7 * brier(chains));
  });

  test("a teacher's words weigh what they are worth", () => {
    const world = simulateWorld({ seed: "teachers", learners: 500, dynamics: truth, teacherEvery: 2 });
    const worth = abilityTracking().fit(world.log, contextOf(1));
    expect(worth.dynamics.teacherWeight).toBeGreaterThan(3); // eight answers' worth went in; practice in between hides some
    const noise = {
      ...world.log,
      outcome: world.log.outcome.map((y, row) => (world.log.source[row] === 2 ? ((row * 7) % 9) / 8 : y)),
    };
    expect(abilityTracking().fit(noise, contextOf(1)).dynamics.teacherWeight).toBeLessThan(1.2);
  });
});

describe("a tracker of abilities", () => {
  const { standards } = small.log;
  const at = small.end;

  test("predicts what the model predicts, answer by answer, also before the first on a standard", () => {
    const log = { ...contractLog(), items: [], item: new Int32Array(small.log.outcome.length).fill(-1) };
    const model = quick().fit(log, contextOf(1));
    const chances = predictions(model, log);
    const tracker = model.tracker(standards, graph);
    for (let learner = 0; learner < 5; learner++) {
      const state = tracker.start();
      for (let row = log.learnerStart[learner]!; row < log.learnerStart[learner + 1]!; row++) {
        const observation = { standard: log.standard[row]!, outcome: log.outcome[row]!, at: log.at[row]! };
        const { correctNext } = tracker.estimate(state, observation.standard, observation.at);
        if (log.source[row] === 0) expect(correctNext).toBeCloseTo(chances[row]!, 12);
        tracker.observe(state, { ...observation, source: observationSources[log.source[row]!]! });
      }
    }
  });

  test("mastery of .95 is an interval above the criterion", () => {
    const tracker = fittedSmall.tracker(standards, graph);
    const out = estimateColumns(standards.length);
    for (let learner = 0; learner < 30; learner++) {
      const state = follow(tracker, small, learner);
      tracker.estimateAll(state, at, out);
      for (let k = 0; k < standards.length; k++) expect(out.mastery[k]! >= 0.95).toBe(out.low[k]! >= 0.7 - 1e-9);
    }
  });

  test("a right answer to a hard item says more than one to an easy item", () => {
    const tracker = fittedSmall.tracker(standards, graph);
    const order = [...small.log.items.keys()]
      .filter((i) => i < 5)
      .sort((a, b) => small.difficulty[a]! - small.difficulty[b]!);
    const chance = (item: number): number => {
      const state = tracker.start();
      tracker.observe(state, { standard: 0, item: small.log.items[item]!, outcome: 1, at, source: "response" });
      return tracker.estimate(state, 0, at).correctNext;
    };
    expect(chance(order.at(-1)!)).toBeGreaterThan(chance(order[0]!));
  });

  test("without practice what is known of a standard widens, and general ability still tells of others", () => {
    const tracker = fittedSmall.tracker(standards);
    const state = tracker.start();
    for (let i = 0; i < 8; i++)
      tracker.observe(state, { standard: 0, outcome: 1, at: at + i * 60_000, source: "response" });
    const width = (days: number): number => {
      const { low, high } = tracker.estimate(state, 0, at + days * 86_400_000);
      return high - low;
    };
    expect(width(300)).toBeGreaterThan(width(1));
    const untouched = tracker.estimate(tracker.start(), 1, at);
    expect(untouched.basis).toBe("prior");
    expect(tracker.estimate(state, 1, at).correctNext).toBeGreaterThan(untouched.correctNext);
    expect(tracker.estimate(state, 1, at).basis).toBe("graph");
  });

  test("a criterion out of reach is refused", () => {
    for (const criterion of [0, 1, Number.NaN])
      expect(codeOf(() => fittedSmall.tracker(standards, graph, { criterion }))).toBe("BAD_INPUT");
  });

  test("a standard the model never saw is as easy as the average", () => {
    const tracker = fittedSmall.tracker(["never seen"]);
    const easiness =
      fittedSmall.standards.reduce((sum, s) => sum + s.easiness * s.observations, 0) /
      fittedSmall.standards.reduce((sum, s) => sum + s.observations, 0);
    const { correctNext } = tracker.estimate(tracker.start(), 0, at);
    const least = fittedSmall.tracker(standards);
    const chances = standards.map((_, k) => least.estimate(least.start(), k, at).correctNext);
    expect(Number.isFinite(easiness)).toBe(true);
    expect(correctNext).toBeGreaterThan(Math.min(...chances) - 1e-9);
    expect(correctNext).toBeLessThan(Math.max(...chances) + 1e-9);
  });
});
