import { and, desc, eq, inArray, isNotNull, lt, sql } from "drizzle-orm";
import { CairnError } from "../../../errors.ts";
import type { TenantTransaction } from "../../../records/database.ts";
import { outcomeScore, riskScore, scoringRun } from "../../../records/schema/index.ts";
import { refusedPseudonyms } from "../../access/refusals.ts";
import type { RunRecord } from "../../batch/inputs.ts";
import { restoreParts } from "../../batch/stored-parts.ts";
import type { RiskReason } from "../reasons.ts";
import type { Thriving } from "../thriving.ts";

/** Where an outcome's scores of a run are read: the outcome the district ranks by has a table of its own. */
export interface ScoreSource {
  readonly runId: string;
  /** Null: the outcome the district ranks by. */
  readonly outcome: string | null;
}

/** A learner's place before anything is said of her. */
export interface Placed {
  readonly pseudonym: string;
  readonly probability: number | null;
}

/** What is stored of a learner. */
export interface StoredScore extends Placed {
  readonly low: number | null;
  readonly high: number | null;
  readonly abstained: string | null;
  readonly coverage: number | null;
  readonly reasons: readonly RiskReason[];
  readonly strengths: readonly RiskReason[];
  readonly thriving: Thriving | null;
}

/**
 * Everybody of a run in order: the highest probability first, equal ones by the learner's random code, which is stable and means
 * nothing, abstentions last. Whose family has said no since is left out.
 */
export async function placesOf(tx: TenantTransaction, source: ScoreSource): Promise<Placed[]> {
  const rows =
    source.outcome === null
      ? await tx.orm
          .select({ pseudonym: riskScore.pseudonym, probability: riskScore.probability })
          .from(riskScore)
          .where(eq(riskScore.runId, source.runId))
          .orderBy(sql`${desc(riskScore.probability)} nulls last`, riskScore.pseudonym)
      : await tx.orm
          .select({ pseudonym: outcomeScore.pseudonym, probability: outcomeScore.probability })
          .from(outcomeScore)
          .where(and(eq(outcomeScore.runId, source.runId), eq(outcomeScore.outcome, source.outcome)))
          .orderBy(sql`${desc(outcomeScore.probability)} nulls last`, outcomeScore.pseudonym);
  const refused = await refusedPseudonyms(tx, "early-warning");
  return rows.filter(({ pseudonym }) => !refused.has(pseudonym));
}

const ASKED_AT_ONCE = 10_000; // PostgreSQL takes 65,535 parameters a statement

/** What is stored of these learners, by pseudonym. */
export async function scoresOf(
  tx: TenantTransaction,
  source: ScoreSource,
  pseudonyms: readonly string[],
): Promise<Map<string, StoredScore>> {
  const scores = new Map<string, StoredScore>();
  for (let start = 0; start < pseudonyms.length; start += ASKED_AT_ONCE) {
    const asked = pseudonyms.slice(start, start + ASKED_AT_ONCE);
    for (const score of await someScores(tx, source, asked)) scores.set(score.pseudonym, score);
  }
  return scores;
}

/** Everybody of a run to whom more could be offered. */
export async function thrivingIn(
  tx: TenantTransaction,
  runId: string,
): Promise<{ readonly pseudonym: string; readonly thriving: Thriving }[]> {
  const rows = await tx.orm
    .select({ pseudonym: riskScore.pseudonym, thriving: riskScore.thriving })
    .from(riskScore)
    .where(and(eq(riskScore.runId, runId), isNotNull(riskScore.thriving)));
  return rows.map(({ pseudonym, thriving }) => ({ pseudonym, thriving: thriving as Thriving }));
}

async function someScores(
  tx: TenantTransaction,
  { runId, outcome }: ScoreSource,
  pseudonyms: string[],
): Promise<StoredScore[]> {
  const rows =
    outcome === null
      ? await tx.orm
          .select()
          .from(riskScore)
          .where(and(eq(riskScore.runId, runId), inArray(riskScore.pseudonym, pseudonyms)))
      : (
          await tx.orm
            .select()
            .from(outcomeScore)
            .where(
              and(
                eq(outcomeScore.runId, runId),
                eq(outcomeScore.outcome, outcome),
                inArray(outcomeScore.pseudonym, pseudonyms),
              ),
            )
        ).map((row) => ({ ...row, thriving: null }));
  return rows.map(({ pseudonym, probability, low, high, abstained, coverage, reasons, strengths, thriving }) => ({
    ...{ pseudonym, probability, low, high, abstained, coverage },
    reasons: reasons as RiskReason[],
    strengths: strengths as RiskReason[],
    thriving: thriving as Thriving | null,
  }));
}

/** The run that was shown for the last day before a run's own; undefined when there is none with a ranking. */
export async function runBefore(
  tx: TenantTransaction,
  run: RunRecord,
): Promise<{ runId: string; asOf: string; modelId: string } | undefined> {
  const rows = await tx.orm
    .select()
    .from(scoringRun)
    .where(and(eq(scoringRun.kind, "batch"), eq(scoringRun.status, "published"), lt(scoringRun.asOf, run.asOf)))
    .orderBy(desc(scoringRun.asOf), desc(scoringRun.publishedAt));
  for (const row of rows) {
    const { risk } = restoreParts(row);
    if (risk.status === "made") return { runId: row.runId, asOf: row.asOf, modelId: risk.inputs.modelId };
  }
  return undefined;
}

/**
 * The name under which a run keeps an outcome.
 * @param outcomes - of the run's model, the one the district ranks by first
 * @throws CairnError `NOT_FOUND` for an outcome the run did not score
 */
export function sourceOf(runId: string, outcomes: readonly string[], asked: string | undefined): ScoreSource {
  if (asked === undefined || asked === outcomes[0]) return { runId, outcome: null };
  if (!outcomes.includes(asked)) {
    throw new CairnError("NOT_FOUND", `expected an outcome that was scored (${outcomes.join(", ")}), got "${asked}"`, {
      hint: "define it with `cairn outcomes define`, and score again",
    });
  }
  return { runId, outcome: asked };
}
