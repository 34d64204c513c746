import { logit, sigmoid } from "../../numeric/log-odds.ts";
import { type ChainWorkspace, expectedCounts, FORGET, GUESS, PARAMETERS, SLIP } from "./chain.ts";
import { allowed, classPriorCounts, inside, logPrior, maximize } from "./maximization.ts";
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

const SAME_HILL = 0.02; // in log-odds, of every parameter

/** When EM stops, and what it assumes. */
export interface SkillFitOptions {
  /** Whether the known can be forgotten. */
  readonly forgetting: boolean;
  /** Shape (COUNTS): see `priorCounts`. */
  readonly prior: Float64Array;
  /** Most E-steps per start. */
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
    const summit = best.iterations === 0 ? undefined : out.subarray(offset, offset + PARAMETERS);
    const fit = climb(sequences, options, workspace, parameters, summit);
    if (fit.objective > best.objective) {
      best = fit;
      out.set(parameters, offset);
    }
  }
  return best;
}

/**
 * EM with leaps: after two EM steps from θ₀ the log-odds are extrapolated along both (SQUAREM, scheme S3), and the leap is taken
 * when it is no worse than the step before it. Every second E-step or so is a leap that plain EM would need many for.
 * @param summit - where the best climb so far ended: one that comes as near as {@link SAME_HILL} below it ends there too
 * @see Varadhan and Roland (2008), Scandinavian Journal of Statistics 35, equation 9 and section 3
 */
function climb(
  sequences: SkillSequences,
  { prior, iterations, tolerance }: SkillFitOptions,
  workspace: ChainWorkspace,
  parameters: Float64Array,
  summit?: Float64Array,
): SkillFit {
  const objectiveAt = (own: Float64Array): number => expectedCounts(sequences, own, workspace) + logPrior(own, prior);
  const before = new Float64Array(parameters.length);
  const once = new Float64Array(parameters.length);
  const leapt = new Float64Array(parameters.length);
  let objective = objectiveAt(parameters);
  for (let iteration = 1; ; ) {
    before.set(parameters);
    maximize(workspace.counts, prior, parameters);
    if (iteration >= iterations) return { objective, iterations: iteration, converged: false };
    const reached = objectiveAt(parameters);
    iteration++;
    once.set(parameters);
    maximize(workspace.counts, prior, parameters);
    const settled = reached - objective <= tolerance * Math.abs(reached);
    objective = reached;
    if (settled || iteration >= iterations) return { objective, iterations: iteration, converged: settled };
    if (summit !== undefined && isNear(parameters, summit))
      return { objective: Number.NEGATIVE_INFINITY, iterations: iteration, converged: true };
    const isLeap = leap(before, once, parameters, leapt);
    const far = isLeap ? objectiveAt(leapt) : Number.NEGATIVE_INFINITY;
    if (isLeap) iteration++;
    if (far >= objective) {
      objective = far;
      parameters.set(leapt);
    } else {
      objective = objectiveAt(parameters); // where plain EM would be
      iteration++;
    }
  }
}

function isNear(a: Float64Array, b: Float64Array): boolean {
  return a.every((value, k) => value === b[k] || Math.abs(logit(value) - logit(b[k]!)) < SAME_HILL);
}

/** Extrapolates three successive EM steps in log-odds; false when there is nowhere to leap to. */
function leap(zeroth: Float64Array, first: Float64Array, second: Float64Array, out: Float64Array): boolean {
  let stepLength = 0;
  let bendLength = 0;
  for (let k = 0; k < out.length; k++) {
    if (zeroth[k] === 0) continue; // a forgetting that is held at 0
    const step = logit(first[k]!) - logit(zeroth[k]!);
    stepLength += step * step;
    bendLength += (logit(second[k]!) - logit(first[k]!) - step) ** 2;
  }
  const reach = Math.sqrt(stepLength / bendLength);
  if (!(reach > 1 && Number.isFinite(reach))) return false; // at 1 the leap is the second EM step
  for (let k = 0; k < out.length; k++) {
    const from = logit(zeroth[k]!);
    const step = logit(first[k]!) - from;
    const bend = logit(second[k]!) - logit(first[k]!) - step;
    out[k] = zeroth[k] === 0 ? 0 : inside(sigmoid(from + 2 * reach * step + reach * reach * bend));
  }
  return allowed(out);
}
