import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { RiskFlag } from "../../../src/records/export/edfi/bodies.ts";
import { exportEdFi } from "../../../src/records/export/edfi/export.ts";
import { indicatorName } from "../../../src/records/export/edfi/indicators.ts";
import { importEdFi } from "../../../src/records/import/edfi/import.ts";
import { useDatabase } from "../../support/database.ts";
import { cleanUp, district, query, scratchFolder, unpacked } from "../import/deliveries.ts";
import { toVendor } from "./to-somebody.ts";

const database = useDatabase();
cleanUp();

const descriptor = (kind: string, code: string) => `uri://ed-fi.org/${kind}Descriptor#${code}`;
const test1 = { assessmentIdentifier: "MAP/1", namespace: "uri://example.org/tests" };
const ada = { studentReference: { studentUniqueId: "1" } };
const at = { schoolId: 101, schoolYear: 2025, sessionName: "Fall" };

/** A district of the bodies that the export is to give back. */
const bodies: Record<string, object[]> = {
  schools: [{ schoolId: 101, nameOfInstitution: "Hill" }],
  sessions: [
    {
      schoolReference: { schoolId: 101 },
      schoolYearTypeReference: { schoolYear: 2025 },
      sessionName: "Fall",
      beginDate: "2024-08-19",
      endDate: "2024-12-20",
      termDescriptor: descriptor("Term", "Fall Semester"),
    },
  ],
  sections: [{ sectionIdentifier: "M7-1", courseOfferingReference: { ...at, localCourseCode: "M7" } }],
  students: [
    { studentUniqueId: "1", firstName: "Ada", lastSurname: "Quillfeather" },
    { studentUniqueId: "2", firstName: "Ben", lastSurname: "Ostrowski" },
  ],
  studentSchoolAssociations: ["1", "2"].map((id) => ({
    studentReference: { studentUniqueId: id },
    schoolReference: { schoolId: 101 },
    schoolYearTypeReference: { schoolYear: 2025 },
    entryDate: "2024-08-19",
    entryGradeLevelDescriptor: descriptor("GradeLevel", "Seventh grade"),
  })),
  gradebookEntries: [
    {
      gradebookEntryIdentifier: "G1",
      namespace: "uri://example.org/gradebook",
      title: "Homework",
      dateAssigned: "2024-09-02",
      sectionReference: { ...at, localCourseCode: "M7", sectionIdentifier: "M7-1" },
    },
  ],
  studentGradebookEntries: [
    {
      ...ada,
      gradebookEntryReference: { gradebookEntryIdentifier: "G1", namespace: "uri://example.org/gradebook" },
      numericGradeEarned: 84,
      letterGradeEarned: "B",
      dateFulfilled: "2024-09-05",
      submissionStatusDescriptor: descriptor("SubmissionStatus", "Graded"),
      assignmentLateStatusDescriptor: descriptor("AssignmentLateStatus", "Not Late"),
      diagnosticStatement: "Show your work",
    },
  ],
  assessments: [
    {
      ...test1,
      assessmentTitle: "MAP",
      assessmentCategoryDescriptor: descriptor("AssessmentCategory", "Benchmark test"),
    },
    {
      ...test1,
      assessmentIdentifier: "BESS",
      assessmentTitle: "Behavior screener",
      assessmentCategoryDescriptor: descriptor("AssessmentCategory", "Psychological test"),
    },
  ],
  studentAssessments: [
    {
      ...ada,
      studentAssessmentIdentifier: "S1",
      assessmentReference: test1,
      schoolYearTypeReference: { schoolYear: 2025 },
      administrationDate: "2024-09-20T00:00:00Z",
      whenAssessedGradeLevelDescriptor: descriptor("GradeLevel", "Seventh grade"),
      scoreResults: [
        {
          assessmentReportingMethodDescriptor: descriptor("AssessmentReportingMethod", "RIT scale score"),
          resultDatatypeTypeDescriptor: descriptor("ResultDatatypeType", "Integer"),
          result: "221",
        },
      ],
      studentObjectiveAssessments: [
        {
          objectiveAssessmentReference: { ...test1, identificationCode: "Geometry" },
          scoreResults: [
            {
              assessmentReportingMethodDescriptor: descriptor("AssessmentReportingMethod", "Raw score"),
              resultDatatypeTypeDescriptor: descriptor("ResultDatatypeType", "Decimal"),
              result: "3.5",
            },
          ],
        },
      ],
    },
    {
      ...ada,
      studentAssessmentIdentifier: "S2",
      assessmentReference: { ...test1, assessmentIdentifier: "BESS" },
      administrationDate: "2024-09-21T00:00:00Z",
      scoreResults: [],
    },
  ],
};

async function taken(files: Record<string, object[]> = bodies): Promise<string> {
  const tenantId = await district(database());
  const path = await unpacked(
    Object.fromEntries(Object.entries(files).map(([name, list]) => [`${name}.json`, JSON.stringify(list)])),
  );
  const report = await importEdFi(database(), { tenantId, path, receivedAt: new Date("2025-02-01T00:00:00Z") });
  expect(report.refusals).toEqual([]);
  return tenantId;
}

async function exported(tenantId: string, options: { flags?: RiskFlag[]; studentIds?: string } = {}) {
  const path = await scratchFolder();
  const report = await exportEdFi(database(), { tenantId, path, release: toVendor, ...options });
  const read = async (resource: string): Promise<Record<string, unknown>[]> =>
    (await readFile(join(path, `${resource}.jsonl`), "utf8"))
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  return { path, report, read };
}

const personOf = async (tenantId: string, student: string): Promise<string> =>
  (
    await query<{ person_id: string }>(
      database(),
      tenantId,
      `select person_id from identifier where system = 'state' and value = '${student}'`,
    )
  )[0]!.person_id;

test("results of work and of tests leave as the bodies they came as", async () => {
  const { read } = await exported(await taken());
  expect(await read("studentGradebookEntries")).toEqual(bodies.studentGradebookEntries);
  expect(await read("studentAssessments")).toEqual([bodies.studentAssessments![0]]);
});

test("import(export) gives the same results again", async () => {
  const first = await taken();
  const { path } = await exported(first);
  const { studentGradebookEntries: _, studentAssessments: __, ...rest } = bodies;
  const second = await taken(rest);
  const report = await importEdFi(database(), { tenantId: second, path, receivedAt: new Date("2025-02-01T00:00:00Z") });
  expect(report.refusals).toEqual([]);
  const said =
    "select record_key, content_hash from result union all select r.record_key, r.content_hash from assessment_result r join assessment a on a.record_key = r.assessment_key where not a.sensitive order by 1";
  expect(await query(database(), second, said)).toEqual(await query(database(), first, said));
});

test("a screener of behavior and feelings never leaves", async () => {
  const { report, read } = await exported(await taken());
  expect(JSON.stringify(await read("studentAssessments"))).not.toContain("BESS");
  expect(report.files[0]).toMatchObject({ rows: 1, leftOut: { "under extra protection": 1 } });
});

test("a flag is an indicator of the association with the school: derived, by its model, within the lengths", async () => {
  const tenantId = await taken();
  const modelId = "f".repeat(64);
  const flags: RiskFlag[] = [
    { personId: await personOf(tenantId, "2"), probability: null, modelId, asOf: "2024-12-01" },
    { personId: await personOf(tenantId, "1"), probability: 0.8314, modelId, asOf: "2024-12-01" },
    { personId: "nobody", probability: 0.5, modelId, asOf: "2024-12-01" },
  ];
  const { report, read } = await exported(tenantId, { flags });
  const [first, second] = await read("studentEducationOrganizationAssociations");
  expect(first).toEqual({
    educationOrganizationReference: { educationOrganizationId: 101 },
    studentReference: { studentUniqueId: "1" },
    studentIndicators: [
      {
        indicatorName,
        indicator: "probability 0.831",
        indicatorGroup: "derived",
        designatedBy: `cairn model ${"f".repeat(48)}`,
        periods: [{ beginDate: "2024-12-01" }],
      },
    ],
  });
  // What the model cannot say is said, not left out and not a number.
  expect(second).toMatchObject({ studentIndicators: [{ indicator: "not said: too little is known" }] });
  expect(report.files[2]!.leftOut["no unique id of the student"]).toBe(1);
  expect(indicatorName.length).toBeLessThanOrEqual(200);
  expect(indicatorName).toContain("not certified");
});

test("what is not certified, and who has no unique id there, stays and is counted", async () => {
  const tenantId = await district(database());
  const path = await unpacked(
    Object.fromEntries(Object.entries(bodies).map(([name, list]) => [`${name}.json`, JSON.stringify(list)])),
  );
  await importEdFi(database(), {
    tenantId,
    path,
    receivedAt: new Date("2025-02-01T00:00:00Z"),
    standing: "contributed",
  });
  const contributed = await exported(tenantId);
  expect(contributed.report.files.map(({ rows }) => rows)).toEqual([0, 0, 0]);
  expect(contributed.report.files[1]!.leftOut["not certified"]).toBe(1);
  const other = await exported(await taken(), { studentIds: "district" });
  expect(other.report.files[1]).toMatchObject({ rows: 0, leftOut: { "no unique id of the student": 1 } });
});

test("the same records give the same bytes; no name of a learner is in them", async () => {
  const tenantId = await taken();
  const [one, two] = [await exported(tenantId), await exported(tenantId)];
  for (const { file } of one.report.files) {
    const text = await readFile(join(one.path, file), "utf8");
    expect(await readFile(join(two.path, file), "utf8")).toBe(text);
    expect(text).not.toMatch(/Ada|Quillfeather|Ostrowski/);
  }
});

test("an export that is asked to stop leaves no file half-written", async () => {
  const tenantId = await taken();
  const path = await scratchFolder();
  const stop = new AbortController();
  stop.abort();
  await expect(
    exportEdFi(database(), { tenantId, path, release: toVendor, signal: stop.signal }),
  ).rejects.toMatchObject({
    code: "CANCELLED",
  });
  await expect(readFile(join(path, "studentAssessments.jsonl"))).rejects.toMatchObject({ code: "ENOENT" });
});
