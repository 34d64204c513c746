import type { AuditColumn, AuditFinding, FairnessAudit, GroupAudit } from "../../fairness/audit.ts";
import { auditFairness } from "../../fairness/audit-fairness.ts";
import type { TrainingTable } from "../risk-tables.ts";

/** An audit as the registry keeps it: every finding, and the groups over all rows; groups within schools are looked at and not kept. */
export type StoredAudit = Omit<FairnessAudit, "groups"> & { readonly groups: readonly GroupAudit[] };

/** Two groups of twice the minimum cell: fewer rows say nothing of anybody. */
export const FEWEST_ROWS = 40;
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

/** What the registry keeps of an audit. */
export function stored(audit: FairnessAudit): StoredAudit {
  return { ...audit, groups: audit.groups.filter(({ place }) => place === undefined) };
}

function columnOf(name: string, cells: readonly string[]): AuditColumn {
  const categories = [...new Set(cells)].filter((cell) => cell !== "").sort();
  const codes = new Map(categories.map((category, code) => [category, code]));
  return { name, categories, values: Float64Array.from(cells, (cell) => codes.get(cell) ?? Number.NaN) };
}

/** The largest schools as a column of an audit; the others are nowhere. */
export function schoolsOf(cells: readonly string[]): AuditColumn {
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

/** A number for every person, from 0 in the order they come. */
export function numbered(persons: readonly string[]): Float64Array {
  const numbers = new Map<string, number>();
  return Float64Array.from(persons, (person) => {
    const own = numbers.get(person) ?? numbers.size;
    numbers.set(person, own);
    return own;
  });
}

/** A finding in words, without a number of anybody. */
export function describeFinding({ attribute, group, place, measure, topic, kind, size }: AuditFinding): string {
  const where = place === undefined ? "" : ` in ${place.column} ${place.value}`;
  const than = kind === "place" ? "than the gap in the other places" : "than of all others";
  const [side, times] = [size > 0 ? "higher" : "lower", measure === "marks" ? 1 : 100];
  const points = `${(times * Math.abs(size)).toFixed(1)} points ${side} ${than}`;
  if (measure === "marks") {
    return `${attribute} ${group}${where}: marks${topic === undefined ? "" : ` in ${topic}`}, beside what other evidence of the same learners says, ${points}`;
  }
  const words = measure.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return `${attribute} ${group}${where}: ${words} ${points}`;
}
