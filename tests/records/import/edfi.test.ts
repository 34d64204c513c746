import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import type { ImportReport } from "../../../src/records/import/core/report.ts";
import { setTimeZone } from "../../../src/records/import/core/time-zone.ts";
import { importEdFi } from "../../../src/records/import/edfi/import.ts";
import { useDatabase } from "../../support/database.ts";
import { cleanUp, district, query, scratchFolder, unpacked, zipped } from "./deliveries.ts";

const database = useDatabase();
cleanUp();

type Bodies = Record<string, object[]>;

const school = { schoolReference: { schoolId: 101 } };
const student = (id: string) => ({ studentReference: { studentUniqueId: id } });
const year = { schoolYearTypeReference: { schoolYear: 2025 } };
const at = { schoolId: 101, schoolYear: 2025, sessionName: "Fall" };
const section = { sectionReference: { ...at, localCourseCode: "M7", sectionIdentifier: "M7-1" } };
const descriptor = (kind: string, code: string) => `uri://ed-fi.org/${kind}Descriptor#${code}`;

/** A small district in the bodies of Data Standard 5, written for these tests. */
const bodies: Bodies = {
  localEducationAgencies: [{ localEducationAgencyId: 1, nameOfInstitution: "Valley" }],
  schools: [{ schoolId: 101, nameOfInstitution: "Hill", localEducationAgencyReference: { localEducationAgencyId: 1 } }],
  sessions: [
    {
      ...school,
      ...year,
      sessionName: "Fall",
      beginDate: "2024-08-19",
      endDate: "2024-12-20",
      termDescriptor: descriptor("Term", "Fall Semester"),
      gradingPeriods: [{ gradingPeriodReference: { schoolId: 101, schoolYear: 2025, gradingPeriodName: "Q1" } }],
    },
  ],
  gradingPeriods: [{ ...school, ...year, gradingPeriodName: "Q1", beginDate: "2024-08-19", endDate: "2024-10-18" }],
  calendars: [{ ...school, ...year, calendarCode: "A", calendarTypeDescriptor: descriptor("CalendarType", "School") }],
  calendarDates: [
    ["2024-08-19", "Instructional day"],
    ["2024-08-20", "Holiday"],
    ["2024-08-21", "Make-up day"],
    ["2024-08-22", "Snow play day"],
  ].map(([date, event]) => ({
    date,
    calendarReference: { calendarCode: "A", schoolId: 101, schoolYear: 2025 },
    calendarEvents: [{ calendarEventDescriptor: descriptor("CalendarEvent", event!) }],
  })),
  courses: [
    {
      courseCode: "M7",
      courseTitle: "Math 7",
      educationOrganizationReference: { educationOrganizationId: 101 },
      academicSubjects: [{ academicSubjectDescriptor: descriptor("AcademicSubject", "Mathematics") }],
    },
  ],
  courseOfferings: [
    {
      ...school,
      localCourseCode: "M7",
      sessionReference: at,
      courseReference: { courseCode: "M7", educationOrganizationId: 101 },
    },
  ],
  sections: [{ sectionIdentifier: "M7-1", courseOfferingReference: { ...at, localCourseCode: "M7" } }],
  students: [
    { studentUniqueId: "1", firstName: "Ada", lastSurname: "Quillfeather", birthDate: "2012-02-29" },
    { studentUniqueId: "2", firstName: "Ben", lastSurname: "Ostrowski", birthDate: "2012-03-01" },
  ],
  contacts: [{ contactUniqueId: "C1", firstName: "Cleo", lastSurname: "Quillfeather" }],
  staffs: [{ staffUniqueId: "1", firstName: "Tess", lastSurname: "Zimmerwald" }],
  studentContactAssociations: [
    {
      ...student("1"),
      contactReference: { contactUniqueId: "C1" },
      legalGuardian: true,
      relationDescriptor: descriptor("Relation", "Mother"),
    },
  ],
  studentEducationOrganizationAssociations: [
    {
      ...student("1"),
      educationOrganizationReference: { educationOrganizationId: 1 },
      sexDescriptor: descriptor("Sex", "Female"),
      races: [{ raceDescriptor: descriptor("Race", "Asian") }, { raceDescriptor: descriptor("Race", "White") }],
      hispanicLatinoEthnicity: false,
      limitedEnglishProficiencyDescriptor: descriptor("LimitedEnglishProficiency", "Limited"),
      studentIdentificationCodes: [
        {
          studentIdentificationSystemDescriptor: descriptor("StudentIdentificationSystem", "District"),
          identificationCode: "D-1",
        },
        {
          studentIdentificationSystemDescriptor: descriptor("StudentIdentificationSystem", "SSN"),
          identificationCode: "078-05-1120",
        },
      ],
    },
  ],
  studentSchoolAssociations: [
    {
      ...student("1"),
      ...school,
      ...year,
      entryDate: "2024-08-19",
      entryGradeLevelDescriptor: descriptor("GradeLevel", "Seventh grade"),
    },
    {
      ...student("2"),
      ...school,
      ...year,
      entryDate: "2024-08-19",
      entryGradeLevelDescriptor: descriptor("GradeLevel", "Seventh grade"),
      exitWithdrawDate: "2024-11-01",
      exitWithdrawTypeDescriptor: descriptor("ExitWithdrawType", "Dropout"),
      _lastModifiedDate: "2024-11-05T10:00:00Z",
      _etag: "637",
      id: "7b3c",
    },
  ],
  studentSectionAssociations: ["1", "2"].map((id) => ({ ...student(id), ...section, beginDate: "2024-08-19" })),
  grades: [
    {
      studentSectionAssociationReference: {
        ...section.sectionReference,
        beginDate: "2024-08-19",
        studentUniqueId: "1",
      },
      gradingPeriodReference: { schoolId: 101, schoolYear: 2025, gradingPeriodName: "Q1" },
      gradeTypeDescriptor: descriptor("GradeType", "Grading Period"),
      letterGradeEarned: "B",
      numericGradeEarned: 84,
      learningStandardGrades: [
        { learningStandardReference: { learningStandardId: "7.NS.A.1" }, numericGradeEarned: 90 },
        { learningStandardReference: { learningStandardId: "7.NS.A.2" }, letterGradeEarned: "A" },
      ],
    },
  ],
  courseTranscripts: [
    {
      courseAttemptResultDescriptor: descriptor("CourseAttemptResult", "Pass"),
      courseReference: { courseCode: "M7", educationOrganizationId: 101 },
      studentAcademicRecordReference: {
        educationOrganizationId: 101,
        schoolYear: 2025,
        studentUniqueId: "1",
        termDescriptor: descriptor("Term", "Fall Semester"),
      },
      finalLetterGradeEarned: "B+",
      attemptedCredits: 1,
      earnedCredits: 0.5,
    },
  ],
  studentAcademicRecords: [
    {
      ...student("1"),
      ...year,
      educationOrganizationReference: { educationOrganizationId: 101 },
      termDescriptor: descriptor("Term", "Fall Semester"),
      cumulativeEarnedCredits: 4,
      gradePointAverages: [
        { gradePointAverageValue: 3.2, isCumulative: false },
        { gradePointAverageValue: 3.4, isCumulative: true },
      ],
      recognitions: [
        {
          recognitionTypeDescriptor: descriptor("RecognitionType", "Honor award"),
          achievementTitle: "Science fair",
          recognitionAwardDate: "2024-12-01",
        },
      ],
      diplomas: [{ diplomaTypeDescriptor: descriptor("DiplomaType", "Certificate"), diplomaAwardDate: "2024-12-19" }],
    },
  ],
  studentSchoolAttendanceEvents: [
    ["Excused Absence", 1],
    ["Unexcused Absence", 0.5],
    ["In Attendance", 1],
    ["Tardy - bus", 1],
    ["At the zoo", 1],
  ].map(([category, eventDuration], i) => ({
    ...student("1"),
    ...school,
    sessionReference: at,
    eventDate: `2024-09-1${i}`,
    eventDuration,
    attendanceEventCategoryDescriptor: descriptor("AttendanceEventCategory", String(category)),
  })),
};

async function imported(
  files: Bodies | string,
  { tenantId, receivedAt = "2025-02-01T00:00:00Z" }: { tenantId?: string; receivedAt?: string } = {},
): Promise<{ report: ImportReport; tenantId: string; rows: <T extends object>(sql: string) => Promise<T[]> }> {
  const own = tenantId ?? (await district(database()));
  const path =
    typeof files === "string"
      ? files
      : await unpacked(
          Object.fromEntries(
            Object.entries(files).map(([name, list]) => [`${name}.json`, JSON.stringify(list, null, 2)]),
          ),
        );
  const report = await importEdFi(database(), { tenantId: own, path, receivedAt: new Date(receivedAt) });
  return { report, tenantId: own, rows: (sql) => query(database(), own, sql) };
}

test("the bodies of a district become its record", async () => {
  const { report, rows } = await imported(bodies);
  expect(report.refusals).toEqual([]);
  expect(
    await rows(
      "select period, starts_on::text, ends_on::text, grade, exited_on::text, exit_kind, class, source_version, known_on::text from enrolment order by exited_on nulls first",
    ),
  ).toEqual([
    {
      period: "2024-25",
      starts_on: "2024-08-19",
      ends_on: "2024-12-20",
      grade: "7",
      exited_on: null,
      exit_kind: null,
      class: "certified",
      source_version: null,
      known_on: "2024-08-19",
    },
    {
      period: "2024-25",
      starts_on: "2024-08-19",
      ends_on: "2024-12-20",
      grade: "7",
      exited_on: "2024-11-01",
      exit_kind: "withdrawal",
      class: "certified",
      source_version: "7b3c@637",
      known_on: "2024-11-05",
    },
  ]);
  expect(await rows("select on_date::text, instructional from calendar_day order by 1")).toEqual([
    { on_date: "2024-08-19", instructional: true },
    { on_date: "2024-08-20", instructional: false },
    { on_date: "2024-08-21", instructional: true },
    { on_date: "2024-08-22", instructional: false },
  ]);
  expect(await rows("select category, excused, category_raw from attendance_event order by on_date")).toEqual([
    { category: "absent", excused: true, category_raw: descriptor("AttendanceEventCategory", "Excused Absence") },
    { category: "partial", excused: false, category_raw: descriptor("AttendanceEventCategory", "Unexcused Absence") },
    { category: "tardy", excused: null, category_raw: descriptor("AttendanceEventCategory", "Tardy - bus") },
    { category: "partial", excused: null, category_raw: descriptor("AttendanceEventCategory", "At the zoo") },
  ]);
  expect(
    await rows("select kind, letter, numeric, credits_earned, on_date::text from course_grade order by kind"),
  ).toEqual([
    { kind: "final", letter: "B+", numeric: null, credits_earned: 0.5, on_date: "2025-06-30" },
    { kind: "grading-period", letter: "B", numeric: 84, credits_earned: null, on_date: "2024-10-18" },
  ]);
  expect(await rows("select standard, score, on_date::text from observation")).toEqual([
    { standard: "7.NS.A.1", score: 0.9, on_date: "2024-10-18" },
  ]);
  expect(
    await rows("select grade_point_average as own, cumulative_grade_point_average as all from academic_summary"),
  ).toEqual([{ own: 3.2, all: 3.4 }]);
  expect(await rows("select title, on_date::text from achievement")).toEqual([
    { title: "Science fair", on_date: "2024-12-01" },
  ]);
  expect(await rows("select kind, issued_on::text from credential")).toEqual([
    { kind: "certificate", issued_on: "2024-12-19" },
  ]);
  expect(
    await rows(
      "select sex, asian, white, black_or_african_american as black, two_or_more_races as several from demographics where sex is not null",
    ),
  ).toEqual([{ sex: "female", asian: true, white: true, black: false, several: true }]);
  expect(await rows("select kind from support")).toEqual([{ kind: "english-learner" }]);
  expect(
    await rows(
      "select p.given_name, g.relation, g.holds_rights from guardianship g join person p on p.person_id = g.guardian_id",
    ),
  ).toEqual([{ given_name: "Cleo", relation: "Mother", holds_rights: true }]);
  const said = report.leniencies.map(({ file, what }) => `${file} ${what}`);
  for (const expected of [
    "calendarDates.json calendarEventDescriptor: descriptor of the site's own, read with care",
    "studentSchoolAttendanceEvents.json attendanceEventCategoryDescriptor: descriptor of the site's own, read with care",
    "studentSchoolAttendanceEvents.json attendanceEventCategoryDescriptor: someone was there, which is no exception and not kept",
    "grades.json learningStandardGrades: a mark without a number from 0 to 100, no evidence of a standard",
    "studentEducationOrganizationAssociations.json studentIdentificationSystemDescriptor: numbers of social security are left where they are",
  ])
    expect(said).toContain(expected);
});

test("no number of social security is anywhere in the record", async () => {
  const { rows } = await imported(bodies);
  expect(await rows("select system, value from identifier where value like '%1120%'")).toEqual([]);
  expect(await rows("select system, value from identifier where system in ('state', 'district') order by 1")).toEqual([
    { system: "district", value: "D-1" },
    { system: "state", value: "1" },
    { system: "state", value: "2" },
  ]);
});

test("student 1 and staff 1 are two people", async () => {
  const { rows } = await imported(bodies);
  expect(await rows("select count(distinct person_id)::int as people from person")).toEqual([{ people: 4 }]);
});

test("the same bodies again, packed, split and as lines, change nothing", async () => {
  const { tenantId } = await imported(bodies);
  const folder = await scratchFolder();
  for (const [name, list] of Object.entries(bodies)) {
    for (const [i, body] of list.entries()) {
      const path = join(folder, name, `${i}.jsonl.gz`);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, gzipSync(`${JSON.stringify(body)}\n`));
    }
  }
  const { report } = await imported(folder, { tenantId, receivedAt: "2025-03-01T00:00:00Z" });
  for (const { file, new: added, changed, refused: bad } of report.files)
    expect([file, added, changed, bad]).toEqual([file, 0, 0, 0]);
});

test("a zip of minified arrays is counted body by body", async () => {
  const files = Object.fromEntries(
    Object.entries(bodies).map(([name, list]) => [`ed-fi/${name}.json`, JSON.stringify(list)]),
  );
  const { report } = await imported(await zipped(files));
  for (const [name, list] of Object.entries(bodies)) {
    const counts = report.files.find(({ file }) => file === `ed-fi/${name}.json`)!;
    expect(counts.rows).toBe(list.length);
    expect(counts.new + counts.unchanged).toBe(list.length);
  }
});

test("Data Standard 4: parents, one association with an incident, numbered grading periods", async () => {
  const { contacts: _, studentContactAssociations: __, ...rest } = bodies;
  const incident = { disciplineIncidentReference: { schoolId: 101, incidentIdentifier: "I1" } };
  const { report, rows } = await imported({
    ...rest,
    parents: [{ parentUniqueId: "C1", firstName: "Cleo", lastSurname: "Quillfeather" }],
    studentParentAssociations: [{ ...student("1"), parentReference: { parentUniqueId: "C1" } }],
    gradingPeriods: [
      {
        ...school,
        ...year,
        gradingPeriodDescriptor: descriptor("GradingPeriod", "First Six Weeks"),
        periodSequence: 1,
        beginDate: "2024-08-19",
        endDate: "2024-10-18",
      },
    ],
    grades: [],
    disciplineIncidents: [{ ...school, incidentIdentifier: "I1", incidentDate: "2024-09-20" }],
    studentDisciplineIncidentAssociations: [
      {
        ...student("1"),
        ...incident,
        studentParticipationCodeDescriptor: descriptor("StudentParticipationCode", "Perpetrator"),
        behaviors: [
          { behaviorDescriptor: descriptor("Behavior", "State Offense") },
          { behaviorDescriptor: descriptor("Behavior", "School Violation") },
        ],
      },
      {
        ...student("2"),
        ...incident,
        studentParticipationCodeDescriptor: descriptor("StudentParticipationCode", "Victim"),
      },
    ],
    disciplineActions: [
      {
        ...student("1"),
        disciplineActionIdentifier: "A1",
        disciplineDate: "2024-09-21",
        actualDisciplineActionLength: 2,
        disciplines: [{ disciplineDescriptor: descriptor("Discipline", "Out of School Suspension") }],
        studentDisciplineIncidentAssociations: [
          {
            studentDisciplineIncidentAssociationReference: {
              schoolId: 101,
              incidentIdentifier: "I1",
              studentUniqueId: "1",
            },
          },
        ],
      },
    ],
  });
  expect(report.refusals).toEqual([]);
  expect(report.standard).toBe("Ed-Fi Data Standard 4");
  expect(
    await rows(
      "select participation, severity, action, action_days from behavior_incident order by severity, participation",
    ),
  ).toEqual([
    { participation: "perpetrator", severity: "conduct", action: "out-of-school-suspension", action_days: 2 },
    { participation: "victim", severity: "minor", action: null, action_days: null },
    { participation: "perpetrator", severity: "state-offense", action: "out-of-school-suspension", action_days: 2 },
  ]);
  expect(await rows("select holds_rights from guardianship")).toEqual([{ holds_rights: null }]);
});

test("Data Standard 6: demographics and identification codes are resources of their own", async () => {
  const org = { educationOrganizationReference: { educationOrganizationId: 1 } };
  const { report, rows } = await imported({
    ...bodies,
    studentEducationOrganizationAssociations: [{ ...student("1"), ...org, loginId: "ada" }],
    studentDemographics: [
      {
        ...student("1"),
        ...org,
        sexDescriptor: descriptor("Sex", "Female"),
        races: [{ raceDescriptor: descriptor("Race", "Asian") }],
      },
    ],
    studentIdentificationCodes: [
      {
        ...student("1"),
        ...org,
        studentIdentificationSystemDescriptor: descriptor("StudentIdentificationSystem", "District"),
        identificationCode: "D-1",
      },
    ],
    studentDirectories: [{ ...student("1"), ...org }],
  });
  expect(report.refusals).toEqual([]);
  expect(report.standard).toBe("Ed-Fi Data Standard 6");
  expect(report.files.find(({ file }) => file === "studentIdentificationCodes.json")).toMatchObject({
    rows: 1,
    new: 1,
  });
  expect(await rows("select sex, asian from demographics where sex is not null")).toEqual([
    { sex: "female", asian: true },
  ]);
  expect(await rows("select value from identifier where system = 'district'")).toEqual([{ value: "D-1" }]);
  expect(report.leniencies).toContainEqual({
    file: "studentDirectories.json",
    what: "not read: addresses and telephone numbers, which nothing here uses",
    count: 1,
  });
});

test("a student of another source with the same state number is the same person", async () => {
  const { tenantId, rows } = await imported(bodies);
  const path = await unpacked({
    "students.json": JSON.stringify([{ studentUniqueId: "1", firstName: "Ada", lastSurname: "Quillfeather" }]),
  });
  await importEdFi(database(), { tenantId, path, receivedAt: new Date("2025-03-01"), source: { systemCode: "other" } });
  expect(
    await rows(
      "select count(distinct person_id)::int as people, count(*)::int as records from person where family_name = 'Quillfeather' and given_name = 'Ada'",
    ),
  ).toEqual([{ people: 1, records: 2 }]);
});

test("a moment that names a zone is the district's day; midnight UTC of a sitting is the day as it is written", async () => {
  const tenantId = await district(database());
  await setTimeZone(database(), tenantId, "America/New_York");
  const test = { assessmentIdentifier: "T1", namespace: "uri://test" };
  const sitting = (id: string, administrationDate: string) => ({
    ...student("1"),
    assessmentReference: test,
    studentAssessmentIdentifier: id,
    administrationDate,
  });
  const { report, rows } = await imported(
    {
      ...bodies,
      assessments: [{ ...test, assessmentTitle: "Test 1" }],
      studentAssessments: [
        sitting("a", "2024-11-06T00:00:00Z"),
        sitting("b", "2024-11-06T02:15:00Z"),
        sitting("c", "2024-11-06T00:00:00"),
      ],
      studentSchoolAssociations: [
        { ...bodies.studentSchoolAssociations![1]!, _lastModifiedDate: "2024-11-05T02:00:00Z" },
      ],
    },
    { tenantId },
  );
  expect(report.refusals).toEqual([]);
  expect(await rows("select on_date::text from assessment_result order by source_record_id")).toEqual([
    { on_date: "2024-11-06" },
    { on_date: "2024-11-05" },
    { on_date: "2024-11-06" },
  ]);
  expect(await rows("select known_on::text from enrolment where class = 'certified'")).toEqual([
    { known_on: "2024-11-04" },
  ]);
});

test("a delivery of changes alone finds what it refers to", async () => {
  const { tenantId, rows } = await imported(bodies);
  const changes: Bodies = {
    sections: [{ sectionIdentifier: "M7-2", courseOfferingReference: { ...at, localCourseCode: "M7" } }],
    grades: [{ ...bodies.grades![0]!, numericGradeEarned: 88 }],
  };
  const { report } = await imported(changes, { tenantId, receivedAt: "2025-03-01T00:00:00Z" });
  expect(report.refusals).toEqual([]);
  expect(await rows("select course_key from section where code = 'M7-2'")).toEqual([
    { course_key: "ed-fi:courses/101/M7" },
  ]);
  expect(await rows("select numeric from course_grade where kind = 'grading-period' order by version_id")).toEqual([
    { numeric: 84 },
    { numeric: 88 },
  ]);
});

test("what cannot be true is refused by body, and the rest goes in", async () => {
  const folder = await unpacked({
    "schools.json": JSON.stringify(bodies.schools),
    "students.jsonl": [
      JSON.stringify(bodies.students![0]),
      '{"studentUniqueId": "9", "firstName": "Broken"',
      "",
      '["no", "object"]',
      JSON.stringify({ studentUniqueId: "3", firstName: "Cy", lastSurname: "Marchetti", birthDate: "2012-02-30" }),
      JSON.stringify({ studentUniqueId: "4", firstName: "Di" }),
      JSON.stringify(bodies.students![1]),
    ].join("\n"),
    "studentSchoolAttendanceEvents.json": JSON.stringify(
      [
        { ...bodies.studentSchoolAttendanceEvents![0], ...student("77") },
        { ...bodies.studentSchoolAttendanceEvents![0], eventDate: "2024-13-01" },
        bodies.studentSchoolAttendanceEvents![1],
      ],
      null,
      1,
    ),
    "horses.json": "[]",
  });
  const { report, rows } = await imported(folder);
  const places = report.refusals.map(({ file, line, column, code }) => [file, line, column, code]);
  expect(places.sort((a, b) => (String(a) < String(b) ? -1 : 1))).toEqual([
    ["studentSchoolAttendanceEvents.json", 18, "eventDate", "BAD_VALUE"],
    ["studentSchoolAttendanceEvents.json", 2, "studentReference", "DANGLING"],
    ["students.jsonl", 2, null, "BAD_VALUE"],
    ["students.jsonl", 4, null, "BAD_VALUE"],
    ["students.jsonl", 5, "birthDate", "BAD_VALUE"],
    ["students.jsonl", 6, "lastSurname", "MISSING"],
  ]);
  expect(await rows("select count(*)::int as rows from person")).toEqual([{ rows: 2 }]);
  expect(await rows("select count(*)::int as rows from attendance_event")).toEqual([{ rows: 1 }]);
  expect(report.leniencies).toContainEqual({
    file: "horses.json",
    what: "not read: no resource of Ed-Fi that cairn knows",
    count: 1,
  });
});

test("a guardian nobody knows comes to hold no rights", async () => {
  const { report, rows } = await imported({
    ...bodies,
    studentContactAssociations: [{ ...student("1"), contactReference: { contactUniqueId: "C9" }, legalGuardian: true }],
  });
  expect(report.refusals.map(({ code, column }) => [code, column])).toEqual([["DANGLING", "contactReference"]]);
  expect(await rows("select count(*)::int as rows from guardianship")).toEqual([{ rows: 0 }]);
});

test("a file that breaks off is one error, and nothing of the delivery is kept", async () => {
  for (const [name, content] of [
    ["Student.xml", '<InterchangeStudent xmlns="http://ed-fi.org/5.2.0"><Student><StudentUniqueId>1</Student'],
    [
      "Student.xml",
      '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x><Student><StudentUniqueId>&e;</StudentUniqueId></Student></x>',
    ],
    ["students.jsonl.gz", gzipSync(JSON.stringify(bodies.students![0])).subarray(0, 20)],
  ] as const) {
    const tenantId = await district(database());
    const path = await unpacked({ "schools.json": JSON.stringify(bodies.schools), [name]: content });
    await expect(importEdFi(database(), { tenantId, path, receivedAt: new Date() })).rejects.toMatchObject({
      code: "UNREADABLE_FILE",
    });
    expect(await query(database(), tenantId, "select count(*)::int as rows from org")).toEqual([{ rows: 0 }]);
  }
});

test("nothing to read is an error that says what is expected", async () => {
  const tenantId = await district(database());
  await expect(
    importEdFi(database(), { tenantId, path: await unpacked({ "a.txt": "" }), receivedAt: new Date() }),
  ).rejects.toMatchObject({
    code: "UNREADABLE_FILE",
  });
});

test("elements that point at others by ref are read as if they named them", async () => {
  const { report, rows } = await imported(
    await unpacked({
      "Student.xml": `<?xml version="1.0"?><InterchangeStudent xmlns="http://ed-fi.org/5.2.0">
        <Student id="S1"><StudentUniqueId>1</StudentUniqueId><Name><FirstName>Ada</FirstName><LastSurname>Quillfeather</LastSurname></Name>
        <BirthData><BirthDate>2012-02-29</BirthDate></BirthData></Student></InterchangeStudent>`,
      "StudentDiscipline.xml": `<InterchangeStudentDiscipline xmlns="http://ed-fi.org/5.2.0">
        <StudentDisciplineIncidentBehaviorAssociation>
          <StudentReference><StudentIdentity><StudentUniqueId>1</StudentUniqueId></StudentIdentity></StudentReference>
          <DisciplineIncidentReference ref="I1"/>
          <Behavior>uri://ed-fi.org/BehaviorDescriptor#State Offense</Behavior>
          <DisciplineIncidentParticipationCode>uri://ed-fi.org/DisciplineIncidentParticipationCodeDescriptor#Victim</DisciplineIncidentParticipationCode>
        </StudentDisciplineIncidentBehaviorAssociation>
        <DisciplineIncident id="I1"><IncidentIdentifier>7</IncidentIdentifier><IncidentDate>2024-09-20</IncidentDate>
          <SchoolReference><SchoolIdentity><SchoolId>101</SchoolId></SchoolIdentity></SchoolReference></DisciplineIncident>
        </InterchangeStudentDiscipline>`,
    }),
  );
  expect(report.refusals).toEqual([]);
  expect(await rows("select incident, participation, on_date::text from behavior_incident")).toEqual([
    { incident: "101/7", participation: "victim", on_date: "2024-09-20" },
  ]);
});
