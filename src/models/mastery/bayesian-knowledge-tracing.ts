import { CairnError } from "../../errors.ts";
import type { Estimator, FitContext } from "../estimator.ts";
import { chainWorkspace, PARAMETERS } from "./chain.ts";
import { fitItemClasses, fitSkill, type SkillFitOptions, STARTS } from "./expectation-maximization.ts";
import { decodeMastery, type FittedMastery, fittedMastery, type MasteryParts } from "./fitted-mastery.ts";
import { priorCounts } from "./maximization.ts";
import { checkResponseLog, type ResponseLog } from "./response-log.ts";
import { groupBySkill } from "./sequences.ts";

const KIND = "mastery/bayesian-knowledge-tracing";

/** Settings of {@link bayesianKnowledgeTracing}. */
export interface BayesianKnowledgeTracingOptions {
  /** Whether the known can be forgotten between responses; default true (AUC .7214 against .7154 on ASSISTments 2009). */
  readonly forgetting?: boolean;
  /** Imagined responses behind each parameter's Beta prior, 0 or more; default 5. They matter for rare skills only. */
  readonly priorStrength?: number;
  /**
   * Imagined responses that hold the guess and slip of a class of items to those of its skill, 0 or more; default 15. Without
   * classes in the log it does nothing.
   */
  readonly classStrength?: number;
  /** Most EM iterations per start, 1 or more; default 100. */
  readonly iterations?: number;
  /** Relative change of the penalised log-likelihood that ends EM, in (0, 1); default 1e-7. */
  readonly tolerance?: number;
  /** Places EM starts from, 1 to 5; the best end counts. Default 4. */
  readonly starts?: number;
}

/**
 * Bayesian knowledge tracing: one hidden two-state chain per learner and skill (known or not), fitted per skill by
 * expectation–maximisation with Beta priors from several starts. Deterministic: the random stream is not used. Guess + slip
 * stays below 1, so that "known" means what it says. A skill without training responses predicts the overall share of
 * right answers.
 *
 * Items of very different difficulty within one skill want classes (`itemClass` of the log): each class then has a guess and
 * a slip of its own within the skill (Pardos and Heffernan 2011, KT-IDEM); without them every item of a skill counts alike.
 * @throws CairnError `BAD_INPUT` when a setting is out of range; `fit` throws `SHAPE_MISMATCH`, `NOT_FINITE`, `BAD_INPUT`
 * (also for a log without responses), `CANCELLED`
 * @see Corbett and Anderson (1995), User Modeling and User-Adapted Interaction 4
 */
export function bayesianKnowledgeTracing(
  options: BayesianKnowledgeTracingOptions = {},
): Estimator<ResponseLog, FittedMastery> {
  const {
    forgetting = true,
    priorStrength = 5,
    classStrength = 15,
    iterations = 100,
    tolerance = 1e-7,
    starts = 4,
  } = options;
  if (!(priorStrength >= 0 && Number.isFinite(priorStrength)))
    throw setting("a prior strength of 0 or more", priorStrength);
  if (!(classStrength >= 0 && Number.isFinite(classStrength)))
    throw setting("a strength of classes of 0 or more", classStrength);
  if (!(Number.isInteger(iterations) && iterations >= 1)) throw setting("one iteration or more", iterations);
  if (!(tolerance > 0 && tolerance < 1)) throw setting("a tolerance in (0, 1)", tolerance);
  if (!(Number.isInteger(starts) && starts >= 1 && starts <= STARTS.length))
    throw setting(`1 to ${STARTS.length} starts`, starts);
  return {
    kind: KIND,
    parameters: { forgetting, priorStrength, classStrength, iterations, tolerance, starts },
    fit: (log, context) =>
      fittedMastery(
        KIND,
        fitSkills(
          log,
          { forgetting, classStrength, iterations, tolerance, starts, prior: priorCounts(priorStrength) },
          context,
        ),
      ),
    decode: (tensors) => decodeMastery(KIND, tensors),
  };
}

function setting(expected: string, got: number): CairnError {
  return new CairnError("BAD_INPUT", `expected ${expected}, got ${got}`, { hint: "leave it out to use the default" });
}

function fitSkills(log: ResponseLog, options: SkillFitOptions, { signal, onProgress }: FitContext): MasteryParts {
  checkResponseLog(log);
  const rows = log.outcome.length;
  if (rows === 0) {
    throw new CairnError("BAD_INPUT", "expected a log with responses, got none", { hint: "widen the time window" });
  }
  const groups = groupBySkill(log);
  const classes = log.itemClass?.count ?? 0;
  const workspace = chainWorkspace(
    groups.reduce((longest, group) => Math.max(longest, group.longest), 0),
    classes,
  );
  const classPairs = new Float64Array(groups.length * classes * 2);
  const parameters = new Float64Array(groups.length * PARAMETERS);
  const iterations = new Int32Array(groups.length);
  const converged = new Uint8Array(groups.length);
  let done = 0;
  for (const [skill, group] of groups.entries()) {
    if (signal?.aborted) {
      throw new CairnError(
        "CANCELLED",
        `expected to fit ${groups.length} skills, got a request to stop after ${skill}`,
      );
    }
    if (group.responses === 0) continue;
    const fit = fitSkill(group, options, workspace, parameters, skill * PARAMETERS);
    if (classes > 0) {
      const own = parameters.slice(skill * PARAMETERS, (skill + 1) * PARAMETERS);
      const all = fitItemClasses(group, options, workspace, own, classes);
      parameters.set(all.subarray(0, PARAMETERS), skill * PARAMETERS);
      classPairs.set(all.subarray(PARAMETERS), skill * classes * 2);
    }
    iterations[skill] = fit.iterations;
    converged[skill] = fit.converged ? 1 : 0;
    done += group.responses;
    onProgress?.(done / rows);
  }
  return {
    skills: [...log.skills],
    parameters,
    ...(classes === 0 ? {} : { classPairs }),
    responses: Int32Array.from(groups, (group) => group.responses),
    iterations,
    converged,
    overall: mean(groups),
  };
}

/** Share of right answers, summed over the canonical sequences so that the order of learners cannot change it. */
function mean(groups: ReturnType<typeof groupBySkill>): number {
  let sum = 0;
  let count = 0;
  for (const { outcome, start, weight, responses } of groups) {
    for (let sequence = 0; sequence < weight.length; sequence++) {
      for (let i = start[sequence]!; i < start[sequence + 1]!; i++) sum += weight[sequence]! * outcome[i]!;
    }
    count += responses;
  }
  return sum / count;
}
