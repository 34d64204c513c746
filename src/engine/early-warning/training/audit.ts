import type { DuckDBConnection } from "@duckdb/node-api";
import type { AuditColumn, AuditFinding, FairnessAudit, GroupAudit } from "../../fairness/audit.ts";
import { auditFairness } from "../../fairness/audit-fairness.ts";
import type { TrainingTable } from "../risk-tables.ts";

/** An audit as the registry keeps it: every finding, and the groups over all rows; groups within schools are looked at and not kept. */
export type StoredAudit = Omit<FairnessAudit, "groups"> & { readonly groups: readonly GroupAudit[] };

const FEWEST_ROWS = 40; // two groups of twice the minimum cell
const MOST_SCHOOLS = 50; // the largest: in the others cells are below the minimum anyway, and time goes with their number
const FEW_SCHOOLS = 10; // with more, chance levels of the area between ROC curves are left out: they are permutations

/**
 * Audits the flags of a model on rows it never saw: overall and within the schools that have the most of them.
 * @param rows - the rows of `table` that judged
 * @param probabilities - shape (rows.length)
 * @param flagged - shape (rows.length): 1 for who would be on the list
 * @returns undefined without protected attributes, or with too few rows to say anything
 */
export function auditFlags(
  table: TrainingTable,
  rows: readonly number[],
  probabilities: Float64Array,
  flagged: Uint8Array,
): StoredAudit | undefined {
  const { attributes = {}, school } = table;
  const columns = Object.entries(attributes).map(([name, values]) =>
    columnOf(
      name,
      rows.map((row) => values[row]!),
    ),
  );
  if (columns.length === 0 || rows.length < FEWEST_ROWS) return undefined;
  const places = school === undefined ? [] : [schoolsOf(rows.map((row) => school[row]!))];
  return stored(
    auditFairness({
      flagged,
      probabilities,
      labels: Uint8Array.from(rows, (row) => table.labels[row]!),
      attributes: columns,
      within: places,
      learner: numbered(rows.map((row) => table.person[row]!)),
      permutations: (places[0]?.categories.length ?? 0) > FEW_SCHOOLS ? 0 : 99,
      seed: "early-warning",
    }),
  );
}

/**
 * Audits what people decided: of learners with a conduct incident, who was suspended for it. A label or a feature made of suspensions
 * inherits what this finds.
 * @param connection - a DuckDB connection with the snapshot attached
 * @returns undefined without incidents or protected attributes
 */
export async function auditSanctions(connection: DuckDBConnection): Promise<StoredAudit | undefined> {
  const result = await connection.runAndReadAll(`
    SELECT e.person, b.learner, e.school, b.on_date::VARCHAR, coalesce(b.action, '') LIKE '%suspension%' AS suspended
    FROM behavior b JOIN (SELECT DISTINCT ON (learner) learner, person, school FROM enrolment ORDER BY learner, entered_on DESC NULLS LAST) e USING (learner)
    WHERE b.severity = 'conduct' ORDER BY ALL`);
  const incidents = result.getRows() as [string, string, string | null, string, boolean][];
  const known = await connection.runAndReadAll(
    "SELECT learner, name, min(value) FROM protected_attribute GROUP BY ALL",
  );
  const values = new Map<string, Map<string, string>>();
  for (const [learner, name, value] of known.getRows() as [string, string, string | null][]) {
    const own = values.get(name) ?? new Map<string, string>();
    values.set(name, own.set(learner, value ?? ""));
  }
  if (incidents.length < FEWEST_ROWS || values.size === 0) return undefined;
  return stored(
    auditFairness({
      flagged: Uint8Array.from(incidents, ([, , , , suspended]) => (suspended ? 1 : 0)),
      attributes: [...values]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, own]) =>
          columnOf(
            name,
            incidents.map(([, learner]) => own.get(learner) ?? ""),
          ),
        ),
      within: [schoolsOf(incidents.map(([, , school]) => school ?? ""))],
      learner: numbered(incidents.map(([person]) => person)),
      permutations: 0,
      seed: "early-warning",
    }),
  );
}

function stored(audit: FairnessAudit): StoredAudit {
  return { ...audit, groups: audit.groups.filter(({ place }) => place === undefined) };
}

function columnOf(name: string, cells: readonly string[]): AuditColumn {
  const categories = [...new Set(cells)].filter((cell) => cell !== "").sort();
  const codes = new Map(categories.map((category, code) => [category, code]));
  return { name, categories, values: Float64Array.from(cells, (cell) => codes.get(cell) ?? Number.NaN) };
}

function schoolsOf(cells: readonly string[]): AuditColumn {
  const sizes = new Map<string, number>();
  for (const cell of cells) sizes.set(cell, (sizes.get(cell) ?? 0) + 1);
  const largest = new Set(
    [...sizes]
      .filter(([school, size]) => school !== "" && size >= FEWEST_ROWS / 2)
      .sort(([a, one], [b, other]) => other - one || (a < b ? -1 : 1))
      .slice(0, MOST_SCHOOLS)
      .map(([school]) => school),
  );
  return columnOf(
    "school",
    cells.map((cell) => (largest.has(cell) ? cell : "")),
  );
}

function numbered(persons: readonly string[]): Float64Array {
  const numbers = new Map<string, number>();
  return Float64Array.from(persons, (person) => {
    const own = numbers.get(person) ?? numbers.size;
    numbers.set(person, own);
    return own;
  });
}

/** A finding in words, without a number of anybody. */
export function describeFinding({ attribute, group, place, measure, kind, size }: AuditFinding): string {
  const where = place === undefined ? "" : ` in ${place.column} ${place.value}`;
  const words = measure.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  const than = kind === "place" ? "than the gap in the other places" : "than of all others";
  return `${attribute} ${group}${where}: ${words} ${(100 * Math.abs(size)).toFixed(1)} points ${size > 0 ? "higher" : "lower"} ${than}`;
}
