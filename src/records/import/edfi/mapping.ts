import { sourcedIdSystem } from "../core/people.ts";
import type { ImportSession } from "../core/session.ts";
import type { StagedRecord, StagedValue } from "../core/staging.ts";
import type { Target } from "../core/targets.ts";
import type { Body } from "./body.ts";
import type { Kept } from "./kept.ts";
import { edFiTargets } from "./targets.ts";

/** What a mapping of bodies to records may use. */
export interface EdFiContext {
  readonly session: ImportSession;
  /** The file, as the report names it. */
  readonly file: string;
  /** What other resources of this source said that this one only refers to. */
  readonly kept: Kept;
}

/** A record for a target, made from one body. */
export interface EdFiRecord {
  readonly target: Target;
  readonly record: StagedRecord;
}

/** How the bodies of one Ed-Fi resource become records. */
export interface ResourceMapping {
  /** As in Data Standard 5. */
  readonly resource: string;
  /** Its names in other versions of the standard. */
  readonly formerly?: readonly string[];
  /** What it fills, in the order of merging; the rows of the first are counted as the rows of the file. */
  readonly targets: readonly Target[];
  /** The records of a body; a field that does not fit leaves its problem on the body. */
  readonly map: (body: Body, context: EdFiContext) => EdFiRecord[];
}

/** What every record has beside its values. */
export interface RecordExtra {
  readonly person?: string;
  readonly ownDate?: string | null;
  readonly validFrom?: string | null;
  readonly validTo?: string | null;
}

/**
 * A record of a body: when the API last changed it, and its `_etag` (with the resource's id) as the source's own mark of the
 * version, stand beside it.
 */
export function record(
  body: Body,
  context: EdFiContext,
  target: Target,
  id: string | null,
  values: readonly StagedValue[],
  { person, ownDate = null, validFrom = null, validTo = null }: RecordExtra = {},
): EdFiRecord {
  const modified = body.dateOfMoment("_lastModifiedDate");
  if (modified !== null && modified > context.session.receivedOn)
    body.lenient("_lastModifiedDate later than the receipt");
  return {
    target,
    record: {
      file: context.file,
      line: body.line,
      raw: body.raw,
      id: id ?? "",
      ...(person === undefined ? {} : { person: { system: sourcedIdSystem(context.session.source), value: person } }),
      modifiedOn: modified,
      ownDate,
      validFrom,
      validTo,
      sourceVersion: versionOf(body),
      values,
    },
  };
}

/** The API's own mark of the version: the id of the resource and its etag. */
function versionOf(body: Body): string | null {
  const etag = body.text("_etag");
  return etag === null ? null : `${body.text("id") ?? ""}@${etag}`;
}

/** A body that is kept for what refers to it, and for those who read it back; it is found again by `kept`. */
export function keptRecord(
  body: Body,
  context: EdFiContext,
  entity: string,
  id: string | null,
  cells: Readonly<Record<string, string | number | boolean | null>>,
  person?: string,
): EdFiRecord {
  if (id !== null) context.kept.set(entity, id, cells);
  const target = person === undefined ? edFiTargets.kept : edFiTargets.keptOfStudent;
  return record(body, context, target, id, [entity, JSON.stringify(cells)], person === undefined ? {} : { person });
}

/** The key of a record of this source. */
export function keyOf(context: EdFiContext, id: string | null): string | null {
  return id === null ? null : `${context.session.source}:${id}`;
}

/** The id of the student a body is about; a body without one is refused. */
export function studentOf(body: Body): string {
  return body.key("students", ["studentReference.studentUniqueId"], true) ?? "";
}

/** The id of the member of staff a body is about. */
export function staffOf(body: Body): string {
  return body.key("staffs", ["staffReference.staffUniqueId"], true) ?? "";
}

/** The id of an organisation, of whichever kind: their numbers are unique across kinds. */
export function orgId(body: Body, path: string, required = false): string | null {
  return body.key("educationOrganizations", [path], required);
}

const inReference = (reference: string, fields: readonly string[]): string[] =>
  fields.map((field) => (reference === "" ? field : `${reference}.${field}`));

/** The id of a session a body refers to, by the path of the reference. */
export function sessionId(body: Body, reference: string, required = false): string | null {
  return body.key("sessions", inReference(reference, ["schoolId", "schoolYear", "sessionName"]), required);
}

const sectionFields = ["schoolId", "schoolYear", "sessionName", "localCourseCode", "sectionIdentifier"];

/** The id of a section a body refers to. */
export function sectionId(body: Body, reference: string, required = false): string | null {
  return body.key("sections", inReference(reference, sectionFields), required);
}

/** The id of a grading period a body refers to: by its name, before Data Standard 5 by its descriptor and number. */
export function gradingPeriodId(body: Body, reference: string, required = false): string | null {
  const fields = (names: readonly string[]): string[] => inReference(reference, names);
  const named = body.key("gradingPeriods", fields(["schoolId", "schoolYear", "gradingPeriodName"]));
  if (named !== null) return named;
  return body.key(
    "gradingPeriods",
    fields(["schoolId", "schoolYear", "gradingPeriodDescriptor", "periodSequence"]),
    required,
  );
}

/** The id of the incident a body refers to. */
export function incidentId(body: Body, reference: string, required = false): string | null {
  return body.key("disciplineIncidents", inReference(reference, ["schoolId", "incidentIdentifier"]), required);
}

/** The id of an assessment. */
export function assessmentId(body: Body, reference: string, required = false): string | null {
  return body.key("assessments", inReference(reference, ["namespace", "assessmentIdentifier"]), required);
}

/** A school year as the record names its periods: 2022 is 2021-22. */
export function periodName(schoolYear: number): string {
  return `${schoolYear - 1}-${String(schoolYear).slice(2)}`;
}
