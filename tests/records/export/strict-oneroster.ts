import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { datasetsFolder } from "../../support/services.ts";

/** A package unpacked: text by file name. */
export type PackageFiles = ReadonlyMap<string, string>;

/** The column lists of OneRoster 1.2.1 of another project, read from where they lie; undefined when they are not there. */
export function standardColumns(): Map<string, string[]> | undefined {
  const folder = datasetsFolder();
  if (folder === undefined) return undefined;
  const columns = new Map<string, string[]>();
  for (const part of ["rostering", "gradebook", "resources"]) {
    const text = readFileSync(join(folder, `standards/oneroster/longsight/one-roster-csv-${part}-schema.ts`), "utf8");
    const lists = new Map<string, string[]>();
    for (const [, name, body] of text.matchAll(/export const (\w+) = \[([^\]]*)\] as const/g))
      lists.set(
        name!,
        [...body!.matchAll(/"([^"]+)"/g)].map(([, column]) => column!),
      );
    for (const [, file, name] of text.matchAll(/"(\w+\.csv)": (\w+)/g)) columns.set(file!, lists.get(name!)!);
  }
  return columns;
}

const required: Record<string, string[]> = {
  "orgs.csv": ["name", "type"],
  "academicSessions.csv": ["title", "type", "startDate", "endDate", "schoolYear"],
  "courses.csv": ["title", "orgSourcedId"],
  "classes.csv": ["title", "courseSourcedId", "classType", "schoolSourcedId", "termSourcedIds"],
  "users.csv": ["enabledUser", "username", "givenName", "familyName"],
  "roles.csv": ["userSourcedId", "roleType", "role", "orgSourcedId"],
  "enrollments.csv": ["classSourcedId", "schoolSourcedId", "userSourcedId", "role"],
  "categories.csv": ["title"],
  "lineItems.csv": [
    "title",
    "assignDate",
    "dueDate",
    "classSourcedId",
    "categorySourcedId",
    "academicSessionSourcedId",
    "schoolSourcedId",
  ],
  "results.csv": ["lineItemSourcedId", "studentSourcedId", "scoreStatus", "scoreDate"],
  "scoreScales.csv": ["title", "type", "orgSourcedId", "courseSourcedId", "classSourcedId", "scoreScaleValue"],
  "lineItemLearningObjectiveIds.csv": ["lineItemSourcedId", "source", "learningObjectiveId"],
  "resultLearningObjectiveIds.csv": ["resultSourcedId", "source", "learningObjectiveId"],
  "lineItemScoreScales.csv": ["lineItemSourcedId", "scoreScaleSourcedId"],
  "resultScoreScales.csv": ["resultSourcedId", "scoreScaleSourcedId"],
  "userProfiles.csv": ["userSourcedId", "profileType", "vendorId", "credentialType", "username"],
  "resources.csv": ["vendorResourceId"],
  "classResources.csv": ["classSourcedId", "resourceSourcedId"],
  "courseResources.csv": ["courseSourcedId", "resourceSourcedId"],
  "userResources.csv": ["userSourcedId", "resourceSourcedId"],
};

const vocabularies: Record<string, string[]> = {
  "results.csv scoreStatus": ["exempt", "fully graded", "not submitted", "partially graded", "submitted"],
  "academicSessions.csv type": ["gradingPeriod", "semester", "schoolYear", "term"],
  "orgs.csv type": ["department", "school", "district", "local", "state", "national"],
  "classes.csv classType": ["homeroom", "scheduled"],
  "roles.csv roleType": ["primary", "secondary"],
  "roles.csv role":
    "aide,counselor,districtAdministrator,guardian,parent,principal,proctor,relative,siteAdministrator,student,systemAdministrator,teacher".split(
      ",",
    ),
  "enrollments.csv role": ["administrator", "proctor", "student", "teacher"],
  "demographics.csv sex": ["male", "female", "unspecified", "other"],
  "resultLearningObjectiveIds.csv source": ["case", "unknown"],
  "lineItemLearningObjectiveIds.csv source": ["case", "unknown"],
};

/** Which file a column points into. */
const pointers: Record<string, string> = {
  parentSourcedId: "",
  orgSourcedId: "orgs.csv",
  schoolSourcedId: "orgs.csv",
  courseSourcedId: "courses.csv",
  classSourcedId: "classes.csv",
  termSourcedIds: "academicSessions.csv",
  academicSessionSourcedId: "academicSessions.csv",
  userSourcedId: "users.csv",
  studentSourcedId: "users.csv",
  agentSourcedIds: "users.csv",
  categorySourcedId: "categories.csv",
  lineItemSourcedId: "lineItems.csv",
  resultSourcedId: "results.csv",
  scoreScaleSourcedId: "scoreScales.csv",
  resourceSourcedId: "resources.csv",
};

const flags =
  /^(enabledUser|primary|inProgress|incomplete|late|missing|asian|white|hispanicOrLatinoEthnicity|americanIndian.*|black.*|nativeHawaiian.*|demographicRace.*)$/;
const days = /(Date|^birthDate)$/;

/** Every deviation of a package from strict OneRoster 1.2.1, bulk; none when it conforms. */
export function strictFaults(files: PackageFiles, columns: ReadonlyMap<string, readonly string[]>): string[] {
  const faults = manifestFaults(files, columns);
  const rows = new Map<string, Record<string, string>[]>();
  for (const [file, text] of files) {
    if (!text.endsWith("\r\n")) faults.push(`${file}: no line end after the last row`);
    if (file === "manifest.csv") continue;
    faults.push(...headerFaults(file, text, columns.get(file)));
    rows.set(file, parse(text, { columns: true }) as Record<string, string>[]);
  }
  const ids = new Map([...rows].map(([file, list]) => [file, new Set(list.map((row) => row.sourcedId!))]));
  for (const [file, list] of rows) {
    if (ids.get(file)!.size !== list.length) faults.push(`${file}: ids that are not unique`);
    for (const row of list) faults.push(...rowFaults(file, row, ids));
  }
  return faults;
}

function headerFaults(file: string, text: string, expected: readonly string[] | undefined): string[] {
  const [header = []] = parse(text, { to_line: 1 }) as string[][];
  if (expected === undefined) return [`${file}: no file of the standard`];
  const extra = header.slice(expected.length).filter((column) => !column.startsWith("metadata."));
  const faults = extra.map((column) => `${file}: column ${column}`);
  if (header.slice(0, expected.length).join() !== expected.join()) faults.push(`${file}: header ${header.join()}`);
  return faults;
}

function manifestFaults(files: PackageFiles, columns: ReadonlyMap<string, readonly string[]>): string[] {
  const text = files.get("manifest.csv");
  if (text === undefined) return ["no manifest"];
  const properties = new Map((parse(text) as string[][]).map(([name, value]) => [name!, value!]));
  const faults: string[] = [];
  const expect = (name: string, value: string): void => {
    if (properties.get(name) !== value) faults.push(`manifest: ${name} is ${properties.get(name)}, not ${value}`);
  };
  expect("propertyName", "value");
  expect("manifest.version", "1.0");
  expect("oneroster.version", "1.2");
  for (const file of columns.keys()) expect(`file.${file.replace(".csv", "")}`, files.has(file) ? "bulk" : "absent");
  if ([...properties.keys()].filter((name) => name.startsWith("file.")).length !== 21)
    faults.push("manifest: not 21 files");
  return faults;
}

function rowFaults(file: string, row: Record<string, string>, ids: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const at = `${file} ${row.sourcedId}`;
  const faults: string[] = [];
  if (row.sourcedId === "") faults.push(`${at}: no id`);
  if (row.status !== "" || row.dateLastModified !== "") faults.push(`${at}: status or date in a bulk file`);
  for (const column of required[file] ?? []) if (row[column] === "") faults.push(`${at}: no ${column}`);
  for (const [column, cell] of Object.entries(row)) {
    if (cell !== "") faults.push(...cellFaults(file, column, cell, ids).map((fault) => `${at}: ${fault}`));
  }
  if (row.password !== undefined && row.password !== "") faults.push(`${at}: a password`);
  return faults;
}

function cellFaults(
  file: string,
  column: string,
  cell: string,
  ids: ReadonlyMap<string, ReadonlySet<string>>,
): string[] {
  const words = vocabularies[`${file} ${column}`];
  const fits =
    (words === undefined || words.includes(cell)) &&
    (!flags.test(column) || cell === "true" || cell === "false") &&
    (!days.test(column) || /^\d{4}-\d{2}-\d{2}$/.test(cell));
  const faults = fits ? [] : [`${column} is ${cell}`];
  const target = column === "parentSourcedId" ? file : pointers[column];
  if (target === undefined) return faults;
  const lost = cell.split(",").filter((id) => ids.get(target)?.has(id) !== true);
  return [...faults, ...lost.map((id) => `${column} points at ${id}`)];
}
