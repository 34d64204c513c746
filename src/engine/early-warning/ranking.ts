import { desc, eq, sql } from "drizzle-orm";
import { inTenant } from "../../records/database.ts";
import { riskScore } from "../../records/schema/index.ts";
import { resolvePseudonyms } from "../../records/snapshot/pseudonyms.ts";
import { refusedPseudonyms } from "../access/refusals.ts";
import { latestRun } from "../batch/inputs.ts";
import { inputsOf } from "../batch/parts.ts";
import type { Provenance } from "../batch/provenance.ts";
import { provenanceOf } from "../batch/provenance.ts";
import { readModelRecord } from "../registry/models.ts";
import type { Cairn } from "../runtime.ts";
import type { RiskReason } from "./reasons.ts";

/** One learner of the ranking, by name: this leaves the engine only towards those who may see it. */
export interface RankedLearner {
  readonly rank: number;
  /** The district's own number of the learner. */
  readonly learner: string;
  readonly name: string;
  readonly school: string;
  readonly grade: string;
  /** Chance of going off track, in [0, 1]; null when too little is known to say. */
  readonly probability: number | null;
  /** Why there is no probability; null when there is one. */
  readonly abstained: string | null;
  /** Share of the model's inputs that are known for this learner, in [0, 1]. */
  readonly coverage: number;
  readonly reasons: RiskReason[];
}

/** The learners most at risk, with what the ranking was made from. */
export interface Ranking {
  readonly provenance: Provenance;
  readonly model: {
    readonly name: string;
    /** The district's rules rank as well, and are what is shown. */
    readonly rulesDoAsWell: boolean;
  };
  /** Learners scored in all, less those whose families have said no since. */
  readonly learners: number;
  readonly entries: RankedLearner[];
}

/**
 * The top of the latest published ranking, for a counselor's capacity. Abstentions come last, with their reason. Equal
 * probabilities are ordered by the learner's random code: stable, and without meaning.
 * @param limit - how many learners the counselor can see
 * @throws CairnError `NOT_FOUND` before the first run is published, `CONFLICT` when it has no ranking
 */
export async function readRanking(
  cairn: Cairn,
  tenantId: string,
  { limit, school }: { limit: number; school?: string },
): Promise<Ranking> {
  const run = await latestRun(cairn, tenantId);
  const inputs = inputsOf(run, "risk");
  const { metrics } = await readModelRecord(cairn, tenantId, inputs.modelId);
  const { chosen } = metrics as { chosen: string };
  return inTenant(cairn.database, tenantId, async (tx) => {
    const scored = await tx.orm
      .select()
      .from(riskScore)
      .where(eq(riskScore.runId, run.runId))
      .orderBy(sql`${desc(riskScore.probability)} nulls last`, riskScore.pseudonym);
    const refused = await refusedPseudonyms(tx, "early-warning");
    const scores = scored.filter(({ pseudonym }) => !refused.has(pseudonym));
    // Without a school the capacity cuts first, so that only those who are shown are named.
    const shown = school === undefined ? scores.slice(0, limit) : scores;
    const people = await resolvePseudonyms(
      tx,
      "early-warning",
      shown.map((score) => score.pseudonym),
    );
    const entries = shown
      .flatMap((score) => {
        const person = people.get(score.pseudonym);
        if (person === undefined || (school !== undefined && person.school !== school)) return [];
        const { probability, abstained, coverage, reasons } = score;
        return [{ person, probability, abstained, coverage: coverage ?? 0, reasons: reasons as RiskReason[] }];
      })
      .slice(0, limit)
      .map(({ person, ...score }, index) => ({
        rank: index + 1,
        learner: person.districtNumber ?? person.personId,
        name: [person.givenName, person.familyName].filter(Boolean).join(" "),
        school: person.school ?? "",
        grade: person.grade ?? "",
        ...score,
      }));
    return {
      provenance: provenanceOf(run, inputs),
      model: { name: chosen, rulesDoAsWell: chosen === "rule" },
      learners: scores.length,
      entries,
    };
  });
}
