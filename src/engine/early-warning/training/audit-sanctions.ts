import type { DuckDBConnection } from "@duckdb/node-api";
import { auditDecisions } from "../../fairness/audit-decisions.ts";
import type { StoredAudit } from "./audit.ts";
import { FEWEST_ROWS, numbered, stored } from "./audit.ts";
import { decisionGroups, decisionPlaces } from "./decision-groups.ts";

/**
 * Audits what people decided: of learners with an incident, who was suspended for it, incidents of one severity compared with each other.
 * Where the record tells suspensions out of school from those inside, the former count: they are what takes a learner's days. A label or
 * a feature made of suspensions inherits what this finds.
 * @param connection - a DuckDB connection with the snapshot attached
 * @returns undefined without incidents or protected attributes
 */
export async function auditSanctions(connection: DuckDBConnection): Promise<StoredAudit | undefined> {
  const result = await connection.runAndReadAll(`
    SELECT e.person, b.learner, coalesce(e.school, ''), coalesce(b.severity, ''), lower(coalesce(b.action, ''))
    FROM behavior b
    JOIN (SELECT DISTINCT ON (learner) learner, person, school FROM enrolment ORDER BY learner, entered_on DESC NULLS LAST) e USING (learner)
    ORDER BY ALL`);
  const incidents = result.getRows() as [string, string, string, string, string][];
  if (incidents.length < FEWEST_ROWS) return undefined;
  const groups = await decisionGroups(
    connection,
    incidents.map(([, learner]) => learner),
  );
  if (groups.length === 0) return undefined;
  const isOutside = (action: string): boolean => /out.of.school.suspension|expulsion/.test(action);
  const isTold = incidents.some(([, , , , action]) => isOutside(action));
  const severities = [...new Set(incidents.map(([, , , severity]) => severity))].sort();
  const unit = Int32Array.from(numbered(incidents.map(([person]) => person)));
  return stored(
    auditDecisions({
      measure: "selectionRate",
      values: Float64Array.from(incidents, ([, , , , action]) =>
        Number(isTold ? isOutside(action) : action.includes("suspension")),
      ),
      stratum: Int32Array.from(incidents, ([, , , severity]) => severities.indexOf(severity)),
      strata: severities.length,
      unit,
      units: new Set(unit).size,
      groups,
      places: decisionPlaces(incidents.map(([, , school]) => school)),
    }),
  );
}
