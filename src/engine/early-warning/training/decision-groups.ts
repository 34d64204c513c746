import type { DuckDBConnection } from "@duckdb/node-api";
import type { DecisionGroup, DecisionPlace } from "../../fairness/audit-decisions.ts";
import { schoolsOf } from "./audit.ts";

/**
 * Reads who belongs to which group, for rows of learners. A value of several words, such as `asian+hispanic or latino`, is a member of each: a
 * group is everybody who has the word, alone or with others, as the census counts it. Groups cut by combination are too small to see
 * anything in.
 * @param connection - a DuckDB connection with the snapshot attached
 * @param learners - shape (rows): the learner of each row
 * @returns groups by attribute and name; none without protected attributes
 */
export async function decisionGroups(
  connection: DuckDBConnection,
  learners: readonly string[],
): Promise<DecisionGroup[]> {
  const known = await connection.runAndReadAll(
    "SELECT name, learner, min(value) FROM protected_attribute WHERE value <> '' GROUP BY ALL ORDER BY ALL",
  );
  const words = new Map<string, Map<string, readonly string[]>>();
  for (const [name, learner, value] of known.getRows() as [string, string, string][]) {
    const own = words.get(name) ?? new Map<string, readonly string[]>();
    words.set(name, own.set(learner, value.split("+")));
  }
  return [...words].flatMap(([attribute, own]) =>
    [...new Set([...own.values()].flat())].sort().map((group) => ({
      attribute,
      group,
      isMember: Int8Array.from(learners, (learner) => {
        const values = own.get(learner);
        return values === undefined ? -1 : Number(values.includes(group));
      }),
    })),
  );
}

/** The largest schools, as places of a look at decisions. @param schools - shape (rows) */
export function decisionPlaces(schools: readonly string[]): DecisionPlace[] {
  const { name, categories, values } = schoolsOf(schools);
  return categories.map((value, code) => ({
    column: name,
    value,
    isInside: Uint8Array.from(values, (own) => Number(own === code)),
  }));
}
