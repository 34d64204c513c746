import { CairnError } from "../../errors.ts";
import type { Tensors } from "../artifact.ts";
import type { FittedModel } from "../estimator.ts";
import { advance, FORGET, GUESS, LEARN, PARAMETERS, PRIOR, SLIP } from "./chain.ts";
import type { LearnerState } from "./learner-state.ts";
import { checkResponseLog, type ResponseLog } from "./response-log.ts";

/** P(known) from which a skill counts as mastered: Corbett and Anderson's threshold, also pyBKT's and OATutor's. */
export const MASTERY_THRESHOLD = 0.95;

/** The chain of one skill, and how much it was learned from. */
export interface SkillParameters {
  readonly skill: string;
  /** P(known) before the first response. */
  readonly prior: number;
  /** P(unknown → known) after a response. */
  readonly learn: number;
  /** P(known → unknown) after a response. */
  readonly forget: number;
  /** P(right, given unknown). */
  readonly guess: number;
  /** P(wrong, given known). */
  readonly slip: number;
  /** Training responses. */
  readonly responses: number;
  /** EM iterations of the best start, and whether they reached the tolerance. */
  readonly iterations: number;
  readonly converged: boolean;
}

/** How well a learner knows a skill; undefined, and said so, for a skill the model never saw. */
export type Mastery =
  | {
      readonly status: "defined";
      /** P(known) before the next response, in [0, 1]. */
      readonly known: number;
      /** The learner's responses behind it; 0 means it is the skill's prior. */
      readonly evidence: number;
      /** known ≥ {@link MASTERY_THRESHOLD}. */
      readonly mastered: boolean;
    }
  | { readonly status: "undefined"; readonly reason: string };

/** A fitted mastery model: predicts a log in batch and follows one learner at a time. */
export interface FittedMastery extends FittedModel {
  /** Every skill of the training log that had responses. */
  readonly skills: readonly SkillParameters[];
  /** Share of right answers in training: the prediction for a skill never seen. */
  readonly overall: number;
  /**
   * Probability of a right answer before each response, from the learner's own earlier rows only.
   * @param log - skills are matched by name
   * @param out - shape (rows), overwritten; each in [0, 1]
   * @throws CairnError `SHAPE_MISMATCH`, `NOT_FINITE`, `BAD_INPUT`
   */
  predictNext(log: ResponseLog, out: Float64Array): void;
  /**
   * Takes in one response, in constant time; a skill never seen leaves the state as it is.
   * @param outcome - in [0, 1]
   * @param itemClass - of the item, in [0, classes of the training log); −1 when it has none or nobody knows
   * @throws CairnError `NOT_FINITE`, `BAD_INPUT`
   */
  update(state: LearnerState, skill: string, outcome: number, itemClass?: number): void;
  /** How well the learner knows the skill now. */
  mastery(state: LearnerState, skill: string): Mastery;
  /** P(next response on the skill, to an item of the class, is right), in [0, 1]; `overall` for a skill never seen. */
  success(state: LearnerState, skill: string, itemClass?: number): number;
}

/** What a fitted mastery model is made of. */
export interface MasteryParts {
  readonly skills: readonly string[];
  /** Shape (skills × PARAMETERS), row-major. */
  readonly parameters: Float64Array;
  /** Shape (skills × classes × 2), row-major: guess and slip of every class of items; left out when there are none. */
  readonly classPairs?: Float64Array;
  /** Shape (skills): training responses; 0 means never seen. */
  readonly responses: Int32Array;
  /** Shape (skills). */
  readonly iterations: Int32Array;
  /** Shape (skills), 0 or 1. */
  readonly converged: Uint8Array;
  readonly overall: number;
}

/** Puts the parts together; they must not be changed afterwards. */
export function fittedMastery(kind: string, parts: MasteryParts): FittedMastery {
  const { skills, parameters, responses, overall } = parts;
  const chain = chainOf(parts);
  const offsets = new Map<string, number>();
  for (const [index, skill] of skills.entries()) {
    if (responses[index]! > 0) offsets.set(skill, index * PARAMETERS);
  }
  const known = (state: LearnerState, skill: string, offset: number): number =>
    state.get(skill)?.known ?? parameters[offset + PRIOR]!;
  return {
    kind,
    overall,
    skills: describeSkills(parts),
    predictNext: (log, out) => predictNext(log, out, offsets, chain, overall),
    update(state, skill, outcome, itemClass = -1) {
      checkOutcome(outcome);
      const offset = offsets.get(skill);
      if (offset === undefined) return;
      const after = chain.after(known(state, skill, offset), outcome, offset, itemClass);
      state.set(skill, { known: after, evidence: (state.get(skill)?.evidence ?? 0) + 1 });
    },
    mastery(state, skill) {
      const offset = offsets.get(skill);
      if (offset === undefined) return { status: "undefined", reason: `the model was trained without skill ${skill}` };
      const probability = known(state, skill, offset);
      const evidence = state.get(skill)?.evidence ?? 0;
      return { status: "defined", known: probability, evidence, mastered: probability >= MASTERY_THRESHOLD };
    },
    success(state, skill, itemClass = -1) {
      const offset = offsets.get(skill);
      return offset === undefined ? overall : chain.right(known(state, skill, offset), offset, itemClass);
    },
    encode: () => ({
      metadata: { kind },
      arrays: {
        skills: new TextEncoder().encode(JSON.stringify(skills)),
        parameters: parameters.slice(),
        ...(parts.classPairs === undefined ? {} : { classPairs: parts.classPairs.slice() }),
        responses: responses.slice(),
        iterations: parts.iterations.slice(),
        converged: parts.converged.slice(),
        overall: Float64Array.of(overall),
      },
    }),
  };
}

/** A skill's chain as one class of items sees it. */
interface Chain {
  /** P(known) before the first response. */
  start(offset: number): number;
  /** P(known) after a response. */
  after(known: number, credit: number, offset: number, itemClass: number): number;
  /** P(the next response is right). */
  right(known: number, offset: number, itemClass: number): number;
}

function chainOf({ skills, parameters, classPairs = new Float64Array(0) }: MasteryParts): Chain {
  const perSkill = skills.length === 0 ? 0 : classPairs.length / skills.length;
  /** Where the pair of a class lies, −1 for the skill's own. */
  const pairAt = (offset: number, itemClass: number): number =>
    itemClass < 0 || 2 * itemClass >= perSkill ? -1 : (offset / PARAMETERS) * perSkill + 2 * itemClass;
  const guessOf = (offset: number, pair: number): number =>
    pair < 0 ? parameters[offset + GUESS]! : classPairs[pair]!;
  const slipOf = (offset: number, pair: number): number =>
    pair < 0 ? parameters[offset + SLIP]! : classPairs[pair + 1]!;
  return {
    start: (offset) => parameters[offset + PRIOR]!,
    after(known, credit, offset, itemClass) {
      const pair = pairAt(offset, itemClass);
      return advance(known, credit, parameters, offset, guessOf(offset, pair), slipOf(offset, pair));
    },
    right(known, offset, itemClass) {
      const pair = pairAt(offset, itemClass);
      return known * (1 - slipOf(offset, pair)) + (1 - known) * guessOf(offset, pair);
    },
  };
}

function describeSkills({ skills, parameters, responses, iterations, converged }: MasteryParts): SkillParameters[] {
  return skills.flatMap((skill, index) => {
    if (responses[index] === 0) return [];
    const at = (position: number): number => parameters[index * PARAMETERS + position]!;
    return {
      skill,
      prior: at(PRIOR),
      learn: at(LEARN),
      forget: at(FORGET),
      guess: at(GUESS),
      slip: at(SLIP),
      responses: responses[index]!,
      iterations: iterations[index]!,
      converged: converged[index] === 1,
    };
  });
}

function checkOutcome(outcome: number): void {
  if (!Number.isFinite(outcome)) {
    throw new CairnError("NOT_FINITE", `expected an outcome in [0, 1], got ${outcome}`, {
      hint: "leave out responses without a mark",
    });
  }
  if (outcome < 0 || outcome > 1) {
    throw new CairnError("BAD_INPUT", `expected an outcome in [0, 1], got ${outcome}`, {
      hint: "divide the score by the points of the item",
    });
  }
}

function predictNext(
  log: ResponseLog,
  out: Float64Array,
  offsetOf: ReadonlyMap<string, number>,
  chain: Chain,
  overall: number,
): void {
  checkResponseLog(log);
  if (out.length !== log.outcome.length) {
    throw new CairnError("SHAPE_MISMATCH", `expected ${log.outcome.length} places to write to, got ${out.length}`);
  }
  const offsets = Int32Array.from(log.skills, (skill) => offsetOf.get(skill) ?? -1);
  const known = new Float64Array(log.skills.length);
  const lastLearner = new Int32Array(log.skills.length).fill(-1); // whose probability `known` holds
  for (let learner = 0; learner + 1 < log.learnerStart.length; learner++) {
    for (let row = log.learnerStart[learner]!; row < log.learnerStart[learner + 1]!; row++) {
      const skill = log.skill[row]!;
      const offset = offsets[skill]!;
      if (offset < 0) {
        out[row] = overall;
        continue;
      }
      const itemClass = log.itemClass?.of[row] ?? -1;
      const before = lastLearner[skill] === learner ? known[skill]! : chain.start(offset);
      out[row] = chain.right(before, offset, itemClass);
      known[skill] = chain.after(before, log.outcome[row]!, offset, itemClass);
      lastLearner[skill] = learner;
    }
  }
}

/**
 * The way back from `encode`.
 * @throws CairnError `ARTIFACT_CORRUPT` when the artifact is of another kind or its arrays do not fit together
 */
export function decodeMastery(kind: string, { metadata, arrays }: Tensors): FittedMastery {
  const { skills, parameters, classPairs, responses, iterations, converged, overall } = arrays;
  const names = metadata.kind === kind && skills instanceof Uint8Array ? readNames(skills) : undefined;
  if (
    names === undefined ||
    !(parameters instanceof Float64Array && parameters.length === names.length * PARAMETERS) ||
    !(classPairs === undefined || (classPairs instanceof Float64Array && fitsClasses(classPairs, names))) ||
    !(responses instanceof Int32Array && responses.length === names.length) ||
    !(iterations instanceof Int32Array && iterations.length === names.length) ||
    !(converged instanceof Uint8Array && converged.length === names.length) ||
    !(overall instanceof Float64Array && overall.length === 1)
  ) {
    throw new CairnError(
      "ARTIFACT_CORRUPT",
      `expected an artifact of ${kind}, got one of ${metadata.kind} that does not fit`,
      {
        hint: "train the model again",
      },
    );
  }
  return fittedMastery(kind, {
    skills: names,
    parameters: parameters.slice(),
    ...(classPairs === undefined ? {} : { classPairs: classPairs.slice() }),
    responses: responses.slice(),
    iterations: iterations.slice(),
    converged: converged.slice(),
    overall: overall[0]!,
  });
}

function fitsClasses({ length }: Float64Array, names: readonly string[]): boolean {
  return names.length === 0 ? length === 0 : Number.isInteger(length / (2 * names.length));
}

function readNames(bytes: Uint8Array): readonly string[] | undefined {
  try {
    const names: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return Array.isArray(names) && names.every((name) => typeof name === "string") ? names : undefined;
  } catch {
    return undefined;
  }
}
