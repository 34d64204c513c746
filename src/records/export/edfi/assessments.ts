import type { TenantTransaction } from "../../database.ts";
import type { EdFiBodies } from "./bodies.ts";
import { descriptor, edFiKey, fitting, ownNamespace, present } from "./bodies.ts";

interface Sitting {
  readonly id: string;
  readonly test_id: string;
  readonly assessment: string;
  readonly student: string;
  readonly day: string;
  readonly grade: string | null;
  readonly level: string | null;
  readonly minutes: number | null;
  readonly scores: Readonly<Record<string, unknown>> | null;
  readonly score_kind: string | null;
  readonly score_text: string | null;
  readonly accommodations: readonly string[] | null;
  readonly parts: readonly Part[] | null;
}

interface Part {
  readonly part: string;
  readonly kind: string | null;
  readonly text: string | null;
  readonly level: string | null;
}

const certified = `from x_assessment_result r join x_assessment a on a.record_key = r.assessment_key where r.class = 'certified'`;

/** Results of tests. Tests under extra protection (screeners of behavior and feelings) are never sent. */
export async function assessmentBodies(tx: TenantTransaction): Promise<EdFiBodies> {
  const [counts] = await tx.sql.unsafe<Record<string, number>[]>(`
    select (select count(*)::int from x_assessment_result where class <> 'certified') as "not certified",
      (select count(*)::int ${certified} and a.sensitive) as "under extra protection",
      (select count(*)::int ${certified} and not a.sensitive and not exists (select 1 from x_unique u where u.person_id = r.person_id))
        as "no unique id of the student"`);
  const query = tx.sql.unsafe<Sitting[]>(`
    select r.source_record_id as id, a.source_record_id as test_id, a.assessment, u.value as student, r.on_date::text as day,
      r.grade_tested as grade, r.performance_level as level, r.minutes, r.scores, r.score_kind, r.score_text, r.accommodations,
      (select json_agg(json_build_object('part', s.part, 'kind', s.score_kind, 'text', s.score_text, 'level', s.performance_level)
         order by s.part) from x_sub_result s where s.result_key = r.record_key and s.class = 'certified') as parts
    from x_assessment_result r join x_assessment a on a.record_key = r.assessment_key join x_unique u on u.person_id = r.person_id
    where r.class = 'certified' and not a.sensitive order by r.record_key collate "C"`);
  const bodies = async function* (): AsyncGenerator<object> {
    for await (const rows of query.cursor(1_000)) for (const row of rows) yield body(row);
  };
  return { bodies: bodies(), leftOut: { ...counts! } };
}

function body(row: Sitting): object {
  const [namespace, identifier] = edFiKey(row.test_id, "assessments") ?? [ownNamespace, row.assessment];
  const assessment = { assessmentIdentifier: fitting(identifier!, 60), namespace };
  const own = edFiKey(row.id, "studentAssessments")?.at(-1) ?? row.id;
  return present({
    studentAssessmentIdentifier: fitting(own, 60),
    assessmentReference: assessment,
    studentReference: { studentUniqueId: row.student },
    schoolYearTypeReference: { schoolYear: schoolYearOf(row.day) },
    administrationDate: `${row.day}T00:00:00Z`,
    whenAssessedGradeLevelDescriptor: gradeDescriptor(row.grade),
    assessedMinutes: row.minutes === null ? null : Math.round(row.minutes),
    accommodations: (row.accommodations ?? []).map((code) => ({
      accommodationDescriptor: descriptor("Accommodation", code),
    })),
    scoreResults: scoreResults(row),
    performanceLevels: levels(row.level),
    studentObjectiveAssessments: (row.parts ?? []).map((part) =>
      present({
        objectiveAssessmentReference: { ...assessment, identificationCode: fitting(part.part, 60) },
        scoreResults: part.text === null ? [] : [scoreResult(part.kind ?? "Raw score", part.text)],
        performanceLevels: levels(part.level),
      }),
    ),
  });
}

function scoreResults(row: Sitting): object[] {
  const all = Object.entries(row.scores ?? {});
  if (all.length > 0) return all.map(([kind, value]) => scoreResult(kind, String(value)));
  return row.score_text === null ? [] : [scoreResult(row.score_kind ?? "Raw score", row.score_text)];
}

function scoreResult(kind: string, result: string): object {
  const type = /^-?\d+$/.test(result) ? "Integer" : Number.isFinite(Number(result)) ? "Decimal" : "Level";
  return {
    assessmentReportingMethodDescriptor: descriptor("AssessmentReportingMethod", kind),
    resultDatatypeTypeDescriptor: descriptor("ResultDatatypeType", type),
    result: fitting(result, 35),
  };
}

function levels(level: string | null): object[] {
  if (level === null) return [];
  return [
    {
      assessmentReportingMethodDescriptor: descriptor("AssessmentReportingMethod", "Achievement/proficiency level"),
      performanceLevelDescriptor: descriptor("PerformanceLevel", level),
    },
  ];
}

/** The year a school year beginning in July ends in. */
function schoolYearOf(day: string): number {
  return Number(day.slice(0, 4)) + (day.slice(5, 7) >= "07" ? 1 : 0);
}

const grades: readonly string[] =
  "Kindergarten,First grade,Second grade,Third grade,Fourth grade,Fifth grade,Sixth grade,Seventh grade,Eighth grade,Ninth grade,Tenth grade,Eleventh grade,Twelfth grade".split(
    ",",
  );

function gradeDescriptor(grade: string | null): string | null {
  const name = grade === "K" ? grades[0] : grades[Number(grade ?? Number.NaN)];
  return grade === null || name === undefined ? null : descriptor("GradeLevel", name);
}
