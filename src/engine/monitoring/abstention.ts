import { inTenant } from "../../records/database.ts";
import { placesOf, scoresOf } from "../early-warning/ranking/read-scores.ts";
import { LEAST_COVERAGE } from "../early-warning/score.ts";
import type { Cairn } from "../runtime.ts";
import type { ShownRanking } from "./scores.ts";

/** Of how many learners the ranking that is shown says no number, and why. */
export interface Abstention {
  readonly asOf: string;
  readonly modelId: string;
  readonly learners: number;
  readonly abstained: number;
  /** Of those: too little is known of them. */
  readonly unknown: number;
  /** Of those: unlike everybody the model has learned from. */
  readonly unlike: number;
  /** More than half of the learners have no number: the list that is shown is about the others. */
  readonly isMass: boolean;
}

const MASS = 0.5;

/**
 * Counts on whom the ranking that is shown abstains. One learner without a number is the model's caution; most of a district without one
 * is a file that did not come or a model of another time.
 * @returns null while no ranking is shown, or nobody is in it
 */
export async function abstentionOf(
  cairn: Cairn,
  tenantId: string,
  shown: readonly ShownRanking[],
): Promise<Abstention | null> {
  const run = shown.at(-1);
  if (run === undefined) return null;
  const source = { runId: run.runId, outcome: null };
  return inTenant(cairn.database, tenantId, async (tx) => {
    const places = await placesOf(tx, source);
    if (places.length === 0) return null;
    const silent = places.flatMap(({ pseudonym, probability }) => (probability === null ? [pseudonym] : []));
    const scores = await scoresOf(tx, source, silent);
    const unknown = [...scores.values()].filter(
      ({ coverage }) => coverage !== null && coverage < LEAST_COVERAGE,
    ).length;
    return {
      ...{ asOf: run.asOf, modelId: run.modelId, learners: places.length },
      ...{ abstained: silent.length, unknown, unlike: silent.length - unknown },
      isMass: silent.length > MASS * places.length,
    };
  });
}
