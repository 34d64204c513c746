import type { FamilyContext } from "../family.ts";
import type { Measure, MeasuredFamily, MeasuredFeature } from "./measure.ts";
import { CHANGE_DAYS, TREND_WEEKS, windows } from "./window.ts";

/**
 * The query of a measured family. All days of the cohort come from one pass: facts are first added up between the edges of
 * all windows of all as-of days (inside such a bucket no window can tell two days apart), then each row takes the buckets
 * it could know. Sums are of exact numbers, so neither order nor threads change a bit.
 */
export function measuredSql(
  family: MeasuredFamily,
  features: readonly MeasuredFeature[],
  context: FamilyContext,
): string {
  if (features.length === 0) return `SELECT "row" FROM ${context.cohort.table}`;
  const columns = [...new Set(features.flatMap(({ measure }) => columnsOf(measure)))];
  const added = [
    ...columns.map((name) => `sum(f.${name}) AS ${name}`),
    ...presenceColumns(features).map((name) => `sum(f.${name}) FILTER (i.on_date IS NOT NULL) AS ${inClass(name)}`),
  ];
  const sums = new Sums();
  const cells = features.map((feature) => `${cell(feature, sums)} AS ${feature.definition.name}`);
  const hasPresence = presenceColumns(features).length > 0;
  return `
    WITH ${rowsAndEdges(context.cohort.table)},
    instructional AS (SELECT DISTINCT school, on_date FROM calendar),
    ${family.facts(context)},
    bucket AS (
      SELECT s.learner, s.school, s.first_day, e.edge, k.edge AS visible, ${added.join(", ")}
      FROM fact f JOIN stint s ON s.learner = f.learner AND f.on_date >= s.${family.since}
      JOIN edge_of e ON e.on_date = f.on_date JOIN visible_of k ON k.on_date = f.visible
      ${hasPresence ? "LEFT JOIN instructional i ON i.school = s.school AND i.on_date = f.on_date" : ""}
      GROUP BY ALL
    ), summed AS (
      SELECT c."row"${sums.select((value) => value.startsWith("f."))}
      FROM measured_row c JOIN bucket f ON f.learner = c.learner AND f.school IS NOT DISTINCT FROM c.school
        AND f.first_day = c.first_day AND f.visible <= c.as_of AND f.edge <= c.as_of
      GROUP BY c."row"
    ), spoken AS (
      SELECT e.school${family.scope === "school" ? "" : ", e.period"}, min(greatest(o.since, e.known_on, e.entered_on)) AS since
      FROM (
        SELECT learner, min(greatest(on_date, known_on)) AS since FROM (${family.spoken})
        WHERE on_date IS NOT NULL AND known_on IS NOT NULL GROUP BY learner
      ) o JOIN enrolment e USING (learner)
      WHERE e.known_on IS NOT NULL
      GROUP BY ALL
    )${hasPresence ? enrolledDays(sums) : ""}
    SELECT c."row", ${cells.join(",\n      ")}
    FROM measured_row c LEFT JOIN summed u USING ("row")
    LEFT JOIN spoken s ON s.school = c.school${family.scope === "school" ? "" : " AND s.period = c.period"}
    ${hasPresence ? "LEFT JOIN enrolled n ON n.school = c.school AND n.first_day = c.first_day AND n.as_of = c.as_of" : ""}`;
}

/**
 * `measured_row`: the cohort with the start of the current term. `stint`: a learner in a school. `edge_of`: for each day the
 * first edge of any window on or after it; `visible_of`: the first as-of day on or after it.
 */
const rowsAndEdges = (cohort: string): string => `
    term_of AS (
      SELECT d.school, d.as_of, max(t.starts_on) AS starts_on
      FROM (SELECT DISTINCT school, as_of FROM ${cohort}) d
      JOIN term t ON t.school = d.school AND t.starts_on <= d.as_of AND (t.ends_on IS NULL OR t.ends_on >= d.as_of)
      GROUP BY ALL
    ), measured_row AS (
      SELECT c.*, t.starts_on AS term_starts_on, (c.as_of - c.first_day + 1) // 7 AS whole_weeks
      FROM ${cohort} c LEFT JOIN term_of t ON t.school = c.school AND t.as_of = c.as_of
    ), stint AS (
      SELECT DISTINCT learner, school, period, starts_on, first_day FROM ${cohort}
    ), day AS (
      SELECT unnest(generate_series((SELECT min(starts_on) FROM ${cohort})::TIMESTAMP,
        (SELECT max(as_of) FROM ${cohort})::TIMESTAMP, INTERVAL 1 DAY))::DATE AS on_date
    ), edge_of AS (
      SELECT d.on_date, min(e.edge) AS edge
      FROM day d JOIN (
        SELECT DISTINCT (as_of - (7 * weeks)::INTEGER) AS edge FROM ${cohort}, range(${TREND_WEEKS + 1}) w(weeks)
        UNION SELECT starts_on - 1 FROM term_of) e ON e.edge >= d.on_date
      GROUP BY d.on_date
    ), visible_of AS (
      SELECT d.on_date, min(a.as_of) AS edge
      FROM day d JOIN (SELECT DISTINCT as_of FROM ${cohort}) a ON a.as_of >= d.on_date GROUP BY d.on_date
    )`;

/** `enrolled`: instructional days of the school while the learner was enrolled there, once per school, entry and day. */
const enrolledDays = (sums: Sums): string => `, enrolled AS (
      SELECT c.school, c.first_day, c.as_of${sums.select((value) => value.startsWith("d."))}
      FROM (SELECT DISTINCT school, first_day, as_of, term_starts_on, starts_on FROM measured_row) c
      JOIN instructional d ON d.school = c.school AND d.on_date BETWEEN c.first_day AND c.as_of
      GROUP BY ALL
    )`;

/** Each sum the cells need, once. */
class Sums {
  private readonly names = new Map<string, string>();

  /** The name of the sum of `value` (a column of `f`, or `d.1` for days) where the condition holds. */
  of(value: string, where: string): string {
    const key = `${value} FILTER (${where})`;
    let name = this.names.get(key);
    if (name === undefined) {
      name = `s${this.names.size}`;
      this.names.set(key, name);
    }
    return `${value.startsWith("d.") ? "n" : "u"}.${name}`;
  }

  /** The select list of the sums whose value satisfies the test, each preceded by a comma. */
  select(test: (value: string) => boolean): string {
    return [...this.names]
      .filter(([key]) => test(key))
      .map(([key, name]) => {
        const [value, where] = [key.slice(0, key.indexOf(" FILTER")), key.slice(key.indexOf("FILTER"))];
        return `,\n        ${value === "d.1" ? "count(*)" : `sum(${value})`} ${where} AS ${name}`;
      })
      .join("");
  }
}

/** The columns of measures that count instructional days only. */
const presenceColumns = (features: readonly MeasuredFeature[]): string[] => [
  ...new Set(features.filter(({ measure }) => measure.kind === "presence").map(({ measure }) => measure.value)),
];
const inClass = (column: string): string => `${column}_in_class`;

const columnsOf = (measure: Measure): string[] =>
  measure.weight === undefined ? [measure.value] : [measure.value, measure.weight];

const spoken = "s.since <= c.as_of";

function cell({ measure, view }: MeasuredFeature, sums: Sums): string {
  if (view.kind === "trend") return trend(measure, sums);
  if (view.kind === "change") return change(measure, sums);
  const where = view.window === "year" ? "true" : `{day} > ${windows[view.window].after}`;
  const level = levelOf(measure, where, sums);
  // Outside every term the comparison is unknown for every fact, which for a total would read as nothing.
  return view.window === "term" ? `CASE WHEN c.term_starts_on IS NOT NULL THEN ${level} END` : level;
}

/** @param where - a condition on `{day}`, the last day of a bucket */
function levelOf(measure: Measure, where: string, sums: Sums): string {
  const ofFacts = (value: string): string => sums.of(`f.${value}`, where.replaceAll("{day}", "f.edge"));
  if (measure.kind === "total") return `CASE WHEN ${spoken} THEN coalesce(${ofFacts(measure.value)}, 0)::DOUBLE END`;
  if (measure.kind === "mean")
    return `${ofFacts(measure.value)}::DOUBLE / nullif(${ofFacts(measure.weight ?? "")}, 0)::DOUBLE`;
  const days = sums.of("d.1", where.replaceAll("{day}", "d.on_date"));
  return `CASE WHEN ${spoken} AND ${days} > 0 THEN (${days} - coalesce(${ofFacts(inClass(measure.value))}, 0))::DOUBLE / ${days} END`;
}

function change(measure: Measure, sums: Sums): string {
  const [recent, before] = [`{day} > c.as_of - ${CHANGE_DAYS}`, `{day} <= c.as_of - ${CHANGE_DAYS}`].map((where) =>
    levelOf(measure, where, sums),
  );
  if (measure.kind !== "total") return `${recent} - ${before}`;
  const known = `(c.as_of - c.first_day + 1 - ${CHANGE_DAYS})`;
  return `CASE WHEN ${known} >= 7 THEN ${recent} / ${CHANGE_DAYS / 7} - ${before} * 7 / ${known} END`;
}

/**
 * Least squares over weeks; x counts weeks back from the as-of day, so the slope changes its sign. A mean weighs each week by
 * its weight; a total has one value per whole week of enrolment, nothing counting as 0.
 */
function trend(measure: Measure, sums: Sums): string {
  const week = "((c.as_of - f.edge) // 7)";
  const value = `f.${measure.value}`;
  if (measure.kind === "mean") {
    const inside = `f.edge > c.as_of - ${7 * TREND_WEEKS}`;
    const weight = `f.${measure.weight}`;
    const [n, xn, d, xd, xxd] = [
      sums.of(value, inside),
      sums.of(`${value} * ${week}`, inside),
      sums.of(weight, inside),
      sums.of(`${weight} * ${week}`, inside),
      sums.of(`${weight} * ${week} * ${week}`, inside),
    ];
    // Several weeks have weight exactly when the spread is over 0; in exact numbers, or rounding would decide.
    const spread = `(${d} * ${xxd} - ${xd} * ${xd})`;
    return `CASE WHEN ${spread} > 0 THEN -(${d}::DOUBLE * ${xn}::DOUBLE - ${xd}::DOUBLE * ${n}::DOUBLE) / ${spread}::DOUBLE END`;
  }
  const weeks = `least(c.whole_weeks, ${TREND_WEEKS})`;
  const inside = `${week} < ${weeks}`;
  const total = `coalesce(${sums.of(value, inside)}, 0)::DOUBLE`;
  const moment = `coalesce(${sums.of(`${value} * ${week}`, inside)}, 0)::DOUBLE`;
  // Σ (x − x̄)² of 0 … n − 1 is n(n² − 1)/12
  return `CASE WHEN ${spoken} AND ${weeks} >= 2 THEN
        -(${moment} - ${total} * (${weeks} - 1) / 2) * 12 / (${weeks} * (${weeks} * ${weeks} - 1)) END`;
}
