import { CairnError } from "../../../../errors.ts";
import type { FitContext } from "../../../estimator.ts";
import { observationSources } from "../tracker.ts";
import {
  type AbilityDynamics,
  type DynamicsName,
  dynamicsNames,
  fromLine,
  startingDynamics,
  toLine,
} from "./dynamics.ts";
import { type AbilityModel, walk } from "./follow.ts";
import { canonicalLearners, type ObservationLog } from "./observation-log.ts";
import { prerequisiteGraph } from "./prerequisites.ts";

/** How long learning goes on. */
export interface LearnSettings {
  /** Rounds of searching the dynamics, each followed by estimating items. */
  readonly rounds: number;
  /** Observations the dynamics are searched on at most. */
  readonly searched: number;
  /** Walks over the whole log per round, to estimate items. */
  readonly walks: number;
}

/** What was learned from a log. */
export interface Learned extends AbilityModel {
  /** Shape (items): logits, higher is harder; around 0 within each standard. */
  readonly difficulty: Float64Array;
  /** Standard deviation of difficulties. */
  readonly itemSpread: number;
  /** Shape (standards): observations. */
  readonly observations: Int32Array;
  /** Mean log-loss of answers of practice predicted one step ahead, on the observations the dynamics were searched on. */
  readonly loss: number;
}

const EASINESS_VARIANCE = 4; // of a standard's easiness before any answer: nearly all lie within ±4 logits
const FIRST_ITEM_SPREAD = 0.6;
const LEAST_ITEM_SPREAD = 0.05; // items that all seem alike may still differ a little
const SWEEPS = 3; // over the dynamics, per round
const DRAWN = 1.5; // spread of the pull towards where the search starts: for logs too small to say otherwise
const LEAST_STEP = 0.02;
const EVERY = 200; // learners between two looks at the signal

interface Task {
  readonly log: ObservationLog;
  /** All learners in canonical order, and those the dynamics are searched on. */
  readonly all: Int32Array;
  readonly some: Int32Array;
  readonly context: FitContext;
  /** Says that one more walk over so many rows is done. */
  readonly advance: (rows: number) => void;
}

/**
 * Learns easiness, difficulties and dynamics by what predicts every next answer best (prequential maximum a posteriori): easiness and
 * difficulty by Newton's steps on the log-loss of one-step-ahead predictions, the dynamics by a coordinate search of the same
 * loss on a part of the learners. Deterministic, and the same in whatever order the learners stand.
 * @param log - checked, with at least one answer of practice
 * @throws CairnError `CANCELLED`
 * @see Dawid (1984), Present position and potential developments: prequential likelihood
 */
export function learnAbility(log: ObservationLog, settings: LearnSettings, context: FitContext): Learned {
  const all = canonicalLearners(log);
  const some = everySo(log, all, settings.searched);
  const rows = (learners: Int32Array): number =>
    learners.reduce((sum, learner) => sum + log.learnerStart[learner + 1]! - log.learnerStart[learner]!, 0);
  const searches = settings.rounds * (1 + SWEEPS * dynamicsNames.length * 1.5); // about half of the second tries are needed
  const planned = (settings.rounds + 1) * settings.walks * rows(all) + searches * rows(some);
  let done = 0;
  const advance = (more: number): void => {
    done += more;
    context.onProgress?.(Math.min(0.99, done / planned));
  };
  const task: Task = { log, all, some, context, advance };
  const graph = prerequisiteGraph(log.prerequisites ?? log.standards.map(() => []));
  const model = {
    dynamics: startingDynamics,
    easiness: new Float64Array(log.standards.length),
    difficulty: new Float64Array(log.items.length),
    itemSpread: log.items.length === 0 ? 0 : FIRST_ITEM_SPREAD, // without items every question is the average one
    graph,
  };
  estimateItems(task, model, settings.walks);
  const steps = new Float64Array(dynamicsNames.length).fill(0.5);
  let loss = Number.NaN;
  for (let round = 0; round < settings.rounds; round++) {
    loss = searchDynamics(task, model, steps);
    estimateItems(task, model, settings.walks);
  }
  context.onProgress?.(1);
  return { ...model, loss, observations: countObservations(log) };
}

/** Every so many-th learner, so that about as many rows are left as asked for. */
function everySo(log: ObservationLog, learners: Int32Array, rows: number): Int32Array {
  const stride = Math.max(1, Math.ceil(log.outcome.length / rows));
  return learners.filter((_, i) => i % stride === 0);
}

function countObservations(log: ObservationLog): Int32Array {
  const counts = new Int32Array(log.standards.length);
  for (const standard of log.standard) counts[standard]!++;
  return counts;
}

interface Learning {
  dynamics: AbilityDynamics;
  readonly easiness: Float64Array;
  readonly difficulty: Float64Array;
  itemSpread: number;
  readonly graph: AbilityModel["graph"];
}

function walkAndWatch(
  { log, context, advance }: Task,
  model: AbilityModel & { readonly difficulty: Float64Array },
  learners: Int32Array,
  out: { chance: Float64Array; slope?: Float64Array },
): void {
  let counted = 0;
  walk(log, model, model.difficulty, learners, out, (done) => {
    if (done % EVERY !== 0) return;
    if (context.signal?.aborted) throw new CairnError("CANCELLED", "expected to finish the fit, got a request to stop");
    let rows = 0;
    for (; counted < done; counted++)
      rows += log.learnerStart[learners[counted]! + 1]! - log.learnerStart[learners[counted]!]!;
    advance(rows);
  });
  let rest = 0;
  for (; counted < learners.length; counted++)
    rest += log.learnerStart[learners[counted]! + 1]! - log.learnerStart[learners[counted]!]!;
  advance(rest);
}

/** Newton's steps for easiness and difficulty in turn, and the spread of difficulties by its expected second moment. */
function estimateItems(task: Task, model: Learning, walks: number): void {
  const { log, all } = task;
  const chance = new Float64Array(log.outcome.length);
  const slope = new Float64Array(log.outcome.length);
  const items = { gradient: new Float64Array(log.items.length), information: new Float64Array(log.items.length) };
  const standards = {
    gradient: new Float64Array(log.standards.length),
    information: new Float64Array(log.standards.length),
  };
  for (let turn = 0; turn < walks; turn++) {
    walkAndWatch(task, model, all, { chance, slope });
    for (const sums of [items, standards]) {
      sums.gradient.fill(0);
      sums.information.fill(0);
    }
    for (const learner of all) {
      for (let row = log.learnerStart[learner]!; row < log.learnerStart[learner + 1]!; row++) {
        const variance = chance[row]! * (1 - chance[row]!);
        const gradient = ((log.outcome[row]! - chance[row]!) / variance) * slope[row]!;
        const information = (slope[row]! * slope[row]!) / variance;
        standards.gradient[log.standard[row]!]! += gradient;
        standards.information[log.standard[row]!]! += information;
        if (log.item[row]! < 0) continue;
        items.gradient[log.item[row]!]! -= gradient;
        items.information[log.item[row]!]! += information;
      }
    }
    // In turn: both at once would take the same step twice.
    if (turn % 2 === 0) newton(model.easiness, standards, EASINESS_VARIANCE);
    else {
      newton(model.difficulty, items, model.itemSpread ** 2);
      model.itemSpread = spreadOf(model.difficulty, items.information, model.itemSpread);
    }
  }
}

function newton(
  values: Float64Array,
  { gradient, information }: { readonly gradient: Float64Array; readonly information: Float64Array },
  variance: number,
): void {
  for (let i = 0; i < values.length; i++)
    values[i]! += (gradient[i]! - values[i]! / variance) / (information[i]! + 1 / variance);
}

/** √ of the mean of what is expected of a squared difficulty: estimate squared plus what is still unknown of it. */
function spreadOf(difficulty: Float64Array, information: Float64Array, spread: number): number {
  if (difficulty.length === 0) return spread;
  let sum = 0;
  for (let i = 0; i < difficulty.length; i++) sum += difficulty[i]! ** 2 + 1 / (information[i]! + 1 / spread ** 2);
  return Math.max(LEAST_ITEM_SPREAD, Math.sqrt(sum / difficulty.length));
}

/** Moves each number of the dynamics up or down while the loss falls; steps grow with luck and shrink without. */
function searchDynamics(task: Task, model: Learning, steps: Float64Array): number {
  const chance = new Float64Array(task.log.outcome.length);
  const objective = (dynamics: AbilityDynamics): number => {
    walkAndWatch(task, { ...model, dynamics }, task.some, { chance });
    return lossOf(task, chance, pull(dynamics));
  };
  let best = objective(model.dynamics);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    for (const [i, name] of dynamicsNames.entries()) {
      if (!matters(task, name) || Math.abs(steps[i]!) < LEAST_STEP) continue;
      let moved = false;
      for (const direction of [1, -1]) {
        const tried = step(model.dynamics, name, direction * steps[i]!);
        const value = objective(tried);
        if (!(value < best)) continue;
        best = value;
        model.dynamics = tried;
        steps[i]! *= 1.5 * direction; // the next try goes the way that helped
        moved = true;
        break;
      }
      if (!moved) steps[i]! *= 0.4;
    }
  }
  return best;
}

function step(dynamics: AbilityDynamics, name: DynamicsName, by: number): AbilityDynamics {
  return { ...dynamics, [name]: fromLine(name, toLine(name, dynamics[name]) + by) };
}

/** Numbers about days, sources or the graph are left where they are when the log has none. */
function matters({ log }: Task, name: DynamicsName): boolean {
  const days: readonly DynamicsName[] = ["fadePerDay", "restingLevel", "generalVariancePerDay"];
  if (days.includes(name)) return log.at.some((at) => at !== log.at[0]);
  if (name === "prerequisiteSlack") return (log.prerequisites ?? []).some((list) => list.length > 0);
  if (name.startsWith("assessment")) return log.source.includes(observationSources.indexOf("assessment"));
  if (name.startsWith("teacher")) return log.source.includes(observationSources.indexOf("teacher"));
  return true;
}

/** Mean log-loss of the answers of practice: what tests and teachers say counts by how it helps to predict those. */
function lossOf({ log, some }: Task, chance: Float64Array, penalty: number): number {
  let sum = penalty;
  let answers = 0;
  for (const learner of some) {
    for (let row = log.learnerStart[learner]!; row < log.learnerStart[learner + 1]!; row++) {
      if (log.source[row] !== 0) continue;
      answers++;
      sum -= log.outcome[row]! * Math.log(chance[row]!) + (1 - log.outcome[row]!) * Math.log1p(-chance[row]!);
    }
  }
  return sum / Math.max(1, answers);
}

/** Half the squared distance from where the search starts, in units of {@link DRAWN}. */
function pull(dynamics: AbilityDynamics): number {
  let sum = 0;
  for (const name of dynamicsNames)
    sum += ((toLine(name, dynamics[name]) - toLine(name, startingDynamics[name])) / DRAWN) ** 2;
  return sum / 2;
}
