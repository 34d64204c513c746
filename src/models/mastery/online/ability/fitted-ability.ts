import { CairnError } from "../../../../errors.ts";
import type { Tensors } from "../../../artifact.ts";
import type { FittedModel } from "../../../estimator.ts";
import { decodeNames, encodeNames, positionsOf, requireArtifactKind, requireTensor } from "../../names.ts";
import type { MasteryTracker } from "../tracker.ts";
import { abilityTracker } from "./ability-tracker.ts";
import { type AbilityDynamics, dynamicsNames } from "./dynamics.ts";
import { walk } from "./follow.ts";
import type { Learned } from "./learn.ts";
import { checkObservationLog, type ObservationLog } from "./observation-log.ts";
import { prerequisiteGraph } from "./prerequisites.ts";

/** The name under which artifacts of this family are kept. */
export const ABILITY_KIND = "mastery/ability-tracking";

/** What the model knows of one standard. */
export interface StandardEasiness {
  readonly standard: string;
  /** Logits by which its average item is easier than the average of all. */
  readonly easiness: number;
  /** Training observations; with none the easiness is that of the average standard. */
  readonly observations: number;
}

/** What a school decides about mastery. */
export interface TrackerOptions {
  /**
   * Chance of a right answer to an average question of a standard from which it counts as mastered, in (0, 1); default .7, the
   * commonest passing mark. `mastery` is the probability that the learner's own chance is at least this.
   */
  readonly criterion?: number;
}

/** A fitted model of abilities that grow, fade and show in answers. */
export interface FittedAbility extends FittedModel {
  readonly dynamics: AbilityDynamics;
  /** Standard deviation of the difficulties of items within a standard, logits. */
  readonly itemSpread: number;
  /** Every standard of the training log. */
  readonly standards: readonly StandardEasiness[];
  /** Items with a difficulty of their own. */
  readonly items: number;
  /** Mean log-loss in training: of the next answer, predicted one step ahead. */
  readonly loss: number;
  /**
   * Probability of a right answer before each observation, from the learner's own earlier rows only.
   * @param log - standards and items are matched by name
   * @param out - shape (rows), overwritten; each in (0, 1)
   * @throws CairnError `SHAPE_MISMATCH`, `NOT_FINITE`, `BAD_INPUT`
   */
  predictNext(log: ObservationLog, out: Float64Array): void;
  /**
   * Follows learners one observation at a time.
   * @param standards - by position; one the model was trained without is as easy as the average
   * @param prerequisites - per standard the positions of those that come before it
   * @throws CairnError `BAD_INPUT` when the criterion is out of reach
   */
  tracker(
    standards: readonly string[],
    prerequisites?: readonly (readonly number[])[],
    options?: TrackerOptions,
  ): MasteryTracker;
}

/** What a fitted model is made of. */
export interface AbilityParts {
  readonly standards: readonly string[];
  readonly items: readonly string[];
  readonly learned: Omit<Learned, "graph">;
}

/** Puts the parts together; they must not be changed afterwards. */
export function fittedAbility({ standards, items, learned }: AbilityParts): FittedAbility {
  const { dynamics, easiness, difficulty, observations, itemSpread, loss } = learned;
  const easinessOf = (asked: readonly string[]): Float64Array => {
    const known = positionsOf(asked, standards);
    const average = weightedMean(easiness, observations);
    return Float64Array.from(known, (position) =>
      position < 0 || observations[position] === 0 ? average : easiness[position]!,
    );
  };
  const difficultyOf = (asked: readonly string[]): Float64Array =>
    Float64Array.from(positionsOf(asked, items), (position) => (position < 0 ? 0 : difficulty[position]!));
  return {
    kind: ABILITY_KIND,
    dynamics,
    itemSpread,
    loss,
    items: items.length,
    standards: standards.map((standard, i) => ({ standard, easiness: easiness[i]!, observations: observations[i]! })),
    predictNext(log, out) {
      checkObservationLog(log);
      if (out.length !== log.outcome.length) {
        throw new CairnError("SHAPE_MISMATCH", `expected ${log.outcome.length} places to write to, got ${out.length}`);
      }
      const graph = prerequisiteGraph(log.prerequisites ?? log.standards.map(() => []));
      const model = { dynamics, easiness: easinessOf(log.standards), graph };
      const learners = Int32Array.from({ length: log.learnerStart.length - 1 }, (_, learner) => learner);
      walk(log, model, difficultyOf(log.items), learners, { chance: out });
    },
    tracker: (asked, prerequisites = asked.map(() => []), options = {}) =>
      abilityTracker(
        { dynamics, easiness: easinessOf(asked), graph: prerequisiteGraph(prerequisites) },
        asked,
        { difficulties: new Map(items.map((item, i) => [item, difficulty[i]!])), itemSpread },
        options.criterion,
      ),
    encode: () => ({
      metadata: { kind: ABILITY_KIND },
      arrays: {
        standards: encodeNames(standards),
        items: encodeNames(items),
        easiness: easiness.slice(),
        observations: observations.slice(),
        difficulty: difficulty.slice(),
        dynamics: Float64Array.from(dynamicsNames, (name) => dynamics[name]),
        fit: Float64Array.of(itemSpread, loss),
      },
    }),
  };
}

function weightedMean(values: Float64Array, weights: Int32Array): number {
  let sum = 0;
  let total = 0;
  for (let i = 0; i < values.length; i++) {
    sum += values[i]! * weights[i]!;
    total += weights[i]!;
  }
  return sum / Math.max(1, total);
}

/**
 * The way back from `encode`.
 * @throws CairnError `ARTIFACT_CORRUPT` when the artifact is of another kind or its arrays do not fit together
 */
export function decodeAbility(tensors: Tensors): FittedAbility {
  requireArtifactKind(tensors, ABILITY_KIND);
  const standards = decodeNames(tensors, "standards");
  const items = decodeNames(tensors, "items");
  const values = requireTensor(tensors, "dynamics", Float64Array, dynamicsNames.length);
  const [itemSpread, loss] = requireTensor(tensors, "fit", Float64Array, 2);
  return fittedAbility({
    standards,
    items,
    learned: {
      dynamics: Object.fromEntries(dynamicsNames.map((name, i) => [name, values[i]!])) as unknown as AbilityDynamics,
      easiness: requireTensor(tensors, "easiness", Float64Array, standards.length),
      observations: requireTensor(tensors, "observations", Int32Array, standards.length),
      difficulty: requireTensor(tensors, "difficulty", Float64Array, items.length),
      itemSpread: itemSpread!,
      loss: loss!,
    },
  });
}
