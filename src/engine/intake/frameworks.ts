import type { CasePackage } from "../../records/export/case/export.ts";
import { exportCasePackage } from "../../records/export/case/export.ts";
import { importFramework } from "../../records/import/frameworks/import.ts";
import type { Cairn } from "../runtime.ts";
import type { ImportOptions, ImportReport } from "./import-files.ts";

/**
 * Imports standards, prerequisites or learning activities; what the file is, is told by its content. The same file twice changes
 * nothing.
 * @throws CairnError `UNREADABLE_FILE` when it is no framework
 */
export function importFrameworkFile(
  cairn: Cairn,
  tenantId: string,
  path: string,
  options: ImportOptions = {},
): Promise<ImportReport> {
  return importFramework(cairn.database, { tenantId, path, receivedAt: cairn.now(), ...options });
}

/**
 * A framework of a district as a CASE 1.1 package.
 * @throws CairnError `NOT_FOUND` when the district has no such framework
 */
export function exportFramework(cairn: Cairn, tenantId: string, framework: string, base: string): Promise<CasePackage> {
  return exportCasePackage(cairn.database, { tenantId, framework, base });
}
