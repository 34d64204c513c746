import type { DuckDBConnection } from "@duckdb/node-api";
import { CairnError } from "../../errors.ts";
import { selectCohort } from "../../features/cohort.ts";
import { precisionAtTop } from "../../numeric/metrics/precision-at-top.ts";
import { inTenant } from "../../records/database.ts";
import { writeSnapshot } from "../../records/snapshot/write.ts";
import { withSnapshot } from "../analysis.ts";
import { readRun } from "../batch/inputs.ts";
import { inputsOf } from "../batch/parts.ts";
import type { Figure } from "../evaluation/evaluation.ts";
import { figureOf } from "../evaluation/evaluation.ts";
import type { Cairn } from "../runtime.ts";
import { loadRiskPanel } from "./model/panel.ts";
import type { OutcomeDefinition } from "./outcomes/definition.ts";
import { NO_LABEL, readLabels } from "./outcomes/labels.ts";
import { readPeriods, requireRipe } from "./outcomes/periods.ts";
import { placesOf, sourceOf } from "./ranking/read-scores.ts";

/** How a published ranking turned out, with those who were helped told apart. */
export interface RunVerdict {
  readonly runId: string;
  readonly outcome: string;
  readonly asOf: string;
  /** Scored learners whose end is known, and how many of them came to it. */
  readonly learners: number;
  readonly withOutcome: number;
  readonly capacity: number;
  /** Of the list of that capacity: helped after the day of the ranking. */
  readonly helped: number;
  /** Share of the list that came to the bad end, as it stands: it punishes a ranking whose list was helped. */
  readonly precision: Figure;
  /** The same of those on the list who were not helped. */
  readonly precisionUnhelped: Figure;
  /** The same with everybody who was helped and ended well counted as rightly listed: the most it can have been. */
  readonly precisionAtMost: Figure;
  /** Share of all learners who came to it: what chance would have listed. */
  readonly baseRate: Figure;
}

/**
 * Judges a published ranking by how its period ended, by what is known on the day `asOf`. Who was helped because she was listed, and ended well, is no proof of a false
 * alarm: the precision is given as it stands, for those who were not helped, and as the most it can have been; the truth lies between.
 * @throws CairnError `NOT_FOUND` for a run or an outcome that is not there; `CONFLICT` before the labels are ripe, with the day of ripening
 */
export async function judgeRun(
  cairn: Cairn,
  tenantId: string,
  query: { readonly runId: string; readonly asOf: string; readonly capacity: number; readonly outcome?: string },
): Promise<RunVerdict> {
  const { runId, capacity } = query;
  const run = await readRun(cairn, tenantId, runId);
  const { outcomes } = await loadRiskPanel(cairn, tenantId, inputsOf(run, "risk").modelId);
  const source = sourceOf(
    runId,
    outcomes.map(({ definition }) => definition.outcome),
    query.outcome,
  );
  const { definition } = outcomes.find((one) => one.definition.outcome === source.outcome) ?? outcomes[0]!;
  const places = await inTenant(cairn.database, tenantId, (tx) => placesOf(tx, source));
  const { id } = await writeSnapshot(cairn.database, {
    tenantId,
    purpose: "early-warning",
    asOf: query.asOf,
    folder: cairn.folders.snapshots,
  });
  const ends = await withSnapshot(cairn.folders.snapshots, id, (connection) =>
    readEnds(connection, definition, run.asOf, query.asOf),
  );
  const known = places.flatMap(({ pseudonym, probability }) => {
    const end = ends.get(pseudonym);
    return end === undefined || probability === null ? [] : [{ probability, ...end }];
  });
  return { ...verdictOf(known, capacity), runId, outcome: definition.outcome, asOf: run.asOf };
}

interface End {
  readonly label: number;
  readonly isHelped: boolean;
}

/** How the period of a day ended for each person, and whether she was helped after it. */
async function readEnds(
  connection: DuckDBConnection,
  definition: OutcomeDefinition,
  day: string,
  today: string,
): Promise<Map<string, End>> {
  const period = (await readPeriods(connection)).filter(({ startsOn }) => startsOn <= day).at(-1);
  if (period === undefined) throw new CairnError("CONFLICT", `expected a period that had begun by ${day}, got none`);
  requireRipe(definition, period, day, today);
  const cohort = await selectCohort(connection, { asOf: { [period.period]: day } });
  const labels = await readLabels(connection, cohort, definition);
  const result = await connection.runAndReadAll(`
    SELECT c."row"::INTEGER, c.person, count(d.on_date) > 0 FROM ${cohort.table} c
    LEFT JOIN dose d ON d.learner = c.learner AND d.on_date > c.as_of AND coalesce(d.attended, true) GROUP BY ALL`);
  const ends = new Map<string, End>();
  for (const [row, person, isHelped] of result.getRows() as [number, string, boolean][]) {
    if (labels[row] !== NO_LABEL) ends.set(person, { label: labels[row]!, isHelped });
  }
  return ends;
}

/**
 * The figures of a list.
 * @param known - learners with a probability and a known end
 */
export function verdictOf(
  known: readonly ({ readonly probability: number } & End)[],
  capacity: number,
): Omit<RunVerdict, "runId" | "outcome" | "asOf"> {
  const shown = Math.min(capacity, known.length);
  const border =
    known.map(({ probability }) => probability).sort((a, b) => b - a)[shown - 1] ?? Number.POSITIVE_INFINITY;
  // Who ties at the border may be on the list or not: with the others at the border, by the share of them there is room for.
  const above = known.filter(({ probability }) => probability > border);
  const tied = known.filter(({ probability }) => probability === border);
  const room = tied.length === 0 ? 0 : (shown - above.length) / tied.length;
  const listed = (counts: (one: End) => boolean): number =>
    above.filter(counts).length + room * tied.filter(counts).length;
  const share = (hits: number, of: number): Figure =>
    of > 0 ? hits / of : { status: "undefined", reason: "nobody is on that list" };
  const labels = Uint8Array.from(known, ({ label }) => label);
  const helped = listed(({ isHelped }) => isHelped);
  const unhelped = listed(({ isHelped }) => !isHelped);
  return {
    learners: known.length,
    withOutcome: labels.reduce((sum, label) => sum + label, 0),
    capacity: shown,
    helped,
    precision: figureOf(
      precisionAtTop(
        labels,
        Float64Array.from(known, ({ probability }) => probability),
        shown,
      ),
    ),
    precisionUnhelped: share(
      listed(({ isHelped, label }) => !isHelped && label === 1),
      unhelped,
    ),
    precisionAtMost: share(
      listed(({ isHelped, label }) => isHelped || label === 1),
      shown,
    ),
    baseRate: share(
      labels.reduce((sum, label) => sum + label, 0),
      known.length,
    ),
  };
}
