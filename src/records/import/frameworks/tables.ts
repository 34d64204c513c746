import type { SourceFile } from "../core/csv.ts";
import { readCsv } from "../core/csv.ts";
import { readGrade } from "../core/values.ts";
import type { FrameworkPackage, Placed } from "./package.ts";
import { PackageBuilder } from "./package.ts";

/** A file of a delivery of tables and the header by which it was known. */
export interface TableFile {
  readonly file: SourceFile;
  readonly header: readonly string[];
}

type Cells = (column: string) => string | null;

/** The header of a CSV file: its first row. */
export async function headerOf(file: SourceFile): Promise<readonly string[]> {
  for await (const { cells } of readCsv(file)) return cells.map((cell) => cell.trim());
  return [];
}

/** Whether a header is that of one of the three tables of the coherence map. */
export function coherenceTable(header: readonly string[]): "standards" | "prerequisites" | "related" | undefined {
  if (["id", "code", "grade", "cluster", "text"].every((column) => header.includes(column))) return "standards";
  if (["from_code", "to_code"].every((column) => header.includes(column))) return "prerequisites";
  if (["a_code", "b_code"].every((column) => header.includes(column))) return "related";
  return undefined;
}

/** Whether a header is that of the exercise table of Junyi Academy. */
export function isJunyi(header: readonly string[]): boolean {
  return ["name", "prerequisites", "topic", "area"].every((column) => header.includes(column));
}

const coherenceFramework = "coherence-map";

/**
 * Reads the coherence map of the Common Core mathematics standards: which standard needs which, and which belong together. The
 * standards are told by code, and are those of a framework the record has; one without a counterpart stands for itself.
 */
export async function readCoherenceMap(tables: readonly TableFile[]): Promise<FrameworkPackage> {
  const out = new PackageBuilder();
  for (const { file, header } of tables) {
    const kind = coherenceTable(header);
    for await (const { place, cell } of rowsOf(file, out)) {
      if (kind === "standards") readCoherenceStandard(place, cell, out);
      else readEdge(kind === "prerequisites", place, cell, out);
    }
  }
  return out.finish("coherence map", "", coherenceFramework, { joinedByCode: true });
}

function readCoherenceStandard(place: Placed, cell: Cells, out: PackageBuilder): void {
  const code = cell("code");
  if (code === null) {
    out.refuse("standards", place, "code", "MISSING", "expected a code, got an empty cell");
    return;
  }
  out.standards.push({
    ...place,
    id: code,
    framework: coherenceFramework,
    label: code,
    code,
    statement: cell("text"),
    kind: "Standard",
    subject: "Math",
    grades: cell("grade") === null ? [] : [readGrade(cell("grade")!)],
    uri: null,
    statusEndsOn: null,
    modifiedOn: null,
  });
}

function readEdge(directed: boolean, place: Placed, cell: Cells, out: PackageBuilder): void {
  const [first, second] = directed ? (["from_code", "to_code"] as const) : (["a_code", "b_code"] as const);
  const from = cell(first);
  const to = cell(second);
  const part = directed ? "prerequisites" : "related";
  if (from === null) {
    out.refuse(part, place, first, "MISSING", "expected a code, got an empty cell");
    return;
  }
  if (to === null) {
    out.refuse(part, place, second, "MISSING", "expected a code, got an empty cell");
    return;
  }
  if (directed) out.prerequisites.push({ ...place, standard: { code: to }, requires: { code: from } });
  else out.related.push({ ...place, one: { code: from }, other: { code: to } });
}

const junyiFramework = "junyi";

/** Reads Junyi Academy's map: its exercises as standards of a framework of their own, and which exercise needs which. */
export async function readJunyi(file: SourceFile): Promise<FrameworkPackage> {
  const out = new PackageBuilder();
  out.frameworks.push({
    line: 1,
    raw: "",
    id: junyiFramework,
    title: "Exercises of Junyi Academy",
    publisher: "Junyi Academy",
    edition: null,
    subject: "Math",
    language: "zh",
    adoptionStatus: null,
    uri: null,
    licence: "no commercial use; cite Chang, Hsu and Chen (EDM 2015)",
    modifiedOn: null,
  });
  for await (const { place, cell } of rowsOf(file, out)) {
    const name = cell("name");
    if (name === null) {
      out.refuse("standards", place, "name", "MISSING", "expected the name of the exercise, got an empty cell");
      continue;
    }
    out.standards.push({
      ...place,
      id: name,
      framework: junyiFramework,
      label: cell("short_display_name") ?? name,
      code: name,
      statement: cell("pretty_display_name"),
      kind: "Exercise",
      subject: cell("area"),
      grades: [],
      uri: null,
      statusEndsOn: null,
      modifiedOn: null,
    });
    for (const required of (cell("prerequisites") ?? "").split(",").map((word) => word.trim())) {
      if (required !== "") out.prerequisites.push({ ...place, standard: { id: name }, requires: { id: required } });
    }
  }
  return out.finish("Junyi exercise map", "", junyiFramework);
}

/** The rows below the header; one that cannot be read as CSV is refused here. */
async function* rowsOf(file: SourceFile, out: PackageBuilder): AsyncGenerator<{ place: Placed; cell: Cells }> {
  let header: string[] | undefined;
  for await (const { line, cells, raw, problem } of readCsv(file)) {
    if (header === undefined) {
      header = cells.map((cell) => cell.trim());
      continue;
    }
    const place = { line, raw };
    if (problem !== undefined) {
      out.refuse("standards", place, problem.column, problem.code, problem.reason);
      continue;
    }
    const columns = header;
    yield { place, cell: (column) => cells[columns.indexOf(column)]?.trim() || null };
  }
}
