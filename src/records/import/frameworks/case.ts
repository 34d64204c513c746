import { readDate, readGrade, readMoment } from "../core/values.ts";
import type { JsonObject } from "../json.ts";
import { isObject, listOf, numberOf, textOf } from "../json.ts";
import { idInAddress, isUuid, standardId } from "./identity.ts";
import type { FrameworkPackage } from "./package.ts";
import { labelOf, PackageBuilder } from "./package.ts";

const associationTypes = new Set([
  "isChildOf",
  "isPeerOf",
  "isPartOf",
  "exactMatchOf",
  "precedes",
  "isRelatedTo",
  "replacedBy",
  "exemplar",
  "hasSkillLevel",
  "isTranslationOf",
]);

/** Members that belong to the form of the package alone: the record holds what they say elsewhere. */
const structural = new Set([
  "CFItemTypeURI",
  "subjectURI",
  "conceptKeywordsURI",
  "CFAssociationGroupingURI",
  "caseVersion",
]);
/** Members of 1.0 and of the drafts before it, which the schema of 1.1 refuses. */
const superseded = new Set([
  "CFDocumentURI",
  "CFPackageURI",
  "CFItemAssociationURI",
  "subjectURL",
  "originNodeIdentifier",
  "destinationNodeIdentifier",
  "CFAssociationGroupingIdentifier",
  "educationalLevel",
]);

/**
 * Reads a CASE package, 1.1 as the schema has it, 1.0 and the drafts leniently, with every deviation reported. `precedes`
 * is kept as an association and as a prerequisite.
 * @param document - the parsed JSON; its `CFDocument` is there
 */
export function readCasePackage(document: JsonObject): FrameworkPackage {
  const out = new PackageBuilder();
  const framework = readDocument(document.CFDocument, out);
  const typeNames = definedTitles(document, "CFItemTypes");
  for (const [i, item] of listOf(document.CFItems).entries()) readItem(item, i + 1, framework, typeNames, out);
  for (const [i, association] of listOf(document.CFAssociations).entries()) {
    readAssociation(association, i + 1, framework, out);
  }
  const rubrics = listOf(document.CFRubrics).length;
  if (rubrics > 0) out.leniencies.set("CFRubrics: rubrics are not kept", rubrics);
  const dangling = danglingEnds(out, framework);
  if (dangling > 0) out.leniencies.set("associations with a node outside the package", dangling);
  const version = [...out.leniencies.keys()].some((what) => what.includes("of CASE 1.0")) ? "1.0" : "1.1";
  return out.finish("CASE", version, "case");
}

function readDocument(value: unknown, out: PackageBuilder): string {
  const place = { line: 1, raw: JSON.stringify(value) };
  if (!isObject(value)) {
    out.refuse("framework", place, "CFDocument", "BAD_VALUE", "expected an object, got something else");
    return "";
  }
  noteForm(value, "CFDocument", documentMembers, out);
  const id = textOf(value.identifier);
  if (id === null) {
    out.refuse("framework", place, "CFDocument.identifier", "MISSING", "expected an identifier, got none");
    return "";
  }
  const framework = standardId(id);
  if (!isUuid(id)) out.lenient("identifier that is no UUID");
  out.frameworks.push({
    ...place,
    id: framework,
    title: textOf(value.title),
    publisher: textOf(value.publisher) ?? textOf(value.creator),
    edition: textOf(value.version),
    subject: words(value.subject),
    language: textOf(value.language),
    adoptionStatus: textOf(value.adoptionStatus),
    uri: textOf(value.uri),
    licence: isObject(value.licenseURI)
      ? (textOf(value.licenseURI.uri) ?? textOf(value.licenseURI.title))
      : textOf(value.licenseURI),
    modifiedOn: changedOn(value, out),
  });
  return framework;
}

const documentMembers = new Set([
  ..."identifier uri creator title lastChangeDateTime publisher subject language version adoptionStatus licenseURI".split(
    " ",
  ),
]);
const itemMembers = new Set([
  ..."identifier uri lastChangeDateTime fullStatement humanCodingScheme abbreviatedStatement alternativeLabel".split(
    " ",
  ),
  ..."CFItemType educationLevel subject statusEndDate".split(" "),
]);
const associationMembers = new Set([
  ..."identifier uri lastChangeDateTime associationType sequenceNumber originNodeURI destinationNodeURI".split(" "),
]);

function readItem(
  value: unknown,
  line: number,
  framework: string,
  typeNames: ReadonlyMap<string, string>,
  out: PackageBuilder,
): void {
  const place = { line, raw: JSON.stringify(value) };
  if (!isObject(value)) {
    out.refuse("standards", place, null, "BAD_VALUE", "expected an object, got something else");
    return;
  }
  noteForm(value, "CFItems", itemMembers, out);
  const id = textOf(value.identifier);
  const statement = textOf(value.fullStatement);
  if (id === null) {
    out.refuse("standards", place, "identifier", "MISSING", "expected an identifier, got none");
    return;
  }
  if (statement === null) {
    out.refuse("standards", place, "fullStatement", "MISSING", "expected the words of the standard, got none");
    return;
  }
  if (!isUuid(id)) out.lenient("identifier that is no UUID");
  const ends = textOf(value.statusEndDate);
  const endsOn = ends === null ? null : readDate(ends, "unknown").date;
  if (endsOn === undefined) {
    out.refuse("standards", place, "statusEndDate", "BAD_VALUE", "expected a day that exists as YYYY-MM-DD");
    return;
  }
  const code = textOf(value.humanCodingScheme);
  out.standards.push({
    ...place,
    id: standardId(id),
    framework,
    label: labelOf(textOf(value.abbreviatedStatement) ?? textOf(value.alternativeLabel), code, statement),
    code,
    statement,
    kind: textOf(value.CFItemType) ?? typeOf(value.CFItemTypeURI, typeNames),
    subject: words(value.subject),
    grades: gradesOf(value, out),
    uri: textOf(value.uri),
    statusEndsOn: endsOn,
    modifiedOn: changedOn(value, out),
  });
}

function readAssociation(value: unknown, line: number, framework: string, out: PackageBuilder): void {
  const place = { line, raw: JSON.stringify(value) };
  if (!isObject(value)) {
    out.refuse("associations", place, null, "BAD_VALUE", "expected an object, got something else");
    return;
  }
  noteForm(value, "CFAssociations", associationMembers, out);
  const standard = nodeOf(value, "originNode", out);
  const other = nodeOf(value, "destinationNode", out);
  const kind = textOf(value.associationType);
  for (const [column, found] of [
    ["originNodeURI", standard],
    ["destinationNodeURI", other],
    ["associationType", kind],
  ] as const) {
    if (found === null) {
      out.refuse("associations", place, column, "MISSING", `expected ${column}, got none`);
      return;
    }
  }
  if (!associationTypes.has(kind!) && !/^ext:[\w.-]+$/.test(kind!))
    out.lenient("associationType outside the vocabulary");
  const id = textOf(value.identifier);
  if (id === null) out.lenient("associations without an identifier");
  const modifiedOn = changedOn(value, out);
  out.associations.push({
    ...place,
    id: id === null ? `${standard} ${kind} ${other}` : standardId(id),
    framework,
    standard: standard!,
    kind: kind!,
    other: other!,
    position: position(value.sequenceNumber, out),
    modifiedOn,
  });
  if (kind === "precedes") out.prerequisites.push({ ...place, standard: { id: other! }, requires: { id: standard! } });
}

/** The end of an association: a link, an address, or (in the drafts) an identifier beside it. */
function nodeOf(value: JsonObject, end: "originNode" | "destinationNode", out: PackageBuilder): string | null {
  const link = value[`${end}URI`];
  if (isObject(link)) {
    const id = textOf(link.identifier) ?? idInAddress(textOf(link.uri) ?? "") ?? textOf(link.uri);
    return id === null ? null : standardId(id);
  }
  const id = textOf(value[`${end}Identifier`]) ?? textOf(link);
  if (id === null) return null;
  out.lenient(`${end}URI: no link of title, identifier and uri`);
  return idInAddress(id) ?? standardId(id);
}

/** Notes what of an object the schema of 1.1 would refuse, and what of it the record has no place for. */
function noteForm(value: JsonObject, part: string, known: ReadonlySet<string>, out: PackageBuilder): void {
  for (const [name, member] of Object.entries(value)) {
    if (superseded.has(name)) out.lenient(`${name}: a member of CASE 1.0`);
    else if (!known.has(name) && !structural.has(name) && member !== null && member !== "" && !emptyList(member)) {
      out.lenient(`${part}.${name}: not kept`);
    }
    if (member === null) out.lenient(`${part}.${name}: null`);
  }
}

function emptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

function gradesOf(item: JsonObject, out: PackageBuilder): string[] {
  const levels = item.educationLevel ?? item.educationalLevel;
  if (typeof levels === "string") out.lenient("educationLevel: one text, no list");
  const grades = listOf(levels)
    .flatMap((level) => (typeof level === "string" ? level.split(",") : []))
    .map((level) => readGrade(level))
    .filter((level) => level !== "");
  return [...new Set(grades)];
}

function position(value: unknown, out: PackageBuilder): number | null {
  if (value === undefined || value === null) return null;
  const number = numberOf(typeof value === "string" ? Number(value) : value);
  if (number === null || !Number.isInteger(number) || Math.abs(number) > 2 ** 31 - 1) {
    out.lenient("sequenceNumber: no whole number");
    return null;
  }
  return number;
}

/** The day of `lastChangeDateTime`; a moment without a zone is read as UTC and reported. */
function changedOn(value: JsonObject, out: PackageBuilder): string | null {
  const text = textOf(value.lastChangeDateTime);
  if (text === null) {
    out.lenient("no lastChangeDateTime");
    return null;
  }
  const moment = readMoment(text)?.slice(0, 10) ?? readDate(text, "unknown").date;
  if (moment === undefined) out.lenient("lastChangeDateTime that is no date-time");
  else if (!/(?:Z|[+-]\d{2}:?\d{2})$/i.test(text)) out.lenient("lastChangeDateTime without a time zone");
  return moment ?? null;
}

function words(value: unknown): string | null {
  const list = listOf(value).flatMap((word) => textOf(word) ?? []);
  return list.length === 0 ? null : list.join("; ");
}

function typeOf(link: unknown, names: ReadonlyMap<string, string>): string | null {
  if (!isObject(link)) return null;
  return textOf(link.title) ?? names.get(textOf(link.identifier) ?? "") ?? null;
}

function definedTitles(document: JsonObject, list: string): Map<string, string> {
  const definitions = isObject(document.CFDefinitions) ? listOf(document.CFDefinitions[list]) : [];
  return new Map(
    definitions.filter(isObject).flatMap((entry) => {
      const id = textOf(entry.identifier);
      const title = textOf(entry.title);
      return id === null || title === null ? [] : [[id, title] as const];
    }),
  );
}

function danglingEnds(out: PackageBuilder, framework: string): number {
  const known = new Set([framework, ...out.standards.map(({ id }) => id)]);
  return out.associations.filter(({ standard, other }) => !known.has(standard) || !known.has(other)).length;
}
