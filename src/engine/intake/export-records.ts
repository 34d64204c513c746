import { CairnError } from "../../errors.ts";
import { inTenant } from "../../records/database.ts";
import type { Release } from "../../records/disclosure/release.ts";
import { releasePurposes } from "../../records/disclosure/release.ts";
import type { RiskFlag } from "../../records/export/edfi/bodies.ts";
import type { EdFiExport } from "../../records/export/edfi/export.ts";
import { exportEdFi } from "../../records/export/edfi/export.ts";
import type { RosterExport } from "../../records/export/oneroster/export.ts";
import { exportOneRoster } from "../../records/export/oneroster/export.ts";
import { refusedPseudonyms } from "../access/refusals.ts";
import { latestRun } from "../batch/inputs.ts";
import { inputsOf } from "../batch/parts.ts";
import type { ReportProgress } from "../progress.ts";
import type { Cairn } from "../runtime.ts";

export type { EdFiExport, RosterExport };
export { releasePurposes };

/** Who gets an export, who asked for it, why and on what basis: it goes into the record of disclosures. */
export type ExportRelease = Omit<Release, "now">;

/** How an export goes. */
export interface ExportOptions {
  readonly release: ExportRelease;
  readonly onProgress?: ReportProgress;
  readonly signal?: AbortSignal;
}

/**
 * A district's roster and gradebook as a OneRoster 1.2.1 CSV package, for a party; every learner in it gets a line in her record
 * of disclosures.
 * @throws CairnError `BAD_INPUT` without party, requester or interest, `FORBIDDEN` for an audit without an agreement in force
 */
export function exportRoster(
  cairn: Cairn,
  tenantId: string,
  path: string,
  { release, ...options }: ExportOptions & { readonly source?: string; readonly forSpreadsheets?: boolean },
): Promise<RosterExport> {
  return exportOneRoster(cairn.database, { tenantId, path, ...options, release: { ...release, now: cairn.now() } });
}

/**
 * Bodies of the Ed-Fi API in a folder: results of tests and of work, and the risks of the latest published run as student
 * indicators. Without a run (or a ranking in it) there are no indicators. Learners whose families have said no to early
 * warning have none, whatever the run says. Every learner told of gets a line in her record of disclosures.
 * @throws CairnError as {@link exportRoster}
 */
export async function exportEdFiBodies(
  cairn: Cairn,
  tenantId: string,
  path: string,
  { release, ...options }: ExportOptions & { readonly studentIds?: string },
): Promise<EdFiExport> {
  const flags = await riskFlags(cairn, tenantId);
  return exportEdFi(cairn.database, {
    tenantId,
    path,
    flags,
    ...options,
    release: { ...release, now: cairn.now() },
  });
}

async function riskFlags(cairn: Cairn, tenantId: string): Promise<RiskFlag[]> {
  const run = await latestRun(cairn, tenantId).catch(unlessAbsent);
  if (run?.parts.risk.status !== "made") return [];
  const { modelId } = inputsOf(run, "risk");
  return inTenant(cairn.database, tenantId, async (tx) => {
    const rows = await tx.sql<{ pseudonym: string; person_id: string; probability: number | null }[]>`
      select s.pseudonym, p.person_id, s.probability from risk_score s
      join pseudonym p on p.purpose = 'early-warning' and p.code = s.pseudonym
      where s.run_id = ${run.runId} order by s.pseudonym`;
    const refused = await refusedPseudonyms(tx, "early-warning", cairn.now());
    return rows
      .filter(({ pseudonym }) => !refused.has(pseudonym))
      .map(({ person_id, probability }) => ({ personId: person_id, probability, modelId, asOf: run.asOf }));
  });
}

/** A district that has never been scored has no flags, which is no fault. */
function unlessAbsent(error: unknown): undefined {
  if (error instanceof CairnError && error.code === "NOT_FOUND") return undefined;
  throw error;
}
