import { CairnError } from "../../errors.ts";
import { sigmoid } from "../../numeric/log-odds.ts";
import type { Tensors } from "../artifact.ts";
import type { Estimator, FitContext } from "../estimator.ts";
import { checkItemLog, type ItemResponseLog } from "./item-log.ts";
import { skillLists } from "./logistic/easiness.ts";
import { decodeNames, encodeNames, positionsOf, requireArtifactKind, requireTensor } from "./names.ts";
import type { FittedNextResponse } from "./next-response.ts";

const KIND = "mastery/elo";

/** Settings of {@link elo}; the defaults are the handbook's. */
export interface EloOptions {
  /** First step, in log-odds, above 0; default 1. */
  readonly step?: number;
  /** How fast steps shrink with the number of answers, 0 or more: U(n) = step/(1 + shrink·n); default 0.05. */
  readonly shrink?: number;
  /** Share of the step that goes to the learner's overall ability, 0 or more; default 0.5. */
  readonly learnerShare?: number;
  /** Share of the step that goes to the learner's ability on each skill, 0 or more; default 0.5. */
  readonly skillShare?: number;
  /** Walks over the training log, 1 or more: learners start anew in each, items carry on; default 3. */
  readonly passes?: number;
}

interface Settings {
  readonly step: number;
  readonly shrink: number;
  readonly learnerShare: number;
  readonly skillShare: number;
}

/** What an Elo model knows of items. */
interface Parts {
  readonly items: readonly string[];
  /** Shape (items): log-odds. */
  readonly difficulty: Float64Array;
  readonly settings: Settings;
}

/**
 * Elo-style live ratings of learners, of learners on skills, and of items: P(right) = σ(θ_u + mean_k θ_uk − d_i), each moved
 * by the surprise of an answer. Updates take constant time; nothing is fitted but the items' difficulties, which stay as they
 * are in `predictNext`. The order of learners in the log carries meaning.
 * @throws CairnError `BAD_INPUT` when a setting is out of range; `fit` throws `SHAPE_MISMATCH`, `BAD_INPUT` (also for a log
 * without responses), `CANCELLED`
 * @see Pelánek (2016), Applications of the Elo rating system in adaptive educational systems, Computers & Education 98
 */
export function elo(options: EloOptions = {}): Estimator<ItemResponseLog, FittedNextResponse> {
  const { step = 1, shrink = 0.05, learnerShare = 0.5, skillShare = 0.5, passes = 3 } = options;
  requireSetting("a step above 0", step, step > 0);
  requireSetting("a shrinkage of 0 or more", shrink, shrink >= 0);
  requireSetting("a learner's share of 0 or more", learnerShare, learnerShare >= 0);
  requireSetting("a skill's share of 0 or more", skillShare, skillShare >= 0);
  requireSetting("one pass or more", passes, Number.isInteger(passes) && passes >= 1);
  const settings = { step, shrink, learnerShare, skillShare };
  return {
    kind: KIND,
    parameters: { ...settings, passes },
    fit: (log, context) =>
      fittedElo({ items: [...log.items], difficulty: rate(log, settings, passes, context), settings }),
    decode: decodeElo,
  };
}

function requireSetting(expected: string, got: number, holds: boolean): void {
  if (!(holds && Number.isFinite(got))) {
    throw new CairnError("BAD_INPUT", `expected ${expected}, got ${got}`, { hint: "leave it out to use the default" });
  }
}

function rate(log: ItemResponseLog, settings: Settings, passes: number, context: FitContext): Float64Array {
  checkItemLog(log);
  if (log.outcome.length === 0) {
    throw new CairnError("BAD_INPUT", "expected a log with responses, got none", { hint: "widen the time window" });
  }
  const difficulty = new Float64Array(log.items.length);
  const answers = new Float64Array(log.items.length);
  const learners = log.learnerStart.length - 1;
  for (let pass = 0; pass < passes; pass++) {
    follow(log, settings, log.item, difficulty, answers, undefined, (learner) => {
      if (learner % 500 !== 0) return;
      if (context.signal?.aborted)
        throw new CairnError("CANCELLED", "expected to finish the fit, got a request to stop");
      context.onProgress?.((pass + learner / learners) / passes);
    });
  }
  context.onProgress?.(1);
  return difficulty;
}

/**
 * Walks the log. Items are rated when `answers` counts theirs, and left alone without it.
 * @param itemOf - shape (rows): index into `difficulty`, −1 for an unknown item (difficulty 0)
 * @param out - shape (rows), the probability before each answer; not written when left out
 */
function follow(
  log: ItemResponseLog,
  { step, shrink, learnerShare, skillShare }: Settings,
  itemOf: Int32Array,
  difficulty: Float64Array,
  answers: Float64Array | undefined,
  out: Float64Array | undefined,
  onLearner: (learner: number) => void,
): void {
  const sets = skillLists(log);
  const onSkill = new Float64Array(log.skills.length);
  const skillAnswers = new Float64Array(log.skills.length);
  const touched = new Set<number>(); // skills the learner before has a rating on
  for (let learner = 0; learner + 1 < log.learnerStart.length; learner++) {
    onLearner(learner);
    const from = log.learnerStart[learner]!;
    const to = log.learnerStart[learner + 1]!;
    for (const skill of touched) onSkill[skill] = skillAnswers[skill] = 0;
    touched.clear();
    let ability = 0;
    for (let row = from; row < to; row++) {
      const skills = sets[log.skillSet[row]!]!;
      const item = itemOf[row]!;
      const p = sigmoid(ability + meanOf(onSkill, skills) - (item < 0 ? 0 : difficulty[item]!));
      if (out !== undefined) out[row] = p;
      const surprise = log.outcome[row]! - p;
      ability += (learnerShare * step * surprise) / (1 + shrink * (row - from));
      for (const skill of skills) {
        touched.add(skill);
        onSkill[skill]! += (skillShare * step * surprise) / (1 + shrink * skillAnswers[skill]!++);
      }
      if (answers !== undefined && item >= 0) difficulty[item]! -= (step * surprise) / (1 + shrink * answers[item]!++);
    }
  }
}

/** The mean over some skills; 0 without any. */
function meanOf(values: Float64Array, skills: readonly number[]): number {
  let sum = 0;
  for (const skill of skills) sum += values[skill]!;
  return sum / Math.max(1, skills.length);
}

function fittedElo({ items, difficulty, settings }: Parts): FittedNextResponse {
  return {
    kind: KIND,
    predictNext(log, out) {
      checkItemLog(log);
      if (out.length !== log.outcome.length) {
        throw new CairnError("SHAPE_MISMATCH", `expected ${log.outcome.length} places to write to, got ${out.length}`);
      }
      const known = positionsOf(log.items, items);
      const itemOf = log.item.map((item) => known[item]!);
      follow(log, settings, itemOf, difficulty, undefined, out, () => undefined);
    },
    encode: () => ({
      metadata: { kind: KIND },
      arrays: {
        items: encodeNames(items),
        difficulty: difficulty.slice(),
        settings: Float64Array.of(settings.step, settings.shrink, settings.learnerShare, settings.skillShare),
      },
    }),
  };
}

function decodeElo(tensors: Tensors): FittedNextResponse {
  requireArtifactKind(tensors, KIND);
  const items = decodeNames(tensors, "items");
  const [step, shrink, learnerShare, skillShare] = requireTensor(tensors, "settings", Float64Array, 4);
  return fittedElo({
    items,
    difficulty: requireTensor(tensors, "difficulty", Float64Array, items.length),
    settings: { step: step!, shrink: shrink!, learnerShare: learnerShare!, skillShare: skillShare! },
  });
}
