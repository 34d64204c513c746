import { createWriteStream } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { afterAll } from "vitest";
import { ZipFile } from "yazl";
import type { Database, TenantTransaction } from "../../../src/records/database.ts";
import { createTenant, inTenant } from "../../../src/records/database.ts";

/** The files of a delivery by name. */
export type Files = Record<string, string | Buffer>;

const manifest = (modes: Record<string, string>, version = "1.2") =>
  [
    "propertyName,value",
    "manifest.version,1.0",
    `oneroster.version,${version}`,
    ...Object.entries(modes).map(([file, mode]) => `file.${file},${mode}`),
    "source.systemName,Test SIS",
    "source.systemCode,sis",
    "",
  ].join("\n");

/** A small valid bulk package of OneRoster 1.2, written for these tests: two students, a teacher, two school years. */
export function roster(changes: Files = {}): Files {
  const files: Files = {
    "orgs.csv":
      "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId\nd,,,Valley,district,100,\ns1,,,Hill School,school,101,d\n",
    "academicSessions.csv":
      "sourcedId,status,dateLastModified,title,type,startDate,endDate,parentSourcedId,schoolYear\n" +
      "y25,,,2024-25,schoolYear,2024-08-19,2025-06-06,,2025\nt25,,,Fall,semester,2024-08-19,2024-12-20,y25,2025\n" +
      "y26,,,2025-26,schoolYear,2025-08-18,2026-06-05,,2026\n",
    "courses.csv":
      "sourcedId,status,dateLastModified,schoolYearSourcedId,title,courseCode,grades,orgSourcedId,subjects,subjectCodes\n" +
      "c1,,,,Math 7,M7,07,s1,Mathematics,MA\nc2,,,,English 7,E7,07,s1,English Language Arts,EN\n",
    "classes.csv":
      "sourcedId,status,dateLastModified,title,grades,courseSourcedId,classCode,classType,location,schoolSourcedId,termSourcedIds,subjects,subjectCodes,periods\n" +
      "k25,,,Math 7-1,07,c1,,scheduled,,s1,t25,Mathematics,,\nk26,,,Math 8-1,08,c1,,scheduled,,s1,y26,Mathematics,,\n",
    "users.csv":
      "sourcedId,status,dateLastModified,enabledUser,username,userIds,givenName,familyName,middleName,identifier,grades\n" +
      "u1,,,true,ada,{DistrictId:1001},Ada,Quillfeather,,1001,08\nu2,,,true,ben,{DistrictId:1002},Ben,Ostrowski,,1002,08\n" +
      "u9,,,true,teach,,Tess,Zimmerwald,,T9,\n",
    "roles.csv":
      "sourcedId,status,dateLastModified,userSourcedId,roleType,role,beginDate,endDate,orgSourcedId,userProfileSourcedId\n" +
      "r1,,,u1,primary,student,2024-08-19,,s1,\nr2,,,u2,primary,student,2024-08-19,,s1,\nr9,,,u9,primary,teacher,2024-08-19,,s1,\n",
    "demographics.csv":
      "sourcedId,status,dateLastModified,birthDate,sex,americanIndianOrAlaskaNative,asian,blackOrAfricanAmerican,nativeHawaiianOrOtherPacificIslander,white,demographicRaceTwoOrMoreRaces,hispanicOrLatinoEthnicity\n" +
      "u1,,,2012-02-29,female,false,true,false,false,false,false,false\n",
    "enrollments.csv":
      "sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role,primary,beginDate,endDate,metadata.exitKind\n" +
      "e1,,,k25,s1,u1,student,false,2024-08-19,,\ne2,,,k25,s1,u2,student,false,2024-08-19,2025-03-03,withdrawal\n" +
      "e3,,,k26,s1,u1,student,false,2025-08-18,,\ne9,,,k25,s1,u9,teacher,true,2024-08-19,,\n",
    "categories.csv":
      "sourcedId,status,dateLastModified,title,weight\ncat1,,,Homework,20\ncat2,,,Exam,30\ncat3,,,Final mark,\n",
    "lineItems.csv":
      "sourcedId,status,dateLastModified,title,description,assignDate,dueDate,classSourcedId,categorySourcedId,academicSessionSourcedId,resultValueMin,resultValueMax,schoolSourcedId\n" +
      "l1,,,Homework 1,,2024-09-02,2024-09-09,k25,cat1,t25,0,50,s1\nl2,,,Exam,,2024-12-01,2024-12-10,k25,cat2,t25,0,100,s1\n" +
      "l3,,,Final,,2025-06-06,2025-06-06,k25,cat3,t25,0,100,s1\n",
    "results.csv":
      "sourcedId,status,dateLastModified,lineItemSourcedId,studentSourcedId,scoreStatus,score,scoreDate,comment,textScore,classSourcedId,inProgress,incomplete,late,missing\n" +
      "q1,,,l1,u1,fully graded,40,2024-09-11,,,k25,false,false,false,false\nq2,,,l1,u2,not submitted,,2024-09-10,,,k25,false,false,false,true\n" +
      "q3,,,l2,u1,fully graded,90,2024-12-12,,,k25,false,false,true,false\nq4,,,l3,u1,fully graded,88,2025-06-06,,,k25,false,false,false,false\n",
    "resultLearningObjectiveIds.csv":
      "sourcedId,status,dateLastModified,resultSourcedId,source,learningObjectiveId,score,textScore\no1,,,q1,unknown,7.NS.A.1,0.8,\n",
    ...changes,
  };
  files["manifest.csv"] ??= manifest(
    Object.fromEntries(Object.keys(files).map((file) => [file.replace(".csv", ""), "bulk"])),
  );
  return files;
}

/** A delta package of the same system: only the files given. */
export function delta(files: Files): Files {
  return {
    ...files,
    "manifest.csv": manifest(Object.fromEntries(Object.keys(files).map((file) => [file.replace(".csv", ""), "delta"]))),
  };
}

/** A manifest of one's own. */
export { manifest };

const folders: string[] = [];

/** A folder of its own for the calling test file, removed at its end. */
export async function scratchFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "cairn-import-"));
  folders.push(folder);
  return folder;
}

/** Removes the scratch folders at the end of the test file that calls it at its top. */
export function cleanUp(): void {
  afterAll(async () => {
    for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
  });
}

/** Writes files into a zip. @returns its path */
export async function zipped(files: Files, { prefix = "" } = {}): Promise<string> {
  const path = join(await scratchFolder(), "package.zip");
  const zip = new ZipFile();
  for (const [name, content] of Object.entries(files))
    zip.addBuffer(Buffer.from(content as string), `${prefix}${name}`);
  zip.end();
  await pipeline(zip.outputStream as NodeJS.ReadableStream, createWriteStream(path));
  return path;
}

/** Writes files into a folder. @returns its path */
export async function unpacked(files: Files): Promise<string> {
  const folder = await scratchFolder();
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  return folder;
}

let tenants = 0;

/** A new district, so that tests do not see each other's records. */
export async function district(database: Database): Promise<string> {
  const id = `district-${++tenants}`;
  await createTenant(database, { id, name: id });
  return id;
}

/** One query as a district. */
export function query<T extends object>(database: Database, tenantId: string, sql: string): Promise<T[]> {
  return inTenant(database, tenantId, async (tx: TenantTransaction) =>
    (await tx.sql.unsafe(sql)).map((row) => ({ ...row }) as T),
  );
}

const recordTables = [
  "org",
  "term",
  "course",
  "section",
  "person",
  "identifier",
  "person_role",
  "demographics",
  "section_enrolment",
  "enrolment",
  "assignment",
  "result",
  "standard_result",
  "calendar_day",
  "attendance_event",
  "behavior_incident",
  "survey_answer",
  "item_response",
  "activity_event",
  "standard",
  "prerequisite",
  "activity",
  "consent_decision",
  "support",
  "course_grade",
  "assessment",
  "assessment_result",
  "sub_result",
  "observation",
  "intervention",
  "intervention_assignment",
  "dose",
  "narrative",
  "preference",
];

/** How many versions every record table of a district holds. */
export async function versions(database: Database, tenantId: string): Promise<Record<string, number>> {
  const counts = recordTables.map((table) => `select '${table}' as name, count(*)::int as rows from ${table}`);
  const rows = await query<{ name: string; rows: number }>(database, tenantId, counts.join(" union all "));
  return Object.fromEntries(rows.map(({ name, rows: count }) => [name, count]));
}
