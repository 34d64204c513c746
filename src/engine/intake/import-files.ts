import { access } from "node:fs/promises";
import { join } from "node:path";
import { CairnError } from "../../errors.ts";
import { importCaliper } from "../../records/import/caliper/import.ts";
import type { ImportReport } from "../../records/import/core/report.ts";
import { importFlat } from "../../records/import/flat/import.ts";
import type { FlatProfileName } from "../../records/import/flat/profiles.ts";
import { flatProfiles } from "../../records/import/flat/profiles.ts";
import { importOneRoster } from "../../records/import/oneroster/import.ts";
import type { ReportProgress } from "../progress.ts";
import { silent } from "../progress.ts";
import type { Cairn } from "../runtime.ts";

export type { FlatProfileName, ImportReport };

/** The flat files that can be read, in the order of their profiles; people come first, with the rosters. */
export const flatProfileNames = Object.keys(flatProfiles) as readonly FlatProfileName[];

/** How an import goes. */
export interface ImportOptions {
  /** Read, check and report, but write nothing. */
  readonly dryRun?: boolean;
  readonly onProgress?: ReportProgress;
  readonly signal?: AbortSignal;
}

/** What one import reads. */
export type ImportSource =
  | { readonly standard: "oneroster"; readonly path: string }
  | { readonly standard: "caliper"; readonly path: string }
  | { readonly standard: "flat"; readonly profile: FlatProfileName; readonly path: string };

/** Imports one delivery. Bad rows are in the report and kept for repair; the same delivery twice changes nothing. */
export function importSource(
  cairn: Cairn,
  tenantId: string,
  source: ImportSource,
  options: ImportOptions = {},
): Promise<ImportReport> {
  const common = { tenantId, path: source.path, receivedAt: cairn.now(), ...options };
  if (source.standard === "oneroster") return importOneRoster(cairn.database, common);
  if (source.standard === "caliper") return importCaliper(cairn.database, common);
  return importFlat(cairn.database, { ...common, profile: source.profile });
}

/**
 * Imports every file of a district's delivery that is there, people before what they did: `oneroster.zip`, then one CSV per
 * flat profile (named after it), then `caliper.jsonl`.
 * @throws CairnError `UNREADABLE_FILE` when there is none of them
 */
export async function importDistrict(
  cairn: Cairn,
  tenantId: string,
  folder: string,
  options: ImportOptions = {},
): Promise<ImportReport[]> {
  const sources: ImportSource[] = [
    { standard: "oneroster", path: join(folder, "oneroster.zip") },
    ...flatProfileNames.map(
      (profile): ImportSource => ({ standard: "flat", profile, path: join(folder, `${profile}.csv`) }),
    ),
    { standard: "caliper", path: join(folder, "caliper.jsonl") },
  ];
  const { onProgress = silent } = options;
  const reports: ImportReport[] = [];
  for (const source of sources) {
    const present = await access(source.path).then(
      () => true,
      () => false,
    );
    if (!present) continue;
    const step = `importing ${source.standard === "flat" ? source.profile : source.standard}`;
    reports.push(
      await importSource(cairn, tenantId, source, {
        ...options,
        onProgress: (_, fraction) => onProgress(step, fraction),
      }),
    );
    onProgress(step, 1);
  }
  if (reports.length === 0) {
    throw new CairnError("UNREADABLE_FILE", `expected a district's delivery in ${folder}, got none of its files`, {
      hint: `name them oneroster.zip, ${flatProfileNames.map((profile) => `${profile}.csv`).join(", ")}, caliper.jsonl`,
    });
  }
  return reports;
}
