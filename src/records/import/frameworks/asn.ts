import { readGrade, readMoment } from "../core/values.ts";
import type { JsonObject } from "../json.ts";
import { isObject, lastPart, listOf, textOf } from "../json.ts";
import { standardId } from "./identity.ts";
import type { FrameworkPackage, Placed } from "./package.ts";
import { labelOf, PackageBuilder } from "./package.ts";

const terms = {
  type: "http://www.w3.org/1999/02/22-rdf-syntax-ns#type",
  title: "http://purl.org/dc/elements/1.1/title",
  publisher: "http://purl.org/dc/elements/1.1/publisher",
  description: "http://purl.org/dc/terms/description",
  subject: "http://purl.org/dc/terms/subject",
  language: "http://purl.org/dc/terms/language",
  level: "http://purl.org/dc/terms/educationLevel",
  partOf: "http://purl.org/dc/terms/isPartOf",
  modified: "http://purl.org/dc/terms/modified",
  edition: "http://purl.org/dc/terms/valid",
  rights: "http://purl.org/dc/terms/rights",
  licence: "http://creativecommons.org/ns#license",
  exportVersion: "http://purl.org/ASN/schema/core/exportVersion",
  primaryTopic: "http://xmlns.com/foaf/0.1/primaryTopic",
  publicationStatus: "http://purl.org/ASN/schema/core/publicationStatus",
  notation: "http://purl.org/ASN/schema/core/statementNotation",
  shortNotation: "http://purl.org/ASN/schema/core/altStatementNotation",
  label: "http://purl.org/ASN/schema/core/statementLabel",
  comment: "http://purl.org/ASN/schema/core/comment",
  childOf: "http://purl.org/gem/qualifiers/isChildOf",
  hasChild: "http://purl.org/gem/qualifiers/hasChild",
  exactMatch: "http://www.w3.org/2004/02/skos/core#exactMatch",
} as const;

/** Whether a parsed JSON document is RDF/JSON of the Achievement Standards Network. */
export function isAsn(document: JsonObject): boolean {
  return Object.values(document).some((subject) => isObject(subject) && typesOf(subject).has("StandardDocument"));
}

/**
 * Reads RDF/JSON of the Achievement Standards Network (export 3.1.0): the document, its statements, the tree in the order of
 * `hasChild`, and exact matches with other publishers' ids.
 */
export function readAsn(document: JsonObject): FrameworkPackage {
  const out = new PackageBuilder();
  const about = Object.values(document).find((subject) => isObject(subject) && terms.primaryTopic in subject);
  const places = childPlaces(document);
  Object.entries(document).forEach(([address, subject], i) => {
    const place = { line: i + 1, raw: JSON.stringify({ [address]: subject }) };
    if (!isObject(subject)) {
      out.refuse("standards", place, null, "BAD_VALUE", "expected the properties of a subject, got something else");
      return;
    }
    const types = typesOf(subject);
    if (types.has("StandardDocument")) readDocument(address, subject, isObject(about) ? about : {}, place, out);
    else if (types.has("Statement")) readStatement(address, subject, places, place, out);
    else if (subject !== about) out.lenient("subjects that are neither a document nor a statement");
  });
  return out.finish("ASN RDF/JSON", lastPart(one(about, terms.exportVersion) ?? "3.1.0"), "asn");
}

function readDocument(
  address: string,
  subject: JsonObject,
  about: JsonObject,
  place: Placed,
  out: PackageBuilder,
): void {
  out.frameworks.push({
    ...place,
    id: standardId(address),
    title: one(subject, terms.title),
    publisher: all(subject, terms.publisher).join("; ") || null,
    edition: one(subject, terms.edition),
    subject: tail(one(subject, terms.subject)),
    language: tail(one(subject, terms.language)),
    adoptionStatus: tail(one(subject, terms.publicationStatus)),
    uri: address,
    licence: one(about, terms.licence) ?? one(subject, terms.rights),
    modifiedOn: readMoment(one(about, terms.modified) ?? "")?.slice(0, 10) ?? null,
  });
}

function readStatement(
  address: string,
  subject: JsonObject,
  places: ReadonlyMap<string, number>,
  place: Placed,
  out: PackageBuilder,
): void {
  const framework = one(subject, terms.partOf);
  const statement = one(subject, terms.description);
  if (framework === null) {
    out.refuse("standards", place, "isPartOf", "MISSING", "expected the document the statement is part of, got none");
    return;
  }
  if (statement === null) {
    out.refuse("standards", place, "description", "MISSING", "expected the words of the statement, got none");
    return;
  }
  const id = standardId(address);
  const code = one(subject, terms.notation);
  if (terms.comment in subject) out.lenient("comment: not kept");
  out.standards.push({
    ...place,
    id,
    framework: standardId(framework),
    label: labelOf(one(subject, terms.shortNotation), code, statement),
    code,
    statement,
    kind: one(subject, terms.label),
    subject: tail(one(subject, terms.subject)),
    grades: all(subject, terms.level).map((level) => readGrade(lastPart(level))),
    uri: address,
    statusEndsOn: null,
    modifiedOn: null,
  });
  const tie = (kind: string, other: string, position: number | null): void => {
    const entry = {
      id: `${id} ${kind} ${other}`,
      framework: standardId(framework),
      standard: id,
      kind,
      other,
      position,
    };
    out.associations.push({ ...place, ...entry, modifiedOn: null });
  };
  for (const parent of all(subject, terms.childOf))
    tie("isChildOf", standardId(parent), places.get(`${parent} ${address}`) ?? null);
  for (const match of all(subject, terms.exactMatch)) tie("exactMatchOf", standardId(match), null);
}

/** The place of every child among its parent's children, from 1. */
function childPlaces(document: JsonObject): Map<string, number> {
  const places = new Map<string, number>();
  for (const [address, subject] of Object.entries(document)) {
    if (!isObject(subject)) continue;
    for (const [i, child] of all(subject, terms.hasChild).entries()) places.set(`${address} ${child}`, i + 1);
  }
  return places;
}

function typesOf(subject: JsonObject): Set<string> {
  return new Set(all(subject, terms.type).map(lastPart));
}

/** Every value of a property, as text. */
function all(subject: JsonObject, property: string): string[] {
  return listOf(subject[property]).flatMap((value) => (isObject(value) ? (textOf(value.value) ?? []) : []));
}

function one(subject: unknown, property: string): string | null {
  return isObject(subject) ? (all(subject, property)[0] ?? null) : null;
}

function tail(address: string | null): string | null {
  return address === null ? null : lastPart(address);
}
