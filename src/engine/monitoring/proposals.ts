import { createHash } from "node:crypto";
import { desc, eq } from "drizzle-orm";
import { CairnError } from "../../errors.ts";
import { featureDefinition } from "../../features/catalog.ts";
import type { TenantTransaction } from "../../records/database.ts";
import { inTenant } from "../../records/database.ts";
import { modelDecision, modelProposal } from "../../records/schema/index.ts";
import { loadRiskPanel } from "../early-warning/model/panel.ts";
import { prepareRiskFeatures } from "../early-warning/prepare.ts";
import { scoreRows } from "../early-warning/score-rows.ts";
import { readModelRecord } from "../registry/models.ts";
import type { Cairn } from "../runtime.ts";
import type { ComparedFigure } from "./compare-models.ts";
import { compareModels } from "./compare-models.ts";

/** How two models did on learners that neither has learned from. */
export interface ModelComparison {
  /** The snapshot and the day of whose knowledge they were judged. */
  readonly snapshotId: string;
  readonly asOf: string;
  /** The finished period that neither model has seen. */
  readonly period: string;
  readonly outcome: string;
  /** Learners of whom both models say a number; and those of whom only one does, which are left out. */
  readonly learners: number;
  readonly leftOut: number;
  readonly withOutcome: number;
  readonly capacity: number;
  readonly figures: readonly ComparedFigure[];
}

/** That a model could take another's place, and what a person decided. */
export interface ModelProposal {
  readonly proposalId: string;
  readonly champion: string;
  readonly challenger: string;
  readonly comparison: ModelComparison;
  readonly proposedBy: string;
  /** ISO 8601, UTC. */
  readonly proposedAt: string;
  /** Null: nobody has decided. */
  readonly decision: {
    readonly decision: "accepted" | "declined";
    readonly reason: string;
    readonly decidedBy: string;
    readonly decidedAt: string;
  } | null;
}

const PURPOSE = "early-warning";

/**
 * Judges a champion and a challenger of the registry on the last finished period that neither has learned from, and writes the
 * proposal. Nothing is swapped: that takes a person, see {@link decideProposal}.
 * @param query - `asOf` is the day of whose knowledge they are judged, `capacity` how many learners somebody has room for
 * @throws CairnError `CONFLICT` when there is no such period, for a model beside itself, or for models of another outcome; `NOT_FOUND`
 */
export async function proposeModel(
  cairn: Cairn,
  tenantId: string,
  query: {
    readonly champion: string;
    readonly challenger: string;
    readonly asOf: string;
    readonly capacity: number;
    readonly proposedBy: string;
  },
): Promise<ModelProposal> {
  const { champion, challenger, asOf, capacity, proposedBy } = query;
  if (champion === challenger) throw new CairnError("CONFLICT", "expected two models, got one twice");
  const panels = [
    await loadRiskPanel(cairn, tenantId, champion),
    await loadRiskPanel(cairn, tenantId, challenger),
  ] as const;
  const seen = new Set([
    ...(await periodsOf(cairn, tenantId, champion)),
    ...(await periodsOf(cairn, tenantId, challenger)),
  ]);
  const { tables, snapshotId } = await prepareRiskFeatures(cairn, tenantId, asOf);
  const { definition, training } = tables.outcomes[0]!;
  for (const { outcomes } of panels) {
    const { outcome } = outcomes[0]!.definition;
    if (outcome !== definition.outcome)
      throw new CairnError("CONFLICT", `expected models that rank by "${definition.outcome}", got "${outcome}"`);
  }
  const period = [...new Set(training.period)]
    .filter((one) => !seen.has(one))
    .sort()
    .at(-1);
  if (period === undefined) {
    throw new CairnError("CONFLICT", "expected a finished period that neither model has learned from, got none", {
      hint: "judge them when the next period has ended; how each did on learners it never saw is on its card",
    });
  }
  const rows = training.period.flatMap((one, row) => (one === period ? [row] : []));
  const [was, would] = panels.map((panel) => scoreRows(panel, training, rows, featureDefinition)[0]!.scores);
  const both = rows.flatMap((row, place) => {
    const [a, b] = [was![place]!.probability, would![place]!.probability];
    return a === null || b === null ? [] : [{ label: training.labels[row]!, a, b }];
  });
  const labels = Uint8Array.from(both, ({ label }) => label);
  const figures = compareModels({
    labels,
    champion: Float64Array.from(both, ({ a }) => a),
    challenger: Float64Array.from(both, ({ b }) => b),
    capacity,
    seed: `${champion} ${challenger}`,
  });
  const comparison: ModelComparison = {
    ...{ snapshotId, asOf, period, outcome: definition.outcome, capacity, figures },
    learners: both.length,
    leftOut: rows.length - both.length,
    withOutcome: labels.reduce((sum, label) => sum + label, 0),
  };
  return storeProposal(cairn, tenantId, { champion, challenger, comparison, proposedBy });
}

async function periodsOf(cairn: Cairn, tenantId: string, modelId: string): Promise<readonly string[]> {
  const { lineage } = await readModelRecord(cairn, tenantId, modelId);
  return (lineage as { periods?: readonly string[] }).periods ?? [];
}

/** Writes a proposal; the same one again is the one that stands. */
export async function storeProposal(
  cairn: Cairn,
  tenantId: string,
  proposal: Pick<ModelProposal, "champion" | "challenger" | "comparison" | "proposedBy">,
): Promise<ModelProposal> {
  const { champion, challenger, comparison } = proposal;
  const proposalId = createHash("sha256")
    .update(JSON.stringify([tenantId, champion, challenger, comparison]))
    .digest("hex")
    .slice(0, 32);
  return inTenant(cairn.database, tenantId, async (tx) => {
    await tx.orm
      .insert(modelProposal)
      .values({ tenantId, proposalId, purpose: PURPOSE, ...proposal, proposedAt: cairn.now() })
      .onConflictDoNothing();
    return (await proposalsIn(tx)).find((one) => one.proposalId === proposalId)!;
  });
}

/** The proposals of a district with what was decided, newest first. */
export function listProposals(cairn: Cairn, tenantId: string): Promise<ModelProposal[]> {
  return inTenant(cairn.database, tenantId, proposalsIn);
}

/**
 * Writes what a person decided about a proposal: once, with her reason.
 * @throws CairnError `NOT_FOUND`; `CONFLICT` when it has been decided
 */
export async function decideProposal(
  cairn: Cairn,
  tenantId: string,
  decided: {
    readonly proposalId: string;
    readonly decision: "accepted" | "declined";
    readonly reason: string;
    readonly decidedBy: string;
  },
): Promise<ModelProposal> {
  const { proposalId } = decided;
  return inTenant(cairn.database, tenantId, async (tx) => {
    const known = async () => (await proposalsIn(tx)).find((one) => one.proposalId === proposalId);
    if ((await known()) === undefined) {
      throw new CairnError("NOT_FOUND", `expected a proposal, got the id ${proposalId}`, {
        hint: "see `cairn monitor proposals`",
      });
    }
    const written = await tx.orm
      .insert(modelDecision)
      .values({ tenantId, ...decided, decidedAt: cairn.now() })
      .onConflictDoNothing()
      .returning({ proposalId: modelDecision.proposalId });
    const stands = (await known())!;
    if (written.length > 0) return stands;
    throw new CairnError("CONFLICT", `expected an open proposal, got one that was ${stands.decision?.decision}`, {
      hint: "what was decided stands: propose anew",
    });
  });
}

async function proposalsIn({ orm }: TenantTransaction): Promise<ModelProposal[]> {
  const rows = await orm
    .select()
    .from(modelProposal)
    .leftJoin(modelDecision, eq(modelDecision.proposalId, modelProposal.proposalId))
    .orderBy(desc(modelProposal.proposedAt), modelProposal.proposalId);
  return rows.map(({ model_proposal: proposal, model_decision: decision }) => ({
    proposalId: proposal.proposalId,
    champion: proposal.champion,
    challenger: proposal.challenger,
    comparison: proposal.comparison as ModelComparison,
    proposedBy: proposal.proposedBy,
    proposedAt: proposal.proposedAt.toISOString(),
    decision:
      decision === null
        ? null
        : {
            ...{ decision: decision.decision, reason: decision.reason, decidedBy: decision.decidedBy },
            decidedAt: decision.decidedAt.toISOString(),
          },
  }));
}
