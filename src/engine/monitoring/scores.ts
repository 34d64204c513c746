import type { DuckDBConnection } from "@duckdb/node-api";
import { and, asc, eq } from "drizzle-orm";
import { selectCohort } from "../../features/cohort.ts";
import { reliability } from "../../numeric/metrics/reliability.ts";
import { normalTwoSided } from "../../numeric/tail-areas.ts";
import { inTenant } from "../../records/database.ts";
import { scoringRun } from "../../records/schema/index.ts";
import { restoreParts } from "../batch/stored-parts.ts";
import type { OutcomeDefinition } from "../early-warning/outcomes/definition.ts";
import { NO_LABEL, readLabels } from "../early-warning/outcomes/labels.ts";
import { addDays, readPeriods, ripensOn } from "../early-warning/outcomes/periods.ts";
import { placesOf } from "../early-warning/ranking/read-scores.ts";
import type { Cairn } from "../runtime.ts";
import { countBins, fixedBins } from "./bins.ts";
import { shiftOf } from "./shift.ts";

/** How the probabilities of the ranking that is shown lie beside those of an earlier one. */
export interface ScoreShift {
  readonly asOf: string;
  readonly comparedWith: string;
  readonly meanBefore: number;
  readonly meanNow: number;
  readonly psi: number;
  /** Larger than the index's line, and no chance. */
  readonly isShifted: boolean;
}

/** How the probabilities of a ranking compare with what came. */
export interface RipenedCalibration {
  readonly asOf: string;
  readonly learners: number;
  readonly meanProbability: number;
  readonly shareObserved: number;
  /** a and b of label ~ σ(a + b·logit p); null where it cannot be computed. */
  readonly intercept: number | null;
  readonly slope: number | null;
  /** Of the test that the mean is right: z = Σ(y − p) / √Σ p(1 − p). */
  readonly meanP: number;
  /** Of Spiegelhalter's test; null where it cannot be computed. */
  readonly spiegelhalterP: number | null;
  /** No chance (p below 0.005 for either test), and the mean off by three points or more or the slope outside of 0.8 to 1.25. */
  readonly isOff: boolean;
}

/** A ranking that was shown. */
export interface ShownRanking {
  readonly runId: string;
  readonly asOf: string;
  readonly modelId: string;
}

const FEWEST = 50;
const APART_DAYS = 21; // nights next to each other say little
const SURE = 0.01;
const FAR = 0.03;
const [FLATTEST, STEEPEST] = [0.8, 1.25] as const;

/** The rankings that were shown, oldest first. */
export async function shownRankings(cairn: Cairn, tenantId: string): Promise<ShownRanking[]> {
  const rows = await inTenant(cairn.database, tenantId, ({ orm }) =>
    orm
      .select()
      .from(scoringRun)
      .where(and(eq(scoringRun.kind, "batch"), eq(scoringRun.status, "published")))
      .orderBy(asc(scoringRun.asOf), asc(scoringRun.publishedAt)),
  );
  return rows.flatMap((row) => {
    const { risk } = restoreParts(row);
    return risk.status === "made" ? [{ runId: row.runId, asOf: row.asOf, modelId: risk.inputs.modelId }] : [];
  });
}

/** Probabilities of a ranking by pseudonym, of those who got one. */
async function probabilitiesOf(cairn: Cairn, tenantId: string, runId: string): Promise<Map<string, number>> {
  const places = await inTenant(cairn.database, tenantId, (tx) => placesOf(tx, { runId, outcome: null }));
  return new Map(
    places.flatMap(({ pseudonym, probability }) => (probability === null ? [] : [[pseudonym, probability]])),
  );
}

/**
 * Compares the last ranking with the last one that was three weeks older or more.
 * @returns null while there is none, or too few learners in either
 */
export async function shiftOfScores(
  cairn: Cairn,
  tenantId: string,
  shown: readonly ShownRanking[],
): Promise<ScoreShift | null> {
  const now = shown.at(-1);
  if (now === undefined) return null;
  const before = shown.filter(({ asOf }) => asOf <= addDays(now.asOf, -APART_DAYS)).at(-1);
  if (before === undefined) return null;
  const [old, recent] = [
    Float64Array.from((await probabilitiesOf(cairn, tenantId, before.runId)).values()),
    Float64Array.from((await probabilitiesOf(cairn, tenantId, now.runId)).values()),
  ];
  if (Math.min(old.length, recent.length) < FEWEST) return null;
  const bins = fixedBins({ kind: "numeric" }, old);
  const { psi, least, p } = shiftOf(countBins(bins, old), countBins(bins, recent));
  const means = { meanBefore: mean(old), meanNow: mean(recent) };
  return { asOf: now.asOf, comparedWith: before.asOf, ...means, psi, isShifted: psi >= least && p <= SURE };
}

/**
 * Holds the latest ranking whose ends are ripe against what came.
 * @param connection - with the snapshot of `asOf` attached
 * @returns null while no ranking has ripened, or too few learners have
 */
export async function ripenedCalibration(
  cairn: Cairn,
  tenantId: string,
  {
    connection,
    outcome,
    asOf,
    shown,
  }: {
    readonly connection: DuckDBConnection;
    readonly outcome: OutcomeDefinition;
    readonly asOf: string;
    readonly shown: readonly ShownRanking[];
  },
): Promise<RipenedCalibration | null> {
  const periods = await readPeriods(connection);
  for (const run of [...shown].reverse()) {
    const period = periods.filter(({ startsOn }) => startsOn <= run.asOf).at(-1);
    const ripe = period === undefined ? null : ripensOn(outcome, period, run.asOf);
    if (period === undefined || ripe === null || ripe > asOf) continue;
    const cohort = await selectCohort(connection, { asOf: { [period.period]: run.asOf } });
    const labels = await readLabels(connection, cohort, outcome);
    const result = await connection.runAndReadAll(`SELECT "row"::INTEGER, person FROM ${cohort.table}`);
    const probabilities = await probabilitiesOf(cairn, tenantId, run.runId);
    const known = (result.getRows() as [number, string][]).flatMap(([row, person]) => {
      const probability = probabilities.get(person);
      return probability === undefined || labels[row] === NO_LABEL ? [] : [{ probability, label: labels[row]! }];
    });
    if (known.length < FEWEST) return null;
    return calibrationOf(
      run.asOf,
      Uint8Array.from(known, ({ label }) => label),
      Float64Array.from(known, ({ probability }) => probability),
    );
  }
  return null;
}

/**
 * Calibration of probabilities whose ends are known.
 * @param labels - shape (n), n at least 1, each 0 or 1
 * @param probabilities - shape (n)
 */
export function calibrationOf(asOf: string, labels: Uint8Array, probabilities: Float64Array): RipenedCalibration {
  const found = reliability(labels, probabilities);
  const defined = found.status === "defined" ? found : undefined;
  const line = defined !== undefined && "slope" in defined.line ? defined.line : undefined;
  const test = defined !== undefined && "p" in defined.spiegelhalter ? defined.spiegelhalter : undefined;
  const means = { meanProbability: mean(probabilities), shareObserved: mean(Float64Array.from(labels)) };
  const spread = Math.sqrt(probabilities.reduce((sum, p) => sum + p * (1 - p), 0));
  const missed = labels.length * (means.shareObserved - means.meanProbability);
  const meanP = missed === 0 ? 1 : normalTwoSided(missed / spread);
  const isMeanOff = meanP < SURE / 2 && Math.abs(missed) / labels.length >= FAR;
  const isSlopeOff = line !== undefined && (line.slope < FLATTEST || line.slope > STEEPEST);
  return {
    asOf,
    learners: labels.length,
    ...means,
    intercept: line?.intercept ?? null,
    slope: line?.slope ?? null,
    meanP,
    spiegelhalterP: test?.p ?? null,
    isOff: isMeanOff || (isSlopeOff && test !== undefined && test.p < SURE / 2),
  };
}

const mean = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;
