import { stringify } from "csv-stringify/sync";
import fc from "fast-check";
import type { Files } from "../import/deliveries.ts";
import { manifest } from "../import/deliveries.ts";

type Row = Record<string, string>;

// Texts as people and systems write them, and as nobody should.
const words = fc.oneof(
  fc.constantFrom(
    "=SUM(A1)",
    "-1+1",
    "@home",
    "Zoë",
    "O'Brien",
    'the "other" one',
    "one, two",
    "a\nb",
    "名前",
    "NULL",
    "1/2/2024",
  ),
  fc.string({ minLength: 1, maxLength: 12 }).filter((text) => text.trim() === text && !/[\0\ufffd]/.test(text)),
);
const optional = (of: fc.Arbitrary<string>): fc.Arbitrary<string> => fc.option(of, { nil: "", freq: 3 });
const flag = optional(fc.constantFrom("true", "false"));
const score = fc.double({ min: -1e6, max: 1e6, noNaN: true }).map(String);
const item = fc.constantFrom("Mathematics", "Reading", "Art", "PE");
const list = optional(fc.uniqueArray(item, { minLength: 1, maxLength: 3 }).map((items) => items.join(",")));
const grade = fc.constantFrom("07", "8", "KG", "PK", "12");

const files = {
  orgs: "name,type,identifier,parentSourcedId",
  academicSessions: "title,type,startDate,endDate,parentSourcedId,schoolYear",
  courses: "title,courseCode,grades,orgSourcedId,subjects,subjectCodes",
  classes: "title,grades,courseSourcedId,classCode,classType,schoolSourcedId,termSourcedIds,subjects",
  users:
    "enabledUser,username,userIds,givenName,familyName,identifier,email,agentSourcedIds,grades,preferredGivenName,preferredFamilyName",
  roles: "userSourcedId,roleType,role,beginDate,endDate,orgSourcedId",
  demographics: "birthDate,sex,asian,white,hispanicOrLatinoEthnicity,demographicRaceTwoOrMoreRaces",
  enrollments: "classSourcedId,schoolSourcedId,userSourcedId,role,beginDate,endDate,metadata.exitKind",
  categories: "title,weight",
  lineItems:
    "title,assignDate,dueDate,classSourcedId,categorySourcedId,academicSessionSourcedId,resultValueMin,resultValueMax,schoolSourcedId",
  results:
    "lineItemSourcedId,studentSourcedId,scoreStatus,score,scoreDate,comment,textScore,classSourcedId,incomplete,late,missing",
  resultLearningObjectiveIds: "resultSourcedId,source,learningObjectiveId,score,textScore",
  lineItemLearningObjectiveIds: "lineItemSourcedId,source,learningObjectiveId",
  scoreScales: "title,type,orgSourcedId,courseSourcedId,classSourcedId,scoreScaleValue",
  lineItemScoreScales: "lineItemSourcedId,scoreScaleSourcedId",
  resultScoreScales: "resultSourcedId,scoreScaleSourcedId",
  userProfiles: "userSourcedId,profileType,vendorId,credentialType,username",
  resources: "vendorResourceId,title,roles,importance",
  userResources: "userSourcedId,resourceSourcedId",
} as const;

const day = (month: number): fc.Arbitrary<string> =>
  fc
    .integer({ min: 1, max: 28 })
    .map((date) => `2024-${String(month).padStart(2, "0")}-${String(date).padStart(2, "0")}`);

/** Rows of a file: as many as ids, each cell from its arbitrary. */
function rows(prefix: string, count: number, cells: Record<string, fc.Arbitrary<string>>): fc.Arbitrary<Row[]> {
  return fc
    .array(fc.record(cells), { minLength: count, maxLength: count })
    .map((list) => list.map((row, i) => ({ sourcedId: `${prefix}${i}`, ...row }) as Row));
}

/** A valid bulk package of OneRoster 1.2 of up to six people, in which everything points at something that is there. */
export function arbitraryRoster(): fc.Arbitrary<Files> {
  const counts = fc.record({
    schools: fc.integer({ min: 1, max: 2 }),
    classes: fc.integer({ min: 1, max: 3 }),
    students: fc.integer({ min: 1, max: 4 }),
    works: fc.integer({ min: 0, max: 3 }),
    results: fc.integer({ min: 0, max: 5 }),
  });
  return counts.chain(({ schools, classes, students, works, results }) => {
    const one = (prefix: string, count: number): fc.Arbitrary<string> =>
      fc.integer({ min: 0, max: count - 1 }).map((i) => `${prefix}${i}`);
    const marks = works === 0 ? 0 : results;
    const some = marks === 0 ? 0 : 2;
    return fc
      .record({
        orgs: rows("s", schools, {
          name: words,
          type: fc.constant("school"),
          identifier: optional(words),
          parentSourcedId: fc.constantFrom("", "s0"),
        }),
        academicSessions: rows("t", 2, {
          title: words,
          type: fc.constantFrom("term", "semester"),
          startDate: day(1),
          endDate: day(6),
          parentSourcedId: fc.constant(""),
          schoolYear: fc.constant("2024"),
        }),
        courses: rows("c", 2, {
          title: words,
          courseCode: optional(words),
          grades: optional(grade),
          orgSourcedId: one("s", schools),
          subjects: list,
          subjectCodes: list,
        }),
        classes: rows("k", classes, {
          title: words,
          grades: optional(grade),
          courseSourcedId: one("c", 2),
          classCode: optional(words),
          classType: fc.constantFrom("homeroom", "scheduled"),
          schoolSourcedId: one("s", schools),
          termSourcedIds: fc.constantFrom("t0", "t1", "t0,t1", "t1,t0"),
          subjects: list,
        }),
        users: rows("u", students + 1, {
          enabledUser: fc.constantFrom("true", "false"),
          username: words,
          givenName: words,
          familyName: words,
          email: optional(words),
          preferredGivenName: optional(words),
          preferredFamilyName: optional(words),
          grades: optional(grade),
        }),
        demographics: rows("u", students, {
          birthDate: optional(day(2)),
          sex: optional(fc.constantFrom("male", "female", "other", "unspecified")),
          asian: flag,
          white: flag,
          hispanicOrLatinoEthnicity: flag,
          demographicRaceTwoOrMoreRaces: flag,
        }),
        enrollments: rows("e", students, {
          classSourcedId: one("k", classes),
          schoolSourcedId: one("s", schools),
          userSourcedId: one("u", students),
          role: fc.constant("student"),
          beginDate: day(1),
          endDate: optional(day(5)),
          "metadata.exitKind": optional(fc.constantFrom("transfer", "withdrawal")),
        }),
        categories: rows("g", 2, { title: fc.constantFrom("Homework", "Exam", "Final mark"), weight: optional(score) }),
        lineItems: rows("l", works, {
          title: words,
          assignDate: day(2),
          dueDate: day(3),
          classSourcedId: one("k", classes),
          categorySourcedId: one("g", 2),
          academicSessionSourcedId: one("t", 2),
          resultValueMin: optional(score),
          resultValueMax: optional(score),
          schoolSourcedId: fc.constant(""),
        }),
        results: rows("q", marks, {
          lineItemSourcedId: one("l", Math.max(1, works)),
          studentSourcedId: one("u", students),
          scoreStatus: fc.constantFrom("exempt", "fully graded", "not submitted", "partially graded", "submitted"),
          score: optional(score),
          scoreDate: day(4),
          comment: optional(words),
          textScore: optional(words),
          incomplete: flag,
          late: flag,
          missing: flag,
        }),
        resultLearningObjectiveIds: rows("o", some, {
          resultSourcedId: one("q", Math.max(1, marks)),
          source: fc.constantFrom("case", "unknown"),
          learningObjectiveId: words,
          score: optional(score),
          textScore: optional(words),
        }),
        lineItemLearningObjectiveIds: rows("lo", some, {
          lineItemSourcedId: one("l", Math.max(1, works)),
          source: fc.constantFrom("case", "unknown"),
          learningObjectiveId: words,
        }),
        scoreScales: rows("sc", 1, {
          title: words,
          type: words,
          orgSourcedId: one("s", schools),
          courseSourcedId: one("c", 2),
          classSourcedId: one("k", classes),
          scoreScaleValue: fc.constant("{A:94},{B:84}"),
        }),
        lineItemScoreScales: rows("x", some, {
          lineItemSourcedId: one("l", Math.max(1, works)),
          scoreScaleSourcedId: fc.constant("sc0"),
        }),
        resultScoreScales: rows("x", some, {
          resultSourcedId: one("q", Math.max(1, marks)),
          scoreScaleSourcedId: fc.constant("sc0"),
        }),
        userProfiles: rows("p", 1, {
          userSourcedId: one("u", students),
          profileType: words,
          vendorId: words,
          credentialType: words,
          username: words,
        }),
        resources: rows("re", 1, {
          vendorResourceId: words,
          title: optional(words),
          roles: fc.constantFrom("student", "student,teacher"),
          importance: fc.constant("primary"),
        }),
        userResources: rows("ur", 1, { userSourcedId: one("u", students), resourceSourcedId: fc.constant("re0") }),
      })
      .map((tables) => written(withPeople(tables, students)));
  });
}

/** Each student has numbers of her own and a role; the last user is the parent of the first student. */
function withPeople(tables: Record<string, Row[]>, students: number): Record<string, Row[]> {
  const parent = `u${students}`;
  tables.users!.forEach((user, i) => {
    user.identifier = i === students ? "" : `N${i}`;
    user.userIds = i === students ? "" : `{DistrictId:${1000 + i}},{LTI:x${i}}`;
    user.agentSourcedIds = i === 0 ? parent : "";
    if (i === students) user.grades = "";
  });
  tables.roles = tables.users!.map((user, i) => ({
    sourcedId: `r${i}`,
    userSourcedId: user.sourcedId!,
    roleType: "primary",
    role: i === students ? "parent" : "student",
    beginDate: "",
    endDate: "",
    orgSourcedId: "s0",
  }));
  // The class of a work is where its school is.
  for (const work of tables.lineItems!)
    work.schoolSourcedId = tables.classes!.find(({ sourcedId }) => sourcedId === work.classSourcedId)!.schoolSourcedId!;
  for (const mark of tables.results!)
    mark.classSourcedId = tables.lineItems!.find(({ sourcedId }) => sourcedId === mark.lineItemSourcedId)!
      .classSourcedId!;
  return tables;
}

function written(tables: Record<string, Row[]>): Files {
  const out: Files = {};
  for (const [name, columns] of Object.entries(files)) {
    const header = ["sourcedId", "status", "dateLastModified", ...columns.split(",")];
    const lines = tables[name]!.map((row) => header.map((column) => row[column] ?? ""));
    out[`${name}.csv`] = stringify([header, ...lines]);
  }
  out["manifest.csv"] = manifest(Object.fromEntries(Object.keys(files).map((name) => [name, "bulk"])));
  return out;
}
