import { existsSync } from "node:fs";
import { join } from "node:path";
import { readConfiguration } from "../../src/configuration.ts";

/** The folder of the public data sets. */
export function datasetsFolder(): string {
  return readConfiguration().datasets;
}

/** Why a case on these files cannot run here; nothing when they are there. */
export function missingFiles(...files: readonly string[]): string | undefined {
  const missing = files.filter((file) => !existsSync(join(datasetsFolder(), file)));
  return missing.length === 0 ? undefined : `needs ${missing.join(", ")} (set CAIRN_DATASETS)`;
}
