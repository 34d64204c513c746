import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { ImportReport } from "../../../src/records/import/core/report.ts";
import { importEdFi } from "../../../src/records/import/edfi/import.ts";
import { writeSnapshot } from "../../../src/records/snapshot/write.ts";
import { useDatabase } from "../../support/database.ts";
import { datasetsFolder } from "../../support/services.ts";
import { cleanUp, query, scratchFolder } from "./deliveries.ts";

// The sample district of the Ed-Fi Data Standard 5.2 (49 files of bulk XML, some packed), read from where it lies.
const folder = datasetsFolder();
const database = useDatabase();
cleanUp();

const sampleOptions = {
  tenantId: "north",
  path: join(folder ?? "", "standards/edfi/sample-xml"),
  receivedAt: new Date("2022-07-01T00:00:00Z"),
};
const one = async <T extends object>(sql: string): Promise<T> => (await query<T>(database(), "north", sql))[0]!;

describe.skipIf(folder === undefined)("the Ed-Fi sample (needs the data sets)", () => {
  let report: ImportReport;
  beforeAll(async () => {
    report = await importEdFi(database(), sampleOptions);
  }, 300_000);

  const rows = (resource: string): number =>
    report.files.filter(({ file }) => file.endsWith(`#${resource}`)).reduce((sum, file) => sum + file.rows, 0);

  test("every row of every file goes in; nothing is refused", () => {
    expect(report.refusals).toEqual([]);
    for (const { rows: all, new: added, changed, unchanged, refused } of report.files) {
      expect(refused).toBe(0);
      expect(added + changed + unchanged).toBe(all);
    }
  });

  test("every one of the 49 files is read, or said not to be with the reason", () => {
    const spoken = new Set([...report.files, ...report.leniencies].map(({ file }) => file.split("#")[0]));
    expect(spoken.size).toBe(49);
    const unread = report.leniencies.filter(({ what }) => what.startsWith("not read"));
    expect(unread.filter(({ what }) => what.includes("no resource of Ed-Fi"))).toEqual([]);
    const wholly = [...spoken].filter((name) => !report.files.some(({ file }) => file.startsWith(`${name}#`)));
    // Descriptors, accounts, health, transport, plans for tests, evaluations of programmes: no record of learning.
    expect(wholly.sort()).toEqual([
      "AncestryEthnicOriginDescriptor.xml",
      "AssessmentRegistration.xml",
      "BusRouteDescriptor.xml",
      "DiagnosisDescriptor.xml",
      "DualCreditInstitutionDescriptor.xml",
      "Finance.xml",
      "IndicatorDescriptor.xml",
      "IndicatorGroupDescriptor.xml",
      "IndicatorLevelDescriptor.xml",
      "ProgramCharacteristicDescriptor.xml",
      "StudentHealth.xml",
      "StudentProgramEvaluation.xml",
      "StudentTransportation.xml",
    ]);
  });

  test("the counts of the sample", () => {
    expect(rows("schools")).toBe(3);
    expect(rows("students")).toBe(960);
    expect(rows("sections")).toBe(532);
    expect(rows("courseOfferings")).toBe(169);
    expect(rows("learningStandards")).toBe(5_597);
    expect(rows("studentSchoolAttendanceEvents")).toBe(1_917);
    expect(rows("studentSectionAttendanceEvents")).toBe(66);
    expect(rows("disciplineIncidents")).toBe(21);
    expect(rows("disciplineActions")).toBe(25);
    expect(rows("gradebookEntries")).toBe(10);
    expect(rows("studentGradebookEntries")).toBe(250);
    expect(rows("studentInterventionAssociations")).toBe(25);
    expect(rows("surveyResponses")).toBe(12);
  });

  test("attendance: 1,917 exceptions of 227 students at school, and 66 tardies in sections", async () => {
    const kinds = await query(
      database(),
      "north",
      "select scope, category, excused, count(*)::int as events from attendance_event group by 1, 2, 3 order by 1, 2, 3",
    );
    expect(kinds).toEqual([
      { scope: "school", category: "absent", excused: false, events: 773 },
      { scope: "school", category: "absent", excused: true, events: 1_077 },
      { scope: "school", category: "partial", excused: null, events: 1 },
      { scope: "school", category: "tardy", excused: null, events: 66 },
      { scope: "section", category: "tardy", excused: null, events: 66 },
    ]);
    const people = await one<{ people: number }>(
      "select count(distinct person_id)::int as people from attendance_event where scope = 'school'",
    );
    expect(people.people).toBe(227);
    const located = await one<{ open: number }>(
      "select count(*)::int as open from attendance_event a where scope = 'section' and not exists (select 1 from section s where s.record_key = a.section_key)",
    );
    expect(located.open).toBe(0);
  });

  test("behavior: every behavior with its actor alone; who was not the perpetrator is none", async () => {
    const parts = await query(
      database(),
      "north",
      "select participation, count(*)::int as students, count(action)::int as acted from behavior_incident group by 1 order by 1",
    );
    expect(parts).toEqual([
      { participation: "perpetrator", students: 21, acted: 21 },
      { participation: "witness", students: 2, acted: 0 },
    ]);
    const grave = await query(
      database(),
      "north",
      "select severity, count(*)::int as incidents from behavior_incident where participation = 'perpetrator' group by 1 order by 1",
    );
    expect(grave).toEqual([
      { severity: "conduct", incidents: 11 },
      { severity: "minor", incidents: 1 },
      { severity: "state-offense", incidents: 9 },
    ]);
    const dated = await one<{ wrong: number }>(
      "select count(*)::int as wrong from behavior_incident where on_date < '2021-08-23' or on_date > '2022-05-27'",
    );
    expect(dated.wrong).toBe(0);
  });

  test("gradebook, tests, supports, interventions, surveys", async () => {
    expect(
      await one(`select
        (select count(*)::int from assignment) as works, (select count(*)::int from result) as results,
        (select count(*)::int from assignment_standard) as tagged,
        (select count(*)::int from sub_result s where starts_with(raw_ref, 'StudentAssessment-LearningStandardsMastery.xml')) as objectives,
        (select count(*)::int from assessment_result where raw_ref ~ '^StudentAssessment-Benchmarks-3rdGradeMath.xml') as benchmarks,
        (select count(*)::int from support where kind <> '504') as supports,
        (select count(*)::int from support where kind = '504') as section504,
        (select count(*)::int from intervention_assignment) as interventions,
        (select count(*)::int from survey_answer) as answers`),
    ).toEqual({
      works: 10,
      results: 250,
      tagged: 0,
      objectives: 984,
      benchmarks: 160,
      supports: 703,
      section504: 3,
      interventions: 25,
      answers: 20, // five questions of the four responses that students gave; the other eight are of nobody the record knows as one
    });
    const supports = await query(
      database(),
      "north",
      "select kind, count(*)::int as learners from support where raw_ref ~ 'Migrant|StudentProgramAssociations' or kind in ('iep', 'meals', '504') group by 1 order by 1",
    );
    expect(supports).toContainEqual({ kind: "iep", learners: 97 });
    expect(supports).toContainEqual({ kind: "meals", learners: 82 });
  });

  test("contacts are people of their own, tied to the students they are contacts of", async () => {
    expect(
      await one(`select count(*)::int as ties, count(distinct g.guardian_id)::int as guardians,
        count(*) filter (where g.guardian_id = g.person_id)::int as own
        from guardianship g join (select distinct person_id from person) p on p.person_id = g.guardian_id`),
    ).toEqual({ ties: 1_872, guardians: 1_872, own: 0 });
  });

  test("no rate comes out: the sample has no enrolment, so who was there is unknown", async () => {
    expect(await one("select count(*)::int as rows from enrolment")).toEqual({ rows: 0 });
    expect(await one("select count(*)::int as rows from calendar_day")).toEqual({ rows: 0 });
    const manifest = await writeSnapshot(database(), {
      tenantId: "north",
      purpose: "early-warning",
      asOf: "2022-06-01",
      folder: await scratchFolder(),
    });
    expect(manifest.tables.enrolment?.rows).toBe(0);
    // Absences without a learner who was enrolled are evidence of nobody.
    expect(manifest.tables.attendance?.rows).toBe(0);
  });

  test("the same delivery again changes nothing", { timeout: 300_000 }, async () => {
    const again = await importEdFi(database(), { ...sampleOptions, receivedAt: new Date("2022-08-01T00:00:00Z") });
    expect(again.files.map(({ file, new: added, changed, refused }) => [file, added, changed, refused])).toEqual(
      again.files.map(({ file }) => [file, 0, 0, 0]),
    );
  });
});
