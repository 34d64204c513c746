import type { ImportReport } from "../../records/import/core/report.ts";
import { importEdFi } from "../../records/import/edfi/import.ts";
import type { Cairn } from "../runtime.ts";
import type { ImportOptions } from "./import-files.ts";

/** Imports an Ed-Fi delivery: JSON, JSONL or bulk XML of Data Standard 4 to 6, in a folder, a zip or one file. */
export function importEdFiDelivery(
  cairn: Cairn,
  tenantId: string,
  path: string,
  { source, ...options }: ImportOptions & { readonly source?: string } = {},
): Promise<ImportReport> {
  const from = source === undefined ? {} : { source: { systemCode: source } };
  return importEdFi(cairn.database, { tenantId, path, receivedAt: cairn.now(), ...from, ...options });
}
