import { CairnError } from "../../../../errors.ts";
import type { Estimator } from "../../../estimator.ts";
import { ABILITY_KIND, decodeAbility, type FittedAbility, fittedAbility } from "./fitted-ability.ts";
import { learnAbility } from "./learn.ts";
import { checkObservationLog, type ObservationLog } from "./observation-log.ts";

/** Settings of {@link abilityTracking}. */
export interface AbilityTrackingOptions {
  /** Rounds of searching the dynamics, 0 to 10; default 2. Without any they stay where the search would start. */
  readonly rounds?: number;
  /** Observations the dynamics are searched on at most, 1 or more; default 20,000. Items are estimated on all. */
  readonly searched?: number;
  /** Walks over the whole log per round, 1 to 50; default 3. */
  readonly walks?: number;
}

/**
 * Abilities followed through time: a learner has a general ability and a strength on each standard, both normal; answers show
 * them through a logistic curve with guessing and slipping, practice teaches, days without it let a strength fade towards its
 * resting level, and prerequisites say what to expect of a standard before its first answer. Answers, tests and teachers' words
 * weigh what they are worth for predicting the next answer. An update takes constant time and gives an interval with every
 * number, which chains per standard (bayesianKnowledgeTracing) cannot: they know nothing of a learner's other standards.
 *
 * Not for knowledge that is all or nothing, such as single facts: a chain fits that better.
 * @throws CairnError `BAD_INPUT` when a setting is out of range; `fit` throws `SHAPE_MISMATCH`, `NOT_FINITE`, `BAD_INPUT`
 * (also for a log without answers of practice), `CANCELLED`
 * @see Ekanadham and Karklin (2017), T-SKIRT: Online Estimation of Student Proficiency in an Adaptive Learning System (the
 * temporal, structured item response model); Wang, Berger and Burdick (2013), Annals of Applied Statistics 7 (dynamic IRT)
 */
export function abilityTracking(options: AbilityTrackingOptions = {}): Estimator<ObservationLog, FittedAbility> {
  const { rounds = 2, searched = 20_000, walks = 3 } = options;
  const whole = (what: string, value: number, least: number, most: number): void => {
    if (!(Number.isInteger(value) && value >= least && value <= most)) {
      throw new CairnError("BAD_INPUT", `expected ${what} from ${least} to ${most}, got ${value}`, {
        hint: "leave it out to use the default",
      });
    }
  };
  whole("rounds", rounds, 0, 10);
  whole("observations to search on", searched, 1, Number.MAX_SAFE_INTEGER);
  whole("walks", walks, 1, 50);
  return {
    kind: ABILITY_KIND,
    parameters: { rounds, searched, walks },
    fit(log, context) {
      checkObservationLog(log);
      if (!log.source.includes(0)) {
        throw new CairnError("BAD_INPUT", "expected a log with answers of practice, got none", {
          hint: "import item responses: tests and teachers' words alone do not show how knowledge grows",
        });
      }
      const { graph: _graph, ...learned } = learnAbility(log, { rounds, searched, walks }, context);
      return fittedAbility({ standards: [...log.standards], items: [...log.items], learned });
    },
    decode: decodeAbility,
  };
}
