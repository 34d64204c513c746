import { CairnError } from "../../../errors.ts";
import type { Figure } from "../evaluation.ts";
import { checkFollowUp, type FollowUp, productLimit } from "./follow-up.ts";

/** What time-dependent scores are computed from. */
export interface SurvivalQuestion {
  /** The learners the model learned from: how censoring goes is learned from them, too. */
  readonly train: FollowUp;
  /** The learners who judge. */
  readonly test: FollowUp;
  /** The weeks asked about, ascending. */
  readonly times: Float64Array;
  /** Shape (test learners × times), row-major: predicted chance to be without the event after each time, in [0, 1]. */
  readonly survival: Float64Array;
}

/** Scores of predicted survival under censoring. */
export interface SurvivalScores {
  /** By time: mean squared error of the predicted survival, each learner standing for those censored before; lower is better. */
  readonly brier: readonly Figure[];
  /** The mean of `brier` between the first and the last time, by the trapezoidal rule; of two times or more. */
  readonly integratedBrier: Figure;
  /** By time: the chance that a learner whose event came by then was given less survival than one still without it. */
  readonly auc: readonly Figure[];
  /** The mean of `auc`, each time weighted with the share of events since the time before. */
  readonly meanAuc: Figure;
}

/**
 * Time-dependent scores with inverse-probability-of-censoring weights: whose end is not known counts neither way, and those
 * like them whose end is known count for more. The weights hold when censoring does not depend on the risk; learners who transfer
 * because they are falling behind make every such score too good.
 * @throws CairnError `SHAPE_MISMATCH`, `BAD_INPUT` for times that do not ascend or survival outside [0, 1]
 * @see Graf, Schmoor, Sauerbrei and Schumacher (1999), Statistics in Medicine 18, section 3 (Brier); Uno, Cai, Tian and Wei (2007),
 *   Journal of the American Statistical Association 102(478), section 2 (cumulative cases, dynamic controls)
 */
export function survivalScores(question: SurvivalQuestion): SurvivalScores {
  check(question);
  const { train, test, times } = question;
  const uncensored = productLimit(train, "censoring");
  const weights = Float64Array.from(test.time, (time, i) => (test.event[i] === 1 ? 1 / uncensored(time) : 0));
  const brier = Array.from(times, (time, at) => brierAt(question, at, weights, uncensored(time)));
  const auc = Array.from(times, (_, at) => aucAt(question, at, weights));
  return { brier, integratedBrier: integrate(brier, times), auc, meanAuc: meanOf(auc, question) };
}

function check({ train, test, times, survival }: SurvivalQuestion): void {
  checkFollowUp(train);
  checkFollowUp(test);
  if (survival.length !== test.time.length * times.length) {
    throw new CairnError(
      "SHAPE_MISMATCH",
      `expected survival of ${test.time.length} × ${times.length} learners and times, got ${survival.length}`,
    );
  }
  if (times.length === 0 || times.some((time, at) => at > 0 && !(time > times[at - 1]!)))
    throw new CairnError("BAD_INPUT", `expected times that ascend, got ${times.join(", ") || "none"}`);
  const odd = survival.find((chance) => !(chance >= 0 && chance <= 1));
  if (odd !== undefined) throw new CairnError("BAD_INPUT", `expected survival in [0, 1], got ${odd}`);
}

const undefinedFigure = (reason: string): Figure => ({ status: "undefined", reason });

function brierAt({ test, times, survival }: SurvivalQuestion, at: number, weights: Float64Array, left: number): Figure {
  let sum = 0;
  for (let i = 0; i < test.time.length; i++) {
    const chance = survival[i * times.length + at]!;
    if (test.time[i]! > times[at]!) sum += (1 - chance) ** 2 / left;
    else if (test.event[i] === 1) sum += chance ** 2 * weights[i]!;
  }
  if (Number.isFinite(sum)) return sum / test.time.length;
  return undefinedFigure(`no training learner was followed beyond week ${times[at]}`);
}

/** Σ over pairs of a case and a control of the case's weight, where the case has the lower survival; ties count half. */
function aucAt({ test, times, survival }: SurvivalQuestion, at: number, weights: Float64Array): Figure {
  const time = times[at]!;
  const given = (i: number): number => survival[i * times.length + at]!;
  const all = Array.from(test.time.keys());
  const isCase = (i: number): boolean => test.time[i]! <= time && test.event[i] === 1;
  const cases = all.filter(isCase).sort((a, b) => given(a) - given(b));
  const controls = Float64Array.from(
    all.filter((i) => test.time[i]! > time),
    given,
  ).sort();
  if (cases.length === 0) return undefinedFigure(`no event came by week ${time}`);
  if (controls.length === 0) return undefinedFigure(`nobody was followed beyond week ${time}`);
  let pairs = 0;
  let total = 0;
  let below = 0; // controls with less survival than the case
  let upTo = 0; // controls with at most as much
  for (const own of cases) {
    while (below < controls.length && controls[below]! < given(own)) below++;
    upTo = Math.max(upTo, below);
    while (upTo < controls.length && controls[upTo]! <= given(own)) upTo++;
    pairs += weights[own]! * (controls.length - (below + upTo) / 2);
    total += weights[own]!;
  }
  if (Number.isFinite(total)) return pairs / (total * controls.length);
  return undefinedFigure(`no training learner was followed beyond the events before week ${time}`);
}

function integrate(values: readonly Figure[], times: Float64Array): Figure {
  if (times.length < 2) return undefinedFigure("an integral takes two times or more");
  let area = 0;
  for (let at = 1; at < times.length; at++) {
    const [before, now] = [values[at - 1]!, values[at]!];
    if (typeof before !== "number") return before;
    if (typeof now !== "number") return now;
    area += ((before + now) / 2) * (times[at]! - times[at - 1]!);
  }
  return area / (times.at(-1)! - times[0]!);
}

function meanOf(auc: readonly Figure[], { test, times }: SurvivalQuestion): Figure {
  const without = productLimit(test, "event");
  let sum = 0;
  let before = 1;
  for (const [at, value] of auc.entries()) {
    if (typeof value !== "number") return value;
    const now = without(times[at]!);
    sum += value * (before - now);
    before = now;
  }
  return sum / (1 - before); // a case at every time: some event came
}
