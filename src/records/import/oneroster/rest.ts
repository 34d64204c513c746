import { Readable } from "node:stream";
import { CairnError } from "../../../errors.ts";
import type { SourceFile } from "../core/csv.ts";
import { parseForeignJson } from "../json.ts";
import type { Manifest } from "./manifest.ts";
import type { RosterPackage } from "./package.ts";

type Entity = Readonly<Record<string, unknown>>;
type Cells = Map<string, string>;

/** The file of a package for what a response of the REST API holds, by the name of its collection or of one entity. */
const fileOf: Readonly<Record<string, string>> = {
  org: "orgs",
  academicSession: "academicSessions",
  course: "courses",
  class: "classes",
  user: "users",
  demographics: "demographics",
  enrollment: "enrollments",
  category: "categories",
  lineItem: "lineItems",
  result: "results",
  scoreScale: "scoreScales",
};
const collections = new Map(
  Object.entries(fileOf).flatMap(([one, file]) => [[one, file] as const, [file, file] as const]),
);

/** Where the learning objectives of an entity go, and the column that names it there. */
const objectivesOf: Readonly<Record<string, readonly [string, string]>> = {
  lineItems: ["lineItemLearningObjectiveIds", "lineItemSourcedId"],
  results: ["resultLearningObjectiveIds", "resultSourcedId"],
};

/**
 * Responses of the OneRoster REST API (1.1 or 1.2; each file one envelope, of a collection or of one entity) as the files of a
 * package, so that one reading serves both. Entities carry their status and date, so they are read as a delta.
 *
 * The Assessment Results Profile has no form as files; its responses are not read, and the report says so.
 * @throws CairnError `UNREADABLE_FILE` when a response is no JSON object
 */
export async function restPackage(
  files: readonly SourceFile[],
  sha256: string,
): Promise<{ roster: RosterPackage; manifest: Manifest }> {
  const tables = new Map<string, Cells[]>();
  const oddities: string[] = [];
  for (const file of files) {
    for (const [name, value] of Object.entries(await envelope(file))) {
      const table = collections.get(name);
      if (table === undefined) oddities.push(`${name}: not read, no file of a package holds it`);
      else for (const entity of Array.isArray(value) ? value : [value]) addEntity(tables, table, entity as Entity);
    }
  }
  const roster = new Map(
    [...tables].map(([name, rows]) => [`${name.toLowerCase()}.csv`, csvFile(`${name}.csv`, rows)]),
  );
  // Roles say that the reading is of 1.2: of 1.1 the role stands in the user itself.
  const version = tables.has("roles") || !tables.has("users") ? "1.2" : "1.1";
  const modes = new Map([...tables.keys()].map((name) => [name.toLowerCase(), "delta" as const]));
  return {
    roster: { files: roster, sha256, oddities: [], close: () => undefined },
    manifest: { version, modes, sourceSystem: {}, oddities },
  };
}

async function envelope(file: SourceFile): Promise<Entity> {
  let text = "";
  for await (const chunk of (await file.open()).setEncoding("utf8")) text += chunk;
  try {
    const value = parseForeignJson(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Entity;
  } catch {
    // said below
  }
  throw new CairnError("UNREADABLE_FILE", `expected a JSON object in ${file.name}, got other text`, {
    hint: "each file is one response of the OneRoster REST API",
    details: { file: file.name },
  });
}

function addEntity(tables: Map<string, Cells[]>, table: string, entity: Entity): void {
  const row = cellsOf(entity);
  const add = (name: string, cells: Cells): void => {
    tables.set(name, [...(tables.get(name) ?? []), cells]);
  };
  add(table, row);
  const id = row.get("sourcedId") ?? "";
  const standing = new Map(["status", "dateLastModified"].map((column) => [column, row.get(column) ?? ""]));
  for (const [i, role] of list(entity.roles).entries())
    add("roles", new Map([...standing, ...cellsOf(role), ["sourcedId", `${id}/role/${i}`], ["userSourcedId", id]]));
  const [objectives, column] = objectivesOf[table] ?? [];
  if (objectives === undefined || column === undefined) return;
  for (const set of list(entity.learningObjectiveSet)) {
    const source = String(set.source ?? "unknown");
    const ids = Array.isArray(set.learningObjectiveIds)
      ? set.learningObjectiveIds.map((one) => ({ learningObjectiveId: one }))
      : [];
    for (const objective of [...ids, ...list(set.learningObjectiveResults)]) {
      const cells = cellsOf(objective);
      const own = `${id}/${source}/${cells.get("learningObjectiveId") ?? ""}`;
      add(objectives, new Map([...standing, ...cells, ["sourcedId", own], [column, id], ["source", source]]));
    }
  }
}

const list = (value: unknown): Entity[] => (Array.isArray(value) ? (value as Entity[]) : []);

/** What a reference is called as a column, where the name is not its own: a list of ids has a plural. */
const columns: Readonly<Record<string, string>> = {
  terms: "termSourcedIds",
  agents: "agentSourcedIds",
  orgs: "orgSourcedIds",
  resources: "resourceSourcedIds",
};

/** The cells of an entity: references by the id they point at, lists in one cell, times where the file has days. */
function cellsOf(entity: Entity): Cells {
  const cells: Cells = new Map();
  for (const [name, value] of Object.entries(entity)) {
    if (value === null || value === undefined || name === "metadata" || name === "roles") continue;
    const [column, cell] = Array.isArray(value) ? listCell(name, value) : singleCell(name, value);
    if (cell !== undefined) cells.set(column, cell);
  }
  return cells;
}

function singleCell(name: string, value: unknown): [string, string] {
  if (typeof value === "object") return [`${name}SourcedId`, String((value as Entity).sourcedId ?? "")];
  return [name, /^(assign|due)Date$/.test(name) ? String(value).slice(0, 10) : String(value)];
}

/** A list as one cell; undefined for a list of objects that no column holds. */
function listCell(name: string, value: readonly unknown[]): [string, string | undefined] {
  if (name === "userIds")
    return [
      name,
      list(value)
        .map((id) => `{${id.type}:${id.identifier}}`)
        .join(","),
    ];
  if (name === "scoreScaleValue")
    return [
      name,
      list(value)
        .map((pair) => `{${pair.itemValueLHS}:${pair.itemValueRHS}}`)
        .join(","),
    ];
  const items = value.map((item) => (typeof item === "object" && item !== null ? (item as Entity).sourcedId : item));
  const told = items.every((item) => item !== undefined && typeof item !== "object");
  return [columns[name] ?? name, told ? items.join(",") : undefined];
}

function csvFile(name: string, rows: readonly Cells[]): SourceFile {
  const header = [...new Set(rows.flatMap((row) => [...row.keys()]))];
  const quoted = (cell: string): string => `"${cell.replaceAll('"', '""')}"`;
  const lines = [header, ...rows.map((row) => header.map((column) => row.get(column) ?? ""))];
  const text = lines.map((line) => `${line.map(quoted).join(",")}\n`).join("");
  return { name, bytes: text.length, open: async () => Readable.from([Buffer.from(text)]) };
}
