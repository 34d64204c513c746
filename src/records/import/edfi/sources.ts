import type { ReportBuilder } from "../core/report.ts";
import type { RowProblem } from "../core/row.ts";
import { parseForeignJson } from "../json.ts";
import { Body } from "./body.ts";
import type { EdFiFile } from "./files.ts";
import { resourceOfFile } from "./files.ts";
import { readJsonTexts } from "./json-values.ts";
import { readResources, reasonUnread } from "./resources.ts";
import type { EdFiBody, Identities } from "./xml-bodies.ts";
import { bodyOf, identityOf, mayBeReferred, resourceName } from "./xml-bodies.ts";
import { readXmlElements } from "./xml-elements.ts";

/** Where bodies of one resource stand: a whole JSON file, or the elements of one name of a bulk XML file. */
export interface Source {
  readonly file: EdFiFile;
  /** As the report names it: an XML file holds several resources, and each is counted by itself. */
  readonly label: string;
  readonly element: string | undefined;
  readonly identities: Identities;
}

/** What a delivery holds, by the resource's name in Data Standard 5. */
export interface Sources {
  readonly byResource: ReadonlyMap<string, readonly Source[]>;
  /** The version of the data standard, as far as the delivery shows it. */
  readonly version: string;
  /** What is there and not read, with the reason and how often. */
  readonly unread: readonly { readonly file: string; readonly reason: string; readonly count: number }[];
}

/** Looks through a delivery once: which resources each file holds, and what XML elements point at by `ref`. */
export async function surveyFiles(
  files: readonly EdFiFile[],
  onFile: (file: EdFiFile, done: number) => void,
): Promise<Sources> {
  const byResource = new Map<string, Source[]>();
  const unread: { file: string; reason: string; count: number }[] = [];
  const seen = new Set<string>();
  for (const [i, file] of files.entries()) {
    onFile(file, i / files.length);
    const found = file.kind === "xml" ? await surveyXml(file) : surveyJson(file);
    for (const { name, source, count } of found) {
      seen.add(name.toLowerCase());
      const resource = readResources.get(name.toLowerCase());
      if (resource === undefined) {
        const reason = reasonUnread(name) ?? "no resource of Ed-Fi that cairn knows";
        unread.push({ file: source.label, reason: `not read: ${reason}`, count });
      } else byResource.set(resource, [...(byResource.get(resource) ?? []), source]);
    }
  }
  return { byResource, version: versionOf(seen), unread };
}

interface Found {
  readonly name: string;
  readonly source: Source;
  readonly count: number;
}

function surveyJson(file: EdFiFile): Found[] {
  const candidates = resourceOfFile(file.name);
  const name = candidates.find((candidate) => readResources.has(candidate.toLowerCase())) ?? candidates[0] ?? file.name;
  return [{ name, source: { file, label: file.name, element: undefined, identities: new Map() }, count: 1 }];
}

async function surveyXml(file: EdFiFile): Promise<Found[]> {
  const counts = new Map<string, number>();
  const identities = new Map<string, EdFiBody>();
  const wanted = (name: string): boolean => {
    counts.set(name, (counts.get(name) ?? 0) + 1);
    return mayBeReferred(name);
  };
  for await (const element of readXmlElements(file, wanted)) {
    const { id } = element.attributes;
    if (id !== undefined) identities.set(id, identityOf(element, identities));
  }
  return [...counts].map(([element, count]) => {
    const name = resourceName(element);
    return { name, count, source: { file, label: `${file.name}#${name}`, element, identities } };
  });
}

function versionOf(seen: ReadonlySet<string>): string {
  if (["studentdemographics", "studentdirectories", "studentidentificationcodes"].some((name) => seen.has(name)))
    return "6";
  return seen.has("parents") ||
    seen.has("studentparentassociations") ||
    seen.has("studentdisciplineincidentassociations")
    ? "4"
    : "5";
}

/**
 * The bodies of a source, one at a time; one that is no JSON object carries its problem. Each has a line of its own: that on
 * which it begins, and where several begin on one line, the next that is free.
 */
export async function* readBodies(
  source: Source,
  report: ReportBuilder,
  timeZone: string,
  onBytes: (bytes: number) => void,
): AsyncGenerator<Body> {
  const context = { file: source.label, report, timeZone, slashOrder: () => "unknown" as const };
  let last = 0;
  if (source.element === undefined) {
    for await (const { line, text } of readJsonTexts(source.file, onBytes)) {
      const { value, problem } = parsed(text);
      last = Math.max(line, last + 1);
      const body = new Body(last, text, value, context);
      body.problem = problem;
      yield body;
    }
    return;
  }
  for await (const element of readXmlElements(source.file, (name) => name === source.element, onBytes)) {
    const value = bodyOf(element, source.identities);
    last = Math.max(element.line, last + 1);
    yield new Body(last, JSON.stringify(value), value, context);
  }
}

function parsed(text: string): { value: Readonly<Record<string, unknown>>; problem: RowProblem | undefined } {
  let value: unknown;
  try {
    value = parseForeignJson(text);
  } catch {
    value = undefined;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    const reason = "expected one whole JSON object, got text that is none: a bracket or quotation mark may be missing";
    return { value: {}, problem: { column: null, code: "BAD_VALUE", reason } };
  }
  const problem = text.includes("\ufffd")
    ? ({ column: null, code: "ENCODING", reason: "expected UTF-8, got bytes of another encoding" } as const)
    : undefined;
  return { value: value as Record<string, unknown>, problem };
}
