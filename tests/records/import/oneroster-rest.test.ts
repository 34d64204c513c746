import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { importOneRoster } from "../../../src/records/import/oneroster/import.ts";
import { useDatabase } from "../../support/database.ts";
import { datasetsFolder } from "../../support/services.ts";
import { cleanUp, district, query, unpacked } from "./deliveries.ts";

const database = useDatabase();
cleanUp();

const receivedAt = new Date("2025-07-01T00:00:00Z");
const entity = (sourcedId: string) => ({ sourcedId, status: "active", dateLastModified: "2025-01-01T00:00:00Z" });
const ref = (type: string, sourcedId: string) => ({
  href: `https://sis.example/${type}/${sourcedId}`,
  sourcedId,
  type,
});

const responses = {
  "orgs.json": { orgs: [{ ...entity("s1"), name: "Hill", type: "school", identifier: "101" }] },
  "sessions.json": {
    academicSessions: [
      {
        ...entity("t1"),
        title: "2024-25",
        startDate: "2024-08-19",
        endDate: "2025-06-06",
        type: "schoolYear",
        schoolYear: "2025",
      },
    ],
  },
  "courses.json": {
    courses: [{ ...entity("c1"), title: "Math 7", courseCode: "M7", subjects: ["Mathematics"], org: ref("org", "s1") }],
  },
  "classes.json": {
    classes: [
      {
        ...entity("k1"),
        title: "Math 7-1",
        grades: ["07"],
        course: ref("course", "c1"),
        school: ref("org", "s1"),
        terms: [ref("academicSession", "t1")],
      },
    ],
  },
  "users.json": {
    users: [
      {
        ...entity("u1"),
        enabledUser: "true",
        givenName: "Ada",
        familyName: "Quillfeather",
        userIds: [{ type: "DistrictId", identifier: "1001" }],
        agents: [ref("user", "m1")],
        roles: [{ roleType: "primary", role: "student", org: ref("org", "s1") }],
      },
      {
        ...entity("m1"),
        enabledUser: "true",
        givenName: "Cleo",
        familyName: "Quillfeather",
        roles: [{ roleType: "primary", role: "parent", org: ref("org", "s1") }],
      },
    ],
  },
  "enrollments.json": {
    enrollments: [
      {
        ...entity("e1"),
        user: ref("user", "u1"),
        class: ref("class", "k1"),
        school: ref("org", "s1"),
        role: "student",
        primary: "true",
        beginDate: "2024-08-19",
      },
    ],
  },
  "categories.json": { categories: [{ ...entity("g1"), title: "Homework", weight: 20 }] },
  "lineItems.json": {
    lineItems: [
      {
        ...entity("l1"),
        title: "Work",
        assignDate: "2024-09-02T00:00:00Z",
        dueDate: "2024-09-09T00:00:00Z",
        class: ref("class", "k1"),
        category: ref("category", "g1"),
        school: ref("org", "s1"),
        resultValueMin: 0,
        resultValueMax: 50,
        learningObjectiveSet: [{ source: "case", learningObjectiveIds: ["7.NS.A.1"] }],
      },
    ],
  },
  "result.json": {
    result: {
      ...entity("q1"),
      lineItem: ref("lineItem", "l1"),
      student: ref("user", "u1"),
      scoreStatus: "fully graded",
      scoreDate: "2024-09-11",
      score: 40,
      comment: 'Good, "clear"',
      learningObjectiveSet: [
        { source: "case", learningObjectiveResults: [{ learningObjectiveId: "7.NS.A.1", score: 0.8 }] },
      ],
    },
  },
  "assessments.json": { assessmentResults: [{ ...entity("a1") }] },
};

test("responses of the REST API become the same record as files would", async () => {
  const tenantId = await district(database());
  const path = await unpacked(
    Object.fromEntries(Object.entries(responses).map(([name, body]) => [name, JSON.stringify(body)])),
  );
  const report = await importOneRoster(database(), { tenantId, path, receivedAt });
  expect(report.refusals).toEqual([]);
  expect(report.standard).toBe("OneRoster REST 1.2");
  const rows = <T extends object>(sql: string): Promise<T[]> => query<T>(database(), tenantId, sql);
  expect(await rows("select score, comment, known_on::text from result")).toEqual([
    { score: 40, comment: 'Good, "clear"', known_on: "2025-01-01" },
  ]);
  expect(await rows("select standard, score from standard_result")).toEqual([{ standard: "7.NS.A.1", score: 0.8 }]);
  expect(await rows("select standard from assignment_standard")).toEqual([{ standard: "7.NS.A.1" }]);
  expect(await rows("select due_on::text, category, score_maximum from assignment")).toEqual([
    { due_on: "2024-09-09", category: "Homework", score_maximum: 50 },
  ]);
  expect(await rows("select period, grade from enrolment")).toEqual([{ period: "2024-25", grade: "7" }]);
  expect(await rows("select relation from guardianship")).toEqual([{ relation: "parent" }]);
  expect(report.leniencies.map(({ what }) => what)).toContain(
    "assessmentResults: not read, no file of a package holds it",
  );
});

test("a response that is no JSON object is one error", async () => {
  const tenantId = await district(database());
  const path = await unpacked({ "orgs.json": '{"orgs": [' });
  await expect(importOneRoster(database(), { tenantId, path, receivedAt })).rejects.toMatchObject({
    code: "UNREADABLE_FILE",
  });
});

const folder = datasetsFolder();

test.skipIf(folder === undefined)(
  "another project's responses are read, or refused for what is not in them (needs the data sets)",
  async () => {
    const tenantId = await district(database());
    const files: Record<string, string> = {};
    for (const part of ["rostering", "gradebook"]) {
      const text = readFileSync(join(folder!, `standards/oneroster/longsight/v1p2-${part}-payloads.ts`), "utf8");
      // The entities stand in the source as literals: the two helpers before them, then one object.
      const literal = /export const \w+Entities = (\{[\s\S]*?\n\}) as const;/.exec(text)![1]!;
      const entities = new Function("reference", "entityBase", `return ${literal}`)(ref, entity) as Record<
        string,
        object
      >;
      for (const [name, body] of Object.entries(entities)) files[`${name}.json`] = JSON.stringify({ [name]: body });
    }
    const report = await importOneRoster(database(), { tenantId, path: await unpacked(files), receivedAt });
    expect(Object.keys(files)).toHaveLength(11);
    expect(report.leniencies.filter(({ what }) => what.includes("not read"))).toEqual([]);
    // Its demographics are of a user who is nowhere in the responses.
    expect(report.refusals.map(({ file, code }) => [file, code])).toEqual([["demographics.csv", "DANGLING"]]);
  },
);
