import { type ChainWorkspace, expectedCounts, FORGET, GUESS, PARAMETERS, SLIP } from "./chain.ts";
import { classPriorCounts, logPrior, maximize } from "./maximization.ts";
import type { SkillSequences } from "./sequences.ts";

/**
 * Where EM starts, as (prior, learn, forget, guess, slip): the handbook's four (2.2.4) and one that already knows; with
 * forgetting off, forget is 0 instead.
 */
export const STARTS: readonly (readonly number[])[] = [
  [0.3, 0.1, 0.05, 0.2, 0.1],
  [0.5, 0.2, 0.05, 0.3, 0.2],
  [0.1, 0.05, 0.05, 0.1, 0.3],
  [0.7, 0.3, 0.05, 0.25, 0.05],
  [0.9, 0.1, 0.1, 0.2, 0.2],
];

/** When EM stops, and what it assumes. */
export interface SkillFitOptions {
  /** Whether the known can be forgotten. */
  readonly forgetting: boolean;
  /** Shape (COUNTS): see `priorCounts`. */
  readonly prior: Float64Array;
  /** Most iterations per start. */
  readonly iterations: number;
  /** How many of {@link STARTS} are tried, from the first. */
  readonly starts: number;
  /** Imagined responses that hold a class of items to its skill, 0 or more. */
  readonly classStrength: number;
  /** Relative change of the penalised log-likelihood at which EM stops. */
  readonly tolerance: number;
}

/** How EM went from its best start. */
export interface SkillFit {
  /** Log-likelihood plus log prior of the parameters before the last M-step. */
  readonly objective: number;
  readonly iterations: number;
  readonly converged: boolean;
}

/**
 * Gives every class of items a guess and a slip of its own, from what the skill's chain without classes said: EM goes on from
 * there, with all other parameters free to follow.
 * @param skill - shape (PARAMETERS), from {@link fitSkill}
 * @param classes - how many classes of items there are, 1 or more
 * @returns shape (PARAMETERS + 2·classes): the first pair is that of items of no class, then class by class
 * @see Pardos and Heffernan (2011), KT-IDEM: introducing item difficulty to the knowledge tracing model, UMAP
 */
export function fitItemClasses(
  sequences: SkillSequences,
  options: SkillFitOptions,
  workspace: ChainWorkspace,
  skill: Float64Array,
  classes: number,
): Float64Array {
  const parameters = new Float64Array(PARAMETERS + 2 * classes);
  parameters.set(skill);
  for (let k = PARAMETERS; k < parameters.length; k += 2) {
    parameters[k] = skill[GUESS]!;
    parameters[k + 1] = skill[SLIP]!;
  }
  const prior = classPriorCounts(options.prior, skill, classes, options.classStrength);
  climb(sequences, { ...options, prior }, workspace, parameters);
  return parameters;
}

/**
 * Fits the chain of one skill by EM from fixed starts and keeps the best; deterministic.
 * @param sequences - at least one response
 * @param out - the parameters are written from `offset`
 */
export function fitSkill(
  sequences: SkillSequences,
  options: SkillFitOptions,
  workspace: ChainWorkspace,
  out: Float64Array,
  offset: number,
): SkillFit {
  const parameters = new Float64Array(PARAMETERS);
  let best: SkillFit = { objective: Number.NEGATIVE_INFINITY, iterations: 0, converged: false };
  for (const start of STARTS.slice(0, options.starts)) {
    parameters.set(start);
    if (!options.forgetting) parameters[FORGET] = 0;
    const fit = climb(sequences, options, workspace, parameters);
    if (fit.objective > best.objective) {
      best = fit;
      out.set(parameters, offset);
    }
  }
  return best;
}

function climb(
  sequences: SkillSequences,
  { prior, iterations, tolerance }: SkillFitOptions,
  workspace: ChainWorkspace,
  parameters: Float64Array,
): SkillFit {
  let objective = Number.NEGATIVE_INFINITY;
  for (let iteration = 1; iteration <= iterations; iteration++) {
    const penalty = logPrior(parameters, prior);
    const reached = expectedCounts(sequences, parameters, workspace) + penalty;
    maximize(workspace.counts, prior, parameters);
    if (reached - objective <= tolerance * Math.abs(reached))
      return { objective: reached, iterations: iteration, converged: true };
    objective = reached;
  }
  return { objective, iterations, converged: false };
}
