import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type FollowUp, productLimit } from "../../../../src/engine/evaluation/survival/follow-up.ts";
import { type SurvivalQuestion, survivalScores } from "../../../../src/engine/evaluation/survival/scores.ts";
import { areaUnderRocScore } from "../../../../src/numeric/metrics/area-under-roc.ts";
import { brierLoss } from "../../../../src/numeric/metrics/brier.ts";
import { random } from "../../../../src/numeric/random.ts";
import { codeOf } from "../../../contracts/estimator-contract.ts";

interface StoredFollowUp {
  readonly time: number[];
  readonly event: number[];
}
interface Golden {
  readonly train: StoredFollowUp;
  readonly test: StoredFollowUp;
  readonly times: number[];
  readonly survival: number[][];
  readonly censoring: number[];
  readonly auc: number[];
  readonly meanAuc: number;
  readonly brier: number[];
  readonly integratedBrier: number;
}

const golden = JSON.parse(
  readFileSync(new URL("../../../golden/survival-scores/survival-scores.json", import.meta.url), "utf8"),
) as Golden;
const followUp = ({ time, event }: StoredFollowUp): FollowUp => ({
  time: Float64Array.from(time),
  event: Uint8Array.from(event),
});

test("scikit-survival: the censoring curve, Brier, its integral, cumulative/dynamic AUC and its mean", () => {
  const train = followUp(golden.train);
  const curve = productLimit(train, "censoring");
  for (const [index, expected] of golden.censoring.entries()) expect(curve(index + 1)).toBeCloseTo(expected, 12);
  const scores = survivalScores({
    train,
    test: followUp(golden.test),
    times: Float64Array.from(golden.times),
    survival: Float64Array.from(golden.survival.flat()),
  });
  for (const [at, expected] of golden.brier.entries()) expect(scores.brier[at]).toBeCloseTo(expected, 12);
  for (const [at, expected] of golden.auc.entries()) expect(scores.auc[at]).toBeCloseTo(expected, 12);
  expect(scores.integratedBrier).toBeCloseTo(golden.integratedBrier, 12);
  expect(scores.meanAuc).toBeCloseTo(golden.meanAuc, 12);
});

/** Weeks with ties, a third censored where `isCensored`. */
function draw(seed: number, rows: number, isCensored: boolean): SurvivalQuestion {
  const rng = random(seed);
  const people = (): FollowUp => ({
    time: Float64Array.from({ length: rows }, () => 1 + rng.integer(12)),
    event: Uint8Array.from({ length: rows }, () => (isCensored && rng.next() < 0.33 ? 0 : 1)),
  });
  const [train, judges] = [people(), people()];
  const times = Float64Array.of(3, 6, 9);
  const survival = Float64Array.from({ length: rows * 3 }, () => Math.round(10 * rng.next()) / 10);
  return { train, test: judges, times, survival };
}

test("without censoring they are the plain Brier loss and the plain AUC of the event by then", () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const question = draw(seed, 60, false);
      const { brier, auc } = survivalScores(question);
      for (const [at, time] of question.times.entries()) {
        const came = Uint8Array.from(question.test.time, (own) => (own <= time ? 1 : 0));
        const risk = Float64Array.from(came, (_, i) => 1 - question.survival[i * 3 + at]!);
        const [plainBrier, plainAuc] = [brierLoss(came, risk), areaUnderRocScore(came, risk)];
        if (plainBrier.status === "defined") expect(brier[at]).toBeCloseTo(plainBrier.value, 12);
        if (plainAuc.status === "defined") expect(auc[at]).toBeCloseTo(plainAuc.value, 12);
        else expect(auc[at]).toHaveProperty("status", "undefined");
      }
    }),
    { numRuns: 40 },
  );
});

test("the order of learners does not matter, and the true survival beats a constant under censoring", () => {
  const rng = random("truth");
  const rows = 4000;
  const hazard = Float64Array.from({ length: rows }, () => 0.02 + 0.2 * rng.next());
  const weekOf = (chance: number): number => Math.ceil(Math.log(1 - rng.next()) / Math.log(1 - chance));
  const ends = Array.from(hazard, (own) => [weekOf(own), weekOf(0.06)] as const);
  const test: FollowUp = {
    time: Float64Array.from(ends, ([event, gone]) => Math.min(event, gone, 30)),
    event: Uint8Array.from(ends, ([event, gone]) => (event <= gone && event <= 30 ? 1 : 0)),
  };
  const times = Float64Array.of(4, 8, 12);
  const truth = Float64Array.from({ length: rows * 3 }, (_, k) => (1 - hazard[Math.floor(k / 3)]!) ** times[k % 3]!);
  const mean = Float64Array.from(
    times,
    (_, at) => truth.filter((_, k) => k % 3 === at).reduce((a, b) => a + b, 0) / rows,
  );
  const scores = survivalScores({ train: test, test, times, survival: truth });
  const plain = survivalScores({ train: test, test, times, survival: truth.map((_, k) => mean[k % 3]!) });
  expect(scores.integratedBrier).toBeLessThan(plain.integratedBrier as number);
  expect(plain.meanAuc).toBeCloseTo(0.5, 12);
  // what is expected of the true chances, known because nothing was hidden from this simulation: mean of p(1 − p)
  for (const [at] of times.entries()) {
    const own = truth.filter((_, k) => k % 3 === at);
    const expected = own.reduce((sum, p) => sum + p * (1 - p), 0) / rows;
    expect(Math.abs((scores.brier[at] as number) - expected)).toBeLessThan(0.012);
  }
  const turned = Array.from({ length: rows }, (_, i) => rows - 1 - i);
  const again = survivalScores({
    train: test,
    test: {
      time: Float64Array.from(turned, (i) => test.time[i]!),
      event: Uint8Array.from(turned, (i) => test.event[i]!),
    },
    times,
    survival: Float64Array.from(turned.flatMap((i) => [...truth.subarray(i * 3, i * 3 + 3)])),
  });
  expect(again.meanAuc).toBeCloseTo(scores.meanAuc as number, 12);
  expect(again.integratedBrier).toBeCloseTo(scores.integratedBrier as number, 12);
});

test("what cannot be computed is said, and what is no question is refused", () => {
  const question = draw(1, 20, true);
  const early = survivalScores({ ...question, times: Float64Array.of(0.5), survival: new Float64Array(20).fill(0.9) });
  expect(early.auc[0]).toEqual({ status: "undefined", reason: "no event came by week 0.5" });
  expect(early.meanAuc).toHaveProperty("status", "undefined");
  expect(early.integratedBrier).toHaveProperty("status", "undefined");
  expect(early.brier[0]).toBeCloseTo(0.01, 12);
  const late = survivalScores({ ...question, times: Float64Array.of(12), survival: new Float64Array(20) });
  expect(late.auc[0]).toEqual({ status: "undefined", reason: "nobody was followed beyond week 12" });
  // every training learner is censored in week 1: of later weeks nothing can be learned from them
  const train: FollowUp = { time: new Float64Array(5).fill(1), event: new Uint8Array(5) };
  expect(survivalScores({ ...question, train }).brier[1]).toHaveProperty("status", "undefined");
  const refused: readonly (readonly [Partial<SurvivalQuestion>, string])[] = [
    [{ survival: new Float64Array(3) }, "SHAPE_MISMATCH"],
    [{ survival: new Float64Array(60).fill(1.1) }, "BAD_INPUT"],
    [{ times: Float64Array.of(6, 3, 9) }, "BAD_INPUT"],
    [{ test: { time: new Float64Array(20).fill(-1), event: new Uint8Array(20) } }, "BAD_INPUT"],
    [{ train: { time: new Float64Array(2), event: new Uint8Array(1) } }, "SHAPE_MISMATCH"],
    [{ train: { time: new Float64Array(0), event: new Uint8Array(0) } }, "BAD_INPUT"],
  ];
  for (const [change, code] of refused) expect(codeOf(() => survivalScores({ ...question, ...change }))).toBe(code);
});
