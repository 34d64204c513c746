import { CairnError } from "../../../errors.ts";
import { readCsv } from "../core/csv.ts";
import type { SourceSystem } from "../core/session.ts";
import type { RosterPackage } from "./package.ts";

/** What a file holds: everything, or what changed. */
export type FileMode = "bulk" | "delta";

/** What the manifest says, with its oddities. */
export interface Manifest {
  readonly version: "1.1" | "1.2";
  /** The mode of every file that is in the package, by name in lower case without ending. */
  readonly modes: ReadonlyMap<string, FileMode>;
  readonly sourceSystem: SourceSystem;
  readonly oddities: readonly string[];
}

/**
 * Reads manifest.csv. A file that is there is read whatever the manifest says; without a manifest the version follows from
 * the presence of roles.csv.
 * @throws CairnError `UNREADABLE_FILE` when the package is of another version than 1.1 or 1.2
 */
export async function readManifest(roster: RosterPackage): Promise<Manifest> {
  const oddities: string[] = [];
  const properties = await readProperties(roster);
  if (properties === undefined) oddities.push("no manifest: every file taken as bulk");
  const version = properties?.get("oneroster.version")?.trim() ?? (roster.files.has("roles.csv") ? "1.2" : "1.1");
  if (!/^v?1(\.|p)[12](\b|\.|$)/.test(version)) {
    throw new CairnError(
      "UNREADABLE_FILE",
      `expected OneRoster version 1.1 or 1.2 in the manifest, got "${version.slice(0, 20)}"`,
      {
        hint: "export the package as OneRoster CSV 1.1 or 1.2",
      },
    );
  }
  const modes = new Map<string, FileMode>();
  for (const file of roster.files.keys()) {
    const name = file.replace(/\.csv$/, "");
    if (name !== "manifest")
      modes.set(name, fileMode(properties?.get(`file.${name}`), name, properties !== undefined, oddities));
  }
  for (const [property, value] of properties ?? []) {
    const declared = /^file\.(.+)$/.exec(property)?.[1];
    if (declared !== undefined && /^(bulk|delta)$/i.test(value) && !modes.has(declared)) {
      oddities.push(`file.${declared} declared ${value.toLowerCase()} and not in the package`);
    }
  }
  return {
    version: /1(\.|p)1/.test(version) ? "1.1" : "1.2",
    modes,
    sourceSystem: sourceSystem(properties, oddities),
    oddities,
  };
}

/** The properties by lower-case name. */
async function readProperties(roster: RosterPackage): Promise<Map<string, string> | undefined> {
  const file = roster.files.get("manifest.csv");
  if (file === undefined) return undefined;
  const properties = new Map<string, string>();
  for await (const row of readCsv(file)) {
    const name = row.cells[0]?.trim().toLowerCase();
    if (name !== undefined && name !== "propertyname") properties.set(name, row.cells[1]?.trim() ?? "");
  }
  return properties;
}

function fileMode(value: string | undefined, name: string, manifested: boolean, oddities: string[]): FileMode {
  const mode = value?.toLowerCase();
  if (mode === "bulk" || mode === "delta") return mode;
  if (manifested) {
    const said =
      mode === undefined
        ? "not named"
        : mode === ""
          ? "named without a mode"
          : mode === "absent"
            ? "declared absent"
            : "named with an unknown mode";
    oddities.push(`file.${name} ${said} and in the package: read as bulk`);
  }
  return "bulk";
}

function sourceSystem(properties: ReadonlyMap<string, string> | undefined, oddities: string[]): SourceSystem {
  const system: { systemName?: string; systemCode?: string } = {};
  for (const [key, property] of [
    ["systemName", "source.systemname"],
    ["systemCode", "source.systemcode"],
  ] as const) {
    const value = properties?.get(property);
    if (value === undefined || value === "") continue;
    // Seen in the field: exporters that answer every line of the manifest with the word for "no such file".
    if (value.toLowerCase() === "absent") oddities.push(`source.${key} set to the word absent`);
    else system[key] = value;
  }
  return system;
}
