import { readDuration } from "../core/values.ts";
import type { JsonObject } from "../json.ts";
import { isObject, kebab, lastPart, listOf, textOf } from "../json.ts";
import type { ActivityEntry, FrameworkPackage, StandardReference } from "./package.ts";
import { PackageBuilder } from "./package.ts";

type Alignment = ActivityEntry["alignments"][number];

/** Ties of LRMI that say something about a standard; others (subject, level, reading level) describe the activity. */
const standardTies = new Set(["teaches", "assesses", "requires", "prerequisite"]);

/** Words of learningResourceType that name how one learns. */
const modalities: Readonly<Record<string, string>> = {
  video: "video",
  lecture: "video",
  game: "game",
  simulation: "simulation",
  exercise: "practice",
  worksheet: "practice",
  quiz: "practice",
  assessment: "assessment",
  article: "reading",
  book: "reading",
  textbook: "reading",
  reading: "reading",
  project: "project",
  discussion: "discussion",
};

/** Whether a parsed JSON document describes learning resources in the terms of schema.org and LRMI. */
export function isLrmi(document: unknown): boolean {
  return resourcesOf(document).length > 0;
}

/**
 * Reads learning resources in JSON-LD (schema.org with the LRMI terms): one, a list, or an `@graph`. Alignments come from
 * `teaches`, `assesses` and `educationalAlignment`; `AlignmentObject` as the name of the property, as old examples have it, is
 * read and reported.
 */
export function readLrmi(document: unknown): FrameworkPackage {
  const out = new PackageBuilder();
  for (const [i, resource] of resourcesOf(document).entries()) readResource(resource, i + 1, out);
  return out.finish("LRMI JSON-LD", "1.1", "lrmi");
}

function readResource(resource: JsonObject, line: number, out: PackageBuilder): void {
  const place = { line, raw: JSON.stringify(resource) };
  const id = textOf(resource["@id"]) ?? textOf(resource.url) ?? textOf(resource.identifier);
  if (id === null) {
    out.refuse("activities", place, "@id", "MISSING", "expected an @id, a url or an identifier, got none");
    return;
  }
  const title = wordOf(resource.name) ?? wordOf(resource.headline);
  if (title === null) {
    out.refuse("activities", place, "name", "MISSING", "expected the name of the activity, got none");
    return;
  }
  const required = textOf(resource.timeRequired);
  const seconds = required === null ? null : readDuration(required);
  if (seconds === undefined) {
    out.refuse("activities", place, "timeRequired", "BAD_VALUE", "expected a duration of ISO 8601, such as PT15M");
    return;
  }
  out.activities.push({
    ...place,
    id,
    title,
    modality: modalityOf(resource),
    minutes: seconds === null ? null : Math.round(seconds / 60),
    topics: [resource.about, resource.keywords].flatMap(topicsOf),
    language: wordOf(resource.inLanguage),
    uri: textOf(resource.url) ?? (id.includes(":") ? id : null),
    masteryScore: null,
    moveOn: null,
    alignments: alignmentsOf(resource, out),
  });
}

function alignmentsOf(resource: JsonObject, out: PackageBuilder): Alignment[] {
  if ("AlignmentObject" in resource) out.lenient("AlignmentObject as a property read as educationalAlignment");
  const objects = [...listOf(resource.educationalAlignment), ...listOf(resource.AlignmentObject)];
  return [
    ...["teaches", "assesses"].flatMap((kind) => listOf(resource[kind]).flatMap((value) => tieOf(kind, value, out))),
    ...objects.flatMap((value) => alignmentOf(value, out)),
  ];
}

function tieOf(kind: string, value: unknown, out: PackageBuilder): Alignment[] {
  const standard = referenceOf(value);
  if (standard !== null) return [{ kind, standard, framework: isObject(value) ? frameworkOf(value) : null }];
  out.lenient(`${kind}: no standard named`);
  return [];
}

function alignmentOf(value: unknown, out: PackageBuilder): Alignment[] {
  const kind = isObject(value) ? (textOf(value.alignmentType) ?? "teaches") : "teaches";
  if (standardTies.has(kind)) return tieOf(kind === "prerequisite" ? "requires" : kind, value, out);
  const word = /^\w{1,30}$/.test(kind) ? kind : "unknown";
  out.lenient(`educationalAlignment of type ${word}: about no standard, not kept`);
  return [];
}

/** A standard as a text, an address, a DefinedTerm or an AlignmentObject names it. */
function referenceOf(value: unknown): StandardReference | null {
  if (!isObject(value)) {
    const text = textOf(value);
    if (text === null) return null;
    return /^[a-z][a-z0-9+.-]*:/i.test(text) ? { uri: text } : { code: text };
  }
  const uri = textOf(value.targetUrl) ?? textOf(value.url) ?? textOf(value["@id"]);
  const code = textOf(value.termCode) ?? textOf(value.targetName) ?? wordOf(value.name);
  if (uri === null && code === null) return null;
  return { ...(uri === null ? {} : { uri }), ...(code === null ? {} : { code }) };
}

function frameworkOf(value: JsonObject): string | null {
  return textOf(value.educationalFramework) ?? wordOf(value.inDefinedTermSet);
}

function modalityOf(resource: JsonObject): string | null {
  const type = listOf(resource.learningResourceType).flatMap((word) => wordOf(word) ?? [])[0];
  if (type === undefined) return null;
  const word = kebab(lastPart(type)).replaceAll(" ", "-");
  return modalities[word] ?? word;
}

function topicsOf(value: unknown): string[] {
  return listOf(value)
    .flatMap((topic) => (typeof topic === "string" ? topic.split(",") : (wordOf(topic) ?? [])))
    .flatMap((topic) => textOf(topic) ?? []);
}

/** A text, or the text of a language-tagged value or a named thing. */
function wordOf(value: unknown): string | null {
  const first = listOf(value)[0];
  return isObject(first) ? (textOf(first["@value"]) ?? textOf(first.name) ?? textOf(first["@id"])) : textOf(first);
}

const notResources = new Set([
  "Person",
  "Organization",
  "DefinedTerm",
  "DefinedTermSet",
  "AlignmentObject",
  "BreadcrumbList",
]);

function resourcesOf(document: unknown): JsonObject[] {
  const listed = Array.isArray(document) ? document : isObject(document) ? listOf(document["@graph"] ?? document) : [];
  const inSchemaOrg = isObject(document) && /schema\.org|lrmi/i.test(JSON.stringify(document["@context"] ?? ""));
  return listed.filter(isObject).filter((entry) => {
    const types = listOf(entry["@type"]).flatMap((type) => (typeof type === "string" ? lastPart(type) : []));
    if (types.some((type) => notResources.has(type))) return false;
    const said =
      "educationalAlignment" in entry || "AlignmentObject" in entry || "teaches" in entry || "assesses" in entry;
    return (
      said || types.includes("LearningResource") || "learningResourceType" in entry || (inSchemaOrg && types.length > 0)
    );
  });
}
