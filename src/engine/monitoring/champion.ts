import { desc, eq } from "drizzle-orm";
import { inTenant } from "../../records/database.ts";
import { modelDecision, modelProposal } from "../../records/schema/index.ts";
import type { Cairn } from "../runtime.ts";

/**
 * The model that persons have decided for: the challenger they accepted last; while they have accepted none, the champion they kept
 * when they declined one. Null while nobody has decided: then nobody has bound the night to a model.
 */
export async function decidedChampion(cairn: Cairn, tenantId: string): Promise<string | null> {
  const decided = await inTenant(cairn.database, tenantId, ({ orm }) =>
    orm
      .select({
        champion: modelProposal.champion,
        challenger: modelProposal.challenger,
        decision: modelDecision.decision,
      })
      .from(modelDecision)
      .innerJoin(modelProposal, eq(modelDecision.proposalId, modelProposal.proposalId))
      .orderBy(desc(modelDecision.decidedAt), desc(modelDecision.proposalId)),
  );
  const accepted = decided.find(({ decision }) => decision === "accepted");
  return accepted?.challenger ?? decided[0]?.champion ?? null;
}
