import { namingSystem, sourcedIdSystem } from "../core/people.ts";
import { rosterTargets } from "../core/roster-targets.ts";
import type { Row } from "../core/row.ts";
import type { ImportSession } from "../core/session.ts";
import type { StagedRecord, StagedValue } from "../core/staging.ts";
import type { Target } from "../core/targets.ts";
import { readGrade } from "../core/values.ts";
import type { FileMode, Manifest } from "./manifest.ts";
import { packageTargets } from "./targets.ts";

/** What a mapping of rows to records may use. */
export interface MappingContext {
  readonly session: ImportSession;
  readonly manifest: Manifest;
  readonly mode: FileMode;
  readonly file: string;
  /** Categories of this delivery by id: what kind of work a line item is. */
  readonly categories: Map<string, { title: string; weight: number | null }>;
  /** The users whose rows were read. */
  readonly users: Set<string>;
}

/** A record for a target, made from one row. */
export interface Mapped {
  readonly target: Target;
  readonly record: StagedRecord;
  /** The row's rows are counted by another target. */
  readonly secondary?: boolean;
}

/** How the rows of one OneRoster file become records. */
export interface FileMapping {
  /** As in the specification; files are found in any case. */
  readonly name: string;
  readonly columns: readonly string[];
  readonly required: readonly string[];
  /** The records of a row; a cell that does not fit leaves its problem on the row. */
  readonly map: (row: Row, context: MappingContext) => Mapped[];
}

/** The columns that start every data file. */
export const leading = ["sourcedId", "status", "dateLastModified"] as const;

/** The key of a record of this delivery, from the id the source gives it. */
export function keyOf(context: MappingContext, id: string | null): string | null {
  return id === null ? null : `${context.session.source}:${id}`;
}

/** The keys of a list of ids. */
export function keysOf(context: MappingContext, ids: readonly string[] | null): string[] | null {
  return ids === null ? null : ids.map((id) => `${context.session.source}:${id}`);
}

/** What every row has: its id, when it was changed, whether it is taken back. */
export function base(
  row: Row,
  context: MappingContext,
  values: readonly StagedValue[],
  extra: {
    person?: string;
    ownDate?: string | null;
    validFrom?: string | null;
    validTo?: string | null;
    id?: string;
  } = {},
): StagedRecord {
  const { retracted, modifiedOn } = standing(row, context);
  return {
    file: context.file,
    line: row.line,
    raw: rawWithoutSecrets(row),
    id: extra.id ?? row.required("sourcedId"),
    ...(extra.person === undefined
      ? {}
      : { person: { system: sourcedIdSystem(context.session.source), value: extra.person } }),
    modifiedOn,
    ownDate: extra.ownDate ?? null,
    validFrom: extra.validFrom ?? null,
    validTo: extra.validTo ?? null,
    retracted,
    values,
  };
}

/** The row as it is kept for repair: without its password, should it have one. */
export function rawWithoutSecrets(row: Row): string {
  if (row.text("password") === null) return row.raw;
  const cells = [...row.columns].map((column) => (column === "password" ? "" : (row.text(column) ?? "")));
  return cells.map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(",");
}

interface Standing {
  readonly retracted: boolean;
  readonly modifiedOn: string | null;
}

// A row of users.csv makes several records, and its oddities are to be counted once.
const standings = new WeakMap<Row, Standing>();

function standing(row: Row, context: MappingContext): Standing {
  let known = standings.get(row);
  if (known === undefined) {
    known = readStanding(row, context);
    standings.set(row, known);
  }
  return known;
}

function readStanding(row: Row, context: MappingContext): Standing {
  const status = row.text("status")?.toLowerCase() ?? null;
  const modifiedOn = row.dateOfMoment("dateLastModified");
  if (context.mode === "bulk" && (status !== null || modifiedOn !== null))
    row.lenient("status or dateLastModified filled in a bulk file");
  if (context.mode === "delta" && (status === null || modifiedOn === null))
    row.lenient("status or dateLastModified empty in a delta file");
  if (modifiedOn !== null && modifiedOn > context.session.receivedOn)
    row.lenient("dateLastModified later than the receipt");
  if (status !== null && status !== "active" && status !== "tobedeleted")
    row.lenient("status: word outside the vocabulary, read as active");
  // Taken back, not erased: versions known before stay what they were.
  return { retracted: status === "tobedeleted", modifiedOn };
}

/** Grade levels in one form. */
export function grades(row: Row): string[] | null {
  return row.list("grades")?.map(readGrade) ?? null;
}

const roles = [
  "aide",
  "counselor",
  "districtAdministrator",
  "guardian",
  "parent",
  "principal",
  "proctor",
  "relative",
  "siteAdministrator",
  "student",
  "systemAdministrator",
  "teacher",
];
const userColumns = [
  "enabledUser",
  "orgSourcedIds",
  "role",
  "username",
  "userIds",
  "givenName",
  "familyName",
  "middleName",
  "identifier",
  "email",
  "sms",
  "phone",
  "agentSourcedIds",
  "grades",
  "password",
  "userMasterIdentifier",
  "resourceSourcedIds",
  "preferredGivenName",
  "preferredMiddleName",
  "preferredFamilyName",
  "primaryOrgSourcedId",
  "pronouns",
];

/** users.csv: persons, what systems call them, who looks after them, and in 1.1 also their roles. */
export const users: FileMapping = {
  name: "users",
  columns: [...leading, ...userColumns],
  required: ["sourcedId"],
  map(row, context) {
    const id = row.required("sourcedId");
    const grade = row.list("grades");
    const person = [
      row.required("givenName"),
      row.required("familyName"),
      row.text("preferredGivenName"),
      row.text("preferredFamilyName"),
      row.text("username"),
      row.text("email"),
      grade === null || grade.length === 0 ? null : readGrade(grade[0]!),
      row.text("grades"),
      row.boolean("enabledUser"),
    ];
    const mapped: Mapped[] = [{ target: rosterTargets.person, record: base(row, context, person, { person: id }) }];
    for (const { system, value } of identifiers(row, context, id)) {
      const record = base(row, context, [system, value], { person: id, id: `${id}/${system}/${value}` });
      mapped.push({ target: rosterTargets.identifier, record, secondary: true });
    }
    for (const agent of row.list("agentSourcedIds") ?? []) {
      const record = base(row, context, [agent, null], { person: id, id: `${id}/agent/${agent}` });
      mapped.push({ target: packageTargets.guardianship, record, secondary: true });
    }
    context.users.add(id);
    if (context.manifest.version === "1.1") mapped.push(...userRoles(row, context, id));
    return mapped;
  },
};

function identifiers(row: Row, context: MappingContext, id: string): { system: string; value: string }[] {
  const found = [{ system: sourcedIdSystem(context.session.source), value: id }];
  const local = row.text("identifier");
  if (local !== null) found.push({ system: "local", value: local });
  const cell = row.text("userIds");
  if (cell === null) return found;
  const pairs = [...cell.matchAll(/\{\s*([^:{}]+?)\s*:\s*([^{}]*?)\s*\}/g)];
  if (pairs.length === 0) row.lenient("userIds: no {type:id} in the cell");
  if (pairs.length > 1) row.lenient("userIds: several identifiers in one cell");
  for (const [, type, value] of pairs) {
    if (value !== "") found.push({ system: namingSystem(type!), value: value! });
  }
  const seen = new Set<string>();
  return found.filter(({ system, value }) => !seen.has(`${system}/${value}`) && seen.add(`${system}/${value}`));
}

function userRoles(row: Row, context: MappingContext, id: string): Mapped[] {
  const role = row.wordOrRaw("role", [...roles, "administrator"]);
  if (role === null) {
    row.lenient("role: empty");
    return [];
  }
  const orgs = row.list("orgSourcedIds") ?? [];
  return orgs.map((org, i) => {
    const values = [keyOf(context, org), role, row.text("role"), i === 0, null, null];
    const record = base(row, context, values, { person: id, id: `${id}/${org}/${role}` });
    return { target: rosterTargets.personRole, record, secondary: true };
  });
}

/** roles.csv of 1.2. */
export const personRoles: FileMapping = {
  name: "roles",
  columns: [
    ...leading,
    "userSourcedId",
    "roleType",
    "role",
    "beginDate",
    "endDate",
    "orgSourcedId",
    "userProfileSourcedId",
  ],
  required: ["sourcedId", "userSourcedId", "role"],
  map(row, context) {
    const role = row.required("role") === "" ? null : row.wordOrRaw("role", roles);
    const begins = row.date("beginDate");
    const ends = row.date("endDate");
    const type = row.word("roleType", ["primary", "secondary"] as const);
    const values = [
      keyOf(context, row.text("orgSourcedId")),
      role,
      row.text("role"),
      type === null ? null : type === "primary",
      begins,
      ends,
    ];
    const record = base(row, context, values, {
      person: row.required("userSourcedId"),
      ownDate: begins,
      validFrom: begins,
      validTo: ends,
    });
    return [{ target: rosterTargets.personRole, record }];
  },
};

const races = [
  "americanIndianOrAlaskaNative",
  "asian",
  "blackOrAfricanAmerican",
  "nativeHawaiianOrOtherPacificIslander",
  "white",
  "demographicRaceTwoOrMoreRaces",
  "hispanicOrLatinoEthnicity",
] as const;
const birth = ["countryOfBirthCode", "stateOfBirthAbbreviation", "cityOfBirth", "publicSchoolResidenceStatus"];

/** demographics.csv: protected attributes; the id is the user's. The place of birth is not kept: nothing needs it. */
export const demographics: FileMapping = {
  name: "demographics",
  columns: [...leading, "birthDate", "sex", ...races, ...birth],
  required: ["sourcedId"],
  map(row, context) {
    const sex = row.wordOrRaw("sex", ["male", "female", "unspecified", "other"]);
    const values = [row.date("birthDate"), sex, ...races.map((race) => row.boolean(race))];
    return [
      { target: rosterTargets.demographics, record: base(row, context, values, { person: row.required("sourcedId") }) },
    ];
  },
};
