import type { TenantTransaction } from "../../database.ts";
import type { EdFiBodies } from "./bodies.ts";
import { descriptor, edFiKey, fitting, ownNamespace, present } from "./bodies.ts";

interface Mark {
  readonly work: string;
  readonly student: string;
  readonly status: string | null;
  readonly score: number | null;
  readonly text_score: string | null;
  readonly day: string | null;
  readonly late: boolean | null;
  readonly comment: string | null;
  readonly maximum: number | null;
}

const statuses: Readonly<Record<string, string>> = {
  exempt: "Exempt",
  "fully graded": "Graded",
  "partially graded": "Graded",
  "not submitted": "Not Submitted",
  submitted: "Submitted",
};

/** What students handed in, by the work's identifier in the gradebook it came from. */
export async function resultBodies(tx: TenantTransaction): Promise<EdFiBodies> {
  const [counts] = await tx.sql.unsafe<Record<string, number>[]>(`
    select (select count(*)::int from x_result where class <> 'certified') as "not certified",
      (select count(*)::int from x_result r where class = 'certified'
        and not exists (select 1 from x_unique u where u.person_id = r.person_id)) as "no unique id of the student",
      (select count(*)::int from x_result r join x_unique u on u.person_id = r.person_id where r.class = 'certified'
        and not exists (select 1 from x_assignment a where a.record_key = r.assignment_key)) as "no piece of work"`);
  const query = tx.sql.unsafe<Mark[]>(`
    select a.source_record_id as work, u.value as student, r.status, r.score, r.text_score, r.scored_on::text as day, r.late,
      r.comment, a.score_maximum as maximum
    from x_result r join x_assignment a on a.record_key = r.assignment_key join x_unique u on u.person_id = r.person_id
    where r.class = 'certified' order by r.record_key collate "C"`);
  const bodies = async function* (): AsyncGenerator<object> {
    for await (const rows of query.cursor(2_000)) for (const row of rows) yield body(row);
  };
  return { bodies: bodies(), leftOut: { ...counts! } };
}

function body(row: Mark): object {
  const [namespace, identifier] = edFiKey(row.work, "gradebookEntries") ?? [ownNamespace, row.work];
  // Points where the work is worth points, else a grade on the scale of the school.
  const points = row.maximum !== null;
  const status = statuses[row.status ?? ""];
  return present({
    gradebookEntryReference: { gradebookEntryIdentifier: fitting(identifier!, 60), namespace },
    studentReference: { studentUniqueId: row.student },
    pointsEarned: points ? row.score : null,
    numericGradeEarned: points ? null : row.score,
    letterGradeEarned: row.text_score === null ? null : fitting(row.text_score, 20),
    dateFulfilled: row.status === "not submitted" ? null : row.day,
    submissionStatusDescriptor: status === undefined ? null : descriptor("SubmissionStatus", status),
    assignmentLateStatusDescriptor:
      row.late === null ? null : descriptor("AssignmentLateStatus", row.late ? "Late" : "Not Late"),
    diagnosticStatement: row.comment === null ? null : fitting(row.comment, 1_024),
  });
}
