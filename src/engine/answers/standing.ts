import { CairnError } from "../../errors.ts";
import { readFeatureCells } from "../../features/table-file.ts";
import type { TenantTransaction } from "../../records/database.ts";
import { findPseudonym } from "../../records/snapshot/pseudonyms.ts";
import { refusedPseudonyms } from "../access/refusals.ts";
import { shownRun } from "../batch/inputs.ts";
import { bringRiskMatrix } from "../early-warning/prepare.ts";
import { scoresOf } from "../early-warning/ranking/read-scores.ts";
import type { Cairn } from "../runtime.ts";
import type { PeerFact, ScoreFact } from "./facts.ts";

/** What the latest run says of a learner. */
export interface Standing {
  readonly score: ScoreFact;
  /** Null where the run's matrix does not hold the learner. */
  readonly peers: PeerFact | null;
}

const none = (why: string): Standing => ({ score: { status: "none", why }, peers: null });

/**
 * The score and the place among peers of the latest published run. A family that says no to early warning is heard at this read.
 * @param learner - the district's own number of the learner
 */
export async function standingOf(cairn: Cairn, tx: TenantTransaction, learner: string): Promise<Standing> {
  const run = await shownRun(tx.orm);
  if (run === undefined) return none("The school has not looked for early signs yet.");
  if (run.parts.risk.status !== "made") return none("The records do not hold what an estimate of risk is made from.");
  const pseudonym = await findPseudonym(tx, "early-warning", learner);
  if (pseudonym === undefined) return none("The last look for early signs did not include this learner.");
  if ((await refusedPseudonyms(tx, "early-warning", cairn.now())).has(pseudonym))
    return none("The family decided against early warning, so nothing is estimated.");
  const score = (await scoresOf(tx, { runId: run.runId, outcome: null }, [pseudonym])).get(pseudonym);
  const matrix = await bringRiskMatrix(cairn, run.parts.risk.inputs.snapshotId, run.asOf);
  const peers = await peersOf(matrix, pseudonym, run.asOf);
  if (score === undefined) return { ...none("The last look for early signs did not include this learner."), peers };
  if (score.probability === null)
    return { ...none(`No estimate of risk is made: ${score.abstained ?? "too little is known"}.`), peers };
  const { probability, low, high, reasons, strengths, thriving } = score;
  return { score: { status: "scored", asOf: run.asOf, probability, low, high, reasons, strengths, thriving }, peers };
}

/** The ranks of a learner in the matrix of a run; null where the matrix is gone, or was made by another catalog. */
async function peersOf(path: string, learner: string, asOf: string): Promise<PeerFact | null> {
  const cells = await readFeatureCells(path, learner, ["score_mean_rank", "attendance_rate_rank"]).catch(gone);
  if (cells === undefined) return null;
  return { asOf, work: cells.get("score_mean_rank") ?? null, attendance: cells.get("attendance_rate_rank") ?? null };
}

function gone(error: unknown): undefined {
  if (!(error instanceof CairnError && error.code === "UNREADABLE_FILE")) throw error;
}
