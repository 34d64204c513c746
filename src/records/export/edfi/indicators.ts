import type { TenantTransaction } from "../../database.ts";
import type { EdFiBodies, RiskFlag } from "./bodies.ts";
import { fitting } from "./bodies.ts";

/** The name under which the flags stand in the Ed-Fi system. */
export const indicatorName = "Risk of going off track (derived by cairn, not certified)";

/** Indicators, and the persons they are of. */
export interface IndicatorBodies extends EdFiBodies {
  readonly people: readonly string[];
}

/**
 * A flag of each student as an indicator of the association with her school. It says what it is: a model's word, by which
 * model, with what the model knew up to when. A student of whom the model could say nothing has an indicator that says so.
 */
export async function indicatorBodies(tx: TenantTransaction, flags: readonly RiskFlag[]): Promise<IndicatorBodies> {
  const people = flags.map(({ personId }) => personId);
  const known = await tx.sql<{ person_id: string; student: string | null; org: string | null }[]>`
    select f.person_id, u.value as student, o.number as org
    from unnest(${people}::text[]) f(person_id)
    left join x_unique u on u.person_id = f.person_id
    left join lateral (
      select coalesce(substring(o.source_record_id from '^educationOrganizations/([0-9]+)$'),
        substring(o.identifier from '^[0-9]+$')) as number
      from x_enrolment e join x_org o on o.record_key = e.org_key where e.person_id = f.person_id
      order by e.starts_on desc, e.entered_on desc nulls last, e.record_key limit 1
    ) o on true`;
  const byPerson = new Map(known.map((row) => [row.person_id, row]));
  const leftOut = { "no unique id of the student": 0, "no school with a number": 0 };
  const bodies: { personId: string; student: string; body: object }[] = [];
  for (const flag of flags) {
    const found = byPerson.get(flag.personId);
    if (found?.student == null) leftOut["no unique id of the student"] += 1;
    else if (found.org === null) leftOut["no school with a number"] += 1;
    else
      bodies.push({
        personId: flag.personId,
        student: found.student,
        body: body(flag, found.student, Number(found.org)),
      });
  }
  bodies.sort((a, b) => (a.student < b.student ? -1 : a.student > b.student ? 1 : 0));
  return {
    bodies: each(bodies.map((entry) => entry.body)),
    leftOut,
    people: bodies.map(({ personId }) => personId),
  };
}

async function* each(bodies: readonly object[]): AsyncGenerator<object> {
  yield* bodies;
}

function body(flag: RiskFlag, student: string, org: number): object {
  const said =
    flag.probability === null ? "not said: too little is known" : `probability ${flag.probability.toFixed(3)}`;
  return {
    educationOrganizationReference: { educationOrganizationId: org },
    studentReference: { studentUniqueId: student },
    studentIndicators: [
      {
        indicatorName,
        indicator: fitting(said, 60),
        indicatorGroup: "derived",
        designatedBy: fitting(`cairn model ${flag.modelId}`, 60),
        periods: [{ beginDate: flag.asOf }],
      },
    ],
  };
}
