import { access, readFile } from "node:fs/promises";
import { join } from "node:path";
import { CairnError } from "../../errors.ts";
import type { TenantTransaction } from "../../records/database.ts";
import { importCaliper } from "../../records/import/caliper/import.ts";
import type { ImportReport } from "../../records/import/core/report.ts";
import { rehearse } from "../../records/import/core/session.ts";
import type { Standing } from "../../records/import/core/standing.ts";
import type { ColumnProfile } from "../../records/import/flat/column-profile.ts";
import { parseColumnProfile } from "../../records/import/flat/column-profile.ts";
import { importFlat } from "../../records/import/flat/import.ts";
import type { FlatProfileName } from "../../records/import/flat/profiles.ts";
import { flatProfiles } from "../../records/import/flat/profiles.ts";
import { vendorProfiles } from "../../records/import/flat/vendors/index.ts";
import { importOneRoster } from "../../records/import/oneroster/import.ts";
import type { ReportProgress } from "../progress.ts";
import { silent } from "../progress.ts";
import type { Cairn } from "../runtime.ts";

export type { ColumnProfile, FlatProfileName, ImportReport };

/** The flat files that can be read, in the order of their profiles; people come first, with the rosters. */
export const flatProfileNames = Object.keys(flatProfiles) as readonly FlatProfileName[];

/** The column profiles of vendors' files that ship with cairn. */
export const columnProfiles: readonly ColumnProfile[] = vendorProfiles;

/** Whether a profile of that name ships with cairn. */
export function isProfileName(name: string): boolean {
  return flatProfileNames.includes(name as FlatProfileName) || columnProfiles.some((profile) => profile.name === name);
}

/**
 * The profile of a name, or of a district's own JSON file.
 * @throws CairnError `UNREADABLE_FILE` when there is no such file or it is no JSON, `BAD_INPUT` with all faults of the profile
 */
export async function readProfile(nameOrPath: string): Promise<string | ColumnProfile> {
  if (isProfileName(nameOrPath) || !nameOrPath.endsWith(".json")) return nameOrPath;
  let document: unknown;
  try {
    document = JSON.parse(await readFile(nameOrPath, "utf8"));
  } catch (cause) {
    // The parser's own words quote the file, which may be one of records given by mistake.
    throw new CairnError("UNREADABLE_FILE", "expected a column profile as JSON, got a file that is none or no file", {
      hint: "docs/import.md says what a profile holds; `cairn import profiles --show NAME` prints one to begin with",
      cause,
    });
  }
  return parseColumnProfile(document);
}

/** How an import goes. */
export interface ImportOptions {
  /** Read, check and report, but write nothing. */
  readonly dryRun?: boolean;
  /** `contributed`: the source is no system of record, its records go to the Profile. */
  readonly standing?: Standing;
  /** The day a flat file speaks of (YYYY-MM-DD), where its rows do not say it. */
  readonly date?: string;
  readonly onProgress?: ReportProgress;
  readonly signal?: AbortSignal;
}

/** What one import reads. */
export type ImportSource =
  | { readonly standard: "oneroster"; readonly path: string }
  | { readonly standard: "caliper"; readonly path: string }
  | {
      readonly standard: "flat";
      readonly profile: string | ColumnProfile;
      readonly path: string;
      /** The code of the system it comes from: the same code, the same records. */
      readonly systemCode?: string;
    };

/** Imports one delivery. Bad rows are in the report and kept for repair; the same delivery twice changes nothing. */
export function importSource(
  cairn: Cairn,
  tenantId: string,
  source: ImportSource,
  options: ImportOptions & { readonly within?: TenantTransaction } = {},
): Promise<ImportReport> {
  const common = { tenantId, path: source.path, receivedAt: cairn.now(), ...options };
  if (source.standard === "oneroster") return importOneRoster(cairn.database, common);
  if (source.standard === "caliper") return importCaliper(cairn.database, common);
  const { systemCode } = source;
  return importFlat(cairn.database, {
    ...common,
    profile: source.profile,
    ...(systemCode === undefined ? {} : { source: { systemCode } }),
  });
}

/**
 * Imports every file of a district's delivery that is there, people before what they did: `oneroster.zip`, then one CSV per
 * flat profile (named after it), then `caliper.jsonl`. A dry run reads them all in one transaction that leaves nothing, so that
 * each finds the people that those before it brought.
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
  const present: ImportSource[] = [];
  for (const source of sources) {
    const there = await access(source.path).then(
      () => true,
      () => false,
    );
    if (there) present.push(source);
  }
  if (present.length === 0) {
    throw new CairnError("UNREADABLE_FILE", `expected a district's delivery in ${folder}, got none of its files`, {
      hint: `name them oneroster.zip, ${flatProfileNames.map((profile) => `${profile}.csv`).join(", ")}, caliper.jsonl`,
    });
  }
  return options.dryRun === true
    ? rehearse(cairn.database, tenantId, (within) => importAll(cairn, tenantId, present, { ...options, within }))
    : importAll(cairn, tenantId, present, options);
}

async function importAll(
  cairn: Cairn,
  tenantId: string,
  sources: readonly ImportSource[],
  options: ImportOptions & { readonly within?: TenantTransaction },
): Promise<ImportReport[]> {
  const { onProgress = silent } = options;
  const reports: ImportReport[] = [];
  for (const source of sources) {
    const step = `importing ${source.standard === "flat" ? String(source.profile) : source.standard}`;
    let furthest = 0;
    const report = await importSource(cairn, tenantId, source, {
      ...options,
      onProgress: (part, fraction) => {
        // Reading is told by bytes; merging, the rest, by tables: the step ends when all of them are in.
        furthest = Math.max(furthest, part.startsWith("reading") ? fraction * 0.6 : furthest + (1 - furthest) * 0.1);
        onProgress(step, Math.min(furthest, 0.99));
      },
    });
    reports.push(report);
    onProgress(step, 1);
  }
  return reports;
}
